//! Which tables a backup has, and why it has not the others.

/// A table of a backup.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Columns that are left out.
    pub(super) without: &'static [&'static str],
}

const fn whole(name: &'static str) -> Table {
    Table { name, without: &[] }
}

/// The tables of a backup, in the order they are written and read.
pub(super) const TABLES: &[Table] = &[
    whole("meta"),
    Table { name: "connections", without: &["sealed"] },
    whole("documents"),
    whole("document_parts"),
    whole("document_copies"),
    whole("people"),
    whole("identities"),
    whole("access_groups"),
    whole("access_assignments"),
    whole("access_companies"),
    whole("access_device_groups"),
    whole("group_owners"),
    whole("additions"),
    whole("lines"),
    whole("line_companies"),
    whole("line_snapshots"),
    whole("decisions"),
    whole("intents"),
    whole("written"),
    whole("track_records"),
    whole("drift"),
    whole("known_mappings"),
    whole("known_products"),
    whole("new_companies"),
    whole("months"),
    whole("month_sheets"),
    whole("month_parts"),
    whole("corrections"),
    whole("snapshots"),
    whole("ticket_rules"),
    whole("cases"),
    whole("ticket_intents"),
    whole("ticket_log"),
    whole("silences"),
    whole("tickets_off"),
    whole("other_tickets"),
    whole("doubted_leaves"),
    whole("detection_feeds"),
    whole("detections"),
    whole("findings"),
    whole("audit"),
];

/// The tables that no backup has, and why.
#[cfg(test)]
pub(super) const LEFT_OUT: &[(&str, &str)] = &[
    ("access", "sessions, one-time links and API tokens: who holds one could use it on two installs"),
    ("passkeys", "they belong to one address"),
    ("spent_tokens", "they are over in minutes"),
    ("share_extracts", "they are taken anew from the documents"),
    ("share_links", "who holds one could use it on two installs"),
    ("passes", "work under way: it is begun anew"),
    ("staging", "work under way: it is begun anew"),
    ("plan_basis", "the lines are planned anew"),
    ("removal", "work of one moment"),
    ("look_only", "every import begins this mode"),
    ("look_only_desks", "every import begins this mode"),
    ("look_only_tickets", "every import begins this mode"),
];

/// The table of this name.
pub(super) fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ledger::schema;

    #[test]
    fn every_table_is_in_a_backup_or_left_out_for_a_reason() {
        let kept: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
        let left_out: BTreeSet<&str> = LEFT_OUT.iter().map(|(name, _)| *name).collect();
        assert!(kept.is_disjoint(&left_out));
        let named: BTreeSet<&str> = kept.union(&left_out).copied().collect();
        assert_eq!(named, schema::tables());
    }
}
