//! The policy a person set; the one of the deployment until then.

use std::error::Error;

use contract::policy::PolicyView;
use domain::Timestamp;
use domain::billing::Policy;
use domain::json::strict::{read, read_value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::tenant::Tenant;
use egress::ports::Clock;
use store::ledger::Ledger;
use store::ports::StoreError;

/// Where it is kept.
const KEPT: &str = "policy";

/// A policy as stored. What a newer version added is not in it.
#[derive(Serialize, Deserialize)]
struct StoredPolicy {
    policy: serde_json::Map<String, serde_json::Value>,
    by: String,
    at: Timestamp,
}

/// `whole` with the fields that were stored. Fields it does not have are another release's; those that were not stored keep its values.
pub(crate) fn with_stored<T: Serialize + DeserializeOwned>(
    whole: &T,
    stored: serde_json::Map<String, serde_json::Value>,
) -> Result<T, Box<dyn Error>> {
    let mut whole = serde_json::to_value(whole)?;
    if let Some(fields) = whole.as_object_mut() {
        for (name, value) in stored {
            if let Some(field) = fields.get_mut(&name) {
                *field = value;
            }
        }
    }
    Ok(read_value(whole)?)
}

impl Tenant {
    /// Where the policy is kept.
    pub fn policies(&self) -> Policies<'_> {
        Policies { ledger: &self.ledger, deployed: &self.config.policy, clock: self.clock.as_ref() }
    }

    /// See [`Policies::current`].
    ///
    /// # Errors
    /// When SQLite refuses, or what is stored is no policy.
    pub fn policy(&self) -> Result<Policy, StoreError> {
        self.policies().current()
    }
}

/// The policy: the deployment's, and what a person made of it.
#[derive(Clone, Copy)]
pub struct Policies<'a> {
    ledger: &'a Ledger,
    deployed: &'a Policy,
    clock: &'a dyn Clock,
}

impl Policies<'_> {
    /// The caps lines and runs are held by.
    ///
    /// # Errors
    /// When SQLite refuses, or what is stored is no policy.
    pub fn current(&self) -> Result<Policy, StoreError> {
        Ok(self.view()?.policy)
    }

    /// The policy, and who set it.
    ///
    /// # Errors
    /// When SQLite refuses, or what is stored is no policy.
    pub fn view(&self) -> Result<PolicyView, StoreError> {
        let Some(text) = self.ledger.meta().text(KEPT)? else {
            return Ok(PolicyView { policy: self.deployed.clone(), set_by: None, set_at: None });
        };
        let unreadable = |error: &dyn Error| StoreError(format!("the stored policy cannot be read: {error}"));
        let kept: StoredPolicy = read(text.as_bytes()).map_err(|error| unreadable(&error))?;
        let policy = with_stored(self.deployed, kept.policy).map_err(|error| unreadable(error.as_ref()))?;
        Ok(PolicyView { policy, set_by: Some(kept.by), set_at: Some(kept.at) })
    }

    /// Keeps a policy a person set.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep(&self, policy: &Policy, by: &str) -> Result<(), StoreError> {
        let unwritable = |error: serde_json::Error| StoreError(format!("a policy has no JSON: {error}"));
        let fields = match serde_json::to_value(policy).map_err(unwritable)? {
            serde_json::Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        let kept = StoredPolicy { policy: fields, by: by.to_owned(), at: self.clock.now() };
        self.ledger.meta().keep_text(KEPT, &serde_json::to_string(&kept).map_err(unwritable)?)
    }
}
