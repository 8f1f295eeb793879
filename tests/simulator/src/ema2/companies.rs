//! The user and the companies below (EMA 2 API, User, Company, Search/Companies).

use serde_json::{Value, json};

use super::input::{Input, invalid};
use super::not_found;
use crate::exchange::Reply;
use crate::stage::Stage;
use crate::world::{EntityType, EsetCompany, World};

/// Status of a company that is in use.
const ACTIVE: u8 = 1;

fn account(world: &World) -> Result<&EsetCompany, Reply> {
    world.eset_companies.get(&world.settings().account).ok_or_else(|| not_found("The company"))
}

/// The company, if the account may see it: its own or any below.
pub(super) fn visible<'w>(world: &'w World, id: &str) -> Result<&'w EsetCompany, Reply> {
    let account = &world.settings().account;
    let found = world.eset_companies.get(&id.to_lowercase());
    found.filter(|company| company.id == *account || world.is_below(company, account)).ok_or_else(|| not_found("The company"))
}

/// All companies below the account, in the order lists have.
pub(super) fn below_account(world: &World) -> impl Iterator<Item = &EsetCompany> {
    world.eset_companies.values().filter(|company| company.parent.is_some())
}

pub(super) fn current_user(stage: &Stage) -> Reply {
    let world = &stage.world;
    let account = match account(world) {
        Ok(account) => account,
        Err(refusal) => return refusal,
    };
    Reply::ok(json!({
        "id": "0b6c2d51-94f3-4e0a-8f27-6f1b1c9d7e35",
        "firstName": "Seat",
        "lastName": "Counter",
        "email": stage.credentials.ema2.username,
        "description": null,
        "phoneNumber": null,
        "twoFactorEnabled": false,
        "status": ACTIVE,
        "created": account.created,
        "lastUpdate": account.created,
        "company": { "companyId": account.id, "name": account.name, "type": account.entity_type.code() },
        "country": { "countryCode": "US" },
        "timeZone": { "name": "Central European Standard Time", "code": "CET", "timeShift": "01:00:00" },
    }))
}

/// Answers that may be left out when they hold nothing are left out here, as `email` is.
fn summary(company: &EsetCompany) -> Value {
    let mut row = json!({
        "name": company.name,
        "publicId": company.id,
        "type": company.entity_type.code(),
        "status": ACTIVE,
    });
    if let Some(email) = &company.email {
        row["email"] = email.as_str().into();
    }
    row
}

fn page(rows: &[&EsetCompany], input: &Input) -> Result<Reply, Reply> {
    let companies: Vec<Value> = input.slice()?.of(rows).into_iter().map(|company| summary(company)).collect();
    Ok(Reply::ok(json!({ "companies": companies, "paging": { "totalCount": rows.len() } })))
}

pub(super) fn children(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let parent = visible(&stage.world, input.text("companyId")?)?;
    let rows: Vec<_> = stage.world.eset_companies.values().filter(|company| company.parent.as_ref() == Some(&parent.id)).collect();
    page(&rows, input)
}

pub(super) fn descendants(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let ancestor = visible(&stage.world, input.text("companyId")?)?;
    let kind = wanted_kind(input)?;
    let rows: Vec<_> = stage
        .world
        .eset_companies
        .values()
        .filter(|company| kind.is_none_or(|kind| company.entity_type == kind))
        .filter(|company| stage.world.is_below(company, &ancestor.id))
        .collect();
    page(&rows, input)
}

/// `entityType`: the text `Any`, or a code as number or digits.
fn wanted_kind(input: &Input) -> Result<Option<EntityType>, Reply> {
    let refused = || invalid("entityType");
    let value = input.get("entityType").ok_or_else(refused)?;
    if value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("any")) {
        return Ok(None);
    }
    let code = value.as_u64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(refused)?;
    let code = u16::try_from(code).map_err(|_| refused())?;
    EntityType::try_from(code).map(Some).map_err(|_| refused())
}

pub(super) fn detail(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let company = visible(&stage.world, input.text("companyId")?)?;
    let mut row = json!({
        "id": company.id,
        "name": company.name,
        "type": company.entity_type.code(),
        "customIdentifier": company.custom_identifier,
        "email": company.email,
        "vatId": company.vat_id,
        "description": company.description,
        "status": ACTIVE,
    });
    if let Some(parent) = company.parent.as_ref().and_then(|id| stage.world.eset_companies.get(id)) {
        row["ancestor"] = json!({ "id": parent.id, "name": parent.name, "type": parent.entity_type.code() });
    }
    Ok(Reply::ok(row))
}

pub(super) fn accessible_children(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let account = account(&stage.world)?;
    let children = stage.world.eset_companies.values().filter(|company| company.parent.as_ref() == Some(&account.id));
    let rows = children.map(|company| {
        json!({
            "Name": company.name,
            "CompanyId": company.id,
            "CompanyTypeId": company.entity_type.code(),
            "Email": company.email,
            "Status": ACTIVE,
        })
    });
    Ok(Reply::ok(json!({ "companies": input.slice()?.of(rows) })))
}

/// Every keyword must be found in one of its columns; without keywords all companies are listed.
pub(super) fn search(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let keywords = input.get("search").and_then(Value::as_object).ok_or_else(|| invalid("search"))?;
    let mut wanted = Vec::new();
    for (keyword, columns) in keywords {
        let columns = columns.as_array().ok_or_else(|| invalid("search"))?;
        let columns: Option<Vec<u64>> = columns.iter().map(Value::as_u64).collect();
        let columns = columns.ok_or_else(|| invalid("search"))?;
        if columns.iter().any(|column| !matches!(column, 0..=3 | 5 | 6)) {
            return Err(invalid("search"));
        }
        wanted.push((keyword.to_lowercase(), columns));
    }
    let found: Vec<_> = below_account(&stage.world)
        .filter(|company| wanted.iter().all(|(keyword, columns)| columns.iter().any(|column| in_column(company, *column, keyword))))
        .collect();
    let rows: Vec<Value> = input.slice()?.of(&found).into_iter().map(|company| search_row(company)).collect();
    Ok(Reply::ok(json!({ "Search": rows, "Paging": { "TotalCount": found.len() } })))
}

/// Text columns hold part of the keyword; the company type (column 6) must equal it, in the second numbering.
fn in_column(company: &EsetCompany, column: u64, keyword: &str) -> bool {
    match column {
        0 => company.name.to_lowercase().contains(keyword),
        1 => company.id.contains(keyword),
        2 | 3 => company.created.date_naive().to_string().contains(keyword),
        5 => company.custom_identifier.as_ref().is_some_and(|text| text.to_lowercase().contains(keyword)),
        _ => company.entity_type.search_code().to_string() == keyword,
    }
}

fn search_row(company: &EsetCompany) -> Value {
    json!({
        "CompanyId": company.id,
        "Name": company.name,
        "CompanyTypeId": company.entity_type.search_code(),
        "StatusId": ACTIVE,
        "CustomIdentifier": company.custom_identifier,
        "Email": company.email,
        "VatId": company.vat_id,
        "Description": company.description,
        "ParentId": company.parent,
    })
}
