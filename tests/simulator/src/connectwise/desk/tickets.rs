//! Service tickets, read and written (PSA REST API, service/tickets).

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::check::Draft;
use super::{action, attached, fields};
use crate::connectwise::errors::{self, Problem};
use crate::connectwise::{API_MEMBER, listing, patch, permitted};
use crate::exchange::{Reply, Request};
use crate::journal::{Actor, Effect};
use crate::stage::Stage;
use crate::world::{Action, Level, Note, Ticket, TicketRow};

/// The right on tickets as such.
pub(super) const TICKETS: &str = "Service Tickets";
/// The right to put a ticket into a closed status.
const CLOSING: &str = "Close Service Tickets";

/// Fields the server works out itself. Writing them is taken and does nothing.
const READ_ONLY: [&str; 17] = [
    "id",
    "recordType",
    "closedDate",
    "closedBy",
    "closedFlag",
    "actualHours",
    "dateResolved",
    "dateResplan",
    "dateResponded",
    "resolveMinutes",
    "resPlanMinutes",
    "respondMinutes",
    "isInSla",
    "hasChildTicket",
    "slaStatus",
    "_info",
    "customFields",
];

/// Fields of a POST that become notes and are never read back: field, discussion, internal, resolution.
const FIRST_NOTES: [(&str, [bool; 3]); 3] = [
    ("initialDescription", [true, false, false]),
    ("initialInternalAnalysis", [false, true, false]),
    ("initialResolution", [false, false, true]),
];

/// Fields of a write that say how it is done and are not kept.
const NOT_KEPT: [&str; 4] = ["processNotifications", "skipCallback", "initialDescriptionFrom", "contactEmailLookup"];

pub(super) fn answer(stage: &mut Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let action = match rest {
        // A note or a link is a change of its ticket.
        [_, _, ..] if request.method != Method::GET => Action::Edit,
        _ => action(&request.method),
    };
    let level = permitted(stage, TICKETS, action)?;
    match (&request.method, rest) {
        (&Method::GET, []) => return listing::list(request, &fields::TICKET, listed(stage, level)),
        (&Method::GET, ["count"]) => return listing::count(request, &fields::TICKET, listed(stage, level)),
        (&Method::POST, []) => return create(stage, request),
        _ => {}
    }
    let [id, rest @ ..] = rest else { return Err(errors::nothing_here()) };
    let id: i32 = id.parse().map_err(|_| errors::nothing_here())?;
    let found = stage.world.tickets.get(&id).filter(|row| seen(&row.ticket, level)).cloned();
    let found = found.ok_or_else(|| errors::not_found(&format!("Ticket {id}")))?;
    match (&request.method, rest) {
        (_, [_, ..]) => attached::answer(stage, request, &found, rest),
        (&Method::GET, []) => Ok(listing::one(request, &json!(found.ticket))),
        (&Method::PATCH, []) => {
            let mut draft = as_fields(&found.ticket);
            let operations = request.json().ok_or_else(errors::unreadable)?;
            patch::apply(&operations, &fields::TICKET, &READ_ONLY, &mut draft)?;
            save(stage, &found.ticket, draft)
        }
        (&Method::DELETE, []) => Ok(delete(stage, &found.ticket)),
        _ => Err(errors::nothing_here()),
    }
}

/// Tickets as lists know them: as they stood some time ago, if the search lags.
fn listed(stage: &Stage, level: Level) -> Vec<Value> {
    let (now, lag) = (stage.now(), stage.world.search_lag());
    let rows = stage.world.tickets.values().filter_map(|row| row.listed(now, lag));
    rows.filter(|ticket| seen(ticket, level)).map(|ticket| json!(ticket)).collect()
}

/// A level of `My` hides what others made.
fn seen(ticket: &Ticket, level: Level) -> bool {
    level == Level::All || ticket.info.entered_by == API_MEMBER
}

fn as_fields(ticket: &Ticket) -> Map<String, Value> {
    match serde_json::to_value(ticket) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The fields of a JSON body that are known and can be written; others are passed over.
pub(super) fn body(
    request: &Request,
    schema: &crate::connectwise::schema::Schema,
    read_only: &[&str],
) -> Result<(Map<String, Value>, Vec<Problem>), Reply> {
    let Some(Value::Object(given)) = request.json() else { return Err(errors::unreadable()) };
    let mut problems = Vec::new();
    let mut kept = Map::new();
    for (name, value) in given {
        let Some(kind) = schema.field(&name).filter(|_| !read_only.contains(&name.as_str())) else { continue };
        match kind.refuses(&value) {
            Some((code, why)) => problems.push(Problem::new(code, &name, format!("The field {name} {why}"))),
            None => {
                kept.insert(name, value);
            }
        }
    }
    Ok((kept, problems))
}

fn create(stage: &mut Stage, request: &Request) -> Result<Reply, Reply> {
    let (mut draft, problems) = body(request, &fields::TICKET, &READ_ONLY)?;
    let notes: Vec<(String, [bool; 3])> = FIRST_NOTES
        .iter()
        .filter_map(|(field, shown)| Some((draft.remove(*field)?.as_str()?.to_owned(), *shown)))
        .filter(|(text, _)| !text.is_empty())
        .collect();
    for (field, usual) in [("recordType", "ServiceTicket"), ("severity", "Medium"), ("impact", "Medium")] {
        draft.entry(field).or_insert_with(|| usual.into());
    }
    let mut ticket = checked(stage, None, draft, problems)?;
    if ticket.closed_flag {
        permitted(stage, CLOSING, Action::Add)?;
    }
    ticket.id = stage.world.next_ticket_id();
    for (text, [discussion, internal, resolution]) in notes {
        let note = Note {
            id: stage.world.next_note_id(),
            ticket_id: ticket.id,
            text,
            detail_description_flag: discussion,
            internal_analysis_flag: internal,
            resolution_flag: resolution,
            date_created: stage.second(),
            created_by: API_MEMBER.to_owned(),
            of_time_entry: false,
        };
        stage.world.notes.insert((ticket.id, note.id), note);
    }
    let effect = Effect::TicketCreated {
        ticket: ticket.id,
        company: ticket.company.id,
        board: ticket.board.id,
        status: ticket.status.id,
        external_x_ref: ticket.external_x_ref.clone(),
        closed: ticket.closed_flag,
        by: Actor::Api,
    };
    let answer = json!(ticket);
    let (now, lag) = (stage.now(), stage.world.search_lag());
    stage.world.tickets.insert(ticket.id, TicketRow::new(ticket, now, lag));
    Ok(Reply::json(201, answer).effect(Some(effect)))
}

fn save(stage: &mut Stage, old: &Ticket, mut draft: Map<String, Value>) -> Result<Reply, Reply> {
    for field in FIRST_NOTES.map(|(field, _)| field) {
        draft.remove(field);
    }
    let new = checked(stage, Some(old), draft, Vec::new())?;
    if new.closed_flag && !old.closed_flag {
        permitted(stage, CLOSING, Action::Edit)?;
    }
    let effect = change_of(old, &new, Actor::Api);
    if effect.is_none() {
        return Ok(Reply::ok(json!(old)));
    }
    let answer = json!(new);
    let (now, lag) = (stage.now(), stage.world.search_lag());
    if let Some(row) = stage.world.tickets.get_mut(&new.id) {
        row.change(new, now, lag);
    }
    Ok(Reply::ok(answer).effect(effect))
}

/// The ticket a draft makes, or every reason against it.
fn checked(stage: &Stage, old: Option<&Ticket>, mut fields: Map<String, Value>, problems: Vec<Problem>) -> Result<Ticket, Reply> {
    fields.retain(|name, _| !NOT_KEPT.contains(&name.as_str()));
    let before = old.map(as_fields);
    let mut draft = Draft { world: &stage.world, fields, before: before.as_ref(), problems };
    draft.settle();
    let Draft { mut fields, problems, .. } = draft;
    if !problems.is_empty() {
        return Err(errors::invalid_object("ticket", &problems));
    }
    let status = fields["status"]["id"].as_i64().and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
    // A status that was deleted says nothing any more.
    let known = stage.world.statuses.get(&status).map(|status| status.closed_status);
    let closed = known.unwrap_or_else(|| old.is_some_and(|old| old.closed_flag));
    let now = stage.second();
    fields.insert("closedFlag".to_owned(), closed.into());
    match (closed, old.is_some_and(|old| old.closed_flag)) {
        (true, false) => {
            fields.insert("closedDate".to_owned(), json!(now));
            fields.insert("closedBy".to_owned(), API_MEMBER.into());
        }
        (false, _) => {
            fields.remove("closedDate");
            fields.remove("closedBy");
        }
        (true, true) => {}
    }
    let entered = old.map_or_else(|| (now, API_MEMBER.to_owned()), |old| (old.info.date_entered, old.info.entered_by.clone()));
    let info = json!({ "lastUpdated": now, "updatedBy": API_MEMBER, "dateEntered": entered.0, "enteredBy": entered.1 });
    fields.insert("_info".to_owned(), info);
    fields.insert("id".to_owned(), old.map_or(0, |old| old.id).into());
    serde_json::from_value(Value::Object(fields)).map_err(|_| errors::unreadable())
}

fn delete(stage: &mut Stage, gone: &Ticket) -> Reply {
    stage.world.remove_ticket(gone.id);
    let effect = Effect::TicketDeleted {
        ticket: gone.id,
        external_x_ref: gone.external_x_ref.clone(),
        was_closed: gone.closed_flag,
        by: Actor::Api,
    };
    Reply::empty(204).effect(Some(effect))
}

/// What changed, if anything: the status before all else.
pub(crate) fn change_of(old: &Ticket, new: &Ticket, by: Actor) -> Option<Effect> {
    let (ticket, external_x_ref) = (new.id, new.external_x_ref.clone());
    if old.status.id != new.status.id {
        let (from, to) = (old.status.id, new.status.id);
        let (was_closed, closed) = (old.closed_flag, new.closed_flag);
        return Some(Effect::TicketStatusChanged { ticket, external_x_ref, from, to, was_closed, closed, by });
    }
    let (before, after) = (as_fields(old), as_fields(new));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let changed = |name: &&String| *name != "_info" && before.get(*name) != after.get(*name);
    let fields: Vec<String> = names.filter(changed).cloned().collect();
    (!fields.is_empty()).then_some(Effect::TicketChanged { ticket, external_x_ref, fields, by })
}
