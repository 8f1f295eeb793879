//! A ledger that is taken back to what it was, and the person who lets it write again.

use engine::Intent;
use http::StatusCode;
use serde_json::{Value, json};

use super::Run;
use crate::oracle::Broken;

/// Seconds it takes to take a ledger back: longer than KV shows what was there before.
const RESTORING: i64 = 180;

/// Passes after which a person who waits for all to be read gives up.
const MOST_LOOKS: usize = 12;

impl Run {
    /// The ledger is taken back to what was kept, which takes some minutes; and a process begins that knows of nothing.
    pub(crate) fn restore_ledger(&mut self) {
        let Some(kept) = &self.kept else { return };
        self.forgotten = self.intents();
        self.restored = true;
        self.second = None;
        self.install.clock.advance(RESTORING);
        self.install.restore_ledger(kept);
        self.restart();
    }

    /// Every change there ever was, also those that the ledger has forgotten.
    pub fn intents(&self) -> Vec<Intent> {
        let mut intents = self.install.intents();
        let forgotten = self.forgotten.iter().filter(|intent| !intents.iter().any(|known| known.id == intent.id));
        let forgotten: Vec<Intent> = forgotten.cloned().collect();
        intents.extend(forgotten);
        intents
    }

    /// A person looks at what differs after the ledger was taken back, and lets it write again.
    pub(crate) async fn let_it_write(&mut self) {
        for _ in 0..MOST_LOOKS {
            let view: Value = self.install.get("/api/look-only").await;
            if view["mode"].is_null() {
                return;
            }
            let (status, _) = self.install.post("/api/look-only/leave", &json!({ "seen": view["seen"] })).await;
            if status == StatusCode::OK {
                return;
            }
            self.tick().await;
        }
        self.note(Broken::Stuck, "nobody can let it write again".to_owned());
    }
}
