//! Whether a ticket rule can be meant.

use super::rule::{Attach, Per, RuleSource, TicketRule};
use super::text::{OF_DETECTIONS, OF_GROUPS, Template};
use crate::mapping::RuleFault;

/// The most characters of a rule's name.
const MOST_NAME: usize = 60;
/// The most characters of the template of a summary.
const MOST_SUMMARY: usize = 200;
/// The most characters of the template of a text.
const MOST_TEXT: usize = 4_000;
/// The most tickets a rule may open in one pass.
const MOST_TICKETS: u32 = 100;
/// Minutes: a week.
const LONGEST_DELAY: u32 = 7 * 24 * 60;
/// Minutes: thirty days.
const LONGEST_CLOSE: u32 = 30 * 24 * 60;
/// Days.
const LONGEST_RETURN: u32 = 365;
/// Hours: a year.
const LONGEST_DUE: u32 = 365 * 24;

/// The fields of a rule about a group, for whoever named another.
const FIELDS: &str = "Use {device}, {company}, {group}, {rule}, {entered}, {system}, {address} or {serial}.";

/// The fields of a rule about detections.
const DETECTION_FIELDS: &str = "Use {device}, {company}, {rule}, {entered}, {system}, {address}, {serial}, {detection}, {severity}, {object}, {occurred} or {detections}.";

impl TicketRule {
    /// What cannot be meant about it, in the order of its form. Empty for a rule that can be saved. Whether the board has its
    /// statuses and types is for whoever holds the board to say.
    pub fn check(&self) -> Vec<RuleFault> {
        let Self { name, source, per, target, lifecycle, cap, summary, text, attach, .. } = self;
        let long = |text: &str, most: usize| text.chars().count() > most;
        let (connection, group, foreign, fields) = match source {
            RuleSource::Group { connection, group } => (connection, Some(group), OF_DETECTIONS, FIELDS),
            RuleSource::Detections { connection, .. } => (connection, None, OF_GROUPS, DETECTION_FIELDS),
        };
        let detections = group.is_none();
        let unknown = |text: &str| Template::parse(text).map_or(true, |template| template.names_any(foreign));
        let close = lifecycle.close_after_minutes.unwrap_or_default();
        let due = target.due_hours.unwrap_or(1);
        let once = "A ticket that is closed could not be told from an open one.";
        let tests = [
            (name.trim().is_empty(), "name", "A rule has a name.", "Say in a few words what it is for."),
            (long(name, MOST_NAME), "name", "A name has at most 60 characters.", "Shorten it."),
            (name.contains(char::is_control), "name", "A name is one line.", "Take the line breaks out."),
            (connection.as_str().is_empty(), "source.connection", "No console is chosen.", "Choose one of the connections."),
            (
                group.is_some_and(|group| group.as_str().is_empty()),
                "source.group.group",
                "No group is chosen.",
                "Choose one of its groups.",
            ),
            (detections && *per == Per::Group, "per", "Detections are on devices, and not on a group.", "Choose a ticket for each device."),
            (target.psa.as_str().is_empty(), "target.psa", "No ConnectWise is chosen.", "Choose one of the connections."),
            (target.open_status == target.closed_status, "target.closed_status", once, "Choose another status for closed tickets."),
            (due == 0, "target.due_hours", "A ticket is due after an hour at the earliest.", "Leave it empty to name no due date."),
            (due > LONGEST_DUE, "target.due_hours", "A ticket is due within a year.", "Use at most 8,760 hours."),
            (
                lifecycle.delay_minutes > LONGEST_DELAY,
                "lifecycle.delay_minutes",
                "A delay is at most a week.",
                "Use at most 10,080 minutes.",
            ),
            (
                detections && lifecycle.close_after_minutes.is_some(),
                "lifecycle.close_after_minutes",
                "ESET does not say when a detection is over.",
                "Leave it empty: people close these tickets.",
            ),
            (close > LONGEST_CLOSE, "lifecycle.close_after_minutes", "A ticket is closed within 30 days.", "Use at most 43,200 minutes."),
            (
                lifecycle.return_days > LONGEST_RETURN,
                "lifecycle.return_days",
                "A return is looked for within a year.",
                "Use at most 365 days.",
            ),
            (*cap == 0, "cap", "A rule may open a ticket in a pass.", "Use at least 1; switch the rule off to open none."),
            (
                *cap > MOST_TICKETS,
                "cap",
                "A pass opens at most 100 tickets of a rule.",
                "Use at most 100; the rest is told in one summary.",
            ),
            (summary.trim().is_empty(), "summary", "A ticket has a summary.", "Write one, as in: {device} is in {group}."),
            (
                long(summary, MOST_SUMMARY),
                "summary",
                "A summary has at most 200 characters.",
                "Shorten it; ConnectWise keeps 100 of the filled in one.",
            ),
            (unknown(summary), "summary", "The summary names a field there is none of.", fields),
            (long(text, MOST_TEXT), "text", "A text has at most 4,000 characters.", "Shorten it."),
            (
                *attach == Attach::AttachOrCreate && target.configuration_type.is_none(),
                "target.configuration_type",
                "No type is chosen for the configurations that are made.",
                "Choose one, or attach only what there is.",
            ),
            (unknown(text), "text", "The text names a field there is none of.", fields),
        ];
        let fault = |(_, field, title, remedy)| RuleFault { field, title, remedy };
        tests.into_iter().filter(|(wrong, ..)| *wrong).map(fault).collect()
    }
}

#[cfg(test)]
#[path = "rule_tests.rs"]
pub(super) mod tests;
