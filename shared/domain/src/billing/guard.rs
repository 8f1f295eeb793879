//! Guards: rules that hold a line back for a person, or have something to tell one. Each says what is the matter and what to do about it.

mod words;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::ids::AdditionId;
use crate::mapping::BillCustomer;
use crate::money::{Money, Quantity};
use crate::psa::AgreementStatus;

/// Why a line is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Guard {
    /// The ESET company has no agreement yet.
    UnmappedCompany,
    /// The ESET product has no catalog product yet.
    UnmappedProduct,
    /// The ESET company is gone from the account, or the account no longer reaches it.
    CompanyGone {
        /// Its name, as far as it is known.
        company: String,
    },
    /// A licence on it is counted on another line too: two accounts reach the company, and it is mapped to two agreements.
    BilledElsewhere {
        /// The company as ESET names it.
        company: String,
    },
    /// The agreement is gone from ConnectWise.
    AgreementGone,
    /// The agreement is not with the company that was mapped: it has another number's meaning, or was handed over.
    AgreementOfAnother {
        /// Whom it bills.
        company: String,
    },
    /// The agreement does not bill.
    AgreementNotActive {
        /// Its status.
        status: AgreementStatus,
    },
    /// The agreement is active, but bills from a later day on.
    BillingNotStarted {
        /// The first day it bills.
        on: NaiveDate,
    },
    /// The agreement is active, but has an end that is over.
    AgreementEnded {
        /// Its last day.
        last: NaiveDate,
    },
    /// The agreement's only addition of this product begins later.
    NotBegun {
        /// Its first day.
        on: NaiveDate,
        /// Its units.
        quantity: Quantity,
    },
    /// The addition ends, and another one follows it.
    Succeeded {
        /// The first day of the one that follows.
        on: NaiveDate,
        /// Its units.
        quantity: Quantity,
        /// Price of one of them.
        unit_price: Option<Money>,
    },
    /// The addition ends, and none follows it.
    Ends {
        /// Its last day.
        last: NaiveDate,
    },
    /// Another addition of the product begins later, and this one does not end before it.
    Overlaps {
        /// The day from which both would bill.
        on: NaiveDate,
        /// What they would come to.
        quantity: Quantity,
    },
    /// The customer does not pay for the addition.
    NotCharged {
        /// What ConnectWise does with it.
        bill: BillCustomer,
    },
    /// The agreement is not invoiced again by itself.
    NotRecurring {
        /// Its billing cycle, in the MSP's words.
        cycle: Option<String>,
    },
    /// The addition is reached through two connections to one ConnectWise tenant, so two lines would write over each other.
    ConnectedTwice,
    /// Nobody has read this agreement's additions lately.
    PsaStale,
    /// The agreement has no ongoing addition of this product.
    NoOngoingAddition,
    /// The agreement has several ongoing additions of this product, and nothing says which is the one.
    MoreThanOneOngoingAddition {
        /// How many.
        count: u32,
    },
    /// The seat counts are too old.
    SnapshotStale {
        /// Their age in hours.
        hours: u32,
    },
    /// Not every licence could be read, so the sum is not known.
    SnapshotPartial {
        /// The company that was not read to its end.
        company: String,
    },
    /// The line is counted by seat-days, and ESET's report of them could not be read.
    SeatDaysUnread {
        /// The company that is counted by them.
        company: String,
    },
    /// ESET does not say what is inside a bundle whose products are counted by themselves, or how many of them.
    PartsUnknown {
        /// The company that has it.
        company: String,
        /// The bundle, or the product inside it.
        product: String,
    },
    /// The seats of a company cannot be split by device group.
    NotShared {
        /// The company as ESET names it.
        company: String,
        /// Why, to stand after a colon.
        why: String,
    },
    /// No ESET product is mapped to the line's product any more, and what we wrote last still bills.
    NothingMapped,
    /// All seats would go.
    DropToZero,
    /// The change is larger than the cap.
    OverCap {
        /// The change.
        change: Quantity,
        /// The cap it breaks, in words.
        cap: String,
    },
    /// The addition is not what we last wrote: someone changed it in ConnectWise.
    EditedByHand {
        /// What we wrote.
        written: Quantity,
        /// What it is now.
        found: Quantity,
    },
    /// One of several dated additions is not what we last wrote.
    PartEdited {
        /// The addition.
        addition: AdditionId,
        /// What we wrote.
        written: Quantity,
        /// What it is now.
        found: Quantity,
    },
    /// The change is to be made before the next invoice, and when that is is not known.
    NoInvoiceDate {
        /// The agreement's next invoice date in ConnectWise's words, which could not be read; none when it names none.
        said: Option<String>,
    },
    /// The ESET products on the line are to be written in different ways.
    WriteRulesDiffer,
    /// The line is to be written as dated additions, and its agreement does not prorate.
    NotProrated,
    /// Fewer units go than any addition has that could be ended.
    DatedSplit {
        /// How many go.
        fewer: Quantity,
        /// The smallest addition.
        smallest: Quantity,
    },
    /// What goes is ended one addition after the other.
    DatedSteps {
        /// What is left to end afterwards.
        left: Quantity,
    },
    /// There is no addition yet: one would be made.
    NewAddition {
        /// The first day it bills.
        effective: NaiveDate,
        /// Whether the customer pays for it.
        bill: BillCustomer,
        /// Price of a unit; none leaves the catalog's.
        unit_price: Option<Money>,
    },
    /// A person took our last change of the addition back.
    Reversed {
        /// Why.
        reason: String,
    },
    /// Something changed under its mapping, and nobody has looked at it yet.
    Drift {
        /// What changed.
        what: String,
    },
    /// Nobody has approved a line of this company mapping yet.
    FirstRun {
        /// The company as ESET names it.
        company: String,
    },
    /// What is due until the next invoice date is invoiced already.
    PeriodInvoiced {
        /// The next invoice date.
        next: NaiveDate,
    },
}

/// What a guard leaves a person to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The cause must go; the line cannot be approved.
    Blocks,
    /// A person may approve it, one line at a time, having seen this.
    Asks,
    /// It is shown and holds nothing, but the line does not commit by itself.
    Notes,
}

impl Guard {
    /// Whether a person may approve in spite of it.
    pub fn standing(&self) -> Standing {
        match self {
            Self::NothingMapped
            | Self::DropToZero
            | Self::OverCap { .. }
            | Self::EditedByHand { .. }
            | Self::PartEdited { .. }
            | Self::NewAddition { .. }
            | Self::Reversed { .. } => Standing::Asks,
            Self::FirstRun { .. }
            | Self::PeriodInvoiced { .. }
            | Self::DatedSteps { .. }
            | Self::Succeeded { .. }
            | Self::Ends { .. }
            | Self::Overlaps { .. }
            | Self::NotCharged { .. }
            | Self::NotRecurring { .. } => Standing::Notes,
            _ => Standing::Blocks,
        }
    }

    /// Its stable name, as in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnmappedCompany => "unmapped_company",
            Self::UnmappedProduct => "unmapped_product",
            Self::CompanyGone { .. } => "company_gone",
            Self::BilledElsewhere { .. } => "billed_elsewhere",
            Self::AgreementGone => "agreement_gone",
            Self::AgreementOfAnother { .. } => "agreement_of_another",
            Self::AgreementNotActive { .. } => "agreement_not_active",
            Self::BillingNotStarted { .. } => "billing_not_started",
            Self::AgreementEnded { .. } => "agreement_ended",
            Self::NotBegun { .. } => "not_begun",
            Self::Succeeded { .. } => "succeeded",
            Self::Ends { .. } => "ends",
            Self::Overlaps { .. } => "overlaps",
            Self::NotCharged { .. } => "not_charged",
            Self::NotRecurring { .. } => "not_recurring",
            Self::ConnectedTwice => "connected_twice",
            Self::PsaStale => "psa_stale",
            Self::NoOngoingAddition => "no_ongoing_addition",
            Self::MoreThanOneOngoingAddition { .. } => "more_than_one_ongoing_addition",
            Self::SnapshotStale { .. } => "snapshot_stale",
            Self::SnapshotPartial { .. } => "snapshot_partial",
            Self::SeatDaysUnread { .. } => "seat_days_unread",
            Self::PartsUnknown { .. } => "parts_unknown",
            Self::NotShared { .. } => "not_shared",
            Self::NothingMapped => "nothing_mapped",
            Self::DropToZero => "drop_to_zero",
            Self::OverCap { .. } => "over_cap",
            Self::EditedByHand { .. } => "edited_by_hand",
            Self::PartEdited { .. } => "part_edited",
            Self::NoInvoiceDate { .. } => "no_invoice_date",
            Self::WriteRulesDiffer => "write_rules_differ",
            Self::NotProrated => "not_prorated",
            Self::DatedSplit { .. } => "dated_split",
            Self::DatedSteps { .. } => "dated_steps",
            Self::NewAddition { .. } => "new_addition",
            Self::Reversed { .. } => "reversed",
            Self::Drift { .. } => "drift",
            Self::FirstRun { .. } => "first_run",
            Self::PeriodInvoiced { .. } => "period_invoiced",
        }
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
