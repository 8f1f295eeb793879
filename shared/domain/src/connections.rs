//! Connections: the vendors, what each wants to know a caller by, and what a look at one found.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Timestamp;

/// EMA 2's own address, used when none is given.
pub const EMA2_ADDRESS: &str = "https://mspapi.eset.com/api";

/// The regions of ESET Connect: a customer's devices are in one of them.
pub const CONNECT_REGIONS: [&str; 5] = ["eu", "de", "us", "ca", "jpn"];

/// The address of ESET Connect's device management in a region (ESET Connect swagger: servers). None for a region there is none of.
pub fn connect_address(region: &str) -> Option<String> {
    let region = CONNECT_REGIONS.iter().find(|known| known.eq_ignore_ascii_case(region))?;
    Some(format!("https://{region}.device-management.eset.systems"))
}

/// What a vendor wants to know a caller by. Write-only: no answer holds it, and it has no `Debug`.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Credentials {
    /// ESET MSP Administrator 2: an API user.
    Ema2 {
        /// Login.
        username: String,
        /// Password.
        password: String,
    },
    /// ESET Connect: an API user of ESET PROTECT or ESET PROTECT Hub, with Integrations on.
    Connect {
        /// Login.
        username: String,
        /// Password.
        password: String,
    },
    /// ESET PROTECT On-Prem: a user whose permission set allows the API.
    Onprem {
        /// Login.
        username: String,
        /// Password.
        password: String,
    },
    /// ConnectWise PSA: an API member's keys.
    Connectwise {
        /// The company people type at login.
        company_id: String,
        /// Public key.
        public_key: String,
        /// Private key.
        private_key: String,
        /// The integration's client id (a GUID from ConnectWise's developer site).
        client_id: String,
    },
}

/// Credentials as JSON has them: one flat shape, read with a fraction of the code of a shape for each kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialFields {
    kind: ConnectionKind,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    company_id: Option<String>,
    #[serde(default)]
    public_key: Option<String>,
    #[serde(default)]
    private_key: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
}

impl<'de> Deserialize<'de> for Credentials {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = CredentialFields::deserialize(deserializer)?;
        let there = |value: Option<String>, name: &'static str| value.ok_or_else(|| D::Error::missing_field(name));
        let keys = [&fields.company_id, &fields.public_key, &fields.private_key, &fields.client_id];
        let login = [&fields.username, &fields.password];
        let strange = if fields.kind == ConnectionKind::Connectwise { &login[..] } else { &keys[..] };
        if strange.iter().any(|field| field.is_some()) {
            return Err(D::Error::custom("there are credentials of another vendor among them"));
        }
        if fields.kind == ConnectionKind::Connectwise {
            return Ok(Self::Connectwise {
                company_id: there(fields.company_id, "company_id")?,
                public_key: there(fields.public_key, "public_key")?,
                private_key: there(fields.private_key, "private_key")?,
                client_id: there(fields.client_id, "client_id")?,
            });
        }
        let (username, password) = (there(fields.username, "username")?, there(fields.password, "password")?);
        Ok(match fields.kind {
            ConnectionKind::Connect => Self::Connect { username, password },
            ConnectionKind::Onprem => Self::Onprem { username, password },
            _ => Self::Ema2 { username, password },
        })
    }
}

/// Which vendor a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// ESET MSP Administrator 2: companies, licences and seats.
    Ema2,
    /// ESET Connect: device groups and devices of a cloud console.
    Connect,
    /// ESET PROTECT On-Prem 13 and later: device groups and devices of one's own server.
    Onprem,
    /// ConnectWise PSA.
    Connectwise,
}

impl ConnectionKind {
    /// The vendor's name for its product.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ema2 => "ESET MSP Administrator 2",
            Self::Connect => "ESET Connect",
            Self::Onprem => "ESET PROTECT On-Prem",
            Self::Connectwise => "ConnectWise PSA",
        }
    }

    /// The vendor's short name, for a freshness chip.
    pub fn vendor(self) -> &'static str {
        match self {
            Self::Ema2 => "ESET",
            Self::Connect => "ESET Connect",
            Self::Onprem => "ESET PROTECT",
            Self::Connectwise => "ConnectWise",
        }
    }

    /// Whether device groups are read through it.
    pub fn has_groups(self) -> bool {
        matches!(self, Self::Connect | Self::Onprem)
    }

    /// Whether detections are read through it. ESET PROTECT On-Prem offers none (protect_admin 13.0 help, using the API).
    pub fn has_detections(self) -> bool {
        self == Self::Connect
    }
}

impl Credentials {
    /// Which vendor they are for.
    pub fn kind(&self) -> ConnectionKind {
        match self {
            Self::Ema2 { .. } => ConnectionKind::Ema2,
            Self::Connect { .. } => ConnectionKind::Connect,
            Self::Onprem { .. } => ConnectionKind::Onprem,
            Self::Connectwise { .. } => ConnectionKind::Connectwise,
        }
    }
}

/// The result of a test: a real authenticated read, and a look at each permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestReport {
    /// When.
    pub at: Timestamp,
    /// Whether everything that is needed works.
    pub ok: bool,
    /// In a sentence.
    pub summary: String,
    /// One row for each thing looked at.
    pub checks: Vec<Check>,
}

/// One thing a test looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// The module or step, in the vendor's words: "Finance > Agreements".
    pub name: String,
    /// How it went.
    pub result: CheckResult,
    /// What was found.
    pub detail: String,
    /// What to change in the vendor's console, when it is not right.
    pub remedy: Option<String>,
}

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// Right.
    Passed,
    /// Works, with a limit worth knowing.
    Warning,
    /// Must be put right.
    Failed,
}

/// What a vendor said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VendorWords {
    /// HTTP status it answered; none when it did not answer.
    pub status: Option<u16>,
    /// Its error code.
    pub code: Option<String>,
    /// Its message, with credentials taken out.
    pub message: String,
    /// The field it names.
    pub field: Option<String>,
}
