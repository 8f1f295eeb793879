//! What was detected, read once for all rules of a console that watch detections.
//!
//! Two ways lead to what is new. ESET's `listDelta` tells what was reported since a token was given out, whenever it happened.
//! The list goes by the time something happened, and a device that was offline reports late: so the list is read from long before
//! the last reading, and what is known already is left out. The list is read where there is no token, when one is not taken any
//! more, and once a day, for `listDelta` is documented nowhere. A token is asked for before the list is read, so that nothing falls
//! between the two.

use chrono::TimeDelta;
use domain::Timestamp;
use serde::{Deserialize, Serialize};

use super::plan::is_decided;
use super::{Cursor, Step};
use crate::tenant::TenantError;
use connect::{Connect, Detection, Listed, is_refused};
use store::ledger::{CaseRow, Feed, Finding, Findings, RuleRow};
use store::ports::StoreError;
use vendor::VendorError;

/// How long before the last reading the list is read from. A device that was offline for longer is told by `listDelta` alone.
const OVERLAP: TimeDelta = TimeDelta::days(7);
/// How long `listDelta` is believed to tell all there is.
const LOOK_BACK: TimeDelta = TimeDelta::days(1);
/// Stands where a rule about a group keeps who is in it.
const ALL_TAKEN: &str = "detections";
/// What is about no device that ESET names. It begins like a group, for there is no device to ask for.
const UNNAMED: &str = "group:unnamed";
/// How it is called.
const UNNAMED_WORDS: &str = "A device that ESET does not name";

/// How far a pass has come with the detections of its console.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Reading {
    /// From when on the list is read; none when it is `listDelta` that is asked.
    start: Option<Timestamp>,
    /// The token `listDelta` is asked with: now, or the next time.
    token: Option<String>,
    /// The page to read next; none for the first.
    page: Option<String>,
    /// How many are new.
    found: u32,
}

/// Reads the detections of a console.
pub(super) struct DetectionReader<'a>(pub(super) Step<'a>);

impl DetectionReader<'_> {
    /// Reads a page of detections. When they cannot be read, their rules are left out of this pass and the others go on.
    pub(super) async fn read(&self, cursor: &mut Cursor) -> Result<(), TenantError> {
        let rules = self.rules()?;
        let read = match rules.iter().map(|row| row.began_at).min() {
            Some(earliest) if self.0.connection.kind.has_detections() => self.read_on(&self.0.connect()?, &rules, earliest, cursor).await,
            _ => {
                return cursor.leave_reading();
            }
        };
        match read {
            Ok(()) => Ok(()),
            Err(TenantError::Vendor(error)) if !error.is_budget() && !matches!(error, VendorError::BadCredentials { .. }) => {
                self.0.note_trouble(&format!("Detections could not be read: {}", error.message()))?;
                cursor.failed += 1;
                cursor.leave_reading()
            }
            Err(other) => Err(other),
        }
    }

    async fn read_on(&self, client: &Connect, rules: &[RuleRow], earliest: Timestamp, cursor: &mut Cursor) -> Result<(), TenantError> {
        let (ledger, connection) = (self.0.ledger, self.0.connection);
        let feed = ledger.detections().feed(&connection.id)?;
        let now = self.0.clock.now();
        let reading = match (cursor.detections.take(), &feed) {
            (Some(reading), _) => reading,
            (None, Some(feed)) if feed.token.is_some() && now - feed.looked_back_at < LOOK_BACK => {
                Reading { token: feed.token.clone(), ..Reading::default() }
            }
            (None, _) => looking_back(client, feed.as_ref(), earliest).await?,
        };
        let page = reading.page.as_deref();
        let (list, token) = match (reading.start, reading.token.as_deref()) {
            (None, Some(token)) => match client.detections_since(token, page).await {
                Err(error) if is_refused(&error) => {
                    cursor.detections = Some(looking_back(client, feed.as_ref(), earliest).await?);
                    return Ok(());
                }
                read => read.map(|delta| (delta.list, delta.token))?,
            },
            (start, token) => (client.detections(start.unwrap_or(earliest), page).await?, token.map(str::to_owned)),
        };
        let Listed { items, next, .. } = list;
        let mut found = reading.found;
        for detection in items {
            found = found.saturating_add(u32::from(self.take_in(rules, feed.as_ref(), detection)?));
        }
        if next.is_some() {
            cursor.detections = Some(Reading { page: next, found, ..reading });
            return Ok(());
        }
        let looked_back_at = feed.filter(|_| reading.start.is_none()).map_or(now, |feed| feed.looked_back_at);
        for row in rules {
            self.observe_findings(row, now)?;
        }
        // A day more than the list goes back at the next reading.
        ledger.detections().keep_feed(&connection.id, &Feed { token, read_at: now, looked_back_at }, now - OVERLAP - LOOK_BACK)?;
        cursor.found = Some(found);
        cursor.leave_reading()
    }

    /// Lets a detection that is new wait for the rules that take it. Answers whether it is new.
    fn take_in(&self, rules: &[RuleRow], feed: Option<&Feed>, detection: Detection) -> Result<bool, StoreError> {
        let connection = self.0.connection;
        if self.0.ledger.detections().knows(&connection.id, &detection.id)? {
            return Ok(false);
        }
        let Detection { id, device, name, severity, category, object, occurred_at } = detection;
        let subject = device.map_or_else(|| UNNAMED.to_owned(), |device| device.0);
        let finding = Finding { name, severity, object, occurred_at };
        for RuleRow { rule, began_at, .. } in rules {
            // What is new since a reading is new; of the first reading after the rule was switched on only what happened since.
            let is_history = feed.is_none_or(|feed| feed.read_at < *began_at) && occurred_at.is_some_and(|at| at < *began_at);
            if !is_history && rule.source.takes(severity, category) {
                self.0.ledger.detections().let_wait(&rule.id, &id, &subject, &finding)?;
            }
        }
        let now = self.0.clock.now();
        self.0.ledger.detections().know(&connection.id, &id, occurred_at.map_or(now, |at| at.max(now)))?;
        Ok(true)
    }

    /// Takes what waits for a rule into its cases: an entry for each device, however much was detected on it. What is detected before
    /// anything was decided about the last entry is a part of that; what is detected while something is being done waits.
    fn observe_findings(&self, row: &RuleRow, now: Timestamp) -> Result<(), StoreError> {
        let rule = &row.rule.id;
        if row.members.is_none() {
            self.0.ledger.ticket_rules().note_poll(rule, Some((ALL_TAKEN, 0)), now)?;
        }
        for (subject, fresh) in self.0.ledger.detections().waiting(rule)? {
            if self.0.ledger.detections().is_held(rule, &subject)? {
                continue;
            }
            let mut case = match self.0.ledger.cases().find(rule, &subject)? {
                None => CaseRow::found(rule, &subject, fresh, now),
                Some(mut case) => {
                    // What no ticket told of, because that failed, is told with what follows.
                    let untold = case.findings.take().filter(|_| case.case.is_new()).map_or(0, |findings| findings.count);
                    case.findings = Some(Findings { count: untold.saturating_add(fresh.count), ..fresh });
                    if !case.case.is_new() || is_decided(self.0.ledger, &case)? {
                        case.case.find_more(now);
                        case.traits = None;
                    }
                    case
                }
            };
            if subject == UNNAMED {
                case.name = UNNAMED_WORDS.to_owned();
            }
            self.0.ledger.cases().store(&case)?;
            self.0.ledger.detections().forget_waiting(rule, &subject)?;
        }
        Ok(())
    }

    fn rules(&self) -> Result<Vec<RuleRow>, StoreError> {
        let mut rules = self.0.ledger.ticket_rules().enabled_of(&self.0.connection.id)?;
        rules.retain(|row| row.rule.source.is_detections());
        Ok(rules)
    }
}

/// A reading by the time things happened, from before the last one; at first from when the first rule was switched on.
async fn looking_back(client: &Connect, feed: Option<&Feed>, earliest: Timestamp) -> Result<Reading, VendorError> {
    let token = client.detections_token().await?;
    let start = feed.map_or(earliest, |feed| earliest.max(feed.read_at - OVERLAP));
    Ok(Reading { start: Some(start), token, ..Reading::default() })
}
