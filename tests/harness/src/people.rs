//! People who sign in to a [`TestInstall`]: in software, with passkeys and cookies as browsers have them.

use std::rc::Rc;

use authenticator::Authenticator;
use domain::access::Role;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use store::ports::Bucket;

use crate::stores::{Files, Memory};
use crate::{HOST, SETUP_TOKEN, TestInstall};

const NOTHING: Option<&Value> = None;

/// Somebody with a passkey and, once they are in, a session.
#[derive(Clone)]
pub struct Visitor {
    /// What they are called.
    pub name: String,
    /// Their passkey.
    pub authenticator: Authenticator,
    /// Their session's cookie, as a browser sends it; nothing before they are in.
    pub cookie: String,
}

impl Visitor {
    /// Somebody who was never here, with a passkey that is kept in several places and counts nothing.
    pub fn everywhere(name: &str) -> Self {
        Self { authenticator: Authenticator::uncounted(&format!("http://{HOST}"), name), ..Self::new(name) }
    }

    /// Somebody who was never here.
    pub fn new(name: &str) -> Self {
        let authenticator = Authenticator::new(&format!("http://{HOST}"), name);
        Self { name: name.to_owned(), authenticator, cookie: String::new() }
    }
}

impl TestInstall {
    /// Calls the API from a page of the install, whatever it answers.
    pub async fn call_by<B: Serialize>(&self, visitor: &Visitor, method: &str, path: &str, body: Option<&B>) -> (StatusCode, Value) {
        self.call_with(&[("cookie", &visitor.cookie), ("sec-fetch-site", "same-origin")], method, path, body).await
    }

    /// Accepts a one-time link with a new passkey.
    pub async fn accept(&self, visitor: &mut Visitor, token: &str) -> (StatusCode, Value) {
        let (status, answer) = self.call_with(&[], "POST", "/api/invitations/open", Some(&json!({ "token": token }))).await;
        if !status.is_success() {
            return (status, answer);
        }
        let passkey = visitor.authenticator.make(&answer["passkey"], "this test");
        let name = answer["name"].is_null().then(|| visitor.name.clone());
        let accepted = json!({ "token": token, "name": name, "passkey": passkey });
        let (status, headers, answer) = self.answer_with(&[], "POST", "/api/invitations/accept", Some(&accepted)).await;
        visitor.take_cookie(&headers);
        (status, answer)
    }

    /// The same, of a link that works.
    pub async fn come_in(&self, visitor: &mut Visitor, token: &str) {
        let (status, answer) = self.accept(visitor, token).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    /// Signs in by the passkey.
    pub async fn sign_in(&self, visitor: &mut Visitor) -> (StatusCode, Value) {
        let assertion = visitor.authenticator.show(&self.challenge().await);
        let (status, headers, answer) = self.answer_with(&[], "POST", "/api/session", Some(&assertion)).await;
        visitor.take_cookie(&headers);
        (status, answer)
    }

    /// Shows the passkey again.
    pub async fn prove(&self, visitor: &mut Visitor) -> (StatusCode, Value) {
        let assertion = visitor.authenticator.show(&self.challenge().await);
        self.call_by(visitor, "POST", "/api/session/proof", Some(&assertion)).await
    }

    /// A challenge to show a passkey by.
    pub async fn challenge(&self) -> Value {
        let (status, answer) = self.call_with(&[], "POST", "/api/session/challenge", NOTHING).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// Somebody new in a role, invited by the administrator and signed in.
    pub async fn person(&self, name: &str, role: Role) -> Visitor {
        self.person_who_sees(name, role, &json!({ "sees": "everything" })).await
    }

    /// The same of somebody who sees no more than this.
    pub async fn person_who_sees(&self, name: &str, role: Role, scope: &Value) -> Visitor {
        let admin = self.admin_anew().await;
        let invited = json!({ "name": name, "role": role, "scope": scope });
        let (status, link) = self.call_by(&admin, "POST", "/api/people", Some(&invited)).await;
        assert_eq!(status, StatusCode::CREATED, "{link}");
        let mut visitor = Visitor::new(name);
        self.come_in(&mut visitor, link["token"].as_str().expect("a token")).await;
        visitor
    }

    /// The administrator in a session that has just begun, however long the last one was not used.
    pub async fn admin_anew(&self) -> Visitor {
        let mut admin = self.admin.clone();
        let (status, answer) = self.sign_in(&mut admin).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        admin
    }

    /// Binds a bucket for nightly backups, as a new deployment does.
    pub fn bind_bucket(&mut self) -> Rc<Files> {
        let files = Rc::<Files>::default();
        let bucket: Rc<dyn Bucket> = Rc::<Files>::clone(&files);
        self.settings.bucket.replace(Some(bucket));
        self.restart();
        files
    }

    /// A new install in its place, which nothing but the vendors and the clock is known to, with the administrator come in anew.
    pub async fn replace(&mut self) {
        self.restore_ledger(&Memory::new());
        self.texts.texts.borrow_mut().clear();
        let mut admin = Visitor::everywhere(&self.admin.name);
        self.come_in(&mut admin, SETUP_TOKEN).await;
        self.token = self.token_for(&admin, Role::Admin).await;
        self.admin = admin;
    }

    /// A new access group with these companies, each with its connection, put into it. Returns its id.
    pub async fn access_group(&self, name: &str, companies: &[Value]) -> String {
        let admin = self.admin_anew().await;
        let (status, made) = self.call_by(&admin, "POST", "/api/access-groups", Some(&json!({ "name": name }))).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        let id = made["id"].as_str().expect("an id").to_owned();
        if !companies.is_empty() {
            self.assign(companies, Some(&id)).await;
        }
        id
    }

    /// Puts companies into an access group, or takes them out.
    pub async fn assign(&self, companies: &[Value], group: Option<&str>) {
        let admin = self.admin_anew().await;
        let body = json!({ "companies": companies, "group": group });
        let (status, answer) = self.call_by(&admin, "PUT", "/api/access-groups/companies", Some(&body)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }

    /// An API token in a role.
    pub async fn token_for(&self, admin: &Visitor, role: Role) -> String {
        self.token_that_sees(admin, role, &json!({ "sees": "everything" })).await
    }

    /// One that sees no more than this.
    pub async fn token_that_sees(&self, admin: &Visitor, role: Role, scope: &Value) -> String {
        let (_, known) = self.call_by(admin, "GET", "/api/tokens", NOTHING).await;
        let name = match known.as_array().map_or(0, Vec::len) {
            0 => "tests".to_owned(),
            known => format!("tests {}", known + 1),
        };
        let wanted = json!({ "name": name, "role": role, "scope": scope });
        let (status, made) = self.call_by(admin, "POST", "/api/tokens", Some(&wanted)).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["token"].as_str().expect("a token").to_owned()
    }
}

impl Visitor {
    fn take_cookie(&mut self, headers: &http::HeaderMap) {
        if let Some(set) = headers.get("set-cookie").and_then(|set| set.to_str().ok()) {
            self.cookie = set.split(';').next().unwrap_or_default().to_owned();
        }
    }
}
