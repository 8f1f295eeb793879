//! Drift: ConnectWise or ESET changed under a mapping or a ticket rule. Each change is one event with a stable id, found by comparing what is
//! there with what was known when the mapping was made or last acknowledged.
//!
//! While an event that pauses is open, a guard holds the lines it names, and no others. Renames are notices: mappings go by
//! id, so a new name changes nothing that is billed. A ticket rule whose place is gone pauses itself; its event says so.

mod additions;
mod detect;
mod known;
mod marks;
mod mass;
mod products;
mod reconcile;
mod rules;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use detect::{DriftInput, detect};
pub use known::{Knowledge, Known, KnownMappings, KnownProducts, Learned};
pub use marks::LineMarks;
pub use mass::gather;
pub use reconcile::{DriftState, Stored, reconcile};
pub use rules::paused_rule;

use crate::billing::Member;
use crate::hash::fingerprint;
use crate::ids::{AdditionId, AgreementId, CatalogId, ConnectionId, DriftId, LicenceId, LineId, TicketRuleId};
use crate::money::Quantity;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// A mapped company is not in its ESET account any more.
    EsetCompanyGone,
    /// It has another name in ESET.
    EsetCompanyRenamed,
    /// A licence that was billed is gone.
    LicenceGone,
    /// The ConnectWise company is gone: in the recycle bin, or out of the API member's sight.
    PsaCompanyGone,
    /// It has another name in ConnectWise.
    PsaCompanyRenamed,
    /// The agreement is gone.
    AgreementGone,
    /// The agreement is cancelled, expired or inactive.
    AgreementEnded,
    /// It has another name.
    AgreementRenamed,
    /// It is with another company now.
    AgreementMoved,
    /// The addition is gone.
    AdditionGone,
    /// The addition is cancelled.
    AdditionCancelled,
    /// There are several ongoing additions where one was meant.
    AdditionDuplicated,
    /// Someone changed the quantity since our last write.
    AdditionEdited,
    /// Another Seatbridge made it: it bears a mark that the ledger does not know.
    AdditionOfAnother,
    /// The catalog product is gone.
    ProductGone,
    /// The catalog product is inactive.
    ProductInactive,
    /// It has another identifier.
    ProductRenamed,
    /// A mapping was taken away and its addition bills on, with no line to show it.
    MappingTakenAway,
    /// The place a ticket rule opens tickets in is gone: it opens none.
    TicketRulePaused,
}

impl DriftKind {
    /// Whether billing pauses for the lines of an open event.
    pub fn pauses(self) -> bool {
        let renamed = matches!(self, Self::EsetCompanyRenamed | Self::PsaCompanyRenamed | Self::AgreementRenamed | Self::ProductRenamed);
        !renamed && self != Self::TicketRulePaused
    }
}

/// One change that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Drift {
    /// Its id, made from its kind and what it happened to.
    pub id: DriftId,
    /// What changed.
    pub kind: DriftKind,
    /// What it happened to, in words: "Acme · Managed security".
    pub subject: String,
    /// What was known.
    pub was: Option<String>,
    /// What is there now.
    pub is: Option<String>,
    /// What is the matter and what it means for billing.
    pub words: String,
    /// What to do about it.
    pub remedy: String,
    /// The lines it pauses while it is open and has not been acknowledged.
    pub lines: Vec<LineId>,
    /// What can be done with one click.
    pub repairs: Vec<Repair>,
    /// What it happened to, by id.
    pub place: Place,
}

impl Drift {
    /// What makes it the same event with the same content: it comes back different when this differs.
    pub fn print(&self) -> String {
        fingerprint(&(&self.id, &self.was, &self.is))
    }
}

/// What an event happened to, by id; what does not apply is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Place {
    /// The ConnectWise connection.
    pub psa: Option<ConnectionId>,
    /// The agreement.
    pub agreement: Option<AgreementId>,
    /// The addition.
    pub addition: Option<AdditionId>,
    /// The quantity found on it.
    pub found: Option<Quantity>,
    /// The catalog product.
    pub product: Option<CatalogId>,
    /// The licence.
    pub licence: Option<LicenceId>,
    /// The licences of an event of many.
    #[serde(default)]
    pub licences: Vec<LicenceId>,
    /// The events that an event of many stands for.
    #[serde(default)]
    pub gathered: Vec<DriftId>,
    /// The ESET companies whose mapping it is about.
    pub members: Vec<Member>,
    /// The agreement a mapping can be moved to.
    pub move_to: Option<AgreementId>,
    /// Agreements whose additions are read although nothing is mapped to them, to know whether it can be mended or is over.
    pub watch: Vec<AgreementId>,
    /// The ticket rule.
    pub rule: Option<TicketRuleId>,
}

/// A repair: one click, safe and written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Take what is there now as known: the new name, the missing licence.
    Acknowledge,
    /// Take ConnectWise's quantity as our last write; the line then proposes openly.
    KeepTheirNumber,
    /// Let the line be approved in spite of the hand edit, alone and with the edit in sight.
    ReleaseLine,
    /// Bill the companies on the company's only other active agreement with the same products.
    MoveMapping,
    /// Take the product's mapping away.
    UnmapProduct,
    /// Map the company back to where it was.
    MapBack,
    /// The addition is somebody else's matter: stop watching it.
    Handled,
    /// The companies have left: bill them no more.
    ExcludeCompanies,
}
