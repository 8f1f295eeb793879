//! How long what Seatbridge stored is kept, and what is kept whatever its age: the current version, what a month that may still be
//! questioned was made from, and what something open refers to.

mod forget;
mod horizon;
#[cfg(test)]
mod retention_laws;

pub use forget::{LEAST_LETTERS, Redaction};
pub use horizon::{Held, HeldMonth, Horizon, StoredVersion};

use serde::{Deserialize, Serialize};

/// How many days each kind of thing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days a snapshot is kept, and the copies in Workers KV of versions that are not current any more.
    pub snapshot_days: u32,
    /// Days after closing a month in which its invoices may be questioned: so long its snapshots are kept, however old they are.
    pub dispute_days: u32,
    /// Days a row of the tickets' log is kept.
    pub ticket_log_days: u32,
    /// Days a share link is listed with its visits after it ended.
    pub visit_days: u32,
    /// Days a pass is kept that found something wrong. One that found nothing wrong is kept for seven days at most.
    pub pass_days: u32,
    /// Days after which what was read through a deleted connection is removed.
    pub deleted_connection_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { snapshot_days: 400, dispute_days: 90, ticket_log_days: 365, visit_days: 365, pass_days: 90, deleted_connection_days: 30 }
    }
}

/// One of the ages a person sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// Its field in [`Retention`].
    pub field: &'static str,
    /// What it is on screen.
    pub label: &'static str,
    /// Why the default is what it is.
    pub reason: &'static str,
    /// The fewest days.
    pub least: u32,
    /// The most days.
    pub most: u32,
    /// Its value.
    pub days: u32,
}

impl Retention {
    /// Every age, in the order of the screen.
    pub fn ages(&self) -> [Age; 6] {
        let age = |field, label, reason, (least, most), days| Age { field, label, reason, least, most, days };
        [
            age(
                "snapshot_days",
                "Snapshots",
                "13 months: whoever questions an invoice compares it with the same month a year before.",
                (60, 3_660),
                self.snapshot_days,
            ),
            age(
                "dispute_days",
                "Snapshots of a closed month, after closing",
                "Three months: an invoice is paid or questioned by then. Snapshots of a month that is not closed are never removed.",
                (30, 730),
                self.dispute_days,
            ),
            age(
                "ticket_log_days",
                "Tickets' log",
                "A year: a device that returns with the seasons is still known. Rows of an open ticket are never removed.",
                (30, 3_660),
                self.ticket_log_days,
            ),
            age(
                "visit_days",
                "Share links that ended, with their visits",
                "A year: what was shown to whom is asked when a contract is renewed.",
                (30, 3_660),
                self.visit_days,
            ),
            age(
                "pass_days",
                "Passes that found something wrong",
                "Three months: long enough to compare with the last outage. Passes without a finding go after seven days.",
                (7, 730),
                self.pass_days,
            ),
            age(
                "deleted_connection_days",
                "Data of a deleted connection",
                "A month: a connection that was deleted by mistake is noticed at the next invoice.",
                (7, 730),
                self.deleted_connection_days,
            ),
        ]
    }

    /// The first age that is not allowed.
    pub fn invalid(&self) -> Option<Age> {
        self.ages().into_iter().find(|age| !(age.least..=age.most).contains(&age.days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_allowed_and_each_field_is_an_age_with_a_reason() {
        let defaults = Retention::default();
        assert_eq!(defaults.invalid(), None);
        let fields = serde_json::to_value(&defaults).expect("JSON");
        let fields = fields.as_object().expect("an object");
        let ages = defaults.ages();
        assert_eq!(fields.len(), ages.len());
        for age in ages {
            assert_eq!(fields[age.field], age.days, "{}", age.field);
            assert!(age.reason.ends_with('.') && !age.label.is_empty());
        }
    }

    #[test]
    fn an_age_outside_its_limits_is_named() {
        type Set = fn(&mut Retention, u32);
        let sets: [(&str, Set); 6] = [
            ("snapshot_days", |ages, days| ages.snapshot_days = days),
            ("dispute_days", |ages, days| ages.dispute_days = days),
            ("ticket_log_days", |ages, days| ages.ticket_log_days = days),
            ("visit_days", |ages, days| ages.visit_days = days),
            ("pass_days", |ages, days| ages.pass_days = days),
            ("deleted_connection_days", |ages, days| ages.deleted_connection_days = days),
        ];
        for (field, set) in sets {
            let limits = Retention::default().ages().into_iter().find(|age| age.field == field).expect("an age");
            for (days, allowed) in [(limits.least - 1, false), (limits.least, true), (limits.most, true), (limits.most + 1, false)] {
                let mut ages = Retention::default();
                set(&mut ages, days);
                assert_eq!(ages.invalid().map(|age| age.field), (!allowed).then_some(field), "{days}");
            }
        }
    }
}
