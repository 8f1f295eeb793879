//! Which page stands at which address.

/// A page of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// What needs a person.
    Overview,
    /// Where companies are billed.
    Companies,
    /// What products are billed as.
    Products,
    /// The month's lines.
    Month,
    /// What changed under mappings.
    Drift,
    /// Months and whether they are closed.
    Months,
    /// One month, closed or not.
    OneMonth(String),
    /// ESET's bill beside ConnectWise's.
    Reconciliation,
    /// What was done.
    History,
    /// Devices that need someone, and their tickets.
    Tickets,
    /// Ticket rules, and what is muted.
    TicketRules,
    /// A ticket rule that is being made.
    NewTicketRule,
    /// A ticket rule that is being changed.
    TicketRule(String),
    /// Device groups.
    Groups,
    /// Connections.
    Connections,
    /// A connection that is being made.
    NewConnection,
    /// A connection that is being changed.
    Connection(String),
    /// Limits lines and approvals must keep.
    Limits,
    /// Why nothing is written, and what differs.
    LookOnly,
    /// Backups.
    Backup,
    /// Data and privacy.
    Data,
    /// Who may come in.
    People,
    /// Which companies people see.
    AccessGroups,
    /// API tokens.
    Access,
    /// One's own passkeys and sessions.
    Account,
    /// Version and promise.
    About,
    /// Nothing.
    Nowhere,
}

/// The page at a path.
pub(crate) fn place(path: &str) -> Place {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Place::Overview,
        ["companies"] => Place::Companies,
        ["products"] => Place::Products,
        ["month"] => Place::Month,
        ["drift"] => Place::Drift,
        ["books"] => Place::Months,
        ["books", "reconciliation"] => Place::Reconciliation,
        ["books", period] => Place::OneMonth((*period).to_owned()),
        ["history"] => Place::History,
        ["tickets"] => Place::Tickets,
        ["tickets", "rules"] => Place::TicketRules,
        ["tickets", "rules", "new"] => Place::NewTicketRule,
        ["tickets", "rules", id] => Place::TicketRule((*id).to_owned()),
        ["groups"] => Place::Groups,
        ["connections" | "settings"] | ["settings", "connections"] => Place::Connections,
        ["settings", "connections", "new"] => Place::NewConnection,
        ["settings", "connections", id] => Place::Connection((*id).to_owned()),
        ["settings", "limits"] => Place::Limits,
        ["settings", "look-only"] => Place::LookOnly,
        ["settings", "backup"] => Place::Backup,
        ["settings", "data"] => Place::Data,
        ["settings", "people"] => Place::People,
        ["settings", "groups"] => Place::AccessGroups,
        ["settings", "access"] => Place::Access,
        ["settings", "account"] => Place::Account,
        ["settings", "about"] => Place::About,
        _ => Place::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_has_its_page() {
        let table = [
            ("/", Place::Overview),
            ("/month", Place::Month),
            ("/month/", Place::Month),
            ("/connections", Place::Connections),
            ("/settings", Place::Connections),
            ("/settings/connections/new", Place::NewConnection),
            ("/settings/connections/7f", Place::Connection("7f".to_owned())),
            ("/books", Place::Months),
            ("/books/2026-10", Place::OneMonth("2026-10".to_owned())),
            ("/books/reconciliation", Place::Reconciliation),
            ("/settings/limits", Place::Limits),
            ("/settings/look-only", Place::LookOnly),
            ("/settings/backup", Place::Backup),
            ("/settings/data", Place::Data),
            ("/settings/people", Place::People),
            ("/settings/groups", Place::AccessGroups),
            ("/settings/access", Place::Access),
            ("/settings/account", Place::Account),
            ("/tickets", Place::Tickets),
            ("/tickets/rules", Place::TicketRules),
            ("/tickets/rules/new", Place::NewTicketRule),
            ("/tickets/rules/7f", Place::TicketRule("7f".to_owned())),
            ("/groups", Place::Groups),
            ("/licences", Place::Nowhere),
            ("/month/2026-11", Place::Nowhere),
        ];
        for (path, expected) in table {
            assert_eq!(place(path), expected, "{path}");
        }
    }
}
