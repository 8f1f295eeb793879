//! Whether somebody is signed in, and what they may do.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::access::Action;
use shared::api::Problem;
use shared::api::connections::ConnectionView;
use shared::api::session::Session;

use crate::api::{Client, Visitor};
use crate::state::proof::Proof;
use crate::state::reach::Reach;

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
    /// Not known, because nothing answers.
    Unknown(Problem),
    /// Somebody, and what they can do.
    In(Session, Client),
}

/// The way in, for the pages that lead there.
#[derive(Clone, Copy)]
pub(crate) struct Door {
    /// Whether somebody is signed in.
    pub(crate) signed: RwSignal<Signed>,
    /// Whoever stands there.
    pub(crate) visitor: Visitor,
    /// What asks for a passkey again once they are in.
    pub(crate) proof: Proof,
    ended: Callback<()>,
}

impl Door {
    /// A door nobody stands at yet.
    pub(crate) fn closed(reach: Reach) -> Self {
        let (signed, proof) = (RwSignal::new(Signed::Asking), Proof::unasked());
        let ended = Callback::new(move |()| {
            proof.answer(false);
            // What was still under way when somebody left ends nothing any more.
            if signed.with_untracked(|signed| matches!(signed, Signed::In(..))) {
                signed.set(Signed::Out { ended: true });
            }
        });
        Self { signed, visitor: Visitor::new(reach), proof, ended }
    }

    /// Finds out who is there: somebody with a one-time link, or with a session, or nobody.
    pub(crate) fn find_out(self) {
        if let Some(token) = take_token() {
            self.signed.set(Signed::Invited(token));
            return;
        }
        spawn_local(async move {
            match self.visitor.session().await {
                Ok(session) => self.let_in(session).await,
                Err(problem) if problem.status == 401 => self.show(Signed::Out { ended: false }),
                Err(problem) => self.show(Signed::Unknown(problem)),
            }
        });
    }

    /// Lets somebody in who has just signed in, or was signed in already.
    pub(crate) async fn let_in(self, session: Session) {
        let client = self.visitor.signed_in(self.proof, self.ended);
        if ["/sign-in", "/welcome"].contains(&path().as_str()) {
            go_to(first_page(client).await);
        }
        self.show(Signed::In(session, client));
    }

    fn show(self, signed: Signed) {
        self.signed.try_set(signed);
    }
}

/// Whether the signed-in person's role may do `action`. What it may not is not offered; the Worker refuses it in any case.
pub(crate) fn may(action: Action) -> bool {
    use_context::<Session>().is_some_and(|session| session.role.may(action))
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
