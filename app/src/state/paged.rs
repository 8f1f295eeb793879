//! A list that is read page by page and kept up to date in place, so that nothing moves when it is read again.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use contract::{DEFAULT_PAGE, Endpoint, MAX_PAGE, Problem};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

use crate::api::{Answer, Client, Link, decoded, part_of};
use crate::state::live::Live;

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

type AddressOf = Arc<dyn Fn() -> String + Send + Sync>;

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
    positions: StoredValue<Positions>,
}

impl<A: ListAnswer> Clone for Paged<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: ListAnswer> Copy for Paged<A> {}

impl<A: ListAnswer> Paged<A> {
    /// The list that an endpoint returns, read anew whenever the link changes.
    pub(crate) fn follow<E: Endpoint<Response = A>>(client: Client, link: impl Fn() -> Link<E> + Send + Sync + 'static) -> Self {
        Self::at(client, Arc::new(move || link().into_text()))
    }

    fn at(client: Client, address: AddressOf) -> Self {
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
            positions: StoredValue::new(Positions::new()),
        };
        Effect::new(move |_| {
            // Only the address is followed.
            let _ = address();
            list.read_anew();
        });
        list
    }

    /// Reads again what is shown with every beat of the overview.
    pub(crate) fn follow_beat(self, live: Live) {
        live.each_beat(Callback::new(move |()| self.refresh()));
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
        let position = self.positions.with_value(|positions| positions.get(key).copied())?;
        self.rows.with_untracked(|rows| rows.get(position).map(|row| row.item.get_untracked()))
    }

    /// The keys of the rows, in their order.
    pub(crate) fn keys(self) -> Vec<String> {
        self.rows.with(|rows| rows.iter().map(|row| row.key.clone()).collect())
    }

    /// The item of a row, as it changes. None when there is no such row any more.
    pub(crate) fn row(self, key: &str) -> Option<RwSignal<A::Item>> {
        let position = self.positions.with_value(|positions| positions.get(key).copied())?;
        self.rows.with_untracked(|rows| rows.get(position).map(|row| RwSignal::from(row.item.clone())))
    }

    /// Takes rows out at once; the next reading says whether they are really gone.
    pub(crate) fn take_out(self, keys: &[String]) {
        let mut rows = self.rows.get_untracked();
        rows.retain(|row| !keys.contains(&row.key));
        self.positions.set_value(rows.iter().enumerate().map(|(position, row)| (row.key.clone(), position)).collect());
        self.rows.set(rows);
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

    /// Reads from `from` on until `wanted` items are there. Only what touches items is made anew for each kind of list.
    fn read(self, turn: u32, from: Option<String>, wanted: usize) -> Reading {
        let goes_on = from.is_some();
        let gathered: Rc<RefCell<Vec<A::Item>>> = Rc::default();
        let gathering = gathered.clone();
        let take = Box::new(move |text: &str| {
            let part = decoded::<A>(text)?.part();
            self.head.try_set(Some(part.head));
            self.total.try_set(part.total);
            gathering.borrow_mut().extend(part.items);
            Ok((gathering.borrow().len(), part.next))
        });
        let show = Box::new(move || self.show(gathered.take(), goes_on));
        let state = ListState {
            client: self.client,
            busy: self.busy,
            loaded: self.loaded,
            next: self.next,
            problem: self.problem,
            turn: self.turn,
        };
        let address = self.address.try_get_value();
        Box::pin(async move {
            if let Some(address) = address {
                state.read(turn, untrack(|| address()), from, wanted, take, show).await;
            }
        })
    }

    /// Puts items into their rows: a known row changes in place, and only when its item did.
    fn show(self, items: Vec<A::Item>, goes_on: bool) {
        let before = self.rows.try_get_untracked().unwrap_or_default();
        let known = self.positions.try_get_value().unwrap_or_default();
        let mut rows = if goes_on { before.clone() } else { Vec::new() };
        let mut positions = if goes_on { known.clone() } else { Positions::new() };
        for item in items {
            let key = item.key();
            let row = match known.get(&key).and_then(|position| before.get(*position)) {
                Some(row) => {
                    if row.item.with_untracked(|shown| *shown != item) {
                        row.item.set(item);
                    }
                    row.clone()
                }
                None => Row { key: key.clone(), item: ArcRwSignal::new(item) },
            };
            positions.entry(key).or_insert_with(|| {
                rows.push(row);
                rows.len() - 1
            });
        }
        self.positions.try_set_value(positions);
        self.rows.try_set(rows);
    }
}

/// Where the row of a key stands.
type Positions = HashMap<String, usize>;

type Reading = Pin<Box<dyn Future<Output = ()>>>;
/// Takes a page in; answers how many items there are by now, and where to read on.
type Take = Box<dyn Fn(&str) -> Answer<(usize, Option<String>)>>;

/// The part of a list that is the same for every kind of item.
struct ListState {
    client: Client,
    busy: RwSignal<bool>,
    loaded: RwSignal<bool>,
    next: RwSignal<Option<String>>,
    problem: RwSignal<Option<Problem>>,
    turn: StoredValue<u32>,
}

impl ListState {
    async fn read(self, turn: u32, address: String, from: Option<String>, wanted: usize, take: Take, show: Box<dyn FnOnce()>) {
        let (mut after, mut gathered) = (from, 0);
        loop {
            let limit = u32::try_from(wanted - gathered).unwrap_or(MAX_PAGE).min(MAX_PAGE);
            let page = self.client.text(&part_of(address.clone(), after, limit)).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match page.and_then(|text| take(&text)) {
                Err(problem) => {
                    self.problem.try_set(Some(problem));
                    self.busy.try_set(false);
                    return;
                }
                Ok((number, next)) => (gathered, after) = (number, next),
            }
            if after.is_none() || gathered >= wanted {
                break;
            }
        }
        show();
        self.next.try_set(after);
        self.problem.try_set(None);
        self.loaded.try_set(true);
        self.busy.try_set(false);
    }
}
