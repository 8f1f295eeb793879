//! What each guard says, and what to do about it.

use super::Guard;
use crate::mapping::BillCustomer;

impl Guard {
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
