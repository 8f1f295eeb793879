//! Setup tables of the service desk, and contacts: only read here.

use serde_json::{Value, json};

use super::fields;
use crate::connectwise::rows::{setup, table};
use crate::connectwise::schema::Schema;
use crate::connectwise::{errors, permitted};
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::desk_setup::{
    ASSOCIATIONS, CONFIGURATION_STATUSES, CONFIGURATION_TYPES, DEFAULT_PRIORITY, ITEMS, Offered, PRIORITIES, SOURCES, SUB_TYPES, TEAMS,
    TYPES,
};
use crate::world::{Action, Board, CwCompany};

/// Boards, also those out of use, and what each offers.
pub(super) fn boards(stage: &Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let world = &stage.world;
    let [id, part, rest @ ..] = rest else {
        let rows: Vec<Value> = world.boards.values().map(board).collect();
        return setup(request, &fields::BOARD, rest, &rows);
    };
    let id: i32 = id.parse().map_err(|_| errors::nothing_here())?;
    let board = world.boards.get(&id).ok_or_else(|| errors::not_found(&format!("board {id}")))?;
    match part.to_ascii_lowercase().as_str() {
        "statuses" => {
            let rows: Vec<Value> = world.statuses.values().filter(|row| row.board.id == id).map(|row| json!(row)).collect();
            setup(request, &fields::BOARD_STATUS, rest, &rows)
        }
        "types" => offered(request, &fields::BOARD_TYPE, rest, board, &TYPES),
        "subtypes" => offered(request, &fields::BOARD_SUB_TYPE, rest, board, &SUB_TYPES),
        "items" => offered(request, &fields::BOARD_ITEM, rest, board, &ITEMS),
        "teams" => teams(request, rest, id),
        "typesubtypeitemassociations" => associations(request, rest, board),
        _ => Err(errors::nothing_here()),
    }
}

fn board(row: &Board) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "location": { "id": 11, "name": "Main Office" },
        "department": { "id": 10, "identifier": "Services", "name": "Services" },
        "inactiveFlag": row.inactive_flag,
        "projectFlag": false,
        "_info": row.info,
    })
}

fn offered(request: &Request, schema: &Schema, rest: &[&str], board: &Board, known: &[Offered]) -> Result<Reply, Reply> {
    let mut rows: Vec<Value> = Vec::new();
    for row in known.iter().filter(|row| row.board == board.id) {
        let mut fields = json!({
            "id": row.id,
            "name": row.name,
            "inactiveFlag": row.inactive,
            "board": { "id": board.id, "name": board.name },
        });
        if schema.field("defaultFlag").is_some() {
            fields["defaultFlag"] = rows.is_empty().into();
        }
        if schema.field("typeAssociationIds").is_some() {
            let types = ASSOCIATIONS.iter().filter(|(_, _, sub_type, _)| *sub_type == row.id).map(|(_, kind, ..)| *kind);
            let mut types: Vec<i32> = types.collect();
            types.dedup();
            fields["typeAssociationIds"] = types.into();
        }
        rows.push(fields);
    }
    setup(request, schema, rest, &rows)
}

fn teams(request: &Request, rest: &[&str], board: i32) -> Result<Reply, Reply> {
    let known = TEAMS.iter().filter(|row| row.board == board);
    let rows: Vec<Value> = (0..)
        .zip(known)
        .map(|(place, row)| {
            json!({
                "id": row.id,
                "name": row.name,
                "teamLeader": { "id": 152, "identifier": "tlewis", "name": "Tom Lewis" },
                "members": [152],
                "defaultFlag": place == 0,
                "boardId": board,
            })
        })
        .collect();
    setup(request, &fields::BOARD_TEAM, rest, &rows)
}

/// The rows clients choose a subtype and an item by.
fn associations(request: &Request, rest: &[&str], board: &Board) -> Result<Reply, Reply> {
    let named = |known: &[Offered], id: i32| known.iter().find(|row| row.id == id).map(|row| json!({ "id": id, "name": row.name }));
    let of_board = |kind: i32| TYPES.iter().any(|row| row.id == kind && row.board == board.id);
    let rows: Vec<Value> = ASSOCIATIONS
        .iter()
        .filter(|(_, kind, ..)| of_board(*kind))
        .map(|(id, kind, sub_type, item)| {
            let mut row = json!({
                "id": id,
                "type": named(&TYPES, *kind),
                "subType": named(&SUB_TYPES, *sub_type),
                "board": { "id": board.id, "name": board.name },
            });
            if let Some(item) = item {
                row["item"] = json!(named(&ITEMS, *item));
            }
            row
        })
        .collect();
    setup(request, &fields::ASSOCIATION, rest, &rows)
}

pub(super) fn priorities(request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let row = |(order, (id, name, color, level)): (i32, &(i32, &str, &str, &str))| {
        json!({
            "id": id,
            "name": name,
            "color": color,
            "sortOrder": order,
            "defaultFlag": *id == DEFAULT_PRIORITY,
            "level": level,
        })
    };
    let rows: Vec<Value> = (1..).zip(&PRIORITIES).map(row).collect();
    setup(request, &fields::PRIORITY, rest, &rows)
}

pub(super) fn sources(request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let row = |(place, (id, name)): (usize, &(i32, &str))| json!({ "id": id, "name": name, "defaultFlag": place == 0 });
    let rows: Vec<Value> = SOURCES.iter().enumerate().map(row).collect();
    setup(request, &fields::SOURCE, rest, &rows)
}

pub(super) fn configuration_types(request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let row = |(id, name, inactive): &(i32, &str, bool)| json!({ "id": id, "name": name, "inactiveFlag": inactive, "systemFlag": false });
    let rows: Vec<Value> = CONFIGURATION_TYPES.iter().map(row).collect();
    setup(request, &fields::CONFIGURATION_TYPE, rest, &rows)
}

pub(super) fn configuration_statuses(request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let row = |(place, (id, description, closed)): (usize, &(i32, &str, bool))| json!({ "id": id, "description": description, "closedFlag": closed, "defaultFlag": place == 0 });
    let rows: Vec<Value> = CONFIGURATION_STATUSES.iter().enumerate().map(row).collect();
    setup(request, &fields::CONFIGURATION_STATUS, rest, &rows)
}

pub(super) fn contacts(stage: &Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let level = permitted(stage, "Contacts", Action::Inquire)?;
    let rows: Vec<Value> = stage.world.cw_companies.values().flat_map(contacts_of).collect();
    table(request, &fields::CONTACT, rest, level, rows.iter())
}

/// The people of a company: one in the office, every third one with somebody for computers, too.
pub(super) fn contacts_of(company: &CwCompany) -> Vec<Value> {
    let row = |id: i32, first: &str, last: &str, title: &str| {
        let address = format!("{}.{}@{}.example", first.to_lowercase(), last.to_lowercase(), company.identifier.to_lowercase());
        json!({
            "id": id,
            "firstName": first,
            "lastName": last,
            "title": title,
            "company": { "id": company.id, "identifier": company.identifier, "name": company.name },
            "inactiveFlag": false,
            "defaultFlag": id == company.id + 10_000,
            "communicationItems": [{
                "id": id + 50_000,
                "type": { "id": 1, "name": "Email" },
                "value": address,
                "defaultFlag": true,
                "communicationType": "Email",
            }],
            "_info": company.info,
        })
    };
    let mut rows = vec![row(company.id + 10_000, "Office", "Manager", "Office Manager")];
    if company.id % 3 == 0 {
        rows.push(row(company.id + 30_000, "Robin", "Hale", "IT"));
    }
    rows
}
