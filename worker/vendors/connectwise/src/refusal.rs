//! A refusal in ConnectWise's words.

use serde::Deserialize;

/// Schemas ErrorResponseMessage and ValidationError; a 429 has `error` for `code`.
#[derive(Default, Deserialize)]
pub(super) struct ErrorBody {
    #[serde(default, alias = "error")]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    errors: Option<Vec<ErrorItem>>,
}

#[derive(Deserialize)]
struct ErrorItem {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    field: Option<String>,
}

impl ErrorBody {
    fn first(&self) -> Option<&ErrorItem> {
        self.errors.iter().flatten().next()
    }

    /// The most exact code: the first item's, or the whole answer's.
    pub(super) fn code(&self) -> Option<String> {
        self.first().and_then(|item| item.code.clone()).or_else(|| self.code.clone())
    }

    /// The first field named.
    pub(super) fn field(&self) -> Option<String> {
        self.first().and_then(|item| item.field.clone()).filter(|field| !field.is_empty())
    }

    /// The message and those of its items, as one text.
    pub(super) fn message(&self) -> String {
        let items = self.errors.iter().flatten().filter_map(|item| item.message.as_deref());
        let all: Vec<&str> = self.message.as_deref().into_iter().chain(items).filter(|text| !text.is_empty()).collect();
        all.join(": ")
    }
}
