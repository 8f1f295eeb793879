//! Builds the service desk of a world. Nothing here draws from the world's dice, so that the rest of a seed's world stays
//! what it was.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use super::build::days_ago;
use super::desk::{Board, BoardStatus, Configuration, Note, Ticket, TicketRow, TicketStamp};
use super::desk_setup::{BOARDS, CONFIGURATION_STATUSES, CONFIGURATION_TYPES, PRIORITIES, STATUSES};
use super::psa::Reference;
use super::{World, devices};

const FIRST_TICKET_ID: i32 = 18_001;
const FIRST_NOTE_ID: i32 = 90_001;
const FIRST_CONFIGURATION_ID: i32 = 6001;

/// The person who does the MSP's tickets.
const TECHNICIAN: &str = "tlewis";

/// Boards and their statuses.
pub(super) fn boards(world: &mut World) {
    let info = World::stamp(days_ago(world, 400), "admin1");
    for (id, name, inactive_flag) in BOARDS {
        world.boards.insert(id, Board { id, name: name.to_owned(), inactive_flag, info: info.clone() });
    }
    for (order, (id, board, name, closed_status, default_flag, inactive)) in (1..).zip(STATUSES) {
        let status = BoardStatus {
            id,
            name: name.to_owned(),
            board: board_reference(board),
            sort_order: order,
            inactive,
            closed_status,
            default_flag,
            time_entry_not_allowed: closed_status,
            info: info.clone(),
        };
        world.statuses.insert(id, status);
    }
}

fn board_reference(id: i32) -> Reference {
    let found = BOARDS.iter().find(|(known, ..)| *known == id);
    Reference::named(id, found.map_or("", |(_, name, _)| name))
}

/// Some devices of each customer as its PSA has them: one that agrees with ESET, one known by name alone and in small
/// letters, one under another name with the same serial number, one that may be gone, and a firewall ESET never heard of.
pub(super) fn configurations(world: &mut World, customers: &[(i32, String)]) {
    let mut sizes: BTreeMap<String, i64> = BTreeMap::new();
    for license in world.licenses.values().filter(|license| !license.suspended) {
        let size = sizes.entry(license.company.clone()).or_default();
        *size = (*size).max(license.usage);
    }
    for (company, eset) in customers {
        let size = sizes.get(eset).copied().unwrap_or_default();
        devices_of(world, *company, eset, usize::try_from(size).unwrap_or_default());
    }
}

fn devices_of(world: &mut World, company: i32, eset: &str, size: usize) {
    let Some(eset) = world.eset_companies.get(&eset.to_owned()).cloned() else { return };
    for number in 0..size.min(4) {
        let name = devices::name(&eset, number);
        let (serial, mac) = (devices::serial_number(&eset, number), devices::mac_address(&eset, number));
        match number {
            0 => configuration(world, company, 0, &name, [Some(serial), Some(mac)], true),
            1 => configuration(world, company, 0, &name.to_lowercase(), [None, None], true),
            2 => configuration(world, company, 0, &format!("Reception {company}"), [Some(serial), None], true),
            _ => configuration(world, company, 0, &name, [None, Some(mac.replace(':', "-"))], company % 3 != 0),
        }
    }
    if company % 4 == 0 {
        configuration(world, company, 2, "Firewall", [Some(format!("FW-{company}")), None], true);
    }
}

fn configuration(world: &mut World, company: i32, kind: usize, name: &str, [serial, mac]: [Option<String>; 2], active: bool) {
    let id = FIRST_CONFIGURATION_ID.max(world.settings().last_configuration_id + 1);
    let (type_id, type_name, _) = CONFIGURATION_TYPES[kind];
    let (status_id, status, _) = CONFIGURATION_STATUSES[usize::from(!active)];
    let row = Configuration {
        id,
        name: name.to_owned(),
        r#type: Reference::named(type_id, type_name),
        status: Reference::named(status_id, status),
        company: world.company_reference(company),
        device_identifier: None,
        serial_number: serial,
        mac_address: mac,
        active_flag: active,
        info: World::stamp(days_ago(world, 75), "admin1"),
        other: Map::new(),
    };
    world.configurations.insert(id, row);
    world.settings_mut().last_configuration_id = id;
}

/// Tickets people and other tools made, of every seventh company.
pub(super) fn tickets(world: &mut World) {
    let companies: Vec<i32> = world.cw_companies.values().filter(|company| !company.deleted_flag).map(|company| company.id).collect();
    for (position, company) in companies.into_iter().step_by(7).enumerate() {
        let entered = days_ago(world, 9 + position as u64 % 20);
        let (summary, board, status, external) = match position % 4 {
            0 => ("Printer on the second floor is offline", 21, 302, None),
            1 => ("Backup failed three times in a row", 23, 321, Some(format!("rmm:alert-{company}"))),
            2 => ("New starter next Monday", 21, 305, None),
            _ => ("Antivirus is out of date", 22, 314, None),
        };
        let id = FIRST_TICKET_ID + position as i32;
        let (priority, name, _, level) = PRIORITIES[position % PRIORITIES.len()];
        let status = world.statuses.get(&status).cloned();
        let closed = status.as_ref().is_some_and(|status| status.closed_status);
        let ticket = Ticket {
            id,
            summary: summary.to_owned(),
            board: board_reference(board),
            status: status.map_or_else(|| Reference::named(0, ""), |status| Reference::named(status.id, &status.name)),
            company: world.company_reference(company),
            priority: Reference::named(priority, name),
            closed_flag: closed,
            closed_date: closed.then(|| entered + chrono::Duration::hours(5)),
            closed_by: closed.then(|| TECHNICIAN.to_owned()),
            external_x_ref: external,
            info: TicketStamp {
                last_updated: entered + chrono::Duration::hours(5),
                updated_by: TECHNICIAN.to_owned(),
                date_entered: entered,
                entered_by: TECHNICIAN.to_owned(),
            },
            other: json!({ "recordType": "ServiceTicket", "severity": "Medium", "impact": level_of(level) })
                .as_object()
                .cloned()
                .unwrap_or_default(),
        };
        world.tickets.insert(id, TicketRow::old(ticket));
        world.settings_mut().last_ticket_id = id;
        for (offset, of_time_entry) in [(0, false), (1, true)] {
            let note = Note {
                id: FIRST_NOTE_ID + 2 * position as i32 + offset,
                ticket_id: id,
                text: if of_time_entry { "Looked at it, 0.5 h." } else { "Reported by phone." }.to_owned(),
                detail_description_flag: true,
                internal_analysis_flag: false,
                resolution_flag: false,
                date_created: entered + chrono::Duration::hours(i64::from(offset)),
                created_by: TECHNICIAN.to_owned(),
                of_time_entry,
            };
            world.settings_mut().last_note_id = note.id;
            world.notes.insert((id, note.id), note);
        }
    }
}

fn level_of(priority: &str) -> &'static str {
    match priority {
        "Critical" | "High" => "High",
        "Low" => "Low",
        _ => "Medium",
    }
}
