//! Whether somebody is signed in.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::Problem;
use shared::api::connections::ConnectionView;
use shared::api::session::Session;

use crate::api::{Client, Visitor};
use crate::state::reach::Reach;

/// Whether somebody is signed in.
#[derive(Clone)]
pub(crate) enum Signed {
    /// Not known yet.
    Asking,
    /// Nobody; with what went wrong when somebody tried.
    Out(Option<Problem>),
    /// Not known, because nothing answers.
    Unknown(Problem),
    /// Somebody, and what they can do.
    In(Session, Client),
}

/// Finds out who is there: by the token in the address when there is one, by the session otherwise.
pub(crate) fn find_out(signed: RwSignal<Signed>, reach: Reach) {
    let visitor = Visitor::new(reach);
    let ended = Callback::new(move |()| signed.set(Signed::Out(None)));
    spawn_local(async move {
        let token = take_token();
        let came_by_link = token.is_some();
        let answer = match token {
            Some(token) => visitor.sign_in(token).await,
            None => visitor.session().await,
        };
        let state = match answer {
            Ok(session) => {
                let client = visitor.signed_in(ended);
                if came_by_link || path() == "/sign-in" {
                    go_to(first_page(client).await);
                }
                Signed::In(session, client)
            }
            Err(problem) if came_by_link => Signed::Out(Some(problem)),
            Err(problem) if problem.status == 401 => Signed::Out(None),
            Err(problem) => Signed::Unknown(problem),
        };
        signed.try_set(state);
    });
}

/// The token behind `#`, taken out of the address so that neither history nor a reload keeps it.
fn take_token() -> Option<String> {
    let location = window().location();
    let token = location.hash().ok()?.trim_start_matches('#').to_owned();
    if path() != "/sign-in" || token.is_empty() {
        return None;
    }
    go_to("/sign-in");
    Some(token)
}

/// The month is why people come; before anything is connected, there is none.
async fn first_page(client: Client) -> &'static str {
    match client.get::<Vec<ConnectionView>>("/api/connections").await {
        Ok(connections) if connections.is_empty() => "/settings/connections",
        _ => "/month",
    }
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

fn go_to(path: &str) {
    if let Ok(history) = window().history() {
        // Only fails for an address of another origin.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(path));
    }
}
