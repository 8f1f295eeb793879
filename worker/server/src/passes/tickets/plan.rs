//! What is to be done about the cases of a rule, and the intents it becomes.

use std::collections::BTreeMap;
use std::rc::Rc;

use domain::Timestamp;
use domain::billing::Member;
use domain::groups::{GROUPS_SCHEMA, Groups};
use domain::ids::{ConnectionId, DeviceGroupId, DeviceId, PassId, PsaCompanyId};
use domain::mapping::{CompanyChoice, Mappings};
use domain::psa::PsaCatalogue;
use domain::tickets::{Fields, Next, Planned, Severity, Skip, TicketAction, TicketRule, next, plan};
use engine::tickets::{About, DeviceTraits, TicketActionKind, TicketIntent, summary_subject};

use super::muted::{Muted, Mutes};
use super::places::Places;
use super::settle::cases_of;
use super::{Cursor, UNREACHED, group_name, watched};
use crate::passes::input::Readings;
use crate::tenant::TenantError;
use egress::ports::Clock;
use store::ledger::{CaseRow, ConnectionRow, Ledger, NewTicketLog, RuleRow, TicketLabels, Told};
use store::ports::StoreError;

/// The cases of a rule about which something may be done, and what is.
pub(super) struct Due {
    cases: Vec<CaseRow>,
    /// Why each of them is muted, if it is.
    muted: Vec<Option<Muted>>,
    planned: Planned,
}

impl Due {
    /// Whether anything is to be done in ConnectWise.
    pub(super) fn acts(&self) -> bool {
        !self.planned.actions.is_empty() || !self.planned.summary.is_empty()
    }
}

/// What says which ConnectWise company a ticket is for.
pub(super) struct Companies<'g> {
    /// The company that each company's group of the console stands for.
    owners: BTreeMap<&'g DeviceGroupId, Member>,
    mappings: Rc<Mappings>,
    catalogues: BTreeMap<ConnectionId, Rc<PsaCatalogue>>,
}

impl Companies<'_> {
    /// The ConnectWise company of the company that a group stands for; none when it is not mapped there, or was deleted.
    fn of(&self, psa: &ConnectionId, group: &DeviceGroupId) -> Option<PsaCompanyId> {
        let Member { connection, company } = self.owners.get(group)?;
        let Some(CompanyChoice::Mapped(target)) = self.mappings.company(connection, company) else { return None };
        let there = self.catalogues.get(psa).is_none_or(|catalogue| catalogue.companies.contains_key(&target.company));
        (target.psa == *psa && there).then_some(target.company)
    }
}

/// Plans what is to be done about the cases of rules.
#[derive(Clone, Copy)]
pub struct Planner<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) clock: &'a dyn Clock,
    pub(super) readings: Readings<'a>,
    pub(super) places: Places<'a>,
}

impl Planner<'_> {
    /// What is muted.
    pub(super) fn mutes(&self) -> Result<Mutes, StoreError> {
        Mutes::of(self.ledger, self.clock)
    }

    /// What says it for the devices of a console.
    pub(super) async fn companies<'g>(&self, groups: &'g Groups) -> Result<Companies<'g>, TenantError> {
        let (owners, (mappings, _)) = (self.readings.owners().await?.of(groups), self.readings.mappings().await?);
        Ok(Companies { owners, mappings, catalogues: self.readings.catalogues().await? })
    }

    /// The groups of a rule's console as they were last read; none of them when they were not.
    pub(crate) async fn groups_read(&self, rule: &TicketRule) -> Result<Rc<Groups>, TenantError> {
        let connection = rule.source.connection();
        let unread = || {
            let (pass, taken_at) = (PassId(String::new()), self.clock.now());
            Rc::new(Groups { schema: GROUPS_SCHEMA, connection: connection.clone(), pass, taken_at, groups: BTreeMap::new() })
        };
        Ok(self.readings.groups_of(connection).await?.unwrap_or_else(unread))
    }

    /// Plans what is to be done about each rule whose group or detections were read. Answers how many actions there are.
    pub(super) async fn plan(&self, connection: &ConnectionRow, cursor: &Cursor, groups: &Groups) -> Result<usize, TenantError> {
        let companies = if cursor.ready.is_empty() { None } else { Some(self.companies(groups).await?) };
        let now = self.clock.now();
        let (mutes, awake) = (self.mutes()?, self.ledger.ticket_rules().awake()?);
        let mut actions = 0;
        for row in self.ledger.ticket_rules().enabled_of(&connection.id)? {
            if !awake.contains(row.rule.id.as_str()) || !cursor.was_read(&row) {
                continue;
            }
            let due = self.due(&row, &mutes, groups, now)?;
            let ready = companies.as_ref().filter(|_| cursor.ready.contains(&row.rule.id));
            actions += self.carry(&row, due, ready, groups, now)?;
        }
        Ok(actions)
    }

    /// What is to be done about a rule now. A action that has an intent already was done, or waits for a person.
    pub(super) fn due(&self, row: &RuleRow, mutes: &Mutes, groups: &Groups, now: Timestamp) -> Result<Due, StoreError> {
        let rule = &row.rule;
        let (mut cases, mut muted) = (Vec::new(), Vec::new());
        for case in self.ledger.cases().free(&rule.id)? {
            let silent = mutes.over(row, &case, groups);
            let until = silent.as_ref().map(|muted| muted.until);
            if let Next::Do(action) = next(&case.case, &rule.lifecycle, until, now) {
                let (kind, _) = TicketActionKind::of(action);
                let told = kind != TicketActionKind::Close && case.is_told();
                if told || self.ledger.ticket_intents().holds(&TicketIntent::named(&rule.id, &case.subject, case.case.entries, kind))? {
                    continue;
                }
            }
            cases.push(case);
            muted.push(silent);
        }
        let most = rule.cap.saturating_sub(self.openings(row, mutes, groups)?);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let until = |place: usize| muted.get(place).and_then(Option::as_ref).map(|muted: &Muted| muted.until);
        let mut planned = plan(cases.iter().map(|row| &row.case), &rule.lifecycle, most, until, now);
        if most < usize::try_from(rule.cap).unwrap_or(usize::MAX) {
            // Those of the pass before come first: a summary in every pass of an outage would be a storm of its own.
            planned.summary.clear();
        }
        Ok(Due { cases, muted, planned })
    }

    /// How many tickets of a rule are still to be opened. What was put off counts when this pass takes it up: as long as its devices
    /// are muted it is in nobody's way, and when they are not any more it is part of what comes at once.
    fn openings(&self, row: &RuleRow, mutes: &Mutes, groups: &Groups) -> Result<u32, StoreError> {
        let mut openings = self.ledger.ticket_intents().openings_of(&row.rule.id)?;
        for waiting in self.ledger.ticket_intents().openings_put_off(&row.rule.id)? {
            let cases = cases_of(self.ledger, &waiting.intent)?;
            let muted = |case: &CaseRow| mutes.over(row, case, groups).is_some();
            if cases.is_empty() || !cases.iter().all(muted) {
                openings = openings.saturating_add(1);
            }
        }
        Ok(openings)
    }

    /// Makes intents of what is due, and writes down what is left undone for good.
    fn carry(
        &self,
        row: &RuleRow,
        due: Due,
        companies: Option<&Companies<'_>>,
        groups: &Groups,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let Due { mut cases, muted, planned } = due;
        for (case, muted) in cases.iter().zip(muted) {
            if let Some(muted) = muted.filter(|_| case.case.is_in() && case.case.is_new()) {
                self.tell_muted(row, case, &muted, groups, now)?;
            }
        }
        for (place, why) in planned.skips {
            let Some(case) = cases.get_mut(place) else { continue };
            case.case.skip();
            self.ledger.cases().store(case)?;
            let company = company_name(case, groups);
            let words = self.why_skipped(row, case, why)?;
            self.ledger.ticket_log().add(&told_of(row, case, &company, "skipped", &words), now)?;
        }
        // What was put off while the rule was off, paused or muted is looked at again.
        self.ledger.ticket_intents().take_up(&row.rule.id)?;
        let Some(companies) = companies else { return Ok(0) };
        let mut made = 0;
        for (place, action) in planned.actions {
            let Some(case) = cases.get_mut(place) else { continue };
            let there = if action == TicketAction::Open { None } else { self.places.opened_at(case)? };
            let target = match there.map(|there| self.places.placed(&there, Some(&row.rule.target))).transpose()? {
                Some(Some(there)) => there,
                // The rule's own place, for a ticket that is opened there.
                None => row.rule.target.clone(),
                Some(None) => {
                    self.places.let_go(case, UNREACHED)?;
                    continue;
                }
            };
            let about = About { company: company_for(row, case, companies), ..about(row, case, groups) };
            let labels = TicketLabels { group: case.company.clone(), ..labels(row, &about.fields) };
            match TicketIntent::of(&row.rule, action, about) {
                Ok(intent) => made += usize::from(self.ledger.ticket_intents().plan(&intent.on(target), &labels, now)?),
                Err(error) => log::error!("a rule that was checked cannot be filled in: {error}"),
            }
        }
        let mut beyond: Vec<&mut CaseRow> = Vec::new();
        for (place, case) in cases.iter_mut().enumerate() {
            if planned.summary.contains(&place) {
                beyond.push(case);
            }
        }
        if !beyond.is_empty() {
            made += self.sum_up(row, beyond, companies, groups, now)?;
        }
        Ok(made)
    }

    /// Why nothing is done about an entry, with what kept a ticket from being opened in time where that is known.
    fn why_skipped(&self, row: &RuleRow, case: &CaseRow, why: Skip) -> Result<String, StoreError> {
        let words = why.label();
        let (Skip::LeftUnopened, Some(since)) = (why, case.case.entered_at) else { return Ok(words.to_owned()) };
        if let Some(trouble) = &row.trouble {
            return Ok(format!("{words} The rule was paused: {trouble}"));
        }
        if self.ledger.ticket_log().was_logged(&row.rule.id, &case.subject, "muted", since)? {
            return Ok(format!("{words} It was muted meanwhile."));
        }
        Ok(words.to_owned())
    }

    /// Tells in the log, once for each entry, that nothing is opened yet.
    fn tell_muted(&self, row: &RuleRow, case: &CaseRow, muted: &Muted, groups: &Groups, now: Timestamp) -> Result<(), StoreError> {
        if self.ledger.ticket_log().was_logged(&row.rule.id, &case.subject, "muted", case.case.presence.since())? {
            return Ok(());
        }
        let words = format!("Nothing is opened for it before {}: {}", moment(muted.until), muted.reason);
        self.ledger.ticket_log().add(&told_of(row, case, &company_name(case, groups), "muted", &words), now)
    }

    /// One ticket for all that are beyond the cap, which remember it.
    fn sum_up(
        &self,
        row: &RuleRow,
        mut beyond: Vec<&mut CaseRow>,
        companies: &Companies<'_>,
        groups: &Groups,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let rule = &row.rule;
        let subject = summary_subject(beyond.iter().map(|case| (case.subject.as_str(), case.case.entries)));
        let mut named: BTreeMap<Option<DeviceGroupId>, String> = BTreeMap::new();
        let mut names = Vec::new();
        for case in &beyond {
            let company = named.entry(case.company.clone()).or_insert_with(|| company_name(case, groups));
            names.push(if company.is_empty() { case.name.clone() } else { format!("{} ({company})", case.name) });
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        // A ticket for many companies is for none of them.
        let of_one = beyond.first().filter(|_| named.len() == 1).map(|case| company_for(row, case, companies));
        let group = watched(row).map(|group| group_name(groups, group)).unwrap_or_default();
        let fields = Fields { rule: rule.name.as_str().into(), group: group.into(), ..Fields::default() };
        let company = of_one.unwrap_or(rule.target.catch_all);
        let about = About { subject: &subject, entry: 1, company, fields, device: None };
        let labels = TicketLabels { device: format!("{} devices", names.len()), ..labels(row, &about.fields) };
        let intent = match TicketIntent::summary_of(rule, &names, about) {
            Ok(intent) => intent,
            Err(error) => {
                log::error!("a summary cannot be filled in: {error}");
                return Ok(0);
            }
        };
        let new = self.ledger.ticket_intents().plan(&intent, &labels, now)?;
        for case in &mut beyond {
            case.told = Some(Told { intent: intent.id.clone(), entry: case.case.entries });
            self.ledger.cases().store(case)?;
        }
        Ok(usize::from(new))
    }
}

/// Whether something was decided about the last entry of a case: done, failed, or told in a summary.
pub(super) fn is_decided(ledger: &Ledger, case: &CaseRow) -> Result<bool, StoreError> {
    for kind in [TicketActionKind::Open, TicketActionKind::Reopen, TicketActionKind::Note] {
        if ledger.ticket_intents().holds(&TicketIntent::named(&case.rule, &case.subject, case.case.entries, kind))? {
            return Ok(true);
        }
    }
    Ok(case.is_told())
}

/// The ConnectWise company a case's ticket is for.
pub(super) fn company_for(row: &RuleRow, case: &CaseRow, companies: &Companies<'_>) -> PsaCompanyId {
    let target = &row.rule.target;
    let own = case.company.as_ref().and_then(|group| companies.of(&target.psa, group));
    own.unwrap_or(target.catch_all)
}

/// What a case's ticket tells. The company it is for is the rule's catch-all, until it is known better.
pub(super) fn about<'a>(row: &'a RuleRow, case: &'a CaseRow, groups: &Groups) -> About<'a> {
    let TicketRule { name, target, .. } = &row.rule;
    let group = watched(row).map(|group| group_name(groups, group)).unwrap_or_default();
    let (since, findings) = (case.case.presence.since(), case.findings.clone().unwrap_or_default());
    let traits = case.traits.as_ref();
    let of_group = case.subject.starts_with("group:");
    let device = (!of_group).then(|| DeviceTraits {
        id: Some(DeviceId(case.subject.clone())),
        name: case.name.clone(),
        serial: traits.map(|traits| traits.serial.clone()).unwrap_or_default(),
        mac: traits.map(|traits| traits.mac.clone()).unwrap_or_default(),
        more_macs: traits.map(|traits| traits.more_macs.clone()).unwrap_or_default(),
        create: false,
    });
    let fields = Fields {
        device: if of_group && !group.is_empty() { group.clone().into() } else { case.name.as_str().into() },
        company: company_name(case, groups).into(),
        group: group.into(),
        rule: name.as_str().into(),
        entered: moment(since).into(),
        system: traits.map_or("", |traits| traits.system.as_str()).into(),
        address: traits.map_or("", |traits| traits.address.as_str()).into(),
        serial: traits.map_or("", |traits| traits.serial.as_str()).into(),
        detection: findings.newest.name.into(),
        severity: findings.newest.severity.map_or("unknown", Severity::label).into(),
        object: findings.newest.object.into(),
        occurred: findings.newest.occurred_at.map(moment).unwrap_or_default().into(),
        detections: format!("{} {}", findings.count, if findings.count == 1 { "detection" } else { "detections" }).into(),
    };
    About { subject: &case.subject, entry: case.case.entries, company: target.catch_all, fields, device }
}

pub(super) fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) fn company_name(case: &CaseRow, groups: &Groups) -> String {
    case.company.as_ref().and_then(|group| groups.groups.get(group)).map(|group| group.name.clone()).unwrap_or_default()
}

/// The names an intent is told by.
pub(super) fn labels(row: &RuleRow, fields: &Fields<'_>) -> TicketLabels {
    let (rule, device, company) = (row.rule.name.clone(), fields.device.to_string(), fields.company.to_string());
    TicketLabels { rule, device, company, group: None }
}

/// A row of the log about a case.
pub(super) fn told_of<'a>(row: &'a RuleRow, case: &'a CaseRow, company: &'a str, event: &'a str, words: &'a str) -> NewTicketLog<'a> {
    NewTicketLog {
        rule: Some(&row.rule.id),
        rule_name: &row.rule.name,
        subject: &case.subject,
        device: &case.name,
        company,
        group: case.company.as_ref(),
        event,
        words,
        ticket: case.case.ticket.as_ref().map(|ticket| ticket.id),
        psa: case.psa.as_ref(),
        intent: None,
    }
}
