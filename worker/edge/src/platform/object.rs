//! The Durable Object that is the install: it serves the API, and its alarm runs the passes.

#![expect(missing_docs, reason = "durable_object generates methods without any")]

use std::rc::Rc;

use async_trait::async_trait;
use contract::Problem;
use domain::Timestamp;
use tower_service::Service;
use worker::{DurableObject, Env, Request, Response, Result, State, Storage, durable_object};

use super::bucket::Backups;
use super::clock::WorkerClock;
use super::entropy::WorkerEntropy;
use super::key_value::Namespace;
use super::sql::ObjectSql;
use super::transport::WorkerTransport;
use server::config::Config;
use server::http::{App, router};
use server::tenant::{Ports, Tenant};
use store::ports::{Alarm, StoreError};

/// The Durable Object that is the ledger of an install, and does its work.
///
/// There is one, called `main`. It answers the API, because every answer depends on what it holds, and its alarm drives the
/// passes. It has one thread: between two awaits nothing else happens in it. While it waits for a vendor other requests and
/// even another alarm may come in, which is why every step of an intent is claimed by compare-and-set.
#[durable_object]
pub struct Ledger {
    tenant: std::result::Result<Rc<Tenant>, String>,
}

impl DurableObject for Ledger {
    fn new(state: State, env: Env) -> Self {
        super::start_log();
        Self { tenant: open(&state, &env) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let tenant = match &self.tenant {
            Ok(tenant) => Rc::clone(tenant),
            Err(words) => return unavailable(words),
        };
        if request.path() == crate::CRON_PATH {
            tenant.on_cron().await.map_err(|error| worker::Error::RustError(error.to_string()))?;
            return Response::empty();
        }
        let answer = router(App::new(tenant)).call(worker::HttpRequest::try_from(request)?).await;
        let answer = answer.map_err(|_| worker::Error::RustError("the router failed".to_owned()))?;
        Response::try_from(answer)
    }

    async fn alarm(&self) -> Result<Response> {
        match &self.tenant {
            Ok(tenant) => tenant.on_alarm().await,
            Err(words) => log::error!("{words}"),
        }
        super::memory::note_growth();
        Response::empty()
    }
}

fn open(state: &State, env: &Env) -> std::result::Result<Rc<Tenant>, String> {
    let variable = |name: &str| {
        let secret = env.secret(name).ok().map(|secret| secret.to_string());
        secret.or_else(|| env.var(name).ok().map(|variable| variable.to_string()))
    };
    let config = Config::read(variable).map_err(|error| error.to_string())?;
    let namespace = env.kv("DOCUMENTS").map_err(|error| format!("the KV namespace DOCUMENTS: {error}"))?;
    let storage = state.storage();
    let ports = Ports {
        clock: Rc::new(WorkerClock::default()),
        entropy: Rc::new(WorkerEntropy),
        transport: Rc::new(WorkerTransport),
        key_value: Rc::new(Namespace(namespace)),
        sql: Rc::new(ObjectSql(storage.sql())),
        alarm: Rc::new(ObjectAlarm(storage)),
        bucket: env.bucket("BACKUPS").ok().map(|bucket| Rc::new(Backups(bucket)) as Rc<dyn store::ports::Bucket>),
    };
    Tenant::open(config, ports).map(Rc::new).map_err(|error| error.to_string())
}

/// The object's alarm.
struct ObjectAlarm(Storage);

#[async_trait(?Send)]
impl Alarm for ObjectAlarm {
    async fn set(&self, at: Timestamp) -> std::result::Result<(), StoreError> {
        // A number would be an offset from now.
        self.0.set_alarm(at).await.map_err(|error| StoreError(format!("the alarm: {error}")))
    }
}

/// What is answered while the install is not configured.
fn unavailable(words: &str) -> Result<Response> {
    super::refusal(&Problem::new(
        503,
        "not_configured",
        "Seatbridge is not configured.",
        words,
        "Set the secrets MASTER_KEY and SETUP_TOKEN, as `cargo xtask deploy` does.",
    ))
}
