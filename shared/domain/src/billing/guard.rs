//! Guards: rules that hold a line back for a person, or have something to tell one. Each says what is the matter and what to do about it.

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

    /// What is the matter, in a sentence.
    pub fn message(&self) -> String {
        match self {
            Self::UnmappedCompany => "This ESET company is not mapped to an agreement.".to_owned(),
            Self::UnmappedProduct => "This ESET product is not mapped to a catalog product.".to_owned(),
            Self::CompanyGone { company } => format!("{company} is no longer in the ESET account."),
            Self::BilledElsewhere { company } => format!("A licence of {company} is billed on another line too."),
            Self::AgreementGone => "The agreement is no longer in ConnectWise.".to_owned(),
            Self::AgreementOfAnother { company } => format!("The agreement is with {company}, not with the company it was mapped for."),
            Self::AgreementNotActive { status } => format!("The agreement is {}.", status.label()),
            Self::BillingNotStarted { on } => format!("The agreement bills from {on} on."),
            Self::AgreementEnded { last } => format!("The agreement ended on {last}, and ConnectWise still calls it active."),
            Self::NotBegun { on, quantity } => format!("The agreement's addition of this product, {quantity}, begins on {on}."),
            Self::Succeeded { on, quantity, unit_price } => {
                let price = unit_price.map(|price| format!(" at {price} each")).unwrap_or_default();
                format!("From {on} on another addition bills {quantity}{price} instead.")
            }
            Self::Ends { last } => format!("The addition bills until {last}, and none follows it."),
            Self::Overlaps { on, quantity } => {
                format!("Another addition begins on {on} and this one does not end: both would bill {quantity}.")
            }
            Self::NotCharged { bill: BillCustomer::DoNotBill } => "The addition is not billed to the customer (Do Not Bill).".to_owned(),
            Self::NotCharged { .. } => "The addition is on the invoice for nothing (No Charge).".to_owned(),
            Self::NotRecurring { cycle: None } => {
                "The agreement is billed once: ConnectWise does not invoice it again by itself.".to_owned()
            }
            Self::NotRecurring { cycle: Some(cycle) } => {
                format!("The agreement's billing cycle is \u{201c}{cycle}\u{201d}: ConnectWise does not invoice it again by itself.")
            }
            Self::ConnectedTwice => "Two ConnectWise connections lead to this addition: they are one tenant, connected twice.".to_owned(),
            Self::PsaStale => "The agreement's additions have not been read lately.".to_owned(),
            Self::NoOngoingAddition => "The agreement has no ongoing addition of this product.".to_owned(),
            Self::MoreThanOneOngoingAddition { count } => format!("The agreement has {count} ongoing additions of this product."),
            Self::SnapshotStale { hours } => format!("The seat counts are {hours} hours old."),
            Self::SnapshotPartial { company } => format!("Not every licence of {company} could be read."),
            Self::SeatDaysUnread { company } => format!("ESET's report of seat-days could not be read for {company}."),
            Self::PartsUnknown { company, product } => format!("ESET does not say how many of {product} {company} has inside a bundle."),
            Self::NotShared { company, why } => format!("The seats of {company} cannot be split by device group: {why}."),
            Self::NothingMapped => {
                "No ESET product is mapped to this product any more, and what Seatbridge wrote last still bills.".to_owned()
            }
            Self::DropToZero => "All seats would go.".to_owned(),
            Self::OverCap { change, cap } => format!("A change of {change} is more than {cap}."),
            Self::EditedByHand { written, found } => {
                format!("Someone changed the addition in ConnectWise: {written} was written, it is {found} now.")
            }
            Self::PartEdited { addition, written, found } => {
                format!("Someone changed addition {addition} in ConnectWise: {written} was written, it is {found} now.")
            }
            Self::NoInvoiceDate { said: None } => "The agreement names no next invoice date, so the day before it is not known.".to_owned(),
            Self::NoInvoiceDate { said: Some(said) } => {
                format!("The agreement's next invoice date reads \u{201c}{said}\u{201d}, which cannot be read as one day.")
            }
            Self::WriteRulesDiffer => "The ESET products on this line are to be written in different ways.".to_owned(),
            Self::NotProrated => "This line is to be written as dated additions, and the agreement does not prorate.".to_owned(),
            Self::DatedSplit { fewer, smallest } => {
                format!("{fewer} go, and the smallest addition has {smallest}: an addition can only be ended as a whole.")
            }
            Self::DatedSteps { left } => format!("Additions are ended one after the other: {left} more are left to end afterwards."),
            Self::NewAddition { effective, bill, unit_price } => {
                let price = unit_price.map_or_else(|| "at the catalog's price".to_owned(), |price| format!("at {price} each"));
                let bill = match bill {
                    BillCustomer::Billable => "billed to the customer",
                    BillCustomer::DoNotBill => "not billed to the customer",
                    BillCustomer::NoCharge => "on the invoice for nothing",
                };
                format!("The agreement has no ongoing addition of this product: a new one would be made from {effective}, {price}, {bill}.")
            }
            Self::Reversed { reason } => format!("Our last change was taken back: {reason}"),
            Self::Drift { what } => what.clone(),
            Self::FirstRun { company } => format!("Nobody has approved a line of {company} since it was mapped."),
            Self::PeriodInvoiced { next } => format!("What is due until {next} is invoiced already."),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::UnmappedCompany => "Map the company, or exclude it with a reason.",
            Self::UnmappedProduct => "Map the product, or exclude it with a reason.",
            Self::CompanyGone { .. } => "Check the API user's access in ESET MSP Administrator, or map the company again.",
            Self::BilledElsewhere { .. } => "Exclude the company in all but one of the ESET connections that reach it.",
            Self::AgreementOfAnother { .. } => "Map the company again, to an agreement of its own.",
            Self::AgreementGone | Self::AgreementNotActive { .. } => "Map the company to an active agreement.",
            Self::BillingNotStarted { .. } => "Wait for that day, or change the agreement's billing start date in ConnectWise.",
            Self::AgreementEnded { .. } => "Extend the agreement in ConnectWise, or map the company to the one that follows it.",
            Self::NotBegun { .. } => {
                "Wait for that day, or move the addition's effective date in ConnectWise; until then nothing bills these seats."
            }
            Self::Succeeded { .. } => "Nothing is doubled. Seatbridge sets the one that follows once it bills.",
            Self::Ends { .. } => "Take the cancelled date away in ConnectWise, or prepare what follows, if the customer stays.",
            Self::Overlaps { .. } => "End this addition in ConnectWise on the day before the other one begins.",
            Self::NotCharged { .. } => "Make it billable in ConnectWise if the customer should pay.",
            Self::NotRecurring { .. } => "Choose a billing cycle in ConnectWise, or invoice it by hand.",
            Self::ConnectedTwice => "Map all companies of the agreement through one of the two, or delete the other connection.",
            Self::PsaStale => "Check the ConnectWise connection; the next billing pass reads them again.",
            Self::NoOngoingAddition => "Add the product to the agreement in ConnectWise; the next billing pass adopts it.",
            Self::MoreThanOneOngoingAddition { .. } => "Cancel all but one of them in ConnectWise.",
            Self::SnapshotStale { .. } => "Check the ESET connection and sync now.",
            Self::SnapshotPartial { .. } => "Sync now; if it stays, test the ESET connection.",
            Self::SeatDaysUnread { .. } => "Sync now; if it stays, count ordered units until ESET's usage report is back.",
            Self::PartsUnknown { .. } => "Sync now; if it stays, bill the bundle as a whole.",
            Self::NotShared { .. } => "Sync now; if it stays, mend what is named, or bill the company on one agreement.",
            Self::NothingMapped => {
                "Approve it alone to bill none of it; dismiss it if somebody else looks after it; or map an ESET product to it."
            }
            Self::DropToZero => "Approve it alone if the customer has really left.",
            Self::OverCap { .. } => "Look at the licences behind it, then approve it alone.",
            Self::PartEdited { .. } => "Ask who changed it; approve it alone if the sum is to be ESET's all the same.",
            Self::EditedByHand { .. } => "Ask who changed it; approve it alone to write ESET's number.",
            Self::NoInvoiceDate { .. } => "Set the agreement's billing cycle and dates in ConnectWise, or choose another effective date.",
            Self::WriteRulesDiffer => "Give the ESET products of this catalog product the same write settings.",
            Self::NotProrated => "Switch proration on for the agreement in ConnectWise, or have the product's quantity set.",
            Self::DatedSplit { .. } => "Lower an addition's quantity in ConnectWise, or have the product's quantity set.",
            Self::DatedSteps { .. } => "Approve what is left once this is written.",
            Self::NewAddition { .. } => "Look at price, date and billing, then approve it alone.",
            Self::Reversed { .. } => "Approve it alone once the reason is gone.",
            Self::Drift { .. } => "Repair or ignore it in the drift centre; until then the line is not written.",
            Self::FirstRun { .. } => "Check that company, agreement and product belong together, then approve it.",
            Self::PeriodInvoiced { .. } => "The change is billed from the next invoice on; bill what lies before by hand if it should be.",
        }
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
