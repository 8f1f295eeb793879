//! What was asked of the vendors, and what it really changed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which of the simulated vendors an exchange was with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// ESET MSP Administrator 2.
    Ema2,
    /// ConnectWise PSA.
    ConnectWise,
    /// ESET Connect.
    Connect,
    /// ESET PROTECT On-Prem.
    Protect,
}

/// Who caused a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// A request over the vendor's API.
    Api,
    /// A person in the vendor's own console (a verb of the control API or of [`crate::WorldHandle`]).
    Hand,
}

/// One real change of a vendor's data. A request that changes nothing has none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs, reason = "ids and before/after values say themselves; the variants are described")]
pub enum Effect {
    /// An addition's quantity moved. Reported before any other field changed by the same request.
    QuantityChanged { agreement: i32, addition: i32, product: i32, from: f64, to: f64, by: Actor },
    /// Other fields of an addition changed.
    AdditionChanged { agreement: i32, addition: i32, product: i32, fields: Vec<String>, by: Actor },
    /// A new line on an agreement.
    AdditionCreated { agreement: i32, addition: i32, product: i32, quantity: f64, by: Actor },
    /// A line was removed altogether.
    AdditionDeleted { agreement: i32, addition: i32, product: i32, quantity: f64, by: Actor },
    /// An agreement changed its state.
    AgreementChanged { agreement: i32, status: String, by: Actor },
    /// A customer got another name, here or there.
    CompanyRenamed { company: String, from: String, to: String, by: Actor },
    /// An ESET customer's custom identifier changed.
    IdentifierChanged { company: String, from: Option<String>, to: Option<String>, by: Actor },
    /// Ordered seats of an ESET licence changed.
    SeatsChanged { license: String, from: i64, to: i64, by: Actor },
    /// Activated seats of an ESET licence changed.
    UsageChanged { license: String, from: i64, to: i64, by: Actor },
    /// A licence was suspended or resumed.
    SuspensionChanged { license: String, suspended: bool, by: Actor },
    /// A ticket was made. `closed` when its first status is a closed one.
    TicketCreated { ticket: i32, company: i32, board: i32, status: i32, external_x_ref: Option<String>, closed: bool, by: Actor },
    /// A ticket got another status. Reported before any other field changed by the same request. The ticket was open before
    /// unless `was_closed`, and is open from this entry's time on unless `closed`.
    TicketStatusChanged { ticket: i32, external_x_ref: Option<String>, from: i32, to: i32, was_closed: bool, closed: bool, by: Actor },
    /// Other fields of a ticket changed.
    TicketChanged { ticket: i32, external_x_ref: Option<String>, fields: Vec<String>, by: Actor },
    /// A ticket was removed altogether.
    TicketDeleted { ticket: i32, external_x_ref: Option<String>, was_closed: bool, by: Actor },
    /// A note was written on a ticket: its characters, and where it is shown.
    NoteCreated {
        ticket: i32,
        external_x_ref: Option<String>,
        note: i32,
        length: usize,
        discussion: bool,
        internal: bool,
        resolution: bool,
        by: Actor,
    },
    /// A configuration was linked to a ticket.
    ConfigurationAttached { ticket: i32, external_x_ref: Option<String>, configuration: i32, by: Actor },
    /// A configuration was made.
    ConfigurationCreated { configuration: i32, company: i32, name: String, device_identifier: Option<String>, by: Actor },
    /// A device group was made.
    GroupCreated { group: String, name: String, parent: String, by: Actor },
    /// A device group got another name.
    GroupRenamed { group: String, from: String, to: String, by: Actor },
    /// A device group was removed, with all below it.
    GroupDeleted { group: String, name: String, by: Actor },
    /// Devices came into a dynamic group and left it: those that really did.
    MembersChanged { group: String, added: Vec<String>, removed: Vec<String>, by: Actor },
    /// A device got another name.
    DeviceRenamed { device: String, from: String, to: String, by: Actor },
    /// A device was removed from management.
    DeviceDeleted { device: String, name: String, by: Actor },
    /// Devices beyond the activated seats were enrolled.
    DevicesCreated { company: String, group: Option<String>, count: usize, by: Actor },
    /// A device reported a detection.
    DetectionReported { detection: String, device: String, occur_time: DateTime<Utc>, by: Actor },
    /// A setting of a vendor's side changed: keys revoked, a permission, the codebase.
    SettingChanged { setting: String, by: Actor },
}

impl Effect {
    /// Who caused it.
    pub fn by(&self) -> Actor {
        match self {
            Self::QuantityChanged { by, .. }
            | Self::AdditionChanged { by, .. }
            | Self::AdditionCreated { by, .. }
            | Self::AdditionDeleted { by, .. }
            | Self::AgreementChanged { by, .. }
            | Self::CompanyRenamed { by, .. }
            | Self::IdentifierChanged { by, .. }
            | Self::SeatsChanged { by, .. }
            | Self::UsageChanged { by, .. }
            | Self::SuspensionChanged { by, .. }
            | Self::TicketCreated { by, .. }
            | Self::TicketStatusChanged { by, .. }
            | Self::TicketChanged { by, .. }
            | Self::TicketDeleted { by, .. }
            | Self::NoteCreated { by, .. }
            | Self::ConfigurationAttached { by, .. }
            | Self::ConfigurationCreated { by, .. }
            | Self::GroupCreated { by, .. }
            | Self::GroupRenamed { by, .. }
            | Self::GroupDeleted { by, .. }
            | Self::MembersChanged { by, .. }
            | Self::DeviceRenamed { by, .. }
            | Self::DeviceDeleted { by, .. }
            | Self::DevicesCreated { by, .. }
            | Self::DetectionReported { by, .. }
            | Self::SettingChanged { by, .. } => *by,
        }
    }
}

/// One exchange, in the order in which the vendors dealt with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1 and never repeats, also after the journal was cleared.
    pub sequence: u64,
    /// When it was dealt with, by the simulator's clock.
    pub time: DateTime<Utc>,
    /// Whom it was addressed to.
    pub vendor: Vendor,
    /// HTTP method, or `HAND` for a change made by a person in the vendor's console.
    pub method: String,
    /// Path and query as received, or the name of the verb for a change by hand.
    pub path: String,
    /// The status answered; none when the connection was cut, or for a change by hand.
    pub status: Option<u16>,
    /// The user or key the request proved to be from.
    pub principal: Option<String>,
    /// The request's JSON (or form) body with secrets masked.
    pub body: Option<Value>,
    /// What it changed.
    pub effect: Option<Effect>,
}

/// All exchanges since the start or the last [`Journal::clear`].
#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    last: u64,
}

impl Journal {
    pub(crate) fn push(&mut self, mut entry: Entry) {
        self.last += 1;
        entry.sequence = self.last;
        self.entries.push(entry);
    }

    /// Entries with a sequence number greater than `sequence`.
    pub(crate) fn since(&self, sequence: u64) -> Vec<Entry> {
        self.entries.iter().filter(|entry| entry.sequence > sequence).cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

/// Replaces every value under a secret's name, so that the journal can be shown and kept.
pub(crate) fn masked(mut value: Value) -> Value {
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    const SECRETS: [&str; 6] = ["password", "refreshtoken", "accesstoken", "refresh_token", "access_token", "privatekey"];
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if SECRETS.contains(&name.to_ascii_lowercase().as_str()) {
                    *field = Value::from("***");
                } else {
                    mask(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}
