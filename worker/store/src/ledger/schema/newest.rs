//! The newest migrations. Those before stand in [`super::migrations`].

/// What is removed once it is over age: copies of documents in KV by their keys, which of them are written down from now on; what a
/// removal under way may remove; and which deleted connections have nothing left.
pub(super) const RETENTION: &[&str] = &[
    "CREATE TABLE document_copies (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, written_at TEXT NOT NULL)",
    "CREATE INDEX document_copies_by_name ON document_copies (name, written_at)",
    "CREATE INDEX snapshots_of_connections ON snapshots (connection, taken_at)",
    "CREATE INDEX snapshots_by_key ON snapshots (key)",
    // There is a row only while rows from before its moment are being removed.
    "CREATE TABLE removal (one INTEGER PRIMARY KEY CHECK (one = 1), log_before TEXT NOT NULL)",
    "DROP TRIGGER ticket_log_is_not_deleted",
    "CREATE TRIGGER ticket_log_is_not_deleted BEFORE DELETE ON ticket_log
        WHEN OLD.at >= coalesce((SELECT log_before FROM removal), '')
        BEGIN SELECT RAISE(ABORT, 'the ticket log is only added to'); END",
    "ALTER TABLE connections ADD COLUMN purged_at TEXT",
];
