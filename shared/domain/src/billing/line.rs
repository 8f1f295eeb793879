//! A line of the month: what ConnectWise bills, what it would bill, and the evidence.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{EndedAddition, Guard, Member, NewAddition, Period, Standing};
use crate::Timestamp;
use crate::hash::fingerprint;
use crate::ids::{
    AdditionId, AgreementId, CatalogId, ConnectionId, DeviceGroupId, EsetCompanyId, LicenceId, LineId, PassId, PreviewId, ProductCode,
    PsaCompanyId,
};
use crate::mapping::{BillCustomer, CountRule};
use crate::money::{Money, Quantity};
use crate::seats::{CountNote, NotCounted};

/// What makes two lines the same line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LineKey {
    /// One catalog product on one agreement.
    Billed {
        /// The ConnectWise connection.
        psa: ConnectionId,
        /// The agreement.
        agreement: AgreementId,
        /// The catalog product.
        product: CatalogId,
    },
    /// Seats that are not billed because their company has no agreement, or their product no catalog product.
    Unmapped {
        /// The ESET connection.
        connection: ConnectionId,
        /// The ESET company.
        company: EsetCompanyId,
        /// The ESET product.
        product: ProductCode,
    },
}

impl LineKey {
    /// The id of the line with this key.
    pub fn id(&self) -> LineId {
        LineId(fingerprint(self))
    }
}

/// One line of the month: what ConnectWise bills now, what it would bill, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Line {
    /// Its id, made from [`LineKey`].
    pub id: LineId,
    /// Fingerprint of what the proposal was made from.
    pub preview: PreviewId,
    /// What the line stands for.
    pub key: LineKey,
    /// The month it was planned in.
    pub period: Period,
    /// The company as it is billed: ConnectWise's name, or ESET's while it is unmapped.
    pub company: String,
    /// The agreement; none while unmapped.
    pub agreement: Option<AgreementRef>,
    /// The product.
    pub product: ProductRef,
    /// The addition that would be written.
    pub addition: Option<AdditionId>,
    /// The additions that bill it together, where there are several.
    #[serde(default)]
    pub parts: Vec<AdditionId>,
    /// ConnectWise's version of that addition when it was read.
    pub version: Option<String>,
    /// Units ESET bills the MSP for; none when they are not known.
    pub ordered: Option<u32>,
    /// Units the customer uses; none when they are not known.
    pub activated: Option<u32>,
    /// The addition's quantity; none without an ongoing addition.
    pub billed: Option<Quantity>,
    /// Units the customer is invoiced for today: what bills, less what the agreement includes. None when that is not known, and in lines
    /// of before.
    #[serde(default)]
    pub invoiced: Option<Quantity>,
    /// Whether the customer pays for the addition, where ConnectWise says it.
    #[serde(default)]
    pub bill: Option<BillCustomer>,
    /// Units the agreement includes.
    pub included: Quantity,
    /// The quantity it should have; none when that cannot be said.
    pub target: Option<Quantity>,
    /// Price of a unit.
    pub unit_price: Option<Money>,
    /// Currency of the agreement.
    pub currency: Option<String>,
    /// The sum written out.
    pub reason: String,
    /// What holds it back.
    pub guards: Vec<Guard>,
    /// How closely a person should look.
    pub risk: Risk,
    /// What each ESET company on it comes to, by its rule; they add up to the target. Empty while that is not known.
    #[serde(default)]
    pub counts: Vec<CompanyCount>,
    /// What had to be counted instead of what a rule asks for.
    #[serde(default)]
    pub notes: Vec<LineNote>,
    /// Every licence the numbers come from.
    pub evidence: Evidence,
    /// Whether every company on it is mapped to commit by itself, and has been seen to do right.
    pub automatic: bool,
    /// The day from which the change counts: a quantity is not written before it, a new addition begins on it. None: at once.
    #[serde(default)]
    pub effective: Option<NaiveDate>,
    /// The addition that would be made, where there is none.
    #[serde(default)]
    pub create: Option<NewAddition>,
    /// The addition that would be ended, where dated additions bill the product; it is the one in `addition`.
    #[serde(default)]
    pub end: Option<EndedAddition>,
    /// The ESET companies mapped to it, also those without a seat of the product.
    #[serde(default)]
    pub members: Vec<Member>,
}

/// The agreement of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgreementRef {
    /// The ConnectWise connection.
    pub psa: ConnectionId,
    /// The agreement.
    pub id: AgreementId,
    /// Its name.
    pub name: String,
    /// The company it is with.
    pub company: PsaCompanyId,
    /// When it is invoiced next, as ConnectWise words it.
    pub next_invoice: Option<String>,
}

/// The product of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductRef {
    /// The catalog product; none while unmapped.
    pub catalog: Option<CatalogId>,
    /// Its catalog identifier, or ESET's name while unmapped.
    pub name: String,
    /// The ESET products it stands for on this line.
    pub eset: Vec<String>,
}

/// What one company's seats come to. Products of it that have the same rule are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyCount {
    /// The ESET company.
    pub company: EsetCompanyId,
    /// Its name in ESET.
    pub name: String,
    /// How it is counted.
    pub rule: CountRule,
    /// The seats that were counted, before factor, included units and minimum.
    pub seats: Quantity,
    /// What they come to.
    pub quantity: Quantity,
    /// The sum written out.
    pub sentence: String,
}

/// Something a person should know about how a line was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LineNote {
    /// Its stable name.
    pub code: CountNote,
    /// The ESET company it is about.
    pub company: String,
    /// The same in a sentence.
    pub words: String,
}

/// Where a line's seats come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The snapshots, one for each ESET connection on the line.
    pub snapshots: Vec<SnapshotRef>,
    /// The licences.
    pub licences: Vec<EvidenceItem>,
    /// The device groups, where seats are split by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupEvidence>,
}

/// A device group whose devices were counted on a line, or are billed on another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GroupEvidence {
    /// The connection that shows it.
    pub connection: ConnectionId,
    /// The group.
    pub group: DeviceGroupId,
    /// Its name.
    pub name: String,
    /// The ESET product.
    pub code: ProductCode,
    /// Its name.
    pub product: String,
    /// Its devices that use the product, those of groups below it included.
    pub devices: u32,
    /// When they were read.
    pub taken_at: Timestamp,
    /// Whether they are billed on this line; else they are taken off it.
    pub billed: bool,
}

/// A snapshot that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SnapshotRef {
    /// The ESET connection.
    pub connection: ConnectionId,
    /// The pass that took it.
    pub pass: PassId,
    /// When.
    pub taken_at: Timestamp,
}

/// One licence of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceItem {
    /// The ESET company it belongs to.
    pub company: String,
    /// Its public ID.
    pub licence: LicenceId,
    /// Its product; the product inside it, where a bundle is counted by its parts.
    pub product: String,
    /// The bundle's name, where a product inside it is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// The code of that product inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<ProductCode>,
    /// Its ordered units; none when ESET does not say.
    pub ordered: Option<u32>,
    /// Its activated units; none when ESET does not say.
    pub activated: Option<u32>,
    /// Why it is not counted, when it is not.
    pub not_counted: Option<NotCounted>,
}

/// How closely a person should look before approving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// A small change that nothing speaks against.
    Low,
    /// Worth a look: a decrease, or something to know.
    Medium,
    /// A guard holds it.
    High,
}

impl Line {
    /// The ESET companies it is about: those mapped to its agreement, or the one whose seats nothing bills.
    pub fn companies(&self) -> Vec<Member> {
        let unmapped = match &self.key {
            LineKey::Unmapped { connection, company, .. } => Some(Member { connection: connection.clone(), company: company.clone() }),
            LineKey::Billed { .. } => None,
        };
        self.members.iter().cloned().chain(unmapped).collect()
    }

    /// Target less billed, in units; none when either is not known.
    pub fn change(&self) -> Option<Quantity> {
        Some(self.target? - self.billed?)
    }

    /// Whether ConnectWise should be told another quantity.
    pub fn changes(&self) -> bool {
        self.change().is_some_and(|change| !change.is_zero())
    }

    /// What the change comes to a month, on billed units; none without a price.
    pub fn amount(&self) -> Option<Money> {
        let bill = self.create.as_ref().map(|new| new.bill).or(self.bill);
        if bill.is_some_and(|bill| bill != BillCustomer::Billable) {
            return Some(Money::ZERO);
        }
        let billed = self.billed?.billed_after(self.included);
        let target = self.target?.billed_after(self.included);
        Some(self.unit_price?.times(target - billed))
    }

    /// Whether nothing bills its seats: there is no addition, or none that reaches an invoice today. What the agreement includes is not
    /// meant: that is paid with the agreement.
    pub fn is_unbilled(&self) -> bool {
        let reaches_none = |guard: &Guard| {
            matches!(
                guard,
                Guard::AgreementNotActive { .. } | Guard::AgreementEnded { .. } | Guard::BillingNotStarted { .. } | Guard::NotBegun { .. }
            )
        };
        self.billed.is_none_or(Quantity::is_zero) || self.bill == Some(BillCustomer::DoNotBill) || self.guards.iter().any(reaches_none)
    }

    /// Whether the line is written through `connection`, or counts seats read through it.
    pub fn concerns(&self, connection: &ConnectionId) -> bool {
        let side = match &self.key {
            LineKey::Billed { psa, .. } => psa,
            LineKey::Unmapped { connection, .. } => connection,
        };
        side == connection
            || self.evidence.snapshots.iter().any(|snapshot| snapshot.connection == *connection)
            || self.evidence.groups.iter().any(|group| group.connection == *connection)
    }

    /// Whether a guard holds it for a person.
    pub fn held(&self) -> bool {
        self.guards.iter().any(|guard| guard.standing() != Standing::Notes)
    }

    /// Guards that no approval lifts.
    pub fn blocked(&self) -> bool {
        self.guards.iter().any(|guard| guard.standing() == Standing::Blocks)
    }
}
