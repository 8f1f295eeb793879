//! Detections of ESET PROTECT (ESET Connect swagger, incident-management v1). listDelta is in no swagger; it is as ESET's own
//! integration calls it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::failure;
use super::paging::Pages;
use crate::exchange::{Reply, Request};
use crate::stage::Stage;
use crate::world::Detection;

/// Detections by the time of the event: from `startTime` on, before `endTime`.
pub(super) fn list(stage: &Stage, request: &Request, pages: Pages) -> Result<Reply, Reply> {
    let (start, end) = (moment(request, "startTime")?, moment(request, "endTime")?);
    let device = request.query("deviceUuid").filter(|uuid| !uuid.is_empty());
    let wanted = |detection: &&Detection| {
        start.is_none_or(|start| detection.occur_time >= start)
            && end.is_none_or(|end| detection.occur_time < end)
            && device.is_none_or(|uuid| detection.device.eq_ignore_ascii_case(uuid))
    };
    let found: Vec<&Detection> = stage.world.detections.values().filter(wanted).collect();
    let total = found.len();
    let mut reply = pages.answer(request, "detections", found.into_iter(), render)?;
    if let Some(body) = reply.body.as_mut().filter(|_| total > 0) {
        body["totalSize"] = total.into();
    }
    Ok(reply)
}

fn moment(request: &Request, name: &str) -> Result<Option<DateTime<Utc>>, Reply> {
    let given = request.query(name).filter(|text| !text.is_empty());
    let read = given.map(|text| DateTime::parse_from_rfc3339(&text.replace(' ', "+"))).transpose();
    read.map(|moment| moment.map(|moment| moment.to_utc())).map_err(|_| failure(400))
}

pub(super) fn get(stage: &Stage, uuid: &str) -> Result<Reply, Reply> {
    let found = stage.world.detections.values().find(|detection| detection.uuid.eq_ignore_ascii_case(uuid));
    found.map(|detection| Reply::ok(json!({ "detection": render(detection) }))).ok_or_else(|| failure(404))
}

/// What was reported since a token was given out, whenever it happened. `latest` asks for nothing but a token; only the last
/// page carries the next one.
pub(super) fn list_delta(stage: &Stage, request: &Request, pages: Pages) -> Result<Reply, Reply> {
    if stage.world.settings().no_list_delta {
        return Err(failure(404));
    }
    let last = stage.world.detections.values().next_back().map_or(0, |detection| detection.report);
    let since = match request.query("deltaToken").unwrap_or_default() {
        "latest" => last,
        token => token.strip_prefix("d-").and_then(|at| u64::from_str_radix(at, 16).ok()).ok_or_else(|| failure(400))?,
    };
    let fresh: Vec<&Detection> = stage.world.detections.range(since + 1..).collect();
    let mut reply = pages.answer(request, "createdDetections", fresh.into_iter(), render)?;
    if let Some(body) = reply.body.as_mut() {
        let more = body["nextPageToken"].as_str().unwrap_or_default().to_owned();
        let rows = body["createdDetections"].take();
        let next = if more.is_empty() { format!("d-{last:x}") } else { String::new() };
        *body = json!({
            "createdDetections": if rows.is_array() { rows } else { json!([]) },
            "nextPageToken": more,
            "nextDeltaToken": next,
        });
    }
    Ok(reply)
}

fn render(detection: &Detection) -> Value {
    let mut row = json!({
        "uuid": detection.uuid,
        "category": detection.category,
        "displayName": detection.name,
        "typeName": detection.type_name,
        "severityLevel": detection.severity,
        "occurTime": detection.occur_time,
        "objectName": detection.object,
        "objectTypeName": "File",
        "context": { "deviceUuid": detection.device, "userName": "NT AUTHORITY\\SYSTEM" },
    });
    if detection.handled {
        row["responses"] = json!([{ "displayName": "Cleaned by deleting", "protectionName": "Real-time file system protection" }]);
    }
    row
}
