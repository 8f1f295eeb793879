//! Compares a field with values, as the database behind the API does: text without regard to case, and nothing but
//! `null` is equal to an empty field.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Operand, Operator};
use crate::connectwise::schema::Kind;

pub(super) fn compare(field: &Value, kind: Kind, operator: Operator, operands: &[Operand]) -> bool {
    // A flag that is left out is off.
    let off = Value::Bool(false);
    let field = if kind == Kind::Flag && field.is_null() { &off } else { field };
    operands.iter().any(|operand| one(field, operator, operand))
}

fn one(field: &Value, operator: Operator, operand: &Operand) -> bool {
    if *operand == Operand::Null {
        return match operator {
            Operator::Unequal => !field.is_null(),
            Operator::Equal | Operator::In => field.is_null(),
            _ => false,
        };
    }
    match (operator, field.as_str(), operand) {
        (Operator::Contains, Some(field), Operand::Text(part)) => field.to_lowercase().contains(&part.to_lowercase()),
        (Operator::Like, Some(field), Operand::Text(pattern)) => like(field, pattern),
        (Operator::Contains | Operator::Like, _, _) => false,
        _ => order(field, operand).is_some_and(|order| match operator {
            Operator::Equal | Operator::In => order.is_eq(),
            Operator::Unequal => order.is_ne(),
            Operator::Less => order.is_lt(),
            Operator::AtMost => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }),
    }
}

fn order(field: &Value, operand: &Operand) -> Option<Ordering> {
    match (field, operand) {
        (Value::Number(field), Operand::Number(value)) => field.as_f64()?.partial_cmp(value),
        (Value::Bool(field), Operand::Flag(value)) => Some(field.cmp(value)),
        (Value::String(field), Operand::Text(value)) => Some(field.to_lowercase().cmp(&value.to_lowercase())),
        (Value::String(field), Operand::Moment(value)) => {
            let field: DateTime<Utc> = DateTime::parse_from_rfc3339(field).ok()?.to_utc();
            Some(field.cmp(value))
        }
        _ => None,
    }
}

/// `*` and `%` stand for any text; `[[]` is a bracket.
fn like(text: &str, pattern: &str) -> bool {
    let pattern = pattern.to_lowercase().replace("[[]", "\u{0}").replace('%', "*").replace('\u{0}', "[");
    let text = text.to_lowercase();
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let mut parts: Vec<&str> = parts.collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
