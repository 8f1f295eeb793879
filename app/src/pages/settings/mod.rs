//! Settings: connections, limits, who may come in, and what this is.

mod about;
mod access;
mod access_groups;
mod account;
mod backup;
mod connection_card;
mod connection_form;
mod connections;
mod data;
mod delete;
mod forget;
mod limits;
mod look_only;
mod people;
mod report;
mod token_list;

use domain::access::Action;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::state::signed::may;

pub(crate) use self::about::AboutPage;
pub(crate) use self::access::AccessPage;
pub(crate) use self::access_groups::AccessGroupsPage;
pub(crate) use self::account::AccountPage;
pub(crate) use self::backup::BackupPage;
pub(crate) use self::connection_form::{ChangeConnectionPage, NewConnectionPage};
pub(crate) use self::connections::ConnectionsPage;
pub(crate) use self::data::DataPage;
pub(crate) use self::limits::LimitsPage;
pub(crate) use self::look_only::LookOnlyPage;
pub(crate) use self::people::PeoplePage;

/// Addresses, what a role may to find anything there, and words.
const PARTS: [(&str, Action, &str); 9] = [
    ("/settings/connections", Action::SeeConnections, "Connections"),
    ("/settings/limits", Action::SeeBilling, "Limits"),
    ("/settings/people", Action::SeePeople, "People"),
    ("/settings/groups", Action::SeePeople, "Access groups"),
    ("/settings/access", Action::ManageTokens, "API tokens"),
    ("/settings/backup", Action::TakeBackup, "Backup"),
    ("/settings/data", Action::ManageData, "Data and privacy"),
    ("/settings/account", Action::OwnSession, "Your account"),
    ("/settings/about", Action::SeeStatus, "About"),
];

/// Links to the parts of the settings.
#[component]
fn SettingsNav() -> impl IntoView {
    let path = use_location().pathname;
    let links = PARTS
        .into_iter()
        .filter(|(_, needs, _)| may(*needs))
        .map(|(address, _, words)| {
            let is_here = move || path.with(|path| path == address);
            view! { <a class="segment" href=address aria-current=move || is_here().then_some("page")>{words}</a> }
        })
        .collect_view();
    view! { <div class="toolbar"><nav class="segments" aria-label="Settings">{links}</nav></div> }.into_any()
}
