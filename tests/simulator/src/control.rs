//! The control API: the verbs of [`WorldHandle`] over HTTP, JSON in and out.
//!
//! | method and path | body |
//! |---|---|
//! | `GET /` | summary: addresses, credentials, seed, settings, counts |
//! | `GET /journal?since=`, `DELETE /journal`, `GET /effects?since=` | entries; only those that changed something |
//! | `GET` `POST` `DELETE /faults` | a [`Fault`], such as `{"vendor":"connectwise","method":"PATCH","times":1,"kind":"reset_after"}` |
//! | `GET /world/{additions,agreements,licenses,eset_companies,cw_companies,catalog,settings}` | rows |
//! | `GET /world/{tickets,notes,configurations,boards,statuses}` | rows; a ticket with the ids of its configurations |
//! | `GET /world/{device_groups,devices,detections}` | rows |
//! | `POST /clock/advance` | `{"seconds":3600}` |
//! | `POST /clock/pass-day` | moves the clock on by a day, on which customers order and free seats |
//! | `POST /licenses/{key}/{seats,usage}` | `{"quantity":30}` |
//! | `POST /licenses/{key}/{suspend,unsuspend}` | |
//! | `POST /eset/companies/{id}/rename`, `/identifier` | `{"name":…}`, `{"identifier":…}` or null |
//! | `POST /ema2/account-type`, `/ema2/token-lifetime`, `/ema2/empty-lists` | `{"code":1002}`, `{"seconds":60}`, `{"on":true}` |
//! | `POST /{ema2,connect,connectwise,protect}/{revoke,restore}` | |
//! | `POST /additions/{id}/{edit,cancel,duplicate}`, `DELETE /additions/{id}` | edit: `{"quantity":30}` |
//! | `POST /agreements/{id}/cancel`, `/connectwise/companies/{id}/rename` | rename: `{"name":…}` |
//! | `POST /connectwise/companies/{id}/recycle` | |
//! | `POST /connectwise/permissions` | `{"function":"Agreements","action":"edit","level":"None"}`; all actions without `action` |
//! | `POST /tickets/{id}/{close,reopen}` | none, or `{"status":315}`; without it the board's first closed, or its default status |
//! | `POST /tickets/{id}/edit`, `DELETE /tickets/{id}` | edit, each field if given: `{"summary":…,"status":312,"external_x_ref":…}` |
//! | `POST /boards/{id}/{deactivate,activate}`, `DELETE /boards/{id}`, `POST /statuses/{id}/{deactivate,activate}` | |
//! | `POST /connect/groups` | `{"name":…,"parent":"<uuid>","dynamic":true}`, the last if not so; answers `{"uuid":…}` |
//! | `POST /connect/groups/{uuid}/rename`, `DELETE /connect/groups/{uuid}` | rename: `{"name":…}` |
//! | `POST /connect/groups/{uuid}/{add,remove}` | `{"devices":["<uuid or display name>"]}`, into and out of a dynamic group |
//! | `POST /connect/devices/{device}/rename`, `DELETE /connect/devices/{device}` | by uuid or display name; rename: `{"name":…}` |
//! | `POST /connect/devices/bulk` | `{"company":"<ESET company>","group":"<uuid>","count":4000}`, the group if any |
//! | `POST /connect/detections` | a [`crate::Report`], such as `{"device":…,"occur_time":…}`; answers `{"uuid":…}` |
//! | `POST /connect/list-delta`, `/connect/wrong-region` | `{"on":true}`: listDelta is there; the token service refuses the account |
//! | `POST /connectwise/search-lag` | `{"seconds":90}`: lists of tickets lag so far behind |
//! | `POST /connectwise/additions-lag` | a [`crate::Lag`], such as `{"one":480,"list":600,"replicas":true}` |
//! | `POST /connectwise/cloud`, `/connectwise/upgrade`, `/rate-limits` | `{"on":true}`; upgrade: none |

mod connect;
mod desk;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::handle::{NoSuch, WorldHandle};
use crate::world::{Action, Level};
use crate::{Addresses, Credentials, Fault, Lag};

#[derive(Clone)]
struct Control {
    world: WorldHandle,
    addresses: Addresses,
    credentials: Credentials,
}

/// All routes.
pub(crate) fn router(world: WorldHandle, addresses: Addresses, credentials: Credentials) -> Router {
    Router::new()
        .route("/", get(summary))
        .route("/journal", get(journal).delete(clear_journal))
        .route("/effects", get(effects))
        .route("/faults", post(inject).get(faults).delete(clear_faults))
        .route("/world/{table}", get(table))
        .route("/clock/advance", post(advance))
        .route("/clock/pass-day", post(pass_day))
        .merge(eset_routes())
        .merge(connectwise_routes())
        .merge(desk::routes())
        .merge(connect::routes())
        .method_not_allowed_fallback(|| async { refusal(StatusCode::METHOD_NOT_ALLOWED, "this path has another method") })
        .fallback(|| async { refusal(StatusCode::NOT_FOUND, "there is no such path") })
        .with_state(Control { world, addresses, credentials })
}

fn eset_routes() -> Router<Control> {
    Router::new()
        .route("/licenses/{key}/seats", post(set_seats))
        .route("/licenses/{key}/usage", post(set_usage))
        .route("/licenses/{key}/suspend", post(suspend))
        .route("/licenses/{key}/unsuspend", post(unsuspend))
        .route("/eset/companies/{id}/rename", post(rename_eset_company))
        .route("/eset/companies/{id}/identifier", post(set_custom_identifier))
        .route("/ema2/account-type", post(set_account_type))
        .route("/ema2/revoke", verb(WorldHandle::revoke_ema2))
        .route("/ema2/restore", verb(WorldHandle::restore_ema2))
        .route("/ema2/token-lifetime", post(set_token_lifetime))
        .route("/ema2/empty-lists", post(empty_lists))
        .route("/connect/revoke", verb(WorldHandle::revoke_connect))
        .route("/connect/restore", verb(WorldHandle::restore_connect))
        .route("/rate-limits", post(rate_limits))
}

fn connectwise_routes() -> Router<Control> {
    Router::new()
        .route("/additions/{id}", delete(delete_addition))
        .route("/additions/{id}/edit", post(edit_addition))
        .route("/additions/{id}/cancel", post(cancel_addition))
        .route("/additions/{id}/duplicate", post(duplicate_addition))
        .route("/agreements/{id}/cancel", post(cancel_agreement))
        .route("/connectwise/companies/{id}/rename", post(rename_cw_company))
        .route("/connectwise/companies/{id}/recycle", post(recycle_cw_company))
        .route("/connectwise/revoke", verb(WorldHandle::revoke_connectwise))
        .route("/connectwise/restore", verb(WorldHandle::restore_connectwise))
        .route("/connectwise/permissions", post(set_permission))
        .route("/connectwise/cloud", post(set_cloud))
        .route("/connectwise/additions-lag", post(set_additions_lag))
        .route("/connectwise/upgrade", verb(WorldHandle::upgrade_codebase))
}

async fn set_additions_lag(State(c): State<Control>, Json(lag): Json<Lag>) -> Response {
    c.world.set_additions_lag(lag);
    done()
}

/// A change without a choice.
fn verb(act: fn(&WorldHandle)) -> MethodRouter<Control> {
    post(move |State(control): State<Control>| async move {
        act(&control.world);
        done()
    })
}

fn done() -> Response {
    Json(json!({ "done": true })).into_response()
}

fn refusal(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

impl IntoResponse for NoSuch {
    fn into_response(self) -> Response {
        refusal(StatusCode::NOT_FOUND, &self.to_string())
    }
}

fn outcome(result: Result<(), NoSuch>) -> Response {
    match result {
        Ok(()) => done(),
        Err(none) => none.into_response(),
    }
}

async fn summary(State(control): State<Control>) -> Json<Value> {
    let (seed, companies) = control.world.origin();
    Json(json!({
        "addresses": control.addresses,
        "credentials": control.credentials,
        "seed": seed,
        "companies": companies,
        "settings": control.world.settings(),
        "counts": {
            "eset_companies": control.world.eset_companies().len(),
            "licenses": control.world.licenses().len(),
            "cw_companies": control.world.cw_companies().len(),
            "agreements": control.world.agreements().len(),
            "additions": control.world.additions().len(),
            "catalog": control.world.catalog().len(),
            "journal": control.world.journal_length(),
        },
    }))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: u64,
}

async fn journal(State(control): State<Control>, Query(Since { since }): Query<Since>) -> Response {
    Json(control.world.journal_since(since)).into_response()
}

async fn clear_journal(State(control): State<Control>) -> Response {
    control.world.clear_journal();
    done()
}

/// Entries that changed something.
async fn effects(State(control): State<Control>, Query(Since { since }): Query<Since>) -> Response {
    let mut entries = control.world.journal_since(since);
    entries.retain(|entry| entry.effect.is_some());
    Json(entries).into_response()
}

async fn inject(State(control): State<Control>, Json(fault): Json<Fault>) -> Response {
    Json(json!({ "id": control.world.inject(fault) })).into_response()
}

async fn faults(State(control): State<Control>) -> Response {
    let armed = control.world.faults();
    let rows: Vec<Value> = armed.into_iter().map(|(id, fault)| json!({ "id": id, "fault": fault })).collect();
    Json(rows).into_response()
}

async fn clear_faults(State(control): State<Control>) -> Response {
    control.world.clear_faults();
    done()
}

async fn table(State(control): State<Control>, Path(table): Path<String>) -> Response {
    let world = &control.world;
    match table.as_str() {
        "additions" => Json(world.additions()).into_response(),
        "agreements" => Json(world.agreements()).into_response(),
        "licenses" => Json(world.licenses()).into_response(),
        "eset_companies" => Json(world.eset_companies()).into_response(),
        "cw_companies" => Json(world.cw_companies()).into_response(),
        "catalog" => Json(world.catalog()).into_response(),
        "settings" => Json(world.settings()).into_response(),
        _ => desk::table(world, &table)
            .or_else(|| connect::table(world, &table))
            .unwrap_or_else(|| NoSuch(format!("table {table}")).into_response()),
    }
}

#[derive(Deserialize)]
struct Seconds {
    seconds: i64,
}

async fn advance(State(control): State<Control>, Json(Seconds { seconds }): Json<Seconds>) -> Response {
    control.world.advance(seconds);
    done()
}

async fn pass_day(State(control): State<Control>) -> Response {
    outcome(control.world.pass_day())
}

async fn set_token_lifetime(State(control): State<Control>, Json(Seconds { seconds }): Json<Seconds>) -> Response {
    control.world.set_token_lifetime(seconds);
    done()
}

#[derive(Deserialize)]
struct Seats {
    quantity: i64,
}

async fn set_seats(State(c): State<Control>, Path(key): Path<String>, Json(to): Json<Seats>) -> Response {
    outcome(c.world.set_seats(&key, to.quantity))
}

async fn set_usage(State(c): State<Control>, Path(key): Path<String>, Json(to): Json<Seats>) -> Response {
    outcome(c.world.set_usage(&key, to.quantity))
}

async fn suspend(State(c): State<Control>, Path(key): Path<String>) -> Response {
    outcome(c.world.suspend(&key))
}

async fn unsuspend(State(c): State<Control>, Path(key): Path<String>) -> Response {
    outcome(c.world.unsuspend(&key))
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

async fn rename_eset_company(State(c): State<Control>, Path(id): Path<String>, Json(to): Json<Name>) -> Response {
    outcome(c.world.rename_eset_company(&id, &to.name))
}

async fn rename_cw_company(State(c): State<Control>, Path(id): Path<i32>, Json(to): Json<Name>) -> Response {
    outcome(c.world.rename_cw_company(id, &to.name))
}

async fn recycle_cw_company(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    outcome(c.world.recycle_cw_company(id))
}

#[derive(Deserialize)]
struct Identifier {
    identifier: Option<String>,
}

async fn set_custom_identifier(State(c): State<Control>, Path(id): Path<String>, Json(to): Json<Identifier>) -> Response {
    outcome(c.world.set_custom_identifier(&id, to.identifier.as_deref()))
}

#[derive(Deserialize)]
struct Code {
    code: u16,
}

async fn set_account_type(State(c): State<Control>, Json(to): Json<Code>) -> Response {
    outcome(c.world.set_account_type(to.code))
}

#[derive(Deserialize)]
struct Switch {
    on: bool,
}

async fn empty_lists(State(c): State<Control>, Json(to): Json<Switch>) -> Response {
    c.world.empty_ema2_lists(to.on);
    done()
}

async fn rate_limits(State(c): State<Control>, Json(to): Json<Switch>) -> Response {
    c.world.enforce_rate_limits(to.on);
    done()
}

async fn set_cloud(State(c): State<Control>, Json(to): Json<Switch>) -> Response {
    c.world.set_cloud(to.on);
    done()
}

#[derive(Deserialize)]
struct Quantity {
    quantity: f64,
}

async fn edit_addition(State(c): State<Control>, Path(id): Path<i32>, Json(to): Json<Quantity>) -> Response {
    outcome(c.world.edit_addition(id, to.quantity))
}

async fn cancel_addition(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    outcome(c.world.cancel_addition(id))
}

async fn delete_addition(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    outcome(c.world.delete_addition(id))
}

async fn duplicate_addition(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    match c.world.duplicate_addition(id) {
        Ok(id) => Json(json!({ "id": id })).into_response(),
        Err(none) => none.into_response(),
    }
}

async fn cancel_agreement(State(c): State<Control>, Path(id): Path<i32>) -> Response {
    outcome(c.world.cancel_agreement(id))
}

#[derive(Deserialize)]
struct Permit {
    function: String,
    action: Option<Action>,
    level: Level,
}

/// One action of a function, or all without `action`.
async fn set_permission(State(c): State<Control>, Json(to): Json<Permit>) -> Response {
    outcome(match to.action {
        Some(action) => c.world.set_action_level(&to.function, action, to.level),
        None => c.world.set_permission(&to.function, to.level),
    })
}
