//! ConnectWise as people meet it behind its load balancer: what was just written is not in every read yet. One addition asked for by its
//! id, and lists, each lag by their own time; with replicas every other read comes from one that does not lag: old, new, old.

use std::collections::VecDeque;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::world::{Addition, World};

/// By how much reads of additions lag behind writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lag {
    /// Seconds for an addition asked for by its id.
    pub one: i64,
    /// Seconds for an agreement's list.
    pub list: i64,
    /// Every other read shows what there is now.
    pub replicas: bool,
}

/// What additions were before they were changed, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Replicas {
    past: VecDeque<Past>,
    reads: u32,
}

#[derive(Debug)]
struct Past {
    until: DateTime<Utc>,
    key: (i32, i32),
    /// None before it was made.
    row: Option<Addition>,
}

/// Nobody lags longer.
const KEPT: Duration = Duration::hours(2);

impl Replicas {
    /// Notes what an addition is before it is changed, made or deleted.
    pub(crate) fn note(&mut self, world: &World, key: (i32, i32), now: DateTime<Utc>) {
        self.past.retain(|past| past.until > now - KEPT);
        self.past.push_back(Past { until: now, key, row: world.additions.get(&key).cloned() });
    }

    /// The additions of an agreement as a list shows them at `now`.
    pub(crate) fn list(&mut self, world: &World, agreement: i32, now: DateTime<Utc>) -> Vec<Addition> {
        let as_of = self.as_of(world, |lag| lag.list, now);
        let mut keys: Vec<(i32, i32)> = world.additions_of(agreement).map(|row| (agreement, row.id)).collect();
        keys.extend(self.past.iter().map(|past| past.key).filter(|key| key.0 == agreement));
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| self.at(world, key, as_of)).collect()
    }

    /// One addition as it is shown when it is asked for by its id.
    pub(crate) fn one(&mut self, world: &World, key: (i32, i32), now: DateTime<Utc>) -> Option<Addition> {
        let as_of = self.as_of(world, |lag| lag.one, now);
        self.at(world, key, as_of)
    }

    /// The moment that a read shows.
    fn as_of(&mut self, world: &World, of: impl Fn(Lag) -> i64, now: DateTime<Utc>) -> DateTime<Utc> {
        let lag = world.settings().additions_lag;
        self.reads += 1;
        let fresh = lag.replicas && self.reads.is_multiple_of(2);
        if fresh { now } else { now - Duration::seconds(of(lag)) }
    }

    fn at(&self, world: &World, key: (i32, i32), as_of: DateTime<Utc>) -> Option<Addition> {
        match self.past.iter().find(|past| past.key == key && past.until > as_of) {
            Some(past) => past.row.clone(),
            None => world.additions.get(&key).cloned(),
        }
    }
}
