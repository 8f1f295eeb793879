//! The list of API tokens.

use contract::tokens::{RevokeToken, TokenView};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::form::visibility_choice::Groups;
use crate::components::list::{Empty, list_states};
use crate::components::time::{Age, moment};
use crate::model::settings::sign_in::{made_by, role_name};
use crate::state::notices::Notices;
use crate::state::paged::Paged;

/// Every API token, with its role, who made it, when it ends and when it was last used.
pub(super) fn token_list(list: Paged<Vec<TokenView>>, groups: Groups) -> AnyView {
    let empty = || Empty::because("There is no API token.", "Everything this app does can be done with one.");
    list_states(list, empty, move || {
        view! {
            <table class="plain stack" aria-label="API tokens">
                <thead>
                    <tr><th scope="col">"Name"</th><th scope="col">"Role"</th><th scope="col">"Sees"</th><th scope="col">"Made"</th><th scope="col">"Ends"</th><th scope="col">"Last used"</th><th scope="col"><span class="hidden">"Revoke"</span></th></tr>
                </thead>
                <tbody>
                    {list.each(move |_, view| token_row(list, groups, &view.get_untracked()))}
                </tbody>
            </table>
        }
        .into_any()
    })
}

fn token_row(list: Paged<Vec<TokenView>>, groups: Groups, token: &TokenView) -> AnyView {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let used = token.last_used_at.map_or_else(|| "never".into_any(), |at| view! { <Age at=at/> }.into_any());
    let (id, name) = (token.id.clone(), token.name.clone());
    let scope = token.scope.clone();
    let label = format!("Revoke for good: {name}");
    let revoke = move |()| {
        let (id, name) = (id.clone(), name.clone());
        spawn_local(async move {
            match client.call(RevokeToken, &id, &()).await {
                Ok(()) => {
                    list.take_out(&[id]);
                    notices.say(format!("{name} is revoked: whoever uses it is refused from now on."));
                }
                Err(problem) => notices.trouble(&problem),
            }
            list.refresh();
        });
    };
    view! {
        <tr>
            <td class="strong">{token.name.clone()}</td>
            <td data-label="Role">{role_name(token.role)}</td>
            <td data-label="Sees">{move || groups.label(&scope)}</td>
            <td data-label="Made"><span class="two"><span>{moment(token.created_at)}</span><span class="faint">{made_by(&token.created_by, token.maker)}</span></span></td>
            <td data-label="Ends">{token.expires_at.map_or_else(|| "no end".into_any(), moment)}</td>
            <td data-label="Last used">{used}</td>
            <td class="row-end"><WriteButton does=Action::ManageTokens look="small" label=label on_press=revoke>"Revoke for good"</WriteButton></td>
        </tr>
    }
    .into_any()
}
