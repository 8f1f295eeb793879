//! Looking into the world and changing it by hand, as people in the vendors' consoles do.

use std::fmt;

use chrono::NaiveTime;

use crate::fault::{Fault, FaultId};
use crate::journal::{Actor, Effect, Entry, Vendor};
use crate::stage::{Shared, Stage};
use crate::world::{
    Action, Addition, Agreement, AgreementStatus, CatalogItem, CwCompany, EntityType, EsetCompany, HistoryKind,
    Level, License, Settings, World,
};

const HAND: Actor = Actor::Hand;
/// The person whose changes these are, as ConnectWise names them.
const MEMBER: &str = "mkowalski";
/// The person whose changes these are, as ESET names them.
const PORTAL_USER: &str = "dana.reyes@northwind-msp.example";

/// There is nothing with this name or id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuch(pub String);

impl fmt::Display for NoSuch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "there is no {}", self.0)
    }
}

impl std::error::Error for NoSuch {}

/// A handle on the simulated world; clones share it.
#[derive(Clone, Debug)]
pub struct WorldHandle {
    shared: Shared,
}

/// Reading, for oracles.
impl WorldHandle {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// All ConnectWise additions, by agreement.
    pub fn additions(&self) -> Vec<Addition> {
        self.shared.lock().world.additions.values().cloned().collect()
    }

    /// One addition.
    pub fn addition(&self, id: i32) -> Option<Addition> {
        self.shared.lock().world.additions.values().find(|addition| addition.id == id).cloned()
    }

    /// All ConnectWise agreements.
    pub fn agreements(&self) -> Vec<Agreement> {
        self.shared.lock().world.agreements.values().cloned().collect()
    }

    /// All ESET licences.
    pub fn licenses(&self) -> Vec<License> {
        self.shared.lock().world.licenses.values().cloned().collect()
    }

    /// All ESET companies, the account's own among them.
    pub fn eset_companies(&self) -> Vec<EsetCompany> {
        self.shared.lock().world.eset_companies.values().cloned().collect()
    }

    /// All ConnectWise companies, also those in the recycle bin.
    pub fn cw_companies(&self) -> Vec<CwCompany> {
        self.shared.lock().world.cw_companies.values().cloned().collect()
    }

    /// The ConnectWise catalog.
    pub fn catalog(&self) -> Vec<CatalogItem> {
        self.shared.lock().world.catalog.values().cloned().collect()
    }

    /// The switches of the vendors' side.
    pub fn settings(&self) -> Settings {
        self.shared.lock().world.settings().clone()
    }

    /// Everything asked and changed so far.
    pub fn journal(&self) -> Vec<Entry> {
        self.journal_since(0)
    }

    /// Entries after the one with this sequence number.
    pub fn journal_since(&self, sequence: u64) -> Vec<Entry> {
        self.shared.lock().journal.since(sequence)
    }

    /// Forgets the entries so far; numbering goes on.
    pub fn clear_journal(&self) {
        self.shared.lock().journal.clear();
    }

    /// Entries kept.
    pub fn journal_length(&self) -> usize {
        self.shared.lock().journal.len()
    }

    /// The seed, and how many ESET customers it was asked for.
    pub fn origin(&self) -> (u64, usize) {
        let stage = self.shared.lock();
        (stage.world.seed, stage.world.companies)
    }
}

/// Faults and time.
impl WorldHandle {
    /// Switches a fault on.
    pub fn inject(&self, fault: Fault) -> FaultId {
        self.shared.lock().faults.inject(fault)
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// The faults that were switched on since the last clear, with what is left of their counts.
    pub fn faults(&self) -> Vec<(FaultId, Fault)> {
        self.shared.lock().faults.armed().to_vec()
    }

    /// Moves the simulator's clock ahead, so that tokens end and days pass without waiting.
    pub fn advance(&self, seconds: i64) {
        self.shared.lock().advance(seconds);
    }
}

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

    /// Both ESET and ConnectWise count calls and answer 429 while this is on.
    pub fn enforce_rate_limits(&self, on: bool) {
        self.setting(Vendor::Ema2, "enforce_rate_limits", |settings| settings.enforce_rate_limits = on);
    }
}

/// What people do in ConnectWise.
impl WorldHandle {
    /// Types another quantity into an addition.
    pub fn edit_addition(&self, addition_id: i32, quantity: f64) -> Result<(), NoSuch> {
        self.edit(addition_id, "edit_addition", |addition, _| {
            let from = std::mem::replace(&mut addition.quantity, quantity);
            Effect::QuantityChanged {
                agreement: addition.agreement_id,
                addition: addition.id,
                product: addition.product.id,
                from,
                to: quantity,
                by: HAND,
            }
        })
    }

    /// Ends an addition today.
    pub fn cancel_addition(&self, addition_id: i32) -> Result<(), NoSuch> {
        self.edit(addition_id, "cancel_addition", |addition, now| {
            addition.cancelled_date = Some(now.date_naive().and_time(NaiveTime::MIN).and_utc());
            Effect::AdditionChanged {
                agreement: addition.agreement_id,
                addition: addition.id,
                product: addition.product.id,
                fields: vec!["cancelledDate".to_owned()],
                by: HAND,
            }
        })
    }

    /// Deletes an addition.
    pub fn delete_addition(&self, addition_id: i32) -> Result<(), NoSuch> {
        let gone = self.addition(addition_id).ok_or_else(|| no_addition(addition_id))?;
        let mut stage = self.shared.lock();
        stage.world.additions.remove(&(gone.agreement_id, gone.id));
        let effect = Effect::AdditionDeleted {
            agreement: gone.agreement_id,
            addition: gone.id,
            product: gone.product.id,
            quantity: gone.quantity,
            by: HAND,
        };
        stage.record_by_hand(Vendor::ConnectWise, &format!("delete_addition/{addition_id}"), effect);
        Ok(())
    }

    /// Adds a second line like this one; returns its id.
    pub fn duplicate_addition(&self, addition_id: i32) -> Result<i32, NoSuch> {
        let mut copy = self.addition(addition_id).ok_or_else(|| no_addition(addition_id))?;
        let mut stage = self.shared.lock();
        copy.id = stage.world.next_addition_id();
        copy.info = World::stamp(stage.now(), MEMBER);
        let (key, id) = ((copy.agreement_id, copy.id), copy.id);
        let effect = Effect::AdditionCreated {
            agreement: copy.agreement_id,
            addition: id,
            product: copy.product.id,
            quantity: copy.quantity,
            by: HAND,
        };
        stage.world.additions.insert(key, copy);
        stage.record_by_hand(Vendor::ConnectWise, &format!("duplicate_addition/{addition_id}"), effect);
        Ok(id)
    }

    /// Cancels an agreement today.
    pub fn cancel_agreement(&self, id: i32) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("cancel_agreement/{id}"), |stage| {
            let now = stage.second();
            let row = stage.world.agreements.get_mut(&id).ok_or_else(|| NoSuch(format!("agreement {id}")))?;
            row.cancelled_flag = true;
            row.date_cancelled = Some(now);
            row.agreement_status = AgreementStatus::Cancelled;
            row.next_invoice_date = None;
            row.info = World::stamp(now, MEMBER);
            Ok(Effect::AgreementChanged { agreement: id, status: "Cancelled".to_owned(), by: HAND })
        })
    }

    /// Renames a ConnectWise company, also where agreements show its name.
    pub fn rename_cw_company(&self, id: i32, name: &str) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("rename_cw_company/{id}"), |stage| {
            let stamp = World::stamp(stage.now(), MEMBER);
            let row = stage.world.cw_companies.get_mut(&id).ok_or_else(|| NoSuch(format!("company {id}")))?;
            let from = std::mem::replace(&mut row.name, name.to_owned());
            row.info = stamp;
            let of_company = |agreement: &&Agreement| agreement.company.id == id;
            let ids: Vec<_> = stage.world.agreements.values().filter(of_company).map(|row| row.id).collect();
            for agreement in ids {
                if let Some(row) = stage.world.agreements.get_mut(&agreement) {
                    row.company.name = Some(name.to_owned());
                }
            }
            Ok(Effect::CompanyRenamed { company: id.to_string(), from, to: name.to_owned(), by: HAND })
        })
    }

    /// ConnectWise refuses the keys.
    pub fn revoke_connectwise(&self) {
        self.setting(Vendor::ConnectWise, "revoke_connectwise", |settings| settings.connectwise_revoked = true);
    }

    /// Takes [`WorldHandle::revoke_connectwise`] back.
    pub fn restore_connectwise(&self) {
        self.setting(Vendor::ConnectWise, "restore_connectwise", |settings| settings.connectwise_revoked = false);
    }

    /// Gives the API member a level for all actions of a function such as `Agreements`.
    pub fn set_permission(&self, function: &str, level: Level) -> Result<(), NoSuch> {
        for action in [Action::Add, Action::Edit, Action::Delete, Action::Inquire] {
            self.set_action_level(function, action, level)?;
        }
        Ok(())
    }

    /// Gives the API member a level for one action of a function.
    pub fn set_action_level(&self, function: &str, action: Action, level: Level) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("set_permission/{function}"), |stage| {
            let permissions = &mut stage.world.settings_mut().permissions;
            let found = permissions.iter_mut().find(|known| known.function.eq_ignore_ascii_case(function));
            *found.ok_or_else(|| NoSuch(format!("function {function}")))?.level_mut(action) = level;
            Ok(Effect::SettingChanged { setting: format!("{function} {action:?} {level:?}"), by: HAND })
        })
    }

    /// Says in company info that this is (not) the cloud; the cloud answers bad keys with 404, one's own server with 401.
    pub fn set_cloud(&self, cloud: bool) {
        self.setting(Vendor::ConnectWise, "set_cloud", |settings| {
            settings.is_cloud = cloud;
            settings.bad_keys_look_missing = cloud;
        });
    }

    /// The vendor upgrades: company info names a new code base, and paths of the old one are gone.
    pub fn upgrade_codebase(&self) {
        self.setting(Vendor::ConnectWise, "upgrade_codebase", |settings| {
            let (year, minor) = version(&settings.codebase);
            let (year, minor) = if minor >= 4 { (year + 1, 1) } else { (year, minor + 1) };
            settings.codebase = format!("v{year}_{minor}/");
        });
    }
}

fn version(codebase: &str) -> (u32, u32) {
    let (year, minor) = codebase.trim_matches(['v', '/']).split_once('_').unwrap_or_default();
    (year.parse().unwrap_or(2026), minor.parse().unwrap_or(4))
}

fn no_addition(id: i32) -> NoSuch {
    NoSuch(format!("addition {id}"))
}

/// How a change by hand is made: under the lock, stamped, and written into the journal.
impl WorldHandle {
    fn change(
        &self,
        vendor: Vendor,
        verb: &str,
        change: impl FnOnce(&mut Stage) -> Result<Effect, NoSuch>,
    ) -> Result<(), NoSuch> {
        let mut stage = self.shared.lock();
        let effect = change(&mut stage)?;
        stage.record_by_hand(vendor, verb, effect);
        Ok(())
    }

    fn edit(
        &self,
        id: i32,
        verb: &str,
        edit: impl FnOnce(&mut Addition, chrono::DateTime<chrono::Utc>) -> Effect,
    ) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("{verb}/{id}"), |stage| {
            let now = stage.second();
            let addition = stage.world.addition_mut(id).ok_or_else(|| no_addition(id))?;
            addition.info = World::stamp(now, MEMBER);
            Ok(edit(addition, now))
        })
    }

    fn license(
        &self,
        key: &str,
        verb: &str,
        edit: impl FnOnce(&mut License, chrono::DateTime<chrono::Utc>) -> Effect,
    ) -> Result<(), NoSuch> {
        self.change(Vendor::Ema2, &format!("{verb}/{key}"), |stage| {
            let now = stage.second();
            let license = stage.world.licenses.get_mut(&key.to_owned());
            Ok(edit(license.ok_or_else(|| NoSuch(format!("licence {key}")))?, now))
        })
    }

    fn eset_company(
        &self,
        id: &str,
        verb: &str,
        edit: impl FnOnce(&mut EsetCompany) -> Effect,
    ) -> Result<(), NoSuch> {
        self.change(Vendor::Ema2, &format!("{verb}/{id}"), |stage| {
            let company = stage.world.eset_companies.get_mut(&id.to_owned());
            Ok(edit(company.ok_or_else(|| NoSuch(format!("ESET company {id}")))?))
        })
    }

    fn setting(&self, vendor: Vendor, verb: &str, edit: impl FnOnce(&mut Settings)) {
        let mut stage = self.shared.lock();
        edit(stage.world.settings_mut());
        stage.record_by_hand(vendor, verb, Effect::SettingChanged { setting: verb.to_owned(), by: HAND });
    }
}
