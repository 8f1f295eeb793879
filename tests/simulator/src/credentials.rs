//! Who may log in.

use serde::{Deserialize, Serialize};

/// A login and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Login name.
    pub username: String,
    /// Password.
    pub password: String,
}

/// The keys of a ConnectWise API member, and the `clientId` of the integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The company id a person types at the login page.
    pub company_id: String,
    /// Public key.
    pub public_key: String,
    /// Private key.
    pub private_key: String,
    /// `clientId` header.
    pub client_id: String,
}

/// One set of credentials for each vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// ESET MSP Administrator 2.
    pub ema2: Login,
    /// ConnectWise PSA.
    pub connectwise: Keys,
    /// ESET Connect.
    pub connect: Login,
    /// ESET PROTECT On-Prem.
    pub protect: Login,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            ema2: Login { username: "api@northwind-msp.example".to_owned(), password: "plain-Harbor-42".to_owned() },
            connectwise: Keys {
                company_id: "northwind".to_owned(),
                public_key: "pk7Rb2LmQx9TzVaN".to_owned(),
                private_key: "sk3WfYcH8dJpKe5G".to_owned(),
                client_id: "5f1c2a9e-7b64-4d0f-9c38-2e6a10b7d4f3".to_owned(),
            },
            connect: Login { username: "connect@northwind-msp.example".to_owned(), password: "quiet-Meadow-17".to_owned() },
            protect: Login { username: "seat-api".to_owned(), password: "narrow-Lantern-63".to_owned() },
        }
    }
}
