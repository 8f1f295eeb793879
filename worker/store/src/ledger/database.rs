//! The ledger's one connection: SQLite, with rows that are typed on their way out.

use std::rc::Rc;

use super::row::Row;
use crate::ports::{Sql, SqlValue, StoreError};

/// The connection that every store works on.
#[derive(Clone)]
pub(super) struct Database {
    sql: Rc<dyn Sql>,
}

impl Database {
    pub(super) fn new(sql: Rc<dyn Sql>) -> Self {
        Self { sql }
    }

    pub(super) fn run(&self, statement: &str, parameters: &[SqlValue]) -> Result<(), StoreError> {
        self.sql.run(statement, parameters).map(drop)
    }

    pub(super) fn rows(&self, statement: &str, parameters: &[SqlValue]) -> Result<impl Iterator<Item = Row> + use<>, StoreError> {
        Ok(self.sql.run(statement, parameters)?.into_iter().map(Row::new))
    }

    /// What `read` makes of each row. The rows themselves, which may be much larger, are not held together.
    pub(super) fn gather<T>(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        read: impl Fn(Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut gathered = Vec::new();
        self.sql.each(statement, parameters, &mut |row| {
            gathered.push(read(Row::new(row))?);
            Ok(())
        })?;
        Ok(gathered)
    }

    /// Hands each row over as it is; no other statement may be run before the last one is.
    pub(super) fn each(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        mut take: impl FnMut(Vec<SqlValue>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.sql.each(statement, parameters, &mut take)
    }

    pub(super) fn first(&self, statement: &str, parameters: &[SqlValue]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, parameters)?.next())
    }

    /// The one number that `statement` answers; 0 when it answers nothing.
    pub(super) fn number(&self, statement: &str, parameters: &[SqlValue]) -> Result<i64, StoreError> {
        self.first(statement, parameters)?.map_or(Ok(0), |mut row| row.integer())
    }
}
