//! The month's lines as last planned, with what people decided about them.

use std::collections::BTreeMap;

use contract::month::Segment;
use domain::access::Visibility;
use domain::billing::{Considered, DecisionKind, Guard, Line, LineState, Member, Period};
use domain::ids::{AgreementId, ConnectionId, LineId};
use domain::json::strict;
use domain::money::Quantity;
use engine::{Change, Intent, IntentState};

use super::super::people::access_groups::sees_line;
use super::super::row::{Row, params, word};
use super::super::{Changes, Database};
use super::decisions::{Decision, StoredDecision};
use super::evidence::{Counted, complete};
use crate::ports::{SqlValue, StoreError};

/// A line as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRow {
    /// What was planned.
    pub line: Line,
    /// Where it stands.
    pub state: LineState,
    /// What was decided about it, as long as it is about what it proposes.
    pub decision: Option<Decision>,
    /// Its place in the month's order.
    pub position: u32,
}

impl LineRow {
    /// The line as a person decides about it.
    pub fn considered(&self) -> Considered<'_> {
        Considered { line: &self.line, state: self.state, decision: self.decision.as_ref() }
    }

    /// What a text is looked for in, in lower case.
    pub fn search_text(&self) -> String {
        search_text(&self.line)
    }
}

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFilter<'a> {
    /// Of those that whoever asks sees. A line is seen by whoever sees every company on it.
    pub scope: &'a Visibility,
    /// The segment.
    pub segment: Segment,
    /// Text in company, agreement or product.
    pub text: &'a str,
    /// After this place.
    pub after: Option<u32>,
    /// Without the first so many.
    pub skip: u32,
    /// At most so many.
    pub limit: u32,
}

/// Lines by state.
pub type LineCounts = BTreeMap<LineState, u32>;

/// Whether what `intent` wrote is what the line bills, or a dated part of it.
fn writes_all(intent: &Intent, line: &Line) -> bool {
    line.billed == Some(intent.to) || !matches!(intent.effect, Change::Set)
}

/// Where a line stands, from what was planned, what a person decided and what came of it.
pub fn line_state(line: &Line, decision: Option<&Decision>, intent: Option<&Intent>) -> LineState {
    let decided = decision.map(|decision| decision.decision);
    if let Some(intent) = intent {
        // What waited for a later day counts in the month it was written in.
        let written_in = intent.outcome.as_ref().map_or(intent.period, |outcome| Period::of(outcome.at));
        match intent.state {
            IntentState::Planned | IntentState::Inflight | IntentState::Unknown => return LineState::Committing,
            IntentState::Done if intent.preview == line.preview => return LineState::Done,
            IntentState::Done if written_in == line.period && writes_all(intent, line) && !line.changes() => {
                return LineState::Done;
            }
            _ if decided == Some(DecisionKind::Dismissed) => {}
            IntentState::Failed if intent.preview == line.preview && decided != Some(DecisionKind::Held) => return LineState::Failed,
            IntentState::Parked if intent.preview == line.preview => return LineState::Parked,
            _ => {}
        }
    }
    if line.changes() {
        return match decided {
            Some(DecisionKind::Dismissed) => LineState::Dismissed,
            Some(DecisionKind::Held) => LineState::Held,
            _ if line.held() => LineState::Held,
            _ => LineState::ToApprove,
        };
    }
    let nothing_to_bill = line.billed.is_none() && line.target == Some(Quantity::ZERO);
    let unanswered = line.target.is_none() || line.billed.is_none() || line.addition.is_none();
    match decided {
        _ if !unanswered || nothing_to_bill => LineState::Unchanged,
        Some(DecisionKind::Dismissed) => LineState::Dismissed,
        _ => LineState::Held,
    }
}

const COLUMNS: &str = "body, state, position, decisions.decision, decisions.about";
const LINES: &str = "lines LEFT JOIN decisions ON decisions.line = lines.id";

fn read(mut row: Row, counted: &Counted) -> Result<LineRow, StoreError> {
    let mut line: Line = row.json()?;
    complete(&mut line, counted);
    let (state, position) = (row.word()?, row.count()?);
    let decision = StoredDecision::read(&mut row)?.and_then(|kept| kept.still_about(&line));
    Ok(LineRow { line, state, decision, position })
}

/// What a line of a [`LineFilter`] meets, whatever its page, with [`wanted`] as parameters.
fn matches() -> String {
    let seen = sees_line(3, "lines.id");
    format!("(?1 = '' OR instr(?1, ',' || state || ',') > 0) AND (?2 = '' OR instr(search, ?2) > 0) AND {seen}")
}

fn wanted(filter: &LineFilter<'_>) -> [SqlValue; 3] {
    [states_of(filter.segment).into(), filter.text.to_lowercase().into(), filter.scope.into()]
}

/// The month's lines as last planned, with what people decided about them.
#[derive(Clone, Copy)]
pub struct Lines<'a>(pub(in super::super) &'a Database);

impl Lines<'_> {
    /// One line, if the scope sees every company on it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &LineId, scope: &Visibility) -> Result<Option<LineRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {LINES} WHERE id = ?1 AND {}", sees_line(2, "lines.id"));
        let counted = self.counted()?;
        self.0.first(&sql, params![id.as_str(), scope])?.map(|row| read(row, &counted)).transpose()
    }

    /// A page of lines in the month's order, and how many the filter leaves.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn list(&self, filter: &LineFilter<'_>) -> Result<(Vec<LineRow>, u32), StoreError> {
        let total = self.0.number(&format!("SELECT count(*) FROM lines WHERE {}", matches()), &wanted(filter))?;
        Ok((self.page(filter)?, u32::try_from(total).unwrap_or(u32::MAX)))
    }

    /// A page of lines, when nobody asks how many there are: counting looks at every line.
    fn page(&self, filter: &LineFilter<'_>) -> Result<Vec<LineRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {LINES} WHERE {} AND position > coalesce(?4, -1) ORDER BY position LIMIT ?5 OFFSET ?6",
            matches()
        );
        let mut parameters = wanted(filter).to_vec();
        parameters.extend([filter.after.into(), filter.limit.into(), filter.skip.into()]);
        let counted = self.counted()?;
        self.0.rows(&sql, &parameters)?.map(|row| read(row, &counted)).collect()
    }

    /// Hands every line of a filter over, from its place on; some hundred are held at once, however many there are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn each(&self, scope: &Visibility, segment: Segment, text: &str, mut take: impl FnMut(LineRow)) -> Result<(), StoreError> {
        self.try_each(scope, segment, text, |row| {
            take(row);
            Ok(())
        })
    }

    /// [`Self::each`], until `take` refuses.
    ///
    /// # Errors
    /// When SQLite or `take` refuses.
    pub fn try_each(
        &self,
        scope: &Visibility,
        segment: Segment,
        text: &str,
        mut take: impl FnMut(LineRow) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        const AT_ONCE: u32 = 500;
        let mut after = None;
        loop {
            let rows = self.page(&LineFilter { scope, segment, text, after, skip: 0, limit: AT_ONCE })?;
            after = rows.last().map(|row| row.position);
            rows.into_iter().try_for_each(&mut take)?;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// Every line in a state that a scope sees.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn in_state(&self, state: LineState, scope: &Visibility) -> Result<Vec<LineRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM {LINES} WHERE state = ?1 AND {} ORDER BY position", sees_line(2, "lines.id"));
        let counted = self.counted()?;
        self.0.rows(&sql, params![word(&state), scope])?.map(|row| read(row, &counted)).collect()
    }

    /// The lines an ESET company is on, those that nothing bills too.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn of_company(&self, member: &Member) -> Result<Vec<Line>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM {LINES} WHERE id IN (SELECT line FROM line_companies WHERE connection = ? AND company = ?)
             ORDER BY position"
        );
        let counted = self.counted()?;
        let rows = self.0.rows(&sql, params![member.connection.as_str(), member.company.as_str()])?;
        rows.map(|row| Ok(read(row, &counted)?.line)).collect()
    }

    /// The agreement and the guards of every line of a ConnectWise connection in a state, without the rest of it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn guards_in(&self, state: LineState, psa: &ConnectionId) -> Result<Vec<(AgreementId, Vec<Guard>)>, StoreError> {
        let sql = "SELECT json_extract(body, '$.agreement.id'), json_extract(body, '$.guards') FROM lines
                   WHERE state = ? AND json_extract(body, '$.agreement.psa') = ?";
        let rows = self.0.rows(sql, params![word(&state), psa.as_str()])?;
        rows.map(|mut row| Ok((AgreementId(row.integer()?), row.json()?))).collect()
    }

    /// Lines that a scope sees, by state.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn counts(&self, scope: &Visibility) -> Result<LineCounts, StoreError> {
        let sql = format!("SELECT state, count(*) FROM lines WHERE {} GROUP BY state", sees_line(1, "lines.id"));
        let rows = self.0.rows(&sql, params![scope])?;
        rows.map(|mut row| Ok((row.word()?, row.count()?))).collect()
    }

    /// Lines with seats that no addition bills, among those a scope sees.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn unbilled(&self, scope: &Visibility) -> Result<u32, StoreError> {
        let sql = format!(
            "SELECT count(*) FROM lines WHERE json_extract(body, '$.billed') IS NULL AND json_extract(body, '$.ordered') > 0 AND {}",
            sees_line(1, "lines.id")
        );
        Ok(u32::try_from(self.0.number(&sql, params![scope])?).unwrap_or(u32::MAX))
    }

    /// Units that all lines of the month bill now.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn billed_units(&self) -> Result<Quantity, StoreError> {
        let rows = self.0.rows("SELECT json_extract(body, '$.billed') FROM lines", &[])?;
        let mut sum = Quantity::ZERO;
        for mut row in rows {
            if let Some(text) = row.optional_text()? {
                let billed: Quantity =
                    strict::read_value(text.into()).map_err(|_| StoreError("a stored line bills no quantity".to_owned()))?;
                sum = sum + billed;
            }
        }
        Ok(sum)
    }

    /// Takes the lines of a connection out of the month, until they are planned anew.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn withdraw_previews(&self, connection: &ConnectionId) -> Result<(), StoreError> {
        for mut row in self.0.rows("SELECT body FROM lines", &[])? {
            let line: Line = row.json()?;
            if line.concerns(connection) {
                self.0.run("DELETE FROM lines WHERE id = ?", params![line.id.as_str()])?;
            }
        }
        Ok(())
    }

    /// Works out anew where a line stands, after a decision or an intent's move.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn restate(&self, id: &LineId) -> Result<Option<LineState>, StoreError> {
        let Some(row) = self.find(id, &Visibility::Everything)? else { return Ok(None) };
        let intent = Changes::over(self.0).latest_of(id)?.map(|row| row.intent);
        let state = line_state(&row.line, row.decision.as_ref(), intent.as_ref());
        self.0.run("UPDATE lines SET state = ? WHERE id = ?", params![word(&state), id.as_str()])?;
        Ok(Some(state))
    }
}

/// The states a segment shows, as `,a,b,`; empty for all.
fn states_of(segment: Segment) -> String {
    const STATES: [LineState; 8] = [
        LineState::ToApprove,
        LineState::Held,
        LineState::Committing,
        LineState::Done,
        LineState::Failed,
        LineState::Parked,
        LineState::Unchanged,
        LineState::Dismissed,
    ];
    if segment == Segment::All {
        return String::new();
    }
    STATES.iter().filter(|state| segment.shows(**state)).fold(",".to_owned(), |list, state| format!("{list}{},", word(state)))
}

pub(in super::super) fn search_text(line: &Line) -> String {
    let agreement = line.agreement.as_ref().map_or("", |agreement| &agreement.name);
    let mut text = format!("{} {agreement} {} {}", line.company, line.product.name, line.product.eset.join(" "));
    for item in &line.evidence.licences {
        if !text.contains(&item.company) {
            text.push(' ');
            text.push_str(&item.company);
        }
    }
    text.to_lowercase()
}
