//! The newer migrations, in the order of the list.

/// Share links know the API token they were made with, and end with it.
pub(super) const LINKS_OF_TOKENS: &[&str] = &["ALTER TABLE share_links ADD COLUMN made_with TEXT"];

/// A visitor's company finds its lines without a look at everybody's.
pub(super) const COMPANY_LINES: &[&str] = &["CREATE INDEX line_companies_by_company ON line_companies (connection, company)"];

/// Whose a company's device group is, where a person has said it.
pub(super) const GROUP_OWNERS: &[&str] = &["CREATE TABLE group_owners (
    console TEXT NOT NULL, device_group TEXT NOT NULL, connection TEXT, company TEXT, by_whom TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (console, device_group)) WITHOUT ROWID"];

/// Who sees everything is said, and no longer what nobody has written down. Sessions and one-time links see what their person sees.
pub(super) const SCOPES: &[&str] =
    &["UPDATE people SET scope = '*' WHERE scope = ''", "UPDATE access SET scope = '*' WHERE scope = '' AND kind = 'token'"];

/// Why and since when nothing is written to ConnectWise, and what was read of its tickets meanwhile.
pub(super) const LOOK_ONLY: &[&str] = &[
    "CREATE TABLE look_only (
        one INTEGER PRIMARY KEY CHECK (one = 1), cause TEXT NOT NULL, point TEXT NOT NULL, since TEXT NOT NULL, evidence TEXT,
        asked_at TEXT)",
    "CREATE TABLE look_only_desks (psa TEXT PRIMARY KEY, read_at TEXT, tried_at TEXT NOT NULL, trouble TEXT)",
    "CREATE TABLE look_only_tickets (psa TEXT NOT NULL, ticket INTEGER NOT NULL, PRIMARY KEY (psa, ticket)) WITHOUT ROWID",
];

/// The current version of each document, so that one which KV lost or does not show yet holds up nothing.
pub(super) const DOCUMENT_PARTS: &[&str] = &[
    "CREATE TABLE document_parts (name TEXT NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (name, part)) WITHOUT ROWID",
];

/// Months that are over, in parts of a hundred lines. A statement is written once.
pub(super) const MONTH_SHEETS: &[&str] = &[
    "CREATE TABLE month_sheets (period TEXT NOT NULL, kind TEXT NOT NULL, head TEXT NOT NULL, PRIMARY KEY (period, kind)) WITHOUT ROWID",
    "CREATE TABLE month_parts (
        period TEXT NOT NULL, kind TEXT NOT NULL, part INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (period, kind, part))
        WITHOUT ROWID",
    "CREATE TRIGGER statements_are_not_changed BEFORE UPDATE ON month_parts WHEN OLD.kind = 'closed'
        BEGIN SELECT RAISE(ABORT, 'a statement is not changed'); END",
    "CREATE TRIGGER statements_are_not_deleted BEFORE DELETE ON month_parts WHEN OLD.kind = 'closed'
        BEGIN SELECT RAISE(ABORT, 'a statement is not deleted'); END",
    "CREATE TRIGGER heads_of_statements_are_not_changed BEFORE UPDATE ON month_sheets WHEN OLD.kind = 'closed'
        BEGIN SELECT RAISE(ABORT, 'a statement is not changed'); END",
    "CREATE TRIGGER heads_of_statements_are_not_deleted BEFORE DELETE ON month_sheets WHEN OLD.kind = 'closed'
        BEGIN SELECT RAISE(ABORT, 'a statement is not deleted'); END",
    // Lists are read in their order, page by page.
    "CREATE INDEX lines_by_position ON lines (position)",
];

/// Devices that a group does not show any more and that are not believed to have left it; and how many devices a group had, for a rule that
/// opens one ticket for all of them. Who is in a group is taken in anew, to count them.
pub(super) const DOUBTED_LEAVES: &[&str] = &[
    "CREATE TABLE doubted_leaves (
        rule TEXT NOT NULL, subject TEXT NOT NULL, since TEXT NOT NULL, readings INTEGER NOT NULL, kept INTEGER NOT NULL,
        PRIMARY KEY (rule, subject)) WITHOUT ROWID",
    "ALTER TABLE ticket_rules ADD COLUMN devices INTEGER NOT NULL DEFAULT 0",
    "UPDATE ticket_rules SET members = NULL",
];

/// Who made each API token and share link, as a person: they end with them. Rows from before name their maker only; that is a person where
/// one alone has ever borne the name, and was here when the row was written.
pub(super) const MAKERS: &[&str] = &[
    "ALTER TABLE access ADD COLUMN maker TEXT",
    "ALTER TABLE share_links ADD COLUMN maker TEXT",
    "UPDATE access SET maker = (SELECT CASE count(*) WHEN 1 THEN max(p.id) END FROM people p WHERE p.name = access.created_by)
        WHERE kind = 'token' AND created_at >= (SELECT min(p.created_at) FROM people p WHERE p.name = access.created_by)",
    "UPDATE share_links SET maker = (SELECT CASE count(*) WHEN 1 THEN max(p.id) END FROM people p WHERE p.name = share_links.created_by)
        WHERE made_with IS NULL AND created_at >= (SELECT min(p.created_at) FROM people p WHERE p.name = share_links.created_by)",
    "CREATE INDEX access_by_maker ON access (maker) WHERE maker IS NOT NULL",
    "CREATE INDEX share_links_by_maker ON share_links (maker) WHERE maker IS NOT NULL",
];

/// How many devices were left out when a rule was switched on, because they were in its group already.
pub(super) const LEFT_OUT: &[&str] = &["ALTER TABLE ticket_rules ADD COLUMN left_out INTEGER"];

/// When a share link's last wrong access code was entered. Links that ten of them had shut for good are open to the right one again.
pub(super) const CODE_TRIES: &[&str] = &["ALTER TABLE share_links ADD COLUMN wrong_at TEXT"];

/// Tickets of other installs that a person knows of; and the log is asked whether it knows a ticket.
pub(super) const OTHER_TICKETS: &[&str] = &[
    "CREATE TABLE other_tickets (ticket INTEGER NOT NULL, psa TEXT NOT NULL, PRIMARY KEY (ticket, psa)) WITHOUT ROWID",
    "CREATE INDEX ticket_log_by_ticket ON ticket_log (ticket) WHERE ticket IS NOT NULL",
];

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
