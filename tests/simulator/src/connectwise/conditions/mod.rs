//! The query language of `conditions` (PSA Developer Guide, "Conditions").
//!
//! `name like "Ac*" and (company/id in (1,2) or cancelledDate = null) and startDate > [2026-02-01T00:00:00Z]`

mod evaluate;
mod parse;
mod tokens;

use serde_json::Value;

use super::schema::{Kind, Schema};
use parse::parse;

/// A condition that was understood.
#[derive(Debug)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Compare { pointer: String, kind: Kind, operator: Operator, operands: Vec<Operand> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Contains,
    Like,
    In,
}

/// A value of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    Text(String),
    Number(f64),
    Flag(bool),
    Moment(chrono::DateTime<chrono::Utc>),
    Null,
}

/// The server's own explanation of how values are written.
const HOW_TO_WRITE: &str = "String values should be enclosed with double or single quotes; DateTime values should \
    be enclosed in square brackets; Integer values should be unquoted; Boolean values should be set to true or false; \
    Null values should be set to null.";

impl Condition {
    /// Reads a condition on records of a kind; the error is the server's message.
    pub(super) fn read(text: &str, schema: &Schema) -> Result<Self, String> {
        parse(text, &|path| schema.resolve(path).filter(|(_, kind)| *kind != Kind::List))
    }

    /// Reads a `childConditions` on the items of a list, such as `types/name = "Client"`.
    pub(super) fn read_child(text: &str, list: &str) -> Result<Self, String> {
        parse(text, &|path| {
            let part = path.strip_prefix(list)?.strip_prefix('/')?;
            let kind = if part == "id" { Kind::Whole } else { Kind::Text(usize::MAX) };
            matches!(part, "id" | "name").then(|| (format!("/{part}"), kind))
        })
    }

    /// Whether a record meets it.
    pub(super) fn holds(&self, record: &Value) -> bool {
        match self {
            Self::And(all) => all.iter().all(|condition| condition.holds(record)),
            Self::Or(any) => any.iter().any(|condition| condition.holds(record)),
            Self::Not(condition) => !condition.holds(record),
            Self::Compare { pointer, kind, operator, operands } => {
                evaluate::compare(record.pointer(pointer).unwrap_or(&Value::Null), *kind, *operator, operands)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fields::{AGREEMENT, COMPANY};
    use super::Condition;

    fn agreement() -> Value {
        json!({
            "id": 7,
            "name": "Acme \"Gold\" 100% [x]",
            "company": { "id": 250, "identifier": "Acme", "name": "Acme, Inc." },
            "agreementStatus": "Active",
            "startDate": "2026-02-01T00:00:00Z",
            "cancelledFlag": false,
            "billAmount": 12.5,
            "nextInvoiceDate": "2026-03-01",
        })
    }

    #[track_caller]
    fn check(condition: &str, expected: bool) {
        let read = Condition::read(condition, &AGREEMENT).unwrap_or_else(|error| panic!("{condition}: {error}"));
        assert_eq!(read.holds(&agreement()), expected, "{condition}");
    }

    #[test]
    fn comparisons() {
        check("id=7", true);
        check("id = 7 and id != 8", true);
        check("id < 7 or id > 7", false);
        check("id >= 7 AND id <= 7", true);
        check("billAmount = 12.50", true);
        check("company/id = 250", true);
        check("company/identifier = 'acme'", true);
        check("cancelledFlag = False", true);
        check("agreementStatus = \"Active\"", true);
        check("agreementStatus != 'Cancelled'", true);
    }

    #[test]
    fn null_and_moments() {
        check("endDate = null", true);
        check("endDate != null", false);
        check("startDate != null", true);
        check("endDate > [2020-01-01T00:00:00Z]", false);
        check("startDate >= [2026-02-01T00:00:00Z]", true);
        check("startDate < [2026-02-01]", false);
    }

    #[test]
    fn lists_groups_and_not() {
        check("id in (1, 7)", true);
        check("id not in (1, 7)", false);
        check("company/name in (\"Other\", \"Acme, Inc.\")", true);
        check("(id = 1 or id = 7) and not (company/id = 1)", true);
        check("id = 1 and id = 2 or id = 7", true);
        check("id = 7 or id = 1 and id = 2", true);
    }

    #[test]
    fn text_with_quotes_and_wildcards() {
        check(r#"name = "Acme \"Gold\" 100% [x]""#, true);
        check("name contains 'gold'", true);
        check("name contains '%'", true);
        check("name like 'Acme*'", true);
        check("name like \"%gold%\"", true);
        check("name like 'gold'", false);
        check("name like '*[[]x]'", true);
        check("name not like 'B*'", true);
    }

    #[track_caller]
    fn refused(condition: &str, expected: &str) {
        let error = Condition::read(condition, &AGREEMENT).err().unwrap_or_else(|| panic!("{condition} was taken"));
        assert!(error.contains(expected), "{condition}: {error}");
    }

    #[test]
    fn unknown_fields_bad_words_and_bad_grammar_are_refused() {
        refused("invoiceDate = 1", "invoiceDate is not a recognized name.");
        refused("company/nope = 1", "company/nope is not a recognized name.");
        refused("agreementStatus = 'Canceled'", "Enum value supplied was invalid");
        refused("name = Acme", "String values should be enclosed");
        refused("startDate > '2026-02-01'", "DateTime values should be enclosed");
        refused("id = ", "String values should be enclosed");
        refused("(id = 7", "Closing parenthesis expected");
        refused("id = 7 id = 8", "Unexpected");
        refused("name = \"open", "Unterminated string");
    }

    #[test]
    fn a_list_belongs_into_child_conditions() {
        assert!(Condition::read("types/name = 'Client'", &COMPANY).is_err());
        let read = Condition::read_child("types/name = 'Client'", "types").unwrap();
        assert!(read.holds(&json!({ "id": 1, "name": "Client" })));
    }
}
