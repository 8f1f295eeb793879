//! The Worker, as the app sees it. [`Visitor`] can only sign in; [`Client`] can do everything else.

mod ahead;
mod doors;
mod share;
mod tickets;

use std::pin::Pin;

use gloo_net::http::{Method, RequestBuilder, Response};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::api::Problem;
use shared::api::companies::{CompanyChanges, MappingsStored, SwitchTickets};
use shared::api::connections::{ConnectionChange, ConnectionView, Consequences, NewConnection};
use shared::api::drift::{DriftView, Ignore, Resolve};
use shared::api::history::Reverse;
use shared::api::mapping_table::{ImportTable, Imported};
use shared::api::month::{Approve, Decided, Dismiss, Hold, LineView, Release, Retry};
use shared::api::months::{CloseMonth, ClosedView};
use shared::api::overview::Overview;
use shared::api::passes::{PassKind, StartPasses, StartedPasses};
use shared::api::policy::PolicyView;
use shared::api::products::ProductChanges;
use shared::billing::{Period, Policy};
use shared::connections::TestReport;
use shared::ids::{ConnectionId, DriftId, IntentId, LineId};
use shared::json::{JsonError, read};
use web_sys::{RequestRedirect, ResponseType};

use self::ahead::Ahead;
pub(crate) use self::doors::PROOF_WANTED;
use self::doors::not_proven;
use crate::model::address::encoded;
use crate::state::proof::Proof;
use crate::state::reach::Reach;

/// What the Worker answers, or what is the matter.
pub(crate) type Answer<T> = Result<T, Problem>;

/// The code of the problem that no answer came.
pub(crate) const UNREACHABLE: &str = "unreachable";
/// The code of the problem that a wall in front of the Worker answered instead.
pub(crate) const WALLED: &str = "walled";

/// Somebody who may be signed in or not.
#[derive(Clone, Copy)]
pub(crate) struct Visitor {
    reach: Reach,
}

/// Somebody who is signed in. Made from a [`Visitor`]; a 401 ends it.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    reach: Reach,
    proof: Proof,
    ended: Callback<()>,
    ahead: Ahead,
}

impl Visitor {
    /// A visitor who notes in `reach` whether the Worker answers.
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach }
    }

    /// The client of a signed-in visitor; `ended` is called when the session turns out to be over.
    pub(crate) fn signed_in(self, proof: Proof, ended: Callback<()>) -> Client {
        Client { reach: self.reach, proof, ended, ahead: Ahead::nothing() }
    }
}

impl Client {
    /// Sends a request, unless it was sent ahead. One that wants a passkey to be shown first is sent once more when it was.
    fn exchange(self, method: Method, path: &str, body: Option<String>) -> Pin<Box<dyn Future<Output = Answer<String>>>> {
        let path = path.to_owned();
        Box::pin(async move {
            if method == Method::GET
                && let Some(text) = self.ahead.take(&path).await
            {
                return Ok(text);
            }
            let mut answer = exchange(self.reach, method.clone(), &path, body.clone()).await;
            let refused = answer.as_ref().err().filter(|problem| problem.code == PROOF_WANTED).cloned();
            if let Some(refused) = refused {
                answer = match self.prove(&refused).await {
                    Ok(()) => exchange(self.reach, method, &path, body).await,
                    Err(()) => Err(not_proven(refused)),
                };
            }
            if answer.as_ref().is_err_and(|problem| problem.status == 401) {
                self.ended.try_run(());
            }
            answer
        })
    }

    async fn send<T: DeserializeOwned>(self, method: Method, path: &str, body: Option<String>) -> Answer<T> {
        decoded(&self.exchange(method, path, body).await?)
    }

    /// Reads anything by its address, undecoded.
    pub(crate) async fn text(self, path: &str) -> Answer<String> {
        self.exchange(Method::GET, path, None).await
    }

    /// Reads anything by its address.
    pub(crate) async fn get<T: DeserializeOwned>(self, path: &str) -> Answer<T> {
        self.send(Method::GET, path, None).await
    }

    /// What needs a person, and how old everything is.
    pub(crate) async fn overview(self) -> Answer<Overview> {
        self.get("/api/overview").await
    }

    /// Approves lines, all in one run.
    pub(crate) async fn approve(self, lines: &Approve) -> Answer<Decided> {
        self.send(Method::POST, "/api/lines/approve", written(lines)).await
    }

    /// Holds lines.
    pub(crate) async fn hold(self, lines: &Hold) -> Answer<Decided> {
        self.send(Method::POST, "/api/lines/hold", written(lines)).await
    }

    /// Leaves lines as they are until their numbers change.
    pub(crate) async fn dismiss(self, lines: &Dismiss) -> Answer<Decided> {
        self.send(Method::POST, "/api/lines/dismiss", written(lines)).await
    }

    /// Tries the failed and parked changes of lines again.
    pub(crate) async fn retry_lines(self, lines: &Retry) -> Answer<Decided> {
        self.send(Method::POST, "/api/lines/retry", written(lines)).await
    }

    /// Takes holds and dismissals back.
    pub(crate) async fn release(self, lines: &Release) -> Answer<Decided> {
        self.send(Method::POST, "/api/lines/release", written(lines)).await
    }

    /// One line with its evidence.
    pub(crate) async fn line(self, id: &LineId) -> Answer<LineView> {
        self.get(&format!("/api/lines/{}", encoded(id.as_str()))).await
    }

    /// Tries a failed or parked change again. What it answers is read with the next poll.
    pub(crate) async fn retry(self, id: &IntentId) -> Answer<serde::de::IgnoredAny> {
        self.send(Method::POST, &format!("/api/intents/{}/retry", encoded(id.as_str())), None).await
    }

    /// Takes a written change back. What comes of it is read with the next poll.
    pub(crate) async fn reverse(self, id: &IntentId, reason: String) -> Answer<serde::de::IgnoredAny> {
        self.send(Method::POST, &format!("/api/intents/{}/reverse", encoded(id.as_str())), written(&Reverse { reason })).await
    }

    /// Repairs what changed under a mapping.
    pub(crate) async fn resolve(self, id: &DriftId, repair: &Resolve) -> Answer<DriftView> {
        self.send(Method::POST, &format!("/api/drift/{}/resolve", encoded(id.as_str())), written(repair)).await
    }

    /// Leaves what changed under a mapping as it is.
    pub(crate) async fn ignore(self, id: &DriftId, reason: String) -> Answer<DriftView> {
        self.send(Method::POST, &format!("/api/drift/{}/ignore", encoded(id.as_str())), written(&Ignore { reason })).await
    }

    /// Closes a month, for good.
    pub(crate) async fn close_month(self, period: Period, accepting: &CloseMonth) -> Answer<ClosedView> {
        self.send(Method::POST, &format!("/api/months/{period}/close"), written(accepting)).await
    }

    /// Sets the caps lines and approvals must keep.
    pub(crate) async fn set_policy(self, policy: &Policy) -> Answer<PolicyView> {
        self.send(Method::PUT, "/api/policy", written(policy)).await
    }

    /// Starts passes: reading everything and then planning, or looking at the groups that ticket rules watch.
    pub(crate) async fn start_passes(self, kind: PassKind) -> Answer<StartedPasses> {
        self.send(Method::POST, "/api/passes", written(&StartPasses { kind })).await
    }

    /// Stores decisions for companies: all of them, or none.
    pub(crate) async fn map_companies(self, changes: &CompanyChanges) -> Answer<MappingsStored> {
        self.send(Method::PUT, "/api/mappings/companies", written(changes)).await
    }

    /// Switches tickets on or off for the devices of companies.
    pub(crate) async fn switch_tickets(self, switch: &SwitchTickets) -> Answer<()> {
        self.send(Method::PUT, "/api/companies/tickets", written(switch)).await
    }

    /// Takes a table of company mappings in, or says what it would change.
    pub(crate) async fn import_companies(self, table: &ImportTable) -> Answer<Imported> {
        self.send(Method::POST, "/api/mappings/companies/import", written(table)).await
    }

    /// Stores decisions for products: all of them, or none.
    pub(crate) async fn map_products(self, changes: &ProductChanges) -> Answer<MappingsStored> {
        self.send(Method::PUT, "/api/mappings/products", written(changes)).await
    }

    /// One connection.
    pub(crate) async fn connection(self, id: &str) -> Answer<ConnectionView> {
        self.get(&format!("/api/connections/{}", encoded(id))).await
    }

    /// Creates a connection and tests it.
    pub(crate) async fn create_connection(self, connection: &NewConnection) -> Answer<ConnectionView> {
        self.send(Method::POST, "/api/connections", written(connection)).await
    }

    /// Tests credentials without storing them.
    pub(crate) async fn try_connection(self, connection: &NewConnection) -> Answer<TestReport> {
        self.send(Method::POST, "/api/connections/test", written(connection)).await
    }

    /// Changes a connection.
    pub(crate) async fn change_connection(self, id: &ConnectionId, change: &ConnectionChange) -> Answer<ConnectionView> {
        self.send(Method::PATCH, &connection_path(id, ""), written(change)).await
    }

    /// Tests a stored connection.
    pub(crate) async fn test_connection(self, id: &ConnectionId) -> Answer<TestReport> {
        self.send(Method::POST, &connection_path(id, "/test"), None).await
    }

    /// What deleting a connection takes along.
    pub(crate) async fn consequences(self, id: &ConnectionId) -> Answer<Consequences> {
        self.get(&connection_path(id, "/consequences")).await
    }

    /// Deletes a connection; its history is kept.
    pub(crate) async fn delete_connection(self, id: &ConnectionId) -> Answer<()> {
        self.send(Method::DELETE, &connection_path(id, ""), None).await
    }
}

fn connection_path(id: &ConnectionId, rest: &str) -> String {
    format!("/api/connections/{}{rest}", encoded(id.as_str()))
}

/// A request's body.
pub(crate) fn written<B: Serialize>(body: &B) -> Option<String> {
    serde_json::to_string(body).ok()
}

/// The one way out: JSON in, JSON or a problem back. An empty answer is `null`.
fn exchange(reach: Reach, method: Method, path: &str, body: Option<String>) -> Pin<Box<dyn Future<Output = Answer<String>>>> {
    Box::pin(answer(reach, method, path.to_owned(), body))
}

async fn answer(reach: Reach, method: Method, path: String, body: Option<String>) -> Answer<String> {
    let writes = method != Method::GET;
    // The Worker itself sends nobody elsewhere: what does is a wall in front of it, whose sign-in is no answer.
    let request = RequestBuilder::new(&path).method(method).header("accept", "application/json").redirect(RequestRedirect::Manual);
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body),
        None => request.build(),
    };
    let response = match request {
        Ok(request) => request.send().await,
        Err(error) => Err(error),
    };
    let answered = match response {
        Ok(response) if response.type_() == ResponseType::Opaqueredirect => {
            reach.walled();
            return Err(walled());
        }
        Ok(response) => Ok((response.status(), is_problem(&response), response.text().await)),
        Err(error) => Err(error),
    };
    match answered {
        Ok((status, problem, Ok(text))) => {
            reach.answered();
            if (200..300).contains(&status) { Ok(text) } else { Err(refusal(status, problem, &text)) }
        }
        Ok((_, _, Err(_))) | Err(_) => {
            reach.silent();
            Err(unreachable(writes))
        }
    }
}

fn is_problem(response: &Response) -> bool {
    response.headers().get("content-type").is_some_and(|kind| kind.starts_with("application/problem+json"))
}

/// What an answer says; an empty one is `null`.
///
/// # Errors
/// When it is of another shape than the contract has.
pub(crate) fn decoded<T: DeserializeOwned>(text: &str) -> Answer<T> {
    read(text.as_bytes()).map_err(|error| unreadable(&error))
}

fn unreadable(error: &JsonError) -> Problem {
    Problem::new(
        200,
        "unreadable_answer",
        "Seatbridge answered something this page cannot read.",
        format!("The page and the service are probably of different versions ({error})."),
        "Reload the page.",
    )
}

/// The problem an unsuccessful answer stands for, also when something in between answered for the Worker.
fn refusal(status: u16, is_problem: bool, text: &str) -> Problem {
    let told = if is_problem { read(text.as_bytes()).ok() } else { None };
    told.unwrap_or_else(|| match status {
        401 => Problem::new(401, "signed_out", "You are not signed in.", "The session has ended.", "Sign in with your passkey."),
        status => Problem::new(
            status,
            "unexplained",
            "The service refused without saying why.",
            format!("It answered {status}. Nothing is known to have changed."),
            "Try again in a minute; if it stays, look at the Worker's log.",
        ),
    })
}

fn unreachable(writes: bool) -> Problem {
    let meaning = if writes {
        "Whether it arrived is not known. Nothing is ever written twice: the list shows where it stands once the service answers again."
    } else {
        "What you see is what was known last."
    };
    Problem::new(0, UNREACHABLE, "Seatbridge cannot be reached.", meaning, "Check your connection, then try again.")
}

fn walled() -> Problem {
    let detail = "It has sent the request to its sign-in instead of here, so nothing was changed.";
    Problem::new(0, WALLED, "Your organisation wants to know again who you are.", detail, "Load the page again, which leads there.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_taken_from_the_answer() {
        let sent = Problem::new(409, "stale_preview", "It changed.", "The line is newer.", "Look again.").about("lines");
        let text = serde_json::to_string(&sent).expect("json");
        assert_eq!(refusal(409, true, &text), sent);
    }

    #[test]
    fn an_answer_that_explains_nothing_still_says_what_to_do() {
        let problem = refusal(502, false, "<html>Bad gateway</html>");
        assert_eq!((problem.status, problem.code.as_str()), (502, "unexplained"));
        assert!(!problem.remedy.is_empty());
        assert_eq!(refusal(401, false, "").code, "signed_out");
    }

    #[test]
    fn an_empty_answer_is_nothing() {
        assert!(decoded::<()>("").is_ok());
        assert_eq!(decoded::<u32>("\"x\"").map_err(|problem| problem.code), Err("unreadable_answer".to_owned()));
    }
}
