//! The tickets pass of one console: reads the groups and detections its rules watch, looks at their open tickets, and plans what is
//! to be done.
//!
//! Only what was read to its end is taken in, and only rules whose group or detections were and whose place in ConnectWise is there are
//! planned. Whatever fails, the cases stay as they were: an outage postpones, it loses nothing and opens nothing twice.

mod desk;
mod destination;
mod detections;
mod disconnect;
mod drive;
mod look;
mod muted;
mod observe;
mod plan;
mod sample;
mod settle;
mod switches;

use contract::passes::PassState;
use domain::Timestamp;
use domain::groups::Groups;
use domain::ids::{BoardId, ConnectionId, DeviceGroupId, TicketId, TicketRuleId};
use domain::json::strict;
use domain::tickets::{Board, RuleSource};
use serde::{Deserialize, Serialize};

pub(crate) use disconnect::waits_for_a_look;

use super::{Progress, SCHEDULE};
use crate::tenant::{Tenant, TenantError, groups_of};
use egress::Outbound;
use store::documents::Document;
use store::ledger::{ConnectionRow, NewTicketLog, PassChange, PassRow, RuleRow};
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
    pub(super) async fn tickets_step(
        &self,
        pass: &PassRow,
        connection: &ConnectionRow,
        outbound: &Outbound,
    ) -> Result<Progress, TenantError> {
        let mut cursor: Cursor = pass.cursor.as_deref().and_then(|text| strict::read(text.as_bytes()).ok()).unwrap_or_default();
        let read: Option<Document<Groups>> = self.documents.current(&groups_of(&connection.id)).await?;
        let Some(groups) = read.map(|document| document.content) else {
            return Err(TenantError::Unusable("Its device groups have not been read yet.".to_owned()));
        };
        let (step, calls) = (cursor.stage.label(), outbound.calls());
        match cursor.stage {
            Stage::Begin => {
                for row in self.ledger.ticket_rules().enabled_of(&connection.id)? {
                    if let Some(group) = watched(&row).filter(|group| !cursor.groups.contains(group)) {
                        cursor.groups.push(group.clone());
                    }
                }
                cursor.stage = Stage::Members;
            }
            Stage::Members => self.read_members(pass, connection, &mut cursor, &groups, outbound).await?,
            Stage::Detections => self.read_detections(pass, connection, &mut cursor, outbound).await?,
            Stage::Devices => self.ask_for_devices(connection, &mut cursor, &groups, outbound).await?,
            Stage::Tickets => self.look_at_tickets(pass, connection, &mut cursor, outbound).await?,
            Stage::Desk => self.look_at_board(pass, connection, &mut cursor, outbound).await?,
            Stage::Plan => {
                let planned = self.plan_tickets(connection, &cursor, &groups).await?;
                let state = if cursor.failed == 0 { PassState::Done } else { PassState::Partial };
                self.note_polls(connection, &cursor)?;
                let found = cursor.found.map_or(String::new(), |found| format!(", {found} new detections"));
                let result = format!("{} groups with {} devices{found}; {planned} to be done", cursor.read.len(), cursor.devices);
                return Ok(Progress::Over { state, result, failure: None });
            }
        }
        if cursor.stage == Stage::Desk && step != Stage::Desk.label() {
            self.leave_out(connection, &cursor, &groups).await?;
            self.choose_boards(connection, &mut cursor, &groups)?;
        }
        let calls = outbound.calls().saturating_sub(calls);
        let change = PassChange { done: cursor.devices, cursor: &cursor, step, total: None, calls };
        self.ledger.passes().advance(&pass.id, &change, self.now())?;
        Ok(Progress::More)
    }

    /// Notes of the groups that were read when that was: once for all of them when none was left out.
    fn note_polls(&self, connection: &ConnectionRow, cursor: &Cursor) -> Result<(), StoreError> {
        let now = self.now();
        if cursor.failed == 0 {
            return self.ledger.ticket_rules().note_polls(&connection.id, now);
        }
        for row in self.ledger.ticket_rules().enabled_of(&connection.id)? {
            if cursor.was_read(&row) {
                self.ledger.ticket_rules().note_same(&row.rule.id, now)?;
            }
        }
        Ok(())
    }

    /// Keeps why nothing is opened for a rule, and tells it in the log and the drift centre when that is new.
    fn pause(&self, row: &RuleRow, trouble: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
        if !self.ledger.ticket_rules().keep_trouble(row, trouble)? {
            return Ok(());
        }
        let (event, words) = match trouble {
            Some(words) => ("rule_paused", words),
            None => ("rule_resumed", "What kept it from opening tickets is gone."),
        };
        self.log_rule(row, event, words, now)?;
        self.drift_watch().look_at_rules(SCHEDULE)
    }

    /// Adds a row about a rule to the tickets' log.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn log_rule(&self, row: &RuleRow, event: &str, words: &str, now: Timestamp) -> Result<(), StoreError> {
        let (rule, psa) = (Some(&row.rule.id), Some(&row.rule.target.psa));
        self.ledger.ticket_log().add(&NewTicketLog { rule, rule_name: &row.rule.name, event, words, psa, ..NewTicketLog::default() }, now)
    }

    /// The ConnectWise client of a connection that may be gone.
    fn desk_client(&self, psa: &ConnectionId, outbound: &Outbound) -> Result<connectwise::Connectwise, TenantError> {
        let connection = self.ledger.connections().find(psa)?;
        let connection = connection.ok_or_else(|| TenantError::Missing(DISCONNECTED.to_owned()))?;
        self.connectwise(&connection, outbound)
    }
}

impl Cursor {
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
