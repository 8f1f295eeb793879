//! Pages of a list.

use serde_json::{Value, json};

use super::failure;
use crate::exchange::{Reply, Request};

/// How a product of the family pages.
#[derive(Clone, Copy)]
pub(super) struct Pages {
    /// What the query calls the size of a page and the token of the next.
    size: &'static str,
    token: &'static str,
    /// Rows without a size, and the most there are; larger sizes are cut without a word.
    usual: usize,
    largest: usize,
}

/// ESET Connect (its swagger, pageSize and pageToken).
pub(super) const CONNECT: Pages = Pages { size: "pageSize", token: "pageToken", usual: 50, largest: 1000 };
/// ESET PROTECT On-Prem (protect_admin 13.0 help, how the API works).
pub(super) const ON_PREM: Pages = Pages { size: "page_size", token: "page_token", usual: 100, largest: 10_000 };

impl Pages {
    /// One page of `rows` under `name`. The token of the next page is opaque; the last page has none.
    pub(super) fn answer<T>(
        self,
        request: &Request,
        name: &str,
        rows: impl ExactSizeIterator<Item = T>,
        render: impl Fn(T) -> Value,
    ) -> Result<Reply, Reply> {
        let size = request.query(self.size).filter(|size| !size.is_empty());
        let size = size.map(str::parse::<usize>).transpose().map_err(|_| failure(400))?.unwrap_or_default();
        let size = if size == 0 { self.usual } else { size.min(self.largest) };
        let token = request.query(self.token).filter(|token| !token.is_empty());
        let start = match token {
            None => 0,
            Some(token) => token.strip_prefix("p-").and_then(|at| usize::from_str_radix(at, 16).ok()).ok_or_else(|| failure(400))?,
        };
        let total = rows.len();
        let page: Vec<Value> = rows.skip(start).take(size).map(render).collect();
        let mut body = json!({});
        if !page.is_empty() {
            body[name] = page.into();
        }
        if start + size < total {
            body["nextPageToken"] = format!("p-{:x}", start + size).into();
        }
        Ok(Reply::ok(body))
    }
}
