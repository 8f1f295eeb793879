//! A list that is read page by page and kept up to date in place, so that nothing moves when it is read again.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use shared::api::{DEFAULT_PAGE, MAX_PAGE, Problem};

use crate::api::Client;
use crate::model::address::Address;

/// An item that stays the same item when it is read again.
pub(crate) trait Keyed: Clone + PartialEq + Send + Sync + 'static {
    /// What makes it the same item.
    fn key(&self) -> String;
}

/// One page of a list as the Worker answers it.
pub(crate) struct Part<T, H> {
    /// What stands above the list.
    pub(crate) head: H,
    /// The items.
    pub(crate) items: Vec<T>,
    /// Items of the whole list.
    pub(crate) total: u32,
    /// Where to read on.
    pub(crate) next: Option<String>,
}

/// An answer that holds one page of a list.
pub(crate) trait ListAnswer: DeserializeOwned + 'static {
    /// What the list is of.
    type Item: Keyed;
    /// What stands above it.
    type Head: Clone + Send + Sync + 'static;
    /// The page.
    fn part(self) -> Part<Self::Item, Self::Head>;
}

/// One row: its key, and its item as last read.
#[derive(Clone)]
pub(crate) struct Row<T: Send + Sync + 'static> {
    /// What makes it the same row.
    pub(crate) key: String,
    /// Its item; changes in place.
    pub(crate) item: ArcRwSignal<T>,
}

type AddressOf = Arc<dyn Fn() -> Address + Send + Sync>;

/// A list that is read page by page.
pub(crate) struct Paged<A: ListAnswer> {
    client: Client,
    address: StoredValue<AddressOf>,
    /// The rows read so far.
    pub(crate) rows: RwSignal<Vec<Row<A::Item>>>,
    /// What stands above them.
    pub(crate) head: RwSignal<Option<A::Head>>,
    /// Items of the whole list.
    pub(crate) total: RwSignal<u32>,
    /// Where to read on; none when all is read.
    pub(crate) next: RwSignal<Option<String>>,
    /// Whether anything was ever read.
    pub(crate) loaded: RwSignal<bool>,
    /// Whether it is being read.
    pub(crate) busy: RwSignal<bool>,
    /// What is the matter with the latest reading.
    pub(crate) problem: RwSignal<Option<Problem>>,
    turn: StoredValue<u32>,
}

impl<A: ListAnswer> Clone for Paged<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: ListAnswer> Copy for Paged<A> {}

impl<A: ListAnswer> Paged<A> {
    /// The list at `address`, read anew whenever the address changes.
    pub(crate) fn follow(client: Client, address: impl Fn() -> Address + Send + Sync + 'static) -> Self {
        let address: AddressOf = Arc::new(address);
        let list = Self {
            client,
            address: StoredValue::new(address.clone()),
            rows: RwSignal::new(Vec::new()),
            head: RwSignal::new(None),
            total: RwSignal::new(0),
            next: RwSignal::new(None),
            loaded: RwSignal::new(false),
            busy: RwSignal::new(false),
            problem: RwSignal::new(None),
            turn: StoredValue::new(0),
        };
        Effect::new(move |_| {
            // Only the address is followed.
            let _ = address();
            list.read_anew();
        });
        list
    }

    /// Reads the first page.
    pub(crate) fn read_anew(self) {
        self.start(None, DEFAULT_PAGE as usize);
    }

    /// Reads again what is shown, unless it is being read.
    pub(crate) fn refresh(self) {
        if !self.busy.get_untracked() {
            self.start(None, self.shown().max(DEFAULT_PAGE as usize));
        }
    }

    /// Reads the next page.
    pub(crate) fn more(self) {
        let next = self.next.get_untracked();
        if next.is_some() && !self.busy.get_untracked() {
            self.start(next, DEFAULT_PAGE as usize);
        }
    }

    /// Reads the list to its end.
    pub(crate) async fn to_the_end(self) {
        let next = self.next.get_untracked();
        if next.is_some() {
            let turn = self.take_turn();
            self.read(turn, next, usize::MAX).await;
        }
    }

    /// The items read so far.
    pub(crate) fn items(self) -> Vec<A::Item> {
        self.rows.with(|rows| rows.iter().map(|row| row.item.get_untracked()).collect())
    }

    /// The item of a row.
    pub(crate) fn item(self, key: &str) -> Option<A::Item> {
        self.rows.with_untracked(|rows| rows.iter().find(|row| row.key == key).map(|row| row.item.get_untracked()))
    }

    /// The keys of the rows, in their order.
    pub(crate) fn keys(self) -> Vec<String> {
        self.rows.with_untracked(|rows| rows.iter().map(|row| row.key.clone()).collect())
    }

    /// Takes rows out at once; the next reading says whether they are really gone.
    pub(crate) fn take_out(self, keys: &[String]) {
        self.rows.update(|rows| rows.retain(|row| !keys.contains(&row.key)));
        self.total.update(|total| *total = total.saturating_sub(u32::try_from(keys.len()).unwrap_or(u32::MAX)));
    }

    fn shown(self) -> usize {
        self.rows.with_untracked(Vec::len)
    }

    fn take_turn(self) -> u32 {
        self.busy.try_set(true);
        self.turn
            .try_update_value(|turn| {
                *turn += 1;
                *turn
            })
            .unwrap_or_default()
    }

    fn start(self, from: Option<String>, wanted: usize) {
        let turn = self.take_turn();
        spawn_local(self.read(turn, from, wanted));
    }

    async fn read(self, turn: u32, from: Option<String>, wanted: usize) {
        let Some(address) = self.address.try_get_value() else { return };
        let address = untrack(|| address());
        let goes_on = from.is_some();
        let mut gathered: Vec<A::Item> = Vec::new();
        let mut after = from;
        loop {
            let limit = u32::try_from(wanted - gathered.len()).unwrap_or(MAX_PAGE).min(MAX_PAGE);
            let page = self.client.get::<A>(&String::from(address.clone().part(after.as_deref(), limit))).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match page {
                Err(problem) => {
                    self.problem.try_set(Some(problem));
                    self.busy.try_set(false);
                    return;
                }
                Ok(page) => {
                    let part = page.part();
                    gathered.extend(part.items);
                    after.clone_from(&part.next);
                    self.head.try_set(Some(part.head));
                    self.total.try_set(part.total);
                }
            }
            if after.is_none() || gathered.len() >= wanted {
                break;
            }
        }
        self.show(gathered, goes_on);
        self.next.try_set(after);
        self.problem.try_set(None);
        self.loaded.try_set(true);
        self.busy.try_set(false);
    }

    /// Puts items into their rows: a known row changes in place, and only when its item did.
    fn show(self, items: Vec<A::Item>, goes_on: bool) {
        self.rows.try_update(|rows| {
            let mut known: HashMap<String, ArcRwSignal<A::Item>> = rows.iter().map(|row| (row.key.clone(), row.item.clone())).collect();
            if !goes_on {
                rows.clear();
            }
            for item in items {
                let key = item.key();
                match known.remove(&key) {
                    Some(signal) => {
                        if signal.with_untracked(|shown| *shown != item) {
                            signal.set(item);
                        }
                        if !goes_on {
                            rows.push(Row { key, item: signal });
                        }
                    }
                    None => rows.push(Row { key, item: ArcRwSignal::new(item) }),
                }
            }
        });
    }
}
