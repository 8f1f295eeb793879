//! JSON into types, by way of a tree: one reader for the app, the API's bodies and the vendors' answers.
//!
//! serde's derives can read a struct from a list too, and each reader makes the compiler keep every way for every type. One
//! reader that knows objects only, and remembers where it was when something did not fit, takes the place of three.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};

/// JSON that is none, or has another shape than the type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", if .path.is_empty() { .words.clone() } else { format!("{}: {}", .path, .words) })]
pub struct JsonError {
    path: String,
    words: String,
}

impl JsonError {
    /// Where, as `lines[0].preview`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What does not fit. It may quote the value.
    pub fn words(&self) -> &str {
        &self.words
    }

    fn under(mut self, field: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{field}{dot}{}", self.path);
        self
    }
}

impl serde::de::Error for JsonError {
    fn custom<T: std::fmt::Display>(words: T) -> Self {
        Self { path: String::new(), words: words.to_string() }
    }
}

/// Reads a value of the contract. An empty text is `null`.
///
/// # Errors
/// When the text is no JSON, or has another shape than the type.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    let value = if text.trim_ascii().is_empty() { Value::Null } else { serde_json::from_slice(text).map_err(JsonError::custom)? };
    read_value(value)
}

/// Reads a tree.
///
/// # Errors
/// When it has another shape than the type.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, JsonError> {
    T::deserialize(Tree(value))
}

/// A part of the parsed text.
struct Tree(Value);

fn unexpected(what: &str) -> JsonError {
    JsonError::custom(format!("{what} was expected"))
}

impl IntoDeserializer<'_, JsonError> for Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tree {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Number(number) => number.deserialize_any(visitor).map_err(JsonError::custom),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), place: 0 }),
            Value::Object(object) => visitor.visit_map(Members::new(object)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(Members::new(object)),
            _ => Err(unexpected("an object")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), place: 0 }),
            _ => Err(unexpected("a list")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier ignored_any
    }
}

/// A list's items.
struct Items {
    items: std::vec::IntoIter<Value>,
    place: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = JsonError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, JsonError> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let place = self.place;
        self.place += 1;
        seed.deserialize(Tree(item)).map(Some).map_err(|error| error.under(&format!("[{place}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// An object's members.
struct Members {
    members: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
}

impl Members {
    fn new(object: Map<String, Value>) -> Self {
        Self { members: object.into_iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = JsonError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, JsonError> {
        let Some((name, value)) = self.members.next() else { return Ok(None) };
        let key: serde::de::value::StringDeserializer<JsonError> = name.clone().into_deserializer();
        let read = seed.deserialize(key).map(Some).map_err(|error| error.under(&name));
        self.value = Some((name, value));
        read
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, JsonError> {
        let (name, value) = self.value.take().unwrap_or_default();
        seed.deserialize(Tree(value)).map_err(|error| error.under(&name))
    }
}

/// The contract's enums are either tagged objects, which derive reads by itself, or a bare name.
impl<'de> EnumAccess<'de> for Tree {
    type Error = JsonError;
    type Variant = BareName;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, BareName), JsonError> {
        Ok((seed.deserialize(self)?, BareName))
    }
}

/// A variant that is nothing but its name.
struct BareName;

impl<'de> VariantAccess<'de> for BareName {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, JsonError> {
        Err(unexpected("a bare name"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, JsonError> {
        Err(unexpected("a bare name"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, JsonError> {
        Err(unexpected("a bare name"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::companies::{CompanyChanges, CompanyMappingView};
    use crate::api::month::Approve;
    use crate::api::{Page, Problem};
    use crate::billing::{Guard, Risk};
    use crate::money::Quantity;

    #[test]
    fn what_is_written_is_read_back_as_it_was() {
        let guards = vec![
            Guard::DropToZero,
            Guard::OverCap { change: Quantity::from(60), cap: "50 units".to_owned() },
            Guard::AgreementNotActive { status: crate::psa::AgreementStatus::Expired },
        ];
        let page = Page { items: guards, total: 1, next: Some("x".to_owned()) };
        assert_eq!(read::<Page<Guard>>(&serde_json::to_vec(&page).expect("json")).expect("a page"), page);

        let problem = Problem::new(409, "stale", "It changed.", "Newer.", "Look.").about("lines");
        assert_eq!(read::<Problem>(&serde_json::to_vec(&problem).expect("json")).expect("a problem"), problem);
    }

    #[test]
    fn tagged_and_bare_names_are_both_read() {
        assert_eq!(read::<CompanyMappingView>(br#"{"state":"unmapped"}"#).expect("a state"), CompanyMappingView::Unmapped);
        assert_eq!(read::<Risk>(b"\"high\"").expect("a risk"), Risk::High);
        assert!(read::<Risk>(b"\"enormous\"").is_err());
    }

    #[test]
    fn another_shape_is_refused_and_nothing_is_null() {
        assert!(read::<()>(b" ").is_ok());
        assert!(read::<Vec<u32>>(b"{}").is_err());
        assert!(read::<Problem>(b"[]").is_err());
        assert_eq!(read::<Option<u32>>(b"null").expect("none"), None);
        assert_eq!(read::<Vec<i64>>(b"[1,-2]").expect("numbers"), [1, -2]);
        for wrong in ["[1] 2", "{", "\u{feff}{}", "nul"] {
            assert!(read::<Value>(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(read::<Value>(&[b"[".repeat(200), b"]".repeat(200)].concat()).is_err(), "too deep");
    }

    #[test]
    fn what_does_not_fit_is_found() {
        let path = |text: &str| read::<Approve>(text.as_bytes()).expect_err("does not fit").path().to_owned();
        assert_eq!(path(r#"{"lines":[{"id":"a","preview":"b"},{"id":7,"preview":"b"}]}"#), "lines[1].id");
        assert_eq!(path(r#"{"lines":[{"id":"a","preview":"b","seen":["x",1]}]}"#), "lines[0].seen[1]");
        assert_eq!(path(r#"{"lines":[{"id":"a"}]}"#), "lines[0]");
        assert_eq!(path("7"), "");
        let error = read::<CompanyChanges>(br#"{"changes":[],"more":1}"#).expect_err("an unknown field");
        assert_eq!(error.to_string(), "more: unknown field `more`, expected `changes`");
    }
}
