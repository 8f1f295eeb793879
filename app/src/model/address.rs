//! Addresses of our own pages, with their queries.

use std::fmt::Write;

/// A path with a query that is built up part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    text: String,
    separator: char,
}

impl Address {
    /// The address of `path`, without a query.
    pub(crate) fn of(path: &str) -> Self {
        Self { text: path.to_owned(), separator: '?' }
    }

    /// The same address with `name=value`; unchanged when the value is empty.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.text.push(self.separator);
            self.text.push_str(name);
            self.text.push('=');
            self.text.push_str(&encoded(value));
            self.separator = '&';
        }
        self
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

/// Percent-encodes everything that is not unreserved (RFC 3986, 2.3), so that a value can stand in a query or a path.
pub(crate) fn encoded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing into a text cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_holds_only_what_was_given() {
        let address = Address::of("/month").with("segment", "held").with("q", "").with("q", "Bär & Co");
        assert_eq!(String::from(address), "/month?segment=held&q=B%C3%A4r%20%26%20Co");
        assert_eq!(String::from(Address::of("/month").with("q", "")), "/month");
    }

    #[test]
    fn nothing_in_a_value_can_end_it() {
        assert_eq!(encoded("a/b?c#d&e=f+g%"), "a%2Fb%3Fc%23d%26e%3Df%2Bg%25");
    }
}
