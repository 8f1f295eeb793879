//! Tests of an edit of many rules at once.

use serde_json::json;

use super::*;
use crate::ids::PriorityId;
use crate::tickets::example::{rule, target};
use crate::tickets::{Lifecycle, TicketTarget};

fn edited(change: Value) -> Result<TicketRule, EditError> {
    let Value::Object(change) = change else { panic!("fields") };
    rule().edited(&change)
}

#[test]
fn what_is_named_is_set_what_is_null_is_emptied_and_the_rest_stays() {
    let change = json!({ "cap": 3, "lifecycle": { "close_after_minutes": null }, "target": { "priority": 7, "due_hours": null } });
    let wanted = TicketRule {
        cap: 3,
        lifecycle: Lifecycle { close_after_minutes: None, ..rule().lifecycle },
        target: TicketTarget { priority: Some(PriorityId(7)), due_hours: None, ..target() },
        ..rule()
    };
    assert_eq!(edited(change), Ok(wanted));
    assert_eq!(edited(json!({})), Ok(rule()));
}

#[test]
fn what_makes_a_rule_that_rule_is_not_changed_of_many() {
    for field in ["id", "name", "source", "per", "enabled", "nonsense"] {
        let refused = edited(json!({ field: 1 })).expect_err(field);
        assert_eq!(refused, EditError::NotOfMany(field.to_owned()));
        assert_eq!(refused.field(), field);
    }
}

#[test]
fn a_value_that_does_not_fit_is_refused_by_its_field() {
    let table = [
        (json!({ "cap": -1 }), "cap"),
        (json!({ "cap": null, "lifecycle": { "delay_minutes": "soon" } }), "lifecycle.delay_minutes"),
        (json!({ "target": { "board": null } }), "target"),
        (json!({ "target": { "bord": 1 } }), "target.bord"),
        (json!({ "lifecycle": 5 }), "lifecycle"),
    ];
    for (change, field) in table {
        assert_eq!(edited(change.clone()).expect_err("a misfit").field(), field, "{change}");
    }
}

#[test]
fn merging_is_that_of_rfc_7396() {
    // Appendix A, those whose patch is an object.
    let table = [
        (json!({ "a": "b" }), json!({ "a": "c" }), json!({ "a": "c" })),
        (json!({ "a": "b" }), json!({ "b": "c" }), json!({ "a": "b", "b": "c" })),
        (json!({ "a": "b" }), json!({ "a": null }), json!({})),
        (json!({ "a": "b", "b": "c" }), json!({ "a": null }), json!({ "b": "c" })),
        (json!({ "a": ["b"] }), json!({ "a": "c" }), json!({ "a": "c" })),
        (json!({ "a": "c" }), json!({ "a": ["b"] }), json!({ "a": ["b"] })),
        (json!({ "a": { "b": "c" } }), json!({ "a": { "b": "d", "c": null } }), json!({ "a": { "b": "d" } })),
        (json!({ "a": [{ "b": "c" }] }), json!({ "a": [1] }), json!({ "a": [1] })),
        (json!({ "e": null }), json!({ "a": 1 }), json!({ "e": null, "a": 1 })),
        (json!([1, 2]), json!({ "a": "b", "c": null }), json!({ "a": "b" })),
        (json!({}), json!({ "a": { "bb": { "ccc": null } } }), json!({ "a": { "bb": {} } })),
    ];
    for (mut value, change, merged) in table {
        let Value::Object(change) = change else { panic!("fields") };
        merge(&mut value, &change);
        assert_eq!(value, merged);
    }
}
