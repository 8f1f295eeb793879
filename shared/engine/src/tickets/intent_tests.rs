//! What was stored of tickets' intents is read.

use super::*;
use crate::Stage;
use domain::tickets::example::target;

#[test]
fn an_intent_is_read_as_it_was_stored_before_its_course_had_a_type() {
    let target = serde_json::to_string(&target()).expect("json");
    let stored = format!(
        r#"{{"id":"i","rule":"r","subject":"d","entry":2,"deed":"open","ticket":null,"target":{target},"company":5,"summary":"s","text":"t",
        "device":null,"configuration":null,"state":"unknown","stage":"writing","epoch":3,"attempts":2,"quiet_reads":1,"sent":true,
        "parts":{{"status":"nothing","note":"nothing","configuration":"nothing","attached":"nothing"}},"came":null,"remarks":[],
        "withdrawn":null,"trouble":{{"since":"2026-11-22T12:00:00Z","words":"503"}},"not_before":"2026-11-22T12:00:30Z","outcome":null}}"#
    );
    let read: TicketIntent = domain::json::read(stored.as_bytes()).expect("an intent");
    assert_eq!((read.state, read.stage, read.epoch, read.attempts, read.quiet_reads), (IntentState::Unknown, Stage::Writing, 3, 2, 1));
    assert!(read.sent && read.holds_case() && read.trouble.as_ref().is_some_and(|trouble| trouble.words == "503"));
    let same: serde_json::Value = serde_json::from_str(&stored).expect("json");
    assert_eq!(serde_json::to_value(&read).expect("json"), same, "and it is written as it was read");

    let without = stored.replace(r#"{"since":"2026-11-22T12:00:00Z","words":"503"}"#, "null");
    let read: TicketIntent = domain::json::read(without.as_bytes()).expect("an intent");
    assert_eq!(read.trouble, None);
}
