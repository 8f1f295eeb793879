//! A restart with a state file.

use serde_json::json;
use simulator::{Options, Simulator};

use crate::rig::Rig;

struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("simulator-{name}-{}.jsonl", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_restart_on_the_same_ports() {
    let scratch = Scratch::new("restart");
    let options = Options { companies: 20, state: Some(scratch.0.clone()), ..Options::default() };
    let rig = Rig::start(options.clone()).await;
    let world = rig.simulator.world();
    let before = world.additions();
    let (first, second, third) = (&before[0], &before[1], &before[2]);
    let path = format!("finance/agreements/{}/additions/{}", first.agreement_id, first.id);
    assert_eq!(rig.patch(&path, json!([{ "op": "replace", "path": "quantity", "value": 99 }])).await.status, 200);
    world.delete_addition(second.id).unwrap();
    let copy = world.duplicate_addition(third.id).unwrap();
    world.upgrade_codebase();
    let (additions, settings) = (world.additions(), world.settings());
    let port = rig.simulator.addresses().control.rsplit_once(':').unwrap().1.parse::<u16>().unwrap();
    rig.simulator.stop().await;

    let rig = Rig::start(options).await;
    let world = rig.simulator.world();
    assert_eq!(world.additions(), additions);
    assert_eq!(world.settings(), settings);
    assert_eq!((world.addition(first.id).unwrap().quantity, world.addition(second.id)), (99.0, None));
    assert!(world.duplicate_addition(third.id).unwrap() > copy, "ids are not used again");
    assert!(std::net::TcpListener::bind(("127.0.0.1", port)).is_ok(), "the port is free again");
}

#[tokio::test]
async fn a_file_of_another_world_is_refused_and_kept() {
    let scratch = Scratch::new("another");
    let options = Options { companies: 3, state: Some(scratch.0.clone()), ..Options::default() };
    drop(Rig::start(options.clone()).await);
    let kept = std::fs::read_to_string(&scratch.0).unwrap();
    let error = Simulator::start(Options { seed: 2, ..options }).await.unwrap_err();
    assert!(format!("{error:#}").contains("it holds seed 1 with 3 companies"), "{error:#}");
    assert_eq!(std::fs::read_to_string(&scratch.0).unwrap(), kept);

    std::fs::write(&scratch.0, "somebody's notes").unwrap();
    let options = Options { state: Some(scratch.0.clone()), ..Options::default() };
    assert!(Simulator::start(options).await.is_err());
    assert_eq!(std::fs::read_to_string(&scratch.0).unwrap(), "somebody's notes");
}

#[tokio::test]
async fn a_line_cut_short_by_a_kill_is_dropped_and_what_follows_is_kept() {
    let scratch = Scratch::new("cut");
    let options = Options { companies: 1, state: Some(scratch.0.clone()), ..Options::default() };
    let rig = Rig::start(options.clone()).await;
    let addition = rig.simulator.world().additions()[0].id;
    rig.simulator.world().edit_addition(addition, 31.0).unwrap();
    drop(rig);
    let mut text = std::fs::read_to_string(&scratch.0).unwrap();
    text.push_str("{\"table\":\"additions\",\"ke");
    std::fs::write(&scratch.0, text).unwrap();

    let rig = Rig::start(options.clone()).await;
    assert!((rig.simulator.world().additions()[0].quantity - 31.0).abs() < f64::EPSILON);
    rig.simulator.world().edit_addition(addition, 32.0).unwrap();
    drop(rig);
    let rig = Rig::start(options).await;
    assert!((rig.simulator.world().additions()[0].quantity - 32.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_file_from_before_the_service_desk_is_still_read() {
    let scratch = Scratch::new("before");
    let options = Options { companies: 1, state: Some(scratch.0.clone()), ..Options::default() };
    let rig = Rig::start(options.clone()).await;
    rig.simulator.world().upgrade_codebase();
    let highest = rig.simulator.world().tickets()[0].id;
    drop(rig);
    let text = std::fs::read_to_string(&scratch.0).unwrap();
    let (header, line) = text.trim_end().split_once('\n').unwrap();
    let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
    let settings = line["row"].as_object_mut().unwrap();
    for name in
        ["last_ticket_id", "last_note_id", "last_configuration_id", "search_lag", "no_list_delta", "wrong_region", "protect_revoked"]
    {
        assert!(settings.remove(name).is_some(), "{name}");
    }
    std::fs::write(&scratch.0, format!("{header}\n{line}\n")).unwrap();

    let rig = Rig::start(options).await;
    assert_eq!(rig.simulator.world().settings().codebase, "v2027_1/");
    let company = rig.simulator.world().cw_companies()[0].id;
    let made = rig.post("service/tickets", json!({ "summary": "x", "company": { "id": company } })).await;
    assert_eq!(made.body["id"], highest + 1, "an id of its own");
}
