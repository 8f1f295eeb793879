//! The service desk, looked at and changed by hand.

use super::{HAND, NoSuch, WorldHandle};
use crate::connectwise;
use crate::journal::{Effect, Vendor};
use crate::stage::Stage;
use crate::world::desk_setup::{CONFIGURATION_STATUSES, CONFIGURATION_TYPES};
use crate::world::{Board, BoardStatus, Configuration, Note, Reference, Ticket, World};
use serde_json::Map;

/// The person whose changes these are.
const TECHNICIAN: &str = "tlewis";

/// Reading, for oracles.
impl WorldHandle {
    /// All tickets as they are, whatever lists show yet.
    pub fn tickets(&self) -> Vec<Ticket> {
        self.shared.lock().world.tickets.values().map(|row| row.ticket.clone()).collect()
    }

    /// One ticket.
    pub fn ticket(&self, id: i32) -> Option<Ticket> {
        self.shared.lock().world.tickets.get(&id).map(|row| row.ticket.clone())
    }

    /// Ids of the configurations linked to a ticket.
    pub fn ticket_configurations(&self, id: i32) -> Vec<i32> {
        self.shared.lock().world.tickets.get(&id).map(|row| row.configurations.clone()).unwrap_or_default()
    }

    /// Notes of all tickets, by ticket.
    pub fn notes(&self) -> Vec<Note> {
        self.shared.lock().world.notes.values().cloned().collect()
    }

    /// All configurations.
    pub fn configurations(&self) -> Vec<Configuration> {
        self.shared.lock().world.configurations.values().cloned().collect()
    }

    /// All boards, also those out of use.
    pub fn boards(&self) -> Vec<Board> {
        self.shared.lock().world.boards.values().cloned().collect()
    }

    /// Statuses of all boards.
    pub fn statuses(&self) -> Vec<BoardStatus> {
        self.shared.lock().world.statuses.values().cloned().collect()
    }
}

/// What people do at the service desk.
impl WorldHandle {
    /// Adds a device to a company that nothing is known of but what `fill` fills in. Answers its id.
    pub fn add_configuration(&self, company: i32, fill: impl FnOnce(&mut Configuration)) -> Result<i32, NoSuch> {
        let mut made = 0;
        self.change(Vendor::ConnectWise, &format!("add_configuration/{company}"), |stage| {
            if stage.world.cw_companies.get(&company).is_none() {
                return Err(NoSuch(format!("company {company}")));
            }
            let (kind, status) = (CONFIGURATION_TYPES[0], CONFIGURATION_STATUSES[0]);
            made = stage.world.next_configuration_id();
            let mut row = Configuration {
                id: made,
                name: format!("Device {made}"),
                r#type: Reference::named(kind.0, kind.1),
                status: Reference::named(status.0, status.1),
                company: stage.world.company_reference(company),
                device_identifier: None,
                serial_number: None,
                mac_address: None,
                active_flag: true,
                info: World::stamp(stage.second(), TECHNICIAN),
                other: Map::new(),
            };
            fill(&mut row);
            let (name, device_identifier) = (row.name.clone(), row.device_identifier.clone());
            stage.world.configurations.insert(made, row);
            Ok(Effect::ConfigurationCreated { configuration: made, company, name, device_identifier, by: HAND })
        })?;
        Ok(made)
    }

    /// Closes a ticket, with this status of its board or the first closed one in use.
    pub fn close_ticket(&self, id: i32, status: Option<i32>) -> Result<(), NoSuch> {
        self.set_status(id, status, "close_ticket", |status| status.closed_status)
    }

    /// Opens a ticket again, with this status of its board or the board's default.
    pub fn reopen_ticket(&self, id: i32, status: Option<i32>) -> Result<(), NoSuch> {
        self.set_status(id, status, "reopen_ticket", |status| status.default_flag)
    }

    fn set_status(&self, id: i32, status: Option<i32>, verb: &str, usual: impl Fn(&BoardStatus) -> bool) -> Result<(), NoSuch> {
        self.change_ticket(id, verb, |ticket, stage| {
            let mut of_board = stage.world.statuses.values().filter(|known| known.board.id == ticket.board.id);
            let found = match status {
                Some(wanted) => of_board.find(|known| known.id == wanted),
                None => of_board.find(|known| usual(known) && !known.inactive),
            };
            let found = found.ok_or_else(|| NoSuch(format!("status for ticket {id}")))?;
            put_status(ticket, found, stage);
            Ok(())
        })
    }

    /// Changes a ticket's fields, and its status if one is given.
    pub fn edit_ticket(&self, id: i32, status: Option<i32>, edit: impl FnOnce(&mut Ticket)) -> Result<(), NoSuch> {
        self.change_ticket(id, "edit_ticket", |ticket, stage| {
            if let Some(status) = status {
                let found = stage.world.statuses.get(&status);
                put_status(ticket, found.ok_or_else(|| NoSuch(format!("status {status}")))?, stage);
            }
            edit(ticket);
            Ok(())
        })
    }

    /// Moves a ticket to another board, as a dispatcher does: it takes that board's default status, or its first closed one in
    /// use if the ticket is closed.
    pub fn move_ticket(&self, id: i32, board: i32) -> Result<(), NoSuch> {
        self.change_ticket(id, "move_ticket", |ticket, stage| {
            let to = stage.world.boards.get(&board).ok_or_else(|| NoSuch(format!("board {board}")))?;
            ticket.board = Reference::named(to.id, &to.name);
            let mut of_board = stage.world.statuses.values().filter(|known| known.board.id == board && !known.inactive);
            let usual = |known: &&BoardStatus| if ticket.closed_flag { known.closed_status } else { known.default_flag };
            let found = of_board.find(usual).ok_or_else(|| NoSuch(format!("status of board {board}")))?;
            put_status(ticket, found, stage);
            Ok(())
        })
    }

    /// Deletes a ticket.
    pub fn delete_ticket(&self, id: i32) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("delete_ticket/{id}"), |stage| {
            let gone = stage.world.tickets.get(&id).map(|row| row.ticket.clone()).ok_or_else(|| no_ticket(id))?;
            stage.world.remove_ticket(id);
            Ok(Effect::TicketDeleted { ticket: id, external_x_ref: gone.external_x_ref, was_closed: gone.closed_flag, by: HAND })
        })
    }

    /// Takes a board out of use, or back into it.
    pub fn set_board_inactive(&self, id: i32, inactive: bool) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("set_board_inactive/{id}"), |stage| {
            let stamp = World::stamp(stage.now(), TECHNICIAN);
            let board = stage.world.boards.get_mut(&id).ok_or_else(|| NoSuch(format!("board {id}")))?;
            board.inactive_flag = inactive;
            board.info = stamp;
            Ok(Effect::SettingChanged { setting: format!("board {id} inactive {inactive}"), by: HAND })
        })
    }

    /// Deletes a board with its statuses. Tickets on it stay as they are.
    pub fn delete_board(&self, id: i32) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("delete_board/{id}"), |stage| {
            stage.world.boards.remove(&id).ok_or_else(|| NoSuch(format!("board {id}")))?;
            let of_board = stage.world.statuses.values().filter(|status| status.board.id == id);
            let statuses: Vec<i32> = of_board.map(|status| status.id).collect();
            for status in statuses {
                stage.world.statuses.remove(&status);
            }
            Ok(Effect::SettingChanged { setting: format!("board {id} deleted"), by: HAND })
        })
    }

    /// Takes a status out of use, or back into it.
    pub fn set_status_inactive(&self, id: i32, inactive: bool) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("set_status_inactive/{id}"), |stage| {
            let stamp = World::stamp(stage.now(), TECHNICIAN);
            let status = stage.world.statuses.get_mut(&id).ok_or_else(|| NoSuch(format!("status {id}")))?;
            status.inactive = inactive;
            status.info = stamp;
            Ok(Effect::SettingChanged { setting: format!("status {id} inactive {inactive}"), by: HAND })
        })
    }

    /// Lists of tickets know what was done only after so many seconds; a ticket read by its id shows it at once.
    pub fn set_search_lag(&self, seconds: i64) {
        self.setting(Vendor::ConnectWise, "set_search_lag", |settings| settings.search_lag = seconds);
    }

    fn change_ticket(&self, id: i32, verb: &str, edit: impl FnOnce(&mut Ticket, &Stage) -> Result<(), NoSuch>) -> Result<(), NoSuch> {
        self.change(Vendor::ConnectWise, &format!("{verb}/{id}"), |stage| {
            let old = stage.world.tickets.get(&id).map(|row| row.ticket.clone()).ok_or_else(|| no_ticket(id))?;
            let mut new = old.clone();
            edit(&mut new, stage)?;
            new.info.last_updated = stage.second();
            TECHNICIAN.clone_into(&mut new.info.updated_by);
            let nothing = || Effect::TicketChanged { ticket: id, external_x_ref: new.external_x_ref.clone(), fields: Vec::new(), by: HAND };
            let effect = connectwise::change_of(&old, &new, HAND).unwrap_or_else(nothing);
            let (now, lag) = (stage.now(), stage.world.search_lag());
            if let Some(row) = stage.world.tickets.get_mut(&id) {
                row.change(new, now, lag);
            }
            Ok(effect)
        })
    }
}

/// Gives a ticket a status, with what goes with being open or closed.
fn put_status(ticket: &mut Ticket, status: &BoardStatus, stage: &Stage) {
    ticket.status.id = status.id;
    ticket.status.name = Some(status.name.clone());
    if status.closed_status && !ticket.closed_flag {
        ticket.closed_date = Some(stage.second());
        ticket.closed_by = Some(TECHNICIAN.to_owned());
    } else if !status.closed_status {
        ticket.closed_date = None;
        ticket.closed_by = None;
    }
    ticket.closed_flag = status.closed_status;
}

fn no_ticket(id: i32) -> NoSuch {
    NoSuch(format!("ticket {id}"))
}
