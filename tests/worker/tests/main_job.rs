//! The main job on the built Worker: sync, pass by cron, approval, one change.

use anyhow::Result;
use serde_json::Value;
use worker_tests::Install;

#[tokio::test]
async fn ordered_seats_become_a_quantity_once() -> Result<()> {
    let install = Install::ready(1).await?;
    let lines = install.lines("to_approve").await?;
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["line"]["ordered"], &lines[0]["line"]["billed"]), (&Value::from(27), &Value::from("25")));
    assert_eq!(install.approve(&lines).await?, 1);
    install.at_rest().await?;
    assert_eq!(install.changes().into_values().collect::<Vec<_>>(), [1]);
    assert_eq!(install.lines("done").await?.len(), 1);
    install.cron().await?;
    install.at_rest().await?;
    assert_eq!(install.changes().into_values().collect::<Vec<_>>(), [1], "the cron finds nothing more to do");
    Ok(())
}

#[tokio::test]
async fn what_is_mapped_to_commit_by_itself_does_so_after_a_change_that_a_person_approved() -> Result<()> {
    let install = Install::empty(1).await?;
    install.connect().await?;
    install.sync().await?;
    install.map_everything_sure(true).await?;
    install.at_rest().await?;
    install.post("/api/passes", &serde_json::json!({ "kind": "billing" })).await?;
    install.at_rest().await?;
    assert!(install.changes().is_empty(), "a mapping alone writes nothing");
    let lines = install.lines("to_approve").await?;
    install.approve(&lines).await?;
    install.at_rest().await?;
    assert_eq!(install.changes().into_values().collect::<Vec<_>>(), [1]);
    let world = install.simulator.world();
    let licence = world.licenses().first().map(|licence| licence.public_license_key.clone()).unwrap_or_default();
    world.set_seats(&licence, 28)?;
    install.sync().await?;
    install.at_rest().await?;
    assert_eq!(install.changes().into_values().collect::<Vec<_>>(), [2]);
    Ok(())
}

#[tokio::test]
async fn the_cron_syncs_by_itself_when_a_sync_is_due() -> Result<()> {
    let install = Install::empty(20).await?;
    install.connect().await?;
    install.cron().await?;
    install.at_rest().await?;
    let passes = install.get("/api/passes").await?;
    let done: Vec<_> = passes["items"].as_array().into_iter().flatten().map(|pass| (pass["kind"].clone(), pass["state"].clone())).collect();
    for kind in ["sync", "read", "billing"] {
        assert!(done.contains(&(Value::from(kind), Value::from("done"))), "{kind}: {passes}");
    }
    assert!(install.get("/api/companies?state=unmapped").await?["total"].as_u64().is_some_and(|total| total > 0));
    Ok(())
}

#[tokio::test]
async fn what_was_stored_survives_a_killed_runtime() -> Result<()> {
    let install = Install::ready(20).await?;
    let before = install.get("/api/month?segment=all&limit=500").await?;
    install.served.kill().await?;
    assert_eq!(install.get("/api/month?segment=all&limit=500").await?, before);
    Ok(())
}
