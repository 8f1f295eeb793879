//! Where a ConnectWise site's API is. A person types the site they sign in at; the site itself says which code base serves
//! the company, and in the cloud the API has a host of its own.

use std::cell::RefCell;

use chrono::TimeDelta;
use domain::Timestamp;
use domain::json::strict::read_value;
use futures::lock::{Mutex, MutexGuard};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use egress::{Blocked, Environment, guard};
use vendor::VendorError;

/// Domains of ConnectWise's cloud, where the API's host is the site's with `api-` before it (Developer Guide: regions).
const CLOUD_DOMAINS: [&str; 2] = ["myconnectwise.net", "connectwisedev.com"];
/// How long after a look at the company info a 404 is believed without another look.
const FRESH_SECONDS: i64 = 60;

/// Where the API of one connection is. In memory only; make a new one when the address changes.
#[derive(Default)]
pub struct SiteCache {
    site: RefCell<Option<Site>>,
    turn: Mutex<()>,
}

/// A discovered API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Site {
    /// `https://{host}/{codebase}/apis/3.0`
    pub(super) api: Url,
    /// The version the site names, for a person.
    pub(super) version: String,
    read_at: Timestamp,
}

impl SiteCache {
    pub(super) fn site(&self) -> Option<Site> {
        self.site.borrow().clone()
    }

    pub(super) fn keep(&self, site: &Site) {
        *self.site.borrow_mut() = Some(site.clone());
    }

    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

impl Site {
    /// Whether it was discovered just now, so that looking again would find the same.
    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now - self.read_at < TimeDelta::seconds(FRESH_SECONDS)
    }
}

/// The site as typed, brought to where its people sign in: only scheme, host and port count, and the API's host in the cloud
/// stands for its site.
///
/// # Errors
/// When it is not an address that may be called.
pub(super) fn sign_in_site(address: &str, environment: Environment) -> Result<Url, Blocked> {
    let mut url = guard::parse(address, environment)?;
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    if let Some(host) = url.host_str().filter(|host| is_cloud_host(host)).and_then(|host| host.strip_prefix("api-")) {
        let host = host.to_owned();
        url.set_host(Some(&host)).map_err(|_| Blocked::NotAnAddress)?;
    }
    Ok(url)
}

/// Where the site tells about a company, to anyone.
pub(super) fn company_info_url(site: &Url, company: &str) -> Url {
    let mut url = site.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().extend(["login", "companyinfo", company]);
    }
    url
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CompanyInfo {
    codebase: Option<String>,
    version_number: Option<String>,
    version_code: Option<String>,
    is_cloud: Option<Value>,
    site_url: Option<String>,
}

impl CompanyInfo {
    /// `IsCloud` has been seen as text and as a boolean.
    fn is_cloud(&self) -> bool {
        match &self.is_cloud {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        }
    }
}

/// The API, from what the site says of the company: `null` when it does not know it.
///
/// # Errors
/// [`VendorError::UnknownCompany`], or [`VendorError::Unexpected`] when no API can be made of it.
pub(super) fn discovered(site: &Url, company: &str, told: Value, environment: Environment, now: Timestamp) -> Result<Site, VendorError> {
    if told.is_null() {
        return Err(VendorError::UnknownCompany { company: company.to_owned() });
    }
    let told: CompanyInfo = read_value(told).map_err(|error| VendorError::unexpected(format!("company info: {error}")))?;
    let codebase = told.codebase.as_deref().unwrap_or_default().trim_matches('/');
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if codebase.is_empty() || !codebase.chars().all(is_name) || codebase.starts_with('.') {
        return Err(VendorError::unexpected("company info: Codebase"));
    }
    let mut api = api_host(site, &told, environment)?;
    if let Ok(mut segments) = api.path_segments_mut() {
        segments.clear().extend([codebase, "apis", "3.0"]);
    }
    let version = told.version_number.or(told.version_code).unwrap_or_else(|| codebase.to_owned());
    Ok(Site { api, version, read_at: now })
}

/// The API's host: in the cloud it has `api-` before it. A cloud site under the MSP's own name tells the host, which is taken
/// only when it is ConnectWise's: credentials go there.
fn api_host(site: &Url, told: &CompanyInfo, environment: Environment) -> Result<Url, VendorError> {
    let mut api = site.clone();
    let host = site.host_str().unwrap_or_default();
    if is_cloud_host(host) {
        let host = format!("api-{host}");
        api.set_host(Some(&host)).map_err(|_| VendorError::from(Blocked::NotAnAddress))?;
        return Ok(api);
    }
    let told_host = told.site_url.as_deref().filter(|_| told.is_cloud()).and_then(|text| guard::parse(text, environment).ok());
    Ok(told_host.filter(|url| url.host_str().is_some_and(is_cloud_host)).unwrap_or(api))
}

fn is_cloud_host(host: &str) -> bool {
    CLOUD_DOMAINS.iter().any(|domain| host.strip_suffix(domain).is_some_and(|before| before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn api(address: &str, told: Value) -> String {
        let site = sign_in_site(address, Environment::Local).expect("a site");
        discovered(&site, "northwind", told, Environment::Local, Timestamp::UNIX_EPOCH).expect("an API").api.to_string()
    }

    #[test]
    fn a_site_is_read_as_people_type_it() {
        let table = [
            ("na.myconnectwise.net", "https://na.myconnectwise.net/"),
            ("https://na.myconnectwise.net/", "https://na.myconnectwise.net/"),
            ("https://NA.myconnectwise.net/v4_6_release/ConnectWise.aspx?x=1#y", "https://na.myconnectwise.net/"),
            ("api-eu.myconnectwise.net", "https://eu.myconnectwise.net/"),
            ("https://api-psa.example.com", "https://api-psa.example.com/"),
            ("psa.example.com:8443", "https://psa.example.com:8443/"),
            ("http://127.0.0.1:4020", "http://127.0.0.1:4020/"),
        ];
        for (typed, site) in table {
            assert_eq!(sign_in_site(typed, Environment::Local).map(String::from).as_deref(), Ok(site), "{typed}");
        }
        assert_eq!(sign_in_site("http://127.0.0.1:4020", Environment::Production), Err(Blocked::NotHttps));
    }

    #[test]
    fn the_cloud_has_an_api_host_and_a_server_of_ones_own_has_not() {
        let cloud = json!({ "Codebase": "v2026_4/", "IsCloud": "True" });
        for region in ["na", "eu", "au", "aus", "za"] {
            let site = format!("{region}.myconnectwise.net");
            assert_eq!(api(&site, cloud.clone()), format!("https://api-{site}/v2026_4/apis/3.0"));
        }
        assert_eq!(api("staging.connectwisedev.com", cloud.clone()), "https://api-staging.connectwisedev.com/v2026_4/apis/3.0");
        let own = json!({ "Codebase": "v4_6_release/", "IsCloud": false, "SiteUrl": "api-na.myconnectwise.net" });
        assert_eq!(api("psa.example.com:8443", own), "https://psa.example.com:8443/v4_6_release/apis/3.0");
        assert_eq!(api("http://127.0.0.1:4020", cloud), "http://127.0.0.1:4020/v2026_4/apis/3.0");
    }

    #[test]
    fn keys_go_only_where_connectwise_is() {
        let told = |host: &str| json!({ "Codebase": "v2026_4/", "IsCloud": true, "SiteUrl": host });
        assert_eq!(api("psa.example.com", told("api-na.myconnectwise.net")), "https://api-na.myconnectwise.net/v2026_4/apis/3.0");
        for elsewhere in ["evil.example", "evilmyconnectwise.net", "127.0.0.1", "https://user@na.myconnectwise.net"] {
            assert_eq!(api("psa.example.com", told(elsewhere)), "https://psa.example.com/v2026_4/apis/3.0", "{elsewhere}");
        }
    }

    #[test]
    fn what_is_no_company_info_is_refused() {
        let site = sign_in_site("na.myconnectwise.net", Environment::Production).expect("a site");
        let tell = |told| discovered(&site, "nobody", told, Environment::Production, Timestamp::UNIX_EPOCH);
        assert_eq!(tell(Value::Null), Err(VendorError::UnknownCompany { company: "nobody".to_owned() }));
        for told in [json!({}), json!([]), json!("x"), json!({ "Codebase": "../evil" }), json!({ "Codebase": "/" })] {
            assert!(matches!(tell(told.clone()), Err(VendorError::Unexpected { .. })), "{told}");
        }
    }
}
