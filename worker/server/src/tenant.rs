//! The tenant: everything of one install, put together from its ports.

use std::cell::Cell;
use std::rc::Rc;

use chrono::{FixedOffset, Offset, TimeDelta, Utc};
use domain::Timestamp;
use domain::connections::ConnectionKind;
use domain::ids::ConnectionId;

use crate::clients::{Clients, Sessions};
use crate::config::Config;
use crate::identity::{Keyring, Provider, Seal};
use crate::passes::Marks;
use crate::throttle::Throttle;
use crate::vault::{Vault, VaultError};
use egress::ports::{Clock, Entropy, Transport};
use egress::{self, Egress};
use store::documents::{DocumentError, Documents};
use store::ledger::Ledger;
use store::ports::{Alarm, Bucket, KeyValue, Sql, StoreError};
use vendor::VendorError;

/// The document that holds every mapping.
pub const MAPPINGS: &str = "mappings";

/// What a tenant needs of its surroundings.
#[derive(Clone)]
pub struct Ports {
    /// The time.
    pub clock: Rc<dyn Clock>,
    /// Randomness.
    pub entropy: Rc<dyn Entropy>,
    /// The way out.
    pub transport: Rc<dyn Transport>,
    /// Workers KV.
    pub key_value: Rc<dyn KeyValue>,
    /// The ledger's SQLite.
    pub sql: Rc<dyn Sql>,
    /// The ledger's alarm.
    pub alarm: Rc<dyn Alarm>,
    /// Where nightly backups go, when a bucket is bound.
    pub bucket: Option<Rc<dyn Bucket>>,
}

/// One install.
pub struct Tenant {
    /// What it was told at deployment.
    pub config: Config,
    /// What must be right at once.
    pub ledger: Ledger,
    /// Documents in KV.
    pub documents: Documents,
    /// The only way out.
    pub egress: Egress,
    pub(crate) clock: Rc<dyn Clock>,
    pub(crate) entropy: Rc<dyn Entropy>,
    pub(crate) alarm: Rc<dyn Alarm>,
    /// Where nightly backups go, when a bucket is bound.
    pub(crate) bucket: Option<Rc<dyn Bucket>>,
    /// Since when the alarm is at work, if it is: two alarms never work at once.
    pub(crate) at_work: Cell<Option<Timestamp>>,
    /// Workers KV, for what stands outside of the ledger on purpose.
    pub(crate) key_value: Rc<dyn KeyValue>,
    /// What this run knows of how far the ledger had come.
    pub(crate) marks: Marks,
    /// How often strangers may call.
    pub(crate) rate_limit: Throttle,
    /// The keys of Cloudflare Access.
    pub(crate) access_keys: Keyring,
    /// The OpenID Connect provider.
    pub(crate) provider: Provider,
    sessions: Sessions,
}

/// Why something inside the tenant did not work.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The ledger or KV failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A document could not be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Credentials could not be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A vendor did not do what was asked.
    #[error("{}", .0.message())]
    Vendor(#[from] VendorError),
    /// A vendor's answer is complete, but not to be believed or used.
    #[error("{0}")]
    Unusable(String),
    /// Something that should be there is not.
    #[error("{0}")]
    Missing(String),
}

impl Tenant {
    /// Opens the install.
    ///
    /// # Errors
    /// When the ledger cannot be opened.
    pub fn open(config: Config, ports: Ports) -> Result<Self, StoreError> {
        let ledger = Ledger::open(ports.sql)?;
        let mut rates = egress::Config::new(config.environment);
        if let Some(rate) = config.local_rate {
            rates.eset_per_second = rate;
            rates.connectwise_per_second = rate;
        }
        Ok(Self {
            documents: Documents::new(Rc::clone(&ports.key_value), ledger.clone()),
            key_value: ports.key_value,
            marks: Marks::default(),
            egress: Egress::new(ports.transport, Rc::clone(&ports.clock), Rc::clone(&ports.entropy), rates),
            ledger,
            config,
            clock: ports.clock,
            entropy: ports.entropy,
            alarm: ports.alarm,
            bucket: ports.bucket,
            at_work: Cell::new(None),
            rate_limit: Throttle::of_tries(),
            access_keys: Keyring::default(),
            provider: Provider::default(),
            sessions: Sessions::default(),
        })
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new random id: 128 bits in hexadecimal.
    pub fn new_id(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Rings the alarm as soon as may be.
    ///
    /// # Errors
    /// When the platform refuses.
    pub async fn wake(&self) -> Result<(), StoreError> {
        self.alarm.set(self.now()).await
    }

    pub(crate) fn vault(&self) -> Vault<'_> {
        Vault::new(&self.config.master_key, self.config.previous_key.as_deref(), self.entropy.as_ref())
    }

    /// What seals and opens the tokens of who is not signed in.
    pub(crate) fn seal(&self) -> Seal<'_> {
        Seal::new(&self.config.master_key, self.config.previous_key.as_deref(), self.entropy.as_ref())
    }

    /// What makes clients of connections.
    pub fn clients(&self) -> Clients<'_> {
        Clients::new(self.vault(), &self.sessions)
    }

    /// Forgets tokens and discovered addresses of a connection, after its credentials or address changed.
    pub(crate) fn forget_sessions(&self, connection: &ConnectionId) {
        self.sessions.forget(connection);
    }
}

/// The document that holds the latest snapshot of an ESET connection.
pub(crate) fn snapshot_of(connection: &ConnectionId) -> String {
    format!("snapshot/{connection}")
}

/// The document that holds the latest reading of a connection's device groups.
pub(crate) fn groups_of(connection: &ConnectionId) -> String {
    format!("groups/{connection}")
}

/// The document that holds what is read through a connection.
pub(crate) fn document_of(kind: ConnectionKind, connection: &ConnectionId) -> String {
    match kind {
        ConnectionKind::Ema2 => snapshot_of(connection),
        ConnectionKind::Connect | ConnectionKind::Onprem => groups_of(connection),
        ConnectionKind::Connectwise => catalogue_of(connection),
    }
}

/// The document that holds what a ConnectWise connection was last seen to hold.
pub(crate) fn catalogue_of(connection: &ConnectionId) -> String {
    format!("psa/{connection}")
}

/// How long the cron may be silent before the alarm does its work.
pub(crate) const CRON_SILENCE: TimeDelta = TimeDelta::minutes(25);

/// Tells how far the clocks of a time zone are ahead of UTC. Those of one that is not known any more show UTC.
pub(crate) fn offsets(clock: &dyn Clock) -> impl Fn(&str, Timestamp) -> FixedOffset {
    |zone, at| clock.offset(zone, at).unwrap_or_else(|| Utc.fix())
}
