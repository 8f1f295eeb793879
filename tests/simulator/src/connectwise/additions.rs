//! Additions of an agreement, read and written (PSA REST API, finance/agreements/{parentId}/additions).

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::errors::{self, Problem};
use super::{API_MEMBER, fields, listing, patch, permitted};
use crate::exchange::{Reply, Request};
use crate::journal::{Actor, Effect};
use crate::stage::Stage;
use crate::world::{Action, Addition, Agreement, CatalogItem, Level, World};

/// Fields the server works out itself. Writing them is taken and does nothing.
const READ_ONLY: [&str; 15] = [
    "id",
    "agreementId",
    "billedQuantity",
    "uom",
    "extPrice",
    "extCost",
    "sequenceNumber",
    "margin",
    "prorateCost",
    "proratePrice",
    "extendedProrateCost",
    "extendedProratePrice",
    "agreementStatus",
    "_info",
    "customFields",
];

pub(super) fn answer(stage: &mut Stage, request: &Request, agreement: i32, rest: &[&str]) -> Result<Reply, Reply> {
    let action = match request.method {
        Method::GET => Action::Inquire,
        Method::POST => Action::Add,
        Method::DELETE => Action::Delete,
        _ => Action::Edit,
    };
    let level = permitted(stage, "Agreements", action)?;
    let parent = stage.world.agreements.get(&agreement).cloned();
    let parent = parent.ok_or_else(|| errors::not_found(&format!("Agreement {agreement}")))?;
    let now = stage.now();
    let rows = |stage: &mut Stage| -> Vec<Value> {
        let seen = stage.replicas.list(&stage.world, agreement, now).into_iter().filter(|_| level == Level::All);
        seen.map(|addition| rendered(&addition, &parent)).collect()
    };
    match (&request.method, rest) {
        (&Method::GET, []) => return listing::list(request, &fields::ADDITION, rows(stage)),
        (&Method::GET, ["count"]) => return listing::count(request, &fields::ADDITION, rows(stage)),
        (&Method::POST, []) => return create(stage, request, &parent),
        _ => {}
    }
    let [id] = rest else { return Err(errors::nothing_here()) };
    let id: i32 = id.parse().map_err(|_| errors::nothing_here())?;
    let found = match request.method {
        Method::GET => stage.replicas.one(&stage.world, (agreement, id), now),
        _ => stage.world.additions.get(&(agreement, id)).cloned(),
    };
    let found = found.ok_or_else(|| errors::not_found(&format!("Addition {id}")))?;
    match request.method {
        Method::GET => Ok(listing::one(request, &rendered(&found, &parent))),
        Method::PATCH => {
            let mut draft = as_fields(&found);
            let operations = request.json().ok_or_else(errors::unreadable)?;
            patch::apply(&operations, &fields::ADDITION, &READ_ONLY, &mut draft)?;
            save(stage, &parent, &found, draft)
        }
        Method::PUT => {
            let draft = body(request)?;
            save(stage, &parent, &found, draft)
        }
        Method::DELETE => Ok(delete(stage, &found)),
        _ => Err(errors::nothing_here()),
    }
}

fn as_fields(addition: &Addition) -> Map<String, Value> {
    match serde_json::to_value(addition) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// A record as it is answered: with what the server works out.
fn rendered(addition: &Addition, agreement: &Agreement) -> Value {
    let mut row = as_fields(addition);
    let cents = |amount: f64| (amount * 100.0).round() / 100.0;
    let billed = addition.billed_quantity();
    let (price, cost) = (billed * addition.unit_price, billed * addition.unit_cost);
    let computed = json!({
        "billedQuantity": billed,
        "uom": "Seat",
        "extPrice": cents(price),
        "extCost": cents(cost),
        "margin": cents(price - cost),
        "sequenceNumber": 0.0,
        "agreementStatus": agreement.agreement_status,
    });
    if let Value::Object(computed) = computed {
        row.extend(computed);
    }
    Value::Object(row)
}

/// The fields of a JSON body that are known and can be written; others are passed over.
fn body(request: &Request) -> Result<Map<String, Value>, Reply> {
    let Some(Value::Object(given)) = request.json() else { return Err(errors::unreadable()) };
    let mut problems = Vec::new();
    let mut kept = Map::new();
    for (name, value) in given {
        let Some(kind) = fields::ADDITION.field(&name).filter(|_| !READ_ONLY.contains(&name.as_str())) else { continue };
        match kind.refuses(&value) {
            Some((code, why)) => problems.push(Problem::new(code, &name, format!("The field {name} {why}"))),
            None => {
                kept.insert(name, value);
            }
        }
    }
    if problems.is_empty() { Ok(kept) } else { Err(errors::invalid_object("addition", &problems)) }
}

fn create(stage: &mut Stage, request: &Request, agreement: &Agreement) -> Result<Reply, Reply> {
    let draft = body(request)?;
    let id = stage.world.settings().last_addition_id + 1;
    let addition = checked(stage, agreement, None, id, draft)?;
    stage.world.next_addition_id();
    let effect = Effect::AdditionCreated {
        agreement: agreement.id,
        addition: id,
        product: addition.product.id,
        quantity: addition.quantity,
        by: Actor::Api,
    };
    let row = rendered(&addition, agreement);
    stage.keep_addition(addition);
    Ok(Reply::json(201, row).effect(Some(effect)))
}

fn save(stage: &mut Stage, agreement: &Agreement, old: &Addition, draft: Map<String, Value>) -> Result<Reply, Reply> {
    let new = checked(stage, agreement, Some(old), old.id, draft)?;
    let effect = difference(old, &new);
    if effect.is_none() {
        return Ok(Reply::ok(rendered(old, agreement)));
    }
    let row = rendered(&new, agreement);
    stage.keep_addition(new);
    Ok(Reply::ok(row).effect(effect))
}

fn delete(stage: &mut Stage, gone: &Addition) -> Reply {
    stage.remove_addition((gone.agreement_id, gone.id));
    let effect = Effect::AdditionDeleted {
        agreement: gone.agreement_id,
        addition: gone.id,
        product: gone.product.id,
        quantity: gone.quantity,
        by: Actor::Api,
    };
    Reply::empty(204).effect(Some(effect))
}

/// What changed, if anything: the quantity before all else.
fn difference(old: &Addition, new: &Addition) -> Option<Effect> {
    let (agreement, addition, product) = (new.agreement_id, new.id, new.product.id);
    if (old.quantity - new.quantity).abs() > f64::EPSILON {
        let (from, to) = (old.quantity, new.quantity);
        return Some(Effect::QuantityChanged { agreement, addition, product, from, to, by: Actor::Api });
    }
    let (before, after) = (as_fields(old), as_fields(new));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let changed = |name: &&String| *name != "_info" && before.get(*name) != after.get(*name);
    let fields: Vec<String> = names.filter(changed).cloned().collect();
    (!fields.is_empty()).then_some(Effect::AdditionChanged { agreement, addition, product, fields, by: Actor::Api })
}

/// The record a draft makes, or every reason against it.
fn checked(
    stage: &Stage,
    agreement: &Agreement,
    old: Option<&Addition>,
    id: i32,
    mut draft: Map<String, Value>,
) -> Result<Addition, Reply> {
    let mut problems = Vec::new();
    draft.retain(|_, value| !value.is_null());
    if !draft.contains_key("billCustomer") {
        problems.push(Problem::required("billCustomer"));
    }
    let item = match product(&stage.world, draft.get("product")) {
        Ok(item) => Some(item),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let Some(item) = item.filter(|_| problems.is_empty()) else {
        return Err(errors::invalid_object("addition", &problems));
    };
    draft.insert("product".to_owned(), json!({ "id": item.id, "identifier": item.identifier }));
    let today = stage.now().date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    let usual = json!({
        "quantity": 0.0,
        "lessIncluded": 0.0,
        "unitPrice": if old.is_none() { item.price } else { 0.0 },
        "unitCost": if old.is_none() { item.cost } else { 0.0 },
        "taxableFlag": old.is_none() && item.taxable_flag,
    });
    for (name, value) in usual.as_object().into_iter().flatten() {
        draft.entry(name).or_insert_with(|| value.clone());
    }
    // A date the server chooses itself is never refused.
    let dated = draft.contains_key("effectiveDate");
    if old.is_none() {
        draft.entry("effectiveDate").or_insert_with(|| json!(today.max(agreement.bill_start_date)));
    }
    draft.insert("id".to_owned(), id.into());
    draft.insert("agreementId".to_owned(), agreement.id.into());
    draft.entry("description").or_insert_with(|| item.description.as_str().into());
    draft.insert("_info".to_owned(), json!(World::stamp(stage.now(), API_MEMBER)));
    let addition: Addition = serde_json::from_value(Value::Object(draft)).map_err(|_| errors::unreadable())?;
    if dated
        && old.is_none_or(|old| old.effective_date != addition.effective_date)
        && let Some(problem) = bad_effective_date(&addition, agreement)
    {
        return Err(errors::invalid_object("addition", &[problem]));
    }
    Ok(addition)
}

/// A catalog item by id, or by identifier. A bundle cannot be an addition.
fn product<'w>(world: &'w World, given: Option<&Value>) -> Result<&'w CatalogItem, Problem> {
    let given = given.ok_or_else(|| Problem::required("product"))?;
    let (field, found) = match (given["id"].as_i64(), given["identifier"].as_str()) {
        (Some(id), _) => ("product/id", i32::try_from(id).ok().and_then(|id| world.catalog.get(&id))),
        (None, Some(text)) => {
            let same = |item: &&CatalogItem| item.identifier.eq_ignore_ascii_case(text) && !item.inactive_flag;
            ("product/identifier", world.catalog.values().find(same))
        }
        (None, None) => return Err(Problem::required("product")),
    };
    let item = found.ok_or_else(|| Problem::new("NotFound", field, "Product not found."))?;
    if item.product_class == "Bundle" {
        return Err(Problem::new("InvalidProductClass", "product", "A bundle cannot be added to an agreement."));
    }
    Ok(item)
}

/// The two refusals of an effective date that users of the API report.
fn bad_effective_date(addition: &Addition, agreement: &Agreement) -> Option<Problem> {
    let date = addition.effective_date?;
    let why = if date < agreement.bill_start_date {
        "effectiveDate cannot be less than the agreement billing start date"
    } else if !agreement.prorate_flag && agreement.next_invoice_date.is_some_and(|next| date.date_naive() < next) {
        "Since this period has already been invoiced there will not be an invoice generated for additional products \
         for this period. Please prorate the agreement or update the start date to on or after the Next Invoice Date."
    } else {
        return None;
    };
    Some(Problem::new("InvalidField", "effectiveDate", why))
}
