//! Whether a rule can be meant, and what it is in a few words.

use rust_decimal::Decimal;

use super::{BillCustomer, CountRule, EffectiveRule, ProductRule, Rounding, WriteRule, WriteStrategy};
use crate::money::Money;

/// The most included or minimum units a rule may name.
const MOST_UNITS: u32 = 1_000_000;

/// A rule that cannot be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleFault {
    /// The field, as a path inside the rule.
    pub field: &'static str,
    /// What is wrong with it.
    pub title: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl ProductRule {
    /// The rule of a mapping that names none: ordered units as they are, set as a quantity.
    pub const PLAIN: Self = Self { count: CountRule::PLAIN, write: WriteRule::PLAIN, cost: None };

    /// Whether the rule can be meant.
    ///
    /// # Errors
    /// The first field that cannot, as in `count.factor`.
    pub fn check(&self) -> Result<(), RuleFault> {
        self.count.check()?;
        let price = self.write.create.as_ref().and_then(|create| create.unit_price);
        let below = |amount: Option<Money>| amount.is_some_and(|amount| amount < Money::ZERO);
        let (title, remedy) = ("An amount is not below 0.", "Leave it out when it is not known.");
        match (below(self.cost), below(price)) {
            (true, _) => Err(RuleFault { field: "cost", title, remedy }),
            (_, true) => Err(RuleFault { field: "write.create.unit_price", title, remedy }),
            _ => Ok(()),
        }
    }

    /// What it does differently from the plain rule, for a row of history. Empty for the plain rule.
    pub fn label(&self) -> String {
        let mut words = vec![self.count.label()];
        if self.write.strategy == WriteStrategy::Dated {
            words.push("written as dated lines".to_owned());
        }
        match self.write.effective {
            EffectiveRule::Now => {}
            EffectiveRule::FirstOfNext => words.push("from the first of the next month".to_owned()),
            EffectiveRule::BeforeInvoice => words.push("from the day before the next invoice".to_owned()),
        }
        if let Some(create) = &self.write.create {
            let price = create.unit_price.map_or_else(|| "the catalog's price".to_owned(), |price| price.to_string());
            let bill = match create.bill {
                BillCustomer::Billable => "billable",
                BillCustomer::DoNotBill => "not billed",
                BillCustomer::NoCharge => "for nothing",
            };
            words.push(format!("makes a missing addition at {price}, {bill}"));
        }
        words.extend(self.cost.map(|cost| format!("costs {cost}")));
        words.retain(|words| !words.is_empty());
        words.join(", ")
    }
}

impl CountRule {
    /// Ordered units as they are.
    pub const PLAIN: Self = Self {
        method: super::CountMethod::Ordered,
        factor: Decimal::ONE,
        included: 0,
        minimum: 0,
        rounding: Rounding::Up,
        trials: false,
        suspended: false,
    };

    /// Whether the rule can be meant.
    ///
    /// # Errors
    /// The first field that cannot, as in `count.factor`.
    pub fn check(&self) -> Result<(), RuleFault> {
        const LOOK_BACK: &str = "Only ordered and activated units can be counted with trials and suspended licences.";
        let tests = [
            (self.factor <= Decimal::ZERO, "count.factor", "A factor is above 0.", "Use 1 to count each seat once."),
            (self.factor > Decimal::ONE_THOUSAND, "count.factor", "A factor is at most 1,000.", "Check the number."),
            (self.factor.normalize().scale() > 4, "count.factor", "A factor has at most 4 decimal places.", "Round it."),
            (self.included > MOST_UNITS, "count.included", "At most 1,000,000 units can be included.", "Check the number."),
            (self.minimum > MOST_UNITS, "count.minimum", "A minimum is at most 1,000,000 units.", "Check the number."),
            (self.method.looks_back() && self.trials, "count.trials", LOOK_BACK, "Leave trials out, or count ordered units."),
            (self.method.looks_back() && self.suspended, "count.suspended", LOOK_BACK, "Leave them out, or count ordered units."),
        ];
        match tests.into_iter().find(|(wrong, ..)| *wrong) {
            Some((_, field, title, remedy)) => Err(RuleFault { field, title, remedy }),
            None => Ok(()),
        }
    }

    /// What it does differently from the plain rule, for a row of history: `activated, minimum 5`. Empty for the plain rule.
    pub fn label(&self) -> String {
        let mut words = Vec::new();
        if self.method != Self::PLAIN.method {
            words.push(self.method.label().to_owned());
        }
        if self.factor != Decimal::ONE {
            words.push(format!("× {}", self.factor.normalize()));
        }
        if self.included > 0 {
            words.push(format!("{} included", self.included));
        }
        if self.minimum > 0 {
            words.push(format!("minimum {}", self.minimum));
        }
        match self.rounding {
            Rounding::Up => {}
            Rounding::Down => words.push("rounded down".to_owned()),
            Rounding::Nearest => words.push("rounded to the nearest".to_owned()),
            Rounding::None => words.push("not rounded".to_owned()),
        }
        if self.trials {
            words.push("with trials".to_owned());
        }
        if self.suspended {
            words.push("with suspended".to_owned());
        }
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::CountMethod;
    use super::*;

    fn rule() -> CountRule {
        CountRule::default()
    }

    #[test]
    fn the_plain_rule_is_the_default_and_can_be_meant() {
        assert_eq!((ProductRule::PLAIN, CountRule::PLAIN), (ProductRule::default(), rule()));
        assert_eq!((rule().check(), rule().label()), (Ok(()), String::new()));
    }

    #[test]
    fn a_rule_that_cannot_be_meant_is_refused_by_its_field() {
        let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
        let table = [
            (CountRule { factor: Decimal::ZERO, ..rule() }, Some("count.factor")),
            (CountRule { factor: decimal("-1"), ..rule() }, Some("count.factor")),
            (CountRule { factor: decimal("1000"), ..rule() }, None),
            (CountRule { factor: decimal("1000.1"), ..rule() }, Some("count.factor")),
            (CountRule { factor: decimal("0.12340"), ..rule() }, None),
            (CountRule { factor: decimal("0.12345"), ..rule() }, Some("count.factor")),
            (CountRule { included: 1_000_001, ..rule() }, Some("count.included")),
            (CountRule { minimum: 1_000_001, ..rule() }, Some("count.minimum")),
            (CountRule { minimum: 1_000_000, included: 1_000_000, ..rule() }, None),
            (CountRule { trials: true, suspended: true, method: CountMethod::Activated, ..rule() }, None),
            (CountRule { trials: true, method: CountMethod::Peak, ..rule() }, Some("count.trials")),
            (CountRule { suspended: true, method: CountMethod::SeatDays, ..rule() }, Some("count.suspended")),
        ];
        for (rule, field) in table {
            assert_eq!(rule.check().err().map(|fault| fault.field), field, "{rule:?}");
        }
    }

    #[test]
    fn a_rule_is_told_by_what_is_not_plain_about_it() {
        let told = CountRule {
            method: CountMethod::Activated,
            factor: "1.50".parse().expect("a decimal"),
            included: 2,
            minimum: 5,
            rounding: Rounding::Down,
            trials: true,
            suspended: true,
        };
        let create = Some(super::super::CreateRule { unit_price: Money::from_vendor(2.5), bill: BillCustomer::Billable });
        let write = WriteRule { effective: EffectiveRule::FirstOfNext, create, ..WriteRule::PLAIN };
        let whole = ProductRule { count: rule(), write, cost: Money::from_vendor(1.2) };
        assert_eq!(whole.label(), "from the first of the next month, makes a missing addition at 2.50, billable, costs 1.20");
        assert_eq!(ProductRule { cost: Money::from_vendor(-1.0), ..whole }.check().err().map(|fault| fault.field), Some("cost"));
        assert_eq!(told.label(), "activated, × 1.5, 2 included, minimum 5, rounded down, with trials, with suspended");
    }
}
