//! Changing the master key: what is sealed with the one before is sealed anew. Nothing waits in between, so it is stored together or
//! not at all; and what is sealed already is left alone, so it may be done again at any time.

use contract::vault::VaultView;

use crate::clients::record;
use crate::tenant::{Tenant, TenantError};
use crate::vault::key_id;

impl Tenant {
    /// How stored credentials are sealed.
    ///
    /// # Errors
    /// When the ledger fails.
    pub fn vault_view(&self) -> Result<VaultView, TenantError> {
        self.sealed(false)
    }

    /// Seals anew whatever is not sealed with the present master key. What opens with neither key is left as it is and named.
    ///
    /// # Errors
    /// When the ledger fails.
    pub fn reseal(&self) -> Result<VaultView, TenantError> {
        self.sealed(true)
    }

    /// Everything sealed there is; a new kind of it is added here.
    fn sealed(&self, anew: bool) -> Result<VaultView, TenantError> {
        let vault = self.vault();
        let previous = self.config.previous_key.as_deref().map(key_id);
        let mut view = VaultView { key: key_id(&self.config.master_key), previous, present: 0, waiting: 0, unreadable: Vec::new() };
        for connection in self.ledger.connections().all()? {
            match vault.reseal(&record(&connection.id), &connection.sealed) {
                Ok(None) => view.present += 1,
                Ok(Some(sealed)) if anew => {
                    self.ledger.connections().reseal(&connection.id, &sealed)?;
                    view.present += 1;
                }
                Ok(Some(_)) => view.waiting += 1,
                Err(_) => view.unreadable.push(connection.name),
            }
        }
        Ok(view)
    }
}
