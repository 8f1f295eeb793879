//! Configurations: the devices of a company (PSA REST API, company/configurations).

use axum::http::Method;
use serde_json::{Value, json};

use super::tickets::body;
use super::{action, fields};
use crate::connectwise::errors::{self, Problem};
use crate::connectwise::rows::table;
use crate::connectwise::{API_MEMBER, permitted};
use crate::exchange::{Reply, Request};
use crate::journal::{Actor, Effect};
use crate::stage::Stage;
use crate::world::desk_setup::{CONFIGURATION_STATUSES, CONFIGURATION_TYPES};
use crate::world::{Configuration, World};

pub(super) fn answer(stage: &mut Stage, request: &Request, rest: &[&str]) -> Result<Reply, Reply> {
    let level = permitted(stage, "Configurations", action(&request.method))?;
    match (&request.method, rest) {
        (&Method::GET, _) => table(request, &fields::CONFIGURATION, rest, level, stage.world.configurations.values()),
        (&Method::POST, []) => create(stage, request),
        _ => Err(errors::nothing_here()),
    }
}

fn create(stage: &mut Stage, request: &Request) -> Result<Reply, Reply> {
    let (mut given, mut problems) = body(request, &fields::CONFIGURATION, &["id", "_info", "customFields"])?;
    given.retain(|_, value| !value.is_null());
    for field in ["name", "type", "company"] {
        if given.get(field).is_none_or(|value| value == "") {
            problems.push(Problem::required(field));
        }
    }
    let named = |field: &str, id: i32, name: &str| match given.get(field).map(|given| (given["id"].as_i64(), given["name"].as_str())) {
        Some((Some(wanted), _)) => wanted == i64::from(id),
        Some((None, Some(wanted))) => wanted.eq_ignore_ascii_case(name),
        _ => false,
    };
    let kind = CONFIGURATION_TYPES.iter().find(|(id, name, _)| named("type", *id, name));
    let status = CONFIGURATION_STATUSES.iter().find(|(id, name, _)| named("status", *id, name));
    let status = status.or_else(|| CONFIGURATION_STATUSES.first().filter(|_| !given.contains_key("status")));
    let wanted = given.get("company").unwrap_or(&Value::Null);
    let company = stage.world.cw_companies.values().filter(|row| !row.deleted_flag).find(|row| match wanted["id"].as_i64() {
        Some(id) => id == i64::from(row.id),
        None => wanted["identifier"].as_str().is_some_and(|text| text.eq_ignore_ascii_case(&row.identifier)),
    });
    for (field, missing) in [("type", kind.is_none()), ("status", status.is_none()), ("company", company.is_none())] {
        if missing && given.contains_key(field) {
            problems.push(Problem::new("NotFound", &format!("{field}/id"), format!("{field} not found")));
        }
    }
    if kind.is_some_and(|(_, _, inactive)| *inactive) {
        problems.push(Problem::new("InvalidField", "type/id", "The configuration type is inactive"));
    }
    let (Some(kind), Some(status), Some(company), true) = (kind, status, company.map(|row| row.id), problems.is_empty()) else {
        return Err(errors::invalid_object("configuration", &problems));
    };
    let id = stage.world.next_configuration_id();
    let computed = json!({
        "id": id,
        "type": { "id": kind.0, "name": kind.1 },
        "status": { "id": status.0, "name": status.1 },
        "company": stage.world.company_reference(company),
        "_info": World::stamp(stage.now(), API_MEMBER),
    });
    given.extend(computed.as_object().cloned().unwrap_or_default());
    given.entry("activeFlag").or_insert(Value::Bool(!status.2));
    let row: Configuration = serde_json::from_value(Value::Object(given)).map_err(|_| errors::unreadable())?;
    let answer = json!(row);
    let (name, device_identifier) = (row.name.clone(), row.device_identifier.clone());
    stage.world.configurations.insert(id, row);
    let effect = Effect::ConfigurationCreated { configuration: id, company, name, device_identifier, by: Actor::Api };
    Ok(Reply::json(201, answer).effect(Some(effect)))
}
