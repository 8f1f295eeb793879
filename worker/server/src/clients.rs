//! The vendors' clients, made of connections: their credentials are opened for it, and what a sign-in brought outlives the client.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::connections::Credentials;
use domain::ids::ConnectionId;
use domain::json::strict;
use zeroize::Zeroizing;

use crate::tenant::TenantError;
use crate::vault::{Vault, VaultError};
use connect::{Connect, Flavour};
use connectwise::{Connectwise, Keys, SiteCache};
use egress::Outbound;
use ema2::Ema2;
use store::ledger::ConnectionRow;
use store::ports::StoreError;
use vendor::TokenCache;

/// Tokens and discovered addresses of connections.
#[derive(Default)]
pub(crate) struct Sessions {
    tokens: RefCell<BTreeMap<ConnectionId, Rc<TokenCache>>>,
    sites: RefCell<BTreeMap<ConnectionId, Rc<SiteCache>>>,
}

impl Sessions {
    fn tokens(&self, connection: &ConnectionId) -> Rc<TokenCache> {
        Rc::clone(self.tokens.borrow_mut().entry(connection.clone()).or_default())
    }

    fn site(&self, connection: &ConnectionId) -> Rc<SiteCache> {
        Rc::clone(self.sites.borrow_mut().entry(connection.clone()).or_default())
    }

    /// Forgets those of one connection.
    pub(crate) fn forget(&self, connection: &ConnectionId) {
        self.tokens.borrow_mut().remove(connection);
        self.sites.borrow_mut().remove(connection);
    }
}

/// Makes clients of connections.
#[derive(Clone, Copy)]
pub struct Clients<'a> {
    vault: Vault<'a>,
    sessions: &'a Sessions,
}

impl<'a> Clients<'a> {
    pub(crate) fn new(vault: Vault<'a>, sessions: &'a Sessions) -> Self {
        Self { vault, sessions }
    }

    /// The credentials of a connection.
    ///
    /// # Errors
    /// When they cannot be opened with this master key.
    pub(crate) fn credentials(&self, connection: &ConnectionRow) -> Result<Credentials, VaultError> {
        if connection.sealed.is_empty() {
            return Err(VaultError::Missing);
        }
        let text = self.vault.open(&record(&connection.id), &connection.sealed)?;
        strict::read(text.as_bytes()).map_err(|_| VaultError::UnknownForm)
    }

    /// Credentials, sealed for one connection.
    ///
    /// # Errors
    /// When they cannot be sealed.
    pub(crate) fn seal(&self, connection: &ConnectionId, credentials: &Credentials) -> Result<String, VaultError> {
        let text = Zeroizing::new(serde_json::to_string(credentials).map_err(|_| VaultError::UnknownForm)?);
        self.vault.seal(&record(connection), &text)
    }

    /// The EMA 2 client of a connection.
    ///
    /// # Errors
    /// When its credentials cannot be opened, or its address is refused.
    pub(crate) fn ema2(&self, connection: &ConnectionRow, outbound: &Outbound) -> Result<Ema2, TenantError> {
        let Credentials::Ema2 { username, password } = self.credentials(connection)? else {
            return Err(TenantError::Missing(format!("{} is not an EMA 2 connection", connection.name)));
        };
        let (password, tokens) = (Zeroizing::new(password), self.sessions.tokens(&connection.id));
        Ok(Ema2::new(outbound.clone(), &connection.address, &username, &password, tokens)?)
    }

    /// The ESET Connect or On-Prem client of a connection.
    ///
    /// # Errors
    /// When its credentials cannot be opened, or its address is refused.
    pub(crate) fn connect(&self, connection: &ConnectionRow, outbound: &Outbound) -> Result<Connect, TenantError> {
        let (flavour, username, password) = match self.credentials(connection)? {
            Credentials::Connect { username, password } => (Flavour::Cloud, username, password),
            Credentials::Onprem { username, password } => (Flavour::OnPrem, username, password),
            _ => return Err(TenantError::Missing(format!("{} shows no device groups", connection.name))),
        };
        let (password, tokens) = (Zeroizing::new(password), self.sessions.tokens(&connection.id));
        Ok(Connect::new(outbound.clone(), flavour, &connection.address, &username, &password, tokens)?)
    }

    /// The ConnectWise client of a connection.
    ///
    /// # Errors
    /// When its credentials cannot be opened, or its address is refused.
    pub(crate) fn connectwise(&self, connection: &ConnectionRow, outbound: &Outbound) -> Result<Connectwise, TenantError> {
        let keys = keys(self.credentials(connection)?)
            .ok_or_else(|| TenantError::Missing(format!("{} is not a ConnectWise connection", connection.name)))?;
        Ok(Connectwise::new(outbound.clone(), &connection.address, keys, self.sessions.site(&connection.id))?)
    }

    /// The ConnectWise client of a connection, or why there is none. Credentials that cannot be opened are a read that fails: they must
    /// not keep other intents from being carried on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub(crate) fn writer(&self, connection: &ConnectionRow, outbound: &Outbound) -> Result<Result<Connectwise, String>, StoreError> {
        match self.connectwise(connection, outbound) {
            Err(TenantError::Store(error)) => Err(error),
            other => Ok(other.map_err(|trouble| trouble.to_string())),
        }
    }
}

/// ConnectWise's keys among credentials.
pub(crate) fn keys(credentials: Credentials) -> Option<Keys> {
    match credentials {
        Credentials::Connectwise { company_id, public_key, private_key, client_id } => {
            Some(Keys { company_id, public_key, private_key: Zeroizing::new(private_key), client_id })
        }
        _ => None,
    }
}

/// What a connection's credentials are sealed for.
pub(crate) fn record(connection: &ConnectionId) -> String {
    format!("connection|{connection}")
}
