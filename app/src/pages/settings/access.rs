//! API tokens: the list, a new one, and its secret, shown once.

use contract::tokens::{CreateToken, CreatedToken, ListTokens, NewToken, TokenView};
use domain::access::{Action, Role, TOKEN_DAYS, Visibility};
use leptos::prelude::*;

use super::SettingsNav;
use super::token_list::token_list;
use crate::api::{Client, Link};
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::form::field::TextField;
use crate::components::form::role_choice::role_choice;
use crate::components::form::secret::secret;
use crate::components::form::visibility_choice::{Groups, sees_nothing, visibility_choice};
use crate::components::icon::icon;
use crate::components::page_head::PageHead;
use crate::components::problem::refusal;
use crate::model::settings::sign_in::is_name;
use crate::state::paged::Paged;
use crate::state::sending::Sending;

/// API tokens: list, create, revoke.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let list: Paged<Vec<TokenView>> = Paged::follow(client, Link::<ListTokens>::here);
    let groups = Groups::read(client);
    let (making, created) = (RwSignal::new(false), RwSignal::new(None::<CreatedToken>));
    let open = Signal::derive(move || created.with(Option::is_some));
    view! {
        <PageHead title="API tokens" lead="For scripts and other tools. A token does what its role may, but lets nobody in.">
            <WriteButton does=Action::ManageTokens look="primary" on_press=move |()| making.set(true)>{icon("plus")} "New token"</WriteButton>
        </PageHead>
        <SettingsNav/>
        {token_list(list, groups)}
        <NewTokenDialog list=list groups=groups making=making created=created/>
        <Dialog open=open title="Copy this token now" on_close=move |()| created.set(None)>
            {move || created.get().map(|token| shown_once(&token))}
        </Dialog>
    }
    .into_any()
}

#[component]
fn NewTokenDialog(
    list: Paged<Vec<TokenView>>,
    groups: Groups,
    making: RwSignal<bool>,
    created: RwSignal<Option<CreatedToken>>,
) -> impl IntoView {
    let scope = RwSignal::new(Visibility::Everything);
    let client = expect_context::<Client>();
    let (name, role, days) = (RwSignal::new(String::new()), RwSignal::new(Role::Viewer), RwSignal::new(String::new()));
    let sending = Sending::idle();
    Effect::new(move |_| {
        if making.get() {
            name.set(String::new());
            role.set(Role::Viewer);
            scope.set(Visibility::Everything);
            days.set(TOKEN_DAYS.to_string());
            sending.problem.set(None);
        }
    });
    let wrong_days = Signal::derive(move || days.with(|days| typed_days(days)).is_none().then(|| format!("Use 1 to {TOKEN_DAYS}.")));
    let nothing = sees_nothing(scope);
    let off = Signal::derive(move || nothing.get() || !name.with(|name| is_name(name)) || wrong_days.with(Option::is_some));
    let create = move |()| {
        let Some(days) = days.with_untracked(|days| typed_days(days)).filter(|_| !off.get_untracked()) else {
            return;
        };
        let (role, scope) = (role.get_untracked(), scope.get_untracked());
        let wanted = NewToken { name: name.get_untracked().trim().to_owned(), role, scope, days: Some(days) };
        sending.send(async move {
            let token = client.call(CreateToken, &(), &wanted).await?;
            making.try_set(false);
            created.try_set(Some(token));
            list.refresh();
            Ok(())
        });
    };
    view! {
        <Dialog open=making title="New API token" on_close=move |()| making.set(false)>
            <form class="form" on:submit=move |event| { event.prevent_default(); create(()); }>
                <TextField id="token-name" label="Name" hint="What it is for, so that you know it again." placeholder="Reporting script"
                    value=name on_type=move |typed| name.set(typed)/>
                {role_choice("token-role", "What it may do", role)}
                {visibility_choice("token-scope", groups, role, scope)}
                <TextField id="token-days" label="Days until it ends" hint="A year at most. Whoever uses it then needs a new one."
                    value=days on_type=move |typed| days.set(typed) complaint=wrong_days/>
                {refusal(sending)}
                <div class="actions">
                    <WriteButton does=Action::ManageTokens look="primary" busy=sending.busy disabled=off on_press=create>"Create"</WriteButton>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// The days that were typed; none when they cannot be used.
fn typed_days(typed: &str) -> Option<u32> {
    typed.trim().parse().ok().filter(|days| (1..=TOKEN_DAYS).contains(days))
}

fn shown_once(token: &CreatedToken) -> AnyView {
    view! {
        <p>{format!("“{}” is shown this once; only its fingerprint is kept.", token.name)}</p>
        <p class="faint">"Send it as " <code>"Authorization: Bearer …"</code> "."</p>
        {secret(&token.token, "Copy")}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_one_year_at_most() {
        assert_eq!(typed_days(" 90 "), Some(90));
        assert_eq!(typed_days("365"), Some(365));
        for wrong in ["", "0", "366", "-1", "a week"] {
            assert_eq!(typed_days(wrong), None, "{wrong}");
        }
    }
}
