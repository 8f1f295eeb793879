//! Whether what a client writes into a ticket can be: every reference must exist, be in use and fit the ticket's board.

use serde_json::{Map, Value, json};

use super::setup;
use crate::connectwise::errors::Problem;
use crate::world::World;
use crate::world::desk_setup::{DEFAULT_PRIORITY, ITEMS, Offered, PRIORITIES, SOURCES, SUB_TYPES, TEAMS, TYPES};

/// A ticket's fields on their way to being saved.
pub(super) struct Draft<'w> {
    pub(super) world: &'w World,
    pub(super) fields: Map<String, Value>,
    /// The fields before; none for a new ticket.
    pub(super) before: Option<&'w Map<String, Value>>,
    pub(super) problems: Vec<Problem>,
}

/// What a reference may point at.
struct Choice {
    reference: Value,
    inactive: bool,
}

impl Draft<'_> {
    /// Expands every reference to `{id, name}`, fills in defaults, and notes what cannot be.
    pub(super) fn settle(&mut self) {
        self.fields.retain(|_, value| !value.is_null());
        for field in ["summary", "company"] {
            if self.fields.get(field).is_none_or(|value| value.as_str().is_some_and(str::is_empty)) {
                self.problems.push(Problem::required(field));
            }
        }
        self.company();
        self.contact();
        let board = self.board();
        self.status(board);
        for (field, what, known) in [
            ("type", "Service Type", &TYPES[..]),
            ("subType", "Service SubType", &SUB_TYPES),
            ("item", "Service Item", &ITEMS),
            ("team", "Service Team", &TEAMS),
        ] {
            self.offered(field, what, known, board);
        }
        self.setup("priority", "Priority", PRIORITIES.iter().map(|(id, name, ..)| (*id, *name)), Some(DEFAULT_PRIORITY));
        self.setup("source", "Source", SOURCES.iter().map(|(id, name)| (*id, *name)), SOURCES.first().map(|(id, _)| *id));
    }

    /// Whether a reference is still the one it was.
    fn kept(&self, field: &str) -> bool {
        let id = |fields: &Map<String, Value>| fields.get(field).and_then(|value| value["id"].as_i64());
        self.before.is_some_and(|before| id(before).is_some() && id(before) == id(&self.fields))
    }

    /// Puts what a reference means into its place. What is kept is not looked at again, unless the board changed under it.
    fn refer(
        &mut self,
        field: &str,
        missing: impl FnOnce(&Value) -> String,
        inactive: impl FnOnce(&Value) -> String,
        found: Option<Choice>,
    ) {
        match found {
            Some(choice) if choice.inactive && !self.kept(field) => {
                let why = inactive(&choice.reference["id"]);
                self.problems.push(Problem::new("InvalidField", &format!("{field}/id"), why));
            }
            Some(choice) => {
                self.fields.insert(field.to_owned(), choice.reference);
            }
            None => {
                let given = &self.fields[field];
                let shown = ["id", "identifier", "name"].into_iter().map(|part| &given[part]).find(|part| !part.is_null());
                let why = missing(shown.unwrap_or(given));
                self.problems.push(Problem::new("NotFound", &format!("{field}/id"), why));
            }
        }
    }

    fn company(&mut self) {
        let Some(given) = self.fields.get("company").filter(|_| !self.kept("company")) else { return };
        let mut rows = self.world.cw_companies.values().filter(|row| !row.deleted_flag);
        let found = rows.find(|row| points_at(given, row.id, &row.identifier, "identifier"));
        let found = found.map(|row| Choice { reference: json!(self.world.company_reference(row.id)), inactive: false });
        self.refer("company", |id| format!("Company {} not found", plain(id)), plain, found);
    }

    fn contact(&mut self) {
        let Some(given) = self.fields.get("contact").filter(|_| !self.kept("contact")) else { return };
        let id = self.fields.get("company").and_then(|company| company["id"].as_i64()).and_then(|id| i32::try_from(id).ok());
        let people = id.and_then(|id| self.world.cw_companies.get(&id)).map(setup::contacts_of).unwrap_or_default();
        let found = people.into_iter().find(|person| person["id"] == given["id"]).map(|person| {
            let part = |field: &str| person[field].as_str().unwrap_or_default().to_owned();
            let name = format!("{} {}", part("firstName"), part("lastName"));
            Choice { reference: json!({ "id": person["id"], "name": name }), inactive: false }
        });
        self.refer("contact", |id| format!("Contact {} not found", plain(id)), plain, found);
    }

    /// The board's id. Without one given the first in use is taken.
    fn board(&mut self) -> Option<i64> {
        if !self.kept("board") {
            let given = self.fields.entry("board").or_insert_with(|| {
                let first = self.world.boards.values().find(|board| !board.inactive_flag);
                first.map_or(Value::Null, |board| json!({ "id": board.id }))
            });
            let found = self.world.boards.values().find(|board| points_at(given, board.id, &board.name, "name"));
            let found =
                found.map(|board| Choice { reference: json!({ "id": board.id, "name": board.name }), inactive: board.inactive_flag });
            let missing = |id: &Value| format!("Service Board {} not found", plain(id));
            self.refer("board", missing, |id| format!("Service Board {} is inactive", plain(id)), found);
        }
        self.fields.get("board").and_then(|board| board["id"].as_i64())
    }

    /// Whether something of the board must be looked up: it is new, or the board is.
    fn moved(&self, field: &str) -> bool {
        !(self.kept(field) && self.kept("board"))
    }

    fn status(&mut self, board: Option<i64>) {
        if !self.moved("status") {
            return;
        }
        let mut of_board = self.world.statuses.values().filter(|row| Some(i64::from(row.board.id)) == board);
        let found = match self.fields.get("status") {
            Some(given) => of_board.find(|row| points_at(given, row.id, &row.name, "name")),
            None => of_board.find(|row| row.default_flag && !row.inactive),
        };
        if found.is_none() && !self.fields.contains_key("status") {
            // The board is unknown, which was said.
            return;
        }
        let found = found.map(|row| Choice { reference: json!({ "id": row.id, "name": row.name }), inactive: row.inactive });
        let board = board.unwrap_or_default();
        let missing = |id: &Value| format!("Service Status {} not found for Service Board {board}", plain(id));
        self.refer("status", missing, |id| format!("Service Status {} is inactive", plain(id)), found);
    }

    fn offered(&mut self, field: &str, what: &str, known: &[Offered], board: Option<i64>) {
        let mut of_board = known.iter().filter(|row| Some(i64::from(row.board)) == board);
        let found = match self.fields.get(field) {
            Some(_) if !self.moved(field) => return,
            Some(given) => of_board.find(|row| points_at(given, row.id, row.name, "name")),
            None if field == "type" && self.before.is_none() => of_board.find(|row| !row.inactive),
            None => None,
        };
        if found.is_none() && !self.fields.contains_key(field) {
            return;
        }
        let found = found.map(|row| Choice { reference: json!({ "id": row.id, "name": row.name }), inactive: row.inactive });
        let board = board.unwrap_or_default();
        let missing = |id: &Value| format!("{what} {} not found for Service Board {board}", plain(id));
        self.refer(field, missing, |id| format!("{what} {} is inactive", plain(id)), found);
    }

    fn setup<'n>(&mut self, field: &str, what: &str, mut known: impl Iterator<Item = (i32, &'n str)>, usual: Option<i32>) {
        if self.kept(field) {
            return;
        }
        if let (false, Some(usual)) = (self.fields.contains_key(field), usual) {
            self.fields.insert(field.to_owned(), json!({ "id": usual }));
        }
        let given = &self.fields[field];
        let found = known.find(|(id, name)| points_at(given, *id, name, "name"));
        let found = found.map(|(id, name)| Choice { reference: json!({ "id": id, "name": name }), inactive: false });
        self.refer(field, |id| format!("{what} {} not found", plain(id)), plain, found);
    }
}

/// Whether a reference means this row: by its id, or without one by its name.
fn points_at(given: &Value, id: i32, name: &str, by: &str) -> bool {
    match given["id"].as_i64() {
        Some(given) => given == i64::from(id),
        None => given[by].as_str().is_some_and(|given| given.eq_ignore_ascii_case(name)),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
