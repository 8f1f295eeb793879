//! What the built Worker asks the platform for.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use worker_tests::Install;

#[tokio::test]
async fn a_maintenance_window_keeps_to_the_clocks_of_its_zone() -> Result<()> {
    let install = Install::empty(1).await?;
    install.connect_console().await?;
    let connections = install.get("/api/connections").await?;
    let scope = json!({ "of": "device", "connection": connections[0]["id"], "device": "none" });
    let ask = async |zone: &str| {
        let mute = json!({ "kind": "weekly", "days": [0, 1, 2, 3, 4, 5, 6], "begins": "00:00:00", "minutes": 1440, "zone": zone });
        let asked = json!({ "scope": scope, "silence": mute, "reason": "patches" });
        install.answer(Method::POST, "/api/silences", Some(&asked)).await
    };
    // Midnight there, by UTC; Berlin's is another one in summer.
    let table: [(&str, &[&str]); 4] = [
        ("UTC", &["T00:00:00Z"]),
        ("Asia/Kolkata", &["T18:30:00Z"]),
        ("America/Phoenix", &["T07:00:00Z"]),
        ("Europe/Berlin", &["T23:00:00Z", "T22:00:00Z"]),
    ];
    for (zone, midnight) in table {
        let (status, made) = ask(zone).await?;
        let until = made["quiet_until"].as_str().with_context(|| format!("{status}: {made}"))?;
        assert!(midnight.iter().any(|end| until.ends_with(end)), "{zone}: {until}");
    }
    for zone in ["Atlantis", "", "Europe/Berlin\u{0}"] {
        let (_, refused) = ask(zone).await?;
        assert_eq!(refused["field"], Value::from("silence.zone"), "{zone:?}: {refused}");
    }
    Ok(())
}
