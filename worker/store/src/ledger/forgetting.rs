//! Taking a customer's names out of what is stored: place by place, some rows at a time, and the same again does nothing.
//!
//! Numbers, ids and moments stay as they are. Rows that triggers hold fast are changed here alone.

use domain::Timestamp;
use domain::retention::Redaction;
use serde::{Deserialize, Serialize};

use super::Database;
use super::row::{json, params};
use super::schema;
use crate::ports::{SqlValue, StoreError};

/// A table with texts in which a customer may be named.
struct Place {
    table: &'static str,
    /// What several of its rows are called.
    label: &'static str,
    /// SQL of what tells its rows apart, as a number or as a text.
    key: &'static str,
    columns: &'static [&'static str],
    /// The trigger that refuses a change.
    trigger: Option<&'static str>,
    /// Rows that are read at once: some are half a megabyte long.
    at_once: u32,
}

const fn rows(table: &'static str, label: &'static str, columns: &'static [&'static str], trigger: Option<&'static str>) -> Place {
    Place { table, label, key: "rowid", columns, trigger, at_once: 200 }
}

const PLACES: [Place; 13] = [
    rows("audit", "rows of the history", &["subject", "before", "after", "detail"], Some("audit_is_not_changed")),
    rows("ticket_log", "rows of the tickets' log", &["device", "company", "words"], Some("ticket_log_is_not_changed")),
    rows("ticket_intents", "actions on tickets", &["body", "labels"], None),
    rows("cases", "devices", &["name", "traits", "findings"], None),
    rows("intents", "approved changes", &["body", "labels"], None),
    rows("drift", "drift events", &["search", "body"], None),
    rows("share_links", "share links", &["name", "search"], None),
    rows("silences", "mutes", &["body"], None),
    rows("passes", "passes", &["result", "troubles"], None),
    rows("known_mappings", "mappings as last seen", &["body"], None),
    rows("corrections", "corrections", &["body"], Some("corrections_are_not_changed")),
    Place {
        table: "month_parts",
        label: "parts of months",
        key: "(period || '/' || kind || '/' || printf('%06d', part))",
        columns: &["body"],
        trigger: Some("statements_are_not_changed"),
        at_once: 4,
    },
    Place {
        table: "month_sheets",
        label: "heads of months",
        key: "(period || '/' || kind)",
        columns: &["head"],
        trigger: Some("heads_of_statements_are_not_changed"),
        at_once: 20,
    },
];

/// How far the rows have been read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgetPlace {
    place: usize,
    after: Option<String>,
}

/// Taking a customer's names out of what is stored.
#[derive(Clone, Copy)]
pub struct Forgetting<'a>(pub(super) &'a Database);

impl Forgetting<'_> {
    /// In how many rows of each place one of the names stands, where there are any.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn named_in(&self, redaction: &Redaction) -> Result<Vec<(&'static str, u32)>, StoreError> {
        let mut counts = Vec::new();
        for place in &PLACES {
            let mut count = 0;
            let sql = format!("SELECT {} FROM {}", place.columns.join(", "), place.table);
            self.0.each(&sql, &[], |row| {
                count += u32::from(row.iter().any(|value| matches!(value, SqlValue::Text(text) if redaction.redact(text).is_some())));
                Ok(())
            })?;
            counts.extend((count > 0).then_some((place.label, count)));
        }
        Ok(counts)
    }

    /// Takes the names out of some rows. Returns how many were changed, and where to go on; none at the end.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn redact(&self, redaction: &Redaction, from: &ForgetPlace) -> Result<(u32, Option<ForgetPlace>), StoreError> {
        let Some(place) = PLACES.get(from.place) else { return Ok((0, None)) };
        let (key, columns) = (place.key, place.columns.join(", "));
        let after = match &from.after {
            Some(text) if key == "rowid" => SqlValue::Integer(text.parse().unwrap_or_default()),
            Some(text) => SqlValue::Text(text.clone()),
            None => SqlValue::Null,
        };
        let sql = format!("SELECT {key}, {columns} FROM {} WHERE ?1 IS NULL OR {key} > ?1 ORDER BY {key} LIMIT ?2", place.table);
        let (mut changed, mut read, mut last) = (Vec::new(), 0, None);
        for row in self.0.rows(&sql, &[after, place.at_once.into()])? {
            let mut values = row.into_values().into_iter();
            let Some(key) = values.next() else { continue };
            let values: Vec<SqlValue> = values.collect();
            let redacted = |value: &SqlValue| match value {
                SqlValue::Text(text) => redaction.redact(text).map(SqlValue::Text),
                _ => None,
            };
            let without: Vec<Option<SqlValue>> = values.iter().map(redacted).collect();
            if without.iter().any(Option::is_some) {
                let values = without.into_iter().zip(values).map(|(without, before)| without.unwrap_or(before)).collect::<Vec<_>>();
                changed.push((key.clone(), values));
            }
            read += 1;
            last = Some(match key {
                SqlValue::Integer(number) => number.to_string(),
                SqlValue::Text(text) => text,
                _ => String::new(),
            });
        }
        self.store(place, &changed)?;
        let next =
            if read < place.at_once { ForgetPlace { place: from.place + 1, after: None } } else { ForgetPlace { after: last, ..*from } };
        Ok((u32::try_from(changed.len()).unwrap_or(u32::MAX), Some(next)))
    }

    fn store(&self, place: &Place, changed: &[(SqlValue, Vec<SqlValue>)]) -> Result<(), StoreError> {
        let set: Vec<String> = place.columns.iter().map(|column| format!("{column} = ?")).collect();
        let sql = format!("UPDATE {} SET {} WHERE {} = ?", place.table, set.join(", "), place.key);
        let update = || {
            changed.iter().try_for_each(|(key, values)| {
                let parameters: Vec<SqlValue> = values.iter().chain([key]).cloned().collect();
                self.0.run(&sql, &parameters)
            })
        };
        match place.trigger {
            _ if changed.is_empty() => Ok(()),
            Some(trigger) => schema::without_trigger(self.0, trigger, update),
            None => update(),
        }
    }

    /// These names as closed months spell them, where only capitals differ.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn spellings(&self, names: &[String]) -> Result<Vec<String>, StoreError> {
        let company = "json_extract(line.value, '$.numbers.company')";
        let sql = format!(
            "SELECT DISTINCT {company} FROM month_parts, json_each(month_parts.body) AS line
             WHERE lower({company}) IN (SELECT lower(value) FROM json_each(?))"
        );
        self.0.gather(&sql, params![json(&names)?], |mut row| row.text())
    }

    /// The names of the devices that the tickets' log knows of companies of these names.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn devices(&self, names: &[String]) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT DISTINCT device FROM ticket_log WHERE company IN (SELECT value FROM json_each(?)) AND device != '' ORDER BY device";
        self.0.gather(sql, params![json(&names)?], |mut row| row.text())
    }

    /// Takes out what is said of the devices of companies of these names beside their names: addresses, serial numbers, what was detected,
    /// the texts of tickets.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn clear_devices(&self, names: &[String]) -> Result<(), StoreError> {
        const OURS: &str = "SELECT value FROM json_each(?1)";
        let names = json(&names)?;
        let subjects = format!("SELECT subject FROM ticket_log WHERE company IN ({OURS})");
        self.0.run(
            &format!("UPDATE cases SET name = subject, traits = NULL, findings = NULL WHERE subject IN ({subjects})"),
            params![&names],
        )?;
        let intents = format!(
            "UPDATE ticket_intents SET body = json_set(body, '$.summary', '', '$.text', '', '$.device', NULL, '$.remarks', json('[]'))
             WHERE json_extract(labels, '$.company') IN ({OURS})"
        );
        self.0.run(&intents, params![&names])?;
        schema::without_trigger(self.0, "ticket_log_is_not_changed", || {
            self.0.run(&format!("UPDATE ticket_log SET words = '' WHERE company IN ({OURS})"), params![&names])
        })
    }

    /// What of companies of these names is not over: tickets that are open, and intents that are not over or are parked.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn open(&self, names: &[String]) -> Result<(u32, u32), StoreError> {
        let names = json(&names)?;
        let ours = "IN (SELECT value FROM json_each(?1))";
        let tickets = format!(
            "SELECT count(*) FROM cases WHERE open_ticket IS NOT NULL AND subject IN (SELECT subject FROM ticket_log WHERE company {ours})"
        );
        let open = "state IN ('planned', 'inflight', 'unknown', 'parked') AND json_extract(labels, '$.company')";
        let intents = format!(
            "SELECT (SELECT count(*) FROM intents WHERE {open} {ours}) + (SELECT count(*) FROM ticket_intents WHERE {open} {ours})"
        );
        let count = |sql: &str| Ok(u32::try_from(self.0.number(sql, params![&names])?).unwrap_or(u32::MAX));
        Ok((count(&tickets)?, count(&intents)?))
    }

    /// Whether a line of the month names it, or a mapping as last seen.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn is_billed(&self, redaction: &Redaction) -> Result<bool, StoreError> {
        let mut named = false;
        self.0.each("SELECT body FROM lines UNION ALL SELECT body FROM known_mappings", &[], |row| {
            named |= row.iter().any(|value| matches!(value, SqlValue::Text(text) if redaction.redact(text).is_some()));
            Ok(())
        })?;
        Ok(named)
    }

    /// Revokes the share links of companies of these names.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke_links(&self, names: &[String], now: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE share_links SET revoked_at = ? WHERE revoked_at IS NULL AND name IN (SELECT value FROM json_each(?))";
        self.0.run(sql, params![now, json(&names)?])
    }

    /// The keys of copies in KV that are neither current nor a snapshot's, after one of them.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn copies(&self, after: &str, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT key FROM document_copies WHERE key > ? AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.key = document_copies.key)
             AND NOT EXISTS (SELECT 1 FROM snapshots WHERE snapshots.key = document_copies.key) ORDER BY key LIMIT ?";
        self.0.gather(sql, params![after, limit], |mut row| row.text())
    }

    /// Removes a copy from what is known of KV.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn remove_copy(&self, key: &str) -> Result<(), StoreError> {
        self.0.run("DELETE FROM document_copies WHERE key = ?", params![key])
    }
}
