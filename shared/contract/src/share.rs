//! Share links: what a customer without an account is shown of one company.
//!
//! What a link shows has types of its own. They name nothing of ours or the vendors' but the customer's own: no ids, prices, costs
//! or notes, and no other company. A field that is not here cannot be shown by mistake.

use serde::{Deserialize, Serialize};

use super::Page;
use super::endpoint::endpoints;
use super::people::Maker;
use domain::Timestamp;
use domain::billing::Period;
use domain::ids::{ConnectionId, EsetCompanyId, LicenceId};
use domain::money::Quantity;
use domain::seats::NotCounted;

endpoints! {
    "share";

    /// Share links, latest first.
    ListShareLinks("list_share_links") = Get "/api/share-links" (ManageShares, Scoped), query ShareLinksQuery => 200 Page<ShareLinkView>;

    /// Make a share link for one company.
    CreateShareLink("create_share_link") = Post "/api/share-links" (ManageShares, Scoped), body NewShareLink => 201 CreatedShareLink;

    /// Revoke a share link, at once.
    RevokeShareLink("revoke_share_link") = Delete "/api/share-links/{id}" (ManageShares, Scoped), path String => 204;

    /// Open a share link.
    BeginVisit("open_share") = Post "/api/share/open" (OpenShare, Free), body OpenShare => 204, or [403, 404, 429];

    /// What a share link shows of its company.
    ShowSharedCompany("shared_company") = Get "/api/share/company" (SeeShare, Free) => 200 SharedCompany;

    /// A month of a share link's company.
    ShowSharedStatement("shared_statement") = Get "/api/share/statement" (SeeShare, Free),
        query SharedStatementQuery => 200 SharedStatement, or [404];
}

/// `POST /api/share-links`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NewShareLink {
    /// The ESET connection.
    pub connection: ConnectionId,
    /// The ESET company it shows.
    pub company: EsetCompanyId,
    /// Days until it ends, 1 to 365; 30 when left out.
    pub days: Option<u32>,
    /// An access code that is asked for, 6 to 12 characters. It is told apart from the link, and kept only as a hash.
    pub code: Option<String>,
    /// Whether it also shows the names of device groups and what their devices use.
    #[serde(default)]
    pub devices: bool,
}

/// A new share link. Its token is answered once and kept only as a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CreatedShareLink {
    /// Its id, for revoking it.
    pub id: String,
    /// What stands behind `#` in `/s#…`.
    pub token: String,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// `GET /api/share-links`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShareLinksQuery {
    /// Only those of companies of this ESET connection.
    pub connection: Option<ConnectionId>,
    /// Only those of this company.
    pub company: Option<EsetCompanyId>,
    /// Text to find in the company's name or in who made it.
    pub q: Option<String>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// Items to a page, 1 to 500; 100 when left out.
    pub limit: Option<u32>,
}

/// Whether a share link works, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShareLinkState {
    /// It works.
    Works,
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
}

/// A share link as listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShareLinkView {
    /// Its id.
    pub id: String,
    /// The ESET connection.
    pub connection: ConnectionId,
    /// The ESET company it shows.
    pub company: EsetCompanyId,
    /// The company's name when the link was made.
    pub name: String,
    /// Whether it works.
    pub state: ShareLinkState,
    /// Whether it asks for an access code.
    pub has_code: bool,
    /// Whether it also shows device groups.
    pub devices: bool,
    /// Who made it.
    pub created_by: String,
    /// Whom it ends with.
    pub maker: Maker,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// When it was last opened.
    pub opened_at: Option<Timestamp>,
    /// How often it was opened.
    pub openings: u32,
    /// Wrong access codes in a row; forgotten when the right one is entered.
    pub wrong_codes: u32,
}

/// `POST /api/share/open`: begins a visit of an hour, by a cookie. Refused with `link_does_not_work` whatever the reason, with
/// `code_wanted` when the right access code is missing, or with `code_too_soon` while no code is taken after wrong ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenShare {
    /// What stands behind `#` in `/s#…`.
    pub token: String,
    /// The access code, if the link has one.
    pub code: Option<String>,
}

/// `GET /api/share/company`: a company as a share link shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedCompany {
    /// Its name.
    pub name: String,
    /// When its seats were read; none when they are not known any more.
    pub as_of: Option<Timestamp>,
    /// Its products now, by name.
    pub products: Vec<SharedProduct>,
    /// What it had at the end of each month, oldest first, and now.
    pub trend: Vec<SharedMonth>,
    /// The licences the numbers come from.
    pub licences: Vec<SharedLicence>,
    /// Its device groups by name; none when the link does not show them, or when they are not known.
    pub groups: Vec<SharedGroup>,
    /// Months there is a statement of, latest first.
    pub months: Vec<Period>,
}

/// One product of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedProduct {
    /// Its name.
    pub product: String,
    /// Units ordered; none when they are not known.
    pub ordered: Option<u32>,
    /// Units in use; none when they are not known.
    pub in_use: Option<u32>,
    /// Units on the invoice now; none when it is not billed, or together with something else.
    pub billed: Option<Quantity>,
}

/// What the company had of a product at the end of a month, or has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedMonth {
    /// The month.
    pub month: Period,
    /// The product's name.
    pub product: String,
    /// Units ordered; none when they are not known.
    pub ordered: Option<u32>,
    /// Units in use; none when they are not known.
    pub in_use: Option<u32>,
}

/// One licence of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedLicence {
    /// Its public ID, as ESET shows it to the customer.
    pub licence: LicenceId,
    /// Its product.
    pub product: String,
    /// Units ordered.
    pub ordered: u32,
    /// Units in use.
    pub in_use: u32,
    /// Why it is not counted, when it is not.
    pub not_counted: Option<NotCounted>,
}

/// A device group of the company and what its devices use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedGroup {
    /// Its name.
    pub group: String,
    /// A product that its devices use.
    pub product: String,
    /// How many of its devices use it, without those of groups below it.
    pub devices: u32,
}

/// `GET /api/share/statement`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SharedStatementQuery {
    /// The month; the one the lines are planned for when left out.
    pub month: Option<Period>,
}

/// A month of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedStatement {
    /// The month.
    pub month: Period,
    /// When it was closed; none while its numbers may still change.
    pub closed_at: Option<Timestamp>,
    /// What is billed, by product.
    pub lines: Vec<SharedLine>,
}

/// What is billed of one product in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SharedLine {
    /// The product, as it is named on the invoice.
    pub product: String,
    /// Units on the invoice; none when they are not known, or when they are not of this company alone.
    pub billed: Option<Quantity>,
    /// What the company's seats come to; none when that is not known.
    pub counted: Option<Quantity>,
    /// How they were counted.
    pub how: Option<String>,
    /// Whether the invoice has it together with seats of other companies.
    pub together: bool,
}
