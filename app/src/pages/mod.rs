//! The pages, in the month's order of work. Each is in a group of code that is fetched when a page of it is first opened. Pages that
//! show the same things in the same way share a group (`books`, `settings`, `people`); a page that weighs much has one to itself.
//! What opens on a click is in a group named `opened_…` and is fetched by [`opened`] on that click: no first visit pays for it. The
//! build puts together what several groups use (`xtask/src/build/split.rs`); `cargo xtask size` weighs each.

pub(crate) mod companies;
pub(crate) mod drift;
pub(crate) mod entrance;
mod first_reads;
pub(crate) mod history;
pub(crate) mod month;
pub(crate) mod months;
pub(crate) mod not_found;
pub(crate) mod overview;
pub(crate) mod products;
pub(crate) mod reverse;
pub(crate) mod settings;
pub(crate) mod sign_in;
pub(crate) mod signed_in;
pub(crate) mod tickets;
pub(crate) mod visit;
pub(crate) mod welcome;

use std::time::Duration;

use contract::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use self::first_reads::first_reads;
use crate::api::Client;
use crate::components::problem::problem_card;
use crate::model::place::{Place, place};

use companies::CompaniesPage;
use drift::DriftPage;
use history::HistoryPage;
use month::MonthPage;
use months::{MonthsPage, OneMonthPage, ReconciliationPage};
use not_found::NotFoundPage;
use overview::OverviewPage;
use products::ProductsPage;
use settings::{
    AboutPage, AccessGroupsPage, AccessPage, AccountPage, BackupPage, ChangeConnectionPage, ConnectionsPage, DataPage, LimitsPage,
    LookOnlyPage, NewConnectionPage, PeoplePage,
};
use tickets::{ChangeRulePage, GroupsPage, NewRulePage, RulesPage, TicketsPage};

pub(crate) type Loaded = Result<AnyView, SplitLoaderError>;

/// The page at the address. What it reads first is on its way before its code is there. One match instead of a route for each: the
/// router's own table would be a tenth of the app.
#[component]
pub(crate) fn Pages() -> impl IntoView {
    let client = expect_context::<Client>();
    let location = use_location();
    let here = Memo::new(move |_| location.pathname.with(|path| place(path)));
    let tries = RwSignal::new(0_u32);
    let again = Callback::new(move |()| tries.update(|tries| *tries += 1));
    move || {
        tries.track();
        let here = here.get();
        client.read_ahead(first_reads(&here, |name| location.query.with_untracked(|query| query.get(name).unwrap_or_default())));
        Suspend::new(async move {
            let shown = page(here).await.unwrap_or_else(|_| problem_card(&not_loaded(), Some(again)));
            // By then the page has asked for everything it begins with.
            set_timeout(move || client.forget_ahead(), Duration::ZERO);
            shown
        })
    }
}

/// Fetches what the page at `path` needs, so that it is there once it is known who asks. What fails is fetched again when
/// the page is shown.
pub(crate) fn preload(path: &str) {
    let place = place(path);
    spawn_local(async move {
        let _ = match place {
            Place::Nowhere => return,
            Place::Overview => load_overview().await,
            Place::Companies => load_companies().await,
            Place::Products => load_products().await,
            Place::Month => load_month().await,
            Place::Drift | Place::Months | Place::OneMonth(_) | Place::Reconciliation | Place::History => load_months().await,
            Place::Tickets => load_tickets().await,
            Place::Groups => load_device_groups().await,
            Place::TicketRules => load_ticket_rules().await,
            Place::NewTicketRule | Place::TicketRule(_) => load_ticket_form().await,
            Place::Connections
            | Place::NewConnection
            | Place::Connection(_)
            | Place::Limits
            | Place::LookOnly
            | Place::Backup
            | Place::Data
            | Place::About => load_settings().await,
            Place::People | Place::AccessGroups | Place::Access | Place::Account => load_people().await,
        };
    });
}

async fn page(place: Place) -> Loaded {
    match place {
        Place::Overview => overview_page().await,
        Place::Companies => companies_page().await,
        Place::Products => products_page().await,
        Place::Month => month_page().await,
        Place::Drift => drift_page().await,
        Place::Months => months_page().await,
        Place::OneMonth(period) => one_month_page(period).await,
        Place::Reconciliation => reconciliation_page().await,
        Place::History => history_page().await,
        Place::Tickets => tickets_page().await,
        Place::TicketRules => ticket_rules_page().await,
        Place::NewTicketRule => new_ticket_rule_page().await,
        Place::TicketRule(id) => change_ticket_rule_page(id).await,
        Place::Groups => groups_page().await,
        Place::Connections => connections_page().await,
        Place::NewConnection => new_connection_page().await,
        Place::Connection(id) => change_connection_page(id).await,
        Place::Limits => limits_page().await,
        Place::LookOnly => look_only_page().await,
        Place::Backup => backup_page().await,
        Place::Data => data_page().await,
        Place::People => people_page().await,
        Place::AccessGroups => access_groups_page().await,
        Place::Access => access_page().await,
        Place::Account => account_page().await,
        Place::About => about_page().await,
        Place::Nowhere => Ok(view! { <NotFoundPage/> }.into_any()),
    }
}

/// A part of a page that is fetched when it is opened.
pub(crate) fn opened(part: impl Future<Output = Loaded> + Send + 'static) -> AnyView {
    Suspend::new(async move { part.await.unwrap_or_else(|_| problem_card(&not_loaded(), None)) }).into_any()
}

/// What is said when a part of the app does not arrive.
pub(crate) fn not_loaded() -> Problem {
    Problem::new(
        0,
        "page_not_loaded",
        "This page could not be loaded.",
        "The connection failed, or Seatbridge has been updated since this tab was opened.",
        "Try again; if that does not help, reload.",
    )
}

#[wasm_split(overview, preload(load_overview), fallible)]
fn overview_page() -> Loaded {
    Ok(view! { <OverviewPage/> }.into_any())
}

#[wasm_split(companies, preload(load_companies), fallible)]
fn companies_page() -> Loaded {
    Ok(view! { <CompaniesPage/> }.into_any())
}

#[wasm_split(products, preload(load_products), fallible)]
fn products_page() -> Loaded {
    Ok(view! { <ProductsPage/> }.into_any())
}

#[wasm_split(month, preload(load_month), fallible)]
fn month_page() -> Loaded {
    Ok(view! { <MonthPage/> }.into_any())
}

#[wasm_split(books, preload(load_months), fallible)]
fn drift_page() -> Loaded {
    Ok(view! { <DriftPage/> }.into_any())
}

#[wasm_split(books, fallible)]
fn months_page() -> Loaded {
    Ok(view! { <MonthsPage/> }.into_any())
}

#[wasm_split(books, fallible)]
fn one_month_page(period: String) -> Loaded {
    Ok(match period.parse::<domain::billing::Period>() {
        Ok(period) => view! { <OneMonthPage period=period/> }.into_any(),
        Err(_) => view! { <NotFoundPage/> }.into_any(),
    })
}

#[wasm_split(books, fallible)]
fn reconciliation_page() -> Loaded {
    Ok(view! { <ReconciliationPage/> }.into_any())
}

#[wasm_split(books, fallible)]
fn history_page() -> Loaded {
    Ok(view! { <HistoryPage/> }.into_any())
}

#[wasm_split(tickets, preload(load_tickets), fallible)]
fn tickets_page() -> Loaded {
    Ok(view! { <TicketsPage/> }.into_any())
}

#[wasm_split(ticket_rules, preload(load_ticket_rules), fallible)]
fn ticket_rules_page() -> Loaded {
    Ok(view! { <RulesPage/> }.into_any())
}

#[wasm_split(ticket_form, preload(load_ticket_form), fallible)]
fn new_ticket_rule_page() -> Loaded {
    Ok(view! { <NewRulePage/> }.into_any())
}

#[wasm_split(ticket_form, fallible)]
fn change_ticket_rule_page(id: String) -> Loaded {
    Ok(view! { <ChangeRulePage id=id/> }.into_any())
}

#[wasm_split(device_groups, preload(load_device_groups), fallible)]
fn groups_page() -> Loaded {
    Ok(view! { <GroupsPage/> }.into_any())
}

#[wasm_split(settings, preload(load_settings), fallible)]
fn connections_page() -> Loaded {
    Ok(view! { <ConnectionsPage/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn new_connection_page() -> Loaded {
    Ok(view! { <NewConnectionPage/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn change_connection_page(id: String) -> Loaded {
    Ok(view! { <ChangeConnectionPage id=id/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn limits_page() -> Loaded {
    Ok(view! { <LimitsPage/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn look_only_page() -> Loaded {
    Ok(view! { <LookOnlyPage/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn backup_page() -> Loaded {
    Ok(view! { <BackupPage/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn data_page() -> Loaded {
    Ok(view! { <DataPage/> }.into_any())
}

#[wasm_split(people, preload(load_people), fallible)]
fn people_page() -> Loaded {
    Ok(view! { <PeoplePage/> }.into_any())
}

#[wasm_split(people, fallible)]
fn access_groups_page() -> Loaded {
    Ok(view! { <AccessGroupsPage/> }.into_any())
}

#[wasm_split(people, fallible)]
fn access_page() -> Loaded {
    Ok(view! { <AccessPage/> }.into_any())
}

#[wasm_split(people, fallible)]
fn account_page() -> Loaded {
    Ok(view! { <AccountPage/> }.into_any())
}

#[wasm_split(settings, fallible)]
fn about_page() -> Loaded {
    Ok(view! { <AboutPage/> }.into_any())
}
