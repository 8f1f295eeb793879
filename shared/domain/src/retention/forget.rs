//! Taking the names of a customer out of texts. Numbers, ids and other customers' names stay.

/// The fewest letters of a name that is told from other words.
pub const LEAST_LETTERS: usize = 3;
/// What a device of the customer is called from now on.
const DEVICE: &str = "forgotten device";

/// What a customer was called, and what it is called from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    in_text: Needles,
    in_json: Needles,
}

/// What is looked for in one kind of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Needles {
    /// Names, longest first, and what stands in their place.
    names: Vec<(String, String)>,
    /// Names of others that have one of these in them.
    others: Vec<String>,
}

impl Redaction {
    /// A customer's `names` and its `devices`. Names of `others` stay, also where one of these is a part of them.
    pub fn new(alias: &str, names: &[String], devices: &[String], others: &[String]) -> Self {
        let names = names.iter().map(|name| (whole(name), alias)).chain(devices.iter().map(|device| (whole(device), DEVICE)));
        let (mut in_text, mut in_json) = (Needles::default(), Needles::default());
        for (name, instead) in names.filter(|(name, _)| name.chars().count() >= LEAST_LETTERS) {
            in_json.names.push((escaped(name), instead.to_owned()));
            in_text.names.push((name.to_owned(), instead.to_owned()));
            // What is searched is kept in small letters.
            if name.to_lowercase() != name {
                in_text.names.push((name.to_lowercase(), instead.to_lowercase()));
            }
        }
        for other in others {
            in_json.keep(escaped(other));
            in_text.keep(other.clone());
            in_text.keep(other.to_lowercase());
        }
        Self { in_text: in_text.sorted(), in_json: in_json.sorted() }
    }

    /// A text, or a JSON object or list, without the names; none when they are not in it.
    pub fn redact(&self, text: &str) -> Option<String> {
        let is_json = text.starts_with(['{', '[']);
        if is_json { self.in_json.redact(text) } else { self.in_text.redact(text) }
    }
}

impl Needles {
    fn keep(&mut self, other: String) {
        if self.names.iter().any(|(name, _)| other.len() > name.len() && other.contains(name.as_str())) {
            self.others.push(other);
        }
    }

    fn sorted(mut self) -> Self {
        self.names.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.names.dedup();
        self.others.sort_by_key(|other| std::cmp::Reverse(other.len()));
        self
    }

    fn redact(&self, text: &str) -> Option<String> {
        if !self.names.iter().any(|(name, _)| text.contains(name.as_str())) {
            return None;
        }
        let (mut redacted, mut rest, mut found) = (String::with_capacity(text.len()), text, false);
        while let Some(letter) = rest.chars().next() {
            let stands_apart = |name: &str| rest.starts_with(name) && ends(rest, name.len()) && is_apart(&redacted);
            let other = self.others.iter().find(|other| stands_apart(other));
            let name = self.names.iter().find(|(name, _)| stands_apart(name) && !is_field(&redacted, rest, name.len()));
            let length = match (other, name) {
                (Some(other), _) => {
                    redacted.push_str(other);
                    other.len()
                }
                (None, Some((name, instead))) => {
                    redacted.push_str(instead);
                    found = true;
                    name.len()
                }
                (None, None) => {
                    redacted.push(letter);
                    letter.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        found.then_some(redacted)
    }
}

/// A name without what may be another thing's at its ends: a backslash at its end would be half of an escape in JSON.
fn whole(name: &str) -> &str {
    name.trim().trim_end_matches('\\').trim_end()
}

/// A name as it stands within a string of JSON.
fn escaped(name: &str) -> String {
    let quoted = serde_json::to_string(name).unwrap_or_default();
    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name).to_owned()
}

/// Whether a word may begin after this text: at a sign that is no letter, or at an escape of JSON.
fn is_apart(before: &str) -> bool {
    let Some(last) = before.chars().next_back() else { return true };
    if !last.is_alphanumeric() {
        return true;
    }
    let is_escape = before.ends_with("\\n") || before.ends_with("\\t") || before.ends_with("\\r");
    let unicode = before.len().checked_sub(6).and_then(|start| before.get(start..));
    is_escape || unicode.is_some_and(|end| end.starts_with("\\u"))
}

/// Whether a word ends in this text after so many bytes.
fn ends(text: &str, length: usize) -> bool {
    text.get(length..).and_then(|rest| rest.chars().next()).is_none_or(|next| !next.is_alphanumeric())
}

/// Whether what follows is a field's name in JSON, and not its value.
fn is_field(before: &str, rest: &str, length: usize) -> bool {
    before.ends_with('"') && rest.get(length..).is_some_and(|rest| rest.starts_with("\":"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redaction(names: &[&str], others: &[&str]) -> Redaction {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        Redaction::new("Forgotten customer 1", &owned(names), &owned(&["SRV-01"]), &owned(others))
    }

    #[test]
    fn names_go_where_they_stand_alone_and_nothing_else_does() {
        let table = [
            ("Acme was mapped.", Some("Forgotten customer 1 was mapped.")),
            ("Acme, Acme · Acme", Some("Forgotten customer 1, Forgotten customer 1 · Forgotten customer 1")),
            ("Acmes and McAcme", None),
            ("Acme Holding has 3.", None),
            ("Acme Holding is not Acme.", Some("Acme Holding is not Forgotten customer 1.")),
            (r#"{"Acme":"Acme"}"#, Some(r#"{"Acme":"Forgotten customer 1"}"#)),
            (r#"{"text":"for\nAcme"}"#, Some(r#"{"text":"for\nForgotten customer 1"}"#)),
            ("acme 12", Some("forgotten customer 1 12")),
            ("SRV-01 left, SRV-011 stayed", Some("forgotten device left, SRV-011 stayed")),
            ("", None),
        ];
        let redaction = redaction(&["Acme"], &["Acme Holding"]);
        for (text, expected) in table {
            assert_eq!(redaction.redact(text).as_deref(), expected, "{text}");
        }
        let quoted = self::redaction(&["The \"Best\" Ltd"], &[]);
        assert_eq!(quoted.redact(r#"{"name":"The \"Best\" Ltd"}"#).as_deref(), Some(r#"{"name":"Forgotten customer 1"}"#));
    }

    #[test]
    fn a_name_of_two_letters_is_not_told_from_other_words() {
        assert_eq!(Redaction::new("x", &["IT".to_owned()], &[], &[]).redact("IT"), None);
    }

    proptest! {
        #[test]
        fn what_is_redacted_is_the_same_json_shape_and_has_no_name_left(
            before in "[ -~äöü\n\t\"]{0,12}", after in "[ -~äöü\n\t\"]{0,12}", name in "[A-Z][a-zäöü\"]{2,6}"
        ) {
            let redaction = redaction(&[&name], &[]);
            let value = serde_json::json!({ "before": before, "name": name, "text": format!("{before} {name} {after}"), "number": 7 });
            let redacted = redaction.redact(&value.to_string()).expect("it is in it");
            let read: serde_json::Value = serde_json::from_str(&redacted).expect("JSON still");
            prop_assert_eq!(&read["name"], "Forgotten customer 1");
            prop_assert_eq!(&read["number"], 7);
            prop_assert!(redaction.redact(&redacted).is_none(), "{}", redacted);
        }
    }
}
