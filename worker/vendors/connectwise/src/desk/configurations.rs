//! Configurations: which of a company's is a device, and which hang on a ticket.

use domain::ids::{ConfigurationId, PsaCompanyId, TicketId};
use domain::tickets::{Device, DeviceFit, NewConfiguration};
use engine::Answer;
use http::Method;
use serde_json::{Value, json};

use super::rows::DeskRow;
use crate::client::Connectwise;
use crate::conditions::{Condition, Is};
use crate::desk::{cut, made, query};
use vendor::VendorError;

/// Where the right to read and make configurations is given.
const RIGHT: &str = "Companies > Configurations";
const FIELDS: &str = "id,name,serialNumber,macAddress,deviceIdentifier,activeFlag";

impl Connectwise {
    /// The configuration of `company` that is `device`, and by what it was found; or that there is none, or several are as likely. ConnectWise PSA: /company/configurations.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn configurations(&self, company: PsaCompanyId, device: &Device) -> Result<DeviceFit, VendorError> {
        let Some(signs) = signs(device) else { return Ok(DeviceFit::Nothing) };
        let wanted = Condition::number("company/id", Is::Equal, company.0).and(&signs);
        let rows = self.rows(&["company", "configurations"], &query(Some(&wanted), Some("id"), FIELDS), RIGHT).await?;
        let known: Vec<_> = rows.into_iter().map(DeskRow::configuration).collect();
        Ok(device.among(&known))
    }

    /// Makes a configuration, once. After [`Answer::Lost`] look for its identifier before anything is sent again. ConnectWise PSA:
    /// POST /company/configurations.
    pub async fn create_configuration(&self, new: &NewConfiguration) -> Answer<ConfigurationId> {
        made(self.put(Method::POST, &["company", "configurations"], &making(new), RIGHT).await, ConfigurationId)
    }

    /// The configurations that hang on a ticket. ConnectWise PSA: /service/tickets/{parentId}/configurations.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::NotFound`] when the ticket is gone.
    pub async fn attached(&self, ticket: TicketId) -> Result<Vec<ConfigurationId>, VendorError> {
        let rows = self.of_ticket(ticket, "configurations", &query(None, None, "id")).await?;
        Ok(rows.into_iter().map(|row| ConfigurationId(row.id)).collect())
    }

    /// Hangs a configuration on a ticket. One that hangs there already is accepted, whatever ConnectWise says to it: what hangs
    /// there is asked after a refusal. ConnectWise PSA: POST /service/tickets/{parentId}/configurations.
    pub async fn attach(&self, ticket: TicketId, configuration: ConfigurationId) -> Answer<()> {
        let id = ticket.to_string();
        let path = ["service", "tickets", &id, "configurations"];
        let what = format!("ticket {ticket} with configuration {configuration}");
        let answer = self.put(Method::POST, &path, &json!({ "id": configuration.0 }), &what).await.on_ticket();
        let refused = matches!(answer, Answer::Refused { .. });
        if refused && self.attached(ticket).await.is_ok_and(|attached| attached.contains(&configuration)) {
            return Answer::Accepted(());
        }
        answer
    }
}

/// Any sign of the device; none when nothing is known of it. A network card is asked for in each way people write it.
fn signs(device: &Device) -> Option<Condition> {
    let mut signs = Vec::new();
    let mut equal = |field: &'static str, value: &str| signs.push(Condition::text(field, Is::Equal, value));
    if let Some(identifier) = &device.identifier {
        equal("deviceIdentifier", identifier);
    }
    if let Some(serial) = device.serial() {
        equal("serialNumber", serial);
    }
    for mac in device.macs() {
        for between in [":", "-", ""] {
            equal("macAddress", &spelled(&mac, between));
        }
    }
    for name in device.names() {
        equal("name", cut(name, 100));
    }
    signs.into_iter().reduce(|one, other| one.or(&other))
}

/// Twelve digits in pairs.
fn spelled(mac: &str, between: &str) -> String {
    let mut text = String::with_capacity(17);
    for (place, digit) in mac.chars().enumerate() {
        if place > 0 && place % 2 == 0 {
            text.push_str(between);
        }
        text.push(digit);
    }
    text
}

/// Schema Company.Configuration, with the lengths that it gives.
fn making(new: &NewConfiguration) -> Value {
    let mut fields = json!({
        "name": cut(&new.name, 100),
        "type": { "id": new.kind.0 },
        "company": { "id": new.company.0 },
    });
    let texts = [("serialNumber", &new.serial, 250), ("macAddress", &new.mac, 25), ("deviceIdentifier", &new.identifier, 100)];
    if let Some(fields) = fields.as_object_mut() {
        for (name, text, most) in texts {
            fields.extend(text.as_deref().map(|text| (name.to_owned(), Value::from(cut(text, most)))));
        }
    }
    fields
}

#[cfg(test)]
#[path = "configurations_tests.rs"]
mod tests;
