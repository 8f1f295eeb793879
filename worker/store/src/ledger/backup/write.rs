//! Writing a backup, row by row: however large the ledger is, one row of it is held at once.

use std::io::{self, Write};

use domain::Timestamp;

use super::tables::TABLES;
use super::{BackupError, BackupHead, Backups, FORMAT, VERSION, outward};
use crate::ledger::row::json;
use crate::ledger::schema;
use crate::ports::StoreError;

impl Backups<'_> {
    /// Writes the whole ledger as it is at this moment. Returns how many rows that are.
    ///
    /// # Errors
    /// When SQLite or `out` refuses.
    pub fn write(&self, taken_at: Timestamp, mut out: impl Write) -> Result<u64, BackupError> {
        let head = BackupHead { format: FORMAT.to_owned(), version: VERSION, schema: schema::version(), taken_at };
        let head = json(&head)?;
        // The head's fields and the tables are fields of one object.
        write!(out, "{},\n\"tables\":{{", head.trim_end_matches('}'))?;
        let mut rows = 0_u64;
        for (index, table) in TABLES.iter().enumerate() {
            let columns = self.columns(table)?;
            let separator = if index == 0 { "" } else { "," };
            write!(out, "{separator}\n\"{}\":{{\"columns\":{},\"rows\":[", table.name, json(&columns.names)?)?;
            let sql = format!("SELECT {} FROM {} ORDER BY {}", columns.names.join(", "), table.name, columns.key.join(", "));
            let (mut first, mut refused): (bool, io::Result<()>) = (true, Ok(()));
            let read = self.0.each(&sql, &[], |row| {
                let values = row.into_iter().map(outward).collect::<Result<Vec<_>, _>>()?;
                refused = write!(out, "{}\n{}", if first { "" } else { "," }, json(&values)?);
                (first, rows) = (false, rows + 1);
                if refused.is_ok() { Ok(()) } else { Err(StoreError("the backup cannot be written".to_owned())) }
            });
            refused?;
            read?;
            write!(out, "\n]}}")?;
        }
        write!(out, "\n}},\n\"rows\":{rows}}}\n")?;
        out.flush()?;
        Ok(rows)
    }
}
