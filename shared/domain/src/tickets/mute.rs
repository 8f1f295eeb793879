//! When nothing is opened for a rule: muted by a person, or under maintenance.

use chrono::{Datelike, FixedOffset, NaiveDateTime, NaiveTime, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{ConnectionId, DeviceGroupId, DeviceId, TicketRuleId};

/// The most days something is muted: what is muted for good is switched off instead, where it can be seen.
pub const MOST_MUTED_DAYS: i64 = 90;

/// A time in which nothing is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Mute {
    /// Once, up to a moment.
    Muted {
        /// From then.
        from: Timestamp,
        /// To then.
        until: Timestamp,
    },
    /// Every week, by the clocks of a time zone: 22:00 stays 22:00 when they are put forward or back.
    Weekly {
        /// The days on which it begins, Monday is 0.
        days: Vec<u8>,
        /// When it begins.
        begins: NaiveTime,
        /// How long it lasts, in minutes; it may reach into the next day.
        minutes: u16,
        /// Whose clocks: a time zone of the IANA database, such as `Europe/Berlin`.
        #[serde(default = "utc")]
        zone: String,
    },
}

fn utc() -> String {
    "UTC".to_owned()
}

/// What is muted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum MuteScope {
    /// All that a rule would open.
    Rule {
        /// The rule.
        rule: TicketRuleId,
    },
    /// The devices of a group: of a dynamic one those that are in it for the rule that watches it, of a static one also those
    /// below it. The group that stands for a company is the company.
    Group {
        /// The connection to the console.
        connection: ConnectionId,
        /// The group.
        group: DeviceGroupId,
    },
    /// One device.
    Device {
        /// The connection to the console.
        connection: ConnectionId,
        /// The device.
        device: DeviceId,
    },
}

/// Where a case stands, for whoever asks what mutes it.
#[derive(Debug, Clone, Copy)]
pub struct Whereabouts<'a> {
    /// The rule.
    pub rule: &'a TicketRuleId,
    /// The console.
    pub connection: &'a ConnectionId,
    /// The group that is watched, the static group the device is in, and those above it.
    pub groups: &'a [DeviceGroupId],
    /// The device, or whatever else the case is about.
    pub subject: &'a str,
}

impl MuteScope {
    /// Whether a case is in it.
    pub fn covers(&self, case: Whereabouts<'_>) -> bool {
        match self {
            Self::Rule { rule } => rule == case.rule,
            Self::Group { connection, group } => connection == case.connection && case.groups.contains(group),
            Self::Device { connection, device } => connection == case.connection && device.as_str() == case.subject,
        }
    }
}

/// Days ahead for which the times of a mute are laid out.
const DAYS_AHEAD: i64 = 2;

/// When a mute lasts: the times around a moment, up to two days ahead of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times(Vec<(Timestamp, Timestamp)>);

impl Mute {
    /// When it lasts, around `now`. `offset` tells how far the clocks of a time zone are ahead of UTC at a moment.
    pub fn times(&self, now: Timestamp, offset: impl Fn(&str, Timestamp) -> FixedOffset) -> Times {
        match self {
            Self::Muted { from, until } => Times(vec![(*from, *until)]),
            Self::Weekly { days, begins, minutes, zone } => {
                let lasts = TimeDelta::minutes((*minutes).into());
                let offset = |at| offset(zone, at);
                let today = now.with_timezone(&offset(now)).date_naive();
                // At most some 45 days fit into the minutes.
                let dates = (-i64::from(*minutes / 1440) - 1..=DAYS_AHEAD).map(|day| today + TimeDelta::days(day));
                let on = dates.filter(|date| days.iter().any(|day| Weekday::try_from(*day) == Ok(date.weekday())));
                Times(on.map(|date| moment(date.and_time(*begins), offset)).map(|from| (from, from + lasts)).collect())
            }
        }
    }
}

impl Times {
    /// Until when it lasts, if it does at `now`.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter(|(from, until)| (*from..*until).contains(&now)).map(|(_, until)| *until).max()
    }
}

/// The moment at which clocks show this time. Of a time they show twice the first; a time they leave out is as much later as they
/// are put forward (RFC 5545, 3.3.5). They are put forward or back once in two days at most.
fn moment(shown: NaiveDateTime, offset: impl Fn(Timestamp) -> FixedOffset) -> Timestamp {
    let [before, after] = [-1, 1].map(|days| offset(shown.and_utc() + TimeDelta::days(days)));
    let at = |offset: FixedOffset| (shown - offset).and_utc();
    let is_shown_by = |clocks: FixedOffset| offset(at(clocks)) == clocks;
    if !is_shown_by(before) && is_shown_by(after) { at(after) } else { at(before) }
}

/// Until when nothing is opened; none while nobody mutes it. A mute that begins where another ends goes on, as far as
/// its times are laid out: whoever was told an end asks again by then.
pub fn muted_until(mutes: &[&Times], now: Timestamp) -> Option<Timestamp> {
    let mut end = None;
    // Each end is later than the one before, and there are only so many.
    while let Some(later) = mutes.iter().filter_map(|times| times.until(end.unwrap_or(now))).max() {
        end = Some(later);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn hours(hours: i32) -> FixedOffset {
        FixedOffset::east_opt(hours * 3_600).expect("an offset")
    }

    /// Berlin puts its clocks forward on 29 March 2026 from 02:00 to 03:00, and back on 25 October from 03:00 to 02:00.
    fn offset(zone: &str, moment: Timestamp) -> FixedOffset {
        let summer = (at("2026-03-29T01:00:00Z")..at("2026-10-25T01:00:00Z")).contains(&moment);
        match zone {
            "Europe/Berlin" => hours(if summer { 2 } else { 1 }),
            "Pacific/Auckland" => hours(12),
            _ => hours(0),
        }
    }

    fn weekly(days: &[u8], begins: &str, minutes: u16, zone: &str) -> Mute {
        Mute::Weekly { days: days.to_vec(), begins: begins.parse().expect("a time"), minutes, zone: zone.to_owned() }
    }

    const EVERY_DAY: [u8; 7] = [0, 1, 2, 3, 4, 5, 6];

    #[test]
    fn a_window_keeps_to_the_clocks_of_its_zone() {
        let table = [
            ("22:00:00", "UTC", "2026-07-01T22:30:00Z", Some("2026-07-01T23:00:00Z")),
            ("22:00:00", "Europe/Berlin", "2026-01-15T21:00:00Z", Some("2026-01-15T22:00:00Z")),
            ("22:00:00", "Europe/Berlin", "2026-07-01T20:00:00Z", Some("2026-07-01T21:00:00Z")),
            ("22:00:00", "Europe/Berlin", "2026-07-01T21:00:00Z", None),
            ("22:00:00", "Europe/Berlin", "2026-03-28T21:00:00Z", Some("2026-03-28T22:00:00Z")),
            ("22:00:00", "Europe/Berlin", "2026-03-29T20:00:00Z", Some("2026-03-29T21:00:00Z")),
            ("02:30:00", "Europe/Berlin", "2026-03-29T01:29:59Z", None),
            ("02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z", Some("2026-03-29T02:30:00Z")),
            ("02:30:00", "Europe/Berlin", "2026-10-25T00:30:00Z", Some("2026-10-25T01:30:00Z")),
            ("02:30:00", "Europe/Berlin", "2026-10-25T01:30:00Z", None),
            ("00:00:00", "Pacific/Auckland", "2026-07-01T12:00:00Z", Some("2026-07-01T13:00:00Z")),
        ];
        for (begins, zone, now, until) in table {
            let times = weekly(&EVERY_DAY, begins, 60, zone).times(at(now), offset);
            assert_eq!(times.until(at(now)), until.map(at), "{begins} {zone} {now}");
        }
    }

    #[test]
    fn its_day_is_that_of_its_zone() {
        // It is Thursday in Auckland while it is still Wednesday in UTC.
        let now = at("2026-07-01T12:30:00Z");
        let quiet = |day| weekly(&[day], "00:30:00", 60, "Pacific/Auckland").times(now, offset).until(now).is_some();
        assert_eq!((quiet(3), quiet(2)), (true, false));
    }

    #[test]
    fn a_silence_lasts_from_its_beginning_to_its_end_and_follows_on() {
        // 2026-11-22 is a Sunday.
        let sunday_night = weekly(&[6], "22:00:00", 300, "UTC");
        for (now, until) in [
            ("2026-11-22T21:59:59Z", None),
            ("2026-11-22T22:00:00Z", Some("2026-11-23T03:00:00Z")),
            ("2026-11-23T02:59:59Z", Some("2026-11-23T03:00:00Z")),
            ("2026-11-23T03:00:00Z", None),
            ("2026-11-23T22:30:00Z", None),
        ] {
            assert_eq!(sunday_night.times(at(now), offset).until(at(now)), until.map(at), "{now}");
        }
        let muted = Mute::Muted { from: at("2026-11-23T03:00:00Z"), until: at("2026-11-24T00:00:00Z") };
        let both = [&muted, &sunday_night].map(|mute| mute.times(at("2026-11-22T23:00:00Z"), offset));
        assert_eq!(muted_until(&both.each_ref(), at("2026-11-22T23:00:00Z")), Some(at("2026-11-24T00:00:00Z")));
        assert_eq!(muted_until(&both.each_ref(), at("2026-11-24T00:00:00Z")), None);
        let now = at("2026-11-22T23:00:00Z");
        let always = weekly(&EVERY_DAY, "22:00:00", 1_440, "UTC").times(now, offset);
        assert_eq!(muted_until(&[&always], now), Some(at("2026-11-25T22:00:00Z")), "asked again by then");
    }

    #[test]
    fn a_window_of_before_there_were_zones_is_in_utc() {
        let kept = r#"{"kind":"weekly","days":[0],"begins":"22:00:00","minutes":60}"#;
        let read: Mute = serde_json::from_str(kept).expect("a mute");
        assert_eq!(read, weekly(&[0], "22:00:00", 60, "UTC"));
    }

    #[test]
    fn a_silence_covers_what_it_names_and_no_other_console() {
        let (rule, connection) = (TicketRuleId::from("r"), ConnectionId::from("c"));
        let groups: [DeviceGroupId; 3] = ["watched".into(), "servers".into(), "acme".into()];
        let case = Whereabouts { rule: &rule, connection: &connection, groups: &groups, subject: "pc" };
        let group = |connection: &str, group: &str| MuteScope::Group { connection: connection.into(), group: group.into() };
        let device = |connection: &str, device: &str| MuteScope::Device { connection: connection.into(), device: device.into() };
        let table = [
            (MuteScope::Rule { rule: "r".into() }, true),
            (MuteScope::Rule { rule: "other".into() }, false),
            (group("c", "acme"), true),
            (group("c", "other"), false),
            (group("other", "acme"), false),
            (device("c", "pc"), true),
            (device("c", "other"), false),
            (device("other", "pc"), false),
        ];
        for (scope, expected) in table {
            assert_eq!(scope.covers(case), expected, "{scope:?}");
        }
    }
}
