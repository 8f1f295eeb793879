//! A part of a JSON text, as serde asks for it.

use std::{fmt, vec};

use serde::de::value::StringDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::value::RawValue;
use serde_json::{Value, map};

use super::JsonError;

/// Bytes of text from which on it is taken apart level by level.
const LONG: usize = 16 * 1024;

/// How many levels of a long text are taken apart. Each level is read once more, so this bounds the work too.
const DEEPEST: u8 = 16;

/// A part of the text.
pub(super) enum Part<'t> {
    /// One that has been read.
    Tree(Value),
    /// One that nobody has looked into yet, with the number of levels above it.
    Text(&'t str, u8),
}

/// What a part is.
enum Opened<'t> {
    /// Neither list nor object.
    Single(Value),
    List(Items<'t>),
    Object(Members<'t>),
}

impl<'t> Part<'t> {
    /// The whole of a text; an empty one is `null`.
    pub(super) fn of(text: &'t [u8]) -> Result<Self, JsonError> {
        // JSON knows no other blanks.
        match str::from_utf8(text).map_err(JsonError::custom)?.trim_matches([' ', '\t', '\n', '\r']) {
            "" => Ok(Self::Tree(Value::Null)),
            text => Ok(Self::Text(text, 0)),
        }
    }

    #[inline(never)]
    fn opened(self) -> Result<Opened<'t>, JsonError> {
        match self {
            Self::Text(text, DEEPEST) if text.len() >= LONG => Err(JsonError::custom("it is nested too deeply")),
            Self::Text(text, depth) if text.len() >= LONG && text.starts_with('[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(JsonError::custom)?;
                Ok(Opened::List(Items { left: Left::Text(items.into_iter(), depth + 1), place: 0 }))
            }
            Self::Text(text, depth) if text.len() >= LONG && text.starts_with('{') => {
                let Pairs(pairs) = serde_json::from_str(text).map_err(JsonError::custom)?;
                Ok(Opened::Object(Members { left: Left::Text(pairs.into_iter(), depth + 1), value: None }))
            }
            Self::Text(text, _) => Self::Tree(serde_json::from_str(text).map_err(JsonError::custom)?).opened(),
            Self::Tree(Value::Array(items)) => Ok(Opened::List(Items { left: Left::Tree(items.into_iter()), place: 0 })),
            Self::Tree(Value::Object(members)) => Ok(Opened::Object(Members { left: Left::Tree(members.into_iter()), value: None })),
            Self::Tree(single) => Ok(Opened::Single(single)),
        }
    }
}

/// What is left of a list or an object: of a tree, or of a long text that has been taken apart at some level.
enum Left<T, P> {
    Tree(T),
    Text(vec::IntoIter<P>, u8),
}

/// An object's members, in the order of the text.
struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Pairs<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self(Vec::new()))
    }
}

impl<'t> Visitor<'t> for Pairs<'t> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut members: A) -> Result<Self, A::Error> {
        while let Some(member) = members.next_entry()? {
            self.0.push(member);
        }
        Ok(self)
    }
}

#[cold]
fn unexpected(what: &str) -> JsonError {
    JsonError::custom(format!("{what} was expected"))
}

impl<'de> Deserializer<'de> for Part<'_> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.opened()? {
            Opened::Single(Value::Bool(truth)) => visitor.visit_bool(truth),
            Opened::Single(Value::Number(number)) => number.deserialize_any(visitor).map_err(JsonError::custom),
            Opened::Single(Value::String(text)) => visitor.visit_string(text),
            Opened::Single(_) => visitor.visit_unit(),
            Opened::List(items) => visitor.visit_seq(items),
            Opened::Object(members) => visitor.visit_map(members),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.opened()? {
            Opened::Object(members) => visitor.visit_map(members),
            _ => Err(unexpected("an object")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.opened()? {
            Opened::List(items) => visitor.visit_seq(items),
            _ => Err(unexpected("a list")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::Tree(Value::Null) | Self::Text("null", _) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        let (name, content) = match self.opened()? {
            Opened::Single(Value::String(name)) => (name, None),
            Opened::Object(mut members) => {
                members.next().map(|(name, content)| (name, Some(content))).ok_or_else(|| unexpected("a variant"))?
            }
            _ => return Err(unexpected("a variant")),
        };
        visitor.visit_enum(Variant { name, content })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

impl IntoDeserializer<'_, JsonError> for Part<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// A list's items.
struct Items<'t> {
    left: Left<vec::IntoIter<Value>, &'t RawValue>,
    place: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = JsonError;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, JsonError> {
        let item = match &mut self.left {
            Left::Tree(items) => items.next().map(Part::Tree),
            Left::Text(items, depth) => items.next().map(|text| Part::Text(text.get(), *depth)),
        };
        let Some(item) = item else { return Ok(None) };
        let place = self.place;
        self.place += 1;
        seed.deserialize(item).map(Some).map_err(|error| error.at(place))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(match &self.left {
            Left::Tree(items) => items.len(),
            Left::Text(items, _) => items.len(),
        })
    }
}

/// An object's members.
struct Members<'t> {
    left: Left<map::IntoIter, (String, &'t RawValue)>,
    value: Option<(String, Part<'t>)>,
}

impl<'t> Members<'t> {
    #[inline(never)]
    fn next(&mut self) -> Option<(String, Part<'t>)> {
        match &mut self.left {
            Left::Tree(members) => members.next().map(|(name, value)| (name, Part::Tree(value))),
            Left::Text(members, depth) => members.next().map(|(name, text)| (name, Part::Text(text.get(), *depth))),
        }
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = JsonError;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, JsonError> {
        let Some(member) = self.next() else { return Ok(None) };
        let (name, _) = self.value.insert(member);
        seed.deserialize(Name(name)).map(Some).map_err(|error| error.under(name))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, JsonError> {
        let Some((name, value)) = self.value.take() else { return Err(unexpected("a member")) };
        seed.deserialize(value).map_err(|error| error.under(&name))
    }
}

/// A member's name. Where it has to be a number, as the ids of a map do, it is read as one.
struct Name<'t>(&'t str);

impl Name<'_> {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.parse() {
            Ok(number) => visitor.visit_i64(number),
            Err(_) => Err(unexpected("a number")),
        }
    }
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
            self.number(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Name<'_> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_enum(Variant { name: self.0.to_owned(), content: None })
    }

    numbers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    forward_to_deserialize_any! {
        bool i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// A variant by its name, with what it holds.
struct Variant<'t> {
    name: String,
    content: Option<Part<'t>>,
}

impl<'de, 't> EnumAccess<'de> for Variant<'t> {
    type Error = JsonError;
    type Variant = Content<'t>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), JsonError> {
        let name: StringDeserializer<JsonError> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

/// What a variant holds, if it is more than its name.
struct Content<'t>(Option<Part<'t>>);

impl<'t> Content<'t> {
    fn part(self) -> Result<Part<'t>, JsonError> {
        self.0.ok_or_else(|| unexpected("what the variant holds"))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        match self.0 {
            None => Ok(()),
            Some(_) => Err(unexpected("a bare name")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, JsonError> {
        seed.deserialize(self.part()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        self.part()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, JsonError> {
        self.part()?.deserialize_map(visitor)
    }
}
