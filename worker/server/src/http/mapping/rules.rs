//! Checks of counting and writing rules in requests.

use domain::mapping::ProductRule;

use crate::http::middleware::error::{Failure, invalid};

/// Refuses a rule that cannot be meant, naming its field below `field`.
pub(in crate::http) fn check_rule(rule: &ProductRule, field: &str) -> Result<(), Failure> {
    rule.check().map_err(|fault| invalid(&format!("{field}.{}", fault.field), fault.title, fault.remedy))
}

/// `name` with what is not plain about its rule.
pub(in crate::http) fn with_rule(name: &str, rule: &ProductRule) -> String {
    let words = rule.label();
    if words.is_empty() { name.to_owned() } else { format!("{name}, {words}") }
}
