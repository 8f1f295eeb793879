//! Cuts a condition into words.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// A word of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A field path or a keyword.
    Word(String),
    Text(String),
    Number(f64),
    Moment(DateTime<Utc>),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`, `(`, `)` or `,`.
    Sign(&'static str),
}

const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, left) = if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), &rest[sign.len()..])
        } else {
            match first {
                '"' | '\'' => quoted(rest, first)?,
                '[' => moment(rest)?,
                '0'..='9' | '-' | '+' => number(rest)?,
                _ if is_word(first) => {
                    let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
                    (Token::Word(rest[..end].to_owned()), &rest[end..])
                }
                other => return Err(format!("Unexpected character '{other}'.")),
            }
        };
        tokens.push(token);
        rest = left.trim_start();
    }
    Ok(tokens)
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '/' | '.')
}

/// A backslash keeps the quote or backslash after it.
fn quoted(text: &str, quote: char) -> Result<(Token, &str), String> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            return Ok((Token::Text(value), &text[at + letter.len_utf8()..]));
        }
        let escaped = letters.next_if(|(_, next)| letter == '\\' && (*next == quote || *next == '\\'));
        value.push(escaped.map_or(letter, |(_, next)| next));
    }
    Err("Unterminated string literal.".to_owned())
}

fn moment(text: &str) -> Result<(Token, &str), String> {
    let end = text.find(']').ok_or("Unterminated date literal.")?;
    let inside = text[1..end].trim();
    let moment = DateTime::parse_from_rfc3339(inside)
        .map(|moment| moment.to_utc())
        .or_else(|_| inside.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc()));
    let moment = moment.map_err(|_| format!("'{inside}' is not a valid date."))?;
    Ok((Token::Moment(moment), &text[end + 1..]))
}

fn number(text: &str) -> Result<(Token, &str), String> {
    let end = text[1..].find(|letter: char| !letter.is_ascii_digit() && letter != '.').map_or(text.len(), |at| at + 1);
    let value = text[..end].parse().map_err(|_| format!("'{}' is not a valid number.", &text[..end]))?;
    Ok((Token::Number(value), &text[end..]))
}
