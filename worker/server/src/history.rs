//! Rows of the history about what people do to the install itself: connections, people, API tokens, share links and the
//! vault. A handler says what happened; the words are here.

use contract::connections::{ConnectionKind, TestReport};
use contract::people::{PersonView, WhatTheyMade};
use contract::vault::VaultView;
use domain::Timestamp;
use domain::history::HistoryEvent;

use store::ledger::{ConnectionRow, NewAudit, NewConnectionRow, NewShareLinkRow};

/// Who somebody is, and what they may do and see, as the history says it.
pub(crate) struct Rights<'a> {
    /// What they may do.
    pub(crate) role: &'a str,
    /// What they see: `, of London, Oslo`; nothing for who sees everything.
    pub(crate) scope: String,
}

impl Rights<'_> {
    fn text(&self) -> String {
        format!("{}{}", self.role, self.scope)
    }

    fn of(&self, name: &str) -> String {
        format!("{name}, {}", self.text())
    }
}

pub(crate) fn connection_created<'a>(by: &'a str, row: &NewConnectionRow) -> NewAudit<'a> {
    let (subject, connection) = (connection(row.kind, &row.name), Some(row.id.clone()));
    NewAudit { by, subject, connection, ..NewAudit::of(HistoryEvent::ConnectionCreated) }
}

pub(crate) fn connection_tested<'a>(by: &'a str, row: &ConnectionRow, report: &TestReport) -> NewAudit<'a> {
    NewAudit { by, detail: Some(report.summary.clone()), ..about(row, HistoryEvent::ConnectionTested) }
}

pub(crate) fn connection_changed<'a>(by: &'a str, before: &ConnectionRow, after: &NewConnectionRow, now: Timestamp) -> NewAudit<'a> {
    NewAudit {
        by,
        before: Some(format!("{} · {} · {}", before.name, before.address, before.identity)),
        after: Some(format!("{} · {} · {}", after.name, after.address, after.identity)),
        detail: (after.credentials_set_at == now).then(|| "Credentials were set.".to_owned()),
        ..about(before, HistoryEvent::ConnectionChanged)
    }
}

/// `gone` is what went with it.
pub(crate) fn connection_deleted<'a>(by: &'a str, row: &ConnectionRow, gone: String) -> NewAudit<'a> {
    NewAudit { by, detail: Some(gone), ..about(row, HistoryEvent::ConnectionDeleted) }
}

fn about<'a>(row: &ConnectionRow, event: HistoryEvent) -> NewAudit<'a> {
    NewAudit { subject: connection(row.kind, &row.name), connection: Some(row.id.clone()), ..NewAudit::of(event) }
}

fn connection(kind: ConnectionKind, name: &str) -> String {
    format!("{} {name}", kind.label())
}

pub(crate) fn person_invited<'a>(by: &'a str, name: &str, rights: &Rights<'_>) -> NewAudit<'a> {
    NewAudit { after: Some(rights.text()), ..person(by, name, HistoryEvent::PersonInvited) }
}

/// Each is a name with its rights.
pub(crate) fn person_changed<'a>(by: &'a str, before: (&str, &Rights<'_>), after: (&str, &Rights<'_>)) -> NewAudit<'a> {
    let ((was, had), (is, has)) = (before, after);
    NewAudit { before: Some(had.of(was)), after: Some(has.of(is)), ..person(by, is, HistoryEvent::PersonChanged) }
}

/// Something that was done to a person and needs no more words.
pub(crate) fn person<'a>(by: &'a str, name: &str, event: HistoryEvent) -> NewAudit<'a> {
    NewAudit { by, subject: name.to_owned(), ..NewAudit::of(event) }
}

/// Somebody was removed, with what ended and what went on.
pub(crate) fn person_removed<'a>(by: &'a str, gone: &PersonView, made: WhatTheyMade) -> NewAudit<'a> {
    let detail = gone.farewell(made, &format!("{by}’s"));
    NewAudit { detail: Some(detail), ..person(by, &gone.name, HistoryEvent::PersonRemoved) }
}

pub(crate) fn token_made<'a>(by: &'a str, name: &str, rights: &Rights<'_>) -> NewAudit<'a> {
    NewAudit { by, subject: token(name), after: Some(rights.text()), ..NewAudit::of(HistoryEvent::TokenMade) }
}

pub(crate) fn token_revoked<'a>(by: &'a str, name: &str) -> NewAudit<'a> {
    NewAudit { by, subject: token(name), ..NewAudit::of(HistoryEvent::TokenRevoked) }
}

fn token(name: &str) -> String {
    format!("API token {name}")
}

pub(crate) fn share_link_made<'a>(by: &'a str, link: &NewShareLinkRow<'_>) -> NewAudit<'a> {
    let code = if link.code.is_some() { ", with an access code" } else { "" };
    let devices = if link.devices { ", with device groups" } else { "" };
    NewAudit {
        by,
        subject: link.name.to_owned(),
        after: Some(format!("until {}{code}{devices}", link.expires_at.format("%Y-%m-%d %H:%M UTC"))),
        connection: Some(link.connection.clone()),
        ..NewAudit::of(HistoryEvent::ShareLinkMade)
    }
}

/// `company` is whose link it was.
pub(crate) fn share_link_revoked(by: &str, company: String) -> NewAudit<'_> {
    NewAudit { by, subject: company, ..NewAudit::of(HistoryEvent::ShareLinkRevoked) }
}

pub(crate) fn vault_rotated<'a>(by: &'a str, before: &VaultView, after: &VaultView) -> NewAudit<'a> {
    NewAudit {
        by,
        subject: "Stored credentials".to_owned(),
        after: Some(after.key.clone()),
        detail: Some(format!("{} sealed anew, {} unreadable", before.waiting, after.unreadable.len())),
        ..NewAudit::of(HistoryEvent::VaultRotated)
    }
}
