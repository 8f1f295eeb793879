//! Whether the places tickets go to are still there.

use chrono::TimeDelta;
use connectwise::Connectwise;
use domain::groups::Groups;
use domain::ids::{BoardId, ConnectionId, TicketId};
use domain::tickets::{Standing, paused};

use super::look::is_missing;
use super::plan::Planner;
use super::rules::{RuleKeeper, beside_another, shared, waits_for_a_look};
use super::{Cursor, Stage, Step};
use crate::tenant::TenantError;
use store::ledger::RuleRow;

/// How long a board is taken to be as it was, while nothing is to be done on it.
const LOOK_AGAIN: TimeDelta = TimeDelta::hours(1);

/// Looks at the boards tickets go to.
pub(super) struct Boards<'a> {
    pub(super) step: Step<'a>,
    pub(super) rules: RuleKeeper<'a>,
    pub(super) planner: Planner<'a>,
}

impl Boards<'_> {
    /// Chooses the boards that are looked at: those on which something is to be done, and those nobody has looked at for long.
    pub(super) fn choose(&self, cursor: &mut Cursor, groups: &Groups) -> Result<(), TenantError> {
        let now = self.step.clock.now();
        let (mutes, awake) = (self.planner.mutes()?, self.step.ledger.ticket_rules().awake()?);
        let mut fresh = Vec::new();
        for row in self.step.ledger.ticket_rules().enabled_of(&self.step.connection.id)? {
            let board = (row.rule.target.psa.clone(), row.rule.target.board);
            if cursor.boards.contains(&board) || !cursor.was_read(&row) {
                continue;
            }
            if !fresh.contains(&board) {
                if self.step.ledger.meta().moment(&last_look(&board))?.is_none_or(|looked| now - looked >= LOOK_AGAIN) {
                    cursor.boards.push(board);
                    continue;
                }
                fresh.push(board.clone());
            }
            if awake.contains(row.rule.id.as_str()) && self.planner.due(&row, &mutes, groups, now)?.acts() {
                cursor.boards.push(board);
            }
        }
        Ok(())
    }

    /// Looks at the next board, and pauses the rules whose place is not there. One that cannot be read keeps its rules waiting.
    pub(super) async fn look(&self, cursor: &mut Cursor) -> Result<(), TenantError> {
        let Some(board) = cursor.boards.first().cloned() else {
            cursor.stage = Stage::Plan;
            return Ok(());
        };
        let found = self.find_paused(cursor, &board).await;
        cursor.boards.remove(0);
        let now = self.step.clock.now();
        match found {
            Ok(found) => {
                for (row, reasons) in found {
                    let words = reasons.join(" ");
                    self.rules.pause(&row, Some(words.as_str()).filter(|words| !words.is_empty()), now)?;
                    if reasons.is_empty() {
                        cursor.ready.push(row.rule.id.clone());
                    }
                }
                self.step.ledger.meta().keep_moment(&last_look(&board), Some(now))?;
            }
            Err(TenantError::Store(error)) => return Err(error.into()),
            Err(TenantError::Vendor(error)) if error.is_budget() => return Err(error.into()),
            Err(TenantError::Missing(words)) => {
                for row in self.rules_on(cursor, &board)? {
                    self.rules.pause(&row, Some(&words), now)?;
                }
            }
            Err(trouble) => {
                self.step.note_trouble(&format!("ConnectWise's service board could not be read: {trouble}"))?;
            }
        }
        Ok(())
    }

    async fn find_paused(
        &self,
        cursor: &mut Cursor,
        (psa, board): &(ConnectionId, BoardId),
    ) -> Result<Vec<(RuleRow, Vec<String>)>, TenantError> {
        let client = self.step.desk(psa)?;
        if !cursor.known_boards.iter().any(|(of, _)| of == psa) {
            let boards = client.boards().await?;
            cursor.known_boards.push((psa.clone(), boards));
        }
        let boards = cursor.known_boards.iter().filter(|(of, _)| of == psa).flat_map(|(_, boards)| boards);
        let mut boards = boards.map(|known| (known.id, known.inactive));
        let known = boards.find(|(id, _)| id == board);
        let mut standing = known.map_or(Standing::Gone, |(_, inactive)| if inactive { Standing::Inactive } else { Standing::Usable });
        let statuses = match standing {
            Standing::Gone => Vec::new(),
            _ => match client.statuses(*board).await {
                Err(error) if is_missing(&error) => {
                    standing = Standing::Gone;
                    Vec::new()
                }
                read => read?,
            },
        };
        let catalogues = self.planner.readings.catalogues().await?;
        let rules = self.rules_on(cursor, &(psa.clone(), *board))?;
        let foreign = match standing {
            Standing::Gone => None,
            _ if rules.is_empty() => None,
            _ => self.foreign_ticket(&client, &(psa.clone(), *board)).await?,
        };
        let judged = rules.into_iter().map(|row| {
            let of_status = |id| match statuses.iter().find(|status| status.id == id) {
                None => Standing::Gone,
                Some(status) if status.inactive => Standing::Inactive,
                Some(_) => Standing::Usable,
            };
            // A catalogue nobody has read yet says nothing.
            let has_company = |id| catalogues.get(psa).is_none_or(|catalogue| catalogue.companies.contains_key(&id));
            let reasons = paused(&row.rule.target, standing, of_status, has_company);
            let words = reasons.into_iter().map(|reason| reason.message().to_owned()).chain(foreign.map(beside_another));
            (row, words.collect())
        });
        Ok(judged.collect())
    }

    /// The newest open ticket on a board that another install has opened, unless a person knows that the board is shared. While
    /// nothing is written it is not asked for: what this ledger has forgotten looks like another's, and a person sees it there.
    async fn foreign_ticket(&self, client: &Connectwise, board: &(ConnectionId, BoardId)) -> Result<Option<TicketId>, TenantError> {
        if self.step.ledger.meta().moment(&shared(board))?.is_some() || self.step.ledger.look_only().current()?.is_some() {
            return Ok(None);
        }
        let now = self.step.clock.now();
        if self.step.ledger.meta().moment(&unlisted(board))?.is_some_and(|tried| now - tried < LOOK_AGAIN) {
            return Ok(None);
        }
        let marked = match client.open_marked(Some(board.1)).await {
            Err(error) if error.is_budget() => return Err(error.into()),
            // A desk that lists no tickets lets none be opened either: each is looked for first. It is not asked again for a while.
            Err(_) => {
                self.step.ledger.meta().keep_moment(&unlisted(board), Some(now))?;
                return Ok(None);
            }
            Ok(marked) => marked,
        };
        let seen: Vec<(TicketId, &str)> = marked.iter().filter_map(|ticket| Some((ticket.id, ticket.marker.as_deref()?))).collect();
        Ok(self.step.ledger.other_tickets().unknown(&seen)?.into_iter().max())
    }

    /// Rules on a board whose group or detections were read in this pass; the others wait for that, and for what they are paused for.
    fn rules_on(&self, cursor: &Cursor, (psa, board): &(ConnectionId, BoardId)) -> Result<Vec<RuleRow>, TenantError> {
        let mut rules = self.step.ledger.ticket_rules().enabled_of(&self.step.connection.id)?;
        rules.retain(|row| row.rule.target.psa == *psa && row.rule.target.board == *board && cursor.was_read(row));
        rules.retain(|row| !waits_for_a_look(row));
        Ok(rules)
    }
}

/// Where it is kept when a board was last looked at.
pub(super) fn last_look((psa, board): &(ConnectionId, BoardId)) -> String {
    format!("board/{psa}/{board}")
}

/// Where it is kept when a board's tickets could last not be listed.
fn unlisted((psa, board): &(ConnectionId, BoardId)) -> String {
    format!("board-unlisted/{psa}/{board}")
}
