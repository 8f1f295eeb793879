//! A ConnectWise that answers from a script, and keeps what it was asked.

use std::cell::RefCell;
use std::rc::Rc;

use async_trait::async_trait;
use chrono::{FixedOffset, TimeDelta};
use serde_json::Value;
use shared::Timestamp;

use super::{Connectwise, Keys, SiteCache};
use crate::egress::{Config, Egress, Environment};
use crate::ports::{Clock, Entropy, Limits, Transport, TransportError};

/// One answer of the script; none cuts the connection.
pub(super) type Scene = Option<(u16, String)>;

pub(super) fn scene(status: u16, body: &str) -> Scene {
    Some((status, body.to_owned()))
}

pub(super) struct Script {
    answers: RefCell<Vec<Scene>>,
    /// Method, path and query below the API, and body.
    asked: RefCell<Vec<(String, String, Vec<u8>)>>,
}

impl Script {
    /// A client that is answered so, in order, and what it asked.
    pub(super) fn client(mut answers: Vec<Scene>) -> (Connectwise, Rc<Self>) {
        answers.reverse();
        let script = Rc::new(Self { answers: RefCell::new(answers), asked: RefCell::default() });
        let door = Egress::new(script.clone(), Rc::new(Still), Rc::new(Still), Config::new(Environment::Production));
        let key = |text: &str| text.to_owned();
        let keys =
            Keys { company_id: key("acme"), public_key: key("public-key"), private_key: key("private-key").into(), client_id: key("id") };
        let client = Connectwise::new(door.session(1000), "na.myconnectwise.net", keys, Rc::new(SiteCache::default()));
        (client.expect("a client"), script)
    }

    /// What was asked, as `GET /service/boards?…` with blanks for plus signs.
    pub(super) fn asked(&self) -> Vec<String> {
        assert!(self.answers.borrow().is_empty(), "answers were left over");
        self.asked.borrow().iter().map(|(method, path, _)| format!("{method} {path}")).collect()
    }

    /// The body of the `place`-th call.
    pub(super) fn sent(&self, place: usize) -> Value {
        serde_json::from_slice(&self.asked.borrow()[place].2).expect("JSON")
    }
}

#[async_trait(?Send)]
impl Transport for Script {
    async fn send(&self, request: http::Request<Vec<u8>>, _: Limits) -> Result<http::Response<Vec<u8>>, TransportError> {
        let answer = |(status, body): (u16, String)| http::Response::builder().status(status).body(body.into_bytes()).expect("an answer");
        let url: url::Url = request.uri().to_string().parse().expect("an address");
        if url.path().contains("/companyinfo/") {
            let info = r#"{"CompanyName":"Acme","Codebase":"v2026_1/","VersionCode":"v2026.1","CompanyID":"acme","IsCloud":"True"}"#;
            return Ok(answer((200, info.to_owned())));
        }
        let path = url.path().split_once("/apis/3.0").expect("the API").1;
        let query: Vec<String> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
        let asked = if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) };
        assert!(url.as_str().len() < 2000, "{url}");
        self.asked.borrow_mut().push((request.method().to_string(), asked.clone(), request.into_body()));
        let scene = self.answers.borrow_mut().pop().unwrap_or_else(|| panic!("a call nobody expected: {asked}"));
        scene.map(answer).ok_or_else(|| TransportError::Failed("reset".to_owned()))
    }
}

struct Still;

#[async_trait(?Send)]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    async fn sleep(&self, _: TimeDelta) {}

    fn offset(&self, _: &str, _: Timestamp) -> Option<FixedOffset> {
        None
    }
}

impl Entropy for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}
