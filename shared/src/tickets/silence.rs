//! When a rule keeps quiet: muted by a person, or under maintenance.

use chrono::{Datelike, NaiveTime, TimeDelta, Weekday};
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ids::{ConnectionId, DeviceGroupId, DeviceId, TicketRuleId};

/// The most days something is muted: what is muted for good is switched off instead, where it can be seen.
pub const MOST_MUTED_DAYS: i64 = 90;

/// A time in which nothing is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Silence {
    /// Once, up to a moment.
    Muted {
        /// From then.
        from: Timestamp,
        /// To then.
        until: Timestamp,
    },
    /// Every week, in UTC.
    Weekly {
        /// The days on which it begins, Monday is 0.
        days: Vec<u8>,
        /// When it begins.
        begins: NaiveTime,
        /// How long it lasts, in minutes; it may reach into the next day.
        minutes: u16,
    },
}

/// What is kept quiet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "of", rename_all = "snake_case", deny_unknown_fields)]
pub enum SilenceScope {
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

/// Where a case stands, for whoever asks what keeps it quiet.
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

impl SilenceScope {
    /// Whether a case is in it.
    pub fn covers(&self, case: Whereabouts<'_>) -> bool {
        match self {
            Self::Rule { rule } => rule == case.rule,
            Self::Group { connection, group } => connection == case.connection && case.groups.contains(group),
            Self::Device { connection, device } => connection == case.connection && device.as_str() == case.subject,
        }
    }
}

impl Silence {
    /// Until when it lasts, if it does now.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Muted { from, until } => (*from <= now && now < *until).then_some(*until),
            Self::Weekly { days, begins, minutes } => {
                let lasts = TimeDelta::minutes((*minutes).into());
                let day = |back: i64| {
                    let date = now.date_naive() - TimeDelta::days(back);
                    let from = date.and_time(*begins).and_utc();
                    let on = days.iter().any(|day| Weekday::try_from(*day) == Ok(date.weekday()));
                    (on && from <= now && now < from + lasts).then_some(from + lasts)
                };
                // At most some 45 days fit into the minutes.
                (0..=i64::from(*minutes / 1440) + 1).filter_map(day).max()
            }
        }
    }
}

/// Until when nothing is opened; none while nobody keeps it quiet. A silence that begins where another ends goes on.
pub fn silent_until(silences: &[&Silence], now: Timestamp) -> Option<Timestamp> {
    let mut end = None;
    // Weekly ones may follow each other for ever. Whoever was told the eighth end asks again by then.
    for _ in 0..8 {
        match silences.iter().filter_map(|silence| silence.until(end.unwrap_or(now))).max() {
            Some(later) => end = Some(later),
            None => break,
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silence_covers_what_it_names_and_no_other_console() {
        let (rule, connection) = (TicketRuleId::from("r"), ConnectionId::from("c"));
        let groups: [DeviceGroupId; 3] = ["watched".into(), "servers".into(), "acme".into()];
        let case = Whereabouts { rule: &rule, connection: &connection, groups: &groups, subject: "pc" };
        let group = |connection: &str, group: &str| SilenceScope::Group { connection: connection.into(), group: group.into() };
        let device = |connection: &str, device: &str| SilenceScope::Device { connection: connection.into(), device: device.into() };
        let table = [
            (SilenceScope::Rule { rule: "r".into() }, true),
            (SilenceScope::Rule { rule: "other".into() }, false),
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
