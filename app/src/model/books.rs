//! Books in words.

use shared::billing::{Corrected, Correction};

use crate::words::period;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
