//! Everything behind one lock: the world, the journal, faults, sessions, the clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Duration, SubsecRound, Utc};
use fastrand::Rng;

use crate::connect::pending::Pending;
use crate::connectwise::replicas::Replicas;
use crate::credentials::Credentials;
use crate::exchange::{Reply, Request};
use crate::fault::Faults;
use crate::journal::{Actor, Effect, Entry, Journal, Vendor};
use crate::limiter::Limiter;
use crate::savefile::SaveFile;
use crate::sessions::Sessions;
use crate::world::{Addition, World};
use crate::{Options, connect, connectwise, ema2, journal};

/// What all servers and handles share. A request is dealt with under the lock from its first look at the world to its
/// journal entry, so the order of the journal is the order of the effects.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) credentials: Credentials,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    pub(crate) sessions: Sessions,
    pub(crate) limiter: Limiter,
    pub(crate) pending: Pending,
    pub(crate) replicas: Replicas,
    pub(crate) rng: Rng,
    /// The user or key of the request being dealt with, once it is proved.
    pub(crate) principal: Option<String>,
    /// Where the clock stands, if it does not run.
    stands: Option<DateTime<Utc>>,
    ahead: Duration,
    savefile: Option<SaveFile>,
}

/// The stage, shared.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<Stage>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    /// The world of the options, with what an earlier run saved.
    pub(crate) fn open(options: &Options) -> anyhow::Result<Shared> {
        let real = Utc::now();
        let begins = options.begins.unwrap_or(real);
        let today = options.now.unwrap_or(begins).date_naive();
        let (world, savefile) = match options.state.as_deref() {
            Some(path) => {
                let (savefile, world) = SaveFile::open(path, options.seed, options.companies, today)?;
                (world, Some(savefile))
            }
            None => (World::generate(options.seed, options.companies, today), None),
        };
        let stage = Self {
            world,
            credentials: Credentials::default(),
            journal: Journal::default(),
            faults: Faults::default(),
            sessions: Sessions::default(),
            limiter: Limiter::default(),
            pending: Pending::default(),
            replicas: Replicas::default(),
            rng: Rng::with_seed(options.seed ^ 0x5eed),
            principal: None,
            stands: options.now,
            ahead: if options.now.is_some() { Duration::zero() } else { begins - real },
            savefile,
        };
        Ok(Shared(Arc::new(Mutex::new(stage))))
    }

    /// The simulator's clock: the real one or the one that stands, moved ahead by [`Stage::advance`].
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.stands.unwrap_or_else(Utc::now) + self.ahead
    }

    /// Lets the clock stand at a moment.
    pub(crate) fn set_now(&mut self, now: DateTime<Utc>) {
        self.stands = Some(now);
        self.ahead = Duration::zero();
    }

    /// The clock to the second, as vendors write it.
    pub(crate) fn second(&self) -> DateTime<Utc> {
        self.now().trunc_subsecs(0)
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        self.ahead += Duration::seconds(seconds);
    }

    /// Lets a vendor deal with a request.
    pub(crate) fn answer(&mut self, vendor: Vendor, request: &Request) -> Reply {
        match vendor {
            Vendor::Ema2 => ema2::answer(self, request),
            Vendor::ConnectWise => connectwise::answer(self, request),
            Vendor::Connect => connect::answer(self, request),
            Vendor::Protect => connect::on_prem::answer(self, request),
        }
    }

    /// Makes or changes an addition; reads that lag show it later.
    pub(crate) fn keep_addition(&mut self, addition: Addition) {
        let (key, now) = ((addition.agreement_id, addition.id), self.now());
        self.replicas.note(&self.world, key, now);
        self.world.additions.insert(key, addition);
    }

    /// Removes an addition; reads that lag show it a while longer.
    pub(crate) fn remove_addition(&mut self, key: (i32, i32)) {
        let now = self.now();
        self.replicas.note(&self.world, key, now);
        self.world.additions.remove(&key);
    }

    /// Counts a call of the proved principal; over the limit, the seconds to wait.
    pub(crate) fn admit(&mut self, vendor: Vendor) -> Result<(), u32> {
        if !self.world.settings().enforce_rate_limits {
            return Ok(());
        }
        let now = self.now();
        self.limiter.admit(vendor, self.principal.as_deref().unwrap_or_default(), now)
    }

    /// Writes a request into the journal and its changes into the state file.
    pub(crate) fn record(&mut self, vendor: Vendor, request: &Request, path: &str, status: Option<u16>, effect: Option<Effect>) {
        let body = request.json().or_else(|| {
            let form = request.header("content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
            form.then(|| request.form().into_iter().collect::<std::collections::BTreeMap<_, _>>()).map(|fields| serde_json::json!(fields))
        });
        let entry = Entry {
            sequence: 0,
            time: self.now(),
            vendor,
            method: request.method.to_string(),
            path: path.to_owned(),
            status,
            principal: self.principal.take(),
            body: body.map(journal::masked),
            effect,
        };
        self.journal.push(entry);
        self.save();
    }

    /// Writes a change made by a person into the journal and the state file.
    pub(crate) fn record_by_hand(&mut self, vendor: Vendor, verb: &str, effect: Effect) {
        debug_assert_eq!(effect.by(), Actor::Hand);
        let entry = Entry {
            sequence: 0,
            time: self.now(),
            vendor,
            method: "HAND".to_owned(),
            path: verb.to_owned(),
            status: None,
            principal: None,
            body: None,
            effect: Some(effect),
        };
        self.journal.push(entry);
        self.save();
    }

    fn save(&mut self) {
        let changes = self.world.take_changes();
        if let Some(savefile) = &mut self.savefile
            && let Err(error) = savefile.append(&changes)
        {
            eprintln!("simulator: the state file could not be written: {error}");
        }
    }
}
