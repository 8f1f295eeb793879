//! The statement as a page to print: one HTML file without script or inline style, every text in it escaped.

use std::mem;

use domain::Timestamp;
use domain::billing::{Correction, StatementLine, Totals};
use domain::money::Money;
use store::ports::StoreError;

use super::sheet::Sheet;

/// The page.
pub(super) fn page(sheet: &Sheet<'_>) -> Result<String, StoreError> {
    let name = sheet.month.period().label();
    let mut html = String::new();
    html.push_str("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"robots\" content=\"noindex\">");
    html.push_str(&format!("<title>Statement {name}</title><link rel=\"stylesheet\" href=\"/statement.css\"></head><body><main>"));
    html.push_str(&format!("<h1>Statement, {name}</h1>"));
    match &sheet.closed {
        Some(closed) => {
            html.push_str("<p>Closed by ");
            text(&mut html, &closed.by);
            html.push_str(&format!(" on {} UTC.</p>", moment(closed.at)));
        }
        None => html.push_str("<p class=\"open\">This month is not closed. Its numbers may still change.</p>"),
    }
    if let (_, Some(reason)) = sheet.closed_in_spite_of() {
        html.push_str("<p>Closed with numbers that could not be completed any more: ");
        text(&mut html, &reason);
        html.push_str("</p>");
    }
    let mut sections = Sections { html, company: None, own: Totals::default(), all: Totals::default(), companies: 0 };
    sheet.each(|line| sections.line(&line))?;
    let mut html = sections.end();
    corrections(&mut html, &sheet.corrections);
    if let Some(closed) = &sheet.closed {
        html.push_str(&format!("<footer>SHA-256 of this statement: <code>{}</code></footer>", closed.hash));
    }
    html.push_str("</main></body></html>");
    Ok(html)
}

const HEAD: &str = "<table><thead><tr><th scope=\"col\">Product</th><th scope=\"col\">Agreement</th><th scope=\"col\" class=\"n\">Ordered</th>\
    <th scope=\"col\" class=\"n\">Billed</th><th scope=\"col\" class=\"n\">Unit price</th><th scope=\"col\" class=\"n\">Amount</th>\
    <th scope=\"col\">Change in the month</th></tr></thead><tbody>";

/// A section for each company, written while its lines go by.
struct Sections {
    html: String,
    /// The company whose section is open.
    company: Option<String>,
    own: Totals,
    all: Totals,
    companies: u32,
}

impl Sections {
    fn line(&mut self, line: &StatementLine) {
        let numbers = &line.numbers;
        if self.company.as_ref() != Some(&numbers.company) {
            self.end_company();
            self.company = Some(numbers.company.clone());
            self.companies += 1;
            self.html.push_str("<section><h2>");
            text(&mut self.html, &numbers.company);
            self.html.push_str("</h2>");
            self.html.push_str(HEAD);
        }
        self.own.add(numbers);
        self.all.add(numbers);
        row(&mut self.html, line);
    }

    fn end_company(&mut self) {
        if self.company.take().is_some() {
            self.html.push_str("</tbody></table><p class=\"sum\">");
            text(&mut self.html, &sums(&mem::take(&mut self.own)));
            self.html.push_str("</p></section>");
        }
    }

    fn end(mut self) -> String {
        self.end_company();
        if self.companies > 1 {
            self.html.push_str("<section><h2>All companies</h2><p>");
            text(&mut self.html, &sums(&self.all));
            self.html.push_str("</p></section>");
        }
        self.html
    }
}

fn row(html: &mut String, line: &StatementLine) {
    let numbers = &line.numbers;
    let currency = numbers.currency.as_deref().unwrap_or_default();
    html.push_str("<tr><th scope=\"row\">");
    text(html, &numbers.product);
    html.push_str("</th><td>");
    text(html, numbers.agreement.as_deref().unwrap_or("not mapped"));
    for cell in [
        known(numbers.ordered),
        known(numbers.billed),
        numbers.unit_price.map_or_else(|| "not known".to_owned(), |price| format!("{} {currency}", price.decimal().normalize())),
        amount(numbers.price, currency),
    ] {
        html.push_str("</td><td class=\"n\">");
        text(html, &cell);
    }
    html.push_str("</td><td>");
    text(html, &changes(line));
    html.push_str("</td></tr>");
}

fn corrections(html: &mut String, corrections: &[Correction]) {
    if corrections.is_empty() {
        return;
    }
    html.push_str("<section><h2>Corrections found afterwards</h2><ul>");
    for correction in corrections {
        html.push_str("<li>");
        text(html, &describe(correction));
        html.push_str("</li>");
    }
    html.push_str("</ul></section>");
}

/// A correction in a sentence.
pub(super) fn describe(correction: &Correction) -> String {
    use domain::billing::Corrected::{Ordered, Quantity, UnitPrice};
    let number = match correction.number {
        Ordered => "ordered seats",
        Quantity => "quantity",
        UnitPrice => "unit price",
    };
    let Correction { company, product, found_at, reason, .. } = correction;
    let (was, is) = (known(correction.was.as_ref()), known(correction.is.as_ref()));
    format!("{} · {company} · {product}: {number} {was}, now {is}. {reason}", found_at.date_naive())
}

/// What was changed in the month and who approved it, and what it carries of the month before.
pub(super) fn changes(line: &StatementLine) -> String {
    let written = line.changes.iter().map(|change| {
        format!("{} to {}, approved by {} on {}.", change.from, change.to, change.approved_by, change.approved_at.date_naive())
    });
    let carried =
        line.corrections.iter().map(|correction| format!("Correction of {}: {}", correction.period.label(), describe(correction)));
    written.chain(carried).collect::<Vec<_>>().join(" ")
}

/// Sums by currency, in words; what is not in them is said.
fn sums(totals: &Totals) -> String {
    let mut words = vec![format!("{} units billed, {} ordered.", totals.billed, totals.ordered)];
    for money in &totals.money {
        let left_out = if money.without_price > 0 { format!(" ({} without a price)", money.without_price) } else { String::new() };
        words.push(format!("{} in all{left_out}.", amount(Some(money.price), money.currency.as_deref().unwrap_or_default())));
    }
    if totals.not_known > 0 {
        words.push(format!("{} not known and in no sum.", totals.not_known));
    }
    words.join(" ")
}

fn amount(amount: Option<Money>, currency: &str) -> String {
    amount.map_or_else(|| "not known".to_owned(), |amount| format!("{amount} {currency}"))
}

fn known<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "not known".to_owned(), |value| value.to_string())
}

fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M").to_string()
}

/// Writes text into the page, so that none of it is taken for markup.
fn text(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}
