//! The statement as a table.

use std::collections::{BTreeMap, BTreeSet};

use axum::response::Response;
use domain::billing::Correction;
use domain::csv::{Csv, cell};
use domain::ids::LineId;
use domain::money::Money;

use super::page::{changes, describe};
use super::sheet::Sheet;
use crate::http::middleware::download::{csv, word};
use crate::http::middleware::error::Failure;

const HEADER: &[&str] = &[
    "Company",
    "Agreement",
    "Product",
    "Ordered",
    "Activated",
    "Seat-days",
    "Quantity",
    "Billed",
    "Unit price",
    "Price is",
    "Amount",
    "Currency",
    "State",
    "Change in the month",
    "Corrections found afterwards",
    "Closed by",
    "Closed at",
    "SHA-256",
    "Line",
];

/// A row for each line; then corrections of lines the statement does not have.
pub(super) fn table(sheet: &Sheet<'_>) -> Result<Response, Failure> {
    let closed = sheet.closed.as_ref();
    let mut table = Csv::new(HEADER);
    let seal = || {
        let at = closed.map(|closed| closed.at.format("%Y-%m-%dT%H:%M:%SZ"));
        [cell(closed.map(|closed| &closed.by)), cell(at), cell(closed.map(|closed| &closed.hash))]
    };
    let mut corrections: BTreeMap<&LineId, Vec<&Correction>> = BTreeMap::new();
    for correction in &sheet.corrections {
        corrections.entry(&correction.line).or_default().push(correction);
    }
    let mut stated: BTreeSet<LineId> = BTreeSet::new();
    sheet.each(|line| {
        let numbers = &line.numbers;
        let found = corrections.get(&numbers.line);
        let mut row = vec![
            numbers.company.clone(),
            cell(numbers.agreement.as_ref()),
            numbers.product.clone(),
            cell(numbers.ordered),
            cell(numbers.activated),
            cell(numbers.seat_days),
            cell(numbers.quantity),
            cell(numbers.billed),
            cell(numbers.unit_price.map(Money::decimal)),
            if numbers.price_estimated { "est." } else { "" }.to_owned(),
            cell(numbers.price.map(Money::decimal)),
            cell(numbers.currency.as_ref()),
            word(&line.state),
            changes(&line),
            found.into_iter().flatten().map(|correction| describe(correction)).collect::<Vec<_>>().join(" "),
        ];
        row.extend(seal());
        row.push(numbers.line.to_string());
        table.row(&row);
        if found.is_some() {
            stated.insert(line.numbers.line);
        }
    })?;
    for correction in sheet.corrections.iter().filter(|correction| !stated.contains(&correction.line)) {
        let mut row = vec![correction.company.clone(), String::new(), correction.product.clone()];
        row.resize(HEADER.len() - 5, String::new());
        row.push(describe(correction));
        row.extend(seal());
        row.push(correction.line.to_string());
        table.row(&row);
    }
    let suffix = if closed.is_some() { "" } else { "-not-closed" };
    Ok(csv(&format!("statement-{}{suffix}", sheet.month.period()), table))
}
