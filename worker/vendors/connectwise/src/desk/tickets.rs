//! Tickets: found, opened, moved to a status, and noted in.

use domain::ids::{BoardId, StatusId, TicketId};
use domain::tickets::{NewTicket, SeenTicket};
use engine::{Answer, MARKER};
use http::Method;
use serde_json::{Map, Value, json};

use super::rows::DeskRow;
use crate::caller::{Paging, Read};
use crate::client::Connectwise;
use crate::conditions::{Condition, Is};
use crate::desk::{Query, cut, made, query};
use crate::wire;
use vendor::VendorError;

/// Where the right to read and write tickets is given.
const RIGHT: &str = "Service Desk > Service Tickets";
const FIELDS: &str = "id,board,status,closedFlag,closedDate,externalXRef,_info";
/// The most characters of a summary and of a marker (schema Ticket).
const MOST: usize = 100;
/// Tickets asked for at once; their numbers travel in an address of 2,000 characters.
const AT_ONCE: usize = 100;

impl Connectwise {
    /// A ticket as it is now; none when there is none, which is only believed while the keys still work. ConnectWise PSA:
    /// /service/tickets/{id}.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn ticket(&self, ticket: TicketId) -> Result<Option<SeenTicket>, VendorError> {
        let id = ticket.to_string();
        let read = Read { label: "read ticket", path: &["service", "tickets", &id], query: &[], paging: Paging::Numbered };
        let answer = self.caller.get(&read).await?;
        if answer.status == 404 {
            self.tickets(&[ticket]).await?;
            return Ok(None);
        }
        let seen = wire::read::<DeskRow>(self.caller.read_value(&answer, RIGHT).await?, "ticket")?.ticket()?;
        if seen.id != ticket {
            return Err(VendorError::unexpected(format!("ticket {} where {ticket} was asked for", seen.id)));
        }
        Ok(Some(seen))
    }

    /// Those of `tickets` that there are, in no order. ConnectWise PSA: /service/tickets.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn tickets(&self, tickets: &[TicketId]) -> Result<Vec<SeenTicket>, VendorError> {
        let mut seen = Vec::with_capacity(tickets.len());
        for part in tickets.chunks(AT_ONCE) {
            let ids: Vec<i64> = part.iter().map(|ticket| ticket.0).collect();
            seen.extend(self.tickets_where(&Condition::any_of("id", &ids)).await?);
        }
        Ok(seen)
    }

    /// All tickets marked with `marker`, open or closed, the oldest first. ConnectWise PSA: /service/tickets.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn find_marked(&self, marker: &str) -> Result<Vec<SeenTicket>, VendorError> {
        let mut seen = self.tickets_where(&Condition::text("externalXRef", Is::Equal, marker)).await?;
        // Asked for again, in case the server is generous about what is equal.
        seen.retain(|ticket| ticket.marker.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(marker)));
        Ok(seen)
    }

    /// All open tickets that bear a mark of ours, of every board or of one, the oldest first. ConnectWise PSA: /service/tickets.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn open_marked(&self, board: Option<BoardId>) -> Result<Vec<SeenTicket>, VendorError> {
        let mut marked = Condition::holds("externalXRef", MARKER).and(&Condition::flag("closedFlag", false));
        if let Some(board) = board {
            marked = marked.and(&Condition::number("board/id", Is::Equal, board.0));
        }
        let mut seen = self.tickets_where(&marked).await?;
        seen.retain(|ticket| board.is_none_or(|board| ticket.board == board));
        seen.retain(|ticket| !ticket.closed && ticket.marker.as_deref().is_some_and(|own| own.starts_with(MARKER)));
        Ok(seen)
    }

    async fn tickets_where(&self, wanted: &Condition) -> Result<Vec<SeenTicket>, VendorError> {
        let rows = self.rows(&["service", "tickets"], &query(Some(wanted), Some("id"), FIELDS), RIGHT).await?;
        rows.into_iter().map(DeskRow::ticket).collect()
    }

    /// Opens a ticket, once. After [`Answer::Lost`] look for its marker before anything is sent again: ConnectWise opens a second
    /// ticket for a second request. ConnectWise PSA: POST /service/tickets.
    pub async fn open_ticket(&self, new: &NewTicket) -> Answer<TicketId> {
        debug_assert!(new.marker.encode_utf16().count() <= MOST, "a marker that is cut is not found again");
        made(self.put(Method::POST, &["service", "tickets"], &opening(new), RIGHT).await, TicketId)
    }

    /// Moves a ticket to a status of its board. The status is replaced whole: of a part of it ConnectWise has been seen to say
    /// 200 and change nothing. A 2xx is no proof; read it back. ConnectWise PSA: PATCH /service/tickets/{id}.
    pub async fn set_status(&self, ticket: TicketId, status: StatusId) -> Answer<()> {
        let id = ticket.to_string();
        self.put(Method::PATCH, &["service", "tickets", &id], &moving(status), &format!("ticket {ticket}")).await.on_ticket()
    }

    /// The texts of a ticket's notes, the first ones first. ConnectWise PSA: /service/tickets/{parentId}/notes.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::NotFound`] when the ticket is gone.
    pub async fn notes(&self, ticket: TicketId) -> Result<Vec<String>, VendorError> {
        let rows = self.of_ticket(ticket, "notes", &query(None, Some("id"), "id,text")).await?;
        Ok(rows.into_iter().filter_map(DeskRow::text).collect())
    }

    /// Adds a note, once; internal ones are not for the customer. After [`Answer::Lost`] look through the notes before it is
    /// sent again. ConnectWise PSA: POST /service/tickets/{parentId}/notes.
    pub async fn add_note(&self, ticket: TicketId, text: &str, internal: bool) -> Answer<()> {
        let id = ticket.to_string();
        let path = ["service", "tickets", &id, "notes"];
        self.put(Method::POST, &path, &noting(text, internal), &format!("ticket {ticket}")).await.on_ticket()
    }

    /// A list under a ticket.
    pub(crate) async fn of_ticket(&self, ticket: TicketId, list: &str, query: &Query) -> Result<Vec<DeskRow>, VendorError> {
        let id = ticket.to_string();
        match self.rows(&["service", "tickets", &id, list], query, RIGHT).await {
            Err(VendorError::NotFound { .. }) => {
                // Keys that are not known are the same 404; a list of tickets tells them apart.
                self.tickets(&[ticket]).await?;
                Err(VendorError::NotFound { what: format!("ticket {ticket}") })
            }
            read => read,
        }
    }
}

/// Schema Ticket, of which fields that nobody chose are left out for ConnectWise's defaults.
fn opening(new: &NewTicket) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("summary", Value::from(cut(&new.summary, MOST)));
    put("recordType", Value::from("ServiceTicket"));
    put("externalXRef", Value::from(new.marker.as_str()));
    put(if new.internal { "initialInternalAnalysis" } else { "initialDescription" }, Value::from(new.text.as_str()));
    if let Some(due) = new.due {
        put("requiredDate", Value::from(due.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
    }
    let choice = &new.choice;
    let references = [
        ("company", Some(new.company.0)),
        ("board", Some(new.board.0)),
        ("status", choice.status.map(|id| id.0)),
        ("type", choice.kind.map(|id| id.0)),
        ("subType", choice.subtype.map(|id| id.0)),
        ("item", choice.item.map(|id| id.0)),
        ("team", choice.team.map(|id| id.0)),
        ("priority", new.priority.map(|id| id.0)),
        ("source", new.source.map(|id| id.0)),
        ("contact", new.contact.map(|id| id.0)),
    ];
    for (name, id) in references {
        if let Some(id) = id {
            put(name, json!({ "id": id }));
        }
    }
    Value::Object(fields)
}

fn moving(status: StatusId) -> Value {
    json!([{ "op": "replace", "path": "status", "value": { "id": status.0 } }])
}

/// Schema ServiceNote: in the discussion, or in the internal analysis.
fn noting(text: &str, internal: bool) -> Value {
    json!({ "text": text, "detailDescriptionFlag": !internal, "internalAnalysisFlag": internal, "resolutionFlag": false })
}

#[cfg(test)]
#[path = "tickets_tests.rs"]
mod tests;
