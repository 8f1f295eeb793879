//! Cloudflare Access in front of the API, when the deployment has it. It stands before authorization and takes nothing from it.

use axum::http::{HeaderMap, HeaderName};
use contract::Problem;
use domain::access::Action;

use crate::http::App;
use crate::http::middleware::error::Failure;
use crate::identity::{CloudflareAccess, Expected, NotVerified};
use egress::{Inquiry, Of};

/// What Access puts on a request it lets through.
const PASS: HeaderName = HeaderName::from_static("cf-access-jwt-assertion");

/// The one pass of a request; none when there is none, or more than one.
pub(in crate::http) fn pass_of(headers: &HeaderMap) -> Option<String> {
    let mut passes = headers.get_all(PASS).iter();
    match (passes.next(), passes.next()) {
        (Some(pass), None) => pass.to_str().ok().map(str::to_owned),
        _ => None,
    }
}

/// Whether Cloudflare Access lets a request with this pass through to a route that does `action`; none for a path that no route has.
#[worker::send]
pub(in crate::http) async fn let_through(app: &App, action: Option<Action>, pass: Option<String>) -> Result<(), Failure> {
    let cloudflare_access = match &app.config.identity.cloudflare_access {
        Ok(None) => return Ok(()),
        Ok(Some(cloudflare_access)) => cloudflare_access,
        Err(error) => {
            log::error!("{error}: nobody is let in");
            return Err(Problem::new(
                503,
                "access_not_configured",
                "Seatbridge is set up to stand behind Cloudflare Access, but not completely.",
                error.to_string(),
                "Set both ACCESS_TEAM_DOMAIN and ACCESS_AUDIENCE, or neither, and deploy again.",
            )
            .into());
        }
    };
    // Share links are for strangers, and whether the service is up is no secret.
    if matches!(action, Some(Action::OpenShare | Action::SeeShare | Action::SeeStatus)) {
        return Ok(());
    }
    let Some(pass) = pass else { return Err(refused("it bears none")) };
    checked(app, cloudflare_access, &pass).await
}

async fn checked(app: &App, cloudflare_access: &CloudflareAccess, pass: &str) -> Result<(), Failure> {
    let issuers = std::slice::from_ref(&cloudflare_access.issuer);
    let expected = Expected { issuers, audience: &cloudflare_access.audience, for_others_too: true };
    let inquiry = Inquiry::get(Of::Team, cloudflare_access.keys.clone(), "keys");
    match app.access_keys.verify(&app.egress, &inquiry, pass, &expected, app.now()).await {
        Ok(_) => Ok(()),
        Err(NotVerified::Refused(why)) => Err(refused(&why.to_string())),
        Err(NotVerified::NoKeys(why)) => {
            log::error!("nobody is let in: Access's keys could not be fetched: {why}");
            let detail = "Without its keys nobody can be told from a stranger.";
            let remedy = "Try again in a minute. If it stays, check ACCESS_TEAM_DOMAIN.";
            Err(Problem::new(503, "access_unreachable", "Cloudflare Access does not answer.", detail, remedy).into())
        }
    }
}

fn refused(why: &str) -> Failure {
    log::warn!("a pass of Access was not accepted: {why}");
    Problem::new(
        403,
        "access_refused",
        "Cloudflare Access did not let this request through.",
        "Every request needs a pass of Access that is valid for this install.",
        "Load the page again and sign in to Access. A program sends a service token of Access as well.",
    )
    .into()
}
