//! Usage reports (EMA 2 API, UsageReport): what ESET bills the MSP for, day by day.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Value, json};

use super::companies;
use super::input::{Input, invalid};
use crate::exchange::Reply;
use crate::stage::Stage;
use crate::world::{EntityType, License, product};

/// The days of a report, both ends included.
#[derive(Clone, Copy)]
struct Period {
    from: NaiveDate,
    to: NaiveDate,
    now: DateTime<Utc>,
}

impl Period {
    fn of(stage: &Stage, input: &Input) -> Result<Self, Reply> {
        let (from, to) = (input.day("from")?, input.day("to")?);
        if from > to || to.num_days_from_ce() - from.num_days_from_ce() > 366 {
            return Err(invalid("from"));
        }
        Ok(Self { from, to, now: stage.now() })
    }

    /// Days that have been sampled; days to come count nothing.
    fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(move |day| *day <= self.to && License::sample_of(*day) <= self.now)
    }

    fn last_day(self) -> NaiveDate {
        self.to.min(self.now.date_naive())
    }
}

/// Product code, then 1 for full or 4 for trial.
type Line = (String, u8);

/// One product's counts in a period.
#[derive(Default)]
struct Count {
    per_day: Vec<i64>,
    seats: i64,
}

fn count(licenses: &[&License], period: Period) -> BTreeMap<Line, Count> {
    let mut lines: BTreeMap<Line, Count> = BTreeMap::new();
    for license in licenses {
        let kind = if license.is_trial() { 4 } else { 1 };
        let sampled: Vec<i64> = period.days().map(|day| license.sampled_on(day)).collect();
        let seats = license.seats_on(period.last_day());
        if seats == 0 && sampled.iter().all(|seats| *seats == 0) {
            continue;
        }
        let line = lines.entry((license.product.clone(), kind)).or_default();
        line.per_day.resize(sampled.len(), 0);
        line.per_day.iter_mut().zip(&sampled).for_each(|(sum, seats)| *sum += seats);
        line.seats += seats;
    }
    lines
}

fn row(((code, kind), count): (&Line, &Count)) -> Value {
    json!({
        "code": code,
        "name": product(code).map(|product| product.name),
        "licenseType": kind,
        "seatDays": count.per_day.iter().sum::<i64>(),
        "seats": count.seats,
    })
}

/// Licences by company, so that a report over all companies looks at each licence once.
fn by_company(stage: &Stage) -> BTreeMap<&str, Vec<&License>> {
    let mut map: BTreeMap<&str, Vec<&License>> = BTreeMap::new();
    for license in stage.world.licenses.values() {
        map.entry(license.company.as_str()).or_default().push(license);
    }
    map
}

/// Companies without a line in the period are not in the report.
fn report(stage: &Stage, input: &Input, wanted: impl Fn(&str) -> bool) -> Result<Reply, Reply> {
    let period = Period::of(stage, input)?;
    let slice = input.slice()?;
    let licenses = by_company(stage);
    let counted: Vec<_> = companies::below_account(&stage.world)
        .filter(|company| wanted(&company.id))
        .filter_map(|company| {
            let lines = count(licenses.get(company.id.as_str())?, period);
            (!lines.is_empty()).then_some((company, lines))
        })
        .collect();
    let total = counted.len();
    let rows = slice.of(counted).into_iter().map(|(company, lines)| {
        json!({
            "companyId": company.id,
            "companyName": company.name,
            "products": lines.iter().map(row).collect::<Vec<_>>(),
            "totalUsage": lines.values().flat_map(|count| &count.per_day).sum::<i64>(),
            "totalSeats": lines.values().map(|count| count.seats).sum::<i64>(),
        })
    });
    Ok(Reply::ok(json!({ "companies": rows.collect::<Vec<_>>(), "paging": { "totalCount": total } })))
}

pub(super) fn all_companies(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    report(stage, input, |_| true)
}

pub(super) fn selected_companies(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    let ids: Vec<String> = input.texts("companyIds")?.into_iter().map(str::to_lowercase).collect();
    if ids.is_empty() {
        return Err(invalid("companyIds"));
    }
    report(stage, input, |id| ids.iter().any(|wanted| wanted == id))
}

pub(super) fn monthly(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    one_company(stage, input, |line, count, _| row((line, count)))
}

pub(super) fn daily(stage: &Stage, input: &Input) -> Result<Reply, Reply> {
    one_company(stage, input, |line, count, period| {
        let mut row = row((line, count));
        let days = period.days().zip(&count.per_day);
        row["usagePerDays"] = days.map(|(day, usage)| json!({ "date": day, "usage": usage })).collect::<Vec<_>>().into();
        row
    })
}

/// Products of one company. For a Division the list is empty, whatever it holds (EMA 2 API, Monthly/products).
fn one_company(stage: &Stage, input: &Input, row: impl Fn(&Line, &Count, Period) -> Value) -> Result<Reply, Reply> {
    let company = companies::visible(&stage.world, input.text("companyId")?)?;
    let period = Period::of(stage, input)?;
    let codes = input.texts("codes")?;
    let slice = input.slice()?;
    let licenses: Vec<_> = stage
        .world
        .licenses
        .values()
        .filter(|license| license.company == company.id && company.entity_type != EntityType::Division)
        .filter(|license| codes.is_empty() || codes.contains(&license.product.as_str()))
        .collect();
    let lines = count(&licenses, period);
    let total: i64 = lines.values().flat_map(|count| &count.per_day).sum();
    let products = slice.of(lines.iter().map(|(line, count)| row(line, count, period)));
    Ok(Reply::ok(json!({
        "companyId": company.id,
        "companyName": company.name,
        "products": products,
        "totalUsage": total,
        "paging": { "totalCount": lines.len() },
    })))
}
