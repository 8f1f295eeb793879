//! Refusals in the vendor's shapes (PSA REST API, schemas ErrorResponseMessage and ValidationError).

use serde_json::{Value, json};

use crate::exchange::Reply;

/// One field that was refused.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) field: String,
}

impl Problem {
    pub(super) fn new(code: &'static str, field: &str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: field.to_owned() }
    }

    pub(super) fn required(field: &str) -> Self {
        Self::new("MissingRequiredField", field, format!("The {field} field is required."))
    }
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, json!({ "code": code, "message": message, "errors": null }))
}

/// A record that cannot be saved, with every reason.
pub(super) fn invalid_object(resource: &str, problems: &[Problem]) -> Reply {
    let errors: Vec<Value> = problems
        .iter()
        .map(|problem| {
            json!({
                "code": problem.code,
                "message": problem.message,
                "resource": resource,
                "field": problem.field,
            })
        })
        .collect();
    let message = format!("{resource} object is invalid");
    Reply::json(400, json!({ "code": "InvalidObject", "message": message, "errors": errors }))
}

/// A query that cannot be understood.
pub(super) fn condition(message: &str) -> Reply {
    error(400, "ApiFindCondition", message)
}

/// A body that cannot be read.
pub(super) fn unreadable() -> Reply {
    error(400, "InvalidArgument", "The request body could not be read.")
}

pub(super) fn not_found(what: &str) -> Reply {
    error(404, "NotFound", &format!("{what} not found"))
}

/// The member lacks a right.
pub(super) fn forbidden() -> Reply {
    error(403, "Security", "You do not have security permission to perform this action.")
}

pub(super) fn no_client_id() -> Reply {
    error(403, "Security", "A clientId header is required.")
}

/// Bad keys on one's own server. The cloud hides behind [`nothing_here`].
pub(crate) fn unauthorized() -> Reply {
    error(401, "Unauthorized", "The credentials provided are not valid.")
}

/// A path without a page, and the cloud's answer to bad keys.
pub(super) fn nothing_here() -> Reply {
    Reply::empty(404)
}

/// The one error of another shape (PSA Developer Guide, "API limits").
pub(super) fn too_many(seconds: u32) -> Reply {
    let message = format!("Too many requests. Please try again in {seconds} seconds.");
    Reply::json(429, json!({ "error": "ConnectWiseAPI", "message": message })).header("retry-after", seconds.to_string())
}

/// A failure with a status, for faults.
pub(crate) fn failure(status: u16, retry_after: Option<u32>) -> Reply {
    match status {
        401 => unauthorized(),
        403 => forbidden(),
        404 => not_found("Record"),
        409 => error(409, "Conflict", "The record is possibly in use."),
        429 => {
            let mut reply = too_many(retry_after.unwrap_or(30));
            // The fault says itself whether there is a header.
            reply.headers.clear();
            reply
        }
        _ => error(status, "ConnectWiseApi", "A timeout has occured. Please try again."),
    }
}
