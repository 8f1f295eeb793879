//! The SQL port on the Durable Object's SQLite.

use worker::{SqlStorage, SqlStorageValue};

use store::ports::{Sql, SqlValue, StoreError};

/// The Durable Object's SQLite.
pub(super) struct ObjectSql(pub(super) SqlStorage);

impl Sql for ObjectSql {
    fn each(
        &self,
        statement: &str,
        parameters: &[SqlValue],
        take: &mut dyn FnMut(Vec<SqlValue>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = |error: worker::Error| StoreError(format!("SQLite: {error}"));
        let parameters: Vec<SqlStorageValue> = parameters.iter().cloned().map(outward).collect();
        let cursor = self.0.exec(statement, parameters).map_err(failed)?;
        cursor.raw().try_for_each(|row| take(row.map_err(failed)?.into_iter().map(inward).collect()))
    }
}

fn outward(value: SqlValue) -> SqlStorageValue {
    match value {
        SqlValue::Null => SqlStorageValue::Null,
        SqlValue::Integer(number) => SqlStorageValue::Integer(number),
        SqlValue::Real(number) => SqlStorageValue::Float(number),
        SqlValue::Text(text) => SqlStorageValue::String(text),
        SqlValue::Blob(bytes) => SqlStorageValue::Blob(bytes),
    }
}

fn inward(value: SqlStorageValue) -> SqlValue {
    match value {
        SqlStorageValue::Null => SqlValue::Null,
        SqlStorageValue::Boolean(flag) => SqlValue::Integer(flag.into()),
        SqlStorageValue::Integer(number) => SqlValue::Integer(number),
        SqlStorageValue::Float(number) => SqlValue::Real(number),
        SqlStorageValue::String(text) => SqlValue::Text(text),
        SqlStorageValue::Blob(bytes) => SqlValue::Blob(bytes),
    }
}
