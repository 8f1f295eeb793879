//! Changes by hand in ESET's portal.

use chrono::{DateTime, Utc};

use super::{HAND, NoSuch, WorldHandle};
use crate::journal::{Effect, Vendor};
use crate::world::{EntityType, EsetCompany, HistoryKind, License};

/// The person whose changes these are.
const PORTAL_USER: &str = "dana.reyes@northwind-msp.example";

/// What people do in ESET's portal.
impl WorldHandle {
    /// Orders another number of seats.
    pub fn set_seats(&self, license_public_key: &str, quantity: i64) -> Result<(), NoSuch> {
        self.license(license_public_key, "set_seats", |license, now| {
            let from = license.quantity;
            license.record(HistoryKind::Quantity, quantity, now, PORTAL_USER);
            Effect::SeatsChanged { license: license.public_license_key.clone(), from, to: quantity, by: HAND }
        })
    }

    /// Activates or frees seats.
    pub fn set_usage(&self, license_public_key: &str, usage: i64) -> Result<(), NoSuch> {
        self.license(license_public_key, "set_usage", |license, _| {
            let from = std::mem::replace(&mut license.usage, usage);
            Effect::UsageChanged { license: license.public_license_key.clone(), from, to: usage, by: HAND }
        })
    }

    /// Suspends a licence.
    pub fn suspend(&self, license_public_key: &str) -> Result<(), NoSuch> {
        self.suspension(license_public_key, HistoryKind::Suspend)
    }

    /// Resumes a licence.
    pub fn unsuspend(&self, license_public_key: &str) -> Result<(), NoSuch> {
        self.suspension(license_public_key, HistoryKind::Unsuspend)
    }

    fn suspension(&self, key: &str, kind: HistoryKind) -> Result<(), NoSuch> {
        self.license(key, "suspension", |license, now| {
            let quantity = license.quantity;
            license.record(kind, quantity, now, PORTAL_USER);
            let (license, suspended) = (license.public_license_key.clone(), license.suspended);
            Effect::SuspensionChanged { license, suspended, by: HAND }
        })
    }

    /// Renames an ESET company.
    pub fn rename_eset_company(&self, id: &str, name: &str) -> Result<(), NoSuch> {
        self.eset_company(id, "rename_eset_company", |company| {
            let from = std::mem::replace(&mut company.name, name.to_owned());
            Effect::CompanyRenamed { company: company.id.clone(), from, to: name.to_owned(), by: HAND }
        })
    }

    /// Puts an ESET company below another one.
    pub fn move_eset_company(&self, id: &str, parent: &str) -> Result<(), NoSuch> {
        self.eset_company(id, "move_eset_company", |company| {
            company.parent = Some(parent.to_owned());
            Effect::SettingChanged { setting: format!("the company above {id}"), by: HAND }
        })
    }

    /// Makes an ESET company like another one, below `parent` and without licences. Returns its id.
    pub fn add_eset_company(&self, like: &str, name: &str, parent: &str) -> Result<String, NoSuch> {
        let id = crate::world::guid(&mut self.shared.lock().rng);
        self.change(Vendor::Ema2, &format!("add_eset_company/{id}"), |stage| {
            let known = stage.world.eset_companies.get(&like.to_owned()).ok_or_else(|| NoSuch(format!("ESET company {like}")))?;
            let (name, parent) = (name.to_owned(), Some(parent.to_owned()));
            let company = EsetCompany { id: id.clone(), name, parent, custom_identifier: None, ..known.clone() };
            stage.world.eset_companies.insert(id.clone(), company);
            Ok(Effect::SettingChanged { setting: format!("company {id}"), by: HAND })
        })?;
        Ok(id)
    }

    /// A customer leaves ESET, or goes out of the API user's sight: its company and its licences are gone.
    pub fn remove_eset_company(&self, id: &str) -> Result<(), NoSuch> {
        self.change(Vendor::Ema2, &format!("remove_eset_company/{id}"), |stage| {
            stage.world.eset_companies.remove(&id.to_owned()).ok_or_else(|| NoSuch(format!("ESET company {id}")))?;
            let theirs = stage.world.licenses.values().filter(|license| license.company == id);
            let theirs: Vec<String> = theirs.map(|license| license.public_license_key.clone()).collect();
            for key in theirs {
                stage.world.licenses.remove(&key);
            }
            Ok(Effect::SettingChanged { setting: format!("company {id} is gone"), by: HAND })
        })
    }

    /// A licence is gone from ESET.
    pub fn remove_license(&self, key: &str) -> Result<(), NoSuch> {
        self.change(Vendor::Ema2, &format!("remove_license/{key}"), |stage| {
            stage.world.licenses.remove(&key.to_owned()).ok_or_else(|| NoSuch(format!("licence {key}")))?;
            Ok(Effect::SettingChanged { setting: format!("licence {key} is gone"), by: HAND })
        })
    }

    /// Types another custom identifier, or none.
    pub fn set_custom_identifier(&self, id: &str, identifier: Option<&str>) -> Result<(), NoSuch> {
        let to = identifier.map(ToOwned::to_owned);
        self.eset_company(id, "set_custom_identifier", |company| {
            let from = std::mem::replace(&mut company.custom_identifier, to.clone());
            Effect::IdentifierChanged { company: company.id.clone(), from, to, by: HAND }
        })
    }

    /// Makes the account another kind of company, given by its code: 1002 is a Distributor.
    pub fn set_account_type(&self, code: u16) -> Result<(), NoSuch> {
        let kind = EntityType::try_from(code).map_err(NoSuch)?;
        let account = self.settings().account;
        self.eset_company(&account, "set_account_type", |company| {
            company.entity_type = kind;
            Effect::SettingChanged { setting: format!("account type {code}"), by: HAND }
        })
    }

    /// EMA 2 refuses the login, and tokens given out end.
    pub fn revoke_ema2(&self) {
        self.setting(Vendor::Ema2, "revoke_ema2", |settings| settings.ema2_revoked = true);
        self.shared.lock().sessions.end(Vendor::Ema2);
    }

    /// Takes [`WorldHandle::revoke_ema2`] back.
    pub fn restore_ema2(&self) {
        self.setting(Vendor::Ema2, "restore_ema2", |settings| settings.ema2_revoked = false);
    }

    /// ESET Connect refuses the login, and tokens given out end.
    pub fn revoke_connect(&self) {
        self.setting(Vendor::Connect, "revoke_connect", |settings| settings.connect_revoked = true);
        self.shared.lock().sessions.end(Vendor::Connect);
    }

    /// Takes [`WorldHandle::revoke_connect`] back.
    pub fn restore_connect(&self) {
        self.setting(Vendor::Connect, "restore_connect", |settings| settings.connect_revoked = false);
    }

    /// Life of the access tokens EMA 2 gives out from now on.
    pub fn set_token_lifetime(&self, seconds: i64) {
        self.setting(Vendor::Ema2, "set_token_lifetime", |settings| settings.token_lifetime = seconds);
    }

    /// EMA 2 answers every list empty while this is on: valid, but not to be believed.
    pub fn empty_ema2_lists(&self, on: bool) {
        self.setting(Vendor::Ema2, "empty_ema2_lists", |settings| settings.empty_ema2_lists = on);
    }

    /// EMA 2 does not say how many of a product inside a bundle are in use while this is on.
    pub fn hide_part_usage(&self, on: bool) {
        self.setting(Vendor::Ema2, "hide_part_usage", |settings| settings.hide_part_usage = on);
    }

    /// Moves the clock on by a day on which customers order and free seats: about one paid licence in four changes by up to a
    /// fifth, the same ones on the same day of one seed.
    pub fn pass_day(&self) -> Result<(), NoSuch> {
        self.advance(86_400);
        let (seed, _) = self.origin();
        let day = self.shared.lock().now().timestamp() / 86_400;
        let mut rng = fastrand::Rng::with_seed(seed ^ day.unsigned_abs());
        for license in self.licenses().into_iter().filter(|license| !license.is_trial() && !license.suspended) {
            if rng.u8(..4) == 0 {
                let most = (license.quantity / 5).max(1);
                self.set_seats(&license.public_license_key, (license.quantity + rng.i64(-most..=most)).max(1))?;
                self.set_usage(&license.public_license_key, (license.usage + rng.i64(-most..=most)).max(0))?;
            }
        }
        Ok(())
    }

    /// Both ESET and ConnectWise count calls and answer 429 while this is on.
    pub fn enforce_rate_limits(&self, on: bool) {
        self.setting(Vendor::Ema2, "enforce_rate_limits", |settings| settings.enforce_rate_limits = on);
    }

    fn license(&self, key: &str, verb: &str, edit: impl FnOnce(&mut License, DateTime<Utc>) -> Effect) -> Result<(), NoSuch> {
        self.change(Vendor::Ema2, &format!("{verb}/{key}"), |stage| {
            let now = stage.second();
            let license = stage.world.licenses.get_mut(&key.to_owned());
            Ok(edit(license.ok_or_else(|| NoSuch(format!("licence {key}")))?, now))
        })
    }

    fn eset_company(&self, id: &str, verb: &str, edit: impl FnOnce(&mut EsetCompany) -> Effect) -> Result<(), NoSuch> {
        self.change(Vendor::Ema2, &format!("{verb}/{id}"), |stage| {
            let company = stage.world.eset_companies.get_mut(&id.to_owned());
            Ok(edit(company.ok_or_else(|| NoSuch(format!("ESET company {id}")))?))
        })
    }
}
