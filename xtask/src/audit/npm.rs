//! npm's advisories against our package locks, as `npm audit` tells them.

use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Finding, Looked};
use crate::command::program;
use crate::setup::node;
use crate::workspace;

/// Asks npm about each lock.
pub(super) fn look() -> Result<Looked> {
    let mut found = Vec::new();
    for folder in node::LOCKED {
        let mut audit = program("npm");
        audit.current_dir(workspace::path(folder)).args(["audit", "--json", "--package-lock-only"]);
        let done = match audit.stdin(Stdio::null()).output() {
            Ok(done) => done,
            Err(error) => return Ok(Looked::Unreachable(format!("npm cannot be started: {error}"))),
        };
        let said: Value = serde_json::from_slice(&done.stdout).context("npm audit printed no JSON")?;
        match findings(&said, folder) {
            Some(findings) => found.extend(findings),
            None => return Ok(Looked::Unreachable(reason(&said))),
        }
    }
    Ok(Looked::At(found))
}

/// What it found; none when it could not look. A package that is named only for what another brings along is not repeated.
fn findings(said: &Value, folder: &str) -> Option<Vec<Finding>> {
    let packages = said["vulnerabilities"].as_object()?;
    let causes = packages.values().filter_map(|package| package["via"].as_array()).flatten().filter(|via| via.is_object());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(
        causes
            .map(|via| Finding {
                id: text(&via["url"]).rsplit('/').next().unwrap_or_default().to_owned(),
                package: format!("{} {} in {folder}/package-lock.json", text(&via["name"]), text(&via["range"])),
                title: format!("{} ({})", text(&via["title"]), text(&via["severity"])),
                is_note: false,
            })
            .collect(),
    )
}

fn reason(said: &Value) -> String {
    let told = [&said["message"], &said["error"]["summary"], &said["error"]["code"]];
    told.into_iter().filter_map(Value::as_str).find(|text| !text.is_empty()).unwrap_or("npm audit gave no reason").to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_advisory_is_told_once_with_its_id() {
        let via = json!({ "source": 1, "name": "ws", "title": "Denial of service", "url": "https://github.com/advisories/GHSA-3h5v-q93c-6h6q",
            "severity": "high", "range": ">=8.0.0 <8.17.1" });
        let said = json!({ "auditReportVersion": 2, "vulnerabilities": {
            "ws": { "name": "ws", "via": [via] }, "miniflare": { "name": "miniflare", "via": ["ws"] } } });
        let expected = Finding {
            id: "GHSA-3h5v-q93c-6h6q".to_owned(),
            package: "ws >=8.0.0 <8.17.1 in tools/package-lock.json".to_owned(),
            title: "Denial of service (high)".to_owned(),
            is_note: false,
        };
        assert_eq!(findings(&said, "tools"), Some(vec![expected]));
    }

    #[test]
    fn a_registry_that_does_not_answer_is_no_clean_bill() {
        let said = json!({ "message": "405 Method Not Allowed", "error": { "summary": "", "detail": "" } });
        assert_eq!(findings(&said, "tools"), None);
        assert_eq!(reason(&said), "405 Method Not Allowed");
    }
}
