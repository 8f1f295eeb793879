//! Changes by hand in ConnectWise.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{HAND, NoSuch, WorldHandle};
use crate::Lag;
use crate::journal::{Effect, Vendor};
use crate::world::{Action, Addition, Agreement, AgreementStatus, Level, World};

/// The person whose changes these are.
const MEMBER: &str = "mkowalski";

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

    /// Ends an addition: yesterday was its last day.
    pub fn cancel_addition(&self, addition_id: i32) -> Result<(), NoSuch> {
        self.edit(addition_id, "cancel_addition", |addition, now| {
            addition.cancelled_date = Some((now - TimeDelta::days(1)).date_naive().and_time(NaiveTime::MIN).and_utc());
            changed(addition, "cancelledDate")
        })
    }

    /// Deletes an addition.
    pub fn delete_addition(&self, addition_id: i32) -> Result<(), NoSuch> {
        let gone = self.addition(addition_id).ok_or_else(|| no_addition(addition_id))?;
        let mut stage = self.shared.lock();
        stage.remove_addition((gone.agreement_id, gone.id));
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

    /// Adds a line of a catalog product to an agreement; returns its id.
    pub fn add_addition(&self, agreement: i32, product: i32, quantity: f64) -> Result<i32, NoSuch> {
        let mut stage = self.shared.lock();
        let item = stage.world.catalog.get(&product).cloned().ok_or_else(|| NoSuch(format!("product {product}")))?;
        let id = crate::world::line(&mut stage.world, agreement, &item, quantity, 0);
        let effect = Effect::AdditionCreated { agreement, addition: id, product, quantity, by: HAND };
        stage.record_by_hand(Vendor::ConnectWise, &format!("add_addition/{agreement}"), effect);
        Ok(id)
    }

    /// Adds a second line like this one; returns its id.
    pub fn duplicate_addition(&self, addition_id: i32) -> Result<i32, NoSuch> {
        let mut copy = self.addition(addition_id).ok_or_else(|| no_addition(addition_id))?;
        let mut stage = self.shared.lock();
        copy.id = stage.world.next_addition_id();
        copy.info = World::stamp(stage.now(), MEMBER);
        let id = copy.id;
        let effect = Effect::AdditionCreated {
            agreement: copy.agreement_id,
            addition: id,
            product: copy.product.id,
            quantity: copy.quantity,
            by: HAND,
        };
        stage.keep_addition(copy);
        stage.record_by_hand(Vendor::ConnectWise, &format!("duplicate_addition/{addition_id}"), effect);
        Ok(id)
    }

    /// Prepares a change of price as people do it: the addition ends on `last`, and one like it begins the day after at another price.
    /// Returns the id of the one that follows.
    pub fn prepare_successor(&self, addition_id: i32, last: NaiveDate, unit_price: f64) -> Result<i32, NoSuch> {
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let next = self.duplicate_addition(addition_id)?;
        self.edit_dates(addition_id, None, Some(midnight(last)))?;
        self.edit_dates(next, Some(midnight(last) + TimeDelta::days(1)), None)?;
        self.edit(next, "price_addition", |addition, _| {
            addition.unit_price = unit_price;
            changed(addition, "unitPrice")
        })?;
        Ok(next)
    }

    /// Gives an addition a first and a last day.
    pub fn edit_dates(&self, addition_id: i32, first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>) -> Result<(), NoSuch> {
        self.edit(addition_id, "edit_dates", |addition, _| {
            addition.effective_date = first.or(addition.effective_date);
            addition.cancelled_date = last;
            changed(addition, "effectiveDate")
        })
    }

    /// Reads of additions lag behind writes.
    pub fn set_additions_lag(&self, lag: Lag) {
        self.setting(Vendor::ConnectWise, "set_additions_lag", |settings| settings.additions_lag = lag);
    }

    /// Changes fields of an agreement: its dates, whether it prorates.
    pub fn edit_agreement(&self, id: i32, edit: impl FnOnce(&mut Agreement)) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("edit_agreement/{id}"), |stage| {
            let now = stage.second();
            let row = stage.world.agreements.get_mut(&id).ok_or_else(|| NoSuch(format!("agreement {id}")))?;
            edit(row);
            row.info = World::stamp(now, MEMBER);
            Ok(Effect::AgreementChanged { agreement: id, status: format!("{:?}", row.agreement_status), by: HAND })
        })
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

    /// Puts a ConnectWise company into the recycle bin.
    pub fn recycle_cw_company(&self, id: i32) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("recycle_cw_company/{id}"), |stage| {
            let stamp = World::stamp(stage.now(), MEMBER);
            let row = stage.world.cw_companies.get_mut(&id).ok_or_else(|| NoSuch(format!("company {id}")))?;
            row.deleted_flag = true;
            row.info = stamp;
            Ok(Effect::SettingChanged { setting: format!("company {id} recycled"), by: HAND })
        })
    }

    /// Renames a ConnectWise company, also where other records show its name.
    pub fn rename_cw_company(&self, id: i32, name: &str) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("rename_cw_company/{id}"), |stage| {
            let stamp = World::stamp(stage.now(), MEMBER);
            let row = stage.world.cw_companies.get_mut(&id).ok_or_else(|| NoSuch(format!("company {id}")))?;
            let from = std::mem::replace(&mut row.name, name.to_owned());
            row.info = stamp;
            stage.world.rename_references(id, name);
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

    fn edit(&self, id: i32, verb: &str, edit: impl FnOnce(&mut Addition, DateTime<Utc>) -> Effect) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("{verb}/{id}"), |stage| {
            let now = stage.second();
            let mut addition = stage.world.addition_mut(id).ok_or_else(|| no_addition(id))?.clone();
            addition.info = World::stamp(now, MEMBER);
            let effect = edit(&mut addition, now);
            stage.keep_addition(addition);
            Ok(effect)
        })
    }
}

/// That a person changed this field of an addition.
fn changed(addition: &Addition, field: &str) -> Effect {
    Effect::AdditionChanged {
        agreement: addition.agreement_id,
        addition: addition.id,
        product: addition.product.id,
        fields: vec![field.to_owned()],
        by: HAND,
    }
}

fn version(codebase: &str) -> (u32, u32) {
    let (year, minor) = codebase.trim_matches(['v', '/']).split_once('_').unwrap_or_default();
    (year.parse().unwrap_or(2026), minor.parse().unwrap_or(4))
}

fn no_addition(id: i32) -> NoSuch {
    NoSuch(format!("addition {id}"))
}
