//! The statement as a table.

use axum::response::Response;
use domain::csv::{Csv, cell};
use domain::money::Money;

use super::Sheet;
use super::page::{changes, describe};
use crate::http::middleware::download::{csv, word};

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
pub(super) fn table(sheet: &Sheet) -> Response {
    let closed = sheet.closed.as_ref();
    let mut table = Csv::new(HEADER);
    let seal = || {
        let at = closed.map(|closed| closed.at.format("%Y-%m-%dT%H:%M:%SZ"));
        [cell(closed.map(|closed| &closed.by)), cell(at), cell(closed.map(|closed| &closed.hash))]
    };
    let corrections = |line: &domain::ids::LineId| {
        let of_line = sheet.corrections.iter().filter(|correction| correction.line == *line);
        of_line.map(describe).collect::<Vec<_>>().join(" ")
    };
    for line in &sheet.statement.lines {
        let numbers = &line.numbers;
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
            changes(line),
            corrections(&numbers.line),
        ];
        row.extend(seal());
        row.push(numbers.line.to_string());
        table.row(&row);
    }
    let stated = |line: &domain::ids::LineId| sheet.statement.lines.iter().any(|known| known.numbers.line == *line);
    for correction in sheet.corrections.iter().filter(|correction| !stated(&correction.line)) {
        let mut row = vec![correction.company.clone(), String::new(), correction.product.clone()];
        row.resize(HEADER.len() - 5, String::new());
        row.push(describe(correction));
        row.extend(seal());
        row.push(correction.line.to_string());
        table.row(&row);
    }
    let suffix = if closed.is_some() { "" } else { "-not-closed" };
    csv(&format!("statement-{}{suffix}", sheet.statement.period), table)
}
