//! Numbers as people read them: grouped, with a sign where they are changes, with a unit or a currency where they stand alone.

use domain::money::{Money, Quantity};

/// A minus as wide as a plus, so that columns of changes line up.
const MINUS: char = '\u{2212}';

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    group(&number.to_string())
}

/// A count with its unit: "1 line", "1,204 lines".
pub(crate) fn count(number: impl Into<u64>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A quantity: "25", "1,204", "2.5".
pub(crate) fn quantity(quantity: Quantity) -> String {
    decimal(&quantity.abs().to_string(), if quantity.is_negative() { "\u{2212}" } else { "" })
}

/// A change: "+57", "−3", "0".
pub(crate) fn signed(change: Quantity) -> String {
    let sign = match change {
        _ if change.is_zero() => "",
        _ if change.is_negative() => "\u{2212}",
        _ => "+",
    };
    decimal(&change.abs().to_string(), sign)
}

/// An amount with its currency: "1,412.00 EUR". Without a currency the number stands alone: we invent none.
pub(crate) fn amount(amount: Money, currency: Option<&str>) -> String {
    with_currency(money(amount, ""), currency)
}

/// A change of an amount: "+412.00 EUR".
pub(crate) fn signed_amount(amount: Money, currency: Option<&str>) -> String {
    with_currency(money(amount, "+"), currency)
}

fn with_currency(number: String, currency: Option<&str>) -> String {
    match currency {
        Some(currency) if !currency.is_empty() => format!("{number} {currency}"),
        _ => number,
    }
}

fn money(amount: Money, plus: &str) -> String {
    let text = amount.to_string();
    match text.strip_prefix('-') {
        Some(size) if size.chars().any(|digit| digit.is_ascii_digit() && digit != '0') => decimal(size, &MINUS.to_string()),
        Some(size) => decimal(size, ""),
        None if text.chars().all(|digit| digit == '0' || digit == '.') => text,
        None => decimal(&text, plus),
    }
}

fn decimal(size: &str, sign: &str) -> String {
    let (whole, fraction) = size.split_once('.').map_or((size, None), |(whole, fraction)| (whole, Some(fraction)));
    let whole = group(whole);
    fraction.map_or_else(|| format!("{sign}{whole}"), |fraction| format!("{sign}{whole}.{fraction}"))
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(number: f64) -> Quantity {
        Quantity::from_vendor(number).expect("a quantity")
    }

    fn euros(number: f64) -> Money {
        Money::from_vendor(number).expect("an amount")
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, words) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), words);
        }
    }

    #[test]
    fn a_count_names_its_unit() {
        assert_eq!(count(1_u32, "line", "lines"), "1 line");
        assert_eq!(count(0_u32, "line", "lines"), "0 lines");
        assert_eq!(count(1_204_u32, "line", "lines"), "1,204 lines");
    }

    #[test]
    fn a_change_shows_its_sign() {
        for (change, words) in [(57.0, "+57"), (-3.0, "−3"), (0.0, "0"), (2.5, "+2.5"), (-1_204.25, "−1,204.25")] {
            assert_eq!(signed(units(change)), words);
        }
        assert_eq!(quantity(units(-4.0)), "−4");
    }

    #[test]
    fn an_amount_has_its_currency_and_two_places() {
        assert_eq!(amount(euros(1_412.0), Some("EUR")), "1,412.00 EUR");
        assert_eq!(signed_amount(euros(412.0), None), "+412.00");
        assert_eq!(signed_amount(euros(-3.456), Some("USD")), "−3.46 USD");
        assert_eq!(signed_amount(euros(0.0), Some("USD")), "0.00 USD");
        assert_eq!(signed_amount(euros(-0.001), None), "0.00");
    }
}
