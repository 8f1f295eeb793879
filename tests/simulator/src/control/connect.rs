//! ESET PROTECT's part of the control API.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Control, Name, Switch, done, outcome, verb};
use crate::handle::{NoSuch, Report, WorldHandle};

pub(super) fn routes() -> Router<Control> {
    Router::new()
        .route("/connect/groups", post(create_group))
        .route("/connect/groups/{uuid}", delete(delete_group))
        .route("/connect/groups/{uuid}/rename", post(rename_group))
        .route("/connect/groups/{uuid}/add", post(put_into_group))
        .route("/connect/groups/{uuid}/remove", post(take_out_of_group))
        .route("/connect/devices/bulk", post(add_devices))
        .route("/connect/devices/{device}", delete(delete_device))
        .route("/connect/devices/{device}/rename", post(rename_device))
        .route("/connect/detections", post(report))
        .route("/connect/list-delta", post(list_delta))
        .route("/connect/wrong-region", post(wrong_region))
        .route("/protect/revoke", verb(WorldHandle::revoke_protect))
        .route("/protect/restore", verb(WorldHandle::restore_protect))
}

/// The rows of a table of ESET PROTECT.
pub(super) fn table(world: &WorldHandle, name: &str) -> Option<Response> {
    let rows: Value = match name {
        "device_groups" => json!(world.device_groups()),
        "devices" => json!(world.devices()),
        "detections" => json!(world.detections()),
        _ => return None,
    };
    Some(Json(rows).into_response())
}

fn identified(result: Result<String, NoSuch>) -> Response {
    match result {
        Ok(uuid) => Json(json!({ "uuid": uuid })).into_response(),
        Err(none) => none.into_response(),
    }
}

#[derive(Deserialize)]
struct NewGroup {
    name: String,
    parent: String,
    #[serde(default = "dynamic")]
    dynamic: bool,
}

fn dynamic() -> bool {
    true
}

async fn create_group(State(c): State<Control>, Json(group): Json<NewGroup>) -> Response {
    identified(c.world.create_group(&group.name, &group.parent, group.dynamic))
}

async fn rename_group(State(c): State<Control>, Path(uuid): Path<String>, Json(to): Json<Name>) -> Response {
    outcome(c.world.rename_group(&uuid, &to.name))
}

async fn delete_group(State(c): State<Control>, Path(uuid): Path<String>) -> Response {
    outcome(c.world.delete_group(&uuid))
}

#[derive(Deserialize)]
struct Devices {
    devices: Vec<String>,
}

async fn put_into_group(State(c): State<Control>, Path(uuid): Path<String>, Json(given): Json<Devices>) -> Response {
    outcome(c.world.put_into_group(&uuid, &given.devices))
}

async fn take_out_of_group(State(c): State<Control>, Path(uuid): Path<String>, Json(given): Json<Devices>) -> Response {
    outcome(c.world.take_out_of_group(&uuid, &given.devices))
}

async fn rename_device(State(c): State<Control>, Path(device): Path<String>, Json(to): Json<Name>) -> Response {
    outcome(c.world.rename_device(&device, &to.name))
}

async fn delete_device(State(c): State<Control>, Path(device): Path<String>) -> Response {
    outcome(c.world.delete_device(&device))
}

#[derive(Deserialize)]
struct NewDevices {
    company: String,
    group: Option<String>,
    count: usize,
}

async fn add_devices(State(c): State<Control>, Json(bulk): Json<NewDevices>) -> Response {
    outcome(c.world.add_devices(&bulk.company, bulk.group.as_deref(), bulk.count))
}

async fn report(State(c): State<Control>, Json(report): Json<Report>) -> Response {
    identified(c.world.report(report))
}

async fn list_delta(State(c): State<Control>, Json(to): Json<Switch>) -> Response {
    c.world.offer_list_delta(to.on);
    done()
}

async fn wrong_region(State(c): State<Control>, Json(to): Json<Switch>) -> Response {
    c.world.wrong_region(to.on);
    done()
}
