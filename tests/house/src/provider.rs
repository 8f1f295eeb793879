//! Those who vouch for people beside the install itself, in this process: a team of Cloudflare Access.

use std::cell::RefCell;
use std::rc::Rc;

use authenticator::Signer;
use serde_json::{Value, json};

use crate::House;

/// The team's host.
pub const TEAM: &str = "example.cloudflareaccess.com";
/// The audience of the install's application there.
pub const AUDIENCE: &str = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

/// Somebody who signs tokens.
pub struct Provider {
    /// The keys that are published, the one that signs first.
    pub keys: RefCell<Vec<Signer>>,
}

impl Default for Provider {
    fn default() -> Self {
        Self { keys: RefCell::new(vec![Signer::new("one")]) }
    }
}

impl Provider {
    /// Whether calls to this host are answered here.
    pub fn is_at(host: &str) -> bool {
        host == TEAM
    }

    /// Takes another key and forgets those of before.
    pub fn rotate(&self, kid: &str) {
        self.keys.replace(vec![Signer::new(kid)]);
    }

    /// A token of the key that signs now.
    pub fn sign(&self, claims: &Value) -> String {
        self.keys.borrow()[0].token(claims)
    }

    /// What is answered to a request.
    pub fn answer(&self, request: &http::Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        let (status, body) = match (request.method().as_str(), request.uri().path()) {
            ("GET", "/cdn-cgi/access/certs") => (200, self.published()),
            _ => (404, json!({})),
        };
        let body = serde_json::to_vec(&body).expect("json");
        http::Response::builder().status(status).header("content-type", "application/json").body(body).expect("an answer")
    }

    fn published(&self) -> Value {
        let keys: Vec<Value> = self.keys.borrow().iter().map(Signer::jwk).collect();
        json!({ "keys": keys })
    }
}

impl House {
    /// Starts it anew with these variables besides, as another deployment does.
    pub fn tell(&mut self, variables: &[(&str, &str)]) {
        self.settings.others.replace(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        self.restart();
    }

    /// Puts it behind Cloudflare Access, and answers who signs its passes.
    pub fn behind_access(&mut self) -> Rc<Provider> {
        let team = Rc::<Provider>::default();
        *self.wire.provider.borrow_mut() = Some(Rc::clone(&team));
        self.tell(&[("ACCESS_TEAM_DOMAIN", TEAM), ("ACCESS_AUDIENCE", AUDIENCE)]);
        team
    }

    /// What a pass of Access says that is valid for five minutes.
    pub fn pass_claims(&self) -> Value {
        let now = self.tenant.now().timestamp();
        json!({ "iss": format!("https://{TEAM}"), "aud": [AUDIENCE], "email": "ada@example.com", "sub": "ada", "type": "app",
                "iat": now, "nbf": now, "exp": now + 300 })
    }
}
