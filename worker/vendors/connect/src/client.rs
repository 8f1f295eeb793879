//! The client of ESET Connect and ESET PROTECT On-Prem.

use std::rc::Rc;

use chrono::TimeDelta;
use domain::connections::ConnectionKind;
use domain::groups::StandsFor;
use domain::ids::{DeviceGroupId, DeviceId, ProductCode};
use domain::retry::Effect;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::Flavour;
use super::wire;
use egress::{Answer, Call, Fingerprint, Outbound, guard};
use vendor::VendorError;
use vendor::json::{self, Secrets};
use vendor::token::{TokenCache, Tokens};

/// Entries of a page: the most ESET Connect gives (ESET Connect swagger: pageSize).
pub(super) const PAGE: u32 = 1000;
/// Devices asked for by their ids in one call; each id takes sixty characters of the address.
pub const BATCH: usize = 100;
/// Waits between askings for an answer that ESET is still making (ESET Connect: how_api_works.html, 202).
const NOT_READY_SECONDS: [i64; 5] = [2, 3, 5, 8, 13];

/// A part of a list, and what to ask for the next part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// What this part holds.
    pub items: Vec<T>,
    /// The token of the next part; none after the last.
    pub next: Option<String>,
    /// How many the whole list holds, where ESET says so.
    pub total: Option<u32>,
}

/// A device group (ESET Connect swagger: `v1DeviceGroup`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: DeviceGroupId,
    /// Its name.
    pub name: String,
    /// The group above it.
    pub parent: Option<DeviceGroupId>,
    /// Whether devices belong to it as long as they meet a condition.
    pub dynamic: bool,
    /// What it stands for in the MSP tree.
    pub stands_for: Option<StandsFor>,
}

/// A device in a group (ESET Connect swagger: `v1MemberDevice`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
}

/// A device (ESET Connect swagger: `v1Device`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its name.
    pub name: String,
    /// The static group it is in.
    pub parent: Option<DeviceGroupId>,
    /// Its operating system, in ESET's words.
    pub system: Option<String>,
    /// Its address in its own network.
    pub address: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Hardware addresses of its network adapters.
    pub macs: Vec<String>,
    /// The products it uses: ESET's number, where it names one, and name.
    pub products: Vec<(Option<ProductCode>, String)>,
}

/// A client with one set of credentials. It has no `Debug`.
pub struct Connect {
    outbound: Outbound,
    flavour: Flavour,
    pub(super) base: Url,
    tokens_at: Url,
    username: String,
    password: Zeroizing<String>,
    credential: Fingerprint,
    tokens: Rc<TokenCache>,
}

impl Connect {
    /// A client for the API at `address`: `https://eu.device-management.eset.systems`, or one's own server. Nothing is called
    /// yet.
    ///
    /// # Errors
    /// When the address may not be called.
    pub fn new(
        outbound: Outbound,
        flavour: Flavour,
        address: &str,
        username: &str,
        password: &str,
        tokens: Rc<TokenCache>,
    ) -> Result<Self, VendorError> {
        let base = guard::parse(address, outbound.environment())?;
        let tokens_at = match flavour {
            Flavour::Cloud => guard::parse(&token_address(&base), outbound.environment())?,
            Flavour::OnPrem => below(&base, &["GetTokens"]),
        };
        let credential = Fingerprint::of(&["connect", username, password]);
        let (username, password) = (username.to_owned(), Zeroizing::new(password.to_owned()));
        Ok(Self { outbound, flavour, base, tokens_at, username, password, credential, tokens })
    }

    /// A page of all groups, static and dynamic. ESET Connect swagger: `GET /v1/device_groups`.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn groups(&self, page: Option<&str>) -> Result<Listed<Group>, VendorError> {
        let list = self.list(below(&self.base, &["v1", "device_groups"]), page, PAGE, "device groups").await?;
        listed(&list, "deviceGroups", page, wire::group)
    }

    /// A page of the devices that are in this very group. ESET Connect swagger: `GET /v1/device_groups/{groupUuid}/devices`.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn members(&self, group: &DeviceGroupId, page: Option<&str>) -> Result<Listed<Member>, VendorError> {
        self.members_page(group, PAGE, page).await
    }

    /// The same with at most `size` devices, 1 to 1,000.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn members_page(&self, group: &DeviceGroupId, size: u32, page: Option<&str>) -> Result<Listed<Member>, VendorError> {
        let url = below(&self.base, &["v1", "device_groups", group.as_str(), "devices"]);
        let list = self.list(url, page, size, "members of a group").await?;
        listed(&list, "devices", page, wire::member)
    }

    /// A page of all devices. ESET Connect swagger: `GET /v1/devices`.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn devices(&self, page: Option<&str>) -> Result<Listed<Device>, VendorError> {
        let list = self.list(below(&self.base, &["v1", "devices"]), page, PAGE, "devices").await?;
        listed(&list, "devices", page, wire::device)
    }

    /// At most [`BATCH`] devices; those that are gone are left out. ESET Connect swagger: `GET /v1/devices:batchGet`.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn devices_named(&self, ids: &[DeviceId]) -> Result<Vec<Device>, VendorError> {
        let mut url = below(&self.base, &["v1", "devices:batchGet"]);
        url.query_pairs_mut().extend_pairs(ids.iter().map(|id| ("devicesUuids", id.as_str())));
        let list = self.signed_in(url, "devices by id").await?;
        wire::rows(&list, "devices")?.iter().map(wire::device).collect()
    }

    /// A page of the list at `url`.
    pub(super) async fn list(&self, mut url: Url, page: Option<&str>, entries: u32, what: &'static str) -> Result<Value, VendorError> {
        let (size, token) = match self.flavour {
            Flavour::Cloud => ("pageSize", "pageToken"),
            Flavour::OnPrem => ("page_size", "page_token"),
        };
        url.query_pairs_mut().append_pair(size, &entries.to_string()).extend_pairs(page.map(|page| (token, page)));
        self.signed_in(url, what).await
    }

    /// Calls with a token. When the answer is not ready yet, asks for it again by the id it was given; when it is not known by that id
    /// any more, or was given none, asks anew.
    async fn signed_in(&self, url: Url, what: &'static str) -> Result<Value, VendorError> {
        let mut access = self.access(None).await?;
        let mut answer = self.taken(&url, &mut access, None, what).await?;
        for seconds in NOT_READY_SECONDS {
            if answer.status != 202 {
                break;
            }
            let id = answer.header("response-id").map(str::to_owned);
            self.outbound.pause(TimeDelta::seconds(seconds)).await;
            answer = self.taken(&url, &mut access, id.as_deref(), what).await?;
            if id.is_some() && matches!(answer.status, 400 | 404 | 410) {
                answer = self.taken(&url, &mut access, None, what).await?;
            }
        }
        let secrets = self.secrets(Some(&access));
        let value = self.value(&answer, what, &secrets);
        if let Err(VendorError::BadCredentials { status, message }) = value {
            // Whether a 401 that stays is about the credentials, a login says.
            let _turn = self.tokens.turn().await;
            let tokens = self.sign_in().await?;
            self.tokens.keep(&tokens);
            return Err(VendorError::Refused { status, code: None, message, field: None });
        }
        value
    }

    /// Calls with a token. When it is no longer taken, signs in once more and repeats the call once.
    async fn taken(
        &self,
        url: &Url,
        access: &mut Zeroizing<String>,
        response: Option<&str>,
        what: &'static str,
    ) -> Result<Answer, VendorError> {
        let answer = self.read(url, access, response, what).await?;
        if answer.status != 401 {
            return Ok(answer);
        }
        *access = self.access(Some(access)).await?;
        self.read(url, access, response, what).await
    }

    /// A token to call with: the one there is, a renewed one, or a new one. Never `stale`, which was refused.
    async fn access(&self, stale: Option<&str>) -> Result<Zeroizing<String>, VendorError> {
        let _turn = self.tokens.turn().await;
        let known = self.tokens.tokens().filter(|tokens| stale != Some(tokens.access.as_str()));
        let tokens = match known {
            Some(tokens) if !tokens.is_due(self.outbound.now()) => return Ok(tokens.access),
            Some(Tokens { refresh: Some(refresh), .. }) => {
                match self.grant(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await {
                    Err(VendorError::BadCredentials { .. } | VendorError::Refused { .. }) => self.sign_in().await?,
                    renewed => renewed?,
                }
            }
            _ => self.sign_in().await?,
        };
        self.tokens.keep(&tokens);
        Ok(tokens.access)
    }

    /// ESET Connect swagger: `POST /oauth/token`; ESET PROTECT On-Prem help: `POST /GetTokens`.
    async fn sign_in(&self) -> Result<Tokens, VendorError> {
        self.tokens.forget();
        let granted = match self.flavour {
            Flavour::Cloud => self.grant(&[("grant_type", "password"), ("username", &self.username), ("password", &self.password)]).await,
            Flavour::OnPrem => {
                let body = serde_json::json!({ "username": self.username, "password": self.password.as_str(), "grant_type": 0 });
                self.post("application/json", body.to_string().into_bytes()).await
            }
        };
        match granted {
            Err(VendorError::Refused { status: status @ 400, message, .. } | VendorError::BadCredentials { status, message }) => {
                self.outbound.report_refused_credentials(&self.tokens_at, &self.credential);
                Err(VendorError::BadCredentials { status, message })
            }
            Err(VendorError::NoPermission { message, .. }) => {
                self.outbound.report_refused_credentials(&self.tokens_at, &self.credential);
                Err(VendorError::BadCredentials { status: 403, message })
            }
            other => other,
        }
    }

    async fn grant(&self, form: &[(&str, &str)]) -> Result<Tokens, VendorError> {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.post("application/x-www-form-urlencoded", body.into_bytes()).await
    }

    async fn post(&self, kind: &'static str, body: Vec<u8>) -> Result<Tokens, VendorError> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        let answer = self.send(Method::POST, self.tokens_at.clone(), headers, body, "token").await?;
        wire::tokens(&self.value(&answer, "token", &self.secrets(None))?, self.outbound.now())
    }

    async fn read(&self, url: &Url, access: &str, response: Option<&str>, what: &'static str) -> Result<Answer, VendorError> {
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_str(&format!("Bearer {access}")).map_err(|_| VendorError::unexpected("access_token"))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
        if let Some(id) = response {
            headers.insert("response-id", HeaderValue::from_str(id).map_err(|_| VendorError::unexpected("response-id"))?);
        }
        self.send(Method::GET, url.clone(), headers, Vec::new(), what).await
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        mut headers: HeaderMap,
        body: Vec<u8>,
        label: &'static str,
    ) -> Result<Answer, VendorError> {
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let vendor = match self.flavour {
            Flavour::Cloud => ConnectionKind::Connect,
            Flavour::OnPrem => ConnectionKind::Onprem,
        };
        let (effect, credential) = (Effect::Reads, self.credential.clone());
        Ok(self.outbound.send(Call { vendor, effect, method, url, headers, body, credential, label }).await?)
    }

    fn secrets(&self, access: Option<&str>) -> Secrets {
        let tokens = self.tokens.tokens().into_iter().flat_map(|tokens| [Some(tokens.access), tokens.refresh]).flatten();
        Secrets::new([self.password.clone()].into_iter().chain(access.map(|access| Zeroizing::new(access.to_owned()))).chain(tokens))
    }

    /// The JSON of a success, or the refusal in the vendor's words.
    fn value(&self, answer: &Answer, what: &str, secrets: &Secrets) -> Result<Value, VendorError> {
        let (status, what) = (answer.status, what.to_owned());
        if status == 202 {
            let message = "ESET is still making the answer".to_owned();
            return Err(VendorError::Refused { status, code: None, message, field: None });
        }
        let value = json::parse(answer, secrets);
        if answer.is_success() {
            return value;
        }
        let body = value.as_ref().ok().filter(|value| value.is_object()).map(wire::status);
        let message = body.as_ref().map(|(_, message)| secrets.mask(message)).unwrap_or_default();
        Err(match (status, body) {
            (401, _) => VendorError::BadCredentials { status, message },
            (403, _) => VendorError::NoPermission { what, message },
            (404, _) => VendorError::NotFound { what },
            (429, _) => VendorError::Refused { status, code: None, message, field: None },
            (_, Some((code, _))) => VendorError::Refused { status, code, message, field: None },
            (_, None) => json::not_json(answer, secrets),
        })
    }
}

/// Where tokens are given: ESET Connect has a host of its own for them in each region; a gateway in front of it has one host.
fn token_address(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    match host.split_once('.') {
        Some((region, rest)) if rest.ends_with("eset.systems") => format!("https://{region}.business-account.iam.eset.systems/oauth/token"),
        _ => below(base, &["oauth", "token"]).to_string(),
    }
}

pub(super) fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// The rows of a page. One whose token is the one that asked for it would be read for ever.
pub(super) fn listed<T>(
    list: &Value,
    name: &str,
    asked: Option<&str>,
    row: fn(&Value) -> Result<T, VendorError>,
) -> Result<Listed<T>, VendorError> {
    let about = wire::ListRow::of(list);
    let next = about.next_page();
    if next.is_some() && next.as_deref() == asked {
        return Err(VendorError::unexpected("a page that is followed by itself"));
    }
    let items: Result<Vec<T>, VendorError> = wire::rows(list, name)?.iter().map(row).collect();
    Ok(Listed { items: items?, next, total: about.total() })
}
