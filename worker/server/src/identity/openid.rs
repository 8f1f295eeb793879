//! OpenID Connect, the client's part (OpenID Connect Core 1.0, section 3.1; RFC 9700): what is asked of the provider, and what is made of
//! a token it has signed. No clock, no store, no network.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::Timestamp;
use domain::access::Role;
use domain::json::strict;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

use super::jwt::TokenError;
use super::settings::OpenId;

/// How long a sign-in may be on its way.
pub const SIGN_IN_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How far the provider's clock may be behind ours.
const LEEWAY: TimeDelta = TimeDelta::seconds(60);
/// In an issuer, what Entra ID writes for a tenant's id where it speaks for all of them.
const TENANT: &str = "{tenantid}";

/// What a provider says about itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Clone)]
pub struct Discovery {
    /// Who signs.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: Url,
    /// Where codes are exchanged.
    pub token_endpoint: Url,
    /// Where its keys are.
    pub jwks_uri: Url,
    modes: Vec<String>,
    logins: Vec<String>,
}

#[derive(Deserialize)]
struct Described {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    response_modes_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Discovery {
    /// Reads it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &[u8]) -> Result<Self, TokenError> {
        const UNREADABLE: TokenError = TokenError::Unreadable("the provider's description");
        let said: Described = strict::read(text).map_err(|_| UNREADABLE)?;
        let address = |text: &str| Url::parse(text).map_err(|_| UNREADABLE);
        Ok(Self {
            authorization_endpoint: address(&said.authorization_endpoint)?,
            token_endpoint: address(&said.token_endpoint)?,
            jwks_uri: address(&said.jwks_uri)?,
            issuer: said.issuer,
            modes: said.response_modes_supported,
            logins: said.token_endpoint_auth_methods_supported,
        })
    }

    /// Who may have signed a token; none when the provider is not the one that was asked.
    pub fn issuers(&self, settings: &OpenId) -> Option<Vec<String>> {
        if self.issuer == settings.issuer {
            return Some(vec![self.issuer.clone()]);
        }
        // Entra ID's addresses for more than one tenant say who signs for each. Only tenants of the list are let in.
        let one_house = settings.is_entra && self.issuer.starts_with("https://") && self.issuer.contains(TENANT);
        let host = |address: &str| Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
        let same_host = host(&self.issuer.replace(TENANT, "t")) == host(&settings.issuer);
        (one_house && same_host && !settings.tenants.is_empty())
            .then(|| settings.tenants.iter().map(|tenant| self.issuer.replace(TENANT, tenant)).collect())
    }

    /// Whether the client's secret is sent in the body; otherwise as HTTP's basic authentication, which is the default.
    pub fn takes_secret_in_body(&self) -> bool {
        let takes = |method: &str| self.logins.iter().any(|known| known == method);
        takes("client_secret_post") && !takes("client_secret_basic")
    }

    /// The page to send the browser to.
    pub fn sign_in_page(&self, settings: &OpenId, asked: &Asked<'_>) -> Url {
        let mut page = self.authorization_endpoint.clone();
        let mut query = page.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client)
            .append_pair("redirect_uri", asked.back)
            .append_pair("scope", "openid profile")
            .append_pair("state", asked.state)
            .append_pair("nonce", &asked.secret.nonce())
            .append_pair("code_challenge", &asked.secret.challenge())
            .append_pair("code_challenge_method", "S256");
        // Behind `#` the answer reaches no server's log.
        if self.modes.iter().any(|mode| mode == "fragment") {
            query.append_pair("response_mode", "fragment");
        }
        if asked.again {
            query.append_pair("prompt", "login").append_pair("max_age", "0");
        }
        drop(query);
        page
    }
}

/// What is asked of the provider for one sign-in.
pub struct Asked<'a> {
    /// Where it sends the browser back to.
    pub back: &'a str,
    /// By which the answer is known again.
    pub state: &'a str,
    /// What the browser keeps.
    pub secret: &'a BrowserSecret,
    /// Whether the person has to sign in there anew.
    pub again: bool,
}

/// What a browser keeps while a sign-in is on its way. Nonce and verifier are made from it, so that the ledger keeps nothing but its hash.
pub struct BrowserSecret(pub String);

impl BrowserSecret {
    fn derived(&self, what: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("seatbridge openid {what}|{}", self.0)))
    }

    /// What the token has to bear.
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What proves that whoever exchanges the code began the sign-in (RFC 7636).
    pub fn verifier(&self) -> String {
        self.derived("verifier")
    }

    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier()))
    }
}

/// Somebody, as the provider knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// Who vouches: the issuer, or the tenant.
    pub provider: String,
    /// Whom for: never anything a person can change, such as an address.
    pub subject: String,
    /// What they are called, 1 to 60 characters.
    pub name: String,
    /// What tells them from somebody of the same name, if anything does.
    pub account: Option<String>,
    /// The most that their roles allow; none when none of them is known.
    pub role: Option<Role>,
    /// When they last signed in there, if the provider says.
    pub signed_in_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    nonce: String,
    #[serde(default)]
    azp: Option<String>,
    #[serde(default)]
    tid: Option<String>,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    auth_time: Option<i64>,
}

/// Who a token speaks of, whose signature, issuer, audience and times were checked.
///
/// # Errors
/// Says what else is wrong with it.
pub fn outsider(settings: &OpenId, secret: &BrowserSecret, token: Value) -> Result<Outsider, TokenError> {
    let role = role(token.get("roles"));
    let claims: Claims = strict::read_value(token).map_err(|_| TokenError::Unreadable("what it says"))?;
    if !bool::from(claims.nonce.as_bytes().ct_eq(secret.nonce().as_bytes())) {
        return Err(TokenError::Wrong("the nonce"));
    }
    if claims.azp.is_some_and(|party| party != settings.client) {
        return Err(TokenError::Wrong("the party it was made for"));
    }
    let allowed = |tenant: &String| settings.tenants.is_empty() || settings.tenants.iter().any(|known| known == tenant);
    let (provider, subject) = if settings.is_entra || !settings.tenants.is_empty() {
        // An issuer of Entra ID is one tenant's, and names it.
        let signs_for = |tenant: &String| !settings.is_entra || claims.iss.split('/').any(|part| part == tenant);
        let tenant = claims.tid.as_ref().filter(|tenant| allowed(tenant) && signs_for(tenant) && is_key(tenant));
        let tenant = tenant.ok_or(TokenError::Wrong("the tenant"))?;
        (format!("tenant {tenant}"), claims.oid.filter(|object| is_key(object)).ok_or(TokenError::Wrong("the person's id"))?)
    } else {
        (claims.iss, Some(claims.sub.clone()).filter(|subject| is_key(subject)).ok_or(TokenError::Wrong("the person's id"))?)
    };
    let account = claims.preferred_username.as_deref().and_then(readable);
    let name = claims.name.as_deref().and_then(readable).or_else(|| account.clone()).or_else(|| readable(&claims.sub));
    Ok(Outsider {
        provider,
        subject,
        name: name.ok_or(TokenError::Wrong("the name"))?,
        account,
        role,
        signed_in_at: claims.auth_time.and_then(|seconds| Timestamp::from_timestamp(seconds, 0)),
    })
}

impl Outsider {
    /// Whether they have signed in at the provider since `begun_at`, and not only been remembered there.
    pub fn has_signed_in_since(&self, begun_at: Timestamp) -> bool {
        self.signed_in_at.is_some_and(|at| at >= begun_at - LEEWAY)
    }

    /// What they may be called here, the best first: two people are never called alike.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        let account = self.account.as_ref().filter(|account| **account != self.name);
        let with_account = account.and_then(|account| readable(&format!("{} ({account})", self.name)));
        let short: String = self.name.chars().take(54).collect();
        let numbered = (2..1000).map(move |number| format!("{short} ({number})"));
        std::iter::once(self.name.clone()).chain(with_account).chain(numbered)
    }
}

/// What a person is known by: something, and not without end.
fn is_key(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// A text as a name here: without control characters and blanks around it, 1 to 60 characters.
fn readable(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|sign| !sign.is_control()).collect();
    let name: String = plain.trim().chars().take(60).collect();
    let name = name.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// The most powerful of the roles that are known here, by their names there.
fn role(roles: Option<&Value>) -> Option<Role> {
    let roles = match roles? {
        Value::Array(roles) => roles.as_slice(),
        one => std::slice::from_ref(one),
    };
    let is_given = |name: &str| roles.iter().filter_map(Value::as_str).any(|role| role.eq_ignore_ascii_case(name));
    let known = [("Admin", Role::Admin), ("Technician", Role::Technician), ("Billing", Role::Billing), ("Viewer", Role::Viewer)];
    known.into_iter().find(|(name, _)| is_given(name)).map(|(_, role)| role)
}

#[cfg(test)]
#[path = "openid_tests.rs"]
mod tests;
