//! Those who vouch for people beside the install itself, in this process: a team of Cloudflare Access, an OpenID Connect provider.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use authenticator::Signer;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::people::Visitor;
use crate::{HOST, TestInstall};

/// The team's host.
pub const TEAM: &str = "example.cloudflareaccess.com";
/// The audience of the install's application there.
pub const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
/// The provider's issuer.
pub const ISSUER: &str = "https://login.provider.test/house";
/// What the install is called there.
pub const CLIENT: &str = "5b8c2c1e-seatbridge";
/// What it shows there.
pub const CLIENT_SECRET: &str = "client secret: with/signs+that%need=care";

/// Who signs tokens.
pub struct Provider {
    /// The keys that are published, the one that signs first.
    pub keys: RefCell<Vec<Signer>>,
    /// Who the provider says it is.
    pub issuer: RefCell<String>,
    /// Whether it answers in the fragment, and takes the client's secret in the body alone.
    pub modern: Cell<bool>,
    /// What is changed of what a token says before it is signed.
    pub twist: RefCell<Value>,
    codes: RefCell<BTreeMap<String, Code>>,
}

/// A code that was given out: what was asked, and what the token will say of the person.
struct Code {
    asked: BTreeMap<String, String>,
    person: Value,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            keys: RefCell::new(vec![Signer::new("one")]),
            issuer: RefCell::new(ISSUER.to_owned()),
            modern: Cell::new(false),
            twist: RefCell::new(json!({})),
            codes: RefCell::default(),
        }
    }
}

impl Provider {
    /// Whether calls to this host are answered here.
    pub fn is_at(host: &str) -> bool {
        [TEAM, "login.provider.test", "login.microsoftonline.com"].contains(&host)
    }

    /// Takes another key and forgets those of before.
    pub fn rotate(&self, kid: &str) {
        self.keys.replace(vec![Signer::new(kid)]);
    }

    /// A token of the key that signs now.
    pub fn sign(&self, claims: &Value) -> String {
        self.keys.borrow()[0].token(claims)
    }

    /// Lets somebody sign in on the page the browser was sent to. Answers what the browser comes back with.
    pub fn let_in(&self, page: &str, person: &Value) -> Value {
        let page: Url = page.parse().expect("an address");
        let asked: BTreeMap<String, String> = page.query_pairs().into_owned().collect();
        for (name, value) in
            [("response_type", "code"), ("client_id", CLIENT), ("code_challenge_method", "S256"), ("scope", "openid profile")]
        {
            assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
        }
        assert_eq!(asked.get("redirect_uri"), Some(&format!("http://{HOST}/signed-in")));
        assert_eq!(asked.contains_key("response_mode"), self.modern.get());
        let (code, state) = (format!("code-{}", self.codes.borrow().len() + 1), asked["state"].clone());
        self.codes.borrow_mut().insert(code.clone(), Code { asked, person: person.clone() });
        json!({ "state": state, "code": code })
    }

    /// What is answered to a request at `now`.
    pub fn answer(&self, request: &http::Request<Vec<u8>>, now: i64) -> http::Response<Vec<u8>> {
        let path = request.uri().path();
        let (status, body) = match request.method().as_str() {
            "GET" if path.ends_with("/.well-known/openid-configuration") => (200, self.description(request)),
            "GET" if path == "/cdn-cgi/access/certs" || path == "/keys" => (200, self.published()),
            "POST" if path == "/token" => {
                self.exchange(request, now).map_or_else(|why| (400, json!({ "error": why })), |token| (200, token))
            }
            _ => (404, json!({})),
        };
        let body = serde_json::to_vec(&body).expect("json");
        http::Response::builder().status(status).header("content-type", "application/json").body(body).expect("an answer")
    }

    fn published(&self) -> Value {
        let keys: Vec<Value> = self.keys.borrow().iter().map(Signer::jwk).collect();
        json!({ "keys": keys })
    }

    fn description(&self, request: &http::Request<Vec<u8>>) -> Value {
        let at = format!("https://{}", request.uri().host().expect("a host"));
        let mut said = json!({ "issuer": *self.issuer.borrow(), "authorization_endpoint": format!("{at}/authorize?house=1"),
            "token_endpoint": format!("{at}/token"), "jwks_uri": format!("{at}/keys") });
        if self.modern.get() {
            said["response_modes_supported"] = json!(["query", "fragment"]);
            said["token_endpoint_auth_methods_supported"] = json!(["client_secret_post", "private_key_jwt"]);
        }
        said
    }

    fn exchange(&self, request: &http::Request<Vec<u8>>, now: i64) -> Result<Value, &'static str> {
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str);
        let written = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", written(CLIENT), written(CLIENT_SECRET))));
        let shown = request.headers().get("authorization").and_then(|shown| shown.to_str().ok());
        let known =
            if self.modern.get() { shown.is_none() && field("client_secret") == Some(CLIENT_SECRET) } else { shown == Some(&basic) };
        if !known || field("client_id") != Some(CLIENT) {
            return Err("invalid_client");
        }
        let Code { asked, person } = field("code").and_then(|code| self.codes.borrow_mut().remove(code)).ok_or("invalid_grant")?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier").unwrap_or_default()));
        let fits = field("grant_type") == Some("authorization_code")
            && field("redirect_uri") == Some(&asked["redirect_uri"])
            && asked["code_challenge"] == challenge;
        if !fits {
            return Err("invalid_grant");
        }
        let mut claims = json!({ "iss": *self.issuer.borrow(), "aud": CLIENT, "nonce": asked["nonce"], "iat": now, "exp": now + 300 });
        for more in [&person, &self.twist.borrow()] {
            for (name, value) in more.as_object().expect("claims") {
                claims[name] = value.clone();
            }
        }
        Ok(json!({ "token_type": "Bearer", "access_token": "not used", "id_token": self.sign(&claims) }))
    }
}

impl TestInstall {
    /// Starts it anew with these variables besides, as another deployment does.
    pub fn tell(&mut self, variables: &[(&str, &str)]) {
        self.settings.others.replace(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        self.restart();
    }

    /// Has somebody vouch for people, and tells the install these variables of them.
    pub fn vouched_for(&mut self, variables: &[(&str, &str)]) -> Rc<Provider> {
        let provider = Rc::<Provider>::default();
        *self.wire.provider.borrow_mut() = Some(Rc::clone(&provider));
        self.tell(variables);
        provider
    }

    /// Puts it behind Cloudflare Access, and answers who signs its passes.
    pub fn behind_access(&mut self) -> Rc<Provider> {
        self.vouched_for(&[("ACCESS_TEAM_DOMAIN", TEAM), ("ACCESS_AUDIENCE", AUDIENCE)])
    }

    /// Has a provider beside passkeys, and answers it.
    pub fn with_provider(&mut self) -> Rc<Provider> {
        self.vouched_for(&provider_variables(ISSUER))
    }

    /// What a pass of Access says that is valid for five minutes.
    pub fn pass_claims(&self) -> Value {
        let now = self.tenant.now().timestamp();
        json!({ "iss": format!("https://{TEAM}"), "aud": [AUDIENCE], "email": "ada@example.com", "sub": "ada", "type": "app",
                "iat": now, "nbf": now, "exp": now + 300 })
    }

    /// Begins to sign in with the provider, with whatever cookies the visitor has. Answers the page and the cookie of the browser.
    pub async fn begin_openid(&self, visitor: &Visitor, again: bool) -> (String, String) {
        let headers = [("cookie", visitor.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let (status, headers, answer) = self.answer_with(&headers, "POST", "/api/session/openid", Some(&json!({ "again": again }))).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let set = headers["set-cookie"].to_str().expect("text");
        assert!(set.starts_with("seatbridge-openid=") && set.contains("HttpOnly") && set.contains("Max-Age=600"), "{set}");
        (answer["url"].as_str().expect("an address").to_owned(), set.split(';').next().expect("a cookie").to_owned())
    }

    /// Comes back from the provider with `answer`, in the browser that has `cookie`.
    pub async fn finish_openid(&self, visitor: &mut Visitor, cookie: &str, answer: &Value) -> (StatusCode, Value) {
        let cookies = format!("{}; {cookie}", visitor.cookie);
        let headers = [("cookie", cookies.as_str()), ("sec-fetch-site", "same-origin")];
        let (status, headers, answer) = self.answer_with(&headers, "POST", "/api/session/openid/finish", Some(answer)).await;
        let set = headers.get_all("set-cookie").iter().filter_map(|set| set.to_str().ok()).find(|set| set.starts_with("seatbridge="));
        if let Some(set) = set {
            visitor.cookie = set.split(';').next().unwrap_or_default().to_owned();
        }
        (status, answer)
    }

    /// Signs somebody in with the provider.
    pub async fn come_by(&self, provider: &Provider, visitor: &mut Visitor, person: &Value) -> (StatusCode, Value) {
        let (page, cookie) = self.begin_openid(visitor, false).await;
        let answer = provider.let_in(&page, person);
        self.finish_openid(visitor, &cookie, &answer).await
    }
}

/// What an install is told of a provider.
pub fn provider_variables(issuer: &str) -> [(&str, &str); 4] {
    [("OPENID_ISSUER", issuer), ("OPENID_CLIENT_ID", CLIENT), ("OPENID_CLIENT_SECRET", CLIENT_SECRET), ("OPENID_NAME", "House")]
}
