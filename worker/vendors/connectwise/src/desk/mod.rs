//! What the service desk offers, and the one way its lists are read and its records are written.

mod configurations;
mod rows;
mod tickets;

use domain::ids::{BoardId, ContactId, PsaCompanyId};
use domain::tickets::{Association, Board, BoardSetup, BoardStatus, Named, ServiceBoardOptions};
use engine::Answer;
use http::Method;
use serde_json::Value;

use self::rows::DeskRow;
use crate::advice::desk_advice;
use crate::caller::{Paging, Read, Written};
use crate::client::{Connectwise, PAGE_SIZE, goes_on};
use crate::conditions::{Condition, Is};
use crate::{patch, wire};
use egress::{self, EgressError};
use vendor::VendorError;

/// Contacts of a page: as many as a person looks through.
const CONTACTS: usize = 100;
/// Words of a search that are looked for.
const WORDS: usize = 3;
/// Where the right to read what the desk offers is given.
const SETUP: &str = "System > Table Setup";

/// Where the right to read contacts is given.
const CONTACTS_RIGHT: &str = "Companies > Contacts";

/// Query parameters.
pub(crate) type Query = Vec<(&'static str, String)>;

/// Part of a list that a person looks through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its rows.
    pub items: Vec<Named>,
    /// The number of the next page; none at the end.
    pub next: Option<u32>,
}

/// Conditions, an order and fields, as query parameters.
pub(crate) fn query(conditions: Option<&Condition>, order: Option<&str>, fields: &str) -> Query {
    let mut query = vec![("fields", fields.to_owned())];
    query.extend(conditions.map(|conditions| ("conditions", conditions.to_string())));
    query.extend(order.map(|order| ("orderBy", order.to_owned())));
    query
}

impl Connectwise {
    /// Boards, priorities and sources. ConnectWise PSA: /service/boards, /service/priorities, /service/sources.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn desk(&self) -> Result<ServiceBoardOptions, VendorError> {
        Ok(ServiceBoardOptions { boards: self.boards().await?, priorities: self.priorities().await?, sources: self.sources().await? })
    }

    /// Service boards, inactive ones too; project boards are left out. ConnectWise PSA: /service/boards.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn boards(&self) -> Result<Vec<Board>, VendorError> {
        let service = Condition::flag("projectFlag", false);
        let query = query(Some(&service), Some("name"), "id,name,inactiveFlag");
        let rows = self.rows(&["service", "boards"], &query, SETUP).await?;
        Ok(rows.into_iter().map(DeskRow::board).collect())
    }

    /// Priorities in the order of the desk. ConnectWise PSA: /service/priorities.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn priorities(&self) -> Result<Vec<Named>, VendorError> {
        self.named(&["service", "priorities"], "sortOrder", "id,name").await
    }

    /// Sources. ConnectWise PSA: /service/sources.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn sources(&self) -> Result<Vec<Named>, VendorError> {
        self.named(&["service", "sources"], "name", "id,name").await
    }

    /// Types a new configuration can be of. ConnectWise PSA: /company/configurations/types.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn configuration_types(&self) -> Result<Vec<Named>, VendorError> {
        self.named(&["company", "configurations", "types"], "name", "id,name,inactiveFlag").await
    }

    /// What a ticket of `board` can choose from. ConnectWise PSA: /service/boards/{parentId}/statuses, types, subtypes, items,
    /// teams and typeSubTypeItemAssociations.
    ///
    /// A server that has no list of associations tells of subtypes all the same, and of items nothing.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::NotFound`] when the board is gone.
    pub async fn board_setup(&self, board: BoardId) -> Result<BoardSetup, VendorError> {
        let id = board.to_string();
        let of = |list: &'static str| ["service", "boards", id.as_str(), list];
        let plain = "id,name,inactiveFlag";
        let statuses = self.statuses(board).await?;
        let types = self.named(&of("types"), "name", plain).await?;
        let fields = "id,name,inactiveFlag,typeAssociationIds";
        let subtypes = self.rows(&of("subtypes"), &query(None, Some("name"), fields), SETUP).await?;
        let items = self.named(&of("items"), "name", plain).await?;
        let teams = self.named(&of("teams"), "name", "id,name").await?;
        let fields = "id,type,subType,item";
        let (associations, items_known): (Vec<Association>, bool) =
            match self.rows(&of("typeSubTypeItemAssociations"), &query(None, Some("id"), fields), SETUP).await {
                Ok(rows) => (rows.into_iter().filter_map(DeskRow::association).collect(), true),
                Err(VendorError::NotFound { .. }) => (subtypes.iter().flat_map(DeskRow::under_types).collect(), false),
                Err(error) => return Err(error),
            };
        let subtypes = subtypes.into_iter().map(DeskRow::named).collect();
        Ok(BoardSetup { statuses, types, subtypes, items, teams, associations, items_known })
    }

    /// Statuses of `board` in its order, inactive ones too. ConnectWise PSA: /service/boards/{parentId}/statuses.
    ///
    /// # Errors
    /// Any [`VendorError`]; [`VendorError::NotFound`] when the board is gone.
    pub async fn statuses(&self, board: BoardId) -> Result<Vec<BoardStatus>, VendorError> {
        let fields = query(None, Some("sortOrder"), "id,name,closedStatus,inactive,defaultFlag");
        match self.rows(&["service", "boards", &board.to_string(), "statuses"], &fields, SETUP).await {
            Err(VendorError::NotFound { .. }) => {
                // Keys that are not known are the same 404; a list of boards tells them apart.
                self.boards().await?;
                Err(VendorError::NotFound { what: format!("board {board}") })
            }
            read => Ok(read?.into_iter().map(DeskRow::status).collect()),
        }
    }

    /// One page, counted from 1, of a company's active contacts whose first or last name holds each word of `search`, by last
    /// name. ConnectWise PSA: /company/contacts.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn contacts(&self, company: PsaCompanyId, search: &str, page: u32) -> Result<Page, VendorError> {
        let mut wanted = Condition::number("company/id", Is::Equal, company.0).and(&Condition::flag("inactiveFlag", false));
        for word in search.split_whitespace().take(WORDS) {
            wanted = wanted.and(&Condition::holds("firstName", word).or(&Condition::holds("lastName", word)));
        }
        let query = query(Some(&wanted), Some("lastName,firstName,id"), "id,firstName,lastName,inactiveFlag");
        let (rows, more) = self.page(&["company", "contacts"], &query, CONTACTS_RIGHT, page, CONTACTS).await?;
        let next = more.then(|| page.saturating_add(1));
        Ok(Page { items: rows.into_iter().map(DeskRow::named).collect(), next })
    }

    /// A contact of a company, also one that is inactive; none when the company has no such. ConnectWise PSA: /company/contacts.
    ///
    /// # Errors
    /// Any [`VendorError`].
    pub async fn contact(&self, company: PsaCompanyId, contact: ContactId) -> Result<Option<Named>, VendorError> {
        let wanted = Condition::number("company/id", Is::Equal, company.0).and(&Condition::number("id", Is::Equal, contact.0));
        let query = query(Some(&wanted), Some("id"), "id,firstName,lastName,inactiveFlag");
        let rows = self.rows(&["company", "contacts"], &query, CONTACTS_RIGHT).await?;
        Ok(rows.into_iter().map(DeskRow::named).find(|named| named.id == contact.0))
    }

    async fn named(&self, path: &[&str], order: &str, fields: &str) -> Result<Vec<Named>, VendorError> {
        let rows = self.rows(path, &query(None, Some(order), fields), SETUP).await?;
        Ok(rows.into_iter().map(DeskRow::named).collect())
    }

    /// All of a list. `what` is where the right to read it is given.
    pub(crate) async fn rows(&self, path: &[&str], query: &Query, what: &str) -> Result<Vec<DeskRow>, VendorError> {
        let (mut rows, mut page) = (Vec::new(), 1_u32);
        loop {
            let (read, more) = self.page(path, query, what, page, PAGE_SIZE).await?;
            rows.extend(read);
            if !more {
                return Ok(rows);
            }
            page += 1;
        }
    }

    /// A page of a list, and whether there is another. A list under a record may be gone with it; one of two parts is always
    /// there.
    async fn page(&self, path: &[&str], query: &Query, what: &str, page: u32, size: usize) -> Result<(Vec<DeskRow>, bool), VendorError> {
        let mut query = query.clone();
        query.extend([("page", page.to_string()), ("pageSize", size.to_string())]);
        let answer = self.caller.get(&Read { label: "desk list", path, query: &query, paging: Paging::Numbered }).await?;
        let value = if path.len() == 2 { self.caller.list(&answer, what).await? } else { self.caller.read_value(&answer, what).await? };
        let rows: Vec<DeskRow> = wire::read(value, &path.join("/"))?;
        let more = goes_on(&answer, rows.len(), size);
        Ok((rows, more))
    }

    /// Makes one write, once, and says what is known of the effect.
    pub(crate) async fn put(&self, method: Method, path: &[&str], body: &Value, what: &str) -> WriteResult {
        let body = body.to_string().into_bytes();
        match self.caller.write(&Written { label: "write desk", method, path, body }).await {
            Ok(sent) => self.meaning(sent, what),
            Err(error) => WriteResult::of(patch::not_sent(&error, self.caller.outbound.now())),
        }
    }

    /// What it means how a write was answered. A 2xx that is no record is a login page's or a proxy's.
    fn meaning(&self, sent: Result<egress::Answer, EgressError>, what: &str) -> WriteResult {
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return WriteResult::of(patch::unanswered(&error, self.caller.outbound.now())),
        };
        if !answer.is_success() {
            let refusal = self.caller.refusal(&answer, what);
            let refused = patch::answered(answer.status, answer.retry_after(self.caller.outbound.now()), &refusal, desk_advice(&refusal));
            return WriteResult { missing: answer.status == 404, ..WriteResult::of(refused) };
        }
        match self.caller.value(&answer, what).map(|record| record.get("id").and_then(Value::as_i64)) {
            Ok(Some(id)) => WriteResult { id: Some(id), ..WriteResult::of(Answer::Accepted(())) },
            Ok(None) => {
                WriteResult::of(Answer::Lost { words: format!("It answered {} and did not show the record.", answer.status), wait: None })
            }
            Err(error) => WriteResult::of(Answer::Lost { words: error.message(), wait: None }),
        }
    }
}

/// What is known of a write.
pub(crate) struct WriteResult {
    answer: Answer<()>,
    /// The record that the answer shows.
    id: Option<i64>,
    /// Whether it was refused because what it was about is not there (404).
    missing: bool,
}

impl WriteResult {
    fn of(answer: Answer<()>) -> Self {
        Self { answer, id: None, missing: false }
    }

    /// What became of a write to a ticket.
    pub(crate) fn on_ticket(self) -> Answer<()> {
        match self.answer {
            Answer::Refused { .. } if self.missing => Answer::Gone,
            answer => answer,
        }
    }
}

/// What became of a record that was to be made.
pub(crate) fn made<Id>(put: WriteResult, of: impl Fn(i64) -> Id) -> Answer<Id> {
    put.answer.and_then(|()| match put.id {
        Some(id) => Answer::Accepted(of(id)),
        None => Answer::Lost { words: "It answered without the record's id.".to_owned(), wait: None },
    })
}

/// The first `most` characters of a text as ConnectWise counts them, in UTF-16.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    let mut room = most;
    let end = text.char_indices().find(|(_, sign)| {
        let fits = sign.len_utf16() <= room;
        room = room.saturating_sub(sign.len_utf16());
        !fits
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
