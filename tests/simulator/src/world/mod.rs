//! The world the vendors know: who their customers are, what is licensed, what is billed.
//!
//! One seed makes one world. All vendors look at the same one, but none sees another's part.

mod build;
mod desk;
mod desk_build;
pub(crate) mod desk_setup;
pub(crate) mod devices;
mod eset;
pub(crate) mod estate;
mod names;
mod psa;
mod psa_build;
mod psa_rows;
mod settings;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

pub(crate) use build::guid;
pub(crate) use desk::TicketRow;
pub use desk::{Board, BoardStatus, Configuration, Note, Ticket, TicketStamp};
pub(crate) use eset::product;
pub use eset::{EntityType, EsetCompany, HistoryEntry, HistoryKind, License, LicenseState, PRODUCTS, Product};
pub(crate) use estate::{Bulk, DeviceEdit};
pub use estate::{Detection, DeviceGroup, Rule};
pub use psa::{Addition, Agreement, AgreementStatus, CatalogItem, Currency, CwCompany, Reference, Stamp};
pub(crate) use psa_rows::line;
pub use settings::{Action, Level, Permission, Settings};

use crate::table::Table;

/// Does something with each table of a world, by the name it has in the state file.
macro_rules! each_table {
    ($world:ident, $name:ident, $table:ident => $what:expr) => {
        each_table!(@ $world, $name, $table => $what; eset_companies licenses cw_companies agreements additions catalog boards statuses
            tickets notes configurations device_groups device_edits bulks detections)
    };
    (@ $world:ident, $name:ident, $table:ident => $what:expr; $($field:ident)*) => {
        $({
            let ($name, $table) = (stringify!($field), &mut $world.$field);
            $what;
        })*
    };
}

/// Everything the vendors keep.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) companies: usize,
    /// The day the world was made for; invoice dates and histories are laid around it.
    pub(crate) born: NaiveDate,
    pub(crate) eset_companies: Table<String, EsetCompany>,
    pub(crate) licenses: Table<String, License>,
    pub(crate) cw_companies: Table<i32, CwCompany>,
    pub(crate) agreements: Table<i32, Agreement>,
    /// By agreement and id, since they are listed by agreement.
    pub(crate) additions: Table<(i32, i32), Addition>,
    pub(crate) catalog: Table<i32, CatalogItem>,
    pub(crate) boards: Table<i32, Board>,
    pub(crate) statuses: Table<i32, BoardStatus>,
    pub(crate) tickets: Table<i32, TicketRow>,
    /// By ticket and id, since they are listed by ticket.
    pub(crate) notes: Table<(i32, i32), Note>,
    pub(crate) configurations: Table<i32, Configuration>,
    pub(crate) device_groups: Table<String, DeviceGroup>,
    pub(crate) device_edits: Table<String, DeviceEdit>,
    pub(crate) bulks: Table<u64, Bulk>,
    /// In the order of their reports.
    pub(crate) detections: Table<u64, Detection>,
    settings: Settings,
    settings_touched: bool,
}

impl World {
    /// The world of a seed, as it stands on a day.
    pub(crate) fn generate(seed: u64, companies: usize, today: NaiveDate) -> Self {
        let mut world = Self {
            seed,
            companies,
            born: today,
            eset_companies: Table::default(),
            licenses: Table::default(),
            cw_companies: Table::default(),
            agreements: Table::default(),
            additions: Table::default(),
            catalog: Table::default(),
            boards: Table::default(),
            statuses: Table::default(),
            tickets: Table::default(),
            notes: Table::default(),
            configurations: Table::default(),
            device_groups: Table::default(),
            device_edits: Table::default(),
            bulks: Table::default(),
            detections: Table::default(),
            settings: Settings::default(),
            settings_touched: false,
        };
        build::populate(&mut world);
        estate::groups(&mut world);
        world.settle();
        world
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn settings_mut(&mut self) -> &mut Settings {
        self.settings_touched = true;
        &mut self.settings
    }

    /// The addition with this id, whichever agreement it is on.
    pub(crate) fn addition_mut(&mut self, id: i32) -> Option<&mut Addition> {
        let key = self.additions.values().find(|addition| addition.id == id).map(|a| (a.agreement_id, a.id))?;
        self.additions.get_mut(&key)
    }

    /// Additions of one agreement, in id order.
    pub(crate) fn additions_of(&self, agreement: i32) -> impl Iterator<Item = &Addition> {
        self.additions.range((agreement, i32::MIN)..=(agreement, i32::MAX))
    }

    /// An id no addition has had.
    pub(crate) fn next_addition_id(&mut self) -> i32 {
        let settings = self.settings_mut();
        settings.last_addition_id += 1;
        settings.last_addition_id
    }

    /// A ConnectWise company as other rows refer to it.
    pub(crate) fn company_reference(&self, id: i32) -> Reference {
        let row = self.cw_companies.get(&id);
        Reference { id, identifier: row.map(|row| row.identifier.clone()), name: row.map(|row| row.name.clone()) }
    }

    /// Shows a ConnectWise company's name wherever other rows refer to it.
    pub(crate) fn rename_references(&mut self, company: i32, name: &str) {
        let agreements: Vec<i32> = self.agreements.values().filter(|row| row.company.id == company).map(|row| row.id).collect();
        let tickets: Vec<i32> = self.tickets.values().filter(|row| row.ticket.company.id == company).map(|row| row.ticket.id).collect();
        let configurations: Vec<i32> = self.configurations.values().filter(|row| row.company.id == company).map(|row| row.id).collect();
        for id in agreements {
            if let Some(row) = self.agreements.get_mut(&id) {
                row.company.name = Some(name.to_owned());
            }
        }
        for id in tickets {
            if let Some(row) = self.tickets.get_mut(&id) {
                row.ticket.company.name = Some(name.to_owned());
            }
        }
        for id in configurations {
            if let Some(row) = self.configurations.get_mut(&id) {
                row.company.name = Some(name.to_owned());
            }
        }
    }

    /// Notes of one ticket, in id order.
    pub(crate) fn notes_of(&self, ticket: i32) -> impl Iterator<Item = &Note> {
        self.notes.range((ticket, i32::MIN)..=(ticket, i32::MAX))
    }

    /// Takes a ticket away, with its notes.
    pub(crate) fn remove_ticket(&mut self, id: i32) {
        let notes: Vec<i32> = self.notes_of(id).map(|note| note.id).collect();
        for note in notes {
            self.notes.remove(&(id, note));
        }
        self.tickets.remove(&id);
    }

    /// An id no ticket has had.
    pub(crate) fn next_ticket_id(&mut self) -> i32 {
        let known = self.tickets.values().next_back().map_or(0, |row| row.ticket.id);
        let settings = self.settings_mut();
        settings.last_ticket_id = settings.last_ticket_id.max(known) + 1;
        settings.last_ticket_id
    }

    /// An id no note has had.
    pub(crate) fn next_note_id(&mut self) -> i32 {
        let settings = self.settings_mut();
        settings.last_note_id += 1;
        settings.last_note_id
    }

    /// An id no configuration has had.
    pub(crate) fn next_configuration_id(&mut self) -> i32 {
        let known = self.configurations.values().next_back().map_or(0, |row| row.id);
        let settings = self.settings_mut();
        settings.last_configuration_id = settings.last_configuration_id.max(known) + 1;
        settings.last_configuration_id
    }

    /// How long lists of tickets lag behind.
    pub(crate) fn search_lag(&self) -> chrono::Duration {
        chrono::Duration::seconds(self.settings.search_lag)
    }

    /// Whether a company stands anywhere below another.
    pub(crate) fn is_below(&self, company: &EsetCompany, ancestor: &str) -> bool {
        let mut parent = company.parent.as_ref();
        while let Some(id) = parent {
            if id == ancestor {
                return true;
            }
            parent = self.eset_companies.get(id).and_then(|company| company.parent.as_ref());
        }
        false
    }

    /// Lines that bring a freshly generated world to this one, for what changed since the last call.
    pub(crate) fn take_changes(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        each_table!(self, name, table => table.take_changes(name, &mut lines));
        if std::mem::take(&mut self.settings_touched) {
            lines.push(serde_json::json!({ "table": "settings", "key": null, "row": self.settings }));
        }
        lines
    }

    fn settle(&mut self) {
        each_table!(self, _name, table => table.settle());
        self.settings_touched = false;
    }

    /// Applies a line of [`World::take_changes`].
    pub(crate) fn replay(&mut self, mut line: Value) -> anyhow::Result<()> {
        let (key, row) = (line["key"].take(), line["row"].take());
        let wanted = line["table"].as_str().unwrap_or_default();
        if wanted == "settings" {
            self.settings = serde_json::from_value(row)?;
            return Ok(());
        }
        each_table!(self, name, table => if name == wanted {
            return Ok(table.replay(key, row)?);
        });
        anyhow::bail!("a line of the state file names the table {wanted:?}, which there is none of")
    }

    /// Lines that make this world of one without rows.
    pub(crate) fn all_rows(&mut self) -> Vec<Value> {
        each_table!(self, _name, table => table.touch());
        self.settings_touched = true;
        self.take_changes()
    }

    /// Takes every row out, to be filled by [`World::replay`].
    pub(crate) fn clear(&mut self) {
        each_table!(self, _name, table => *table = Table::default());
    }

    /// A stamp for a change made now.
    pub(crate) fn stamp(now: DateTime<Utc>, by: &str) -> Stamp {
        Stamp { last_updated: chrono::SubsecRound::trunc_subsecs(now, 0), updated_by: by.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn as_text(world: &World) -> String {
        let rows = (
            world.eset_companies.values().collect::<Vec<_>>(),
            world.licenses.values().collect::<Vec<_>>(),
            world.cw_companies.values().collect::<Vec<_>>(),
            world.agreements.values().collect::<Vec<_>>(),
            world.additions.values().collect::<Vec<_>>(),
            world.catalog.values().collect::<Vec<_>>(),
        );
        serde_json::to_string(&rows).unwrap()
    }

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 14).unwrap()
    }

    #[test]
    fn one_seed_makes_one_world_and_another_seed_another() {
        let first = as_text(&World::generate(7, 120, today()));
        assert_eq!(first, as_text(&World::generate(7, 120, today())));
        assert_ne!(first, as_text(&World::generate(8, 120, today())));
    }

    #[test]
    fn rows_survive_being_saved() {
        let mut world = World::generate(1, 60, today());
        let mut copy = world.clone();
        let ids: Vec<i32> = world.additions.values().map(|addition| addition.id).collect();
        for id in ids {
            world.addition_mut(id).unwrap().quantity += 1.5;
        }
        for line in world.take_changes() {
            copy.replay(serde_json::from_str(&line.to_string()).unwrap()).unwrap();
        }
        assert_eq!(as_text(&world), as_text(&copy));
        let mut other = World::generate(2, 3, today());
        other.clear();
        world.all_rows().into_iter().for_each(|line| other.replay(line).unwrap());
        assert_eq!(as_text(&world), as_text(&other), "all of them make the world anew");
    }

    #[test]
    fn the_smallest_world_is_one_clean_company_with_27_ordered_and_25_billed() {
        let world = World::generate(1, 1, today());
        let customers: Vec<_> = world.eset_companies.values().filter(|c| c.entity_type == EntityType::MspCustomer).collect();
        assert_eq!(customers.len(), 1);
        assert_eq!(world.licenses.values().map(|license| license.quantity).collect::<Vec<_>>(), [27]);
        assert_eq!(world.additions.values().map(|addition| addition.quantity).collect::<Vec<_>>(), [25.0]);
        assert_eq!(world.cw_companies.len(), 1);
        assert_eq!(world.agreements.len(), 1);
    }

    #[test]
    fn a_world_of_300_has_every_awkward_case() {
        let world = World::generate(1, 300, today());
        let now = today().and_hms_opt(12, 0, 0).unwrap().and_utc();
        for (kind, code, _) in EntityType::ALL.into_iter().skip(2) {
            assert!(world.eset_companies.values().any(|c| c.entity_type == kind), "a company of type {code}");
        }
        for state in [LicenseState::Error, LicenseState::Normal, LicenseState::Suspended, LicenseState::Warning] {
            assert!(world.licenses.values().any(|l| l.state(now) == state), "a licence in state {state:?}");
        }
        assert!(world.licenses.values().any(License::is_trial), "a trial");
        assert!(world.cw_companies.values().any(|c| c.deleted_flag), "a company in the recycle bin");
        for status in [AgreementStatus::Active, AgreementStatus::Cancelled, AgreementStatus::Expired] {
            assert!(world.agreements.values().any(|a| a.agreement_status == status), "an agreement {status:?}");
        }
        assert!(world.agreements.values().any(|a| a.parent_agreement.is_some()), "a child agreement");
        assert!(world.agreements.values().any(|a| a.bill_start_date > now), "billing not begun");
        assert!(world.additions.values().any(|a| !a.is_ongoing()), "a cancelled addition");
        assert!(world.additions.values().any(|a| a.less_included > 0.0), "included seats");
        let doubled = world.additions.values().any(|a| {
            a.is_ongoing() && world.additions_of(a.agreement_id).any(|b| b.id != a.id && b.is_ongoing() && b.product == a.product)
        });
        assert!(doubled, "two ongoing additions of one product");
        let named = |name: &str| world.eset_companies.values().filter(|company| company.name == name).count();
        assert!(world.eset_companies.values().any(|company| named(&company.name) == 2), "two customers of one name");
    }

    #[test]
    fn worlds_of_all_sizes_stand() {
        for (seed, companies) in (1..=12).flat_map(|seed| [1, 2, 3, 9, 10, 20, 21, 75].map(|companies| (seed, companies))) {
            let world = World::generate(seed, companies, today());
            let customers = world.eset_companies.values().filter(|c| c.entity_type == EntityType::MspCustomer).count();
            assert_eq!(customers, companies, "seed {seed}");
            for addition in world.additions.values() {
                assert!(world.agreements.get(&addition.agreement_id).is_some() && world.catalog.get(&addition.product.id).is_some());
            }
        }
    }

    #[test]
    fn most_lines_bill_what_is_ordered_and_some_do_not() {
        let world = World::generate(1, 300, today());
        let (mut right, mut all) = (0, 0);
        // Customers whose custom identifier is just the ConnectWise id: no name has to be guessed.
        for customer in world.eset_companies.values() {
            let Some(id) = customer.custom_identifier.as_deref().and_then(|text| text.parse::<i32>().ok()) else { continue };
            let ordered = psa_build::ordered(&world, &customer.id);
            for agreement in world.agreements.values().filter(|agreement| agreement.company.id == id) {
                for line in world.additions_of(agreement.id).filter(|line| line.is_ongoing()) {
                    let code = line.product.identifier.as_deref().and_then(|text| text.strip_prefix("ESET-"));
                    let Some(seats) = code.and_then(|code| ordered.get(code)) else { continue };
                    all += 1;
                    right += usize::from(line.quantity.to_string() == seats.to_string());
                }
            }
        }
        assert!(all > 80 && right * 100 > all * 70 && right * 100 < all * 95, "{right} of {all} lines are right");
    }
}
