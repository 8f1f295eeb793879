//! Calls to Seatbridge's own API, as any script would make them.
//!
//! Untyped on purpose: the developer commands must work while the crates they build do not compile.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

/// The API at one address, for one bearer.
pub(crate) struct Api<'a> {
    agent: Agent,
    url: &'a str,
    bearer: &'a str,
}

impl<'a> Api<'a> {
    /// `bearer` is the setup token or an API token.
    pub(crate) fn new(url: &'a str, bearer: &'a str) -> Self {
        let settings = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Self { agent: settings.build().into(), url, bearer }
    }

    /// Reads.
    pub(crate) fn get(&self, path: &str) -> Result<Value> {
        let request = self.agent.get(format!("{}{path}", self.url)).header("authorization", format!("Bearer {}", self.bearer));
        answer(path, request.call())
    }

    /// Starts or decides something.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.url)).header("authorization", format!("Bearer {}", self.bearer));
        answer(path, request.send_json(body))
    }

    /// Replaces.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.agent.put(format!("{}{path}", self.url)).header("authorization", format!("Bearer {}", self.bearer));
        answer(path, request.send_json(body))
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
