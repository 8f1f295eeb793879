//! What the products page remembers; products are few, so all are read and filtered here.

use contract::products::{ListProducts, MapProducts, ProductChange, ProductChanges, ProductDecision, ProductView};
use contract::{Endpoint, RouteScope};
use domain::access::Action;
use domain::ids::CatalogId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{Answer, Client, Link};
use crate::components::keyboard::{go_to_filter, step};
use crate::model::keys::Command;
use crate::model::mapping::decisions::{accept_product, product_back, product_change, product_state, shows_product, sure_product};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::{Paged, Row};
use crate::state::signed::{may, reaches};
use crate::words::count;

/// Who may map products, by what they see: a product is mapped for every company.
const MAPPING: RouteScope = MapProducts::ROUTE.reach;

/// What the products page remembers. Products are few: all are read, and sifted here.
#[derive(Clone, Copy)]
pub(super) struct ProductsState {
    client: Client,
    live: Live,
    notices: Notices,
    shown: Memo<&'static str>,
    /// Whether the signed-in person maps at all.
    maps: bool,
    text: Memo<String>,
    /// Every product.
    pub(super) list: Paged<Vec<ProductView>>,
    /// The row the keys are at.
    pub(super) cursor: RwSignal<Option<String>>,
    /// The product a catalog product is picked for.
    pub(super) choosing: RwSignal<Option<ProductView>>,
    /// The product whose rule is edited.
    pub(super) ruling: RwSignal<Option<ProductView>>,
    /// The product that is being excluded.
    pub(super) excluding: RwSignal<Option<ProductView>>,
    /// Whether a decision is under way.
    pub(super) deciding: RwSignal<bool>,
}

impl ProductsState {
    /// All products, read again whenever the Worker has finished a pass.
    pub(super) fn follow(shown: Memo<&'static str>, text: Memo<String>) -> Self {
        let client = expect_context::<Client>();
        let state = Self {
            client,
            live: expect_context(),
            notices: expect_context(),
            shown,
            maps: may(Action::ManageMappings) && reaches(MAPPING),
            text,
            list: Paged::follow(client, Link::<ListProducts>::here),
            cursor: RwSignal::new(None),
            choosing: RwSignal::new(None),
            ruling: RwSignal::new(None),
            excluding: RwSignal::new(None),
            deciding: RwSignal::new(false),
        };
        let working = Memo::new(move |_| state.live.is_working());
        Effect::new(move |was: Option<bool>| {
            let is = working.get();
            if was == Some(true) && !is {
                state.list.refresh();
            }
            is
        });
        state
    }

    /// The rows a person asked to see.
    pub(super) fn visible(self) -> Vec<Row<ProductView>> {
        let (shown, text) = (self.shown.get(), self.text.get());
        let mut rows = self.list.rows.get();
        rows.retain(|row| row.item.with(|product| shows_product(product, shown, &text)));
        rows
    }

    /// How many products are in a state, once they are read.
    pub(super) fn count(self, name: &str) -> Option<u32> {
        let number = self
            .list
            .rows
            .with(|rows| rows.iter().filter(|row| name == "all" || row.item.with(|product| product_state(product) == name)).count());
        self.list.loaded.get().then_some(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// Products whose first suggestion may be taken with others.
    pub(super) fn sure(self) -> Vec<ProductView> {
        self.list.rows.with(|rows| rows.iter().map(|row| row.item.get()).filter(|product| sure_product(product).is_some()).collect())
    }

    /// Takes every sure suggestion.
    pub(super) fn take_sure(self) {
        let products = untrack(|| self.sure());
        let changes: Vec<ProductChange> =
            products.iter().filter_map(|product| sure_product(product).and_then(|offer| accept_product(product, offer))).collect();
        let words = format!("{} mapped.", count(changes.len() as u64, "product", "products"));
        self.decide(&products, changes, words);
    }

    /// Takes one of a product's suggestions.
    pub(super) fn take(self, product: &ProductView, number: usize) {
        if let Some(offer) = product.suggestions.get(number).filter(|offer| !offer.ambiguous) {
            let words = format!("{} is billed as {} from now on.", product.name, offer.identifier);
            self.decide(std::slice::from_ref(product), accept_product(product, offer).into_iter().collect(), words);
        }
    }

    /// Bills a product as a catalog product.
    pub(super) fn map(self, product: &ProductView, catalog: CatalogId, identifier: &str) {
        let words = format!("{} is billed as {identifier} from now on.", product.name);
        self.decide_one(product, ProductDecision::Map { product: catalog, rule: None }, words);
    }

    /// Excludes the product the dialog is open for.
    pub(super) fn exclude(self, reason: String) {
        if let Some(product) = self.excluding.get_untracked() {
            self.excluding.set(None);
            let words = format!("{} is excluded: {reason}", product.name);
            self.decide_one(&product, ProductDecision::Exclude { reason }, words);
        }
    }

    /// Forgets a decision.
    pub(super) fn clear(self, product: &ProductView) {
        self.decide_one(product, ProductDecision::Clear, format!("{} is unmapped again; its lines are held.", product.name));
    }

    /// Bills the products inside a bundle instead of the bundle.
    pub(super) fn split(self, product: &ProductView) {
        self.decide_one(product, ProductDecision::Parts, format!("The products inside {} are counted by themselves.", product.name));
    }

    /// Stores a decision that is edited in a dialog, which shows itself what is refused.
    pub(super) async fn save(self, product: &ProductView, decision: ProductDecision) -> Answer<()> {
        let changes = product_change(product, decision).into_iter().collect();
        self.client.call(MapProducts, &(), &ProductChanges { changes }).await?;
        let backs: Vec<ProductChange> = product_back(product).into_iter().collect();
        let undo = Callback::new(move |()| self.take_back(backs.clone()));
        self.notices.say_with_undo(format!("{} is counted and written in the new way.", product.name), undo);
        self.live.read_now();
        self.list.refresh();
        Ok(())
    }

    fn decide_one(self, product: &ProductView, decision: ProductDecision, words: String) {
        self.decide(std::slice::from_ref(product), product_change(product, decision).into_iter().collect(), words);
    }

    fn decide(self, products: &[ProductView], changes: Vec<ProductChange>, words: String) {
        let backs: Vec<ProductChange> = products.iter().filter_map(product_back).collect();
        if changes.is_empty() {
            self.notices.warn("Connect ConnectWise first: a product is mapped into its catalog.");
            return;
        }
        self.deciding.set(true);
        spawn_local(async move {
            if self.store(changes).await {
                let undo = Callback::new(move |()| self.take_back(backs.clone()));
                self.notices.say_with_undo(words, undo);
            }
            self.deciding.try_set(false);
        });
    }

    fn take_back(self, backs: Vec<ProductChange>) {
        spawn_local(async move {
            let number = backs.len() as u64;
            if self.store(backs).await {
                self.notices.say(format!("{} as before.", count(number, "product is", "products are")));
            }
        });
    }

    async fn store(self, changes: Vec<ProductChange>) -> bool {
        let stored = self.client.call(MapProducts, &(), &ProductChanges { changes }).await;
        if let Err(problem) = &stored {
            self.notices.trouble(problem);
        }
        self.live.read_now();
        self.list.refresh();
        stored.is_ok()
    }

    /// Does what a key asks for.
    pub(super) fn obey(self, command: Command) {
        let product = self.cursor.get_untracked().and_then(|key| self.list.item(&key));
        let keys = || untrack(|| self.visible()).into_iter().map(|row| row.key).collect::<Vec<String>>();
        match (command, product) {
            (Command::Next, _) => step(self.cursor, &keys(), 1, "row-"),
            (Command::Previous, _) => step(self.cursor, &keys(), -1, "row-"),
            (Command::Filter, _) => go_to_filter(),
            _ if !self.maps => {}
            (Command::Approve, Some(product)) => self.take(&product, 0),
            (Command::Hold, Some(product)) => self.excluding.set(Some(product)),
            (Command::Open, Some(product)) => self.choosing.set(Some(product)),
            _ => {}
        }
    }
}
