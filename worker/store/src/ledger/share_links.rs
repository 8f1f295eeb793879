//! Share links. Only hashes of tokens and access codes are kept, and nothing of a visit but that there was one.

use chrono::TimeDelta;
use contract::share::{ShareLinkState, ShareLinkView};
use domain::Timestamp;
use domain::access::Visibility;
use domain::ids::{ConnectionId, EsetCompanyId};

use super::Database;
use super::people::access_groups::sees_company;
use super::row::{Row, params};
use crate::ports::StoreError;

/// A share link to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShareLinkRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// The ESET connection.
    pub connection: &'a ConnectionId,
    /// The company it shows.
    pub company: &'a EsetCompanyId,
    /// The company's name.
    pub name: &'a str,
    /// SHA-256 of the token.
    pub hash: &'a str,
    /// The access code's salt and hash, if it has one.
    pub code: Option<&'a str>,
    /// Whether it shows device groups.
    pub devices: bool,
    /// Who made it.
    pub created_by: &'a str,
    /// The id of the API token it was made with; none when a person made it.
    pub made_with: Option<&'a str>,
    /// The person it ends with; none when a program made it.
    pub maker: Option<&'a str>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// A share link that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenLink {
    /// Its id.
    pub id: String,
    /// The ESET connection.
    pub connection: ConnectionId,
    /// The company it shows.
    pub company: EsetCompanyId,
    /// The company's name when the link was made.
    pub name: String,
    /// Whether it shows device groups.
    pub devices: bool,
    /// The access code's salt and hash, if it has one.
    pub code: Option<String>,
}

/// How long the history is told nothing more of a link's openings: whoever reloads it adds no row with each.
const TOLD_AGAIN: TimeDelta = TimeDelta::hours(1);

/// What the history is told of a link's openings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldOpenings {
    /// How often it was opened since then.
    pub openings: u32,
    /// When the history was last told; none when it never was.
    pub since: Option<Timestamp>,
}

/// Which share links are wanted; what is empty is not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareLinkFilter<'a> {
    /// Of companies that whoever asks sees.
    pub scope: &'a Visibility,
    /// The ESET connection.
    pub connection: &'a str,
    /// The company.
    pub company: &'a str,
    /// Text in the company's name or in who made it.
    pub text: &'a str,
    /// Those made before this moment, or at it with a lesser id.
    pub before: Option<(Timestamp, &'a str)>,
    /// At most so many.
    pub limit: u32,
}

/// What a link is that works at `?2`.
const WORKS: &str = "l.revoked_at IS NULL AND l.expires_at > ?2";
const OPEN: &str = "l.id, l.connection, l.company, l.name, l.devices, l.code";

fn open(mut row: Row) -> Result<OpenLink, StoreError> {
    Ok(OpenLink {
        id: row.text()?,
        connection: ConnectionId(row.text()?),
        company: EsetCompanyId(row.text()?),
        name: row.text()?,
        devices: row.integer()? != 0,
        code: row.optional_text()?,
    })
}

/// Share links.
#[derive(Clone, Copy)]
pub struct ShareLinks<'a>(pub(super) &'a Database);

impl ShareLinks<'_> {
    /// Keeps a share link.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add(&self, link: &NewShareLinkRow<'_>, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "INSERT INTO share_links (id, connection, company, name, search, hash, code, devices, created_by, made_with, maker,
                created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                link.id,
                link.connection.as_str(),
                link.company.as_str(),
                link.name,
                format!("{} {}", link.name, link.created_by).to_lowercase(),
                link.hash,
                link.code,
                i64::from(link.devices),
                link.created_by,
                link.made_with,
                link.maker,
                now,
                link.expires_at
            ],
        )
    }

    /// A page of share links, latest first, and how many the filter leaves.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn page(&self, filter: &ShareLinkFilter<'_>, now: Timestamp) -> Result<(Vec<ShareLinkView>, u32), StoreError> {
        let matches = format!(
            "(?1 = '' OR connection = ?1) AND (?2 = '' OR company = ?2) AND (?3 = '' OR instr(search, ?3) > 0) AND {}",
            sees_company(4, "share_links.connection", "share_links.company")
        );
        let (moment, id) = filter.before.unzip();
        let text = filter.text.to_lowercase();
        let sql = format!(
            "SELECT id, connection, company, name, code IS NOT NULL, devices, created_by,
                 CASE WHEN made_with IS NOT NULL THEN 'token' WHEN maker IS NULL THEN 'unknown'
                    WHEN EXISTS (SELECT 1 FROM people WHERE id = maker AND ended_at IS NULL) THEN 'person' ELSE 'removed' END,
                 created_at, expires_at, revoked_at, opened_at,
                 openings, wrong_codes
             FROM share_links WHERE {matches} AND (?5 IS NULL OR (created_at, id) < (?5, ?6)) ORDER BY created_at DESC, id DESC LIMIT ?7"
        );
        let wanted = params![filter.connection, filter.company, &text, filter.scope];
        let mut parameters = wanted.to_vec();
        parameters.extend_from_slice(params![moment, id.unwrap_or_default(), filter.limit]);
        let rows = self.0.rows(&sql, &parameters)?.map(|row| view(row, now)).collect::<Result<_, _>>()?;
        let total = self.0.number(&format!("SELECT count(*) FROM share_links WHERE {matches}"), wanted)?;
        Ok((rows, u32::try_from(total).unwrap_or(u32::MAX)))
    }

    /// How many links of a company work at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn working(&self, connection: &ConnectionId, company: &EsetCompanyId, now: Timestamp) -> Result<u32, StoreError> {
        let sql = format!("SELECT count(*) FROM share_links l WHERE l.connection = ?1 AND l.company = ?3 AND {WORKS}");
        let links = self.0.number(&sql, params![connection.as_str(), now, company.as_str()])?;
        Ok(u32::try_from(links).unwrap_or(u32::MAX))
    }

    /// The share link with this token's hash, if it works at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn find(&self, hash: &str, now: Timestamp) -> Result<Option<OpenLink>, StoreError> {
        let sql = format!("SELECT {OPEN} FROM share_links l WHERE l.hash = ?1 AND {WORKS}");
        self.0.first(&sql, params![hash, now])?.map(open).transpose()
    }

    /// How many wrong access codes in a row a link has had, and when the last.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn wrong_codes(&self, id: &str) -> Result<(u32, Option<Timestamp>), StoreError> {
        let row = self.0.first("SELECT wrong_codes, wrong_at FROM share_links WHERE id = ?", params![id])?;
        row.map_or(Ok((0, None)), |mut row| Ok((row.count()?, row.optional_moment()?)))
    }

    /// Who made a link.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn made_by(&self, id: &str) -> Result<String, StoreError> {
        let row = self.0.first("SELECT created_by FROM share_links WHERE id = ?", params![id])?;
        row.map_or_else(|| Ok(String::new()), |mut row| row.text())
    }

    /// Counts a wrong access code. Answers how many there were in a row.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_wrong_code(&self, id: &str, now: Timestamp) -> Result<u32, StoreError> {
        self.0.run("UPDATE share_links SET wrong_codes = wrong_codes + 1, wrong_at = ? WHERE id = ?", params![now, id])?;
        Ok(self.wrong_codes(id)?.0)
    }

    /// Counts an opening. Wrong access codes are forgotten.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn note_opening(&self, link: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run(
            "UPDATE share_links SET opened_at = ?, openings = openings + 1, wrong_codes = 0, wrong_at = NULL WHERE id = ?",
            params![now, link],
        )
    }

    /// What the history is to be told of a link that was just opened: nothing within [`TOLD_AGAIN`] of the last time.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn tell_openings(&self, link: &str, now: Timestamp) -> Result<Option<ToldOpenings>, StoreError> {
        let row = self.0.first("SELECT openings - told_openings, told_at FROM share_links WHERE id = ?", params![link])?;
        let Some(mut row) = row else { return Ok(None) };
        let told = ToldOpenings { openings: row.count()?, since: row.optional_moment()? };
        // A clock that went back does not keep the history from being told.
        if told.since.is_some_and(|since| (since..since + TOLD_AGAIN).contains(&now)) {
            return Ok(None);
        }
        self.0.run("UPDATE share_links SET told_at = ?, told_openings = openings WHERE id = ?", params![now, link])?;
        Ok(Some(told))
    }

    /// The share link with this id, if it works at `now`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn working_link(&self, id: &str, now: Timestamp) -> Result<Option<OpenLink>, StoreError> {
        let sql = format!("SELECT {OPEN} FROM share_links l WHERE l.id = ?1 AND {WORKS}");
        self.0.first(&sql, params![id, now])?.map(open).transpose()
    }

    /// Revokes a share link of a company that a scope sees. Answers the name of its company, or none when there is none to revoke.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke(&self, id: &str, scope: &Visibility, now: Timestamp) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "SELECT name FROM share_links WHERE id = ?1 AND revoked_at IS NULL AND {}",
            sees_company(2, "share_links.connection", "share_links.company")
        );
        let Some(name) = self.0.first(&sql, params![id, scope])?.map(|mut row| row.text()).transpose()? else { return Ok(None) };
        self.0.run("UPDATE share_links SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", params![now, id])?;
        Ok(Some(name))
    }

    /// Revokes every share link of a connection's companies: nothing of them is known any more.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke_of(&self, connection: &ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE share_links SET revoked_at = ? WHERE connection = ? AND revoked_at IS NULL", params![now, connection.as_str()])
    }

    /// Revokes every share link that was made with an API token.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn revoke_made_with(&self, token: &str, now: Timestamp) -> Result<(), StoreError> {
        self.0.run("UPDATE share_links SET revoked_at = ? WHERE made_with = ? AND revoked_at IS NULL", params![now, token])
    }
}

fn view(mut row: Row, now: Timestamp) -> Result<ShareLinkView, StoreError> {
    let mut view = ShareLinkView {
        id: row.text()?,
        connection: ConnectionId(row.text()?),
        company: EsetCompanyId(row.text()?),
        name: row.text()?,
        state: ShareLinkState::Works,
        has_code: row.integer()? != 0,
        devices: row.integer()? != 0,
        created_by: row.text()?,
        maker: row.word()?,
        created_at: row.moment()?,
        expires_at: row.moment()?,
        revoked_at: row.optional_moment()?,
        opened_at: row.optional_moment()?,
        openings: row.count()?,
        wrong_codes: row.count()?,
    };
    view.state = match view.revoked_at {
        Some(_) => ShareLinkState::Revoked,
        None if view.expires_at <= now => ShareLinkState::Expired,
        None => ShareLinkState::Works,
    };
    Ok(view)
}
