//! The ledger: what must be right at once. One SQLite database in one Durable Object, one store for each part of it.
//!
//! Every method runs to its end without awaiting anything, so what it writes is committed together and before any request
//! that follows leaves the Worker. Rows are typed on their way in and out; SQL stays in this room.

mod audit;
mod backup;
mod billing;
mod connections;
mod database;
mod documents;
mod drift;
mod forgetting;
mod group_owners;
mod intent_store;
mod look_only;
mod meta;
mod passes;
mod people;
mod retention;
mod row;
mod schema;
mod share_extracts;
mod share_links;
mod snapshots;
mod tickets;

use std::rc::Rc;

pub use audit::{AuditFilter, History, LastRow, NewAudit};
pub use backup::{BackupError, BackupHead, Backups};
pub use billing::additions::{Additions, StoredAdditions};
pub use billing::basis::PlanBasis;
pub use billing::decisions::{Decision, Decisions};
pub use billing::intents::{Changes, IntentLabels, IntentRow};
pub use billing::lines::{LineCounts, LineFilter, LineRow, Lines, line_state};
pub use billing::month_sheets::{MonthSheets, NewSheet, SheetKind};
pub use billing::months::{Closed, MonthRow, Months};
pub use billing::records::MappingRecords;
pub use billing::replan::Replan;
pub use connections::{ConnectionRow, Connections, NewConnectionRow};
pub use documents::{Pointer, Pointers};
pub use drift::{Drift, DriftBaseline};
pub use forgetting::{ForgetPlace, Forgetting};
pub use group_owners::{GroupOwners, SaidOwner, SaidOwners};
pub use intent_store::{Claims, Intents, Planned, PlannedOf, Stored, Table};
pub use look_only::{DeskRead, LookOnlyRow, LookOnlyStore};
pub use meta::Meta;
pub use passes::{PassChange, PassRow, Passes};
pub use people::access::{Access, AccessKind, AccessRow, NewAccess};
pub use people::access_groups::{AccessGroups, CompanyGroups, DeviceGroups};
pub use people::identities::{Identities, Known};
pub use people::spent_tokens::SpentTokens;
pub use people::{MadePasskey, PasskeyRow, Passkeys, People};
pub use retention::{Aged, DeletedConnection, Looked, OverAge, Retained, StoredNow};
pub use share_extracts::ShareExtracts;
pub use share_links::{NewShareLinkRow, OpenLink, ShareLinkFilter, ShareLinks, ToldOpenings};
pub use snapshots::{SnapshotRow, Snapshots};
pub use tickets::{
    CaseRow, Cases, Detections, DoubtedLeaves, DoubtsByRule, Feed, Finding, Findings, MuteRow, Mutes, NewTicketLog, OtherTickets, RuleRow,
    TicketIntentRow, TicketIntents, TicketLabels, TicketLog, TicketLogFilter, TicketRules, TicketSwitches, Told, Traits,
};

use crate::ports::{Sql, StoreError};
use database::Database;

/// The ledger: a set of small stores over one connection. Cheap to clone: all clones are one database.
#[derive(Clone)]
pub struct Ledger {
    database: Database,
}

impl Ledger {
    /// Opens the ledger, bringing its tables up to date.
    ///
    /// # Errors
    /// When SQLite refuses, or the database was written by a newer version.
    pub fn open(sql: Rc<dyn Sql>) -> Result<Self, StoreError> {
        let database = Database::new(sql);
        schema::migrate(&database)?;
        Ok(Self { database })
    }

    /// One-time links, sessions and API tokens.
    pub fn access(&self) -> Access<'_> {
        Access(&self.database)
    }

    /// Access groups, and the companies in them.
    pub fn access_groups(&self) -> AccessGroups<'_> {
        AccessGroups(&self.database)
    }

    /// Additions as last read, and what we last wrote to each.
    pub fn additions(&self) -> Additions<'_> {
        Additions(&self.database)
    }

    /// Backups: everything that is not a secret, as one document, and back.
    pub fn backups(&self) -> Backups<'_> {
        Backups(&self.database)
    }

    /// Cases: what a rule knows of each device.
    pub fn cases(&self) -> Cases<'_> {
        Cases(&self.database)
    }

    /// Changes of additions: what was approved, and how far each has come.
    pub fn changes(&self) -> Changes<'_> {
        Changes::over(&self.database)
    }

    /// Connections and their sealed credentials.
    pub fn connections(&self) -> Connections<'_> {
        Connections(&self.database)
    }

    /// What people decided about lines.
    pub fn decisions(&self) -> Decisions<'_> {
        Decisions(&self.database)
    }

    /// Detections: how far a console's were read, which are known, and which wait for their case.
    pub fn detections(&self) -> Detections<'_> {
        Detections(&self.database)
    }

    /// Devices that are not believed to have left their groups.
    pub fn doubted_leaves(&self) -> DoubtedLeaves<'_> {
        DoubtedLeaves(&self.database)
    }

    /// What changed under mappings.
    pub fn drift(&self) -> Drift<'_> {
        Drift(&self.database)
    }

    /// What is known of mappings, products and companies, to tell drift by.
    pub fn drift_baseline(&self) -> DriftBaseline<'_> {
        DriftBaseline(&self.database)
    }

    /// Taking a customer's names out of what is stored.
    pub fn forgetting(&self) -> Forgetting<'_> {
        Forgetting(&self.database)
    }

    /// What people have said about whose a company's device group is.
    pub fn group_owners(&self) -> GroupOwners<'_> {
        GroupOwners(&self.database)
    }

    /// The history. Its rows are only ever added.
    pub fn history(&self) -> History<'_> {
        History(&self.database)
    }

    /// People as an identity provider knows them.
    pub fn identities(&self) -> Identities<'_> {
        Identities(&self.database)
    }

    /// The month's lines as last planned, with what people decided about them.
    pub fn lines(&self) -> Lines<'_> {
        Lines(&self.database)
    }

    /// Whether nothing is written, and why.
    pub fn look_only(&self) -> LookOnlyStore<'_> {
        LookOnlyStore(&self.database)
    }

    /// What has come of each company mapping since it was made.
    pub fn mapping_records(&self) -> MappingRecords<'_> {
        MappingRecords(&self.database)
    }

    /// Single moments, numbers and texts, each under its key.
    pub fn meta(&self) -> Meta<'_> {
        Meta(&self.database)
    }

    /// The lines of months that are over.
    pub fn month_sheets(&self) -> MonthSheets<'_> {
        MonthSheets(&self.database)
    }

    /// Months: which were kept at their end, which are closed, and their corrections.
    pub fn months(&self) -> Months<'_> {
        Months(&self.database)
    }

    /// What is muted, why and how long.
    pub fn mutes(&self) -> Mutes<'_> {
        Mutes(&self.database)
    }

    /// Passes, their cursors, and what they have read so far.
    pub fn passes(&self) -> Passes<'_> {
        Passes(&self.database)
    }

    /// Passkeys.
    pub fn passkeys(&self) -> Passkeys<'_> {
        Passkeys(&self.database)
    }

    /// People and their roles.
    pub fn people(&self) -> People<'_> {
        People(&self.database)
    }

    /// What the lines were planned from, for as long as a plan from it would be the same.
    pub fn plan_basis(&self) -> PlanBasis<'_> {
        PlanBasis(&self.database)
    }

    /// Which version of each document is the current one.
    pub fn pointers(&self) -> Pointers<'_> {
        Pointers(&self.database)
    }

    /// What is over age, and its removal.
    pub fn retention(&self) -> Retained<'_> {
        Retained(&self.database)
    }

    /// What share links show of companies, taken out of documents.
    pub fn share_extracts(&self) -> ShareExtracts<'_> {
        ShareExtracts(&self.database)
    }

    /// Share links.
    pub fn share_links(&self) -> ShareLinks<'_> {
        ShareLinks(&self.database)
    }

    /// Where each snapshot is.
    pub fn snapshots(&self) -> Snapshots<'_> {
        Snapshots(&self.database)
    }

    /// Sealed tokens that were used, each of which is used once.
    pub fn spent_tokens(&self) -> SpentTokens<'_> {
        SpentTokens(&self.database)
    }

    /// Intents on tickets: what was decided, and how far each has come.
    pub fn ticket_intents(&self) -> TicketIntents<'_> {
        TicketIntents::over(&self.database)
    }

    /// The log of all that was decided about tickets. Its rows are only ever added.
    pub fn ticket_log(&self) -> TicketLog<'_> {
        TicketLog(&self.database)
    }

    /// Ticket rules, in the order a person gave them.
    pub fn ticket_rules(&self) -> TicketRules<'_> {
        TicketRules(&self.database)
    }

    /// Tickets of other installs that a person knows of.
    pub fn other_tickets(&self) -> OtherTickets<'_> {
        OtherTickets(&self.database)
    }

    /// Companies for whose devices no tickets are opened.
    pub fn ticket_switches(&self) -> TicketSwitches<'_> {
        TicketSwitches(&self.database)
    }
}
