//! Each house rule as a test, and tests of the finding itself.

use super::*;

const NOTHING: Vec<String> = Vec::new();

fn rule_is_kept(index: usize) {
    assert_eq!(forbidden_words(&RULES[index], &written_files().unwrap()), NOTHING);
}

#[test]
fn the_rules_know_no_platform() {
    rule_is_kept(0);
}

#[test]
fn the_platform_is_met_at_the_edge_of_the_edge_only() {
    rule_is_kept(1);
}

#[test]
fn nothing_panics() {
    rule_is_kept(2);
}

#[test]
fn kv_values_are_read_as_text() {
    rule_is_kept(3);
}

#[test]
fn no_style_attribute() {
    rule_is_kept(4);
}

#[test]
fn no_file_is_longer_than_a_room() {
    assert_eq!(long_files(&written_files().unwrap()), NOTHING);
}

#[test]
fn no_inline_script() {
    assert_eq!(inline_scripts(&written_files().unwrap()), NOTHING);
}

#[test]
fn no_trace_of_the_machine_a_file_was_written_on() {
    assert_eq!(machine_traces(&written_files().unwrap()), NOTHING);
}

#[test]
fn one_wasm_bindgen() {
    assert_eq!(several_bindgens().unwrap(), NOTHING);
}

#[test]
fn words_are_found_where_a_rule_holds_and_nowhere_else() {
    for (path, text, expected) in [
        ("worker/server/src/http/mod.rs", "use worker::Env;", 1),
        ("worker/server/src/http/mod.rs", "use server::http;", 0),
        ("worker/server/src/http/mod.rs", "    #[worker::send]", 0),
        ("worker/server/src/http/mod.rs", "/// As `worker::Env`", 0),
        ("worker/edge/src/platform/kv.rs", "use worker::Env;", 0),
        ("worker/server/src/http/mod.rs", "#[cfg(test)]\nmod tests {\n    use worker::Env;\n}\n", 0),
        ("worker/server/src/http/mod.rs", "#[cfg(test)]\nmod tests;\nuse worker::Env;\n", 1),
        ("worker/server/src/http/router_tests.rs", "use worker::Env;", 0),
    ] {
        let file = [Written { path: path.to_owned(), text: text.to_owned() }];
        assert_eq!(forbidden_words(&RULES[1], &file).len(), expected, "{path}: {text}");
    }
}

#[test]
fn paths_of_a_machine_are_told_from_folders_of_ours() {
    for (text, expected) in [(concat!("see /ho", "me/me/notes"), 1), ("shared/work/plan.rs", 0), ("https://example.com/home/", 0)] {
        let file = [Written { path: "docs/a.md".to_owned(), text: text.to_owned() }];
        assert_eq!(machine_traces(&file).len(), expected, "{text}");
    }
}
