//! The form of a rule. Its fields are called by their paths in the contract, so that what the Worker refuses finds its field.

use domain::json::strict::{read, read_value};
use domain::mapping::ProductRule;
use serde_json::{Value, json};

use crate::model::typed::{Complaint, Typed};

/// Whether a missing addition is made.
pub(crate) const CREATE: &str = "write.create";

/// What a switch that is on holds.
pub(crate) const ON: &str = "true";

const FIELDS: [&str; 12] = [
    "count.method",
    "count.factor",
    "count.included",
    "count.minimum",
    "count.rounding",
    "count.trials",
    "count.suspended",
    "cost",
    "write.strategy",
    "write.effective",
    "write.create.unit_price",
    "write.create.bill",
];

/// A rule in its form.
pub(crate) fn typed(rule: &ProductRule) -> Typed {
    let written = serde_json::to_string(rule).unwrap_or_default();
    let rule: Value = read(written.as_bytes()).unwrap_or_default();
    let mut typed = Typed::default();
    typed.set("write.create.bill", "do_not_bill".to_owned());
    for field in FIELDS {
        match rule.pointer(&format!("/{}", field.replace('.', "/"))) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => typed.set(field, text.clone()),
            Some(value) => typed.set(field, value.to_string()),
        }
    }
    if rule.pointer("/write/create").is_some_and(Value::is_object) {
        typed.set(CREATE, ON.to_owned());
    }
    typed
}

/// The rule that was typed in.
///
/// # Errors
/// The first field that cannot be meant, with what is wrong with it.
pub(crate) fn rule(typed: &Typed) -> Result<ProductRule, Complaint> {
    let text = |field| Value::String(typed.get(field).replace(',', "."));
    let on = |field| Value::Bool(typed.get(field) == ON);
    let units = |field| typed.get(field).parse::<u32>().map_or_else(|_| text(field), Value::from);
    let amount = |field| if typed.get(field).is_empty() { Value::Null } else { text(field) };
    let create = if typed.get(CREATE) == ON {
        json!({ "unit_price": amount("write.create.unit_price"), "bill": text("write.create.bill") })
    } else {
        Value::Null
    };
    let rule = json!({
        "count": {
            "method": text("count.method"),
            "factor": text("count.factor"),
            "included": units("count.included"),
            "minimum": units("count.minimum"),
            "rounding": text("count.rounding"),
            "trials": on("count.trials"),
            "suspended": on("count.suspended"),
        },
        "write": { "strategy": text("write.strategy"), "effective": text("write.effective"), "create": create },
        "cost": amount("cost"),
    });
    let rule: ProductRule = read_value(rule).map_err(|error| unreadable(error.path()))?;
    match rule.check() {
        Ok(()) => Ok(rule),
        Err(fault) => Err((field_named(fault.field).unwrap_or("count.method"), format!("{} {}", fault.title, fault.remedy))),
    }
}

fn unreadable(path: &str) -> Complaint {
    let field = field_named(path).unwrap_or("count.method");
    let words = match field {
        "count.factor" => "Type a number above 0, such as 1 or 0.5.",
        "count.included" | "count.minimum" => "Type a whole number of units; 0 for none.",
        _ => "Type an amount such as 2.50, or leave it empty.",
    };
    (field, words.to_owned())
}

/// The field a problem is about: `changes[0].decision.rule.count.factor` and `count.factor` are the same.
pub(crate) fn field_named(problem_field: &str) -> Option<&'static str> {
    let inside = problem_field.rsplit_once("rule.").map_or(problem_field, |(_, inside)| inside);
    FIELDS.into_iter().find(|field| *field == inside)
}

#[cfg(test)]
mod tests {
    use domain::mapping::{BillCustomer, CountMethod, CountRule, CreateRule, EffectiveRule, Rounding, WriteRule, WriteStrategy};
    use domain::money::Money;

    use super::*;

    fn unusual() -> ProductRule {
        ProductRule {
            count: CountRule {
                method: CountMethod::Activated,
                factor: "1.5".parse().expect("a decimal"),
                included: 2,
                minimum: 5,
                rounding: Rounding::Nearest,
                trials: true,
                suspended: false,
            },
            write: WriteRule {
                strategy: WriteStrategy::Dated,
                effective: EffectiveRule::FirstOfNext,
                create: Some(CreateRule { unit_price: Money::from_vendor(2.5), bill: BillCustomer::NoCharge }),
            },
            cost: Money::from_vendor(1.25),
        }
    }

    #[test]
    fn a_rule_comes_out_of_its_form_as_it_went_in() {
        for known in [ProductRule::default(), unusual()] {
            assert_eq!(rule(&typed(&known)), Ok(known));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_said_at_its_field() {
        let table = [
            ("count.factor", "two", Some("count.factor")),
            ("count.factor", "", Some("count.factor")),
            ("count.factor", "0", Some("count.factor")),
            ("count.factor", "0,5", None),
            ("count.included", "-1", Some("count.included")),
            ("count.included", "1.5", Some("count.included")),
            ("count.minimum", "2000000", Some("count.minimum")),
            ("count.trials", ON, None),
            ("count.suspended", ON, None),
            ("cost", "-1", Some("cost")),
            ("cost", "much", Some("cost")),
            ("cost", "", None),
            ("write.create.unit_price", "1 EUR", Some("write.create.unit_price")),
        ];
        for (field, value, wrong) in table {
            let mut form = typed(&unusual());
            form.set(field, value.to_owned());
            assert_eq!(rule(&form).err().map(|(field, _)| field), wrong, "{field}: {value}");
        }
    }

    #[test]
    fn what_is_not_made_needs_no_price() {
        let mut form = typed(&unusual());
        form.set("write.create.unit_price", "much".to_owned());
        form.set(CREATE, String::new());
        assert_eq!(rule(&form).map(|rule| rule.write.create), Ok(None));
    }

    #[test]
    fn a_refusal_finds_its_field() {
        assert_eq!(field_named("changes[0].decision.rule.count.factor"), Some("count.factor"));
        assert_eq!(field_named("changes[0].decision.products.112.rule.cost"), Some("cost"));
        assert_eq!(field_named("changes[0].decision.product"), None);
    }
}
