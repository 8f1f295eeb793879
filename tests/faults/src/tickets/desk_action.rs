//! What devices and people do in a world of tickets.

use domain::tickets::RuleSource;
use engine::IntentState;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::{Fault, FaultKind, Vendor};
use store::ports::Sql;

use crate::run::Run;

/// One doing. Numbers choose among what there is, around the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskAction {
    /// So many devices from this one on come into a rule's group.
    Enter {
        /// Whose group.
        rule: usize,
        /// The first device.
        from: usize,
        /// How many.
        count: usize,
    },
    /// They leave it.
    Leave {
        /// Whose group.
        rule: usize,
        /// The first device.
        from: usize,
        /// How many.
        count: usize,
    },
    /// A device gets another name.
    Rename(usize),
    /// Somebody closes a ticket.
    Close(usize),
    /// Somebody opens one again.
    Reopen(usize),
    /// Somebody deletes one.
    Delete(usize),
    /// Somebody mutes a rule for so many hours.
    Mute(usize, i64),
    /// Somebody takes all mutes back.
    Unmute,
    /// Somebody switches a rule on or off.
    Switch(usize, bool),
    /// From now on a vendor answers nothing but 500.
    Outage(Side),
    /// It answers again.
    Back,
    /// The console answers one read of a group as if it were empty.
    Empty,
    /// The console answers so many reads of groups with this part of who is in them, as if that were all.
    Cut {
        /// Devices that show, in percent.
        percent: u32,
        /// How many reads.
        times: u32,
    },
    /// Somebody says whether the devices that left a rule's group at once are gone.
    Decide {
        /// The rule.
        rule: usize,
        /// Whether they are.
        gone: bool,
    },
    /// Somebody tries everything again that failed or was parked.
    Retry,
    /// The ledger is the one of before the first ticket, as after a backup was put back.
    Forget,
}

/// Who is out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// ESET's console.
    Console,
    /// ConnectWise.
    Desk,
}

impl Run {
    /// Has something done.
    pub(crate) async fn desk(&mut self, action: DeskAction) {
        let world = self.install.simulator.world();
        world.set_now(self.clock());
        match action {
            DeskAction::Enter { rule, from, count } => self.install.enter(self.rule(rule), &self.chosen(from, count)),
            DeskAction::Leave { rule, from, count } => self.install.leave(self.rule(rule), &self.chosen(from, count)),
            DeskAction::Rename(which) => {
                let device = self.chosen(which, 1).remove(0);
                let names = self.desk.names.entry(device.clone()).or_default();
                let name = format!("RENAMED-{which}-{}", names.len());
                world.rename_device(&device, &name).expect("a device");
                names.insert(name);
            }
            DeskAction::Close(which) => {
                if let Some(ticket) = self.ticket(which, |closed| !closed) {
                    world.close_ticket(ticket, None).expect("a ticket");
                }
            }
            DeskAction::Reopen(which) => {
                if let Some(ticket) = self.ticket(which, |closed| closed) {
                    world.reopen_ticket(ticket, None).expect("a ticket");
                }
            }
            DeskAction::Delete(which) => {
                if let Some(ticket) = self.ticket(which, |_| true) {
                    world.delete_ticket(ticket).expect("a ticket");
                }
            }
            DeskAction::Mute(rule, hours) => self.mute(rule, hours).await,
            DeskAction::Unmute => {
                for id in std::mem::take(&mut self.desk.mutes) {
                    self.install.call("DELETE", &format!("/api/silences/{id}"), None::<&Value>).await;
                }
            }
            DeskAction::Switch(rule, on) => {
                let rule = rule % self.desk.rules.len();
                let body = json!({ "rules": [self.desk.rules[rule].id], "enabled": on });
                // While ConnectWise cannot be asked whether the place is there, a rule stays as it is.
                let (status, _) = self.install.post("/api/ticket-rules/switch", &body).await;
                if status == StatusCode::OK {
                    let heard = self.install.wire.heard.borrow().len();
                    self.desk.switched.push((heard, rule, on));
                }
            }
            DeskAction::Outage(side) => {
                let vendor = if side == Side::Console { Vendor::Connect } else { Vendor::ConnectWise };
                world.inject(Fault::new(vendor, FaultKind::Status { code: 500, body: None, retry_after: None }));
            }
            DeskAction::Back => world.clear_faults(),
            DeskAction::Empty => {
                world.inject(Fault::new(Vendor::Connect, FaultKind::EmptyList).on("GET", "/v1/device_groups/").times(1));
            }
            DeskAction::Cut { percent, times } => {
                world.inject(Fault::new(Vendor::Connect, FaultKind::Cut { percent }).on("GET", "/v1/device_groups/").times(times));
            }
            DeskAction::Decide { rule, gone } => self.decide(rule % self.desk.rules.len(), gone).await,
            DeskAction::Forget => self.forget(),
            DeskAction::Retry => {
                for row in self.install.ticket_intents(&[IntentState::Failed, IntentState::Parked]) {
                    self.install.call("POST", &format!("/api/ticket-intents/{}/retry", row.intent.id), None::<&Value>).await;
                }
            }
        }
    }

    async fn decide(&mut self, rule: usize, gone: bool) {
        let address = format!("/api/ticket-rules/{}", self.desk.rules[rule].id).replace(' ', "%20");
        let (_, view) = self.install.call("GET", &address, None::<&Value>).await;
        let body = json!({ "gone": gone, "devices": view["leaves"]["devices"].as_u64().unwrap_or_default() });
        let (status, _) = self.install.post(&format!("{address}/leaves"), &body).await;
        if status == StatusCode::OK {
            let heard = self.install.wire.heard.borrow().len();
            self.desk.decided.push((heard, rule, gone, self.clock()));
        }
    }

    fn forget(&self) {
        for table in ["cases", "ticket_intents"] {
            self.install.sql.run(&format!("DELETE FROM {table}"), &[]).expect("a table");
        }
    }

    async fn mute(&mut self, rule: usize, hours: i64) {
        let from = self.clock();
        let until = from + chrono::TimeDelta::hours(hours);
        let scope = json!({ "of": "rule", "rule": self.rule(rule).id });
        let mute = json!({ "kind": "muted", "from": from, "until": until });
        let (status, answer) =
            self.install.post("/api/silences", &json!({ "scope": scope, "silence": mute, "reason": "they move house" })).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        self.desk.mutes.push(answer["id"].as_str().expect("an id").to_owned());
    }

    fn rule(&self, which: usize) -> &domain::tickets::TicketRule {
        &self.desk.rules[which % self.desk.rules.len()]
    }

    fn chosen(&self, from: usize, count: usize) -> Vec<String> {
        let devices = &self.desk.devices;
        (from..from + count.clamp(1, devices.len())).map(|which| devices[which % devices.len()].clone()).collect()
    }

    fn ticket(&self, which: usize, fits: impl Fn(bool) -> bool) -> Option<i32> {
        let tickets = self.install.our_tickets();
        let fitting: Vec<i32> = tickets.iter().filter(|ticket| fits(ticket.closed_flag)).map(|ticket| ticket.id).collect();
        (!fitting.is_empty()).then(|| fitting[which % fitting.len()])
    }

    /// The group a rule watches.
    pub(super) fn group_of(&self, rule: usize) -> &str {
        match &self.desk.rules[rule].source {
            RuleSource::Group { group, .. } => group.as_str(),
            RuleSource::Detections { .. } => "",
        }
    }
}
