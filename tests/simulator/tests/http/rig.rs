//! A running simulator and a client that knows its credentials.

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use simulator::{Options, Simulator};

pub(crate) struct Rig {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
}

/// An answer, read in full.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) link: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let link = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default();
        Self { status, link, body }
    }

    pub(crate) fn rows(&self) -> &[Value] {
        self.body.as_array().map_or(&[], Vec::as_slice)
    }
}

/// Escapes a query value.
pub(crate) fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

impl Rig {
    pub(crate) async fn with(companies: usize) -> Self {
        Self::start(Options { companies, ..Options::default() }).await
    }

    pub(crate) async fn start(options: Options) -> Self {
        Self { simulator: Simulator::start(options).await.unwrap(), client: Client::new() }
    }

    /// A ConnectWise request below the current code base, with good keys.
    pub(crate) fn connectwise(&self, method: Method, path: &str) -> RequestBuilder {
        let keys = &self.simulator.credentials().connectwise;
        let site = &self.simulator.addresses().connectwise;
        let codebase = self.simulator.world().settings().codebase;
        self.client
            .request(method, format!("{site}/{codebase}apis/3.0/{path}"))
            .basic_auth(format!("{}+{}", keys.company_id, keys.public_key), Some(&keys.private_key))
            .header("clientId", &keys.client_id)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.connectwise(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Answer {
        Answer::of(self.connectwise(Method::PATCH, path).json(&operations).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        Answer::of(self.connectwise(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn token(&self) -> String {
        let login = &self.simulator.credentials().ema2;
        let answer = self.call("Token/Get", None, json!(login)).await;
        answer.body["accessToken"].as_str().unwrap().to_owned()
    }

    /// An EMA 2 call.
    pub(crate) async fn call(&self, page: &str, token: Option<&str>, body: Value) -> Answer {
        let request = self.client.post(format!("{}/{page}", self.simulator.addresses().ema2)).json(&body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Answer::of(request.send().await.unwrap()).await
    }

    /// An EMA 2 read.
    pub(crate) async fn read(&self, page: &str, token: &str) -> Answer {
        let request = self.client.get(format!("{}/{page}", self.simulator.addresses().ema2)).bearer_auth(token);
        Answer::of(request.send().await.unwrap()).await
    }

    /// An ESET Connect token request.
    pub(crate) async fn grant(&self, form: &str) -> Answer {
        let request = self.client.post(format!("{}/oauth/token", self.simulator.addresses().connect));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        Answer::of(request.send().await.unwrap()).await
    }

    pub(crate) async fn connect_token(&self) -> String {
        let login = &self.simulator.credentials().connect;
        let form = format!("grant_type=password&username={}&password={}", escaped(&login.username), escaped(&login.password));
        self.grant(&form).await.body["access_token"].as_str().unwrap().to_owned()
    }

    /// An ESET Connect read.
    pub(crate) async fn connect(&self, path: &str, token: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.simulator.addresses().connect)).bearer_auth(token);
        Answer::of(request.send().await.unwrap()).await
    }
}
