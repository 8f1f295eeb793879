//! The form of ages: its fields, and what is wrong with what was typed.

use domain::retention::{Age, Retention};

/// Where each age lies, in the order of [`Retention::ages`].
const PLACES: [fn(&mut Retention) -> &mut u32; 6] = [
    |ages| &mut ages.snapshot_days,
    |ages| &mut ages.dispute_days,
    |ages| &mut ages.ticket_log_days,
    |ages| &mut ages.visit_days,
    |ages| &mut ages.pass_days,
    |ages| &mut ages.deleted_connection_days,
];

/// What stands in each field, in their order.
pub(crate) fn written(ages: &Retention) -> Vec<String> {
    ages.ages().iter().map(|age| age.days.to_string()).collect()
}

/// What stands below a field: its limits, its default and the reason of the default.
pub(crate) fn hint(default: &Age) -> String {
    format!("{} to {} days. {} unless you change it. {}", default.least, default.most, default.days, default.reason)
}

/// The ages that were typed.
///
/// # Errors
/// The first field that is wrong, and what is wrong with it.
pub(crate) fn typed(texts: &[String]) -> Result<Retention, (&'static str, String)> {
    let mut ages = Retention::default();
    for ((age, place), text) in Retention::default().ages().iter().zip(PLACES).zip(texts) {
        let number = text.trim().replace(',', "").parse();
        *place(&mut ages) = number.map_err(|_| (age.field, "Type a whole number of days.".to_owned()))?;
    }
    match ages.invalid() {
        Some(age) => Err((age.field, format!("Choose a number from {} to {}.", age.least, age.most))),
        None => Ok(ages),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_set() {
        let ages = Retention {
            snapshot_days: 101,
            dispute_days: 102,
            ticket_log_days: 103,
            visit_days: 104,
            pass_days: 105,
            deleted_connection_days: 106,
        };
        assert_eq!(written(&ages), ["101", "102", "103", "104", "105", "106"]);
        assert_eq!(typed(&written(&ages)), Ok(ages));
    }

    #[test]
    fn a_wrong_age_is_named_where_it_stands() {
        let with = |index: usize, text: &str| {
            let mut texts = written(&Retention::default());
            texts[index] = text.to_owned();
            typed(&texts)
        };
        assert_eq!(with(0, "a year"), Err(("snapshot_days", "Type a whole number of days.".to_owned())));
        assert_eq!(with(5, "6"), Err(("deleted_connection_days", "Choose a number from 7 to 730.".to_owned())));
        assert_eq!(with(2, "3,660").map(|ages| ages.ticket_log_days), Ok(3_660));
    }
}
