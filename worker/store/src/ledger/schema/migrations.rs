//! The migrations. One is never edited once released: a new one follows it.

use super::later::{
    CODE_TRIES, COMPANY_LINES, DOCUMENT_PARTS, DOUBTED_LEAVES, GROUP_OWNERS, LEFT_OUT, LINKS_OF_TOKENS, LOOK_ONLY, MAKERS, MONTH_SHEETS,
    OTHER_TICKETS, RETENTION, SCOPES, SHARE_EXTRACTS, SPENT_TOKENS, TOLD_OPENINGS,
};

/// Each migration's statements, oldest first. The schema's version is how many have run.
pub(super) const MIGRATIONS: &[&[&str]] = &[
    FIRST,
    REVERSED,
    MONTHS,
    TRACK_RECORDS,
    DECISIONS,
    DRIFT,
    BASIS,
    LINE_HASHES,
    TICKETS,
    TICKETS_OFF,
    DETECTIONS,
    TICKET_POLLS,
    PEOPLE,
    SHARES,
    IDENTITIES,
    ACCESS_GROUPS,
    LINKS_OF_TOKENS,
    COMPANY_LINES,
    GROUP_OWNERS,
    SCOPES,
    LOOK_ONLY,
    DOCUMENT_PARTS,
    MONTH_SHEETS,
    DOUBTED_LEAVES,
    LEFT_OUT,
    MAKERS,
    CODE_TRIES,
    OTHER_TICKETS,
    TOLD_OPENINGS,
    SPENT_TOKENS,
    SHARE_EXTRACTS,
    RETENTION,
];

const FIRST: &[&str] = &[
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    // Which version of each document is current; the documents themselves are in KV.
    "CREATE TABLE documents (
        name TEXT PRIMARY KEY, version INTEGER NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, written_at TEXT NOT NULL)",
    "CREATE TABLE connections (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL, identity TEXT NOT NULL,
        sealed TEXT, credentials_set_at TEXT NOT NULL, created_at TEXT NOT NULL, deleted_at TEXT,
        last_test TEXT, read_at TEXT, tried_at TEXT, failure TEXT)",
    "CREATE UNIQUE INDEX connection_names ON connections (name) WHERE deleted_at IS NULL",
    "CREATE TABLE passes (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, connection TEXT, state TEXT NOT NULL, started_by TEXT NOT NULL,
        queued_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, cursor TEXT, step TEXT NOT NULL, done INTEGER NOT NULL,
        total INTEGER, calls INTEGER NOT NULL, result TEXT, troubles TEXT NOT NULL)",
    "CREATE INDEX passes_by_time ON passes (queued_at)",
    // One of a kind and connection at a time: a second request finds the first.
    "CREATE UNIQUE INDEX open_passes ON passes (kind, coalesce(connection, '')) WHERE ended_at IS NULL",
    // What a pass has read so far, page by page; emptied when it ends.
    "CREATE TABLE staging (
        pass TEXT NOT NULL, shelf TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (pass, shelf, position))",
    "CREATE TABLE additions (
        psa TEXT NOT NULL, agreement INTEGER NOT NULL, read_at TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (psa, agreement))",
    "CREATE TABLE lines (
        id TEXT PRIMARY KEY, position INTEGER NOT NULL, preview TEXT NOT NULL, state TEXT NOT NULL, search TEXT NOT NULL,
        body TEXT NOT NULL, decision TEXT, decision_preview TEXT)",
    "CREATE INDEX lines_by_state ON lines (state, position)",
    "CREATE TABLE intents (
        id TEXT PRIMARY KEY, line TEXT NOT NULL, state TEXT NOT NULL, not_before TEXT, body TEXT NOT NULL,
        labels TEXT NOT NULL, approved_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX intents_by_state ON intents (state, not_before)",
    "CREATE INDEX intents_by_line ON intents (line, approved_at)",
    // What we last wrote to each addition, to notice when someone else has changed it since.
    "CREATE TABLE written (
        psa TEXT NOT NULL, addition INTEGER NOT NULL, quantity TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (psa, addition))",
    "CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by_whom TEXT NOT NULL, event TEXT NOT NULL,
        subject TEXT NOT NULL, before TEXT, after TEXT, detail TEXT)",
    // One-time links, sessions and API tokens; only hashes of their secrets.
    "CREATE TABLE access (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
        created_by TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, used_at TEXT, ended_at TEXT)",
];

/// Why a person took our last change back, when that is what we last wrote.
const REVERSED: &[&str] = &["ALTER TABLE written ADD COLUMN reversed TEXT"];

/// Months that are closed, what was found out about them later, where each snapshot is, and a history nobody can change.
const MONTHS: &[&str] = &[
    "CREATE TABLE months (
        period TEXT PRIMARY KEY, kept INTEGER NOT NULL, closed_at TEXT, closed_by TEXT, hash TEXT)",
    "CREATE TABLE corrections (
        number INTEGER PRIMARY KEY AUTOINCREMENT, period TEXT NOT NULL, line TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX corrections_by_line ON corrections (line, period)",
    "CREATE TABLE snapshots (
        pass TEXT PRIMARY KEY, connection TEXT NOT NULL, taken_at TEXT NOT NULL, complete INTEGER, key TEXT NOT NULL,
        hash TEXT NOT NULL)",
    "CREATE INDEX snapshots_by_time ON snapshots (taken_at)",
    // Those that are current; their keys are snapshots/<day>/<pass>/<version>-<hash>.
    "INSERT INTO snapshots (pass, connection, taken_at, key, hash)
        SELECT substr(key, 22, instr(substr(key, 22), '/') - 1), substr(name, 10), written_at, key, hash
        FROM documents WHERE name LIKE 'snapshot/%'",
    "ALTER TABLE audit ADD COLUMN period TEXT",
    "ALTER TABLE audit ADD COLUMN connection TEXT",
    "ALTER TABLE audit ADD COLUMN line TEXT",
    "ALTER TABLE audit ADD COLUMN intent TEXT",
    "ALTER TABLE audit ADD COLUMN response TEXT",
    "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END",
    "CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END",
    "CREATE TRIGGER corrections_are_not_changed BEFORE UPDATE ON corrections
        BEGIN SELECT RAISE(ABORT, 'corrections are only added to'); END",
    "CREATE TRIGGER corrections_are_not_deleted BEFORE DELETE ON corrections
        BEGIN SELECT RAISE(ABORT, 'corrections are only added to'); END",
    "CREATE TRIGGER closed_months_stay_closed BEFORE UPDATE ON months WHEN OLD.closed_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a closed month is not changed'); END",
    "CREATE TRIGGER months_are_not_deleted BEFORE DELETE ON months BEGIN SELECT RAISE(ABORT, 'a month is not deleted'); END",
];

/// What has come of each company mapping since it was made.
const TRACK_RECORDS: &[&str] = &["CREATE TABLE track_records (
        connection TEXT NOT NULL, company TEXT NOT NULL, psa TEXT NOT NULL, agreement INTEGER NOT NULL,
        approved_at TEXT NOT NULL, intent TEXT, PRIMARY KEY (connection, company, psa, agreement))"];

/// Decisions outlive the lines they are about: a hold stays while its line is out of the month.
const DECISIONS: &[&str] = &[
    "CREATE TABLE decisions (line TEXT PRIMARY KEY, decision TEXT NOT NULL, about TEXT NOT NULL)",
    "INSERT INTO decisions (line, decision, about)
        SELECT id, decision, coalesce(decision_preview, '') FROM lines WHERE decision IS NOT NULL",
    "ALTER TABLE lines DROP COLUMN decision",
    "ALTER TABLE lines DROP COLUMN decision_preview",
];

/// What changed under mappings, and what is known to tell it by.
const DRIFT: &[&str] = &[
    "CREATE TABLE drift (
        id TEXT PRIMARY KEY, state TEXT NOT NULL, kind TEXT NOT NULL, search TEXT NOT NULL, first_seen TEXT NOT NULL,
        body TEXT NOT NULL)",
    "CREATE INDEX drift_by_time ON drift (first_seen, id)",
    "CREATE TABLE known_mappings (
        connection TEXT NOT NULL, company TEXT NOT NULL, psa TEXT NOT NULL, agreement INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (connection, company, psa, agreement))",
    "CREATE TABLE known_products (psa TEXT NOT NULL, product INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (psa, product))",
    // Companies that came after an account was first read.
    "CREATE TABLE new_companies (
        connection TEXT NOT NULL, company TEXT NOT NULL, first_seen TEXT NOT NULL, PRIMARY KEY (connection, company))",
];

/// Statements that forget what the lines were planned from whenever a row of one of these tables is added, changed or deleted.
macro_rules! watching {
    ($($table:literal)*) => { &[
        "CREATE TABLE plan_basis (basis TEXT NOT NULL, planned_at TEXT NOT NULL, until TEXT NOT NULL)",
        // Additions are read again and again; only what is new in them counts.
        "CREATE TRIGGER plan_follows_new_additions AFTER INSERT ON additions BEGIN DELETE FROM plan_basis; END",
        "CREATE TRIGGER plan_follows_additions AFTER UPDATE ON additions WHEN OLD.body IS NOT NEW.body
            BEGIN DELETE FROM plan_basis; END",
        "CREATE TRIGGER plan_follows_lost_additions AFTER DELETE ON additions BEGIN DELETE FROM plan_basis; END",
        $(
            concat!("CREATE TRIGGER plan_follows_new_", $table, " AFTER INSERT ON ", $table, " BEGIN DELETE FROM plan_basis; END"),
            concat!("CREATE TRIGGER plan_follows_", $table, " AFTER UPDATE ON ", $table, " BEGIN DELETE FROM plan_basis; END"),
            concat!("CREATE TRIGGER plan_follows_lost_", $table, " AFTER DELETE ON ", $table, " BEGIN DELETE FROM plan_basis; END"),
        )*
    ] };
}

/// What the lines were planned from, until something of it changes.
const BASIS: &[&str] = watching!(
    "written" "track_records" "decisions" "drift" "known_mappings" "known_products" "new_companies" "intents" "lines" "months"
    "corrections"
);

/// What a stored line is compared by, so that storing a plan need not read every line; and what all lines were counted from.
const LINE_HASHES: &[&str] = &[
    "ALTER TABLE lines ADD COLUMN hash TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE line_snapshots (connection TEXT PRIMARY KEY, body TEXT NOT NULL)",
];

/// Ticket rules, what they know of each device, what is done about it and what was decided.
const TICKETS: &[&str] = &[
    "CREATE TABLE ticket_rules (
        id TEXT PRIMARY KEY, position INTEGER NOT NULL, enabled INTEGER NOT NULL, connection TEXT NOT NULL, body TEXT NOT NULL,
        trouble TEXT, empty_since TEXT, polled_at TEXT, updated_at TEXT NOT NULL)",
    // `present`, `rests` and `open_ticket` are told by the body; they are what a pass without a change looks at.
    "CREATE TABLE cases (
        rule TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL, company TEXT, traits TEXT, told TEXT, told_entry INTEGER,
        opened_by TEXT, psa TEXT, body TEXT NOT NULL, looked_at TEXT, present INTEGER NOT NULL, rests INTEGER NOT NULL,
        open_ticket INTEGER, PRIMARY KEY (rule, subject))",
    "CREATE INDEX cases_awake ON cases (rule) WHERE rests = 0",
    "CREATE INDEX cases_by_subject ON cases (subject)",
    "CREATE INDEX cases_by_ticket ON cases (open_ticket) WHERE open_ticket IS NOT NULL",
    "CREATE INDEX cases_by_summary ON cases (told) WHERE told IS NOT NULL",
    // `held` says whether nothing else may be begun for the case, `put_off` that it waits for a pass to look at its rule again.
    "CREATE TABLE ticket_intents (
        id TEXT PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, psa TEXT NOT NULL, creates INTEGER NOT NULL,
        state TEXT NOT NULL, held INTEGER NOT NULL, put_off INTEGER NOT NULL DEFAULT 0, not_before TEXT, body TEXT NOT NULL, labels TEXT NOT NULL,
        planned_at TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "CREATE INDEX ticket_intents_by_state ON ticket_intents (state, not_before)",
    "CREATE INDEX ticket_intents_by_case ON ticket_intents (rule, subject)",
    "CREATE TABLE ticket_log (
        number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, rule TEXT, rule_name TEXT NOT NULL, subject TEXT NOT NULL,
        device TEXT NOT NULL, company TEXT NOT NULL, event TEXT NOT NULL, words TEXT NOT NULL, ticket INTEGER, psa TEXT,
        intent TEXT)",
    "CREATE INDEX ticket_log_by_subject ON ticket_log (subject, number)",
    "CREATE TRIGGER ticket_log_is_not_changed BEFORE UPDATE ON ticket_log
        BEGIN SELECT RAISE(ABORT, 'the ticket log is only added to'); END",
    "CREATE TRIGGER ticket_log_is_not_deleted BEFORE DELETE ON ticket_log
        BEGIN SELECT RAISE(ABORT, 'the ticket log is only added to'); END",
    "CREATE TABLE silences (id TEXT PRIMARY KEY, ends_at TEXT, body TEXT NOT NULL)",
];

/// Companies for whose devices no tickets are opened.
const TICKETS_OFF: &[&str] = &["CREATE TABLE tickets_off (
        connection TEXT NOT NULL, company TEXT NOT NULL, by_whom TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (connection, company))"];

/// Detections, since when a rule is switched on, and what a case is about under a rule that watches them.
const DETECTIONS: &[&str] = &[
    "ALTER TABLE ticket_rules ADD COLUMN began_at TEXT",
    "UPDATE ticket_rules SET began_at = updated_at",
    "ALTER TABLE cases ADD COLUMN findings TEXT",
    "CREATE TABLE detection_feeds (
        connection TEXT PRIMARY KEY, token TEXT, read_at TEXT NOT NULL, looked_back_at TEXT NOT NULL)",
    // Those that were read, whatever a rule makes of them. `last` is when it happened or was read, whichever is later.
    "CREATE TABLE detections (
        connection TEXT NOT NULL, id TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (connection, id)) WITHOUT ROWID",
    "CREATE INDEX detections_by_last ON detections (connection, last)",
    // Those that wait to be taken into a case, in the order they were read.
    "CREATE TABLE findings (
        rule TEXT NOT NULL, id TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (rule, id))",
];

/// What a pass without a change goes by instead of reading every rule and case: which rules watch a group and who was in it, which
/// cases wait for something, and which tickets are open and who opened them.
const TICKET_POLLS: &[&str] = &[
    "ALTER TABLE ticket_rules ADD COLUMN members TEXT",
    "CREATE INDEX ticket_rules_by_group ON ticket_rules (json_extract(body, '$.source.group.group'))",
    "DROP INDEX cases_by_subject",
    "DROP INDEX cases_awake",
    "CREATE INDEX cases_awake ON cases (rule, subject) WHERE rests = 0",
    "CREATE INDEX cases_unasked ON cases (subject, rule, present, rests) WHERE traits IS NULL",
    "DROP INDEX cases_by_ticket",
    "CREATE INDEX cases_by_ticket ON cases (psa, open_ticket, opened_by, rule) WHERE open_ticket IS NOT NULL",
    "CREATE INDEX ticket_intents_put_off ON ticket_intents (rule) WHERE put_off = 1",
];

/// People and their passkeys. Who came in before there were any comes in anew, by a one-time link.
const PEOPLE: &[&str] = &[
    "CREATE TABLE people (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, created_by TEXT NOT NULL, created_at TEXT NOT NULL, ended_at TEXT)",
    "CREATE UNIQUE INDEX people_by_name ON people (name) WHERE ended_at IS NULL",
    "CREATE TABLE passkeys (
        id TEXT PRIMARY KEY, person TEXT NOT NULL, label TEXT NOT NULL, key TEXT NOT NULL, count INTEGER NOT NULL,
        created_at TEXT NOT NULL, used_at TEXT)",
    "CREATE INDEX passkeys_by_person ON passkeys (person)",
    "CREATE TABLE challenges (challenge TEXT PRIMARY KEY, purpose TEXT NOT NULL, about TEXT NOT NULL, expires_at TEXT NOT NULL)",
    "CREATE INDEX challenges_by_end ON challenges (expires_at)",
    "DELETE FROM access WHERE kind != 'token'",
    "ALTER TABLE access ADD COLUMN person TEXT",
    "ALTER TABLE access ADD COLUMN proved_at TEXT",
    "ALTER TABLE access ADD COLUMN place TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX access_by_person ON access (person, kind)",
];

/// Share links, each for one company, and the visits they began.
const SHARES: &[&str] = &[
    "CREATE TABLE share_links (
        id TEXT PRIMARY KEY, connection TEXT NOT NULL, company TEXT NOT NULL, name TEXT NOT NULL, search TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE, code TEXT, wrong_codes INTEGER NOT NULL DEFAULT 0, devices INTEGER NOT NULL, created_by TEXT NOT NULL,
        created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT, opened_at TEXT, openings INTEGER NOT NULL DEFAULT 0)",
    "CREATE INDEX share_links_by_company ON share_links (connection, company)",
    "CREATE INDEX share_links_by_time ON share_links (created_at, id)",
    "CREATE TABLE share_visits (hash TEXT PRIMARY KEY, link TEXT NOT NULL, expires_at TEXT NOT NULL)",
];

/// People as an identity provider knows them, and sign-ins that are on their way there: nothing but hashes of what they are told by.
const IDENTITIES: &[&str] = &[
    "CREATE TABLE identities (
        provider TEXT NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (provider, subject))",
    "CREATE INDEX identities_by_person ON identities (person)",
    "CREATE TABLE sign_ins (
        state TEXT PRIMARY KEY, browser TEXT NOT NULL, session TEXT, begun_at TEXT NOT NULL, expires_at TEXT NOT NULL)",
    "CREATE INDEX sign_ins_by_end ON sign_ins (expires_at)",
];

/// Notes which companies a line is about: those mapped to it, or the one that is mapped nowhere.
macro_rules! note_companies {
    () => {
        "INSERT OR IGNORE INTO line_companies SELECT NEW.id, json_extract(value, '$.connection'), json_extract(value, '$.company')
            FROM json_each(NEW.body, '$.members');
        INSERT OR IGNORE INTO line_companies SELECT NEW.id, json_extract(NEW.body, '$.key.connection'), json_extract(NEW.body, '$.key.company')
            WHERE json_extract(NEW.body, '$.key.kind') = 'unmapped'"
    };
}

/// Who sees which companies. A company's group is worked out when assignments, hierarchies or device groups change, and kept, so
/// that lists are cut where they are read.
const ACCESS_GROUPS: &[&str] = &[
    "CREATE TABLE access_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL, created_at TEXT NOT NULL)",
    "CREATE TABLE access_assignments (
        connection TEXT NOT NULL, company TEXT NOT NULL, access_group TEXT NOT NULL, PRIMARY KEY (connection, company))",
    // The group of each company that has one, its own or that of one above it; and of the device groups that stand for it.
    "CREATE TABLE access_companies (
        connection TEXT NOT NULL, company TEXT NOT NULL, access_group TEXT NOT NULL, PRIMARY KEY (connection, company)) WITHOUT ROWID",
    "CREATE TABLE access_device_groups (
        connection TEXT NOT NULL, device_group TEXT NOT NULL, access_group TEXT NOT NULL, PRIMARY KEY (connection, device_group))
        WITHOUT ROWID",
    "ALTER TABLE people ADD COLUMN scope TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE access ADD COLUMN scope TEXT NOT NULL DEFAULT ''",
    "CREATE TABLE line_companies (
        line TEXT NOT NULL, connection TEXT NOT NULL, company TEXT NOT NULL, PRIMARY KEY (line, connection, company)) WITHOUT ROWID",
    "INSERT OR IGNORE INTO line_companies SELECT lines.id, json_extract(value, '$.connection'), json_extract(value, '$.company')
        FROM lines, json_each(lines.body, '$.members')",
    "INSERT OR IGNORE INTO line_companies SELECT id, json_extract(body, '$.key.connection'), json_extract(body, '$.key.company')
        FROM lines WHERE json_extract(body, '$.key.kind') = 'unmapped'",
    concat!("CREATE TRIGGER companies_of_new_lines AFTER INSERT ON lines BEGIN ", note_companies!(), "; END"),
    concat!(
        "CREATE TRIGGER companies_of_changed_lines AFTER UPDATE OF body ON lines
            WHEN json_extract(NEW.body, '$.members', '$.key') IS NOT json_extract(OLD.body, '$.members', '$.key')
            BEGIN DELETE FROM line_companies WHERE line = OLD.id; ",
        note_companies!(),
        "; END"
    ),
    "CREATE TRIGGER companies_of_lost_lines AFTER DELETE ON lines BEGIN DELETE FROM line_companies WHERE line = OLD.id; END",
    // The console and the group of a device's company when a row was written; a device may go to another company later.
    "ALTER TABLE ticket_log ADD COLUMN connection TEXT",
    "ALTER TABLE ticket_log ADD COLUMN company_group TEXT",
];
