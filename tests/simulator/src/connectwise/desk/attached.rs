//! What hangs on a ticket: notes and configurations (PSA REST API, service/tickets/{parentId}/notes, /allNotes and
//! /configurations).

use axum::http::Method;
use serde_json::{Value, json};

use super::fields;
use super::tickets::body;
use crate::connectwise::API_MEMBER;
use crate::connectwise::errors::{self, Problem};
use crate::connectwise::rows::table;
use crate::exchange::{Reply, Request};
use crate::journal::{Actor, Effect};
use crate::stage::Stage;
use crate::world::{Configuration, Level, Note, TicketRow};

pub(super) fn answer(stage: &mut Stage, request: &Request, row: &TicketRow, rest: &[&str]) -> Result<Reply, Reply> {
    let notes = || stage.world.notes_of(row.ticket.id);
    match (&request.method, rest) {
        (&Method::GET, ["notes", rest @ ..]) => {
            let rows: Vec<Value> = notes().filter(|note| !note.of_time_entry).map(plain_note).collect();
            table(request, &fields::NOTE, rest, Level::All, rows.iter())
        }
        (&Method::GET, ["allNotes", rest @ ..]) => {
            let rows: Vec<Value> = notes().map(|note| any_note(note, &row.ticket.summary)).collect();
            table(request, &fields::ALL_NOTE, rest, Level::All, rows.iter())
        }
        (&Method::GET, ["configurations", rest @ ..]) => {
            let known = row.configurations.iter().filter_map(|id| stage.world.configurations.get(id));
            let rows: Vec<Value> = known.map(reference).collect();
            table(request, &fields::CONFIGURATION_REFERENCE, rest, Level::All, rows.iter())
        }
        (&Method::POST, ["notes"]) => write(stage, request, row),
        (&Method::POST, ["configurations"]) => attach(stage, request, row),
        _ => Err(errors::nothing_here()),
    }
}

fn plain_note(note: &Note) -> Value {
    json!({
        "id": note.id,
        "ticketId": note.ticket_id,
        "text": note.text,
        "detailDescriptionFlag": note.detail_description_flag,
        "internalAnalysisFlag": note.internal_analysis_flag,
        "resolutionFlag": note.resolution_flag,
        "issueFlag": false,
        "member": member(&note.created_by),
        "dateCreated": note.date_created,
        "createdBy": note.created_by,
        "internalFlag": note.internal_analysis_flag,
        "externalFlag": !note.internal_analysis_flag,
        "_info": { "lastUpdated": note.date_created, "updatedBy": note.created_by },
    })
}

fn any_note(note: &Note, summary: &str) -> Value {
    json!({
        "id": note.id,
        "noteType": if note.of_time_entry { "TimeEntryNote" } else { "TicketNote" },
        "ticket": { "id": note.ticket_id, "summary": summary },
        "text": note.text,
        "isMarkdownFlag": false,
        "detailDescriptionFlag": note.detail_description_flag,
        "internalAnalysisFlag": note.internal_analysis_flag,
        "resolutionFlag": note.resolution_flag,
        "bundledFlag": false,
        "mergedFlag": false,
        "issueFlag": false,
        "originalAuthor": note.created_by,
        "member": member(&note.created_by),
        "_info": { "lastUpdated": note.date_created, "updatedBy": note.created_by },
    })
}

fn member(identifier: &str) -> Value {
    json!({ "id": if identifier == API_MEMBER { 191 } else { 152 }, "identifier": identifier })
}

/// A configuration as a ticket shows it.
fn reference(configuration: &Configuration) -> Value {
    let mut row = json!({ "id": configuration.id, "_info": { "name": configuration.name } });
    if let Some(identifier) = &configuration.device_identifier {
        row["deviceIdentifier"] = identifier.as_str().into();
    }
    row
}

/// Without a flag a note goes into the discussion.
fn write(stage: &mut Stage, request: &Request, row: &TicketRow) -> Result<Reply, Reply> {
    let (given, mut problems) = body(request, &fields::NOTE, &["id", "ticketId", "dateCreated", "createdBy", "_info"])?;
    let text = given.get("text").and_then(Value::as_str).unwrap_or_default();
    if text.is_empty() {
        problems.push(Problem::required("text"));
    }
    if !problems.is_empty() {
        return Err(errors::invalid_object("serviceNote", &problems));
    }
    let flag = |name: &str| given.get(name) == Some(&Value::Bool(true));
    let (internal, resolution) = (flag("internalAnalysisFlag"), flag("resolutionFlag"));
    let note = Note {
        id: stage.world.next_note_id(),
        ticket_id: row.ticket.id,
        text: text.to_owned(),
        detail_description_flag: flag("detailDescriptionFlag") || !(internal || resolution),
        internal_analysis_flag: internal,
        resolution_flag: resolution,
        date_created: stage.second(),
        created_by: API_MEMBER.to_owned(),
        of_time_entry: false,
    };
    let effect = Effect::NoteCreated {
        ticket: row.ticket.id,
        external_x_ref: row.ticket.external_x_ref.clone(),
        note: note.id,
        length: note.text.chars().count(),
        discussion: note.detail_description_flag,
        internal,
        resolution,
        by: Actor::Api,
    };
    let answer = plain_note(&note);
    stage.world.notes.insert((row.ticket.id, note.id), note);
    Ok(Reply::json(201, answer).effect(Some(effect)))
}

fn attach(stage: &mut Stage, request: &Request, row: &TicketRow) -> Result<Reply, Reply> {
    let refuse = |problem: Problem| Err(errors::invalid_object("configuration", &[problem]));
    let Some(Value::Object(given)) = request.json() else { return Err(errors::unreadable()) };
    let found = match (given.get("id").and_then(Value::as_i64), given.get("deviceIdentifier").and_then(Value::as_str)) {
        (Some(id), _) => i32::try_from(id).ok().and_then(|id| stage.world.configurations.get(&id)),
        (None, Some(text)) => stage.world.configurations.values().find(|known| known.device_identifier.as_deref() == Some(text)),
        (None, None) => return refuse(Problem::new("MissingRequiredField", "id", "id or deviceIdentifier is required.")),
    };
    let Some(found) = found else {
        return refuse(Problem::new("NotFound", "id", "Configuration not found"));
    };
    let id = found.id;
    if row.configurations.contains(&id) {
        let why = format!("Configuration {id} is already attached to ticket {}", row.ticket.id);
        return refuse(Problem::new("ObjectExists", "id", why));
    }
    let answer = reference(found);
    if let Some(row) = stage.world.tickets.get_mut(&row.ticket.id) {
        row.configurations.push(id);
    }
    let (ticket, external_x_ref) = (row.ticket.id, row.ticket.external_x_ref.clone());
    let effect = Effect::ConfigurationAttached { ticket, external_x_ref, configuration: id, by: Actor::Api };
    Ok(Reply::json(201, answer).effect(Some(effect)))
}
