//! What changed under mappings, and what is known to tell it by.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::access::Visibility;
use domain::billing::{MappingKey, Member};
use domain::drift::{DriftKind, DriftState, Known, KnownMappings, KnownProducts, Stored};
use domain::ids::{AgreementId, CatalogId, ConnectionId, DriftId, EsetCompanyId};

use super::Database;
use super::people::access_groups::{EVERYTHING, sees_companies, sees_line};
use super::row::{json, params, word};
use crate::ports::{SqlValue, StoreError};

/// SQL that is true when the scope in parameter `?n` sees an event: one about a mapping whose companies and lines it all sees. An event
/// about the whole install is not, and neither is one whose words say with whom an agreement is now.
fn sees(n: u32) -> String {
    let members = "SELECT json_extract(value, '$.connection') AS connection, json_extract(value, '$.company') AS company
         FROM json_each(drift.body, '$.drift.place.members')
         UNION SELECT of_line.connection, of_line.company FROM json_each(drift.body, '$.drift.lines') AS named
         JOIN line_companies AS of_line ON of_line.line = named.value";
    let named = "SELECT 1 FROM json_each(drift.body, '$.drift.lines') AS named WHERE NOT";
    format!(
        "(?{n} = '{EVERYTHING}' OR (kind != 'agreement_moved' AND json_extract(body, '$.drift.place.agreement') IS NOT NULL AND {}
            AND NOT EXISTS ({named} {})))",
        sees_companies(n, members),
        sees_line(n, "named.value")
    )
}

/// What changed under mappings.
#[derive(Clone, Copy)]
pub struct Drift<'a>(pub(super) &'a Database);

impl Drift<'_> {
    /// Every event that is not resolved and those that were, by id.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn all(&self) -> Result<BTreeMap<DriftId, Stored>, StoreError> {
        let rows = self.0.rows("SELECT id, body FROM drift", &[])?;
        rows.map(|mut row| Ok((DriftId(row.text()?), row.json()?))).collect()
    }

    /// Events in a state.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn in_state(&self, state: DriftState) -> Result<Vec<Stored>, StoreError> {
        let rows = self.0.rows("SELECT body FROM drift WHERE state = ? ORDER BY first_seen, id", params![word(&state)])?;
        rows.map(|mut row| row.json()).collect()
    }

    /// One event, if a scope sees it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, id: &DriftId, scope: &Visibility) -> Result<Option<Stored>, StoreError> {
        let sql = format!("SELECT body FROM drift WHERE id = ?1 AND {}", sees(2));
        self.0.first(&sql, params![id.as_str(), scope])?.map(|mut row| row.json()).transpose()
    }

    /// Up to `limit` events that a scope sees and that contain `text`, latest first, found before `before` when it is given; and how many.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn page(
        &self,
        scope: &Visibility,
        state: DriftState,
        kind: Option<DriftKind>,
        text: &str,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<(Vec<Stored>, u32), StoreError> {
        let matches = format!("state = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 = '' OR instr(search, ?3) > 0) AND {}", sees(4));
        let filter = [SqlValue::from(word(&state)), kind.map(|kind| word(&kind)).into(), text.to_lowercase().into(), scope.into()];
        let (moment, id) = before.unzip();
        let sql = format!(
            "SELECT body FROM drift WHERE {matches} AND (?5 IS NULL OR (first_seen, id) < (?5, ?6))
             ORDER BY first_seen DESC, id DESC LIMIT ?7"
        );
        let mut parameters = filter.to_vec();
        parameters.extend([moment.into(), id.unwrap_or_default().into(), limit.into()]);
        let rows = self.0.rows(&sql, &parameters)?.map(|mut row| row.json()).collect::<Result<_, _>>()?;
        let total = self.0.number(&format!("SELECT count(*) FROM drift WHERE {matches}"), &filter)?;
        Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
    }

    /// How many events that a scope sees are in a state.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn count(&self, state: DriftState, scope: &Visibility) -> Result<u32, StoreError> {
        let count = self.0.number(&format!("SELECT count(*) FROM drift WHERE state = ?1 AND {}", sees(2)), params![word(&state), scope])?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Stores an event.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn store(&self, stored: &Stored) -> Result<(), StoreError> {
        let drift = &stored.drift;
        self.0.run(
            "INSERT OR REPLACE INTO drift (id, state, kind, search, first_seen, body) VALUES (?, ?, ?, ?, ?, ?)",
            params![
                drift.id.as_str(),
                word(&stored.state),
                word(&drift.kind),
                drift.subject.to_lowercase(),
                stored.first_seen,
                json(stored)?
            ],
        )
    }
}

/// What is known of mappings, products and companies, to tell drift by.
#[derive(Clone, Copy)]
pub struct DriftBaseline<'a>(pub(super) &'a Database);

impl DriftBaseline<'_> {
    /// What is known of each mapping.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn mappings(&self) -> Result<KnownMappings, StoreError> {
        let sql = "SELECT connection, company, psa, agreement, body FROM known_mappings";
        let known = self.0.gather(sql, &[], |mut row| {
            let member = Member { connection: ConnectionId(row.text()?), company: EsetCompanyId(row.text()?) };
            Ok((MappingKey { member, psa: ConnectionId(row.text()?), agreement: AgreementId(row.integer()?) }, row.json()?))
        })?;
        Ok(known.into_iter().collect())
    }

    /// Keeps what is known of a mapping; none forgets it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_mapping(&self, key: &MappingKey, known: Option<&Known>) -> Result<(), StoreError> {
        let MappingKey { member, psa, agreement } = key;
        let (connection, company) = (member.connection.as_str(), member.company.as_str());
        match known {
            Some(known) => self.0.run(
                "INSERT OR REPLACE INTO known_mappings (connection, company, psa, agreement, body) VALUES (?, ?, ?, ?, ?)",
                params![connection, company, psa.as_str(), agreement.0, json(known)?],
            ),
            None => self.0.run(
                "DELETE FROM known_mappings WHERE connection = ? AND company = ? AND psa = ? AND agreement = ?",
                params![connection, company, psa.as_str(), agreement.0],
            ),
        }
    }

    /// Identifiers of mapped catalog products as they were known.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn products(&self) -> Result<KnownProducts, StoreError> {
        let rows = self.0.rows("SELECT psa, product, name FROM known_products", &[])?;
        rows.map(|mut row| Ok(((ConnectionId(row.text()?), CatalogId(row.integer()?)), row.text()?))).collect()
    }

    /// Keeps the identifier of a catalog product; none forgets it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn keep_product(&self, psa: &ConnectionId, product: CatalogId, name: Option<&str>) -> Result<(), StoreError> {
        match name {
            Some(name) => self
                .0
                .run("INSERT OR REPLACE INTO known_products (psa, product, name) VALUES (?, ?, ?)", params![psa.as_str(), product.0, name]),
            None => self.0.run("DELETE FROM known_products WHERE psa = ? AND product = ?", params![psa.as_str(), product.0]),
        }
    }

    /// Notes companies that a sync showed first at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_new_companies<'a>(
        &self,
        connection: &ConnectionId,
        companies: impl Iterator<Item = &'a EsetCompanyId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for company in companies {
            self.0.run(
                "INSERT OR IGNORE INTO new_companies (connection, company, first_seen) VALUES (?, ?, ?)",
                params![connection.as_str(), company.as_str(), now],
            )?;
        }
        Ok(())
    }

    /// Companies that came after their account was first read, and when.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn new_companies(&self) -> Result<BTreeMap<Member, Timestamp>, StoreError> {
        let rows = self.0.rows("SELECT connection, company, first_seen FROM new_companies", &[])?;
        rows.map(|mut row| Ok((Member { connection: ConnectionId(row.text()?), company: EsetCompanyId(row.text()?) }, row.moment()?)))
            .collect()
    }
}
