//! What the companies page remembers, and the mappings it sends.

use contract::Page;
use contract::companies::{
    CompaniesQuery, CompanyChange, CompanyChanges, CompanyDecision, CompanyMappingView, CompanyView, ListCompanies, MapCompanies,
    SwitchCompanyTickets, SwitchTickets,
};
use contract::overview::Overview;
use domain::access::Action;
use domain::billing::Member;
use domain::ids::{AgreementId, ConnectionId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{Answer, Client, Link, asked};
use crate::components::keyboard::{go_to_filter, step};
use crate::model::keys::Command;
use crate::model::mapping::decisions::{accept, back, can_accept, change};
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::{Keyed, Paged};
use crate::state::signed::may;
use crate::words::count;

/// Most mappings of one request.
const BATCH: usize = 500;

/// What the companies page remembers.
#[derive(Clone, Copy)]
pub(super) struct CompaniesState {
    client: Client,
    live: Live,
    notices: Notices,
    shown: Memo<&'static str>,
    /// Whether the signed-in person maps at all.
    maps: bool,
    /// The companies of the state.
    pub(super) list: Paged<Page<CompanyView>>,
    /// The row the keys are at.
    pub(super) cursor: RwSignal<Option<String>>,
    /// The company an agreement is picked for.
    pub(super) choosing: RwSignal<Option<CompanyView>>,
    /// The company whose products are looked at one by one.
    pub(super) differing: RwSignal<Option<CompanyView>>,
    /// The company that is shared.
    pub(super) sharing: RwSignal<Option<CompanyView>>,
    /// The company that is being excluded.
    pub(super) excluding: RwSignal<Option<CompanyView>>,
    /// Whether a decision is under way.
    pub(super) deciding: RwSignal<bool>,
    /// Whether there is a console whose devices could have tickets.
    pub(super) consoles: Memo<bool>,
}

impl CompaniesState {
    /// The companies of a state that fit a text, read again whenever the Worker has finished a pass.
    pub(super) fn follow(shown: Memo<&'static str>, text: Memo<String>) -> Self {
        let link = move || {
            let state = asked(shown.get()).unwrap_or_default();
            Link::<ListCompanies>::of(&CompaniesQuery { state, q: asked(&text.get()), ..CompaniesQuery::default() })
        };
        let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
        let state = Self {
            client,
            live,
            notices: expect_context(),
            shown,
            maps: may(Action::ManageMappings),
            list: Paged::follow(client, link),
            cursor: RwSignal::new(None),
            choosing: RwSignal::new(None),
            differing: RwSignal::new(None),
            sharing: RwSignal::new(None),
            excluding: RwSignal::new(None),
            deciding: RwSignal::new(false),
            consoles: Memo::new(move |_| {
                let any = |overview: &Overview| overview.vendors.iter().any(|vendor| vendor.kind.has_groups());
                live.overview.value.with(|overview| overview.as_ref().is_some_and(any))
            }),
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

    /// How many companies are in a state, as far as it is known.
    pub(super) fn count(self, name: &str) -> Option<u32> {
        match name {
            _ if name == self.shown.get() && self.list.loaded.get() => Some(self.list.total.get()),
            "unmapped" => self.live.overview.value.with(|overview| overview.as_ref().map(|overview| overview.unmapped.companies)),
            _ => None,
        }
    }

    /// Bills a company on an agreement.
    pub(super) fn map(self, company: &CompanyView, psa: ConnectionId, agreement: AgreementId, words: &str) {
        let automatic = matches!(company.mapping, CompanyMappingView::Mapped { automatic: true, .. });
        let decision = CompanyDecision::Map { psa, agreement, automatic, products: None, groups: None };
        self.decide(vec![(company.clone(), change(company, decision))], format!("{} is billed on {words} from now on.", company.name));
    }

    /// Switches writing by itself on or off.
    pub(super) fn set_automatic(self, company: &CompanyView, automatic: bool) {
        let CompanyMappingView::Mapped { psa, agreement, .. } = &company.mapping else { return };
        let decision = CompanyDecision::Map { psa: psa.clone(), agreement: *agreement, automatic, products: None, groups: None };
        let words = if automatic {
            format!("{}: changes that nothing holds are written by themselves.", company.name)
        } else {
            format!("{}: every change waits for a person.", company.name)
        };
        self.decide(vec![(company.clone(), change(company, decision))], words);
    }

    /// Switches tickets on or off for a company's devices.
    pub(super) fn switch_tickets(self, company: &CompanyView, tickets: bool) {
        let name = company.name.clone();
        let member = Member { connection: company.connection.clone(), company: company.company.clone() };
        self.deciding.set(true);
        spawn_local(async move {
            match self.client.call(SwitchCompanyTickets, &(), &SwitchTickets { companies: vec![member], tickets }).await {
                Ok(()) if tickets => {
                    self.notices.say(format!("{name}: tickets are opened for devices that enter a watched group from now on."));
                }
                Ok(()) => self.notices.say(format!("{name}: no tickets are opened for its devices. It is billed as before.")),
                Err(problem) => self.notices.trouble(&problem),
            }
            self.deciding.try_set(false);
            self.list.refresh();
        });
    }

    /// Takes one of a company's suggestions.
    pub(super) fn take(self, company: &CompanyView, number: usize) {
        let offer = company.suggestions.get(number).filter(|offer| can_accept(offer));
        if let Some((offer, change)) = offer.and_then(|offer| Some((offer, accept(company, offer)?))) {
            let words = offer.suggestion.agreement_name.clone().unwrap_or_else(|| offer.suggestion.name.clone());
            self.decide(vec![(company.clone(), change)], format!("{} is billed on {words} from now on.", company.name));
        }
    }

    /// Excludes the company the dialog is open for.
    pub(super) fn exclude(self, reason: String) {
        if let Some(company) = self.excluding.get_untracked() {
            self.excluding.set(None);
            let words = format!("{} is excluded: {reason}", company.name);
            let decision = change(&company, CompanyDecision::Exclude { reason });
            self.decide(vec![(company, decision)], words);
        }
    }

    /// Forgets a decision.
    pub(super) fn clear(self, company: &CompanyView) {
        let words = format!("{} is unmapped again; its lines are held.", company.name);
        self.decide(vec![(company.clone(), change(company, CompanyDecision::Clear))], words);
    }

    /// Stores decisions, says so, and offers the way back.
    pub(super) fn decide(self, decisions: Vec<(CompanyView, CompanyChange)>, words: String) {
        let backs: Vec<CompanyChange> = decisions.iter().map(|(company, _)| back(company)).collect();
        let gone: Vec<String> = decisions.iter().filter(|(_, change)| self.leaves(change)).map(|(company, _)| company.key()).collect();
        let changes: Vec<CompanyChange> = decisions.into_iter().map(|(_, change)| change).collect();
        self.deciding.set(true);
        spawn_local(async move {
            if self.store(&changes).await {
                self.list.take_out(&gone);
                let undo = Callback::new(move |()| self.take_back(backs.clone()));
                self.notices.say_with_undo(words, undo);
            }
            self.deciding.try_set(false);
            self.live.read_now();
            self.list.refresh();
        });
    }

    /// Stores a decision that is edited in a dialog, which shows itself what is refused.
    pub(super) async fn save(self, company: &CompanyView, decision: CompanyDecision) -> Answer<()> {
        self.client.call(MapCompanies, &(), &CompanyChanges { changes: vec![change(company, decision)] }).await?;
        let backs = vec![back(company)];
        let undo = Callback::new(move |()| self.take_back(backs.clone()));
        self.notices.say_with_undo(format!("The products of {} are billed in the new way.", company.name), undo);
        self.live.read_now();
        self.list.refresh();
        Ok(())
    }

    fn take_back(self, backs: Vec<CompanyChange>) {
        spawn_local(async move {
            if self.store(&backs).await {
                self.notices.say(format!("{} as before.", count(backs.len() as u64, "company is", "companies are")));
            }
            self.live.read_now();
            self.list.refresh();
        });
    }

    async fn store(self, changes: &[CompanyChange]) -> bool {
        for batch in changes.chunks(BATCH) {
            if let Err(problem) = self.client.call(MapCompanies, &(), &CompanyChanges { changes: batch.to_vec() }).await {
                self.notices.trouble(&problem);
                return false;
            }
        }
        true
    }

    /// Whether a company leaves the list that is shown once this is stored.
    fn leaves(self, change: &CompanyChange) -> bool {
        let becomes = match change.decision {
            CompanyDecision::Map { .. } => "mapped",
            CompanyDecision::Exclude { .. } => "excluded",
            CompanyDecision::Clear => "unmapped",
        };
        let shown = self.shown.get_untracked();
        shown != "all" && shown != becomes
    }

    /// Does what a key asks for.
    pub(super) fn obey(self, command: Command) {
        let company = self.cursor.get_untracked().and_then(|key| self.list.item(&key));
        match (command, company) {
            (Command::Next, _) => step(self.cursor, &untrack(|| self.list.keys()), 1, "row-"),
            (Command::Previous, _) => step(self.cursor, &untrack(|| self.list.keys()), -1, "row-"),
            (Command::Filter, _) => go_to_filter(),
            _ if !self.maps => {}
            (Command::Approve, Some(company)) => self.take(&company, 0),
            (Command::Hold, Some(company)) => self.excluding.set(Some(company)),
            (Command::Open, Some(company)) => self.choosing.set(Some(company)),
            _ => {}
        }
    }
}
