//! Pointers to the current version of each document in KV. The pointer is the truth; KV only holds the text.

use domain::Timestamp;

use super::Database;
use super::row::params;
use crate::ports::StoreError;

/// The current version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// Rises by one with every change.
    pub version: u32,
    /// The key in KV.
    pub key: String,
    /// SHA-256 of the document's body.
    pub hash: String,
    /// When it was written.
    pub written_at: Timestamp,
}

/// Which version of each document is the current one.
#[derive(Clone, Copy)]
pub struct Pointers<'a>(pub(super) &'a Database);

impl Pointers<'_> {
    /// Where the current version of `name` is.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn current(&self, name: &str) -> Result<Option<Pointer>, StoreError> {
        let row = self.0.first("SELECT version, key, hash, written_at FROM documents WHERE name = ?", params![name])?;
        row.map(|mut row| Ok(Pointer { version: row.count()?, key: row.text()?, hash: row.text()?, written_at: row.moment()? })).transpose()
    }

    /// Moves `name` on from `before` to `pointer`, unless someone else has moved it meanwhile. Answers whether it did.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn advance(&self, name: &str, before: Option<u32>, pointer: &Pointer) -> Result<bool, StoreError> {
        let Pointer { version, key, hash, written_at } = pointer;
        if self.current(name)?.map(|current| current.version) != before {
            return Ok(false);
        }
        self.0.run(
            "INSERT INTO documents (name, version, key, hash, written_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET version = excluded.version, key = excluded.key, hash = excluded.hash,
                 written_at = excluded.written_at",
            params![name, *version, key, hash, *written_at],
        )?;
        Ok(true)
    }

    /// Forgets where `name` is; the text stays in KV.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&self, name: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM documents WHERE name = ?", params![name])
    }
}
