//! What a ticket rule watches, in its form: a device group, or what a console detects.

use domain::json::strict::read_value;
use domain::tickets::{DetectionCategory, Severity};
use serde_json::Value;

use crate::model::typed::Typed;

/// Which of the two it is: `group` or `detections`. Not a field of the contract.
pub(crate) const WATCHES: &str = "watches";

/// The kinds of detections, with commas between them; empty for all.
pub(crate) const CATEGORIES: &str = "source.detections.categories";

/// How severe a detection has to be at least, the mildest first.
pub(crate) const SEVERITIES: [(&str, &str); 5] =
    [("diagnostic", "Diagnostic"), ("informational", "Informational"), ("low", "Low"), ("medium", "Medium"), ("high", "High")];

/// The kinds of detections there are.
pub(crate) const KINDS: [(&str, &str); 10] = [
    ("antivirus", "Malware"),
    ("network_intrusion", "Network attack"),
    ("web_access", "Blocked site"),
    ("firewall_rule", "Firewall rule"),
    ("hips", "HIPS"),
    ("hips_rule", "HIPS rule"),
    ("suspicious_activity", "Suspicious activity"),
    ("vulnerability", "Vulnerability"),
    ("application_patch", "Application patch"),
    ("correlation_rule", "ESET Inspect rule"),
];

/// What stands in the form of a rule until somebody types: of one about a group, and of one about detections.
const USUAL: [(&str, [&str; 2]); 5] = [
    ("per", ["device", "device"]),
    ("source.detections.severity_at_least", ["", "medium"]),
    ("lifecycle.delay_minutes", ["30", "0"]),
    ("summary", ["{device} is in {group}", "{detection} on {device}"]),
    (
        "text",
        [
            "{device} of {company} has been in the group {group} since {entered}.\n\nSystem: {system}\nAddress: {address}\nSerial number: {serial}",
            "{detections} on {device} of {company}. The newest: {detection}, severity {severity}, {occurred}.\n\nFound in: {object}\nSystem: {system}\nAddress: {address}\nSerial number: {serial}",
        ],
    ),
];

/// Fields a template can name, with what they stand for: of every rule, and of those about groups or about detections alone.
const FIELDS: [(&str, &str, &[&str]); 13] = [
    ("{device}", "the device’s name; the group’s where a group has one ticket as a whole", &["group", "detections"]),
    ("{detection}", "what was detected last", &["detections"]),
    ("{severity}", "how severe that is", &["detections"]),
    ("{object}", "the file or address it was found in", &["detections"]),
    ("{occurred}", "when it happened", &["detections"]),
    ("{detections}", "how much was detected since the last ticket or note, as in “3 detections”", &["detections"]),
    ("{company}", "its company as ESET calls it", &["group", "detections"]),
    ("{group}", "the group", &["group"]),
    ("{rule}", "this rule’s name", &["group", "detections"]),
    ("{entered}", "when it came into the group, or something was detected first", &["group", "detections"]),
    ("{system}", "its operating system", &["group", "detections"]),
    ("{address}", "its local address", &["group", "detections"]),
    ("{serial}", "its serial number", &["group", "detections"]),
];

/// Whether the rule watches detections.
pub(crate) fn watches_detections(typed: &Typed) -> bool {
    typed.get(WATCHES) == "detections"
}

/// Whether a field is about what the rule does not watch.
pub(crate) fn is_other(field: &str, detections: bool) -> bool {
    field.starts_with(if detections { "source.group." } else { "source.detections." })
}

/// What a template of such a rule can name, with what it stands for.
pub(crate) fn template_fields(detections: bool) -> Vec<(&'static str, &'static str)> {
    let kind = if detections { "detections" } else { "group" };
    FIELDS.into_iter().filter(|(.., of)| of.contains(&kind)).map(|(field, what, _)| (field, what)).collect()
}

/// Chooses what the rule watches. What nobody has typed over becomes what is usual for it.
pub(crate) fn watch(typed: &mut Typed, kind: &'static str) {
    let detections = kind == "detections";
    typed.set(WATCHES, kind.to_owned());
    for (field, [of_group, of_detections]) in USUAL {
        let (before, now) = if detections { (of_group, of_detections) } else { (of_detections, of_group) };
        let raw = typed.raw(field);
        if raw.is_empty() || raw == before {
            typed.set(field, now.to_owned());
        }
    }
}

/// Chooses a kind of detections, or takes it back.
pub(crate) fn toggle(typed: &mut Typed, kind: &'static str) {
    let words = KINDS.into_iter().map(|(word, _)| word).filter(|word| is_chosen(typed, word) != (*word == kind));
    let chosen = words.collect::<Vec<_>>().join(",");
    typed.set(CATEGORIES, chosen);
}

/// Whether a kind of detections is chosen.
pub(crate) fn is_chosen(typed: &Typed, kind: &str) -> bool {
    typed.get(CATEGORIES).split(',').any(|word| word == kind)
}

/// What a rule about detections takes: "detections of high severity: Malware, HIPS".
pub(crate) fn describe(severity: Severity, categories: &[DetectionCategory]) -> String {
    let more = if severity == Severity::High { "" } else { " or higher" };
    let known = |word: &str| read_value::<DetectionCategory>(Value::from(word)).is_ok_and(|kind| categories.contains(&kind));
    let names: Vec<&str> = KINDS.into_iter().filter(|(word, _)| known(word)).map(|(_, name)| name).collect();
    let kinds = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
    format!("detections of {} severity{more}{kinds}", severity.label())
}

#[cfg(test)]
mod tests {
    use domain::tickets::{RuleSource, TicketRule};
    use serde_json::json;

    use super::super::ticket_rule::tests::known;
    use super::super::ticket_rule::{blank, rule, typed};
    use super::*;

    fn detections() -> Typed {
        let mut form = typed(&known());
        watch(&mut form, "detections");
        form.set("source.detections.connection", "c".to_owned());
        form.set("summary", "{device}".to_owned());
        form
    }

    fn source(form: &Typed) -> RuleSource {
        rule(form, true).map(|rule| rule.source).expect("a rule")
    }

    #[test]
    fn a_rule_about_detections_needs_a_console_and_no_group() {
        let mut form = blank();
        watch(&mut form, "detections");
        form.set("name", "Malware".to_owned());
        assert_eq!(rule(&form, false).err().map(|(field, _)| field), Some("source.detections.connection"));
        for (field, value) in [
            ("source.detections.connection", "c"),
            ("target.psa", "p"),
            ("target.board", "1"),
            ("target.open_status", "2"),
            ("target.closed_status", "3"),
            ("target.catch_all", "4"),
        ] {
            form.set(field, value.to_owned());
        }
        let made: TicketRule = rule(&form, false).expect("a rule");
        let watched = RuleSource::Detections { connection: "c".into(), severity_at_least: Severity::Medium, categories: Vec::new() };
        assert_eq!((made.source, made.lifecycle.close_after_minutes, made.lifecycle.delay_minutes), (watched, None, 0));
        assert_eq!(made.summary, "{detection} on {device}");
    }

    #[test]
    fn what_was_typed_stays_when_something_else_is_watched() {
        let mut form = blank();
        form.set("summary", "Look at {device}".to_owned());
        watch(&mut form, "detections");
        assert_eq!((form.get("summary"), form.get("lifecycle.delay_minutes")), ("Look at {device}", "0"));
        watch(&mut form, "group");
        assert_eq!((form.get("summary"), form.get("lifecycle.delay_minutes")), ("Look at {device}", "30"));
        assert!(form.raw("text").contains("{group}"));
    }

    #[test]
    fn kinds_are_chosen_and_taken_back_in_their_order() {
        let mut form = detections();
        for kind in ["hips", "antivirus", "hips", "web_access"] {
            toggle(&mut form, kind);
        }
        assert_eq!((form.get(CATEGORIES), is_chosen(&form, "hips"), is_chosen(&form, "antivirus")), ("antivirus,web_access", false, true));
        let RuleSource::Detections { categories, .. } = source(&form) else { panic!("detections") };
        assert_eq!(categories, [DetectionCategory::Antivirus, DetectionCategory::WebAccess]);
    }

    #[test]
    fn every_choice_and_every_field_is_one() {
        for (word, _) in SEVERITIES {
            let mut form = detections();
            form.set("source.detections.severity_at_least", word.to_owned());
            let RuleSource::Detections { severity_at_least, .. } = source(&form) else { panic!("detections") };
            assert_eq!(json!(severity_at_least), json!(word));
        }
        for (word, _) in KINDS {
            let mut form = detections();
            toggle(&mut form, word);
            assert!(rule(&form, true).is_ok(), "{word}");
        }
        for (of, mut form) in [(false, typed(&known())), (true, detections())] {
            form.set("text", template_fields(of).into_iter().map(|(field, _)| field).collect());
            assert_eq!(rule(&form, true).err(), None);
        }
    }

    #[test]
    fn what_is_taken_is_said_in_words() {
        use DetectionCategory::{Antivirus, Hips};
        assert_eq!(describe(Severity::Low, &[]), "detections of low severity or higher");
        assert_eq!(describe(Severity::High, &[Hips, Antivirus]), "detections of high severity: Malware, HIPS");
    }
}
