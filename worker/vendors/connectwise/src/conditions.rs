//! ConnectWise's `conditions`, built from typed parts. Field names are the program's own; values are escaped, so that no
//! customer's name can end its quotes.

use std::fmt;

/// A condition, as ConnectWise reads it (ConnectWise PSA Developer Guide: conditions).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(String);

/// How a field compares to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    /// `=`
    Equal,
    /// `!=`
    Not,
    /// `<`
    Below,
    /// `>`
    Above,
}

impl Is {
    fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Not => "!=",
            Self::Below => "<",
            Self::Above => ">",
        }
    }
}

impl Condition {
    /// `field="value"`
    pub fn text(field: &'static str, is: Is, value: &str) -> Self {
        Self(format!("{field}{}{}", is.sign(), quoted(value)))
    }

    /// `field like "%part%"`: the field holds `part` somewhere. A `%` or `*` in it stands for anything, as people who search expect.
    pub fn holds(field: &'static str, part: &str) -> Self {
        let part = part.replace('[', "[[]");
        Self(format!("{field} like {}", quoted(&format!("%{part}%"))))
    }

    /// `field=5`
    pub fn number(field: &'static str, is: Is, value: i64) -> Self {
        Self(format!("{field}{}{value}", is.sign()))
    }

    /// `field=true`
    pub fn flag(field: &'static str, value: bool) -> Self {
        Self(format!("{field}={value}"))
    }

    /// `field=null`
    pub fn absent(field: &'static str) -> Self {
        Self(format!("{field}=null"))
    }

    /// `field in (1,2,3)`; nothing is in an empty list, which ConnectWise cannot say and ids never are.
    pub fn any_of(field: &'static str, values: &[i64]) -> Self {
        if values.is_empty() {
            return Self::number(field, Is::Equal, -1);
        }
        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
        Self(format!("{field} in ({})", values.join(",")))
    }

    /// Both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(format!("({self} and {other})"))
    }

    /// Either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self(format!("({self} or {other})"))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `value` in double quotes; a backslash goes before backslashes and quotes.
fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('"');
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a quoted value as ConnectWise does: the value, and what comes after its closing quote.
    fn unquoted(text: &str) -> Option<(String, &str)> {
        let mut value = String::new();
        let mut characters = text.strip_prefix('"')?.char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => return Some((value, &text[at + 2..])),
                '\\' => value.push(characters.next()?.1),
                other => value.push(other),
            }
        }
        None
    }

    #[test]
    fn conditions_read_as_the_guide_writes_them() {
        let table = [
            (Condition::number("company/id", Is::Equal, 5), "company/id=5"),
            (Condition::text("status/name", Is::Not, "New"), r#"status/name!="New""#),
            (Condition::flag("deletedFlag", false), "deletedFlag=false"),
            (Condition::holds("lastName", r#"O"N[1]"#), r#"lastName like "%O\"N[[]1]%""#),
            (Condition::absent("cancelledDate"), "cancelledDate=null"),
            (Condition::any_of("id", &[1, 2, 3]), "id in (1,2,3)"),
            (Condition::any_of("id", &[]), "id=-1"),
            (Condition::text("name", Is::Equal, r#"O"Neil \ Sons"#), r#"name="O\"Neil \\ Sons""#),
            (
                Condition::flag("a", true).and(&Condition::number("b", Is::Above, 1).or(&Condition::number("b", Is::Below, -1))),
                "(a=true and (b>1 or b<-1))",
            ),
        ];
        for (condition, text) in table {
            assert_eq!(condition.to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_inside_its_quotes(value in prop_oneof![any::<String>(), "[\"'\\\\a() =]{0,12}"]) {
            let text = Condition::text("name", Is::Equal, &value).and(&Condition::flag("deletedFlag", false)).to_string();
            let rest = text.strip_prefix("(name=").expect("the field");
            let (read, rest) = unquoted(rest).expect("a closed quote");
            prop_assert_eq!(read, value);
            prop_assert_eq!(rest, " and deletedFlag=false)");
        }
    }
}
