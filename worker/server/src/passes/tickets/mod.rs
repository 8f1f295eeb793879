//! The tickets pass of one console: reads the groups and detections its rules watch, looks at their open tickets, and plans what is
//! to be done.
//!
//! Only what was read to its end is taken in, and only rules whose group or detections were and whose place in ConnectWise is there are
//! planned. Whatever fails, the cases stay as they were: an outage postpones, it loses nothing and opens nothing twice.

mod desk;
mod detections;
mod drive;
mod leaves;
mod look;
mod muted;
mod observe;
mod places;
mod plan;
mod retry;
mod rules;
mod sample;
mod settle;
mod start;
mod switches;

use contract::passes::PassState;
use domain::groups::Groups;
use domain::ids::{BoardId, ConnectionId, DeviceGroupId, TicketId, TicketRuleId};
use domain::json::strict;
use domain::tickets::{Board, RuleSource};
use serde::{Deserialize, Serialize};

pub(crate) use leaves::leaves_of;
pub(crate) use rules::waits_for_a_look;
pub(crate) use start::{GroupMembers, GroupReader};

use self::desk::Boards;
use self::detections::DetectionReader;
use self::drive::TicketCommits;
use self::look::OpenTickets;
use self::observe::Members;
use self::places::Places;
use self::plan::Planner;
use self::rules::RuleKeeper;
use super::Progress;
use crate::clients::Clients;
use crate::policy::Policies;
use crate::tenant::{Tenant, TenantError};
use connect::Connect;
use connectwise::Connectwise;
use egress::Outbound;
use egress::ports::Clock;
use store::ledger::{ConnectionRow, Ledger, PassChange, PassRow, RuleRow};
use store::ports::StoreError;

/// Why a rule without its ConnectWise is paused.
const DISCONNECTED: &str = "The rule's ConnectWise connection was deleted. Choose another one.";

/// What became of a ticket whose ConnectWise nothing leads to any more.
const UNREACHED: &str = "The ConnectWise connection its ticket was opened through was deleted, and no other one leads there.";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Cursor {
    stage: Stage,
    /// Groups that are still to be read; the first is being read.
    groups: Vec<DeviceGroupId>,
    /// The token of its page to read next; none for the first.
    page: Option<String>,
    /// Its pages read so far.
    pages: u32,
    /// Groups that were read to their end.
    read: Vec<DeviceGroupId>,
    /// How far the detections were read.
    detections: Option<detections::Reading>,
    /// How many of them are new; none when they were not read to their end.
    found: Option<u32>,
    /// How many groups were not read, or the detections.
    failed: u32,
    /// Whether ESET answered of one of them what is not taken in yet.
    #[serde(default)]
    answered: bool,
    /// Devices seen.
    devices: u32,
    /// The last ticket that was looked at.
    looked_at: Option<(ConnectionId, TicketId)>,
    /// Boards that are still to be looked at.
    boards: Vec<(ConnectionId, BoardId)>,
    /// The boards there are, by connection: read once in a pass.
    #[serde(default)]
    known_boards: Vec<(ConnectionId, Vec<Board>)>,
    /// Rules whose place in ConnectWise was found to be there in this pass.
    ready: Vec<TicketRuleId>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    #[default]
    Begin,
    Members,
    Detections,
    Devices,
    Tickets,
    Desk,
    Plan,
}

impl Stage {
    fn label(self) -> &'static str {
        match self {
            Self::Begin | Self::Members => "Reading watched groups",
            Self::Detections => "Reading detections",
            Self::Devices => "Asking for new devices",
            Self::Tickets => "Looking at open tickets",
            Self::Desk => "Looking at service boards",
            Self::Plan => "Planning tickets",
        }
    }
}

impl Tenant {
    /// What pauses rules and takes back what they have planned.
    pub fn ticket_rules(&self) -> RuleKeeper<'_> {
        RuleKeeper { ledger: &self.ledger, clock: self.clock.as_ref(), drift: self.drift_watch(), driver: self.driver() }
    }

    /// What plans tickets.
    pub fn ticket_planner(&self) -> Planner<'_> {
        let (ledger, clock) = (&self.ledger, self.clock.as_ref());
        Planner { ledger, clock, readings: self.readings(), places: Places { ledger, clock } }
    }

    /// What carries out what is planned about tickets.
    pub fn ticket_commits(&self) -> TicketCommits<'_> {
        let (ledger, clock) = (&self.ledger, self.clock.as_ref());
        TicketCommits { ledger, clock, clients: self.clients(), driver: self.driver(), planner: self.ticket_planner() }
    }

    pub(super) async fn tickets_step(
        &self,
        pass: &PassRow,
        connection: &ConnectionRow,
        outbound: &Outbound,
    ) -> Result<Progress, TenantError> {
        let step = Step { ledger: &self.ledger, clock: self.clock.as_ref(), clients: self.clients(), pass, connection, outbound };
        TicketsPass { step, rules: self.ticket_rules(), policies: self.policies(), planner: self.ticket_planner() }.go_on().await
    }
}

/// One step of a pass: what it is a step of, and the way to the vendors.
#[derive(Clone, Copy)]
struct Step<'a> {
    ledger: &'a Ledger,
    clock: &'a dyn Clock,
    clients: Clients<'a>,
    pass: &'a PassRow,
    connection: &'a ConnectionRow,
    outbound: &'a Outbound,
}

impl Step<'_> {
    /// The client of the pass's console.
    fn connect(&self) -> Result<Connect, TenantError> {
        self.clients.connect(self.connection, self.outbound)
    }

    /// The ConnectWise client of a connection that may be gone.
    fn desk(&self, psa: &ConnectionId) -> Result<Connectwise, TenantError> {
        let connection = self.ledger.connections().find(psa)?;
        let connection = connection.ok_or_else(|| TenantError::Missing(DISCONNECTED.to_owned()))?;
        self.clients.connectwise(&connection, self.outbound)
    }

    /// Notes what keeps the pass from being a whole one.
    fn note_trouble(&self, words: &str) -> Result<(), StoreError> {
        self.ledger.passes().note_trouble(&self.pass.id, words)
    }
}

/// One pass over what the rules of a console watch.
struct TicketsPass<'a> {
    step: Step<'a>,
    rules: RuleKeeper<'a>,
    policies: Policies<'a>,
    planner: Planner<'a>,
}

impl TicketsPass<'_> {
    async fn go_on(&self) -> Result<Progress, TenantError> {
        let Step { ledger, clock, pass, connection, outbound, .. } = self.step;
        let mut cursor: Cursor = pass.cursor.as_deref().and_then(|text| strict::read(text.as_bytes()).ok()).unwrap_or_default();
        let Some(groups) = self.planner.readings.groups_of(&connection.id).await? else {
            return Err(TenantError::Unusable("Its device groups have not been read yet.".to_owned()));
        };
        let (stage, calls) = (cursor.stage, outbound.calls());
        let members = Members { step: self.step, rules: self.rules, policies: self.policies, groups: &groups };
        let boards = Boards { step: self.step, rules: self.rules, planner: self.planner };
        match stage {
            Stage::Begin => cursor.begin(&ledger.ticket_rules().enabled_of(&connection.id)?),
            Stage::Members => members.read(&mut cursor).await?,
            Stage::Detections => DetectionReader(self.step).read(&mut cursor).await?,
            Stage::Devices => members.ask_for_devices(&mut cursor).await?,
            Stage::Tickets => OpenTickets { step: self.step, places: self.planner.places }.look(&mut cursor).await?,
            Stage::Desk => boards.look(&mut cursor).await?,
            Stage::Plan => return self.plan(&cursor, &groups).await,
        }
        if cursor.stage == Stage::Desk && stage != Stage::Desk {
            self.planner.leave_out(connection, &cursor, &groups).await?;
            boards.choose(&mut cursor, &groups)?;
        }
        let calls = outbound.calls().saturating_sub(calls);
        let change = PassChange { done: cursor.devices, cursor: &cursor, step: stage.label(), total: None, calls };
        ledger.passes().advance(&pass.id, &change, clock.now())?;
        Ok(Progress::More)
    }

    /// The last step: makes intents of what is to be done.
    async fn plan(&self, cursor: &Cursor, groups: &Groups) -> Result<Progress, TenantError> {
        let planned = self.planner.plan(self.step.connection, cursor, groups).await?;
        let state = if cursor.failed == 0 { PassState::Done } else { PassState::Partial };
        self.note_polls(cursor)?;
        let found = cursor.found.map_or(String::new(), |found| format!(", {found} new detections"));
        let result = format!("{} groups with {} devices{found}; {planned} to be done", cursor.read.len(), cursor.devices);
        Ok(Progress::Over { state, result, failure: None })
    }

    /// Notes of the groups that were read when that was: once for all of them when none was left out.
    fn note_polls(&self, cursor: &Cursor) -> Result<(), StoreError> {
        let (rules, connection, now) = (self.step.ledger.ticket_rules(), &self.step.connection.id, self.step.clock.now());
        if cursor.failed == 0 {
            return rules.note_polls(connection, now);
        }
        for row in rules.enabled_of(connection)? {
            if cursor.was_read(&row) {
                rules.note_same(&row.rule.id, now)?;
            }
        }
        Ok(())
    }
}

impl Cursor {
    /// Goes on to the groups that these rules watch.
    fn begin(&mut self, rules: &[RuleRow]) {
        for row in rules {
            if let Some(group) = watched(row).filter(|group| !self.groups.contains(group)) {
                self.groups.push(group.clone());
            }
        }
        self.stage = Stage::Members;
    }

    /// Whether what a rule watches was read to its end in this pass.
    fn was_read(&self, row: &RuleRow) -> bool {
        match &row.rule.source {
            RuleSource::Group { group, .. } => self.read.contains(group),
            RuleSource::Detections { .. } => self.found.is_some(),
        }
    }

    /// Goes on to the devices once all was read that can be.
    fn leave_reading(&mut self) -> Result<(), TenantError> {
        if self.read.is_empty() && self.found.is_none() && self.failed > 0 && !self.answered {
            return Err(TenantError::Unusable("Nothing of what its rules watch could be read.".to_owned()));
        }
        self.stage = Stage::Devices;
        Ok(())
    }
}

/// The group a rule watches; none for one that watches detections.
fn watched(row: &RuleRow) -> Option<&DeviceGroupId> {
    match &row.rule.source {
        RuleSource::Group { group, .. } => Some(group),
        RuleSource::Detections { .. } => None,
    }
}

/// The name of a group as it was last read.
fn group_name(groups: &Groups, group: &DeviceGroupId) -> String {
    groups.groups.get(group).map_or_else(|| group.to_string(), |known| known.name.clone())
}
