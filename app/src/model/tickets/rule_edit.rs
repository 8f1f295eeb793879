//! The form that changes many ticket rules at once. What is left empty stays as each rule has it.

use serde_json::{Map, Value, json};

use super::ticket_rule::under;
use crate::model::typed::{Complaint, Typed};

/// The numbers that can be changed of many rules, by their paths in the contract; those that can be emptied are marked.
const NUMBERS: [(&str, bool); 7] = [
    ("lifecycle.delay_minutes", false),
    ("lifecycle.close_after_minutes", true),
    ("lifecycle.return_days", false),
    ("cap", false),
    ("target.due_hours", true),
    ("target.priority", false),
    ("target.source", false),
];
const WORDS: [&str; 4] = ["lifecycle.on_return", "attach", "summary", "text"];

/// The board. What stands under it belongs to it alone, so with a board all of that is set.
pub(crate) const BOARD: &str = "target.board";
const STATUSES: [&str; 2] = ["target.open_status", "target.closed_status"];

/// What is typed to empty a field.
pub(crate) const NEVER: &str = "never";

/// The change that was typed in, as a merge patch of each rule.
///
/// # Errors
/// The first field that cannot be meant; the first of all when nothing is changed.
pub(crate) fn change(typed: &Typed) -> Result<Map<String, Value>, Complaint> {
    let mut change = Map::new();
    for (field, emptied) in NUMBERS {
        let value = match typed.get(field) {
            "" => continue,
            NEVER if emptied => Value::Null,
            text => json!(text.parse::<u32>().map_err(|_| (field, "Type a whole number that is not below zero.".to_owned()))?),
        };
        set(&mut change, field, value);
    }
    for field in WORDS {
        match typed.get(field) {
            "" => {}
            words => set(&mut change, field, json!(words)),
        }
    }
    if !typed.get(BOARD).is_empty() {
        for field in under(BOARD).iter().copied().chain([BOARD]) {
            let value = match typed.get(field) {
                "" if STATUSES.contains(&field) => return Err((field, "Choose a status of the board.".to_owned())),
                "" => Value::Null,
                id => json!(id.parse::<i64>().map_err(|_| (field, "Choose one of the list.".to_owned()))?),
            };
            set(&mut change, field, value);
        }
    }
    if change.is_empty() {
        return Err((NUMBERS[0].0, "Change something first: what is empty stays as each rule has it.".to_owned()));
    }
    Ok(change)
}

fn set(change: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => drop(change.insert(field.to_owned(), value)),
        Some((inside, name)) => {
            let inside = change.entry(inside).or_insert_with(|| json!({}));
            if let Some(fields) = inside.as_object_mut() {
                fields.insert(name.to_owned(), value);
            }
        }
    }
}

/// The field a problem is about: `change.cap` and `cap` are the same.
pub(crate) fn field_named(problem_field: &str) -> Option<&'static str> {
    let inside = problem_field.strip_prefix("change.").unwrap_or(problem_field);
    let numbers = NUMBERS.into_iter().map(|(field, _)| field);
    numbers.chain(WORDS).chain(under(BOARD).iter().copied()).chain([BOARD]).find(|field| *field == inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&'static str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (field, value) in fields {
            typed.set(field, (*value).to_owned());
        }
        typed
    }

    #[test]
    fn only_what_is_filled_in_is_changed() {
        let form =
            typed(&[("cap", "3"), ("lifecycle.close_after_minutes", "never"), ("lifecycle.on_return", "new"), ("target.due_hours", " ")]);
        let wanted = json!({ "cap": 3, "lifecycle": { "close_after_minutes": null, "on_return": "new" } });
        assert_eq!(change(&form).map(Value::Object), Ok(wanted));
    }

    #[test]
    fn a_board_is_set_with_all_that_stands_under_it() {
        let form = [("target.board", "4"), ("target.open_status", "40"), ("target.closed_status", "41"), ("target.kind", "7")];
        let target = json!({ "board": 4, "open_status": 40, "closed_status": 41, "kind": 7, "subtype": null, "item": null, "team": null });
        assert_eq!(change(&typed(&form)).map(Value::Object), Ok(json!({ "target": target })));
        assert_eq!(change(&typed(&form[..2])).expect_err("no status to close in").0, "target.closed_status");
        assert!(change(&typed(&form[1..])).is_err(), "nothing under a board without it");
    }

    #[test]
    fn words_are_said_by_all() {
        let form = typed(&[("summary", "{device} needs somebody"), ("text", "In {group}\nsince {entered}"), ("target.source", "3")]);
        let wanted = json!({ "summary": "{device} needs somebody", "text": "In {group}\nsince {entered}", "target": { "source": 3 } });
        assert_eq!(change(&form).map(Value::Object), Ok(wanted));
    }

    #[test]
    fn what_cannot_be_meant_is_said_at_its_field() {
        for (field, value) in [("cap", "never"), ("cap", "-1"), ("lifecycle.delay_minutes", "soon"), ("target.priority", "high")] {
            assert_eq!(change(&typed(&[(field, value)])).expect_err(value).0, field);
        }
        assert!(change(&typed(&[])).expect_err("nothing").1.starts_with("Change something"));
    }

    #[test]
    fn a_refusal_finds_its_field() {
        assert_eq!(field_named("change.lifecycle.return_days"), Some("lifecycle.return_days"));
        assert_eq!(field_named("cap"), Some("cap"));
        assert_eq!(field_named("target.board"), Some("target.board"));
        assert_eq!(field_named("change.target.kind"), Some("target.kind"));
        assert_eq!(field_named("change.name"), None);
    }
}
