//! Rows of a connection test.

use domain::connections::{Check, CheckResult};

/// It is right.
pub fn passed(name: &str, detail: impl Into<String>) -> Check {
    Check { name: name.to_owned(), result: CheckResult::Passed, detail: detail.into(), remedy: None }
}

/// It works, with a limit worth knowing.
pub fn warned(name: &str, detail: impl Into<String>, remedy: &str) -> Check {
    Check { name: name.to_owned(), result: CheckResult::Warning, detail: detail.into(), remedy: Some(remedy.to_owned()) }
}

/// It must be put right.
pub fn failed(name: &str, detail: impl Into<String>, remedy: &str) -> Check {
    Check { name: name.to_owned(), result: CheckResult::Failed, detail: detail.into(), remedy: Some(remedy.to_owned()) }
}
