//! Share links: made by those who are signed in, opened by anyone who has one.

use gloo_net::http::Method;
use shared::api::share::{CreatedShareLink, NewShareLink, OpenShare, SharedCompany, SharedStatement};
use shared::billing::Period;

use super::{Answer, Client, Visitor, decoded, exchange, written};
use crate::model::address::encoded;

impl Visitor {
    /// Begins a visit by a share link.
    pub(crate) async fn open_share(self, token: String, code: Option<String>) -> Answer<()> {
        decoded(&exchange(self.reach, Method::POST, "/api/share/open", written(&OpenShare { token, code })).await?)
    }

    /// The company of the visit.
    pub(crate) async fn shared_company(self) -> Answer<SharedCompany> {
        decoded(&exchange(self.reach, Method::GET, "/api/share/company", None).await?)
    }

    /// A month of the visit's company.
    pub(crate) async fn shared_statement(self, month: Period) -> Answer<SharedStatement> {
        decoded(&exchange(self.reach, Method::GET, &format!("/api/share/statement?month={month}"), None).await?)
    }
}

impl Client {
    /// Makes a share link.
    pub(crate) async fn make_share_link(self, link: &NewShareLink) -> Answer<CreatedShareLink> {
        self.send(Method::POST, "/api/share-links", written(link)).await
    }

    /// Revokes a share link.
    pub(crate) async fn revoke_share_link(self, id: &str) -> Answer<()> {
        self.send(Method::DELETE, &format!("/api/share-links/{}", encoded(id)), None).await
    }
}
