//! Months in words: what closing a month looks at, and what a reconciliation finds.

use domain::billing::{BlockerKind, Corrected, Correction, FindingKind, Period};

use crate::words::period;

/// What is looked at before a month is closed, in the order of the work, as it reads when it is right.
pub(crate) const CHECKS: [(BlockerKind, &str); 6] = [
    (BlockerKind::NothingPlanned, "Lines are planned"),
    (BlockerKind::Unmapped, "Every company and product with seats is mapped or excluded"),
    (BlockerKind::ToApprove, "No line waits for approval"),
    (BlockerKind::InProgress, "No change is on its way"),
    (BlockerKind::DataOld, "The numbers are fresh"),
    (BlockerKind::Partial, "Every seat could be read"),
];

/// Where what keeps a month open is settled, and what the link says.
pub(crate) fn blocker_page(kind: BlockerKind) -> (&'static str, &'static str) {
    match kind {
        BlockerKind::NothingPlanned | BlockerKind::Unmapped => ("/companies", "Open companies"),
        BlockerKind::InProgress => ("/month?segment=held", "Show held lines"),
        BlockerKind::ToApprove => ("/month", "Open the month"),
        BlockerKind::DataOld | BlockerKind::Partial => ("/settings/connections", "Open connections"),
    }
}

/// The findings, with their names in addresses; no name is all of them.
pub(crate) const FINDINGS: [(&str, &str); 5] = [
    ("", "All"),
    ("over_ordered", "Over-ordered"),
    ("over_used", "Over-used"),
    ("unbilled", "Unbilled"),
    ("billed_unused", "Billed but unused"),
];

/// The finding an address names; all when it names none.
pub(crate) fn finding_name(name: &str) -> &'static str {
    FINDINGS.iter().find(|(known, _)| *known == name).map_or("", |(name, _)| *name)
}

/// The finding of a name; none for all.
pub(crate) fn finding_kind(name: &str) -> Option<FindingKind> {
    match name {
        "over_ordered" => Some(FindingKind::OverOrdered),
        "over_used" => Some(FindingKind::OverUsed),
        "unbilled" => Some(FindingKind::Unbilled),
        "billed_unused" => Some(FindingKind::BilledUnused),
        _ => None,
    }
}

/// What a number of units is that does not agree.
pub(crate) fn finding_label(kind: FindingKind) -> &'static str {
    FINDINGS.iter().find(|(name, _)| finding_kind(name) == Some(kind)).map_or("", |(_, words)| *words)
}

/// A number of a closed month that turned out to be another: "October 2026, ordered: 25 → 27".
pub(crate) fn correction(found: &Correction) -> String {
    let what = match found.number {
        Corrected::Ordered => "ordered",
        Corrected::Quantity => "quantity",
        Corrected::UnitPrice => "unit price",
    };
    let number = |number: &Option<String>| number.clone().unwrap_or_else(|| "none".to_owned());
    format!("{}, {what}: {} → {}", period(found.period), number(&found.was), number(&found.is))
}

/// A month as an address has it, in words; as it stands when it is none.
pub(crate) fn month_name(text: &str) -> String {
    text.parse::<Period>().map_or_else(|_| text.to_owned(), period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_has_one_name_everywhere() {
        for (name, words) in FINDINGS {
            assert_eq!(finding_name(name), name);
            if let Some(kind) = finding_kind(name) {
                assert_eq!(finding_label(kind), words);
                assert_eq!(serde_json::to_value(kind).expect("json"), name);
            }
        }
        assert_eq!(finding_name("nonsense"), "");
    }

    #[test]
    fn a_correction_says_which_number_of_which_month() {
        let found = Correction {
            period: "2026-10".parse().expect("a month"),
            line: "line".into(),
            company: "Acme".to_owned(),
            product: "ESET-PROTECT".to_owned(),
            number: Corrected::Ordered,
            was: Some("25".to_owned()),
            is: None,
            found_at: "2026-11-02T08:00:00Z".parse().expect("a moment"),
            reason: String::new(),
        };
        assert_eq!(correction(&found), "October 2026, ordered: 25 → none");
    }

    #[test]
    fn a_month_reads_as_words() {
        assert_eq!(month_name("2026-11"), "November 2026");
        assert_eq!(month_name("soon"), "soon");
    }
}
