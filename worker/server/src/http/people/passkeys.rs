//! One's own passkeys.

use axum::extract::{Extension, State};
use contract::Problem;
use contract::session::{
    AddPasskey, ChallengeNewPasskey, KeyKind, KnownPasskey, ListPasskeys, NewPasskey, PasskeyCreation, PasskeyUser, PasskeyView,
    PasskeyWish, RelyingParty, RemovePasskey,
};
use domain::history::HistoryEvent;

use crate::http::App;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::middleware::names;
use crate::http::middleware::site::Here;
use crate::http::people::session::{TIMEOUT_MS, own, put_out};
use crate::http::routes::Routes;
use crate::identity::Purpose;
use crate::identity::passkey::{self, ES256, RS256, Site};
use store::ledger::NewAudit;

/// Passkeys of one person at most.
const MOST: usize = 20;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes.on(ListPasskeys, list).on(AddPasskey, add).on(ChallengeNewPasskey, challenge).on(RemovePasskey, remove)
}

async fn list(State(app): State<App>, Extension(caller): Extension<Caller>) -> Result<Json<Vec<PasskeyView>>, Failure> {
    let passkeys = caller.signed().map(|signed| app.ledger.passkeys().of_person(&signed.person)).transpose()?;
    Ok(Json(passkeys.unwrap_or_default()))
}

async fn challenge(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Here(site): Here,
) -> Result<Json<PasskeyCreation>, Failure> {
    let person = &own(&caller)?.person;
    Ok(Json(creation(&app, site, &about_person(person), person, &caller.name)?))
}

async fn add(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Here(site): Here,
    Body(passkey): Body<NewPasskey>,
) -> Result<Json<PasskeyView>, Failure> {
    let person = &own(&caller)?.person;
    if app.ledger.passkeys().of_person(person)?.len() >= MOST {
        return Err(invalid("label", "You have 20 passkeys already.", "Give up one that you do not use any more."));
    }
    let kept = keep(&app, &site, &about_person(person), person, &passkey)?;
    let subject = format!("Passkey {}", kept.label);
    app.ledger.history().add(NewAudit { by: &caller.name, subject, ..NewAudit::of(HistoryEvent::PasskeyAdded) }, app.now())?;
    Ok(Json(kept))
}

async fn remove(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<String>) -> Result<(), Failure> {
    let passkeys = app.ledger.passkeys().of_person(&own(&caller)?.person)?;
    let passkey = passkeys.iter().find(|passkey| passkey.id == id).ok_or_else(|| not_found("passkey"))?;
    if passkeys.len() == 1 {
        let detail = "Without it you could not come in again.";
        return Err(Problem::new(409, "last_passkey", "This is your last passkey.", detail, "Add another one first.").into());
    }
    app.ledger.passkeys().forget(&id)?;
    let subject = format!("Passkey {}", passkey.label);
    app.ledger.history().add(NewAudit { by: &caller.name, subject, ..NewAudit::of(HistoryEvent::PasskeyRemoved) }, app.now())?;
    Ok(())
}

/// What a challenge is about that a person adds a passkey by.
fn about_person(person: &str) -> String {
    format!("person|{person}")
}

/// A challenge to make a passkey with.
pub(in crate::http) fn creation(app: &App, site: Site, about: &str, person: &str, name: &str) -> Result<PasskeyCreation, Failure> {
    let public_key = || "public-key".to_owned();
    let known = app.ledger.passkeys().of_person(person)?.into_iter();
    Ok(PasskeyCreation {
        challenge: put_out(app, &Purpose::MakePasskey { origin: &site.origin, about })?,
        rp: RelyingParty { id: site.host, name: "Seatbridge".to_owned() },
        user: PasskeyUser { id: person.to_owned(), name: name.to_owned(), display_name: name.to_owned() },
        pub_key_cred_params: [ES256, RS256].map(|alg| KeyKind { kind: public_key(), alg }).to_vec(),
        timeout: TIMEOUT_MS,
        exclude_credentials: known.map(|passkey| KnownPasskey { kind: public_key(), id: passkey.id }).collect(),
        authenticator_selection: PasskeyWish { resident_key: "required".to_owned(), user_verification: "required".to_owned() },
        attestation: "none".to_owned(),
    })
}

/// Keeps a passkey that was made in answer to a challenge about `about`.
pub(in crate::http) fn keep(app: &App, site: &Site, about: &str, person: &str, passkey: &NewPasskey) -> Result<PasskeyView, Failure> {
    let label = names::name(&passkey.label)
        .ok_or_else(|| invalid("label", "A passkey's name has 1 to 60 characters.", "Say which device it is on."))?;
    let now = app.now();
    let refused = |why: &str| {
        log::warn!("a new passkey was not accepted: {why}");
        let detail = "It does not answer the question this page asked, or too much time has passed.";
        Failure::from(Problem::new(422, "passkey_not_made", "The passkey could not be kept.", detail, "Load the page again and repeat it."))
    };
    let challenge = passkey::challenge_of(&passkey.client_data).map_err(|why| refused(&why.to_string()))?;
    let asked = app.seal().open(&Purpose::MakePasskey { origin: &site.origin, about }, &challenge, now);
    let asked = asked.ok_or_else(|| refused("its challenge is not known"))?;
    let made = passkey::made(site, &challenge, passkey).map_err(|why| refused(&why.to_string()))?;
    if app.ledger.passkeys().find(&made.id)?.is_some() {
        return Err(refused("it is there already"));
    }
    if !app.ledger.spent_tokens().spend(&asked.mark, asked.ends)? {
        return Err(refused("its challenge was answered before"));
    }
    app.ledger.passkeys().add(person, &made, &label, now)?;
    Ok(PasskeyView { id: made.id, label, created_at: now, used_at: None })
}
