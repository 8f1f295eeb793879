//! What a [`TestInstall`] has in its ledger, and what the vendors saw of it.

use crate::TestInstall;
use domain::access::Visibility;

/// What was taken out of the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Rows of the ledger.
    pub rows: usize,
    /// Bytes of their texts.
    pub row_bytes: usize,
    /// Values of Workers KV.
    pub values: usize,
    /// Their bytes.
    pub value_bytes: usize,
}

impl TestInstall {
    /// What is waiting to be written, or is being written.
    pub fn open_intents(&self) -> Vec<engine::Intent> {
        use engine::IntentState::{Inflight, Planned, Unknown};
        let rows = [Planned, Inflight, Unknown].map(|state| self.tenant.ledger.changes().in_state(state).expect("intents"));
        rows.into_iter().flatten().map(|row| row.intent).collect()
    }

    /// What a statement answers, as text, to look for what must not be kept.
    pub fn sql_text(&self, statement: &str) -> String {
        use store::ports::Sql;
        format!("{:?}", self.sql.run(statement, &[]).expect("rows"))
    }

    /// What the ledger is asked while something runs: each statement with the rows it stepped over without an index.
    pub async fn asked(&self, run: impl Future<Output = ()>) -> Vec<(String, i32)> {
        self.sql.heard.replace(Some(Vec::new()));
        run.await;
        self.sql.heard.take().unwrap_or_default()
    }

    /// What is taken out of the ledger and of Workers KV while something runs.
    pub async fn taken(&self, run: impl Future<Output = ()>) -> Taken {
        self.sql.taken.set((0, 0));
        self.texts.taken.set((0, 0));
        run.await;
        let ((rows, row_bytes), (values, value_bytes)) = (self.sql.taken.get(), self.texts.taken.get());
        Taken { rows, row_bytes, values, value_bytes }
    }

    /// Every intent there ever was.
    pub fn intents(&self) -> Vec<engine::Intent> {
        let (rows, _) = self.tenant.ledger.changes().list(&Visibility::Everything, "", None, u32::MAX).expect("intents");
        rows.into_iter().map(|row| row.intent).collect()
    }

    /// The latest pass of a kind.
    pub fn last_pass(&self, kind: contract::passes::PassKind) -> store::ledger::PassRow {
        let passes = self.tenant.ledger.passes().page(None, 100).expect("passes");
        passes.into_iter().find(|pass| pass.kind == kind).expect("a pass of this kind")
    }

    /// Changes of quantities that came by the API, as the simulator saw them.
    pub fn written(&self) -> Vec<(i64, f64, f64)> {
        use simulator::{Actor, Effect};
        let entries = self.simulator.world().journal();
        let effects = entries.into_iter().filter_map(|entry| entry.effect);
        effects
            .filter_map(|effect| match effect {
                Effect::QuantityChanged { addition, from, to, by: Actor::Api, .. } => Some((i64::from(addition), from, to)),
                _ => None,
            })
            .collect()
    }
}
