//! Lists that are only read: companies, agreements, their recaps, the catalog and small tables.

use serde::Serialize;
use serde_json::{Value, json};

use super::schema::Schema;
use super::{errors, fields, listing, permitted};
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::{Action, Agreement, AgreementStatus, Level};

/// A list, its count, or the record with an id.
pub(super) fn table<'r, R: Serialize + 'r>(
    request: &Request,
    schema: &Schema,
    rest: &[&str],
    level: Level,
    rows: impl Iterator<Item = &'r R>,
) -> Result<Reply, Reply> {
    // An API member owns no records, so a level of `My` shows none.
    let rows = rows.filter(|_| level == Level::All).map(|row| serde_json::to_value(row).unwrap_or_default());
    match rest {
        [] => listing::list(request, schema, rows.collect()),
        ["count"] => listing::count(request, schema, rows.collect()),
        [id] => {
            let id: i64 = id.parse().map_err(|_| errors::nothing_here())?;
            let mut rows = rows;
            let row = rows.find(|row| row["id"] == id);
            row.map(|row| listing::one(request, &row)).ok_or_else(|| errors::not_found(&format!("{} {id}", schema.resource)))
        }
        _ => Err(errors::nothing_here()),
    }
}

/// The values of a setup table. They can be read without a right (PSA Developer Guide, "Setup tables").
pub(super) fn setup(request: &Request, schema: &Schema, rest: &[&str], rows: &[Value]) -> Result<Reply, Reply> {
    table(request, schema, rest, Level::All, rows.iter())
}

/// Rows of the recycle bin are among them.
pub(super) fn companies(stage: &Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    match rest {
        ["types", rest @ ..] => {
            let row = |id: i32, name: &str| json!({ "id": id, "name": name, "defaultFlag": id == 1, "vendorFlag": id == 3 });
            let rows = [row(1, "Client"), row(2, "Prospect"), row(3, "Vendor")];
            setup(request, &fields::COMPANY_TYPE, rest, &rows)
        }
        ["statuses", rest @ ..] => {
            let row = |id: i32, name: &str| json!({ "id": id, "name": name, "defaultFlag": id == 1, "inactiveFlag": false });
            setup(request, &fields::COMPANY_STATUS, rest, &[row(1, "Active"), row(2, "Not-Active")])
        }
        _ => {
            let level = permitted(stage, "Company Maintenance", Action::Inquire)?;
            table(request, &fields::COMPANY, rest, level, stage.world.cw_companies.values())
        }
    }
}

/// Cancelled and expired ones are among them.
pub(super) fn agreements(stage: &Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    if let ["types", rest @ ..] = rest {
        let row = |id: i32, name: &str| {
            json!({
                "id": id,
                "name": name,
                "defaultFlag": id == 1,
                "inactiveFlag": false,
                "employeeCompRate": "Hourly",
                "employeeCompNotExceed": "Billing",
                "invoicingCycle": "CalendarYear",
                "billTime": "NoDefault",
                "billExpenses": "NoDefault",
                "billProducts": "Billable",
            })
        };
        return setup(request, &fields::AGREEMENT_TYPE, rest, &[row(1, "Managed Services"), row(2, "Block Hours")]);
    }
    let level = permitted(stage, "Agreements", Action::Inquire)?;
    table(request, &fields::AGREEMENT, rest, level, stage.world.agreements.values())
}

pub(super) fn catalog(stage: &Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let level = permitted(stage, "Product Catalog", Action::Inquire)?;
    table(request, &fields::CATALOG_ITEM, rest, level, stage.world.catalog.values())
}

pub(super) fn recaps(stage: &Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let rest = match rest {
        [""] => &[],
        [] => return Err(errors::nothing_here()),
        rest => rest,
    };
    let level = permitted(stage, "Agreements", Action::Inquire)?;
    let rows: Vec<Value> = stage.world.agreements.values().map(|agreement| recap(stage, agreement)).collect();
    table(request, &fields::AGREEMENT_RECAP, rest, level, rows.iter())
}

/// Money of an agreement in short; amounts and dates of invoices are text here.
fn recap(stage: &Stage, agreement: &Agreement) -> Value {
    let amount: f64 = stage
        .world
        .additions_of(agreement.id)
        .filter(|addition| addition.is_ongoing())
        .map(|addition| addition.billed_quantity() * addition.unit_price)
        .sum();
    let amount = (amount * 100.0).round() / 100.0;
    let running = agreement.agreement_status == AgreementStatus::Active;
    let mut row = json!({
        "id": agreement.id,
        "name": agreement.name,
        "agreementStatus": agreement.agreement_status,
        "companyName": agreement.company.name,
        "isUnlimited": "False",
        "nextInvoiceAmount": if running { amount } else { 0.0 },
        "unbilledPeriods": i32::from(running),
    });
    if let Some(next) = agreement.next_invoice_date {
        row["nextInvoiceDate"] = json!(next);
    }
    row
}

pub(super) fn billing_cycles() -> Vec<Value> {
    let row = |id: i32, identifier: &str, name: &str, options: &str| {
        json!({
            "id": id,
            "identifier": identifier,
            "name": name,
            "defaultFlag": id == 2,
            "billingOptions": options,
        })
    };
    vec![
        row(1, "W", "Weekly", "Weekly"),
        row(2, "M", "Monthly", "Monthly"),
        row(3, "Q", "Quarterly", "Quarterly"),
        row(4, "Y", "Annually", "Yearly"),
        row(5, "N", "One Time", "NotRecurring"),
    ]
}
