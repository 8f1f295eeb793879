//! Company mappings as a table: what `GET /api/mappings/companies.csv` writes and `POST /api/mappings/companies/import` reads.
//!
//! People edit it in a spreadsheet. Ids decide; names stand beside them for the eye and are not read. A row with an empty
//! decision leaves its company as it is.

use csv_core::{ReadRecordResult, Reader};
use serde::{Deserialize, Serialize};

use crate::companies::{CompanyChange, CompanyDecision};
use crate::endpoint::endpoints;
use domain::ids::{AgreementId, ConnectionId, EsetCompanyId};

endpoints! {
    "companies";

    /// Every company's mapping as a table.
    ExportCompanyMappings("company_mapping_table") = Get "/api/mappings/companies.csv" (SeeBilling, Scoped) => 200 "text/csv";

    /// Take a table of company mappings, or say what it would change.
    ImportCompanyMappings("import_company_mappings") = Post "/api/mappings/companies/import" (ManageMappings, Scoped),
        body ImportTable => 200 Imported, or [409];
}

/// The columns, in the order they are written. The first four of [`COLUMNS_READ`] suffice to read.
pub const COLUMNS: [&str; 10] =
    ["connection", "company", "name", "seats", "decision", "psa", "agreement", "agreement_name", "automatic", "reason"];
/// The columns that are read.
const COLUMNS_READ: [&str; 7] = ["connection", "company", "decision", "psa", "agreement", "automatic", "reason"];
/// Rows of one table.
pub const MOST_ROWS: usize = 20_000;

/// `POST /api/mappings/companies/import`: a table in the form of the export; all of its decisions are stored, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ImportTable {
    /// The table, comma- or semicolon-separated, with its header row.
    pub csv: String,
    /// Only say what would change.
    #[serde(default)]
    pub dry_run: bool,
}

/// What an import changes, or would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Imported {
    /// Rows that were read.
    pub rows: u32,
    /// Decisions that differ from what is stored.
    pub changed: u32,
    /// What cannot be taken; while there is any, nothing is stored.
    pub problems: Vec<RowProblem>,
    /// Whether it was stored.
    pub stored: bool,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowProblem {
    /// The row as a spreadsheet counts: the header is row 1.
    pub row: u32,
    /// The column.
    pub column: String,
    /// What is the matter, and what to do.
    pub words: String,
}

impl RowProblem {
    /// A problem with a cell.
    pub fn new(row: u32, column: &str, words: impl Into<String>) -> Self {
        Self { row, column: column.to_owned(), words: words.into() }
    }
}

/// A table that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadTable {
    /// Rows below the header, empty ones left out.
    pub rows: u32,
    /// What it decides, each with its row.
    pub changes: Vec<(u32, CompanyChange)>,
    /// What could not be read.
    pub problems: Vec<RowProblem>,
}

/// Reads a table. What is wrong is told row by row, all of it at once.
pub fn read_table(text: &str) -> ReadTable {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut records = records(text).into_iter();
    let mut table = ReadTable::default();
    let Some((_, header)) = records.next() else {
        table.problems.push(RowProblem::new(1, "", "The table is empty. Export it first, then change the export."));
        return table;
    };
    let places = COLUMNS_READ.map(|column| header.iter().position(|name| name.trim().eq_ignore_ascii_case(column)));
    for (column, place) in COLUMNS_READ.into_iter().zip(places).take(3) {
        if place.is_none() {
            table.problems.push(RowProblem::new(1, column, "This column is missing. Keep the header row of the export."));
        }
    }
    if !table.problems.is_empty() {
        return table;
    }
    for (number, cells) in records {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        table.rows += 1;
        if usize::try_from(table.rows).is_ok_and(|rows| rows > MOST_ROWS) {
            table.problems.push(RowProblem::new(number, "", "A table has at most 20,000 rows. Import it in parts."));
            return table;
        }
        let [connection, company, decision, psa, agreement, automatic, reason] =
            places.map(|place| place.and_then(|place| cells.get(place)).map_or("", |cell| unquoted(cell)));
        let row = Row { number, connection, company, decision, psa, agreement, automatic, reason };
        match row.change() {
            Ok(change) => table.changes.extend(change.map(|change| (number, change))),
            Err(problem) => table.problems.push(problem),
        }
    }
    table
}

/// A cell without the apostrophe that keeps a spreadsheet from reckoning with it.
fn unquoted(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix('\'').unwrap_or(cell)
}

struct Row<'a> {
    number: u32,
    connection: &'a str,
    company: &'a str,
    decision: &'a str,
    psa: &'a str,
    agreement: &'a str,
    automatic: &'a str,
    reason: &'a str,
}

impl Row<'_> {
    fn change(&self) -> Result<Option<CompanyChange>, RowProblem> {
        let problem = |column: &str, words: &str| Err(RowProblem::new(self.number, column, words));
        let decision = match self.decision.to_ascii_lowercase().as_str() {
            "" => return Ok(None),
            "clear" => CompanyDecision::Clear,
            "exclude" if self.reason.is_empty() => return problem("reason", "An exclusion needs its reason."),
            "exclude" => CompanyDecision::Exclude { reason: self.reason.to_owned() },
            "map" => self.target()?,
            _ => return problem("decision", "A decision is map, exclude, clear, or nothing."),
        };
        for (column, value) in [("connection", self.connection), ("company", self.company)] {
            if value.is_empty() {
                return problem(column, "This id is missing. Take it from the export.");
            }
        }
        let (connection, company) = (ConnectionId::from(self.connection), EsetCompanyId::from(self.company));
        Ok(Some(CompanyChange { connection, company, decision }))
    }

    fn target(&self) -> Result<CompanyDecision, RowProblem> {
        let problem = |column: &str, words: &str| RowProblem::new(self.number, column, words);
        if self.psa.is_empty() {
            return Err(problem("psa", "The id of the ConnectWise connection is missing."));
        }
        let agreement = self.agreement.parse::<AgreementId>();
        let agreement =
            agreement.map_err(|_| problem("agreement", "This is no agreement's number. Take it from ConnectWise or the export."))?;
        let automatic = match self.automatic.to_ascii_lowercase().as_str() {
            "" | "no" | "false" | "0" => false,
            "yes" | "true" | "1" => true,
            _ => return Err(problem("automatic", "Say yes or no.")),
        };
        Ok(CompanyDecision::Map { psa: ConnectionId::from(self.psa), agreement, automatic, products: None, groups: None })
    }
}

/// The records of a text with their rows. A spreadsheet in a country of decimal commas separates by semicolons.
fn records(text: &str) -> Vec<(u32, Vec<String>)> {
    let header = text.lines().next().unwrap_or_default();
    let delimiter = if header.contains(';') && !header.contains(',') { b';' } else { b',' };
    let text = text.replace("\r\n", "\n");
    let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    let mut input = text.as_bytes();
    let mut records = Vec::new();
    let mut row = 0;
    loop {
        // The reader skips empty rows; a spreadsheet counts them.
        while let Some(rest) = input.strip_prefix(b"\n") {
            input = rest;
            row += 1;
        }
        let Some(record) = next(&mut reader, &mut input) else { return records };
        row += 1;
        records.push((row, record));
    }
}

/// The next record; none at the end. What is not UTF-8 any more after splitting was not before.
fn next(reader: &mut Reader, input: &mut &[u8]) -> Option<Vec<String>> {
    let (mut bytes, mut ends) = (vec![0; 512], vec![0; 16]);
    let (mut written, mut fields) = (0, 0);
    loop {
        let (result, read, put, ended) =
            reader.read_record(input, bytes.get_mut(written..).unwrap_or_default(), ends.get_mut(fields..).unwrap_or_default());
        *input = input.get(read..).unwrap_or_default();
        written += put;
        fields += ended;
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => bytes.resize(bytes.len() * 2, 0),
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::Record => break,
            ReadRecordResult::End => return None,
        }
    }
    let mut began = 0;
    let cells = ends.iter().take(fields).map(|end| {
        let cell = bytes.get(began..*end).unwrap_or_default();
        began = *end;
        String::from_utf8_lossy(cell).into_owned()
    });
    Some(cells.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "connection,company,name,seats,decision,psa,agreement,agreement_name,automatic,reason\r\n";

    fn problem_of(row: &str) -> (u32, String) {
        let table = read_table(&format!("{HEADER}{row}\r\n"));
        let problem = table.problems.first().unwrap_or_else(|| panic!("taken: {row}"));
        (problem.row, problem.column.clone())
    }

    #[test]
    fn each_decision_is_read_and_names_are_not() {
        let table = read_table(&format!(
            "\u{feff}{HEADER}e,1,\"Acme, Inc.\",5,map,cw,77,\"Managed \"\"Gold\"\"\",yes,\r\ne,2,,,exclude,,,,,own use\r\n\r\ne,3,,,Clear,,,,,\r\ne,4,,,,,,,,\r\n"
        ));
        assert_eq!(table.problems, []);
        assert_eq!(table.rows, 4);
        let decisions: Vec<_> =
            table.changes.iter().map(|(row, change)| (*row, change.company.as_str(), change.decision.clone())).collect();
        let map = CompanyDecision::Map { psa: "cw".into(), agreement: AgreementId(77), automatic: true, products: None, groups: None };
        let exclude = CompanyDecision::Exclude { reason: "own use".to_owned() };
        assert_eq!(decisions, [(2, "1", map), (3, "2", exclude), (5, "3", CompanyDecision::Clear)]);
    }

    #[test]
    fn a_spreadsheets_semicolons_and_another_order_are_read() {
        let table = read_table("decision;company;connection;agreement;psa\nmap;1;e;77;cw\n");
        assert_eq!(table.problems, []);
        assert_eq!(table.changes.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_row_and_column() {
        assert_eq!(problem_of("e,1,,,merge,cw,77,,,"), (2, "decision".to_owned()));
        assert_eq!(problem_of("e,1,,,map,,77,,,"), (2, "psa".to_owned()));
        assert_eq!(problem_of("e,1,,,map,cw,seven,,,"), (2, "agreement".to_owned()));
        assert_eq!(problem_of("e,1,,,map,cw,77,,perhaps,"), (2, "automatic".to_owned()));
        assert_eq!(problem_of("e,1,,,exclude,,,,,"), (2, "reason".to_owned()));
        assert_eq!(problem_of("\"a\nb\",,,,clear,,,,,"), (2, "company".to_owned()));
        for text in ["", "name,seats\r\nAcme,5\r\n", "\u{feff}"] {
            assert!(!read_table(text).problems.is_empty(), "{text:?}");
        }
        let rows: String = (0..=MOST_ROWS).map(|row| format!("e,{row},,,clear,,,,,\r\n")).collect();
        assert_eq!(read_table(&format!("{HEADER}{rows}")).problems.len(), 1);
    }

    proptest! {
        #[test]
        fn no_text_is_too_wild(text in ".{0,400}", body in "[\",;\r\n a-c0-9]{0,200}") {
            let _ = read_table(&text);
            let table = read_table(&format!("{HEADER}{body}"));
            prop_assert!(table.changes.len() <= usize::try_from(table.rows).expect("rows"));
        }
    }
}
