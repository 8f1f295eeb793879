//! Ticket rules and what is muted.

mod destination;
mod dialogs;
mod edit;
mod form;
mod mute_form;
mod mutes;
mod preview;
mod row;
mod source;
mod switch_on;

use std::collections::HashMap;

use contract::tickets::{
    Existing, GroupNow, ListTicketRules, PreviewSwitch, ShowBoardOptions, SwitchPreview, SwitchRules, SwitchTicketRules, TicketRuleView,
};
use domain::access::Action;
use domain::ids::TicketRuleId;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(crate) use self::form::{ChangeRulePage, NewRulePage};

use self::dialogs::{DeleteDialog, TestDialog};
use self::edit::EditDialog;
use self::mutes::Mutes;
use self::row::rule_row;
use self::switch_on::SwitchOnDialog;
use super::pick::Places;
use super::tickets_nav;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::icon::icon;
use crate::components::list::{Empty, list_states};
use crate::components::page_head::PageHead;
use crate::model::tickets::group_tree::GroupTree;
use crate::state::live::Live;
use crate::state::notices::Notices;
use crate::state::paged::{Keyed, Paged};
use crate::state::signed::may;
use crate::words::count;

/// What the page remembers.
#[derive(Clone, Copy)]
struct RulesState {
    client: Client,
    live: Live,
    notices: Notices,
    places: Places,
    trees: Memo<Vec<(String, GroupTree)>>,
    list: Paged<Vec<TicketRuleView>>,
    /// Names of boards, by connection and board.
    boards: RwSignal<HashMap<String, String>>,
    /// Rules that are picked.
    picked: RwSignal<Vec<TicketRuleId>>,
    /// Whether rules are being switched.
    switching: RwSignal<bool>,
    /// Rules that are about to be switched on, and who is in their groups.
    starting: RwSignal<Option<Vec<GroupNow>>>,
    /// The rule that is about to be deleted.
    deleting: RwSignal<Option<TicketRuleView>>,
    /// The rule of which a test ticket is about to be opened.
    testing: RwSignal<Option<TicketRuleView>>,
}

impl RulesState {
    /// Switches rules on or off. Before rules are switched on it is asked what becomes of devices that are in their groups.
    fn switch(self, rules: Vec<TicketRuleId>, enabled: bool) {
        if !enabled {
            return self.send_switch(rules, false, Existing::Open);
        }
        self.switching.set(true);
        spawn_local(async move {
            let asked = self.client.call(PreviewSwitch, &(), &SwitchPreview { rules: rules.clone() }).await;
            self.switching.try_set(false);
            match asked {
                Ok(groups) if groups.iter().all(|group| group.tickets == 0) => self.send_switch(rules, true, Existing::Open),
                Ok(groups) => drop(self.starting.try_set(Some(groups))),
                Err(problem) => self.notices.trouble(&problem),
            }
        });
    }

    /// Switches them, with a way back.
    fn send_switch(self, rules: Vec<TicketRuleId>, enabled: bool, existing: Existing) {
        self.switching.set(true);
        let back = rules.clone();
        spawn_local(async move {
            match self.client.call(SwitchTicketRules, &(), &SwitchRules { rules, enabled, existing }).await {
                Ok(views) => {
                    let words =
                        format!("{} switched {}.", count(views.len() as u64, "rule is", "rules are"), if enabled { "on" } else { "off" });
                    self.notices.say_with_undo(words, Callback::new(move |()| self.switch(back.clone(), !enabled)));
                    self.picked.try_set(Vec::new());
                    for view in views {
                        if let Some(row) = self.list.row(&view.key()) {
                            row.set(view);
                        }
                    }
                }
                Err(problem) => self.notices.trouble(&problem),
            }
            self.switching.try_set(false);
            self.list.refresh();
        });
    }

    /// Reads the boards of each ConnectWise that rules open tickets in. A board whose name is not known is shown by its number.
    fn name_boards(self) {
        let mut asked: Vec<String> = Vec::new();
        for view in untrack(|| self.list.items()) {
            let psa = view.rule.target.psa.0;
            if asked.contains(&psa) {
                continue;
            }
            asked.push(psa.clone());
            spawn_local(async move {
                let desk = self.client.get(Link::<ShowBoardOptions>::at(&psa.as_str().into())).await;
                let names = desk.map(|desk| desk.boards).unwrap_or_default().into_iter();
                self.boards.try_update(|known| known.extend(names.map(|board| (format!("{psa}/{}", board.id), board.name))));
            });
        }
    }
}

/// Every rule, and what is muted.
#[component]
pub(crate) fn RulesPage() -> impl IntoView {
    let (client, live) = (expect_context::<Client>(), expect_context::<Live>());
    let places = Places::read(client);
    let list: Paged<Vec<TicketRuleView>> = Paged::follow(client, Link::<ListTicketRules>::here);
    list.follow_beat(live);
    let state = RulesState {
        client,
        live,
        notices: expect_context(),
        places,
        trees: places.trees(),
        list,
        boards: RwSignal::new(HashMap::new()),
        picked: RwSignal::new(Vec::new()),
        switching: RwSignal::new(false),
        starting: RwSignal::new(None),
        deleting: RwSignal::new(None),
        testing: RwSignal::new(None),
    };
    Effect::new(move |_| {
        if list.loaded.get() {
            state.name_boards();
        }
    });
    let empty = || {
        let then = "A rule watches a device group and opens a ticket for each device that enters it: once, until it leaves.";
        Empty::because("There is no rule yet.", then).next_for(Action::ManageTickets, "/tickets/rules/new", "Make the first rule")
    };
    view! {
        <PageHead title="Ticket rules" does=Action::ManageTickets lead="A rule is off until you switch it on. What it decides stands in the tickets’ log.">
            {may(Action::ManageTickets).then(|| view! { <a class="button" href="/tickets/rules/new">{icon("plus")} "New rule"</a> })}
        </PageHead>
        {tickets_nav()}
        {list_states(list, empty, move || view! {
            <ul class="records" aria-label="Ticket rules">{list.each(move |_, view| rule_row(state, view))}</ul>
        }.into_any())}
        {selection_bar(state)}
        <Mutes state=state/>
        <DeleteDialog state=state/>
        <TestDialog state=state/>
        <SwitchOnDialog state=state/>
    }
    .into_any()
}

/// What can be done with the rules that are picked.
fn selection_bar(state: RulesState) -> AnyView {
    let number = Memo::new(move |_| state.picked.with(Vec::len));
    let editing = RwSignal::new(false);
    let switch = move |enabled: bool| state.switch(state.picked.get_untracked(), enabled);
    let bar = move || {
        (number.get() > 0).then(|| {
            view! {
                <div class="selection-bar" role="region" aria-label="Selected rules">
                    <p>{move || format!("{} selected.", count(number.get() as u64, "rule", "rules"))}</p>
                    <div class="actions">
                        <button type="button" class="button quiet" on:click=move |_| state.picked.set(Vec::new())>"Clear"</button>
                        <WriteButton does=Action::ManageTickets on_press=move |()| editing.set(true)>"Change…"</WriteButton>
                        <WriteButton does=Action::ManageTickets busy=state.switching on_press=move |()| switch(false)>"Switch off"</WriteButton>
                        <WriteButton does=Action::ManageTickets look="primary" busy=state.switching on_press=move |()| switch(true)>"Switch on"</WriteButton>
                    </div>
                </div>
            }
        })
    };
    view! {
        <div class="selection-place" aria-live="polite">{bar}</div>
        <EditDialog state=state open=editing/>
    }
    .into_any()
}
