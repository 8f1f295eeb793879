//! A guard from JSON. Its kinds have few fields and share their names: one flat shape of all of them is read with a tenth of the code
//! that is made for thirty shapes of their own.

use chrono::NaiveDate;
use serde::de::{Deserialize, Deserializer, Error};

use super::Guard;
use crate::ids::AdditionId;
use crate::mapping::BillCustomer;
use crate::money::{Money, Quantity};
use crate::psa::AgreementStatus;

/// Every field of every guard.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Fields {
    code: String,
    company: Option<String>,
    product: Option<String>,
    status: Option<AgreementStatus>,
    on: Option<NaiveDate>,
    count: Option<u32>,
    hours: Option<u32>,
    change: Option<Quantity>,
    cap: Option<String>,
    addition: Option<AdditionId>,
    written: Option<Quantity>,
    found: Option<Quantity>,
    said: Option<String>,
    fewer: Option<Quantity>,
    smallest: Option<Quantity>,
    left: Option<Quantity>,
    effective: Option<NaiveDate>,
    bill: Option<BillCustomer>,
    unit_price: Option<Money>,
    reason: Option<String>,
    what: Option<String>,
    why: Option<String>,
    next: Option<NaiveDate>,
}

impl Fields {
    /// The guard; none when there is none of this name, or a field of it is missing.
    fn guard(self) -> Option<Guard> {
        Some(match self.code.as_str() {
            "unmapped_company" => Guard::UnmappedCompany,
            "unmapped_product" => Guard::UnmappedProduct,
            "company_gone" => Guard::CompanyGone { company: self.company? },
            "billed_elsewhere" => Guard::BilledElsewhere { company: self.company? },
            "agreement_gone" => Guard::AgreementGone,
            "agreement_of_another" => Guard::AgreementOfAnother { company: self.company? },
            "agreement_not_active" => Guard::AgreementNotActive { status: self.status? },
            "billing_not_started" => Guard::BillingNotStarted { on: self.on? },
            "connected_twice" => Guard::ConnectedTwice,
            "psa_stale" => Guard::PsaStale,
            "no_ongoing_addition" => Guard::NoOngoingAddition,
            "more_than_one_ongoing_addition" => Guard::MoreThanOneOngoingAddition { count: self.count? },
            "snapshot_stale" => Guard::SnapshotStale { hours: self.hours? },
            "snapshot_partial" => Guard::SnapshotPartial { company: self.company? },
            "parts_unknown" => Guard::PartsUnknown { company: self.company?, product: self.product? },
            "not_shared" => Guard::NotShared { company: self.company?, why: self.why? },
            "nothing_mapped" => Guard::NothingMapped,
            "drop_to_zero" => Guard::DropToZero,
            "over_cap" => Guard::OverCap { change: self.change?, cap: self.cap? },
            "edited_by_hand" => Guard::EditedByHand { written: self.written?, found: self.found? },
            "part_edited" => Guard::PartEdited { addition: self.addition?, written: self.written?, found: self.found? },
            "no_invoice_date" => Guard::NoInvoiceDate { said: self.said },
            "write_rules_differ" => Guard::WriteRulesDiffer,
            "not_prorated" => Guard::NotProrated,
            "dated_split" => Guard::DatedSplit { fewer: self.fewer?, smallest: self.smallest? },
            "dated_steps" => Guard::DatedSteps { left: self.left? },
            "new_addition" => Guard::NewAddition { effective: self.effective?, bill: self.bill?, unit_price: self.unit_price },
            "reversed" => Guard::Reversed { reason: self.reason? },
            "drift" => Guard::Drift { what: self.what? },
            "first_run" => Guard::FirstRun { company: self.company? },
            "period_invoiced" => Guard::PeriodInvoiced { next: self.next? },
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Guard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Fields::deserialize(deserializer)?.guard().ok_or_else(|| D::Error::custom("no guard is of this kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind. A kind that is missing here is missing in [`Fields::guard`] too, unless somebody thought of it.
    fn all() -> Vec<Guard> {
        let text = || "text".to_owned();
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
        let units = Quantity::from(3);
        vec![
            Guard::UnmappedCompany,
            Guard::UnmappedProduct,
            Guard::CompanyGone { company: text() },
            Guard::BilledElsewhere { company: text() },
            Guard::AgreementGone,
            Guard::AgreementOfAnother { company: text() },
            Guard::AgreementNotActive { status: AgreementStatus::Cancelled },
            Guard::BillingNotStarted { on: day },
            Guard::ConnectedTwice,
            Guard::PsaStale,
            Guard::NoOngoingAddition,
            Guard::MoreThanOneOngoingAddition { count: 2 },
            Guard::SnapshotStale { hours: 30 },
            Guard::SnapshotPartial { company: text() },
            Guard::PartsUnknown { company: text(), product: text() },
            Guard::NotShared { company: text(), why: text() },
            Guard::NothingMapped,
            Guard::DropToZero,
            Guard::OverCap { change: units, cap: text() },
            Guard::EditedByHand { written: units, found: units },
            Guard::PartEdited { addition: AdditionId(1), written: units, found: units },
            Guard::NoInvoiceDate { said: None },
            Guard::NoInvoiceDate { said: Some(text()) },
            Guard::WriteRulesDiffer,
            Guard::NotProrated,
            Guard::DatedSplit { fewer: units, smallest: units },
            Guard::DatedSteps { left: units },
            Guard::NewAddition { effective: day, bill: BillCustomer::NoCharge, unit_price: None },
            Guard::NewAddition { effective: day, bill: BillCustomer::Billable, unit_price: Some(Money::ZERO) },
            Guard::Reversed { reason: text() },
            Guard::Drift { what: text() },
            Guard::FirstRun { company: text() },
            Guard::PeriodInvoiced { next: day },
        ]
    }

    #[test]
    fn every_guard_is_read_as_it_was_written() {
        for guard in all() {
            let text = serde_json::to_string(&guard).expect("json");
            assert_eq!(crate::json::read::<Guard>(text.as_bytes()).expect(&text), guard);
            assert!(text.contains(&format!("\"code\":\"{}\"", guard.code())), "{text}");
        }
    }

    #[test]
    fn the_list_above_is_whole() {
        // The schema is made from the enum itself.
        let source = include_str!("guard.rs");
        let body = source.split("pub enum Guard {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("the enum");
        let kinds = body.lines().filter(|line| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase)).count();
        let mut codes: Vec<&str> = all().iter().map(Guard::code).collect();
        codes.dedup();
        assert_eq!(codes.len(), kinds);
    }

    #[test]
    fn what_is_no_guard_is_not_read() {
        for text in [r#"{"code":"company_gone"}"#, r#"{"code":"unheard_of"}"#, "{}"] {
            assert!(crate::json::read::<Guard>(text.as_bytes()).is_err(), "{text}");
        }
    }
}
