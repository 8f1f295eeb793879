//! Calls to Seatbridge's own API, as any script would make them.
//!
//! Untyped on purpose: the developer commands must work while the crates they build do not compile.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::http::Response;
use ureq::typestate::WithBody;
use ureq::{Agent, RequestBuilder};

/// The API at one address, for one caller.
pub(crate) struct Api<'a> {
    agent: Agent,
    url: &'a str,
    /// The header by which the caller is known.
    known_by: (&'static str, String),
}

impl<'a> Api<'a> {
    /// The API for a program with an API token.
    pub(crate) fn new(url: &'a str, token: &str) -> Self {
        Self::known_by(url, ("authorization", format!("Bearer {token}")))
    }

    /// The API for somebody with a session's cookie; for a stranger when it is empty.
    pub(crate) fn signed_in(url: &'a str, cookie: &str) -> Self {
        Self::known_by(url, ("cookie", cookie.to_owned()))
    }

    fn known_by(url: &'a str, known_by: (&'static str, String)) -> Self {
        let settings = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Self { agent: settings.build().into(), url, known_by }
    }

    /// Reads.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let (name, value) = &self.known_by;
        answer(path, self.agent.get(format!("{}{path}", self.url)).header(*name, value).call())
    }

    /// Starts or decides something.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        answer(path, self.send(self.agent.post(format!("{}{path}", self.url)), body))
    }

    /// Replaces.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Value> {
        answer(path, self.send(self.agent.put(format!("{}{path}", self.url)), body))
    }

    /// Posts, and answers the cookie that is set.
    pub(crate) fn cookie_of(&self, path: &str, body: &Value) -> Result<String> {
        let response = self.send(self.agent.post(format!("{}{path}", self.url)), body);
        let set = response.as_ref().ok().and_then(|response| response.headers().get("set-cookie")?.to_str().ok().map(str::to_owned));
        answer(path, response)?;
        let set = set.with_context(|| format!("{path} set no cookie"))?;
        Ok(set.split(';').next().unwrap_or_default().to_owned())
    }

    fn send(&self, request: RequestBuilder<WithBody>, body: &Value) -> Result<Response<ureq::Body>, ureq::Error> {
        let (name, value) = &self.known_by;
        request.header(*name, value).send_json(body)
    }

    /// Every item of a list that comes in pages. `query` is empty or begins with `?`.
    pub(crate) fn all(&self, path: &str, query: &str) -> Result<Vec<Value>> {
        let joint = if query.is_empty() { '?' } else { '&' };
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.get(&format!("{path}{query}{joint}limit=500{after}"))?;
            // Short lists come whole, as an array.
            let list = page.as_array().or_else(|| page["items"].as_array());
            items.extend(list.with_context(|| format!("{path} did not answer a list: {page}"))?.iter().cloned());
            match page.get("next").and_then(Value::as_str) {
                Some(next) => after = format!("&after={}", escaped(next)),
                None => return Ok(items),
            }
        }
    }
}

fn answer(path: &str, response: Result<Response<ureq::Body>, ureq::Error>) -> Result<Value> {
    let mut response = response.with_context(|| format!("{path} did not answer"))?;
    let text = response.body_mut().read_to_string().with_context(|| format!("{path} broke off"))?;
    if !response.status().is_success() {
        bail!("{path} answered {}: {text}", response.status());
    }
    serde_json::from_str(&text).with_context(|| format!("{path} did not answer JSON: {text}"))
}

/// A value as it may stand in a query.
fn escaped(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    value.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_cursor_survives_the_query() {
        assert_eq!(escaped("Müller & Co/7"), "M%C3%BCller%20%26%20Co%2F7");
    }
}
