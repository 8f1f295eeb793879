CREATE TABLE schema_version (version INTEGER NOT NULL)
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)
CREATE TABLE documents ( name TEXT PRIMARY KEY, version INTEGER NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, written_at TEXT NOT NULL)
CREATE TABLE connections ( id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, address TEXT NOT NULL, identity TEXT NOT NULL, sealed TEXT, credentials_set_at TEXT NOT NULL, created_at TEXT NOT NULL, deleted_at TEXT, last_test TEXT, read_at TEXT, tried_at TEXT, failure TEXT)
CREATE UNIQUE INDEX connection_names ON connections (name) WHERE deleted_at IS NULL
CREATE TABLE passes ( id TEXT PRIMARY KEY, kind TEXT NOT NULL, connection TEXT, state TEXT NOT NULL, started_by TEXT NOT NULL, queued_at TEXT NOT NULL, started_at TEXT, ended_at TEXT, cursor TEXT, step TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER, calls INTEGER NOT NULL, result TEXT, troubles TEXT NOT NULL)
CREATE INDEX passes_by_time ON passes (queued_at)
CREATE UNIQUE INDEX open_passes ON passes (kind, coalesce(connection, '')) WHERE ended_at IS NULL
CREATE TABLE staging ( pass TEXT NOT NULL, shelf TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (pass, shelf, position))
CREATE TABLE additions ( psa TEXT NOT NULL, agreement INTEGER NOT NULL, read_at TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (psa, agreement))
CREATE TABLE lines ( id TEXT PRIMARY KEY, position INTEGER NOT NULL, preview TEXT NOT NULL, state TEXT NOT NULL, search TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL DEFAULT '')
CREATE INDEX lines_by_state ON lines (state, position)
CREATE TABLE intents ( id TEXT PRIMARY KEY, line TEXT NOT NULL, state TEXT NOT NULL, not_before TEXT, body TEXT NOT NULL, labels TEXT NOT NULL, approved_at TEXT NOT NULL, updated_at TEXT NOT NULL)
CREATE INDEX intents_by_state ON intents (state, not_before)
CREATE INDEX intents_by_line ON intents (line, approved_at)
CREATE TABLE written ( psa TEXT NOT NULL, addition INTEGER NOT NULL, quantity TEXT NOT NULL, at TEXT NOT NULL, reversed TEXT, PRIMARY KEY (psa, addition))
CREATE TABLE audit ( number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, by_whom TEXT NOT NULL, event TEXT NOT NULL, subject TEXT NOT NULL, before TEXT, after TEXT, detail TEXT, period TEXT, connection TEXT, line TEXT, intent TEXT, response TEXT)
CREATE TABLE access ( id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT, used_at TEXT, ended_at TEXT, person TEXT, proved_at TEXT, place TEXT NOT NULL DEFAULT '', scope TEXT NOT NULL DEFAULT '')
CREATE TABLE months ( period TEXT PRIMARY KEY, kept INTEGER NOT NULL, closed_at TEXT, closed_by TEXT, hash TEXT)
CREATE TABLE corrections ( number INTEGER PRIMARY KEY AUTOINCREMENT, period TEXT NOT NULL, line TEXT NOT NULL, body TEXT NOT NULL)
CREATE INDEX corrections_by_line ON corrections (line, period)
CREATE TABLE snapshots ( pass TEXT PRIMARY KEY, connection TEXT NOT NULL, taken_at TEXT NOT NULL, complete INTEGER, key TEXT NOT NULL, hash TEXT NOT NULL)
CREATE INDEX snapshots_by_time ON snapshots (taken_at)
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the history is only added to'); END
CREATE TRIGGER corrections_are_not_changed BEFORE UPDATE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are only added to'); END
CREATE TRIGGER corrections_are_not_deleted BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are only added to'); END
CREATE TRIGGER closed_months_stay_closed BEFORE UPDATE ON months WHEN OLD.closed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a closed month is not changed'); END
CREATE TRIGGER months_are_not_deleted BEFORE DELETE ON months BEGIN SELECT RAISE(ABORT, 'a month is not deleted'); END
CREATE TABLE track_records ( connection TEXT NOT NULL, company TEXT NOT NULL, psa TEXT NOT NULL, agreement INTEGER NOT NULL, approved_at TEXT NOT NULL, intent TEXT, PRIMARY KEY (connection, company, psa, agreement))
CREATE TABLE decisions (line TEXT PRIMARY KEY, decision TEXT NOT NULL, about TEXT NOT NULL)
CREATE TABLE drift ( id TEXT PRIMARY KEY, state TEXT NOT NULL, kind TEXT NOT NULL, search TEXT NOT NULL, first_seen TEXT NOT NULL, body TEXT NOT NULL)
CREATE INDEX drift_by_time ON drift (first_seen, id)
CREATE TABLE known_mappings ( connection TEXT NOT NULL, company TEXT NOT NULL, psa TEXT NOT NULL, agreement INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (connection, company, psa, agreement))
CREATE TABLE known_products (psa TEXT NOT NULL, product INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (psa, product))
CREATE TABLE new_companies ( connection TEXT NOT NULL, company TEXT NOT NULL, first_seen TEXT NOT NULL, PRIMARY KEY (connection, company))
CREATE TABLE plan_basis (basis TEXT NOT NULL, planned_at TEXT NOT NULL, until TEXT NOT NULL)
CREATE TRIGGER plan_follows_new_additions AFTER INSERT ON additions BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_additions AFTER UPDATE ON additions WHEN OLD.body IS NOT NEW.body BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_additions AFTER DELETE ON additions BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_written AFTER INSERT ON written BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_written AFTER UPDATE ON written BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_written AFTER DELETE ON written BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_track_records AFTER INSERT ON track_records BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_track_records AFTER UPDATE ON track_records BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_track_records AFTER DELETE ON track_records BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_decisions AFTER INSERT ON decisions BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_decisions AFTER UPDATE ON decisions BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_decisions AFTER DELETE ON decisions BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_drift AFTER INSERT ON drift BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_drift AFTER UPDATE ON drift BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_drift AFTER DELETE ON drift BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_known_mappings AFTER INSERT ON known_mappings BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_known_mappings AFTER UPDATE ON known_mappings BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_known_mappings AFTER DELETE ON known_mappings BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_known_products AFTER INSERT ON known_products BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_known_products AFTER UPDATE ON known_products BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_known_products AFTER DELETE ON known_products BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_new_companies AFTER INSERT ON new_companies BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_companies AFTER UPDATE ON new_companies BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_new_companies AFTER DELETE ON new_companies BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_intents AFTER INSERT ON intents BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_intents AFTER UPDATE ON intents BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_intents AFTER DELETE ON intents BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_lines AFTER INSERT ON lines BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lines AFTER UPDATE ON lines BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_lines AFTER DELETE ON lines BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_months AFTER INSERT ON months BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_months AFTER UPDATE ON months BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_months AFTER DELETE ON months BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_new_corrections AFTER INSERT ON corrections BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_corrections AFTER UPDATE ON corrections BEGIN DELETE FROM plan_basis; END
CREATE TRIGGER plan_follows_lost_corrections AFTER DELETE ON corrections BEGIN DELETE FROM plan_basis; END
CREATE TABLE line_snapshots (connection TEXT PRIMARY KEY, body TEXT NOT NULL)
CREATE TABLE ticket_rules ( id TEXT PRIMARY KEY, position INTEGER NOT NULL, enabled INTEGER NOT NULL, connection TEXT NOT NULL, body TEXT NOT NULL, trouble TEXT, empty_since TEXT, polled_at TEXT, updated_at TEXT NOT NULL, began_at TEXT, members TEXT)
CREATE TABLE cases ( rule TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL, company TEXT, traits TEXT, told TEXT, told_entry INTEGER, opened_by TEXT, psa TEXT, body TEXT NOT NULL, looked_at TEXT, present INTEGER NOT NULL, rests INTEGER NOT NULL, open_ticket INTEGER, findings TEXT, PRIMARY KEY (rule, subject))
CREATE INDEX cases_by_summary ON cases (told) WHERE told IS NOT NULL
CREATE TABLE ticket_intents ( id TEXT PRIMARY KEY, rule TEXT NOT NULL, subject TEXT NOT NULL, psa TEXT NOT NULL, creates INTEGER NOT NULL, state TEXT NOT NULL, held INTEGER NOT NULL, put_off INTEGER NOT NULL DEFAULT 0, not_before TEXT, body TEXT NOT NULL, labels TEXT NOT NULL, planned_at TEXT NOT NULL, updated_at TEXT NOT NULL)
CREATE INDEX ticket_intents_by_state ON ticket_intents (state, not_before)
CREATE INDEX ticket_intents_by_case ON ticket_intents (rule, subject)
CREATE TABLE ticket_log ( number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, rule TEXT, rule_name TEXT NOT NULL, subject TEXT NOT NULL, device TEXT NOT NULL, company TEXT NOT NULL, event TEXT NOT NULL, words TEXT NOT NULL, ticket INTEGER, psa TEXT, intent TEXT, connection TEXT, company_group TEXT)
CREATE INDEX ticket_log_by_subject ON ticket_log (subject, number)
CREATE TRIGGER ticket_log_is_not_changed BEFORE UPDATE ON ticket_log BEGIN SELECT RAISE(ABORT, 'the ticket log is only added to'); END
CREATE TRIGGER ticket_log_is_not_deleted BEFORE DELETE ON ticket_log BEGIN SELECT RAISE(ABORT, 'the ticket log is only added to'); END
CREATE TABLE silences (id TEXT PRIMARY KEY, ends_at TEXT, body TEXT NOT NULL)
CREATE TABLE tickets_off ( connection TEXT NOT NULL, company TEXT NOT NULL, by_whom TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (connection, company))
CREATE TABLE detection_feeds ( connection TEXT PRIMARY KEY, token TEXT, read_at TEXT NOT NULL, looked_back_at TEXT NOT NULL)
CREATE TABLE detections ( connection TEXT NOT NULL, id TEXT NOT NULL, last TEXT NOT NULL, PRIMARY KEY (connection, id)) WITHOUT ROWID
CREATE INDEX detections_by_last ON detections (connection, last)
CREATE TABLE findings ( rule TEXT NOT NULL, id TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (rule, id))
CREATE INDEX ticket_rules_by_group ON ticket_rules (json_extract(body, '$.source.group.group'))
CREATE INDEX cases_awake ON cases (rule, subject) WHERE rests = 0
CREATE INDEX cases_unasked ON cases (subject, rule, present, rests) WHERE traits IS NULL
CREATE INDEX cases_by_ticket ON cases (psa, open_ticket, opened_by, rule) WHERE open_ticket IS NOT NULL
CREATE INDEX ticket_intents_put_off ON ticket_intents (rule) WHERE put_off = 1
CREATE TABLE people ( id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, created_by TEXT NOT NULL, created_at TEXT NOT NULL, ended_at TEXT, scope TEXT NOT NULL DEFAULT '')
CREATE UNIQUE INDEX people_by_name ON people (name) WHERE ended_at IS NULL
CREATE TABLE passkeys ( id TEXT PRIMARY KEY, person TEXT NOT NULL, label TEXT NOT NULL, key TEXT NOT NULL, count INTEGER NOT NULL, created_at TEXT NOT NULL, used_at TEXT)
CREATE INDEX passkeys_by_person ON passkeys (person)
CREATE TABLE challenges (challenge TEXT PRIMARY KEY, purpose TEXT NOT NULL, about TEXT NOT NULL, expires_at TEXT NOT NULL)
CREATE INDEX challenges_by_end ON challenges (expires_at)
CREATE INDEX access_by_person ON access (person, kind)
CREATE TABLE share_links ( id TEXT PRIMARY KEY, connection TEXT NOT NULL, company TEXT NOT NULL, name TEXT NOT NULL, search TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, code TEXT, wrong_codes INTEGER NOT NULL DEFAULT 0, devices INTEGER NOT NULL, created_by TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT, opened_at TEXT, openings INTEGER NOT NULL DEFAULT 0, made_with TEXT)
CREATE INDEX share_links_by_company ON share_links (connection, company)
CREATE INDEX share_links_by_time ON share_links (created_at, id)
CREATE TABLE share_visits (hash TEXT PRIMARY KEY, link TEXT NOT NULL, expires_at TEXT NOT NULL)
CREATE TABLE identities ( provider TEXT NOT NULL, subject TEXT NOT NULL, person TEXT NOT NULL, created_at TEXT NOT NULL, PRIMARY KEY (provider, subject))
CREATE INDEX identities_by_person ON identities (person)
CREATE TABLE sign_ins ( state TEXT PRIMARY KEY, browser TEXT NOT NULL, session TEXT, begun_at TEXT NOT NULL, expires_at TEXT NOT NULL)
CREATE INDEX sign_ins_by_end ON sign_ins (expires_at)
CREATE TABLE access_groups (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_by TEXT NOT NULL, created_at TEXT NOT NULL)
CREATE TABLE access_assignments ( connection TEXT NOT NULL, company TEXT NOT NULL, access_group TEXT NOT NULL, PRIMARY KEY (connection, company))
CREATE TABLE access_companies ( connection TEXT NOT NULL, company TEXT NOT NULL, access_group TEXT NOT NULL, PRIMARY KEY (connection, company)) WITHOUT ROWID
CREATE TABLE access_device_groups ( connection TEXT NOT NULL, device_group TEXT NOT NULL, access_group TEXT NOT NULL, PRIMARY KEY (connection, device_group)) WITHOUT ROWID
CREATE TABLE line_companies ( line TEXT NOT NULL, connection TEXT NOT NULL, company TEXT NOT NULL, PRIMARY KEY (line, connection, company)) WITHOUT ROWID
CREATE TRIGGER companies_of_new_lines AFTER INSERT ON lines BEGIN INSERT OR IGNORE INTO line_companies SELECT NEW.id, json_extract(value, '$.connection'), json_extract(value, '$.company') FROM json_each(NEW.body, '$.members'); INSERT OR IGNORE INTO line_companies SELECT NEW.id, json_extract(NEW.body, '$.key.connection'), json_extract(NEW.body, '$.key.company') WHERE json_extract(NEW.body, '$.key.kind') = 'unmapped'; END
CREATE TRIGGER companies_of_changed_lines AFTER UPDATE OF body ON lines WHEN json_extract(NEW.body, '$.members', '$.key') IS NOT json_extract(OLD.body, '$.members', '$.key') BEGIN DELETE FROM line_companies WHERE line = OLD.id; INSERT OR IGNORE INTO line_companies SELECT NEW.id, json_extract(value, '$.connection'), json_extract(value, '$.company') FROM json_each(NEW.body, '$.members'); INSERT OR IGNORE INTO line_companies SELECT NEW.id, json_extract(NEW.body, '$.key.connection'), json_extract(NEW.body, '$.key.company') WHERE json_extract(NEW.body, '$.key.kind') = 'unmapped'; END
CREATE TRIGGER companies_of_lost_lines AFTER DELETE ON lines BEGIN DELETE FROM line_companies WHERE line = OLD.id; END
CREATE INDEX line_companies_by_company ON line_companies (connection, company)
CREATE TABLE group_owners ( console TEXT NOT NULL, device_group TEXT NOT NULL, connection TEXT, company TEXT, by_whom TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (console, device_group)) WITHOUT ROWID
INSERT INTO schema_version (version) VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16), (17), (18), (19)
