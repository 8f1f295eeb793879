//! Where an endpoint is called: its path with its parts, and its query. Nothing else in the app writes addresses of the API.

use std::marker::PhantomData;

use contract::{Endpoint, PageQuery, PathParts};
use serde::Serialize;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::model::address::encoded;

/// The address of an endpoint.
pub(crate) struct Link<E> {
    text: String,
    of: PhantomData<E>,
}

impl<E: Endpoint> Link<E> {
    /// With these parts of the path.
    pub(crate) fn at(parts: &E::Path) -> Self {
        Self { text: filled(E::ROUTE.path, parts), of: PhantomData }
    }

    /// The same endpoint with this query.
    #[must_use]
    pub(crate) fn with(self, query: &E::Query) -> Self
    where
        E::Query: Serialize,
    {
        Self { text: joined(self.text, serde_urlencoded::to_string(query).unwrap_or_default()), of: PhantomData }
    }

    /// The address as text.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl<E: Endpoint<Path = ()>> Link<E> {
    /// Of an endpoint whose path has no parts.
    pub(crate) fn here() -> Self {
        Self::at(&())
    }

    /// Of an endpoint whose path has no parts, with this query.
    pub(crate) fn of(query: &E::Query) -> Self
    where
        E::Query: Serialize,
    {
        Self::here().with(query)
    }
}

/// The value a text of a form or of a page's address stands for; none when it is empty or stands for none.
pub(crate) fn asked<T: DeserializeOwned>(text: &str) -> Option<T> {
    let text: StrDeserializer<'_, Error> = Some(text).filter(|text| !text.is_empty())?.into_deserializer();
    T::deserialize(text).ok()
}

/// An address of a list with the part of it that is wanted.
pub(crate) fn part_of(list: String, after: Option<String>, limit: u32) -> String {
    let part = PageQuery { q: None, after, limit: Some(limit) };
    joined(list, serde_urlencoded::to_string(part).unwrap_or_default())
}

fn joined(mut address: String, query: String) -> String {
    if !query.is_empty() {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(&query);
    }
    address
}

/// A path with its parts filled in.
fn filled(path: &'static str, parts: &dyn PathParts) -> String {
    let (mut text, mut rest) = (String::new(), path);
    parts.each(&mut |part| {
        if let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            text.push_str(&encoded(&part.to_string()));
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
    });
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use contract::groups::ListMembers;
    use contract::month::{MonthQuery, Segment, ShowMonth};
    use contract::months::ExportStatement;

    use super::*;

    #[test]
    fn a_query_holds_only_what_was_given() {
        let query = MonthQuery { segment: Segment::Held, q: asked("Bär & Co"), ..MonthQuery::default() };
        let link = part_of(Link::<ShowMonth>::of(&query).into_text(), None, 100);
        assert_eq!(link, "/api/month?segment=held&q=B%C3%A4r+%26+Co&limit=100");
        assert_eq!(asked::<String>(""), None);
        assert_eq!(asked::<Segment>("held"), Some(Segment::Held));
        assert_eq!(asked::<Segment>("elsewhere"), None);
    }

    #[test]
    fn parts_of_a_path_stand_where_it_names_them_and_cannot_end_it() {
        let members = Link::<ListMembers>::at(&("one/two".into(), "a?b#c".into())).into_text();
        assert_eq!(members, "/api/groups/one%2Ftwo/a%3Fb%23c/devices");
        let table = Link::<ExportStatement>::at(&"2026-02".parse().expect("a month")).into_text();
        assert_eq!(table, "/api/months/2026-02/statement.csv");
    }
}
