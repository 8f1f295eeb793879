//! The Worker, as the app sees it. [`Visitor`] can only call what is open to visitors; [`Client`] can call everything.

mod ahead;
mod link;
mod sign_in;

use std::pin::Pin;

use contract::share::{BeginVisit, OpenShare, ShowSharedCompany};
use contract::{Endpoint, Problem, VisitorEndpoint};
use domain::json::{JsonError, read};
use gloo_net::http::{Method, RequestBuilder, Response};
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use web_sys::{RequestRedirect, ResponseType};

use self::ahead::Ahead;
pub(crate) use self::link::{Link, asked, part_of};
pub(crate) use self::sign_in::STEP_UP_WANTED;
use self::sign_in::not_proven;
use crate::state::connectivity::Connectivity;
use crate::state::step_up::StepUp;

/// What the Worker answers, or what is the matter.
pub(crate) type Answer<T> = Result<T, Problem>;

/// The code of the problem that no answer came.
pub(crate) const UNREACHABLE: &str = "unreachable";
/// The code of the problem that Cloudflare Access in front of the Worker answered instead.
pub(crate) const ACCESS_WANTED: &str = "walled";

/// Somebody who may be signed in or not.
#[derive(Clone, Copy)]
pub(crate) struct Visitor {
    reach: Connectivity,
}

/// Somebody who is signed in. Made from a [`Visitor`]; a 401 ends it.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    reach: Connectivity,
    step_up: StepUp,
    ended: Callback<()>,
    ahead: Ahead,
}

impl Visitor {
    /// A visitor who notes in `reach` whether the Worker answers.
    pub(crate) fn new(reach: Connectivity) -> Self {
        Self { reach }
    }

    /// The client of a signed-in visitor; `ended` is called when the session turns out to be over.
    pub(crate) fn signed_in(self, step_up: StepUp, ended: Callback<()>) -> Client {
        Client { reach: self.reach, step_up, ended, ahead: Ahead::nothing() }
    }

    /// Reads from an endpoint.
    pub(crate) async fn get<E: VisitorEndpoint<Body = (), Response: DeserializeOwned>>(self, link: Link<E>) -> Answer<E::Response> {
        decoded(&exchange(self.reach, method::<E>(), &link.into_text(), None).await?)
    }

    /// Calls an endpoint.
    pub(crate) async fn call<E>(self, _: E, body: &E::Body) -> Answer<E::Response>
    where
        E: VisitorEndpoint<Path = (), Query = (), Body: Serialize, Response: DeserializeOwned>,
    {
        decoded(&called::<E>(self.reach, body).await?)
    }

    /// Reads what a share link shows, undecoded. Without a token the visit goes on by its cookie.
    pub(crate) async fn shared(self, token: Option<String>, code: Option<String>) -> Answer<String> {
        if let Some(token) = token {
            called::<BeginVisit>(self.reach, &OpenShare { token, code }).await?;
        }
        exchange(self.reach, method::<ShowSharedCompany>(), &Link::<ShowSharedCompany>::here().into_text(), None).await
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
            let refused = answer.as_ref().err().filter(|problem| problem.code == STEP_UP_WANTED).cloned();
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

    /// Reads from an endpoint.
    pub(crate) async fn get<E: Endpoint<Body = (), Response: DeserializeOwned>>(self, link: Link<E>) -> Answer<E::Response> {
        decoded(&self.exchange(method::<E>(), &link.into_text(), None).await?)
    }

    /// Reads an address that was made from a [`Link`], undecoded.
    pub(crate) async fn text(self, address: &str) -> Answer<String> {
        self.exchange(Method::GET, address, None).await
    }

    /// Calls an endpoint.
    pub(crate) async fn call<E>(self, endpoint: E, path: &E::Path, body: &E::Body) -> Answer<E::Response>
    where
        E: Endpoint<Query = (), Body: Serialize, Response: DeserializeOwned>,
    {
        decoded(&self.sent(endpoint, path, body).await?)
    }

    /// Calls an endpoint that takes a query and no body.
    pub(crate) async fn call_with<E>(self, _: E, path: &E::Path, query: &E::Query) -> Answer<E::Response>
    where
        E: Endpoint<Query: Serialize, Body = (), Response: DeserializeOwned>,
    {
        decoded(&self.exchange(method::<E>(), &Link::<E>::at(path).with(query).into_text(), None).await?)
    }

    /// Calls an endpoint whose response the page reads by itself, with the next poll.
    pub(crate) async fn tell<E: Endpoint<Query = (), Body: Serialize>>(self, endpoint: E, path: &E::Path, body: &E::Body) -> Answer<()> {
        self.sent(endpoint, path, body).await.map(|_| ())
    }

    /// Hands a text over that is the endpoint's body already.
    pub(crate) async fn upload<E>(self, _: E, json: String) -> Answer<E::Response>
    where
        E: Endpoint<Path = (), Query = (), Response: DeserializeOwned>,
    {
        decoded(&self.exchange(method::<E>(), &Link::<E>::here().into_text(), Some(json)).await?)
    }

    fn sent<E>(self, _: E, path: &E::Path, body: &E::Body) -> Pin<Box<dyn Future<Output = Answer<String>>>>
    where
        E: Endpoint<Query = (), Body: Serialize>,
    {
        self.exchange(method::<E>(), &Link::<E>::at(path).into_text(), body_of::<E>(body))
    }
}

/// The body of a request to an endpoint; none when it takes none.
fn body_of<E: Endpoint<Body: Serialize>>(body: &E::Body) -> Option<String> {
    if E::TAKES.body { serde_json::to_string(body).ok() } else { None }
}

fn method<E: Endpoint>() -> Method {
    match E::ROUTE.method {
        contract::Method::Get => Method::GET,
        contract::Method::Post => Method::POST,
        contract::Method::Put => Method::PUT,
        contract::Method::Patch => Method::PATCH,
        contract::Method::Delete => Method::DELETE,
    }
}

/// Calls an endpoint as whoever is there.
fn called<E>(reach: Connectivity, body: &E::Body) -> Pin<Box<dyn Future<Output = Answer<String>>>>
where
    E: Endpoint<Path = (), Query = (), Body: Serialize>,
{
    exchange(reach, method::<E>(), &Link::<E>::here().into_text(), body_of::<E>(body))
}

/// The one way out: JSON in, JSON or a problem back. An empty answer is `null`.
fn exchange(reach: Connectivity, method: Method, path: &str, body: Option<String>) -> Pin<Box<dyn Future<Output = Answer<String>>>> {
    Box::pin(answer(reach, method, path.to_owned(), body))
}

async fn answer(reach: Connectivity, method: Method, path: String, body: Option<String>) -> Answer<String> {
    let writes = method != Method::GET;
    // The Worker itself sends nobody elsewhere: what does is Cloudflare Access in front of it, whose sign-in is no answer.
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
            reach.access_wanted();
            return Err(access_wanted());
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

fn access_wanted() -> Problem {
    let detail = "It has sent the request to its sign-in instead of here, so nothing was changed.";
    Problem::new(0, ACCESS_WANTED, "Your organisation wants to know again who you are.", detail, "Load the page again, which leads there.")
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
