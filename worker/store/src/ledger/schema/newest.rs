//! The newest migrations; those before them stand in `migrations.rs`.

/// When a share link's last wrong access code was entered. Links that ten of them had shut for good are open to the right one again.
pub(super) const CODE_TRIES: &[&str] = &["ALTER TABLE share_links ADD COLUMN wrong_at TEXT"];

/// Up to which of its openings a share link was told of in the history, and when: until now each of them was.
pub(super) const TOLD_OPENINGS: &[&str] = &[
    "ALTER TABLE share_links ADD COLUMN told_at TEXT",
    "ALTER TABLE share_links ADD COLUMN told_openings INTEGER NOT NULL DEFAULT 0",
    "UPDATE share_links SET told_at = opened_at, told_openings = openings",
];

/// Challenges, sign-ins on their way and visits are sealed tokens and have no row any more; those that were used are remembered.
pub(super) const SPENT_TOKENS: &[&str] = &[
    "CREATE TABLE spent_tokens (mark TEXT PRIMARY KEY, ends_at TEXT NOT NULL) WITHOUT ROWID",
    "DROP TABLE challenges",
    "DROP TABLE sign_ins",
    "DROP TABLE share_visits",
];

/// What share links show of a company out of documents that hold every company.
pub(super) const SHARE_EXTRACTS: &[&str] = &["CREATE TABLE share_extracts (
    connection TEXT NOT NULL, company TEXT NOT NULL, devices INTEGER NOT NULL, basis TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (connection, company, devices)) WITHOUT ROWID"];
