//! What the install was told at deployment: variables and secrets of the Worker.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use domain::billing::Policy;
use engine::tickets::TicketIntent;
use engine::{Effect, Intent, Settings};
use url::Url;
use zeroize::Zeroizing;

use crate::identity::Identity;
use egress::Environment;

/// Settings of the install.
#[derive(Clone)]
pub struct Config {
    /// Where it runs.
    pub environment: Environment,
    /// Key of the vault, 32 bytes.
    pub master_key: Zeroizing<[u8; 32]>,
    /// The key before it, while what was sealed with that one is sealed anew.
    pub previous_key: Option<Zeroizing<[u8; 32]>>,
    /// SHA-256 of the setup secret; none when there is none, and then nobody can be let in by it.
    pub setup_hash: Option<String>,
    /// Vendor calls one alarm may make: 40 on Cloudflare's free plan, 400 on the paid one.
    pub fetch_budget: u32,
    /// Vendor calls a second in the local environment; production keeps the vendors' own limits.
    pub local_rate: Option<u32>,
    /// The engine's times for billing.
    pub engine: Settings,
    /// The engine's times for tickets.
    pub tickets: Settings,
    /// The caps lines are held by.
    pub policy: Policy,
    /// Who else vouches for people.
    pub identity: Identity,
    /// Where nightly backups go, when no bucket is bound.
    pub backup: Option<BackupAddress>,
}

/// An address that takes a file by PUT.
#[derive(Clone)]
pub struct BackupAddress {
    /// `BACKUP_URL`: a folder, below which the file's name is put.
    folder: String,
    /// `BACKUP_TOKEN`: shown there as a bearer token.
    pub token: Option<Zeroizing<String>>,
}

impl BackupAddress {
    /// The address of a file.
    pub fn file(&self, name: &str) -> Option<Url> {
        let mut url = Url::parse(&self.folder).ok()?;
        url.path_segments_mut().ok()?.pop_if_empty().push(name);
        Some(url)
    }
}

/// A variable or secret that is missing or cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct ConfigError {
    /// Its name.
    pub name: &'static str,
    /// What is the matter with it.
    pub problem: &'static str,
}

impl Config {
    /// Reads the configuration from `variable`, which answers a variable or secret by name.
    ///
    /// # Errors
    /// Names the first variable that is missing or cannot be used. Nothing works without a proper `MASTER_KEY`.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let environment = environment(variable("ENVIRONMENT").as_deref());
        let number = |name| variable(name).and_then(|text| text.parse::<u32>().ok());
        let (mut engine, mut tickets) = (Intent::settings(), TicketIntent::settings());
        let mut local_rate = None;
        if environment == Environment::Local {
            local_rate = number("VENDOR_RATE");
            if let Some(milliseconds) = number("SETTLE_MS") {
                let settle = TimeDelta::milliseconds(milliseconds.into());
                engine = Settings { settle, read_lag: settle, apart: settle, ..engine };
                tickets = Settings { settle, ..tickets };
            }
            if let Some(milliseconds) = number("SEARCH_LAG_MS") {
                let lag = TimeDelta::milliseconds(milliseconds.into());
                tickets = Settings { read_lag: lag, apart: lag, ..tickets };
            }
        }
        Ok(Self {
            environment,
            master_key: key("MASTER_KEY", variable("MASTER_KEY"))?,
            previous_key: variable("MASTER_KEY_PREV").map(|text| key("MASTER_KEY_PREV", Some(text))).transpose()?,
            setup_hash: variable("SETUP_TOKEN").filter(|token| token.len() >= 32).map(|token| domain::hash::sha256_hex(token.as_bytes())),
            fetch_budget: number("FETCH_BUDGET").unwrap_or(40).max(8),
            local_rate,
            engine,
            tickets,
            policy: Policy::default(),
            backup: variable("BACKUP_URL").filter(|folder| !folder.trim().is_empty()).map(|folder| BackupAddress {
                folder: folder.trim().to_owned(),
                token: variable("BACKUP_TOKEN").filter(|token| !token.is_empty()).map(Zeroizing::new),
            }),
            identity: Identity::read(environment, variable),
        })
    }
}

/// The environment of this name; production for any that is not known.
pub fn environment(name: Option<&str>) -> Environment {
    match name {
        Some("local") => Environment::Local,
        _ => Environment::Production,
    }
}

fn key(name: &'static str, text: Option<String>) -> Result<Zeroizing<[u8; 32]>, ConfigError> {
    let wrong = |problem| ConfigError { name, problem };
    let text = Zeroizing::new(text.ok_or(wrong("is not set"))?);
    let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| wrong("is not base64"))?);
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| wrong("is not 32 bytes long"))?;
    Ok(Zeroizing::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let key = STANDARD.encode([7; 32]);
        Config::read(|name| match variables.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Some((*value).to_owned()),
            None if name == "MASTER_KEY" => Some(key.clone()),
            None => None,
        })
    }

    #[test]
    fn a_backup_goes_below_the_address_that_is_named() {
        let of = |folder: &str| read(&[("BACKUP_URL", folder)]).expect("a configuration").backup.and_then(|address| address.file("b.gz"));
        for (folder, file) in [
            ("https://files.example/a", "https://files.example/a/b.gz"),
            ("https://files.example/a/", "https://files.example/a/b.gz"),
            ("https://files.example", "https://files.example/b.gz"),
            ("https://files.example/a?key=1", "https://files.example/a/b.gz?key=1"),
        ] {
            assert_eq!(of(folder).map(String::from).as_deref(), Some(file));
        }
        assert!(of("not an address").is_none() && read(&[("BACKUP_URL", " ")]).expect("a configuration").backup.is_none());
    }

    #[test]
    fn an_unknown_environment_is_production() {
        for name in ["", "LOCAL", "staging", "production"] {
            assert_eq!(read(&[("ENVIRONMENT", name)]).expect("a configuration").environment, Environment::Production, "{name}");
        }
    }

    #[test]
    fn production_cannot_be_told_to_hurry() {
        let config = read(&[("VENDOR_RATE", "5000"), ("SETTLE_MS", "1")]).expect("a configuration");
        assert_eq!((config.local_rate, config.engine), (None, Intent::settings()));
    }

    #[test]
    fn a_bad_master_key_is_named() {
        for (key, problem) in [("not base64!", "is not base64"), ("YWJj", "is not 32 bytes long"), ("", "is not 32 bytes long")] {
            for name in ["MASTER_KEY", "MASTER_KEY_PREV"] {
                let Err(error) = read(&[(name, key)]) else { panic!("{key} was taken") };
                assert_eq!(error.to_string(), format!("{name} {problem}"));
            }
        }
        assert!(read(&[]).expect("a configuration").previous_key.is_none(), "most of the time there is none");
    }

    #[test]
    fn a_short_setup_secret_lets_nobody_in() {
        assert_eq!(read(&[("SETUP_TOKEN", "secret")]).expect("a configuration").setup_hash, None);
    }
}
