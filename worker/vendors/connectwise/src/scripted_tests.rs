//! A client of ConnectWise that is answered from a script.

use std::rc::Rc;

use domain::Timestamp;
use serde_json::Value;

use super::{Connectwise, Keys, SiteCache};
use egress::ports::scripted::{Scene, Scripted, Seeded, Stepped};
pub(super) use egress::ports::scripted::{no_answer, scene};
use egress::{Config, Egress, Environment};

/// What a client asked.
pub(super) struct Script(Rc<Scripted>);

impl Script {
    /// A client that is answered so, in order, and what it asked.
    pub(super) fn client(answers: Vec<Scene>) -> (Connectwise, Self) {
        let vendor = Scripted::beside(site, answers);
        let (clock, entropy) = (Stepped::at(Timestamp::UNIX_EPOCH), Seeded::new(7));
        let egress = Egress::new(Rc::<Scripted>::clone(&vendor), clock, entropy, Config::new(Environment::Production));
        let key = |text: &str| text.to_owned();
        let keys =
            Keys { company_id: key("acme"), public_key: key("public-key"), private_key: key("private-key").into(), client_id: key("id") };
        let client = Connectwise::new(egress.session(1000), "na.myconnectwise.net", keys, Rc::new(SiteCache::default()));
        (client.expect("a client"), Self(vendor))
    }

    /// What was asked below the API, as `GET /service/boards?…` with blanks for plus signs.
    pub(super) fn asked(&self) -> Vec<String> {
        assert!(self.0.is_over(), "answers were left over");
        self.0.asked.borrow().iter().map(shown).collect()
    }

    /// The body of the `place`-th call.
    pub(super) fn sent(&self, place: usize) -> Value {
        serde_json::from_slice(self.0.asked.borrow()[place].body()).expect("JSON")
    }
}

/// Where the API is, for whoever asks.
fn site(path: &str) -> Option<&'static str> {
    path.contains("/companyinfo/")
        .then_some(r#"{"CompanyName":"Acme","Codebase":"v2026_1/","VersionCode":"v2026.1","CompanyID":"acme","IsCloud":"True"}"#)
}

fn shown(request: &http::Request<Vec<u8>>) -> String {
    let url: url::Url = request.uri().to_string().parse().expect("an address");
    let path = url.path().split_once("/apis/3.0").expect("the API").1;
    let query: Vec<String> = url.query_pairs().map(|(name, value)| format!("{name}={value}")).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{} {path}{query}", request.method())
}
