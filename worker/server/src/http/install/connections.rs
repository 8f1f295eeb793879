//! Connections. Credentials come in, are sealed at once, and never go out.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use contract::Problem;
use contract::connections::{
    ChangeConnection, ConnectionChange, ConnectionView, Consequences, CreateConnection, DeleteConnection, ListConnections, NewConnection,
    ShowConnection, ShowConsequences, TestConnection, TestCredentials,
};
use domain::connections::{Check, CheckResult, ConnectionKind, Credentials, EMA2_ADDRESS, TestReport, connect_address};
use domain::ids::ConnectionId;
use domain::mapping::{MAPPINGS_SCHEMA, Mappings};

use crate::clients::keys;
use crate::history;
use crate::http::App;
use crate::http::install::overview::freshness;
use crate::http::middleware::answer::Json;
use crate::http::middleware::caller::Caller;
use crate::http::middleware::error::{Failure, invalid, not_found};
use crate::http::middleware::extract::{Body, Path};
use crate::http::routes::Routes;
use crate::tenant::{MAPPINGS, catalogue_of, document_of};
use connect::{self, Flavour};
use egress::guard;
use store::ledger::{ConnectionRow, LineFilter, NewConnectionRow};

/// Calls a test may make.
const TEST_BUDGET: u32 = 30;

/// Serves these endpoints.
pub(in crate::http) fn routes(routes: Routes) -> Routes {
    routes
        .on(ListConnections, list)
        .on(CreateConnection, create)
        .on(TestCredentials, test_unsaved)
        .on(ShowConnection, show)
        .on(ChangeConnection, change)
        .on(DeleteConnection, delete)
        .on(TestConnection, test)
        .on(ShowConsequences, consequences)
}

async fn list(State(app): State<App>) -> Result<Json<Vec<ConnectionView>>, Failure> {
    let rows = app.ledger.connections().all()?;
    Ok(Json(rows.into_iter().map(|row| view(&app, row)).collect::<Result<_, _>>()?))
}

async fn show(State(app): State<App>, Path(id): Path<ConnectionId>) -> Result<Json<ConnectionView>, Failure> {
    Ok(Json(view(&app, known(&app, &id)?)?))
}

#[worker::send]
async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Body(request): Body<NewConnection>,
) -> Result<Json<ConnectionView>, Failure> {
    let now = app.now();
    let id = ConnectionId(app.new_id());
    let row = NewConnectionRow {
        name: checked_name(&app, &request.name, None)?,
        kind: request.credentials.kind(),
        address: checked_address(&app, &headers, request.address.as_deref(), request.credentials.kind())?,
        identity: identity(&request.credentials),
        sealed: app.clients().seal(&id, &checked(request.credentials.clone())?)?,
        credentials_set_at: now,
        id,
    };
    app.ledger.connections().store(&row, now)?;
    app.ledger.history().add(history::connection_created(&caller.name, &row), now)?;
    let report = report(&app, &row.address, request.credentials).await;
    app.ledger.connections().store_test(&row.id, &report)?;
    Ok(Json(view(&app, known(&app, &row.id)?)?))
}

#[worker::send]
async fn test_unsaved(State(app): State<App>, headers: HeaderMap, Body(request): Body<NewConnection>) -> Result<Json<TestReport>, Failure> {
    let address = checked_address(&app, &headers, request.address.as_deref(), request.credentials.kind())?;
    Ok(Json(report(&app, &address, checked(request.credentials)?).await))
}

#[worker::send]
async fn test(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<ConnectionId>,
) -> Result<Json<TestReport>, Failure> {
    let row = known(&app, &id)?;
    let report = report(&app, &row.address, app.clients().credentials(&row)?).await;
    app.ledger.connections().store_test(&id, &report)?;
    app.ledger.history().add(history::connection_tested(&caller.name, &row, &report), app.now())?;
    Ok(Json(report))
}

#[worker::send]
async fn change(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<ConnectionId>,
    headers: HeaderMap,
    Body(request): Body<ConnectionChange>,
) -> Result<Json<ConnectionView>, Failure> {
    let now = app.now();
    let row = known(&app, &id)?;
    let mut changed = NewConnectionRow {
        name: request.name.as_deref().map_or(Ok(row.name.clone()), |name| checked_name(&app, name, Some(&id)))?,
        address: request
            .address
            .as_deref()
            .map_or(Ok(row.address.clone()), |text| checked_address(&app, &headers, Some(text), row.kind))?,
        kind: row.kind,
        identity: row.identity.clone(),
        sealed: row.sealed.clone(),
        credentials_set_at: row.credentials_set_at,
        id: id.clone(),
    };
    if let Some(credentials) = request.credentials {
        if credentials.kind() != row.kind {
            let title = "A connection keeps its vendor.";
            return Err(invalid("credentials.kind", title, "Create another connection for the other vendor."));
        }
        changed.identity = identity(&credentials);
        changed.sealed = app.clients().seal(&id, &checked(credentials)?)?;
        changed.credentials_set_at = now;
    } else if changed.address != row.address {
        // Credentials given for one server are not sent to another because somebody changed an address.
        let title = "A new address needs the credentials again.";
        return Err(invalid("credentials", title, "Enter the credentials together with the new address."));
    }
    app.ledger.connections().store(&changed, now)?;
    app.forget_sessions(&id);
    app.rest_no_longer(&row)?;
    // Two addresses of one ConnectWise are no other place.
    let elsewhere = known(&app, &id)?.place() != row.place();
    if row.kind == ConnectionKind::Connectwise && elsewhere {
        // Another server may have other agreements under the same numbers: nothing read there before may be written here.
        app.ledger.passes().end_over(&id, "The connection was changed.", now)?;
        app.abandon_changes_of(&id, "The ConnectWise connection leads elsewhere now.")?;
        app.ticket_rules().lead_elsewhere(&id)?;
        app.ledger.pointers().forget(&catalogue_of(&id))?;
        app.ledger.additions().forget(&id)?;
        app.ledger.lines().withdraw_previews(&id)?;
        app.replan()?;
        app.wake().await?;
    }
    app.ledger.history().add(history::connection_changed(&caller.name, &row, &changed, now), now)?;
    let changed = known(&app, &id)?;
    let report = report(&app, &changed.address, app.clients().credentials(&changed)?).await;
    app.ledger.connections().store_test(&id, &report)?;
    Ok(Json(view(&app, known(&app, &id)?)?))
}

#[worker::send]
async fn consequences(State(app): State<App>, Path(id): Path<ConnectionId>) -> Result<Json<Consequences>, Failure> {
    let row = known(&app, &id)?;
    let (mappings, _) = app.mappings().await?;
    Ok(Json(consequences_of(&app, &row, &mappings)?))
}

#[worker::send]
async fn delete(State(app): State<App>, Extension(caller): Extension<Caller>, Path(id): Path<ConnectionId>) -> Result<(), Failure> {
    let row = known(&app, &id)?;
    let (mappings, version) = app.mappings().await?;
    let gone = consequences_of(&app, &row, &mappings)?;
    let mut left = Mappings::clone(&mappings);
    left.forget(&id);
    let now = app.now();
    if left != *mappings {
        app.documents.publish(MAPPINGS, MAPPINGS, MAPPINGS_SCHEMA, version, left, now).await?;
    }
    app.ledger.connections().delete(&id, now)?;
    app.ledger.share_links().revoke_of(&id, now)?;
    app.ledger.access_groups().forget_connection(&id)?;
    app.ledger.group_owners().forget_connection(&id)?;
    app.ledger.passes().end_over(&id, "The connection was deleted.", now)?;
    app.abandon_changes_of(&id, "The ConnectWise connection was deleted.")?;
    app.ticket_rules().stop_through(&id)?;
    app.drift_watch().look_at_rules(&caller.name)?;
    app.ledger.pointers().forget(&document_of(row.kind, &id))?;
    app.ledger.additions().forget(&id)?;
    app.ledger.lines().withdraw_previews(&id)?;
    app.forget_sessions(&id);
    app.ledger.history().add(history::connection_deleted(&caller.name, &row, gone.words), now)?;
    app.replan()?;
    app.wake().await?;
    Ok(())
}

fn consequences_of(app: &App, row: &ConnectionRow, mappings: &Mappings) -> Result<Consequences, Failure> {
    let (company_mappings, product_mappings) = mappings.clone().forget(&row.id);
    let scope = &domain::access::Visibility::Everything;
    let filter = LineFilter { scope, segment: contract::month::Segment::All, text: "", after: None, skip: 0, limit: u32::MAX };
    let (lines, _) = app.ledger.lines().list(&filter)?;
    let lines = lines.iter().filter(|line| line.line.concerns(&row.id)).count();
    let open_intents = app.ledger.changes().open_through(&row.id)?.len();
    let shares = mappings.targets().flat_map(|(_, _, target)| &target.groups).filter(|share| share.connection == row.id).count();
    let apart = match shares {
        0 => String::new(),
        1 => "1 group is not billed apart any more; ".to_owned(),
        shares => format!("{shares} groups are not billed apart any more; "),
    };
    let rules = app.ticket_rules().through(&row.id)?.len();
    let stopped = match (rules, row.kind) {
        (0, _) => String::new(),
        (1, ConnectionKind::Connectwise) => "1 ticket rule pauses until it opens tickets elsewhere; ".to_owned(),
        (rules, ConnectionKind::Connectwise) => format!("{rules} ticket rules pause until they open tickets elsewhere; "),
        (1, _) => "1 ticket rule is switched off, and its tickets are left to people; ".to_owned(),
        (rules, _) => format!("{rules} ticket rules are switched off, and their tickets are left to people; "),
    };
    let days = app.retention()?.ages.deleted_connection_days;
    let words = format!(
        "{apart}{stopped}{company_mappings} company mappings, {product_mappings} product mappings and {lines} lines of this month go; \
         {open_intents} approved changes will not be written any more. Nothing changes at {}, and the history and the tickets' log stay. \
         What was read through it goes after {days} days.",
        row.kind.vendor()
    );
    let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(Consequences {
        company_mappings: count(company_mappings),
        product_mappings: count(product_mappings),
        lines: count(lines),
        open_intents: count(open_intents),
        ticket_rules: count(rules),
        words,
    })
}

fn known(app: &App, id: &ConnectionId) -> Result<ConnectionRow, Failure> {
    app.ledger.connections().find(id)?.ok_or_else(|| not_found("connection"))
}

fn view(app: &App, row: ConnectionRow) -> Result<ConnectionView, Failure> {
    let freshness = freshness(&app.policy()?, &row, &app.ledger.passes().open()?, app.now());
    Ok(ConnectionView {
        freshness,
        id: row.id,
        name: row.name,
        kind: row.kind,
        address: row.address,
        identity: row.identity,
        credentials_set_at: row.credentials_set_at,
        last_test: row.last_test,
    })
}

fn checked_name(app: &App, name: &str, own: Option<&ConnectionId>) -> Result<String, Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 60 {
        return Err(invalid("name", "A name has 1 to 60 characters.", "Choose a name people will recognise."));
    }
    let taken = app.ledger.connections().all()?.iter().any(|other| other.name == name && Some(&other.id) != own);
    if taken {
        let problem =
            Problem::new(409, "name_taken", "Another connection has this name.", format!("It is {name}."), "Choose another name.");
        return Err(problem.about("name").into());
    }
    Ok(name.to_owned())
}

fn checked_address(app: &App, headers: &HeaderMap, address: Option<&str>, kind: ConnectionKind) -> Result<String, Failure> {
    let address = address.map(str::trim).filter(|address| !address.is_empty());
    let address = match (address, kind) {
        (Some(address), _) => address,
        (None, ConnectionKind::Ema2) => EMA2_ADDRESS,
        (None, ConnectionKind::Connect) => {
            return Err(invalid("address", "ESET Connect needs the region.", "Enter the console's region: eu, de, us, ca or jpn."));
        }
        (None, ConnectionKind::Onprem) => {
            let remedy = "Enter the server's public address with its port, such as https://protect.example.com:9443.";
            return Err(invalid("address", "ESET PROTECT On-Prem needs the server's address.", remedy));
        }
        (None, ConnectionKind::Connectwise) => {
            let remedy = "Enter the site you sign in to, such as na.myconnectwise.net.";
            return Err(invalid("address", "ConnectWise needs its site's address.", remedy));
        }
    };
    let region = if kind == ConnectionKind::Connect { connect_address(address) } else { None };
    let address = region.as_deref().unwrap_or(address);
    let blocked = |why: &str| {
        // The address itself is not repeated: people have typed a password into it.
        let detail = format!("It cannot be used: {why}.");
        let remedy = "Enter the vendor's public https address.";
        Failure::from(Problem::new(422, "blocked_address", "This address cannot be used.", detail, remedy).about("address"))
    };
    let url = guard::parse(address, app.config.environment).map_err(|why| blocked(&why.to_string()))?;
    let own = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if own.is_some_and(|host| guard::is_own(&url, host, app.config.environment)) {
        return Err(blocked("it is Seatbridge's own"));
    }
    Ok(address.trim_end_matches('/').to_owned())
}

/// Checks that no credential is empty; blanks at the ends of keys come from copying and are dropped. A password keeps its own.
fn checked(credentials: Credentials) -> Result<Credentials, Failure> {
    let filled = |field: &str, text: String| {
        if text.trim().is_empty() {
            let field = format!("credentials.{field}");
            return Err(invalid(&field, "This must not be empty.", "Copy it from the vendor's console."));
        }
        Ok(text)
    };
    let trimmed = |field: &str, text: String| filled(field, text).map(|text| text.trim().to_owned());
    Ok(match credentials {
        Credentials::Ema2 { username, password } => {
            Credentials::Ema2 { username: trimmed("username", username)?, password: filled("password", password)? }
        }
        Credentials::Connect { username, password } => {
            Credentials::Connect { username: trimmed("username", username)?, password: filled("password", password)? }
        }
        Credentials::Onprem { username, password } => {
            Credentials::Onprem { username: trimmed("username", username)?, password: filled("password", password)? }
        }
        Credentials::Connectwise { company_id, public_key, private_key, client_id } => Credentials::Connectwise {
            company_id: trimmed("company_id", company_id)?,
            public_key: trimmed("public_key", public_key)?,
            private_key: trimmed("private_key", private_key)?,
            client_id: trimmed("client_id", client_id)?,
        },
    })
}

/// Who a connection signs in as, without a secret.
fn identity(credentials: &Credentials) -> String {
    match credentials {
        Credentials::Ema2 { username, .. } | Credentials::Connect { username, .. } | Credentials::Onprem { username, .. } => {
            username.trim().to_owned()
        }
        Credentials::Connectwise { company_id, public_key, .. } => {
            let shown: String = public_key.trim().chars().take(4).collect();
            format!("{} · {shown}…", company_id.trim())
        }
    }
}

async fn report(app: &App, address: &str, credentials: Credentials) -> TestReport {
    let outbound = app.egress.test_session(TEST_BUDGET);
    let checks = match credentials {
        Credentials::Ema2 { username, password } => ema2::check(outbound, address, &username, &password).await,
        Credentials::Connect { username, password } => connect::check(outbound, Flavour::Cloud, address, &username, &password).await,
        Credentials::Onprem { username, password } => connect::check(outbound, Flavour::OnPrem, address, &username, &password).await,
        credentials @ Credentials::Connectwise { .. } => match keys(credentials) {
            Some(keys) => connectwise::check(outbound, address, keys).await,
            None => Vec::new(),
        },
    };
    let count = |wanted| checks.iter().filter(|check: &&Check| check.result == wanted).count();
    let (failed, warned) = (count(CheckResult::Failed), count(CheckResult::Warning));
    let ok = failed == 0 && !checks.is_empty();
    let summary = match (failed, warned) {
        (0, 0) => "Everything that is needed works.".to_owned(),
        (0, _) => format!("It works, with {warned} to look at."),
        (1, _) => checks.iter().find(|check| check.result == CheckResult::Failed).map(|check| check.detail.clone()).unwrap_or_default(),
        _ => format!("{failed} of {} checks failed.", checks.len()),
    };
    TestReport { at: app.now(), ok, summary, checks }
}
