//! Problems, as RFC 9457 has them (`application/problem+json`).

use serde::{Deserialize, Serialize};

pub use domain::connections::VendorWords;

/// What went wrong, what it means and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{title} {detail}")]
pub struct Problem {
    /// A URI that names the kind: `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// HTTP status.
    pub status: u16,
    /// A stable name for programs.
    pub code: String,
    /// What is the matter, in a sentence.
    pub title: String,
    /// What it means here.
    pub detail: String,
    /// What to do now.
    pub remedy: String,
    /// The field of the request it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The vendor's own words, when a vendor refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<VendorWords>,
    /// Names this occurrence in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl Problem {
    /// A problem of this status and code.
    pub fn new(status: u16, code: &str, title: &str, detail: impl Into<String>, remedy: &str) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            status,
            code: code.to_owned(),
            title: title.to_owned(),
            detail: detail.into(),
            remedy: remedy.to_owned(),
            field: None,
            vendor: None,
            reference: None,
        }
    }

    /// The same problem, about one field of the request.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// The same problem, with the vendor's words.
    #[must_use]
    pub fn said(mut self, vendor: VendorWords) -> Self {
        self.vendor = Some(vendor);
        self
    }
}
