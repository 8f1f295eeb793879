//! What the history tells: every kind of event the Worker writes, with its name in the store and in the API, its label on screen and the
//! group it is filtered under. One table, so that what can be written can be filtered.

use serde::{Deserialize, Serialize};

/// The table. Each event has its stable name and its label; a name is never changed once it was released.
macro_rules! events {
    ($($group:ident $title:literal { $($event:ident $name:literal $label:literal)+ })+) => {
        /// Part of the product that an event belongs to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventGroup {
            $(#[doc = $title] $group,)+
        }

        impl EventGroup {
            /// Every group, in the order of the filter.
            pub const ALL: &[Self] = &[$(Self::$group),+];

            /// Its name on screen.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$group => $title),+ }
            }

            /// Its events, in the order of the filter.
            pub const fn events(self) -> &'static [HistoryEvent] {
                match self { $(Self::$group => &[$(HistoryEvent::$event),+]),+ }
            }
        }

        /// Something that the history tells.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum HistoryEvent {
            $($(#[doc = $label] $event,)+)+
        }

        impl HistoryEvent {
            /// Its stable name, as it is stored and in the API.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$event => $name,)+)+ }
            }

            /// Its label on screen.
            pub const fn label(self) -> &'static str {
                match self { $($(Self::$event => $label,)+)+ }
            }
        }
    };
}

events! {
    Lines "Lines and changes" {
        LineApproved "line_approved" "Line approved"
        LineHeld "line_held" "Line held"
        LineDismissed "line_dismissed" "Line dismissed"
        LineReleased "line_released" "Line released"
        RunHeld "run_held" "Automatic run held"
        QuantityWritten "quantity_written" "Quantity written"
        QuantityAdopted "quantity_adopted" "Quantity found in place"
        AdditionCreated "addition_created" "Addition created"
        AdditionEnded "addition_ended" "Addition ended"
        AdditionResumed "addition_resumed" "Addition resumed"
        ChangeFailed "change_failed" "Change failed"
        ChangeParked "change_parked" "Change parked"
        ChangeRetried "change_retried" "Change retried"
        ChangeReversed "change_reversed" "Change reversed"
    }
    Months "Months and limits" {
        MonthClosed "month_closed" "Month closed"
        MonthCorrected "month_corrected" "Month corrected"
        PolicyChanged "policy_changed" "Limits changed"
    }
    Mappings "Mappings and drift" {
        MappingChanged "mapping_changed" "Mapping changed"
        GroupOwnerNamed "group_owner_named" "Device group's company changed"
        DriftFound "drift_found" "Drift found"
        DriftResolved "drift_resolved" "Drift resolved"
        DriftIgnored "drift_ignored" "Drift ignored"
        DriftRepaired "drift_repaired" "Drift repaired"
    }
    Tickets "Tickets" {
        TicketRuleCreated "ticket_rule_created" "Ticket rule created"
        TicketRuleChanged "ticket_rule_changed" "Ticket rule changed"
        TicketRuleDeleted "ticket_rule_deleted" "Ticket rule deleted"
        TicketRuleSwitchedOn "ticket_rule_switched_on" "Ticket rule switched on"
        TicketRuleSwitchedOff "ticket_rule_switched_off" "Ticket rule switched off"
        TicketRuleTested "ticket_rule_tested" "Ticket rule tested"
        TicketLeavesConfirmed "ticket_leaves_confirmed" "Mass leave confirmed"
        TicketLeavesKept "ticket_leaves_kept" "Tickets of a mass leave kept open"
        TicketRetried "ticket_retried" "Ticket retried"
        SilenceCreated "silence_created" "Mute or maintenance window added"
        SilenceEnded "silence_ended" "Mute or maintenance window ended"
        CompanyTicketsOn "company_tickets_on" "Tickets switched on for a company"
        CompanyTicketsOff "company_tickets_off" "Tickets switched off for a company"
    }
    Connections "Connections and passes" {
        ConnectionCreated "connection_created" "Connection created"
        ConnectionChanged "connection_changed" "Connection changed"
        ConnectionDeleted "connection_deleted" "Connection deleted"
        ConnectionTested "connection_tested" "Connection tested"
        PassStarted "pass_started" "Pass started"
        VaultRotated "vault_rotated" "Encryption key rotated"
        LookOnlyBegun "look_only_begun" "Look-only mode begun"
        LookOnlyLeft "look_only_left" "Look-only mode left"
        BackupTaken "backup_taken" "Backup taken"
        BackupImported "backup_imported" "Backup imported"
        BackupFailed "backup_failed" "Nightly backup failed"
        RetentionChanged "retention_changed" "Ages of stored data changed"
        OldDataRemoved "old_data_removed" "Old data removed"
        ForgettingBegun "forgetting_begun" "Customer to be forgotten"
        CustomerForgotten "customer_forgotten" "Customer forgotten"
    }
    People "People and access" {
        PersonInvited "person_invited" "Person invited"
        PersonChanged "person_changed" "Person changed"
        PersonRemoved "person_removed" "Person removed"
        SessionsEnded "sessions_ended" "Person signed out everywhere"
        LinkMade "link_made" "Sign-in link made"
        AccessGroupMade "access_group_made" "Access group made"
        AccessGroupRenamed "access_group_renamed" "Access group renamed"
        AccessGroupDeleted "access_group_deleted" "Access group deleted"
        CompanyAccessChanged "company_access_changed" "Company's access group changed"
        TokenMade "token_made" "API token made"
        TokenRevoked "token_revoked" "API token revoked"
    }
    SignIn "Sign-in" {
        CameIn "came_in" "Signed in for the first time"
        SignedIn "signed_in" "Signed in"
        SignedInAgain "signed_in_again" "Signed in again"
        SignedOut "signed_out" "Signed out"
        SessionEnded "session_ended" "Session ended"
        PasskeyAdded "passkey_added" "Passkey added"
        PasskeyRemoved "passkey_removed" "Passkey removed"
        PasskeyShown "passkey_shown" "Passkey confirmed"
        PasskeysReplaced "passkeys_replaced" "Passkeys replaced"
    }
    Sharing "Share links" {
        ShareLinkMade "share_link_made" "Share link made"
        ShareLinkOpened "share_link_opened" "Share link opened"
        ShareCodesWrong "share_codes_wrong" "Ten wrong codes for a share link"
        ShareLinkRevoked "share_link_revoked" "Share link revoked"
    }
}

impl HistoryEvent {
    /// Every event, in the order of the filter.
    pub fn all() -> impl Iterator<Item = Self> {
        EventGroup::ALL.iter().flat_map(|group| group.events().iter().copied())
    }
}

/// The event of a stored row. An older or a newer release may have written one that this release does not know; it is shown all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum StoredEvent {
    /// One of the table.
    Known(HistoryEvent),
    /// One of another release, by its name.
    Unknown(String),
}

impl StoredEvent {
    /// Its stable name, as it is stored and in the API.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(event) => event.name(),
            Self::Unknown(name) => name,
        }
    }

    /// Its label on screen. One that is not known reads as its name does: `seats_moved` as "Seats moved".
    pub fn label(&self) -> String {
        match self {
            Self::Known(event) => event.label().to_owned(),
            Self::Unknown(name) => {
                let words = name.replace('_', " ");
                let mut letters = words.chars();
                letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
            }
        }
    }
}

impl From<String> for StoredEvent {
    fn from(name: String) -> Self {
        HistoryEvent::all().find(|event| event.name() == name).map_or(Self::Unknown(name), Self::Known)
    }
}

impl From<StoredEvent> for String {
    fn from(event: StoredEvent) -> Self {
        event.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_is_read_back_as_what_it_was_written_as() {
        for event in HistoryEvent::all() {
            let stored: StoredEvent = crate::json::read(format!("{:?}", event.name()).as_bytes()).expect("a name");
            assert_eq!(stored, StoredEvent::Known(event));
            assert_eq!(serde_json::to_string(&stored).expect("JSON"), format!("{:?}", event.name()));
        }
    }

    #[test]
    fn no_two_events_have_one_name_or_one_label() {
        let count = HistoryEvent::all().count();
        let names: BTreeSet<&str> = HistoryEvent::all().map(HistoryEvent::name).collect();
        let labels: BTreeSet<&str> = HistoryEvent::all().map(HistoryEvent::label).collect();
        assert_eq!((names.len(), labels.len()), (count, count));
        assert!(names.iter().all(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')));
    }

    #[test]
    fn an_event_of_another_release_is_shown_by_its_name() {
        let stored = StoredEvent::from("seats_moved".to_owned());
        assert_eq!((stored.name(), stored.label().as_str()), ("seats_moved", "Seats moved"));
        assert_eq!(StoredEvent::from(String::new()).label(), "");
    }
}
