//! JSON into the contract's types, by way of a tree.
//!
//! serde's derives can read a struct from a list too, and serde_json's own reader makes the compiler keep both ways for every
//! type of the contract. This reader knows objects only, which makes the app smaller by tens of kilobytes.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

/// Reads a value of the contract. An empty text is `null`.
///
/// # Errors
/// When the text is no JSON, or has another shape than the type.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(Tree(parse(text)?))
}

fn parse(text: &str) -> Result<Value, Error> {
    if text.trim().is_empty() { Ok(Value::Null) } else { serde_json::from_str(text) }
}

/// A part of the parsed text.
struct Tree(Value);

impl IntoDeserializer<'_, Error> for Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// An object's members, each ready to be read.
type Members = MapDeserializer<'static, std::iter::Map<serde_json::map::IntoIter, fn((String, Value)) -> (String, Tree)>, Error>;

fn members(object: serde_json::Map<String, Value>) -> Members {
    let ready: fn((String, Value)) -> (String, Tree) = |(name, value)| (name, Tree(value));
    MapDeserializer::new(object.into_iter().map(ready))
}

fn unexpected(what: &str) -> Error {
    Error::custom(format!("{what} was expected"))
}

impl<'de> Deserializer<'de> for Tree {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(truth) => visitor.visit_bool(truth),
            Value::Number(number) => number.deserialize_any(visitor),
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Tree))),
            Value::Object(object) => visitor.visit_map(members(object)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(members(object)),
            _ => Err(unexpected("an object")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Tree))),
            _ => Err(unexpected("a list")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map
        identifier ignored_any
    }
}

/// The contract's enums are either tagged objects, which derive reads by itself, or a bare name.
impl<'de> EnumAccess<'de> for Tree {
    type Error = Error;
    type Variant = BareName;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, BareName), Error> {
        Ok((seed.deserialize(self)?, BareName))
    }
}

/// A variant that is nothing but its name.
struct BareName;

impl<'de> VariantAccess<'de> for BareName {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Error> {
        Err(unexpected("a bare name"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(unexpected("a bare name"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        Err(unexpected("a bare name"))
    }
}

#[cfg(test)]
mod tests {
    use shared::api::companies::CompanyMappingView;
    use shared::api::month::LineView;
    use shared::api::{Page, Problem};
    use shared::billing::Guard;
    use shared::money::Quantity;

    use super::*;
    use crate::model::lines::tests::view;

    #[test]
    fn what_the_worker_writes_is_read_back_as_it_was() {
        let mut line = view("a", 7, 5);
        line.line.guards = vec![
            Guard::DropToZero,
            Guard::OverCap { change: Quantity::from(60), cap: "50 units".to_owned() },
            Guard::AgreementNotActive { status: shared::psa::AgreementStatus::Expired },
        ];
        let page = Page { items: vec![line], total: 1, next: Some("x".to_owned()) };
        let text = serde_json::to_string(&page).expect("json");
        assert_eq!(read::<Page<LineView>>(&text).expect("a page"), page);

        let problem = Problem::new(409, "stale", "It changed.", "Newer.", "Look.").about("lines");
        let text = serde_json::to_string(&problem).expect("json");
        assert_eq!(read::<Problem>(&text).expect("a problem"), problem);
    }

    #[test]
    fn tagged_and_bare_names_are_both_read() {
        assert_eq!(read::<CompanyMappingView>(r#"{"state":"unmapped"}"#).expect("a state"), CompanyMappingView::Unmapped);
        assert_eq!(read::<shared::billing::Risk>("\"high\"").expect("a risk"), shared::billing::Risk::High);
        assert!(read::<shared::billing::Risk>("\"enormous\"").is_err());
    }

    #[test]
    fn another_shape_is_refused_and_nothing_is_null() {
        assert!(read::<()>("").is_ok());
        assert!(read::<Vec<u32>>("{}").is_err());
        assert!(read::<Problem>("[]").is_err());
        assert_eq!(read::<Option<u32>>("null").expect("none"), None);
        assert_eq!(read::<Vec<i64>>("[1,-2]").expect("numbers"), [1, -2]);
    }
}
