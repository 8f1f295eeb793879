//! What a field of a record may hold, and finding a field by the path a client writes.

use chrono::DateTime;
use serde_json::Value;

/// The fields of one kind of record, grouped: a kind, and the names it goes with, separated by blanks.
#[derive(Debug)]
pub(super) struct Schema {
    /// What error messages call the record.
    pub(super) resource: &'static str,
    pub(super) fields: &'static [(Kind, &'static str)],
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Number,
    Flag,
    Moment,
    /// At most so many characters.
    Text(usize),
    /// One of the words.
    Choice(&'static str),
    /// Another record, with the parts a condition can reach.
    Reference(&'static str),
    List,
    Stamp,
}

impl Schema {
    /// The kind of a field. Case matters in a PATCH.
    pub(super) fn field(&self, name: &str) -> Option<Kind> {
        self.find(|known| known == name).map(|(kind, _)| kind)
    }

    fn find(&self, matches: impl Fn(&str) -> bool) -> Option<(Kind, &'static str)> {
        self.fields.iter().find_map(|(kind, names)| names.split_whitespace().find(|known| matches(known)).map(|name| (*kind, name)))
    }

    /// The JSON pointer and kind a condition's path means. Case does not matter in a condition.
    pub(super) fn resolve(&self, path: &str) -> Option<(String, Kind)> {
        // Clients ask for the last change also without naming `_info`.
        if path.eq_ignore_ascii_case("lastUpdated") {
            return self.resolve("_info/lastUpdated");
        }
        let (head, rest) = path.split_once('/').map_or((path, None), |(head, rest)| (head, Some(rest)));
        let (kind, name) = self.find(|known| known.eq_ignore_ascii_case(head))?;
        match (kind, rest) {
            (Kind::Reference(parts), Some(part)) => {
                let part = parts.split_whitespace().find(|known| known.eq_ignore_ascii_case(part))?;
                let kind = if part == "id" { Kind::Whole } else { Kind::Text(usize::MAX) };
                Some((format!("/{name}/{part}"), kind))
            }
            (Kind::Stamp, Some("lastUpdated" | "dateEntered")) => Some((format!("/{path}"), Kind::Moment)),
            (Kind::Stamp, Some("updatedBy" | "enteredBy")) => Some((format!("/{path}"), Kind::Text(usize::MAX))),
            (_, None) => Some((format!("/{name}"), kind)),
            _ => None,
        }
    }
}

impl Kind {
    /// Why a value cannot be written into a field of this kind; none when it can.
    pub(super) fn refuses(self, value: &Value) -> Option<(&'static str, String)> {
        let fits = match self {
            Self::Whole => value.is_i64(),
            Self::Number => value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::Moment => value.as_str().is_some_and(|text| DateTime::parse_from_rfc3339(text).is_ok()),
            Self::Text(_) => value.is_string(),
            Self::Choice(words) => value.as_str().is_some_and(|text| words.split(' ').any(|word| word == text)),
            Self::Reference(_) | Self::Stamp => value.is_object(),
            Self::List => value.is_array(),
        };
        if let (Self::Text(most), Some(text)) = (self, value.as_str())
            && text.chars().count() > most
        {
            return Some(("MaxLengthField", format!("must be a string with a maximum length of {most}.")));
        }
        (!fits && !value.is_null()).then(|| ("InvalidValue", "has a value that cannot be used.".to_owned()))
    }
}
