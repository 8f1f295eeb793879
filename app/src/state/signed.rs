//! Whether somebody is signed in, and what they may do.

use contract::connections::ListConnections;
use contract::session::{Session, ShowSession};
use contract::{self, Problem, needs_everything};
use domain::access::Action;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{Client, Link, Visitor};
use crate::model::settings::sign_in::{Abroad, abroad, is_way_back};
use crate::state::connectivity::Connectivity;
use crate::state::step_up::StepUp;

/// Where the identity provider sends browsers back to.
const BACK: &str = "/signed-in";
/// The same page, where somebody begins to sign in again.
pub(crate) const AGAIN: &str = "/signed-in#again";
/// The channel on which one window tells the others that somebody has signed in again.
pub(crate) const PROVEN: &str = "seatbridge-proven";
/// Under which the page is kept somebody comes back to.
const WAY_BACK: &str = "seatbridge-way-back";

/// Whether somebody is signed in.
#[derive(Clone)]
pub(crate) enum Signed {
    /// Not known yet.
    Asking,
    /// Nobody.
    Out {
        /// Whether a session has ended under the person's hands.
        ended: bool,
    },
    /// Somebody came by a one-time link with this token.
    Invited(String),
    /// Somebody is on the way to the identity provider, or back from there.
    Abroad(Abroad),
    /// Not known, because nothing answers.
    Unknown(Problem),
    /// Somebody, and what they can do.
    In(Session, Client),
}

/// The way in, for the pages that lead there.
#[derive(Clone, Copy)]
pub(crate) struct SignInState {
    /// Whether somebody is signed in.
    pub(crate) signed: RwSignal<Signed>,
    /// Whoever stands there.
    pub(crate) visitor: Visitor,
    /// What asks for a passkey again once they are in.
    pub(crate) step_up: StepUp,
    ended: Callback<()>,
}

impl SignInState {
    /// Nobody is signed in yet.
    pub(crate) fn closed(reach: Connectivity) -> Self {
        let (signed, step_up) = (RwSignal::new(Signed::Asking), StepUp::unasked());
        let ended = Callback::new(move |()| {
            step_up.answer(None);
            // What was still under way when somebody left ends nothing any more.
            if signed.with_untracked(|signed| matches!(signed, Signed::In(..))) {
                signed.set(Signed::Out { ended: true });
            }
        });
        Self { signed, visitor: Visitor::new(reach), step_up, ended }
    }

    /// Finds out who is there: somebody with a one-time link, back from the identity provider, with a session, or nobody.
    pub(crate) fn find_out(self) {
        if let Some(abroad) = take_abroad() {
            self.signed.set(Signed::Abroad(abroad));
            return;
        }
        if let Some(token) = take_token() {
            self.signed.set(Signed::Invited(token));
            return;
        }
        spawn_local(async move {
            match self.visitor.get(Link::<ShowSession>::here()).await {
                Ok(session) => self.let_in(session).await,
                Err(problem) if problem.status == 401 => self.show(Signed::Out { ended: false }),
                Err(problem) => self.show(Signed::Unknown(problem)),
            }
        });
    }

    /// Lets somebody in who has just signed in, or was signed in already.
    pub(crate) async fn let_in(self, session: Session) {
        let client = self.visitor.signed_in(self.step_up, self.ended);
        self.step_up.asks(&session);
        if ["/sign-in", "/welcome", BACK].contains(&path().as_str()) {
            match take_way_back() {
                Some(page) => go_to(&page),
                None => go_to(first_page(client).await),
            }
        }
        self.show(Signed::In(session, client));
    }

    fn show(self, signed: Signed) {
        self.signed.try_set(signed);
    }
}

/// Whether the signed-in person's role may do `action`, and it is something for who sees what they see. What is not is not offered;
/// the Worker refuses it in any case.
pub(crate) fn may(action: Action) -> bool {
    use_context::<Session>().is_some_and(|session| session.role.may(action) && (session.groups.is_none() || !needs_everything(action)))
}

/// Whether what reaches so far answers the signed-in person, by what they see.
pub(crate) fn reaches(reach: contract::RouteScope) -> bool {
    reach != contract::RouteScope::Whole || own_groups().is_none()
}

/// The names of the access groups that the signed-in person sees alone; none when they see everything.
pub(crate) fn own_groups() -> Option<Vec<String>> {
    use_context::<Session>().and_then(|session| session.groups)
}

/// The token behind `#`, taken out of the address so that neither history nor a reload keeps it.
fn take_token() -> Option<String> {
    if path() != "/welcome" {
        return None;
    }
    let token = window().location().hash().unwrap_or_default().trim_start_matches('#').to_owned();
    go_to("/welcome");
    Some(token)
}

/// What the identity provider sent somebody back with, taken out of the address; or that they are to go there again.
fn take_abroad() -> Option<Abroad> {
    if path() != BACK {
        return None;
    }
    let location = window().location();
    let (query, hash) = (location.search().unwrap_or_default(), location.hash().unwrap_or_default());
    go_to(BACK);
    abroad(&query, &hash)
}

/// Keeps the page that is shown now, and goes to another address.
pub(crate) fn leave_for(address: &str) {
    let location = window().location();
    if let Ok(Some(storage)) = window().session_storage() {
        let page = path() + &location.search().unwrap_or_default();
        // Without it one comes back to the first page.
        let _ = storage.set_item(WAY_BACK, &page);
    }
    // Only fails for what is no address.
    let _ = location.assign(address);
}

fn take_way_back() -> Option<String> {
    let storage = window().session_storage().ok()??;
    let page = storage.get_item(WAY_BACK).ok()??;
    let _ = storage.remove_item(WAY_BACK);
    is_way_back(&page).then_some(page)
}

/// The month is why people come; before anything is connected, there is none.
async fn first_page(client: Client) -> &'static str {
    match client.get(Link::<ListConnections>::here()).await {
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
