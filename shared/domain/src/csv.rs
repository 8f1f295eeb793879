//! Comma-separated values as RFC 4180 has them, in UTF-8 with a byte order mark, so that spreadsheets read the accents.
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe before it; a number is left as it is.

use rust_decimal::Decimal;

/// A file of comma-separated values, written row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    text: String,
}

impl Csv {
    /// A file with this header.
    pub fn new(header: &[&str]) -> Self {
        let mut csv = Self { text: "\u{feff}".to_owned() };
        csv.row(header);
        csv
    }

    /// Adds a row.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            self.cell(cell.as_ref());
        }
        self.text.push_str("\r\n");
    }

    /// What was written since this was last asked for, for a file that is handed over while it is written.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    /// The whole file.
    pub fn into_text(self) -> String {
        self.text
    }

    fn cell(&mut self, cell: &str) {
        let formula = is_formula(cell);
        if !formula && !cell.contains([',', '"', '\r', '\n']) {
            self.text.push_str(cell);
            return;
        }
        self.text.push('"');
        if formula {
            self.text.push('\'');
        }
        for character in cell.chars() {
            if character == '"' {
                self.text.push('"');
            }
            self.text.push(character);
        }
        self.text.push('"');
    }
}

/// Whether a spreadsheet would reckon with this cell. Leading spaces do not keep it from doing so.
fn is_formula(cell: &str) -> bool {
    let starts = cell.starts_with(['\t', '\r', '\n']) || cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    starts && cell.parse::<Decimal>().is_err()
}

/// A cell of something that may be missing: empty then, never a zero.
pub fn cell<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|record| record.expect("a record").iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_cell_that_would_be_a_formula_is_text_and_a_number_stays_one() {
        let table = [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 30 1234", "'+49 30 1234"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            (" =1", "' =1"),
            ("－1+1", "'－1+1"),
            ("-5", "-5"),
            ("-12.50", "-12.50"),
            ("Acme, \"the\" best", "Acme, \"the\" best"),
        ];
        for (written, found) in table {
            let mut csv = Csv::new(&["a"]);
            csv.row(&[written, "x"]);
            assert_eq!(
                csv.into_text().split_once("\r\n").map(|(_, row)| read(&format!("\u{feff}{row}"))),
                Some(vec![vec![found.to_owned(), "x".to_owned()]])
            );
        }
    }

    #[test]
    fn pieces_come_to_the_whole_file() {
        let (mut whole, mut pieces, mut text) = (Csv::new(&["a"]), Csv::new(&["a"]), String::new());
        for cell in ["1", "x,y", "=z"] {
            whole.row(&[cell]);
            pieces.row(&[cell]);
            text.push_str(&pieces.take());
        }
        assert_eq!(text, whole.into_text());
        assert_eq!(pieces.take(), "");
    }

    #[test]
    fn lines_end_as_the_standard_has_it() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(&["1", "x\ny"]);
        assert_eq!(csv.into_text(), "\u{feff}a,b\r\n1,\"x\ny\"\r\n");
    }

    proptest! {
        #[test]
        fn another_reader_finds_what_was_written(rows in proptest::collection::vec(proptest::collection::vec("[-=+@,\"'\r\n\ta-zé0-9. ]{0,8}", 3), 0..6)) {
            let mut csv = Csv::new(&["a", "b", "c"]);
            rows.iter().for_each(|row| csv.row(row));
            let found = read(&csv.into_text());
            prop_assert_eq!(found.len(), rows.len() + 1);
            for (written, found) in rows.iter().zip(&found[1..]) {
                for (written, found) in written.iter().zip(found) {
                    let expected = if is_formula(written) { format!("'{written}") } else { written.clone() };
                    prop_assert_eq!(found, &expected);
                }
            }
        }

        #[test]
        fn no_cell_is_a_formula(cell in "[-=+@\t\r ]{0,2}.{0,8}") {
            let mut csv = Csv::new(&["a"]);
            csv.row(&[&cell]);
            let found = read(&csv.into_text());
            let found = found.get(1).map(|row| row[0].clone()).unwrap_or_default();
            prop_assert!(!is_formula(&found), "{:?}", found);
        }
    }
}
