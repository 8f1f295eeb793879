//! The driver: intents of every kind, carried through the engine one call at a time. Each step is stored before the call it asks
//! for, and what came of an intent is taken in with the move that ends it.

use chrono::TimeDelta;
use domain::Timestamp;
use engine::{Answer, Command, Event, IntentState, Settings, abandon as abandoned, step};

use super::look_only::WAITS;
use crate::config::Config;
use crate::tenant::{Tenant, TenantError};
use connectwise::Connectwise;
use egress::Outbound;
use store::ledger::{Claims, ConnectionRow, Intents, LookOnlyRow, PlannedOf, Stored};
use store::ports::StoreError;
use vendor::VendorError;

/// Intents of a kind taken up at once.
const BATCH: u32 = 16;

/// How long a write waits that comes up while Seatbridge only looks.
const ONLY_LOOKS: TimeDelta = TimeDelta::minutes(10);

/// How a kind of intent is carried out: what the driver is told beside what the engine knows.
pub(super) trait Executor: Stored {
    /// What its vendor is reached by.
    type Client;

    /// The engine's times and counts for this kind in this install.
    fn times(config: &Config) -> &Settings;

    /// Reads what the engine asks for.
    async fn observe(&self, client: &Self::Client) -> Result<Self::Reading, VendorError>;

    /// Makes one write, once.
    async fn send(&self, client: &Self::Client, write: Self::Write) -> Answer<Self::Receipt>;

    /// Takes in what came of it, now that it is over, and writes it down.
    fn settle(&self, tenant: &Tenant, row: &PlannedOf<Self>, now: Timestamp) -> Result<(), TenantError>;

    /// Takes in that it waits for its next claim.
    fn waits(&self, _tenant: &Tenant) -> Result<(), TenantError> {
        Ok(())
    }
}

/// Finds intents that were claimed by a run that is gone, and has the engine decide about each. Only one alarm works at a time, so
/// whatever is claimed when an alarm begins has lost its run.
pub(super) fn recover<E: Executor>(tenant: &Tenant, now: Timestamp) -> Result<(), TenantError> {
    let intents = Intents::<E>::on(&tenant.ledger);
    for row in intents.in_state(IntentState::Inflight)? {
        let mut intent = row.intent.clone();
        step(&mut intent, Event::Restarted, now, E::times(&tenant.config));
        intents.advance(&row.intent, &intent, now)?;
        let (left, state) = (row.intent.course().stage, intent.course().state);
        log::warn!("intent {} was left {left:?} by a run that is gone; it is {state:?} now", intent.id());
    }
    Ok(())
}

/// Which intents may be claimed: while Seatbridge only looks, none that would begin anything.
pub(super) fn claims(mode: Option<&LookOnlyRow>) -> Claims {
    if mode.is_some() { Claims::Unsettled } else { Claims::All }
}

/// Intents that may be claimed now, as many as the budget allows at so many calls each.
pub(super) fn due<E: Executor>(tenant: &Tenant, outbound: &Outbound, calls: u32) -> Result<Vec<PlannedOf<E>>, StoreError> {
    let affordable = (outbound.left() / calls).min(BATCH);
    if affordable == 0 {
        return Ok(Vec::new());
    }
    let claims = claims(tenant.looks_only()?.as_ref());
    Intents::<E>::on(&tenant.ledger).claimable(claims, tenant.now(), affordable)
}

/// Carries one intent on until it is over or has to wait. A step that finds the stored intent moved by someone else stops at once.
/// Without a client, in words, reads fail.
pub(super) async fn carry_on<E: Executor>(
    tenant: &Tenant,
    row: &PlannedOf<E>,
    mut intent: E,
    client: Result<E::Client, String>,
) -> Result<(), TenantError> {
    let intents = Intents::<E>::on(&tenant.ledger);
    let mut event = Event::Claim;
    loop {
        let before = intent.clone();
        let now = tenant.now();
        let Some(command) = step(&mut intent, event, now, E::times(&tenant.config)) else { return Ok(()) };
        if !intents.advance(&before, &intent, now)? {
            return Ok(());
        }
        event = match (command, &client) {
            (Command::Settled, _) => return intent.settle(tenant, row, now),
            (Command::WakeAt(_), _) => return intent.waits(tenant),
            (Command::Read, Err(words)) => Event::ReadFailed { words: words.clone(), wait: None },
            (Command::Read, Ok(client)) => match intent.observe(client).await {
                Ok(seen) => Event::Read(seen),
                Err(error) => Event::ReadFailed { words: error.message(), wait: error.wait(tenant.now()) },
            },
            (Command::Write(_), Err(words)) => Event::Wrote(Answer::Refused { words: words.clone() }),
            (Command::Write(_), Ok(_)) if tenant.looks_only()?.is_some() => {
                Event::Wrote(Answer::Deferred { wait: ONLY_LOOKS, words: WAITS.to_owned() })
            }
            (Command::Write(write), Ok(client)) => {
                tenant.note_write().await?;
                Event::Wrote(intent.send(client, write).await)
            }
        };
        if let Event::Wrote(Answer::Lost { words, .. }) = &event {
            log::warn!("the answer to intent {} was lost: {words}", intent.id());
        }
    }
}

/// Ends an intent that can never be carried to its end. A run that is at it finds it moved and stops before its next call.
pub(super) fn abandon<E: Executor>(tenant: &Tenant, row: &PlannedOf<E>, words: &str) -> Result<(), TenantError> {
    let (now, mut intent) = (tenant.now(), row.intent.clone());
    if abandoned(&mut intent, words, now) {
        ended(tenant, row, &intent, now)?;
    }
    Ok(())
}

/// Stores an intent that was ended without a call, and takes in what came of it.
pub(super) fn ended<E: Executor>(tenant: &Tenant, row: &PlannedOf<E>, intent: &E, now: Timestamp) -> Result<bool, TenantError> {
    let stored = Intents::<E>::on(&tenant.ledger).advance(&row.intent, intent, now)?;
    if stored {
        intent.settle(tenant, row, now)?;
    }
    Ok(stored)
}

/// The ConnectWise of a connection, or why there is none. Credentials that cannot be opened are a read that fails: they must not
/// keep other intents from being carried on.
pub(super) fn connectwise(
    tenant: &Tenant,
    connection: &ConnectionRow,
    outbound: &Outbound,
) -> Result<Result<Connectwise, String>, StoreError> {
    match tenant.connectwise(connection, outbound) {
        Err(TenantError::Store(error)) => Err(error),
        other => Ok(other.map_err(|trouble| trouble.to_string())),
    }
}
