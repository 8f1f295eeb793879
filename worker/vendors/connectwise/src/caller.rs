//! One call to ConnectWise: where to, with what headers, and what its answer says.

use std::rc::Rc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::connections::ConnectionKind;
use domain::retry::Effect;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::Keys;
use super::discovery::{self, Site, SiteCache};
use super::refusal::ErrorBody;
use super::wire;
use egress::{Answer, Call, EgressError, Fingerprint, Outbound};
use vendor::VendorError;
use vendor::json::{self, Secrets};

/// The model version asked for; without it an upgrade of the server could change shapes (Developer Guide: versioning).
const ACCEPTED: &str = "application/vnd.connectwise.com+json; version=2025.1";

/// How a list is read in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paging {
    /// By page number, or not at all.
    Numbered,
    /// By the last id, which rows that come and go meanwhile do not shift.
    Forward,
}

/// A read, before it is known where to.
pub(super) struct Read<'a> {
    pub(super) label: &'static str,
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'static str, String)],
    pub(super) paging: Paging,
}

/// A write, before it is known where to.
pub(super) struct Written<'a> {
    pub(super) label: &'static str,
    pub(super) method: Method,
    pub(super) path: &'a [&'a str],
    pub(super) body: Vec<u8>,
}

/// Whether ConnectWise knows the keys.
enum Known {
    Yes,
    No,
    /// It could not be asked.
    Unclear,
}

pub(super) struct Caller {
    pub(super) outbound: Outbound,
    pub(super) keys: Keys,
    site: Url,
    sites: Rc<SiteCache>,
    credential: Fingerprint,
    secrets: Secrets,
}

impl Caller {
    pub(super) fn new(outbound: Outbound, address: &str, keys: Keys, sites: Rc<SiteCache>) -> Result<Self, VendorError> {
        let site = discovery::sign_in_site(address, outbound.environment())?;
        let Keys { company_id, public_key, private_key, client_id } = &keys;
        let credential = Fingerprint::of(&["connectwise", company_id, public_key, private_key, client_id]);
        let secrets =
            Secrets::new([basic(&keys), private_key.clone(), Zeroizing::new(public_key.clone()), Zeroizing::new(client_id.clone())]);
        Ok(Self { outbound, keys, site, sites, credential, secrets })
    }

    /// Where the API is: as found before, or as the site says now.
    pub(super) async fn site(&self) -> Result<Site, VendorError> {
        let _turn = self.sites.turn().await;
        match self.sites.site() {
            Some(site) => Ok(site),
            None => self.discover().await,
        }
    }

    /// Where the API is now, if it has left `site`: the cloud changes its code base at upgrades, and the old one is a 404.
    pub(super) async fn moved_from(&self, site: &Site) -> Result<Option<Site>, VendorError> {
        let _turn = self.sites.turn().await;
        let now = match self.sites.site() {
            Some(known) if known.api != site.api || known.is_fresh(self.outbound.now()) => known,
            _ => self.discover().await?,
        };
        Ok((now.api != site.api).then_some(now))
    }

    /// ConnectWise PSA: /login/companyinfo/{companyId}, without keys.
    async fn discover(&self) -> Result<Site, VendorError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let url = discovery::company_info_url(&self.site, &self.keys.company_id);
        let answer = self.send(Effect::Reads, Method::GET, url, headers, Vec::new(), "companyinfo").await?;
        if !answer.is_success() {
            return Err(self.refusal(&answer, "company info"));
        }
        let told = json::parse(&answer, &self.secrets)?;
        let (environment, now) = (self.outbound.environment(), self.outbound.now());
        let site = discovery::discovered(&self.site, &self.keys.company_id, told, environment, now)?;
        self.sites.keep(&site);
        Ok(site)
    }

    /// Reads, following the API once when it has moved.
    pub(super) async fn get(&self, read: &Read<'_>) -> Result<Answer, VendorError> {
        let site = self.site().await?;
        let answer = self.get_at(&site, read).await?;
        if answer.status != 404 {
            return Ok(answer);
        }
        match self.moved_from(&site).await? {
            Some(moved) => self.get_at(&moved, read).await,
            None => Ok(answer),
        }
    }

    async fn get_at(&self, site: &Site, read: &Read<'_>) -> Result<Answer, VendorError> {
        let mut url = below(&site.api, read.path);
        if !read.query.is_empty() {
            url.query_pairs_mut().extend_pairs(read.query);
        }
        let mut headers = self.headers()?;
        if read.paging == Paging::Forward {
            headers.insert(HeaderName::from_static("pagination-type"), HeaderValue::from_static("forward-only"));
        }
        Ok(self.send(Effect::Reads, Method::GET, url, headers, Vec::new(), read.label).await?)
    }

    /// Makes or changes a record. Sent once; what became of it is the caller's to find out. A 404 is followed once to where
    /// the API has moved, since it wrote nothing.
    ///
    /// # Errors
    /// Only with what failed before anything was written.
    pub(super) async fn write(&self, made: &Written<'_>) -> Result<Result<Answer, EgressError>, VendorError> {
        let site = self.site().await?;
        let sent = self.write_at(&site, made).await?;
        if matches!(&sent, Ok(answer) if answer.status == 404)
            && let Some(moved) = self.moved_from(&site).await?
        {
            return self.write_at(&moved, made).await;
        }
        Ok(sent)
    }

    async fn write_at(&self, site: &Site, made: &Written<'_>) -> Result<Result<Answer, EgressError>, VendorError> {
        let mut headers = self.headers()?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let (method, url) = (made.method.clone(), below(&site.api, made.path));
        Ok(self.send(Effect::Writes, method, url, headers, made.body.clone(), made.label).await)
    }

    async fn send(
        &self,
        effect: Effect,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Vec<u8>,
        label: &'static str,
    ) -> Result<Answer, EgressError> {
        let (vendor, credential) = (ConnectionKind::Connectwise, self.credential.clone());
        self.outbound.send(Call { vendor, effect, method, url, headers, body, credential, label }).await
    }

    fn headers(&self) -> Result<HeaderMap, VendorError> {
        let unusable = |_| VendorError::BadCredentials { status: 400, message: "They hold characters no key has.".to_owned() };
        let mut authorization = HeaderValue::from_str(&Zeroizing::new(format!("Basic {}", *basic(&self.keys)))).map_err(unusable)?;
        authorization.set_sensitive(true);
        let mut client_id = HeaderValue::from_str(self.keys.client_id.trim()).map_err(unusable)?;
        client_id.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ACCEPTED));
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(HeaderName::from_static("clientid"), client_id);
        Ok(headers)
    }

    /// The JSON of a success, or the refusal. A 404 of a list, which is always there, may mean that the keys are not known: that is
    /// how the cloud answers them (Developer Guide: authentication). It also answers so to what the role may not read.
    pub(super) async fn list(&self, answer: &Answer, what: &str) -> Result<Value, VendorError> {
        if answer.status != 404 {
            return self.read_value(answer, what).await;
        }
        let message = match self.keys_are_known().await {
            Known::No => {
                self.keys_are_refused();
                let message = "It knows the company, but answers 404 to the keys, as its cloud does to keys it does not know.";
                return Err(VendorError::BadCredentials { status: 404, message: message.to_owned() });
            }
            Known::Yes => "It answers 404, as it does for what the API member's role may not read.",
            Known::Unclear => "It answers 404, and nothing that could be asked said whether the keys are known.",
        };
        Err(VendorError::NoPermission { what: what.to_owned(), message: message.to_owned() })
    }

    /// The JSON of a read that succeeded, or the refusal. A single 401 says little: before the keys are called wrong, reads that
    /// are known to work are tried.
    pub(super) async fn read_value(&self, answer: &Answer, what: &str) -> Result<Value, VendorError> {
        match self.value(answer, what) {
            Err(VendorError::BadCredentials { status, message }) => match self.keys_are_known().await {
                Known::No => {
                    self.keys_are_refused();
                    Err(VendorError::BadCredentials { status, message })
                }
                Known::Yes | Known::Unclear => Err(VendorError::Refused { status, code: None, message, field: None }),
            },
            other => other,
        }
    }

    /// Whether the keys are known by other reads, which billing needs anyway.
    async fn keys_are_known(&self) -> Known {
        for path in [["finance", "agreements"], ["company", "companies"]] {
            let query = [("pageSize", "1".to_owned()), ("fields", "id".to_owned())];
            let read = Read { label: "are the keys known", path: &path, query: &query, paging: Paging::Numbered };
            match self.get(&read).await {
                Ok(answer) if answer.is_success() || answer.status == 403 => return Known::Yes,
                Ok(answer) if matches!(answer.status, 401 | 404) => {}
                _ => return Known::Unclear,
            }
        }
        Known::No
    }

    /// The JSON of a success, or the refusal.
    pub(super) fn value(&self, answer: &Answer, what: &str) -> Result<Value, VendorError> {
        if answer.is_success() { json::parse(answer, &self.secrets) } else { Err(self.refusal(answer, what)) }
    }

    /// What an answer that is no success says, in ConnectWise's words.
    pub(super) fn refusal(&self, answer: &Answer, what: &str) -> VendorError {
        let body = json::parse(answer, &self.secrets).ok().and_then(|value| wire::read::<ErrorBody>(value, what).ok());
        let status = answer.status;
        let message = body.as_ref().map(|body| self.secrets.mask(&body.message())).unwrap_or_default();
        match (status, body) {
            (401, _) => VendorError::BadCredentials { status, message },
            (403, _) => VendorError::NoPermission { what: what.to_owned(), message },
            (404, _) => VendorError::NotFound { what: what.to_owned() },
            (429, None) => VendorError::Refused { status, code: None, message, field: None },
            (_, Some(body)) => VendorError::Refused { status, code: body.code(), message, field: body.field() },
            (_, None) => json::not_json(answer, &self.secrets),
        }
    }

    fn keys_are_refused(&self) {
        if let Some(site) = self.sites.site() {
            self.outbound.report_refused_credentials(&site.api, &self.credential);
        }
    }
}

fn below(api: &Url, path: &[&str]) -> Url {
    let mut url = api.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// `company+public:private`, as Basic wants it (Developer Guide: authentication).
fn basic(keys: &Keys) -> Zeroizing<String> {
    let Keys { company_id, public_key, private_key, .. } = keys;
    let plain = Zeroizing::new(format!("{company_id}+{public_key}:{}", **private_key));
    Zeroizing::new(BASE64_STANDARD.encode(plain.as_bytes()))
}
