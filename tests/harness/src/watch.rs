//! What must hold for every answer of every test, and for everything an install leaves behind: no secret is in it.

use std::collections::BTreeSet;
use std::rc::Rc;

use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use serde::Serialize;
use server::headers::HEADERS;
use server::http::{App, router};
use store::ports::{Sql, SqlValue};
use tower::ServiceExt;

use crate::{MASTER_KEY, SETUP_TOKEN, TestInstall};

impl TestInstall {
    /// Every answer of every test passes here, so what must hold for each of them is looked at here.
    pub async fn send(&self, request: Request<Body>) -> http::Response<Body> {
        let (asked, reads) = (format!("{} {}", request.method(), request.uri()), request.method() == Method::GET);
        let answer = router(App::new(Rc::clone(&self.tenant))).oneshot(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        for (name, value) in HEADERS {
            let found = head.headers.get(*name).and_then(|found| found.to_str().ok());
            // The page for print needs its stylesheet, and says so itself.
            let own = *name == "content-security-policy" && found.is_some_and(|policy| policy.starts_with("default-src 'none'; "));
            assert!(own || found == Some(*value), "{asked}: {name} is {found:?}");
        }
        let body = body.collect().await.expect("a body").to_bytes();
        let text = format!("{:?} {}", head.headers, String::from_utf8_lossy(&body));
        for secret in self.secrets() {
            assert!(!text.contains(&secret), "{asked} lets a credential out: {text}");
        }
        for secret in given_out(&text) {
            assert!(!reads, "{asked} tells a secret to whoever reads it: {text}");
            assert!(!self.told.borrow().contains(&secret), "{asked} tells a secret a second time: {text}");
            self.told.borrow_mut().push(secret);
        }
        http::Response::from_parts(head, Body::from(body))
    }

    /// What no answer, document, row, ticket or line of the log may hold.
    pub fn secrets(&self) -> Vec<String> {
        let known = self.simulator.credentials();
        let keys = &known.connectwise;
        let mut secrets = vec![keys.private_key.clone(), keys.public_key.clone(), keys.client_id.clone()];
        secrets.extend([&known.ema2, &known.connect, &known.protect].map(|login| login.password.clone()));
        let (key, previous) = self.settings.keys.borrow().clone();
        let others = self.settings.others.borrow();
        secrets.extend(others.iter().filter(|(name, _)| name.ends_with("_SECRET")).map(|(_, value)| value.clone()));
        secrets.extend(previous.into_iter().chain([key, MASTER_KEY.to_owned(), SETUP_TOKEN.to_owned(), "canary".to_owned()]));
        secrets
    }

    /// Where a secret is found that must not be there: vendors' credentials and what they were exchanged for, our own tokens, the
    /// setup secret and the master key, in KV, the ledger, the log and what ConnectWise holds. Empty when all is well.
    pub fn leaks(&self) -> Vec<String> {
        let mut secrets: BTreeSet<String> = self.secrets().into_iter().chain(self.told.borrow().iter().cloned()).collect();
        let sent = self.wire.sent.borrow();
        let shown = sent.iter().filter_map(|sent| sent.headers.get("authorization")?.to_str().ok()?.split_once(' '));
        secrets.extend(shown.map(|(_, proof)| proof.to_owned()));
        let mut found = Vec::new();
        let mut look = |place: &str, text: &str| {
            if let Some(secret) = secrets.iter().find(|secret| text.contains(secret.as_str())) {
                found.push(format!("a secret of {} characters in {place}", secret.len()));
            }
        };
        for (key, text) in self.texts.texts.borrow().iter() {
            look("KV", key);
            look("KV", text);
        }
        crate::log::lines().iter().for_each(|line| look("the log", line));
        for table in self.sql.run("SELECT name FROM sqlite_master WHERE type = 'table'", &[]).expect("tables") {
            let Some(SqlValue::Text(name)) = table.first() else { continue };
            for row in self.sql.run(&format!("SELECT * FROM {name}"), &[]).expect("rows") {
                for value in row {
                    match value {
                        SqlValue::Text(text) => look(&format!("the table {name}"), &text),
                        SqlValue::Blob(bytes) => look(&format!("the table {name}"), &String::from_utf8_lossy(&bytes)),
                        SqlValue::Null | SqlValue::Integer(_) | SqlValue::Real(_) => {}
                    }
                }
            }
        }
        let world = self.simulator.world();
        look("a ticket", &written(&world.tickets()));
        look("a ticket's note", &written(&world.notes()));
        look("a configuration", &written(&world.configurations()));
        look("an addition", &written(&world.additions()));
        found
    }
}

impl Drop for TestInstall {
    fn drop(&mut self) {
        if self.guarded.get() && !std::thread::panicking() {
            assert_eq!(self.leaks(), Vec::<String>::new());
        }
    }
}

fn written(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("json")
}

/// Secrets of the install's own making in a text: `sb`, a letter, `_` and 32 bytes or more in base64url.
fn given_out(text: &str) -> Vec<String> {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
    let words = text.split(|other| !sign(other)).filter(|word| word.len() >= 47 && word.starts_with("sb") && word.as_bytes()[3] == b'_');
    words.map(str::to_owned).collect()
}
