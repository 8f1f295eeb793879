//! What makes a rule one that cannot be meant.

use super::*;
use crate::ids::PsaCompanyId;
use crate::tickets::example::{rule, target};
use crate::tickets::{Attach, DetectionCategory, Lifecycle, Paused, Per, Severity, Standing, paused};

fn changed(change: impl FnOnce(&mut TicketRule)) -> TicketRule {
    let mut rule = rule();
    change(&mut rule);
    rule
}

#[test]
fn a_rule_that_cannot_be_meant_is_refused_by_its_field() {
    let table: [(TicketRule, &[&str]); 28] = [
        (rule(), &[]),
        (changed(|rule| rule.name = " ".to_owned()), &["name"]),
        (changed(|rule| rule.name = "x".repeat(60)), &[]),
        (changed(|rule| rule.name = "x".repeat(61)), &["name"]),
        (changed(|rule| rule.name = "two\nlines".to_owned()), &["name"]),
        (
            changed(|rule| rule.source = RuleSource::Group { connection: "".into(), group: "".into() }),
            &["source.connection", "source.group.group"],
        ),
        (changed(|rule| rule.target.psa = "".into()), &["target.psa"]),
        (changed(|rule| rule.target.closed_status = rule.target.open_status), &["target.closed_status"]),
        (changed(|rule| rule.target.due_hours = Some(0)), &["target.due_hours"]),
        (changed(|rule| rule.target.due_hours = Some(8_760)), &[]),
        (changed(|rule| rule.target.due_hours = Some(8_761)), &["target.due_hours"]),
        (changed(|rule| rule.target.due_hours = None), &[]),
        (changed(|rule| rule.lifecycle.delay_minutes = 10_080), &[]),
        (changed(|rule| rule.lifecycle.delay_minutes = 10_081), &["lifecycle.delay_minutes"]),
        (changed(|rule| rule.lifecycle.close_after_minutes = Some(43_201)), &["lifecycle.close_after_minutes"]),
        (changed(|rule| rule.lifecycle.close_after_minutes = None), &[]),
        (changed(|rule| rule.lifecycle.return_days = 366), &["lifecycle.return_days"]),
        (changed(|rule| rule.cap = 0), &["cap"]),
        (changed(|rule| rule.cap = 100), &[]),
        (changed(|rule| rule.cap = 101), &["cap"]),
        (changed(|rule| rule.attach = Attach::AttachOrCreate), &["target.configuration_type"]),
        (
            changed(|rule| {
                rule.attach = Attach::AttachOrCreate;
                rule.target.configuration_type = Some(crate::ids::ConfigurationTypeId(3));
            }),
            &[],
        ),
        (changed(|rule| rule.summary = "\n".to_owned()), &["summary"]),
        (changed(|rule| rule.summary = "{devise}".to_owned()), &["summary"]),
        (changed(|rule| rule.summary = "x".repeat(201)), &["summary"]),
        (changed(|rule| rule.text = "{nothing}".repeat(500)), &["text", "text"]),
        (changed(|rule| rule.text = String::new()), &[]),
        (changed(|rule| (rule.cap, rule.name) = (0, String::new())), &["name", "cap"]),
    ];
    for (rule, fields) in table {
        let faults = rule.check();
        assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), fields, "{rule:?}");
        assert!(faults.iter().all(|fault| fault.title.ends_with('.') && fault.remedy.ends_with('.')));
    }
}

#[test]
fn the_remedy_names_every_field_there_is() {
    let known = Template::parse("{devise}").expect_err("a typing error").to_string();
    let (_, names) = known.split_once("the fields are ").expect("names");
    for name in names.split(", ") {
        let field = format!("{{{name}}}");
        assert_eq!(FIELDS.contains(&field), !OF_DETECTIONS.contains(&name), "{name}");
        assert_eq!(DETECTION_FIELDS.contains(&field), !OF_GROUPS.contains(&name), "{name}");
    }
}

#[test]
fn a_rule_about_detections_is_about_devices_closes_nothing_and_has_fields_of_its_own() {
    let about = |change: fn(&mut TicketRule)| {
        changed(|rule| {
            rule.source = RuleSource::Detections { connection: "c".into(), severity_at_least: Severity::Low, categories: Vec::new() };
            rule.lifecycle.close_after_minutes = None;
            rule.summary = "{detection} on {device}".to_owned();
            change(rule);
        })
    };
    let table: [(TicketRule, &[&str]); 6] = [
        (about(|_| ()), &[]),
        (about(|rule| rule.per = Per::Group), &["per"]),
        (about(|rule| rule.lifecycle.close_after_minutes = Some(60)), &["lifecycle.close_after_minutes"]),
        (about(|rule| rule.summary = "{device} is in {group}".to_owned()), &["summary"]),
        (about(|rule| rule.text = "{detections} {severity} {object} {occurred}".to_owned()), &[]),
        (changed(|rule| rule.text = "{severity}".to_owned()), &["text"]),
    ];
    for (rule, fields) in table {
        assert_eq!(rule.check().iter().map(|fault| fault.field).collect::<Vec<_>>(), fields, "{rule:?}");
    }
}

#[test]
fn a_rule_of_a_few_words_is_off_and_careful() {
    let json = r#"{"id":"r","name":"n","source":{"group":{"connection":"c","group":"g"}},"summary":"s","text":"",
        "target":{"psa":"cw","board":1,"open_status":1,"closed_status":2,"catch_all":3}}"#;
    let rule: TicketRule = serde_json::from_str(json).expect("a rule");
    assert_eq!((rule.enabled, rule.cap, rule.per, rule.attach), (false, 10, Per::Device, Attach::Nothing));
    assert_eq!(rule.lifecycle, Lifecycle::default());
    assert!(serde_json::from_str::<TicketRule>(&json.replace("\"text\"", "\"test\"")).is_err());
    let whole = serde_json::to_string(&rule).expect("JSON");
    assert_eq!(serde_json::from_str::<TicketRule>(&whole).expect("a rule"), rule);
}

#[test]
fn a_detection_is_taken_by_how_severe_and_of_which_kind_it_is() {
    use DetectionCategory::*;
    let source = |severity_at_least, categories: &[DetectionCategory]| RuleSource::Detections {
        connection: "c".into(),
        severity_at_least,
        categories: categories.to_vec(),
    };
    let table = [
        (source(Severity::Medium, &[]), Some(Severity::Low), Some(Hips), false),
        (source(Severity::Medium, &[]), Some(Severity::Medium), Some(Hips), true),
        (source(Severity::Medium, &[]), Some(Severity::High), None, true),
        (source(Severity::High, &[]), None, None, true),
        (source(Severity::Low, &[Antivirus, Hips]), Some(Severity::High), Some(Hips), true),
        (source(Severity::Low, &[Antivirus]), Some(Severity::High), Some(Hips), false),
        (source(Severity::Low, &[Antivirus]), Some(Severity::High), None, true),
        (rule().source, Some(Severity::High), Some(Antivirus), false),
    ];
    for (source, severity, category, taken) in table {
        assert_eq!(source.takes(severity, category), taken, "{source:?} of {severity:?} {category:?}");
    }
}

#[test]
fn a_rule_is_paused_by_what_is_gone_from_connectwise() {
    use Standing::*;
    let table: [(Standing, Standing, Standing, bool, &[Paused]); 6] = [
        (Usable, Usable, Usable, true, &[]),
        (Inactive, Usable, Usable, true, &[Paused::BoardInactive]),
        (Gone, Gone, Gone, true, &[Paused::BoardGone]),
        (Usable, Inactive, Gone, true, &[Paused::OpenStatusInactive, Paused::ClosedStatusGone]),
        (Usable, Gone, Inactive, false, &[Paused::OpenStatusGone, Paused::ClosedStatusInactive, Paused::CatchAllGone]),
        (Usable, Usable, Usable, false, &[Paused::CatchAllGone]),
    ];
    for (board, open, closed, company, reasons) in table {
        let status = |id| if id == target().open_status { open } else { closed };
        assert_eq!(paused(&target(), board, status, |id| company && id == PsaCompanyId(2)), reasons);
        assert!(reasons.iter().all(|reason| reason.message().contains("ConnectWise")));
    }
}
