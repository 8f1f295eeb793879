//! What is muted: its form, and how it reads.

use chrono::{FixedOffset, NaiveDate, NaiveTime, Timelike};
use contract::tickets::{MuteView, NewMute};
use domain::Timestamp;
use domain::tickets::{Mute, MuteScope};

use crate::model::typed::{Complaint, Typed};
use crate::words::long_moment;

/// The days of the week, Monday first, as the contract counts them.
pub(crate) const DAYS: [(&str, &str); 7] = [
    ("day.0", "Monday"),
    ("day.1", "Tuesday"),
    ("day.2", "Wednesday"),
    ("day.3", "Thursday"),
    ("day.4", "Friday"),
    ("day.5", "Saturday"),
    ("day.6", "Sunday"),
];

/// What a box that is ticked holds.
pub(crate) const ON: &str = "true";

/// A form of a mute that begins now, in a time zone.
pub(crate) fn blank(zone: &str) -> Typed {
    let mut typed = Typed::default();
    for (field, value) in [("of", "rule"), ("kind", "muted"), ("begins", "22:00"), ("minutes", "240"), ("zone", zone)] {
        typed.set(field, value.to_owned());
    }
    typed
}

/// What was typed, from `now` on; `zone` tells the browser's time zone at a moment.
///
/// # Errors
/// The first field that cannot be meant, with what is wrong with it.
pub(crate) fn mute(typed: &Typed, now: Timestamp, zone: impl Fn(Timestamp) -> FixedOffset) -> Result<NewMute, Complaint> {
    let chosen = |field: &'static str, words: &str| match typed.get(field) {
        "" => Err((field, words.to_owned())),
        value => Ok(value),
    };
    let scope = match typed.get("of") {
        "group" => MuteScope::Group {
            connection: chosen("connection", "Choose the console its group is in.")?.into(),
            group: chosen("group", "Choose a group.")?.into(),
        },
        "device" => {
            chosen("rule", "Choose the rule that knows the device.")?;
            let device = chosen("device", "Choose one of the devices the rule knows.")?;
            MuteScope::Device { connection: typed.get("connection").into(), device: device.into() }
        }
        _ => MuteScope::Rule { rule: chosen("rule", "Choose a rule.")?.into() },
    };
    let mute = if typed.get("kind") == "weekly" {
        let days: Vec<u8> = (0..).zip(DAYS).filter(|(_, (field, _))| typed.get(field) == ON).map(|(day, _)| day).collect();
        if days.is_empty() {
            return Err(("day.0", "Choose the days on which it begins.".to_owned()));
        }
        let begins = time(typed.get("begins")).ok_or(("begins", "Type a time such as 22:00.".to_owned()))?;
        let minutes = typed.get("minutes").parse::<u16>().ok().filter(|minutes| (1..=1_440).contains(minutes));
        let minutes = minutes.ok_or(("minutes", "Type 1 to 1,440 minutes; that is a day.".to_owned()))?;
        let zone = chosen("zone", "Choose a time zone of the list, such as Europe/Berlin.")?.to_owned();
        Mute::Weekly { days, begins, minutes, zone }
    } else {
        let until = moment(typed.get("until"), zone).filter(|until| *until > now);
        Mute::Muted { from: now, until: until.ok_or(("until", "Choose a later moment, within 90 days.".to_owned()))? }
    };
    let reason = chosen("reason", "Say why it is muted; others see it.")?;
    if reason.chars().count() > 200 {
        return Err(("reason", "Use at most 200 characters.".to_owned()));
    }
    Ok(NewMute { scope, mute, reason: reason.to_owned() })
}

/// The field a problem is about.
pub(crate) fn field_named(problem_field: &str) -> Option<&'static str> {
    match problem_field {
        "silence.until" => Some("until"),
        "silence.days" => Some("day.0"),
        "silence.minutes" => Some("minutes"),
        "silence.zone" => Some("zone"),
        "reason" => Some("reason"),
        "scope" => Some("rule"),
        _ => None,
    }
}

/// When something is muted: "until 24 Nov 2026, 08:00", "Mon, Tue from 22:00 (Europe/Berlin) for 4 h".
pub(crate) fn when(mute: &Mute, zone: impl Fn(Timestamp) -> FixedOffset) -> String {
    match mute {
        Mute::Muted { until, .. } => format!("until {}", long_moment(*until, zone(*until))),
        Mute::Weekly { days, begins, minutes, zone } => {
            let named = days.iter().filter_map(|day| DAYS.get(usize::from(*day))).filter_map(|(_, name)| name.get(..3));
            let named: Vec<&str> = named.collect();
            let days = if named.len() == DAYS.len() { "every day".to_owned() } else { named.join(", ") };
            format!("{days} from {:02}:{:02} ({zone}) for {}", begins.hour(), begins.minute(), lasts(*minutes))
        }
    }
}

fn lasts(minutes: u16) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Whether it is muted now, is over, or waits for its time.
pub(crate) fn standing(view: &MuteView, now: Timestamp) -> &'static str {
    match &view.mute {
        _ if view.quiet_until.is_some_and(|until| now < until) => "Muted now",
        Mute::Muted { until, .. } if *until <= now => "Over",
        _ => "Planned",
    }
}

fn time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(str::parse::<u32>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// A local moment as the browser writes it: `2026-11-24T08:00`.
fn moment(text: &str, zone: impl Fn(Timestamp) -> FixedOffset) -> Option<Timestamp> {
    let (date, clock) = text.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let there = NaiveDate::from_ymd_opt(year, month, day)?.and_time(time(clock)?);
    // The zone's offset is that of the moment itself, which a first guess is close enough to tell.
    let guess = (there - zone(there.and_utc())).and_utc();
    Some((there - zone(guess)).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn berlin(_: Timestamp) -> FixedOffset {
        FixedOffset::east_opt(3_600).expect("an offset")
    }

    /// As the service tells of it at a moment.
    fn seen(made: &NewMute, at: Timestamp) -> MuteView {
        let NewMute { scope, mute, reason } = made.clone();
        let quiet_until = mute.times(at, |_, at| berlin(at)).until(at);
        MuteView { id: "s".to_owned(), scope, name: "Servers".to_owned(), mute, quiet_until, reason, by: "Ada".to_owned(), at }
    }

    fn form(changes: &[(&'static str, &str)]) -> Typed {
        let mut form = blank("Europe/Berlin");
        for (field, value) in [("rule", "r"), ("until", "2026-11-24T08:00"), ("reason", "Moving house")] {
            form.set(field, value.to_owned());
        }
        for (field, value) in changes {
            form.set(field, (*value).to_owned());
        }
        form
    }

    #[test]
    fn a_mute_ends_at_the_moment_that_was_meant_here() {
        let now = at("2026-11-22T12:00:00Z");
        let made = mute(&form(&[]), now, berlin).expect("a mute");
        assert_eq!(made.scope, MuteScope::Rule { rule: "r".into() });
        assert_eq!(made.mute, Mute::Muted { from: now, until: at("2026-11-24T07:00:00Z") });
        assert_eq!(when(&made.mute, berlin), "until 24 Nov 2026, 08:00");
        assert_eq!(standing(&seen(&made, now), now), "Muted now");
        assert_eq!(standing(&seen(&made, now), at("2026-11-24T07:00:00Z")), "Over", "though it was seen before");
    }

    #[test]
    fn a_window_is_weekly_and_in_a_time_zone() {
        let weekly = [("kind", "weekly"), ("day.0", ON), ("day.6", ON), ("begins", "22:30"), ("minutes", "90")];
        let made = mute(&form(&weekly), at("2026-11-24T12:00:00Z"), berlin).expect("a mute");
        assert_eq!(when(&made.mute, berlin), "Mon, Sun from 22:30 (Europe/Berlin) for 1 h 30 min");
        let standing = |seen_at: &str, now: &str| standing(&seen(&made, at(seen_at)), at(now));
        assert_eq!(standing("2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z"), "Planned", "a Tuesday");
        assert_eq!(standing("2026-11-23T22:30:00Z", "2026-11-23T22:59:00Z"), "Muted now", "a Monday");
        assert_eq!(standing("2026-11-23T22:30:00Z", "2026-11-23T23:00:00Z"), "Planned", "it is over for this time");
    }

    #[test]
    fn what_is_missing_is_said_at_its_field() {
        type Case<'a> = (&'a [(&'static str, &'a str)], &'a str);
        let table: [Case<'_>; 10] = [
            (&[("rule", "")], "rule"),
            (&[("of", "group")], "connection"),
            (&[("of", "group"), ("connection", "c")], "group"),
            (&[("of", "device")], "device"),
            (&[("until", "2026-11-20T08:00")], "until"),
            (&[("until", "soon")], "until"),
            (&[("kind", "weekly")], "day.0"),
            (&[("kind", "weekly"), ("day.3", ON), ("minutes", "2000")], "minutes"),
            (&[("kind", "weekly"), ("day.3", ON), ("zone", " ")], "zone"),
            (&[("reason", " ")], "reason"),
        ];
        for (changes, field) in table {
            let refused = mute(&form(changes), at("2026-11-22T12:00:00Z"), berlin).err().map(|(field, _)| field);
            assert_eq!(refused, Some(field), "{changes:?}");
        }
    }
}
