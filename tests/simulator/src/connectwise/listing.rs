//! Lists: conditions, order, the page and its Link header, the fields (PSA Developer Guide, "Pagination").

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::conditions::Condition;
use super::errors;
use super::schema::Schema;
use crate::exchange::{Reply, Request};

/// Rows without `pageSize`.
const DEFAULT_SIZE: usize = 25;
/// Larger sizes are cut to this without a word.
const LARGEST_SIZE: usize = 1000;

/// Answers a list of records.
pub(super) fn list(request: &Request, schema: &Schema, rows: Vec<Value>) -> Result<Reply, Reply> {
    let mut rows = selected(request, schema, rows)?;
    let forward_only = request.header("pagination-type").is_some_and(|kind| kind.eq_ignore_ascii_case("forward-only"));
    let size = number(request, "pageSize").unwrap_or(DEFAULT_SIZE).clamp(1, LARGEST_SIZE);
    let (mut rows, link) = if forward_only {
        forward(request, rows, size)?
    } else {
        order(request, schema, &mut rows)?;
        page(request, rows, size)
    };
    if let Some(fields) = request.query("fields").filter(|fields| !fields.is_empty()) {
        rows.iter_mut().for_each(|row| *row = projected(row, fields));
    }
    let reply = Reply::ok(Value::Array(rows));
    Ok(match link {
        Some(link) => reply.header("link", link),
        None => reply,
    })
}

/// Answers how many records there are.
pub(super) fn count(request: &Request, schema: &Schema, rows: Vec<Value>) -> Result<Reply, Reply> {
    Ok(Reply::ok(json!({ "count": selected(request, schema, rows)?.len() })))
}

/// Answers one record.
pub(super) fn one(request: &Request, row: &Value) -> Reply {
    Reply::ok(match request.query("fields").filter(|fields| !fields.is_empty()) {
        Some(fields) => projected(row, fields),
        None => row.clone(),
    })
}

fn selected(request: &Request, schema: &Schema, mut rows: Vec<Value>) -> Result<Vec<Value>, Reply> {
    let given = |name| request.query(name).filter(|text| !text.trim().is_empty());
    if let Some(text) = given("conditions") {
        let condition = Condition::read(text, schema).map_err(|message| errors::condition(&message))?;
        rows.retain(|row| condition.holds(row));
    }
    if let Some(text) = given("childConditions") {
        let condition = Condition::read_child(text, "types").map_err(|message| errors::condition(&message))?;
        let holds = |row: &Value| row["types"].as_array().is_some_and(|items| items.iter().any(|i| condition.holds(i)));
        rows.retain(holds);
    }
    if given("customFieldConditions").is_some() {
        // No record of this world has custom fields.
        rows.clear();
    }
    Ok(rows)
}

fn number(request: &Request, name: &str) -> Option<usize> {
    request.query(name)?.parse().ok()
}

/// `orderBy=name asc, company/name desc`; by id without it.
fn order(request: &Request, schema: &Schema, rows: &mut [Value]) -> Result<(), Reply> {
    let Some(text) = request.query("orderBy").filter(|text| !text.is_empty()) else { return Ok(()) };
    let mut keys = Vec::new();
    for key in text.split(',') {
        let mut words = key.split_whitespace();
        let path = words.next().unwrap_or_default();
        let pointer = schema.resolve(path).map(|(pointer, _)| pointer);
        let pointer = pointer.ok_or_else(|| errors::condition(&format!("{path} is not a recognized name.")))?;
        keys.push((pointer, words.next().is_some_and(|way| way.eq_ignore_ascii_case("desc"))));
    }
    rows.sort_by(|a, b| {
        let orders = keys.iter().map(|(pointer, descending)| {
            let order = compare(a.pointer(pointer), b.pointer(pointer));
            if *descending { order.reverse() } else { order }
        });
        orders.fold(Ordering::Equal, Ordering::then)
    });
    Ok(())
}

fn compare(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        (Some(Value::String(a)), Some(Value::String(b))) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// A numbered page. One past the end is empty, not an error; the last one has no `next`.
fn page(request: &Request, rows: Vec<Value>, size: usize) -> (Vec<Value>, Option<String>) {
    let page = number(request, "page").unwrap_or(1).max(1);
    let last = rows.len().div_ceil(size);
    let mut links = Vec::new();
    if page < last {
        links.push(link(request, "page", page + 1, size, "next"));
        links.push(link(request, "page", last, size, "last"));
    } else if last > 1 {
        links.push(link(request, "page", 1, size, "first"));
    }
    let rows = rows.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    (rows, (!links.is_empty()).then(|| links.join(", ")))
}

/// A page after an id. `page` is ignored, an order refused, and there is always a Link header: an empty one ends.
fn forward(request: &Request, mut rows: Vec<Value>, size: usize) -> Result<(Vec<Value>, Option<String>), Reply> {
    if request.query("orderBy").is_some_and(|order| !order.is_empty()) {
        return Err(errors::condition("orderBy is not supported with forward-only pagination."));
    }
    let id = |row: &Value| row["id"].as_u64().unwrap_or_default();
    let after = number(request, "pageId").unwrap_or(0) as u64;
    rows.retain(|row| id(row) > after);
    rows.sort_by_key(id);
    let more = rows.len() > size;
    rows.truncate(size);
    let link = match rows.last() {
        Some(last) if more => link(request, "pageId", id(last) as usize, size, "next"),
        _ => String::new(),
    };
    Ok((rows, Some(link)))
}

/// The address asked for with another page.
fn link(request: &Request, name: &str, page: usize, size: usize, relation: &str) -> String {
    let others = request.query.iter().filter(|(known, _)| !["page", "pageId", "pageSize"].contains(&known.as_str()));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(others).append_pair("pageSize", &size.to_string()).append_pair(name, &page.to_string());
    let host = request.header("host").unwrap_or("localhost");
    format!("<http://{host}{}?{}>; rel=\"{relation}\"", request.path, query.finish())
}

/// Only the named fields; `_info` goes unless it is named.
fn projected(row: &Value, fields: &str) -> Value {
    let mut kept = Map::new();
    for path in fields.split(',').map(str::trim) {
        let (head, part) = path.split_once('/').map_or((path, None), |(head, part)| (head, Some(part)));
        let Some(value) = row.get(head) else { continue };
        match part {
            None => {
                kept.insert(head.to_owned(), value.clone());
            }
            Some(part) => {
                let inner = kept.entry(head).or_insert_with(|| json!({}));
                if let (Some(inner), Some(value)) = (inner.as_object_mut(), value.get(part)) {
                    inner.insert(part.to_owned(), value.clone());
                }
            }
        }
    }
    Value::Object(kept)
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, Method};

    use super::super::fields::COMPANY;
    use super::*;

    fn request(query: &str, forward_only: bool) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert("host", "psa.example".parse().unwrap());
        if forward_only {
            headers.insert("pagination-type", "forward-only".parse().unwrap());
        }
        Request {
            method: Method::GET,
            path: "/company/companies".to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers,
            body: Bytes::new(),
        }
    }

    fn rows(count: i32) -> Vec<Value> {
        (1..=count).map(|id| json!({ "id": id, "name": format!("c{:04}", 2000 - id), "_info": {} })).collect()
    }

    #[track_caller]
    fn ask(query: &str, forward_only: bool, count: i32) -> (Vec<Value>, Option<String>) {
        let reply = list(&request(query, forward_only), &COMPANY, rows(count)).unwrap();
        let link = reply.headers.into_iter().next().map(|(_, link)| link);
        (reply.body.unwrap().as_array().unwrap().clone(), link)
    }

    #[test]
    fn without_a_size_25_rows_come_with_next_and_last() {
        let (rows, link) = ask("conditions=id%3E0", false, 60);
        assert_eq!(rows.len(), 25);
        let base = "http://psa.example/company/companies?conditions=id%3E0&pageSize=25";
        assert_eq!(link.unwrap(), format!("<{base}&page=2>; rel=\"next\", <{base}&page=3>; rel=\"last\""));
    }

    #[test]
    fn the_last_page_has_no_next_and_one_past_it_is_empty() {
        let (rows, link) = ask("page=3", false, 60);
        assert_eq!((rows.len(), link.unwrap().contains("next")), (10, false));
        assert_eq!(ask("page=4", false, 60).0.len(), 0);
        assert_eq!(ask("", false, 25), (self::rows(25), None));
    }

    #[test]
    fn a_size_over_1000_is_cut_to_1000() {
        assert_eq!(ask("pageSize=5000", false, 1200).0.len(), 1000);
    }

    #[test]
    fn forward_only_goes_on_after_an_id_and_ends_with_an_empty_link() {
        let (rows, link) = ask("pageSize=20&page=7", true, 45);
        assert_eq!(rows[0]["id"], 1, "page is ignored");
        assert!(link.unwrap().contains("pageId=20>; rel=\"next\""));
        let (rows, link) = ask("pageSize=20&pageId=40", true, 45);
        assert_eq!((rows.len(), link.as_deref()), (5, Some("")));
        assert!(list(&request("orderBy=name", true), &COMPANY, self::rows(3)).is_err());
    }

    #[test]
    fn order_and_fields() {
        let (rows, _) = ask("orderBy=name%20asc&pageSize=1&fields=id", false, 30);
        assert_eq!(rows, [json!({ "id": 30 })]);
    }
}
