//! Ticket rules, and the service desk they work on.

use chrono::TimeDelta;
use domain::access::Visibility;
use domain::ids::{BoardId, ConnectionId, PsaCompanyId, StatusId};
use domain::tickets::{Attach, Lifecycle, Mute, MuteScope, Per, RuleSource, Severity, TicketRule, TicketTarget};
use engine::IntentState;
use simulator::{Fault, FaultKind, Note, Options, Report, Ticket, Vendor};
use store::ledger::{MuteRow, TicketIntentRow, TicketLogFilter};

use crate::TestInstall;

/// The group above all others in ESET PROTECT.
pub const ALL: &str = "00000000-0000-0000-7001-000000000001";

impl TestInstall {
    /// An install with all three vendors connected and read, everything sure mapped, under a clock that stands until something
    /// moves it.
    pub async fn with_tickets(companies: usize) -> Self {
        let now = "2026-11-10T12:00:00Z".parse().ok();
        Self::still(Options { companies, now, ..Options::default() }, 400).await.ready_for_tickets().await
    }

    /// Another install beside this one, as far as [`TestInstall::with_tickets`] comes.
    pub async fn beside_with_tickets(&self) -> Self {
        self.beside().await.ready_for_tickets().await
    }

    async fn ready_for_tickets(self) -> Self {
        self.connect().await;
        self.connect_groups(&self.eset_connect()).await;
        self.sync().await;
        self.map_everything_sure().await;
        self.settle().await;
        self
    }

    /// A new, empty dynamic group, and a rule that watches it, as it is when a person has filled in the form.
    pub async fn rule(&self, name: &str) -> TicketRule {
        let group = self.simulator.world().create_group(name, ALL, true).expect("a group");
        // The name of the group is read with the tree.
        self.clock.advance(86_400);
        self.cron().await;
        self.rule_on(name, &group).await
    }

    /// A rule that watches a group there is already.
    pub async fn rule_on(&self, name: &str, group: &str) -> TicketRule {
        let world = self.simulator.world();
        let board = world.boards().into_iter().find(|board| !board.inactive_flag).expect("a board");
        let statuses = world.statuses();
        let status = |closed: bool| {
            let mut fitting = statuses.iter().filter(|status| status.board.id == board.id && !status.inactive);
            fitting.find(|status| status.closed_status == closed).map(|status| StatusId(status.id.into())).expect("a status")
        };
        let catch_all = world.cw_companies().into_iter().rfind(|company| !company.deleted_flag).expect("a company");
        TicketRule {
            id: format!("rule-{name}").as_str().into(),
            name: name.to_owned(),
            enabled: true,
            source: RuleSource::Group { connection: ConnectionId(self.connection("ESET Connect").await), group: group.into() },
            per: Per::Device,
            target: TicketTarget {
                psa: ConnectionId(self.connection("ConnectWise").await),
                board: BoardId(board.id.into()),
                kind: None,
                subtype: None,
                item: None,
                team: None,
                priority: None,
                source: None,
                open_status: status(false),
                closed_status: status(true),
                contact: None,
                catch_all: PsaCompanyId(catch_all.id.into()),
                due_hours: None,
                configuration_type: None,
            },
            lifecycle: Lifecycle { delay_minutes: 10, close_after_minutes: Some(10), ..Lifecycle::default() },
            cap: 10,
            summary: "{device} is in {group}".to_owned(),
            text: "{device} of {company} needs a look since {entered}.".to_owned(),
            attach: Attach::Nothing,
        }
    }

    /// A rule that watches what ESET Connect detects, from medium on and of every kind.
    pub async fn detection_rule(&self, name: &str) -> TicketRule {
        Self::for_detections(&self.rule(name).await)
    }

    /// The same rule, made one that watches what ESET Connect detects.
    pub fn for_detections(rule: &TicketRule) -> TicketRule {
        TicketRule {
            source: RuleSource::Detections {
                connection: rule.source.connection().clone(),
                severity_at_least: Severity::Medium,
                categories: Vec::new(),
            },
            lifecycle: Lifecycle { delay_minutes: 0, close_after_minutes: None, ..Lifecycle::default() },
            summary: "{detection} on {device}".to_owned(),
            text: "{detections} on {device} of {company}: {detection}, {severity}, in {object}, {occurred}.".to_owned(),
            ..rule.clone()
        }
    }

    /// Lets a device report that something was found on it, some minutes ago; returns the detection's id.
    pub fn detect(&self, device: &str, minutes_ago: i64, report: Report) -> String {
        let occur_time = Some(self.tenant.now() - TimeDelta::minutes(minutes_ago));
        self.simulator.world().report(Report { device: device.to_owned(), occur_time, ..report }).expect("a device")
    }

    /// Stores a rule.
    pub fn store_rule(&self, rule: &TicketRule) {
        self.tenant.ledger.ticket_rules().store(rule, self.tenant.now()).expect("a rule");
    }

    /// Mutes something from now on.
    pub fn mute(&self, scope: MuteScope, mute: Mute, reason: &str) {
        let (id, name, by) = (self.tenant.new_id(), String::new(), "tests".to_owned());
        let row = MuteRow { id, scope, name, mute, reason: reason.to_owned(), by, at: self.tenant.now() };
        self.tenant.ledger.mutes().store(&row).expect("stored");
    }

    /// A mute that begins now and lasts some hours.
    pub fn muted(&self, hours: i64) -> Mute {
        let from = self.tenant.now();
        Mute::Muted { from, until: from + TimeDelta::hours(hours) }
    }

    /// The group a rule watches.
    pub fn watched(&self, rule: &TicketRule) -> String {
        match &rule.source {
            RuleSource::Group { group, .. } => group.0.clone(),
            RuleSource::Detections { .. } => panic!("a rule that watches no group"),
        }
    }

    /// Puts devices into a rule's group.
    pub fn enter(&self, rule: &TicketRule, devices: &[String]) {
        self.simulator.world().put_into_group(&self.watched(rule), devices).expect("devices");
    }

    /// Takes devices out of it.
    pub fn leave(&self, rule: &TicketRule, devices: &[String]) {
        self.simulator.world().take_out_of_group(&self.watched(rule), devices).expect("devices");
    }

    /// Ids of so many devices.
    pub fn devices(&self, count: usize) -> Vec<String> {
        let devices: Vec<String> = self.simulator.world().devices().into_iter().take(count).map(|device| device.uuid).collect();
        assert_eq!(devices.len(), count, "the world has so many devices");
        devices
    }

    /// Lets so many passes go by, ten minutes each.
    pub async fn passes(&self, count: usize) {
        for _ in 0..count {
            self.clock.advance(600);
            self.cron().await;
        }
    }

    /// The tickets that bear our mark, the oldest first.
    pub fn our_tickets(&self) -> Vec<Ticket> {
        let ours = |ticket: &Ticket| ticket.external_x_ref.as_deref().is_some_and(|mark| mark.starts_with("seatbridge:"));
        self.simulator.world().tickets().into_iter().filter(ours).collect()
    }

    /// Tickets that were made through the API, whatever became of them.
    pub fn tickets_made(&self) -> usize {
        use simulator::{Actor, Effect};
        let made = |entry: &simulator::Entry| matches!(entry.effect, Some(Effect::TicketCreated { by: Actor::Api, .. }));
        self.simulator.world().journal().iter().filter(|entry| made(entry)).count()
    }

    /// Those of them that are open.
    pub fn open_tickets(&self) -> Vec<Ticket> {
        let mut tickets = self.our_tickets();
        tickets.retain(|ticket| !ticket.closed_flag);
        tickets
    }

    /// The notes in a ticket that we wrote.
    pub fn our_notes(&self, ticket: i32) -> Vec<Note> {
        let mut notes = self.simulator.world().notes();
        notes.retain(|note| note.ticket_id == ticket && note.text.contains("[seatbridge:"));
        notes
    }

    /// Events of the tickets' log, the oldest first.
    pub fn ticket_events(&self) -> Vec<String> {
        let (mut rows, _) =
            self.tenant.ledger.ticket_log().page(&Visibility::Everything, &TicketLogFilter::default(), None, u32::MAX).expect("rows");
        rows.reverse();
        rows.into_iter().map(|row| row.event).collect()
    }

    /// Every intent on a ticket in one of these states.
    pub fn ticket_intents(&self, states: &[IntentState]) -> Vec<TicketIntentRow> {
        states.iter().flat_map(|state| self.tenant.ledger.ticket_intents().in_state(*state).expect("intents")).collect()
    }

    /// Breaks calls of the console or of ConnectWise.
    pub fn fault(&self, vendor: Vendor, method: &str, path: &str, times: Option<u32>, kind: FaultKind) {
        let (method, path_contains) = (Some(method.to_owned()), Some(path.to_owned()));
        self.simulator.world().inject(Fault { vendor, method, path_contains, times, skip: 0, every: None, kind });
    }

    /// Lets hours go by in which the install does not come to rest, for calls that fail are tried again and again.
    pub async fn hours(&self, hours: u32) {
        for _ in 0..hours * 6 {
            self.clock.advance(600);
            self.tenant.on_cron().await.expect("a cron");
            for _ in 0..20 {
                self.tenant.on_alarm().await;
            }
        }
    }

    /// Moves the clock ahead without anything being done.
    pub fn outage(&self, hours: i64) {
        self.clock.advance(TimeDelta::hours(hours).num_seconds());
    }
}
