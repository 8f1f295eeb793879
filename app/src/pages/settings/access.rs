use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::session::{CreatedToken, TokenView};

use super::SettingsNav;
use super::token_list::token_list;
use crate::api::Client;
use crate::components::button::WriteButton;
use crate::components::dialog::Dialog;
use crate::components::field::TextField;
use crate::components::page_head::PageHead;
use crate::model::address::Address;
use crate::state::notices::Notices;
use crate::state::paged::Paged;

/// API tokens: list, create, revoke.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let client = expect_context::<Client>();
    let list: Paged<Vec<TokenView>> = Paged::follow(client, || Address::of("/api/tokens"));
    let created: RwSignal<Option<CreatedToken>> = RwSignal::new(None);
    let open = Signal::derive(move || created.with(Option::is_some));
    view! {
        <PageHead title="API tokens" lead="For scripts and other tools. A token can do what you can."/>
        <SettingsNav/>
        <NewToken list=list created=created/>
        {token_list(list)}
        <Dialog open=open title="Copy this token now" on_close=move |()| created.set(None)>
            {move || created.get().map(|token| shown_once(&token))}
        </Dialog>
    }
    .into_any()
}

#[component]
fn NewToken(list: Paged<Vec<TokenView>>, created: RwSignal<Option<CreatedToken>>) -> impl IntoView {
    let (client, notices) = (expect_context::<Client>(), expect_context::<Notices>());
    let (name, busy) = (RwSignal::new(String::new()), RwSignal::new(false));
    let off = Signal::derive(move || name.with(|name| name.trim().is_empty() || name.chars().count() > 60));
    let create = move || {
        if off.get_untracked() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match client.create_token(name.get_untracked().trim().to_owned()).await {
                Ok(token) => {
                    created.try_set(Some(token));
                    name.try_set(String::new());
                    list.refresh();
                }
                Err(problem) => notices.trouble(&problem),
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="inline-form" on:submit=move |event| { event.prevent_default(); create(); }>
            <TextField id="token-name" label="New token" hint="What it is for, so that you know it again." placeholder="Reporting script"
                value=name on_type=move |typed| name.set(typed)/>
            <WriteButton look="primary" busy=busy disabled=off on_press=move |()| create()>"Create"</WriteButton>
        </form>
    }
    .into_any()
}

fn shown_once(token: &CreatedToken) -> AnyView {
    let notices = expect_context::<Notices>();
    let text = token.token.clone();
    let copy = move |_| {
        // Whether the browser lets it is seen at once by pasting.
        let _ = window().navigator().clipboard().write_text(&text);
        notices.say("Copied.");
    };
    view! {
        <p>{format!("“{}” is shown this once; only its fingerprint is kept.", token.name)}</p>
        <p class="secret"><code>{token.token.clone()}</code></p>
        <p class="faint">"Send it as " <code>"Authorization: Bearer …"</code> "."</p>
        <div class="actions"><button type="button" class="button primary" on:click=copy>"Copy"</button></div>
    }
    .into_any()
}
