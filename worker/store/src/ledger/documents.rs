//! The current version of each document, whole. Workers KV has a copy of it and of every version before.

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

/// The most that one row holds of a document, in bytes. SQLite in a Durable Object takes 2 MB a row.
const PART: usize = 1_000_000;

/// Which version of each document is the current one, and what it says.
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

    /// The body of the current version of `name`; none when a release stored it that kept bodies in KV alone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn body(&self, name: &str) -> Result<Option<String>, StoreError> {
        let mut body: Option<String> = None;
        let sql = "SELECT body FROM document_parts WHERE name = ? ORDER BY part";
        for part in self.0.gather(sql, params![name], |mut row| row.text())? {
            match &mut body {
                Some(body) => body.push_str(&part),
                None => body = Some(part),
            }
        }
        Ok(body)
    }

    /// Documents whose body a release before this one left in KV alone.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn without_body(&self) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT name FROM documents WHERE NOT EXISTS (SELECT 1 FROM document_parts WHERE document_parts.name = documents.name)";
        self.0.gather(sql, &[], |mut row| row.text())
    }

    /// Moves `name` on from `before` to `pointer`, unless someone else has moved it meanwhile. Returns whether it did.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn advance(&self, name: &str, before: Option<u32>, pointer: &Pointer, body: &str) -> Result<bool, StoreError> {
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
        self.note_copy(key, *written_at)?;
        self.keep_body(name, body)?;
        Ok(true)
    }

    /// Notes that KV has a copy under `key`, so that it can be removed once it is over age. One that is known stays as it is.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_copy(&self, key: &str, written_at: Timestamp) -> Result<(), StoreError> {
        let name = key.rsplit_once('/').map_or(key, |(name, _)| name);
        self.0.run("INSERT OR IGNORE INTO document_copies (key, name, written_at) VALUES (?, ?, ?)", params![key, name, written_at])
    }

    /// Takes in the body that a release before this one left in KV, if `pointer` is still the current version.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn adopt(&self, name: &str, pointer: &Pointer, body: &str) -> Result<(), StoreError> {
        if self.current(name)?.as_ref() == Some(pointer) {
            self.keep_body(name, body)?;
        }
        Ok(())
    }

    fn keep_body(&self, name: &str, mut body: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM document_parts WHERE name = ?", params![name])?;
        let mut part = 0_u32;
        while !body.is_empty() {
            let (text, rest) = body.split_at(body.floor_char_boundary(PART));
            self.0.run("INSERT INTO document_parts (name, part, body) VALUES (?, ?, ?)", params![name, part, text])?;
            (part, body) = (part + 1, rest);
        }
        Ok(())
    }

    /// Forgets `name`; its versions stay in KV.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn forget(&self, name: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM document_parts WHERE name = ?", params![name])?;
        self.0.run("DELETE FROM documents WHERE name = ?", params![name])
    }
}
