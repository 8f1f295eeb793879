//! The OpenID Connect provider, as it is asked.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use domain::Timestamp;
use domain::json::strict;
use futures::lock::Mutex;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::jwt::{Expected, TokenError};
use super::keyring::{Keyring, NotVerified};
use super::openid::{BrowserSecret, Discovery, Outsider, outsider};
use super::settings::OpenId;
use egress::{Egress, Environment, Inquiry, Of, guard};

/// How long what a provider says about itself is believed.
const KNOWN: TimeDelta = TimeDelta::hours(1);

/// How long after a failure it is not asked again: strangers may begin to sign in as often as they like.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// What is known of the provider. In memory only.
#[derive(Default)]
pub struct Provider {
    discovery: RefCell<Option<(Rc<Discovery>, Timestamp)>>,
    failed_at: Cell<Option<Timestamp>>,
    /// Held while it is asked, so that requests that come at once share one answer.
    turn: Mutex<()>,
    keys: Keyring,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum NotSignedIn {
    /// The provider does not answer as it should. It may be better in a while.
    #[error("{0}")]
    Unreachable(String),
    /// The provider does not take the code.
    #[error("the code was refused: {0}")]
    CodeRefused(String),
    /// What it signed is not right.
    #[error("the token was refused: {0}")]
    TokenRefused(#[from] TokenError),
}

impl From<NotVerified> for NotSignedIn {
    fn from(error: NotVerified) -> Self {
        match error {
            NotVerified::Refused(why) => Self::TokenRefused(why),
            NotVerified::NoKeys(why) => Self::Unreachable(format!("the provider's keys could not be fetched: {why}")),
        }
    }
}

#[derive(Deserialize)]
struct Exchanged {
    id_token: String,
}

#[derive(Deserialize)]
struct NotExchanged {
    error: String,
}

impl Provider {
    /// What the provider says about itself.
    ///
    /// # Errors
    /// When it does not answer, or is another one than was asked.
    pub async fn discovery(&self, egress: &Egress, settings: &OpenId, now: Timestamp) -> Result<Rc<Discovery>, NotSignedIn> {
        let known = || self.discovery.borrow().as_ref().filter(|(_, at)| now - *at < KNOWN).map(|(known, _)| Rc::clone(known));
        if let Some(known) = known() {
            return Ok(known);
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        if self.failed_at.get().is_some_and(|failed| now - failed < PAUSE) {
            return Err(NotSignedIn::Unreachable("the provider's description: tried a moment ago".to_owned()));
        }
        let described = Self::described(egress, settings).await;
        match &described {
            Ok(found) => *self.discovery.borrow_mut() = Some((Rc::clone(found), now)),
            Err(_) => self.failed_at.set(Some(now)),
        }
        described
    }

    async fn described(egress: &Egress, settings: &OpenId) -> Result<Rc<Discovery>, NotSignedIn> {
        let wrong = |why: String| NotSignedIn::Unreachable(format!("the provider's description: {why}"));
        let inquiry = Inquiry::get(Of::Provider, settings.discovery.clone(), "description");
        let answer = egress.ask(&inquiry).await.map_err(|error| wrong(error.to_string()))?;
        if !answer.is_success() {
            return Err(wrong(format!("status {}", answer.status)));
        }
        let found = Discovery::read(&answer.body).map_err(|why| wrong(why.to_string()))?;
        if found.issuers(settings).is_none() {
            return Err(wrong(format!("it is of another issuer, {:?}", found.issuer)));
        }
        let pages = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        if let Some(why) = pages.into_iter().find_map(|page| guard::admit(page, egress.environment()).err()) {
            return Err(wrong(format!("one of its addresses is not used: {why}")));
        }
        Ok(Rc::new(found))
    }

    /// Who has come back with `code`.
    ///
    /// # Errors
    /// When the provider does not answer, or what it answers proves nothing.
    pub async fn exchange(
        &self,
        egress: &Egress,
        settings: &OpenId,
        (code, back, secret): (&str, &str, &BrowserSecret),
        now: Timestamp,
    ) -> Result<Outsider, NotSignedIn> {
        let discovery = self.discovery(egress, settings, now).await?;
        let answer = egress.ask(&exchange(&discovery, settings, code, back, secret)).await;
        let answer = answer.map_err(|error| NotSignedIn::Unreachable(format!("the exchange of a code: {error}")))?;
        if answer.status >= 500 || answer.status == 429 {
            return Err(NotSignedIn::Unreachable(format!("the exchange of a code: status {}", answer.status)));
        }
        if !answer.is_success() {
            let said = strict::read::<NotExchanged>(&answer.body).map(|said| plain(&said.error)).unwrap_or_default();
            return Err(NotSignedIn::CodeRefused(format!("status {} {said}", answer.status)));
        }
        let unreadable = |_| NotSignedIn::TokenRefused(TokenError::Unreadable("the answer"));
        let Exchanged { id_token } = strict::read(&answer.body).map_err(unreadable)?;
        let token: Value = self.verified(egress, &discovery, settings, &id_token, now).await?;
        Ok(outsider(settings, secret, token)?)
    }

    async fn verified(
        &self,
        egress: &Egress,
        discovery: &Discovery,
        settings: &OpenId,
        token: &str,
        now: Timestamp,
    ) -> Result<Value, NotSignedIn> {
        let issuers = discovery.issuers(settings).unwrap_or_default();
        let expected = Expected { issuers: &issuers, audience: &settings.client, for_others_too: false };
        let inquiry = Inquiry::get(Of::Provider, discovery.jwks_uri.clone(), "keys");
        Ok(self.keys.verify(egress, &inquiry, token, &expected, now).await?)
    }
}

/// The exchange of a code for a token (RFC 6749, section 4.1.3).
fn exchange(discovery: &Discovery, settings: &OpenId, code: &str, back: &str, secret: &BrowserSecret) -> Inquiry {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", back)
        .append_pair("client_id", &settings.client)
        .append_pair("code_verifier", &secret.verifier());
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    if discovery.takes_secret_in_body() {
        form.append_pair("client_secret", &settings.secret);
    } else if let Ok(mut basic) = HeaderValue::from_str(&basic(settings)) {
        basic.set_sensitive(true);
        headers.insert(AUTHORIZATION, basic);
    }
    let body = form.finish().into_bytes();
    Inquiry { of: Of::Provider, method: Method::POST, url: discovery.token_endpoint.clone(), headers, body, label: "code" }
}

/// The client and its secret as a login (RFC 6749, section 2.3.1): each is written like a form's value first.
fn basic(settings: &OpenId) -> String {
    let written = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let login = Zeroizing::new(format!("{}:{}", written(&settings.client), written(&settings.secret)));
    format!("Basic {}", STANDARD.encode(login.as_bytes()))
}

/// A word of somebody else's, for the log: an error's code (RFC 6749, section 5.2) and nothing longer.
fn plain(text: &str) -> String {
    text.chars().filter(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-')).take(40).collect()
}

/// The address of a provider's description (OpenID Connect Discovery 1.0, section 4); none for an issuer that may not be called.
pub(super) fn description_of(issuer: &str, environment: Environment) -> Option<Url> {
    let url = Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none() && guard::admit(&url, environment).is_ok();
    plain.then_some(url)
}
