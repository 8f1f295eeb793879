//! What holds whatever devices, vendors and people do.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::Timestamp;
use crate::ids::TicketId;

#[derive(Debug, Clone, Copy)]
enum Event {
    /// A whole poll.
    Poll(bool),
    /// So many minutes go by.
    Minutes(u16),
    /// Somebody closes the latest ticket.
    PersonCloses,
    /// Somebody deletes it.
    PersonDeletes,
    /// A mute of so many minutes.
    Mute(u16),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => any::<bool>().prop_map(Event::Poll),
        4 => (1..600_u16).prop_map(Event::Minutes),
        1 => Just(Event::PersonCloses),
        1 => Just(Event::PersonDeletes),
        1 => (1..2_000_u16).prop_map(Event::Mute),
    ]
}

fn rule() -> impl Strategy<Value = Lifecycle> {
    let on_return = prop_oneof![Just(Return::Reopen), Just(Return::New), Just(Return::Nothing)];
    (0..120_u32, proptest::option::of(0..240_u32), 0..10_u32, on_return).prop_map(
        |(delay_minutes, close_after_minutes, return_days, on_return)| Lifecycle {
            delay_minutes,
            close_after_minutes,
            return_days,
            on_return,
        },
    )
}

/// ConnectWise, one device, and a rule that does at once whatever comes next.
struct World {
    now: Timestamp,
    rule: Lifecycle,
    case: Case,
    /// Whether each ticket is open; none when it was deleted.
    tickets: Vec<Option<bool>>,
    muted_until: Option<Timestamp>,
    by_person: bool,
    /// What became of each entry.
    ends: Vec<(u32, Next)>,
}

impl World {
    fn new(rule: Lifecycle) -> Self {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
        Self { now, rule, case: Case::entered(now), tickets: Vec::new(), muted_until: None, by_person: false, ends: Vec::new() }
    }

    fn silent(&self) -> Option<Timestamp> {
        self.muted_until.filter(|end| *end > self.now)
    }

    fn ticket(&self, id: TicketId) -> usize {
        usize::try_from(id.0).expect("a number")
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Poll(is_in) => self.case.observe(is_in, self.now),
            Event::Minutes(minutes) => self.now += TimeDelta::minutes(minutes.into()),
            Event::Mute(minutes) => self.muted_until = Some(self.now + TimeDelta::minutes(minutes.into())),
            Event::PersonCloses | Event::PersonDeletes => {
                let closed = matches!(event, Event::PersonCloses).then_some(false);
                if let Some(last) = self.tickets.last_mut().filter(|last| **last == Some(true)) {
                    *last = closed;
                    self.by_person = true;
                    let id = self.case.ticket.as_ref().expect("a ticket").id;
                    self.case.look_at_ticket(id, closed, self.now);
                }
            }
        }
        self.work();
    }

    /// Does what comes next until nothing does.
    fn work(&mut self) {
        for _ in 0..4 {
            let next = next(&self.case, &self.rule, self.silent(), self.now);
            match next {
                Next::Rest | Next::Wait(_) => return,
                Next::Skip(_) => self.case.skip(),
                Next::Do(TicketAction::Open) => {
                    self.tickets.push(Some(true));
                    self.case.stands_by(TicketId(self.tickets.len() as i64 - 1), false);
                    self.by_person = false;
                }
                Next::Do(TicketAction::Reopen(id)) => {
                    let place = self.ticket(id);
                    assert_eq!(self.tickets[place], Some(false), "only what is closed is opened again");
                    self.tickets[place] = Some(true);
                    self.case.stands_by(id, false);
                    self.by_person = false;
                }
                Next::Do(TicketAction::Note(id)) => {
                    assert_eq!(self.tickets[self.ticket(id)], Some(true), "only what is open is noted in");
                    self.case.stands_by(id, false);
                }
                Next::Do(TicketAction::Close(id)) => {
                    let place = self.ticket(id);
                    assert_eq!(self.tickets[place], Some(true), "only what is open is closed");
                    assert!(!self.case.is_in(), "nothing is closed while the device is in the group");
                    self.tickets[place] = Some(false);
                    self.case.closed(self.now);
                }
            }
            self.ends.push((self.case.entries, next));
        }
        panic!("there is always something more to do");
    }

    fn open(&self) -> usize {
        self.tickets.iter().filter(|ticket| **ticket == Some(true)).count()
    }
}

proptest! {
    #[test]
    fn a_device_never_has_two_open_tickets_and_none_is_lost(rule in rule(), events in proptest::collection::vec(event(), 0..60)) {
        let mut world = World::new(rule);
        world.work();
        for event in events {
            world.happen(event);
            prop_assert!(world.open() <= 1);
        }
        // A month later everything is where it belongs.
        world.muted_until = None;
        world.happen(Event::Minutes(40_000));
        prop_assert!(!world.case.is_new(), "every entry is dealt with");
        let skipped = matches!(world.ends.last(), Some((_, Next::Skip(_))));
        if world.case.is_in() && !world.by_person && !skipped {
            prop_assert_eq!(world.open(), 1, "who is in the group has a ticket: {:?}", world.ends);
        }
        if !world.case.is_in() && rule.close_after_minutes.is_some() {
            prop_assert_eq!(world.open(), 0);
        }
    }

    #[test]
    fn flapping_for_a_day_is_one_ticket(rule in rule(), steps in proptest::collection::vec((any::<bool>(), 1..60_u16), 0..40)) {
        let mut world = World::new(rule);
        let end = world.now + TimeDelta::days(1);
        for (is_in, minutes) in steps {
            world.happen(Event::Poll(is_in));
            world.happen(Event::Minutes(minutes));
            if world.now >= end {
                break;
            }
        }
        prop_assert!(world.tickets.len() <= 1, "{:?}", world.ends);
    }

    #[test]
    fn an_entry_is_told_of_once(rule in rule(), events in proptest::collection::vec(event(), 0..60)) {
        let mut world = World::new(rule);
        world.work();
        events.into_iter().for_each(|event| world.happen(event));
        let told = |next: &Next| matches!(next, Next::Skip(_) | Next::Do(TicketAction::Open | TicketAction::Reopen(_) | TicketAction::Note(_)));
        let mut entries: Vec<u32> = world.ends.iter().filter(|(_, next)| told(next)).map(|(entry, _)| *entry).collect();
        let all = entries.len();
        entries.dedup();
        prop_assert_eq!(entries.len(), all);
    }

    #[test]
    fn a_storm_opens_the_oldest_and_tells_the_rest_in_one(ages in proptest::collection::vec(0..5_000_i64, 0..60), most in 0..20_usize) {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
        let cases: Vec<Case> = ages.iter().map(|age| Case::entered(now - TimeDelta::minutes(*age))).collect();
        let rule = Lifecycle::default();
        let planned = plan(&cases, &rule, most, |_| None, now);
        let due = ages.iter().filter(|age| **age >= 30).count();
        prop_assert_eq!(planned.actions.len(), due.min(most));
        prop_assert_eq!(planned.summary.len(), due.saturating_sub(most));
        let youngest = planned.actions.iter().map(|(place, _)| ages[*place]).min();
        let oldest_left = planned.summary.iter().map(|place| ages[*place]).max();
        prop_assert!(oldest_left.is_none() || youngest.is_none() || oldest_left <= youngest);
        prop_assert_eq!(planned.wakes.is_some(), due < ages.len());
    }

    #[test]
    fn a_summary_is_one_plain_line_of_at_most_a_hundred_characters(name in "\\PC{0,200}|[<>\\n\\t a-z]{0,200}") {
        let template = Template::parse("{device} is in {group}\nand needs a look").expect("a template");
        let text = template.summary(&Fields { device: name.as_str().into(), group: "Not <b>protected</b>".into(), ..Fields::default() });
        prop_assert!(text.chars().count() <= 100);
        prop_assert!(!text.contains(['<', '>', '\n', '\t']));
        prop_assert!(!text.chars().any(char::is_control));
    }
}

#[test]
fn nothing_comes_in_a_burst_when_a_silence_ends() {
    let now = Timestamp::UNIX_EPOCH + TimeDelta::days(20_000);
    let cases = vec![Case::entered(now - TimeDelta::hours(5)); 40];
    let rule = Lifecycle::default();
    let quiet = plan(&cases, &rule, 10, |_| Some(now + TimeDelta::hours(1)), now);
    assert_eq!(quiet, Planned { wakes: Some(now + TimeDelta::hours(1)), ..Planned::default() });
    let after = plan(&cases, &rule, 10, |_| None, now + TimeDelta::hours(1));
    assert_eq!((after.actions.len(), after.summary.len()), (10, 30));
}

#[test]
fn a_template_names_the_field_it_does_not_know_and_keeps_braces_that_are_none() {
    assert_eq!(
        Template::parse("{devise} is ill").expect_err("a typing error").to_string(),
        "there is no field {devise}; the fields are device, company, group, rule, entered, system, address, serial, \
         detection, severity, object, occurred, detections"
    );
    let fields = Fields { device: "PC-042".into(), company: "Acme\nInc.".into(), ..Fields::default() };
    let text = Template::parse("{device} of {company}: {").expect("a template").fill(&fields);
    assert_eq!(text, "PC-042 of Acme Inc.: {");
    assert_eq!(Template::parse("a\nb {device}").expect("a template").fill(&fields), "a\nb PC-042", "the person's own lines stay");
}

#[test]
fn a_marker_is_of_one_rule_one_device_and_one_entry() {
    let rule = |id: &str| crate::ids::TicketRuleId(id.to_owned());
    let mark = marker(&rule("r"), "device", 1);
    assert!(mark.starts_with("seatbridge:") && mark.len() <= 100, "ConnectWise takes 100 characters: {mark}");
    assert_eq!(mark, marker(&rule("r"), "device", 1));
    for other in [marker(&rule("s"), "device", 1), marker(&rule("r"), "other", 1), marker(&rule("r"), "device", 2)] {
        assert_ne!(mark, other);
    }
}
