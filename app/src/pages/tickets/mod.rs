//! Tickets: devices that need someone, the rules that open tickets for them, what is muted, and the groups that are watched.

mod fields;
mod groups;
pub(crate) mod leaves;
mod list;
mod members;
mod owner;
mod pick;
mod rules;
mod timeline;

use contract::tickets::ListTicketRules;
use contract::{Endpoint, RouteScope};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::state::signed::reaches;

pub(crate) use self::groups::GroupsPage;
pub(crate) use self::list::TicketsPage;
pub(crate) use self::rules::{ChangeRulePage, NewRulePage, RulesPage};

const PARTS: [(&str, &str); 3] = [("/tickets", "Tickets"), ("/tickets/rules", "Rules"), ("/groups", "Groups")];

/// Who may read ticket rules, by what they see.
const RULES: RouteScope = ListTicketRules::ROUTE.reach;

/// Links to the pages about tickets.
fn tickets_nav() -> AnyView {
    let path = use_location().pathname;
    let links = PARTS
        .into_iter()
        .filter(|(address, _)| *address != "/tickets/rules" || reaches(RULES))
        .map(|(address, words)| {
            let is_here = move || path.with(|path| path == address);
            view! { <a class="segment" href=address aria-current=move || is_here().then_some("page")>{words}</a> }
        })
        .collect_view();
    view! { <nav class="segments tickets-nav" aria-label="Ticket automation">{links}</nav> }.into_any()
}
