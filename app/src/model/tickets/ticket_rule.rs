//! The form of a ticket rule. Its fields are called by their paths in the contract, so that what the Worker refuses finds its field.

use domain::json::strict::{read, read_value};
use domain::tickets::TicketRule;
use serde_json::{Map, Value, json};

use super::rule_source::{CATEGORIES, WATCHES, is_other, watch, watches_detections};
use crate::model::typed::{Complaint, Typed};

/// Fields that hold text, choices by name and ids as they are.
const TEXTS: [&str; 12] = [
    "name",
    "source.group.connection",
    "source.group.group",
    "source.detections.connection",
    "source.detections.severity_at_least",
    "per",
    "target.psa",
    "summary",
    "text",
    "attach",
    "lifecycle.on_return",
    "id",
];

/// Fields that hold a number; those that may be left empty after those that may not.
const NUMBERS: [(&str, bool); 17] = [
    ("target.board", true),
    ("target.open_status", true),
    ("target.closed_status", true),
    ("target.catch_all", true),
    ("lifecycle.delay_minutes", true),
    ("lifecycle.return_days", true),
    ("cap", true),
    ("target.kind", false),
    ("target.subtype", false),
    ("target.item", false),
    ("target.team", false),
    ("target.priority", false),
    ("target.source", false),
    ("target.contact", false),
    ("target.due_hours", false),
    ("target.configuration_type", false),
    ("lifecycle.close_after_minutes", false),
];

/// What has to be chosen before anything can be made of a rule, in the order of the form, with what is said while it is not.
const REQUIRED: [(&str, &str); 9] = [
    ("name", "Say in a few words what the rule is for."),
    ("source.group.connection", "Choose the console its group is in."),
    ("source.group.group", "Choose the group it watches."),
    ("source.detections.connection", "Choose the console that detects it."),
    ("target.psa", "Choose the ConnectWise its tickets go to."),
    ("target.board", "Choose a board."),
    ("target.open_status", "Choose the status new tickets begin in."),
    ("target.closed_status", "Choose the status a ticket is closed by."),
    ("target.catch_all", "Choose the company of devices whose own is not mapped, so that no ticket goes nowhere."),
];

/// A form that nothing is chosen in yet.
pub(crate) fn blank() -> Typed {
    let mut typed = Typed::default();
    for (field, value) in [
        ("attach", "attach"),
        ("lifecycle.close_after_minutes", "60"),
        ("lifecycle.return_days", "7"),
        ("lifecycle.on_return", "reopen"),
        ("cap", "10"),
    ] {
        typed.set(field, value.to_owned());
    }
    watch(&mut typed, "group");
    typed
}

/// A rule in its form.
pub(crate) fn typed(rule: &TicketRule) -> Typed {
    let written = serde_json::to_string(rule).unwrap_or_default();
    let rule: Value = read(written.as_bytes()).unwrap_or_default();
    let mut typed = Typed::default();
    typed.set(WATCHES, if rule.pointer("/source/group").is_some() { "group" } else { "detections" }.to_owned());
    for field in fields() {
        match rule.pointer(&format!("/{}", field.replace('.', "/"))) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => typed.set(field, text.clone()),
            Some(Value::Array(words)) => typed.set(field, words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
            Some(value) => typed.set(field, value.to_string()),
        }
    }
    typed
}

/// The rule that was typed in, switched on or off as before.
///
/// # Errors
/// The first field that cannot be meant, with what is wrong with it.
pub(crate) fn rule(typed: &Typed, enabled: bool) -> Result<TicketRule, Complaint> {
    let detections = watches_detections(typed);
    let wanted = |field: &str| !is_other(field, detections);
    if let Some((field, words)) = REQUIRED.into_iter().find(|(field, _)| wanted(field) && typed.get(field).is_empty()) {
        return Err((field, words.to_owned()));
    }
    let source = if detections { json!({ "detections": {} }) } else { json!({ "group": {} }) };
    let mut written = json!({ "enabled": enabled, "source": source, "target": {}, "lifecycle": {} });
    let chosen = typed.get(CATEGORIES).split(',').filter(|word| !word.is_empty());
    put(&mut written, CATEGORIES, chosen.collect());
    for field in TEXTS {
        // A text is kept as it was typed: blanks and lines are a part of it.
        put(&mut written, field, Value::String(if field == "text" { typed.raw(field) } else { typed.get(field).to_owned() }));
    }
    for (field, required) in NUMBERS {
        let value = match typed.get(field) {
            _ if detections && field == "lifecycle.close_after_minutes" => Value::Null,
            "" if !required => Value::Null,
            text => Value::from(text.parse::<i64>().map_err(|_| (field, "Type a whole number.".to_owned()))?),
        };
        put(&mut written, field, value);
    }
    if detections {
        put(&mut written, "per", "device".into());
    }
    let rule: TicketRule = read_value(written).map_err(|error| {
        let field = field_named(error.path()).unwrap_or("name");
        (field, "Type a whole number that is not below zero, nor very large.".to_owned())
    })?;
    match rule.check().into_iter().next() {
        None => Ok(rule),
        Some(fault) => Err((field_named(fault.field).unwrap_or("name"), format!("{} {}", fault.title, fault.remedy))),
    }
}

/// Puts a value at a path, where all but its last part is there: what the rule does not watch is left out.
fn put(written: &mut Value, field: &str, value: Value) {
    let (inside, name) = field.rsplit_once('.').unwrap_or(("", field));
    let pointer = if inside.is_empty() { String::new() } else { format!("/{}", inside.replace('.', "/")) };
    let place: Option<&mut Map<String, Value>> = written.pointer_mut(&pointer).and_then(Value::as_object_mut);
    if let Some(place) = place {
        place.insert(name.to_owned(), value);
    }
}

fn fields() -> impl Iterator<Item = &'static str> {
    TEXTS.into_iter().chain([CATEGORIES]).chain(NUMBERS.into_iter().map(|(field, _)| field))
}

/// The field a problem is about: `rule.target.board` and `target.board` are the same.
pub(crate) fn field_named(problem_field: &str) -> Option<&'static str> {
    let inside = problem_field.strip_prefix("rule.").unwrap_or(problem_field);
    match inside {
        "source" => Some("source.group.group"),
        "source.connection" => Some("source.group.connection"),
        _ => fields().find(|field| *field == inside),
    }
}

/// What a choice takes along: fields that stand under it, and are chosen anew.
pub(crate) fn under(field: &str) -> &'static [&'static str] {
    match field {
        "source.group.connection" => &["source.group.group"],
        "target.psa" => &[
            "target.board",
            "target.open_status",
            "target.closed_status",
            "target.kind",
            "target.subtype",
            "target.item",
            "target.team",
            "target.priority",
            "target.source",
            "target.contact",
            "target.catch_all",
            "target.configuration_type",
        ],
        "target.board" => &["target.open_status", "target.closed_status", "target.kind", "target.subtype", "target.item", "target.team"],
        "target.kind" => &["target.subtype", "target.item"],
        "target.subtype" => &["target.item"],
        // A contact is a person of one company.
        "target.catch_all" => &["target.contact"],
        _ => &[],
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::ids::{BoardId, ContactId, PriorityId, PsaCompanyId, StatusId, TicketTypeId};
    use domain::tickets::{Attach, DetectionCategory, Lifecycle, Per, Return, RuleSource, Severity, TicketTarget};

    use super::*;

    pub(crate) fn known() -> TicketRule {
        TicketRule {
            id: "r".into(),
            name: "Not protected".to_owned(),
            enabled: true,
            source: RuleSource::Group { connection: "c".into(), group: "g".into() },
            per: Per::Group,
            target: TicketTarget {
                psa: "psa".into(),
                board: BoardId(1),
                kind: Some(TicketTypeId(10)),
                subtype: None,
                item: None,
                team: None,
                priority: Some(PriorityId(3)),
                source: None,
                open_status: StatusId(4),
                closed_status: StatusId(5),
                contact: Some(ContactId(8)),
                catch_all: PsaCompanyId(6),
                due_hours: Some(8),
                configuration_type: None,
            },
            lifecycle: Lifecycle { delay_minutes: 0, close_after_minutes: None, return_days: 3, on_return: Return::New },
            cap: 7,
            summary: "{device}".to_owned(),
            text: " {device}\nneeds a look".to_owned(),
            attach: Attach::Attach,
        }
    }

    #[test]
    fn a_rule_comes_out_of_its_form_as_it_went_in() {
        assert_eq!(rule(&typed(&known()), true), Ok(known()));
        for categories in [vec![], vec![DetectionCategory::Antivirus, DetectionCategory::HipsRule]] {
            let source = RuleSource::Detections { connection: "c".into(), severity_at_least: Severity::High, categories };
            let lifecycle = Lifecycle { close_after_minutes: None, ..known().lifecycle };
            let detections = TicketRule { source, lifecycle, per: Per::Device, ..known() };
            assert_eq!(rule(&typed(&detections), true), Ok(detections));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_said_at_its_field() {
        let table = [
            ("name", "", Some("name")),
            ("source.group.group", "", Some("source.group.group")),
            ("target.board", "", Some("target.board")),
            ("target.catch_all", "", Some("target.catch_all")),
            ("target.closed_status", "4", Some("target.closed_status")),
            ("target.due_hours", "0", Some("target.due_hours")),
            ("target.due_hours", "", None),
            ("target.due_hours", "soon", Some("target.due_hours")),
            ("lifecycle.delay_minutes", "-1", Some("lifecycle.delay_minutes")),
            ("lifecycle.delay_minutes", "", Some("lifecycle.delay_minutes")),
            ("lifecycle.close_after_minutes", "30", None),
            ("cap", "0", Some("cap")),
            ("summary", "{devise}", Some("summary")),
            ("text", "{devise}", Some("text")),
            ("attach", "attach_or_create", Some("target.configuration_type")),
        ];
        for (field, value, wrong) in table {
            let mut form = typed(&known());
            form.set(field, value.to_owned());
            assert_eq!(rule(&form, true).err().map(|(field, _)| field), wrong, "{field}: {value}");
        }
    }

    #[test]
    fn a_blank_form_asks_for_what_is_missing_and_for_nothing_else() {
        let mut form = blank();
        let values = [("name", "n"), ("source.group.connection", "c"), ("source.group.group", "g"), ("target.psa", "p")];
        let numbers = [("target.board", "1"), ("target.open_status", "2"), ("target.closed_status", "3"), ("target.catch_all", "4")];
        let required = REQUIRED.into_iter().filter(|(field, _)| !is_other(field, false));
        for ((asked, _), (field, value)) in required.zip(values.into_iter().chain(numbers)) {
            assert_eq!(rule(&form, false).err().map(|(field, _)| field), Some(asked));
            form.set(field, value.to_owned());
        }
        assert_eq!(rule(&form, false).map(|rule| (rule.enabled, rule.lifecycle)), Ok((false, Lifecycle::default())));
    }

    #[test]
    fn a_refusal_finds_its_field() {
        assert_eq!(field_named("rule.target.kind"), Some("target.kind"));
        assert_eq!(field_named("source.connection"), Some("source.group.connection"));
        assert_eq!(field_named("source"), Some("source.group.group"));
        assert_eq!(field_named("nobodys"), None);
        for field in fields() {
            assert!(under(field).iter().all(|below| fields().any(|known| known == *below)), "{field}");
        }
    }
}
