//! Whether a rule can be saved: meant, and taken by the console and the desk as they are.

use domain::connections::ConnectionKind;
use domain::ids::TicketRuleId;
use domain::tickets::{Attach, BoardFault, BoardField, BoardSetup, Choice, Named, RuleSource, TicketRule};

use super::desk::{client, said};
use crate::http::App;
use crate::http::middleware::error::{Failure, invalid};
use vendor::VendorError;

/// The most rules of an install.
const MOST_RULES: usize = 1_000;

/// Refuses a rule by the first of its fields that cannot be. The desk is asked only when something of the place is new.
pub(super) async fn checked(app: &App, rule: &TicketRule, before: Option<&TicketRule>) -> Result<(), Failure> {
    if let Some(fault) = rule.check().into_iter().next() {
        return Err(invalid(fault.field, fault.title, fault.remedy));
    }
    let rules = app.ledger.ticket_rules().all()?;
    if before.is_none() && rules.len() >= MOST_RULES {
        return Err(invalid("name", "There are 1,000 rules already.", "Delete one that nobody needs."));
    }
    let same = |other: &TicketRule| other.id != rule.id && other.name.trim().eq_ignore_ascii_case(rule.name.trim());
    if rules.iter().any(|row| same(&row.rule)) {
        return Err(invalid("name", "Another rule has this name.", "Tickets and the log name it; choose another one."));
    }
    if before.is_none_or(|before| before.source != rule.source) {
        source(app, rule).await?;
    }
    if before.is_none_or(|before| (&before.target, before.attach) != (&rule.target, rule.attach)) {
        target(app, rule).await?;
    }
    Ok(())
}

async fn source(app: &App, rule: &TicketRule) -> Result<(), Failure> {
    let kind = app.ledger.connections().find(rule.source.connection())?.map(|row| row.kind);
    let (connection, group) = match &rule.source {
        RuleSource::Group { connection, group } => (connection, group),
        RuleSource::Detections { .. } if kind.is_some_and(ConnectionKind::has_detections) => return Ok(()),
        RuleSource::Detections { .. } => {
            let remedy = "Choose an ESET Connect connection. ESET PROTECT On-Prem tells of no detections.";
            return Err(invalid("source.detections.connection", "There is no such console that tells of detections.", remedy));
        }
    };
    if !kind.is_some_and(ConnectionKind::has_groups) {
        let remedy = "Choose an ESET Connect or ESET PROTECT On-Prem connection.";
        return Err(invalid("source.group.connection", "There is no such console.", remedy));
    }
    let read = app.groups().await?;
    let there = read.iter().find(|read| read.connection == *connection).is_some_and(|read| read.groups.contains_key(group));
    if there {
        return Ok(());
    }
    Err(invalid("source.group.group", "ESET shows no such group.", "Sync now, then choose it from the list."))
}

/// Refuses a rule whose place the desk does not offer.
pub(super) async fn target(app: &App, rule: &TicketRule) -> Result<(), Failure> {
    let target = &rule.target;
    let client = client(app, &target.psa)?;
    let companies = app.catalogues().await?;
    if companies.get(&target.psa).is_some_and(|catalogue| !catalogue.companies.contains_key(&target.catch_all)) {
        return Err(invalid("target.catch_all", "ConnectWise has no such company.", "Sync now, then choose it from the list."));
    }
    let board = client.boards().await.map_err(|error| said(&error))?.into_iter().find(|board| board.id == target.board);
    if board.is_none_or(|board| board.inactive) {
        return Err(invalid("target.board", "ConnectWise has no such board in use.", "Choose one of the list."));
    }
    let setup = match client.board_setup(target.board).await {
        Err(VendorError::NotFound { .. }) => BoardSetup::default(),
        read => read.map_err(|error| said(&error))?,
    };
    let (kind, subtype, item, team) = (target.kind, target.subtype, target.item, target.team);
    let opening = Choice { status: Some(target.open_status), kind, subtype, item, team };
    let closing = Choice { status: Some(target.closed_status), ..Choice::default() };
    setup.takes(&opening).map_err(|fault| refused(fault, "target.open_status"))?;
    setup.takes(&closing).map_err(|fault| refused(fault, "target.closed_status"))?;
    let closed = setup.statuses.iter().any(|status| status.id == target.open_status && status.closed);
    if closed {
        return Err(invalid("target.open_status", "Tickets in this status are closed.", "Choose a status of open tickets."));
    }
    if let Some(priority) = target.priority {
        one_of(client.priorities().await, priority.0, "target.priority", "ConnectWise has no such priority.")?;
    }
    if let Some(source) = target.source {
        one_of(client.sources().await, source.0, "target.source", "ConnectWise has no such source of tickets.")?;
    }
    // The other rules make no configurations.
    if let Some(kind) = target.configuration_type.filter(|_| rule.attach == Attach::AttachOrCreate) {
        let title = "ConnectWise has no such type of configurations in use.";
        one_of(client.configuration_types().await, kind.0, "target.configuration_type", title)?;
    }
    if let Some(contact) = target.contact {
        let found = client.contact(target.catch_all, contact).await.map_err(|error| said(&error))?;
        if found.is_none_or(|found| found.inactive) {
            let title = "The company of devices without one has no such contact in use.";
            return Err(invalid("target.contact", title, "Choose one of the list, or none."));
        }
    }
    Ok(())
}

/// Refuses an id that is not in use in one of ConnectWise's lists.
fn one_of(list: Result<Vec<Named>, VendorError>, wanted: i64, field: &str, title: &str) -> Result<(), Failure> {
    let list = list.map_err(|error| said(&error))?;
    if list.iter().any(|entry| entry.id == wanted && !entry.inactive) {
        return Ok(());
    }
    Err(invalid(field, title, "Choose one of the list."))
}

fn refused(fault: BoardFault, status: &str) -> Failure {
    let field = match fault.field {
        BoardField::Status => status,
        BoardField::Type => "target.kind",
        BoardField::Subtype => "target.subtype",
        BoardField::Item => "target.item",
        BoardField::Team => "target.team",
    };
    let words = fault.to_string();
    let mut letters = words.chars();
    let title = letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default();
    invalid(field, &title, "Choose one the board offers.")
}

/// What the history calls a rule.
pub(super) fn subject(rule: &TicketRule) -> String {
    format!("Ticket rule {}", rule.name)
}

/// The id of a rule that was just made.
pub(super) fn new_id(app: &App) -> TicketRuleId {
    TicketRuleId(app.new_id())
}
