//! Who may do what: one table of roles and actions, denied unless it says otherwise.

mod groups;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use groups::{Visibility, effective};

/// How long a session may go unused.
pub const SESSION_IDLE: TimeDelta = TimeDelta::minutes(30);
/// How long a session lasts, however much it is used.
pub const SESSION_LIFE: TimeDelta = TimeDelta::hours(12);
/// How long a passkey that was just shown is proof enough for an [action that wants one](Action::wants_step_up).
pub const STEP_UP_LIFE: TimeDelta = TimeDelta::minutes(10);
/// How long a one-time link to come in by works.
pub const INVITATION_LIFE: TimeDelta = TimeDelta::days(3);
/// How many days an API token works when whoever makes it does not say, and at most.
pub const TOKEN_DAYS: u32 = 365;
/// How long a share link works when whoever makes it does not say.
pub const SHARE_LIFE: TimeDelta = TimeDelta::days(30);
/// How long one may look at what a share link shows before the link is opened again.
pub const VISIT_LIFE: TimeDelta = TimeDelta::hours(1);
/// How many wrong access codes in a row the maker of a share link is told of.
pub const TOLD_WRONG_CODES: u32 = 10;
/// The longest pause after a wrong access code.
pub const LONGEST_CODE_PAUSE: TimeDelta = TimeDelta::hours(1);
/// How long a passkey may take to answer a challenge.
pub const CHALLENGE_LIFE: TimeDelta = TimeDelta::minutes(5);

/// What a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Does everything in the product.
    Admin,
    /// Maps customers and products, and answers for tickets.
    Technician,
    /// Decides about the month's lines and closes it.
    Billing,
    /// Looks.
    Viewer,
    /// Has opened a share link, and looks at what it shows of one company.
    Visitor,
    /// Nobody signed in.
    Anonymous,
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read whether the service is up; read its description.
    SeeStatus,
    /// Come in: by a passkey, or by a one-time link.
    SignIn,
    /// Read, prove or end one's own sessions; read one's own passkeys.
    OwnSession,
    /// Add or remove one's own passkeys.
    OwnPasskeys,
    /// Read who may come in.
    SeePeople,
    /// Invite people, change what they may do, and shut them out.
    ManagePeople,
    /// Make, list and revoke API tokens.
    ManageTokens,
    /// Read connections, never their credentials.
    SeeConnections,
    /// Create, test, change and delete connections.
    ManageConnections,
    /// Let Seatbridge write again after its ledger went back in time.
    LeaveLookOnly,
    /// Take a backup of everything that is not a secret.
    TakeBackup,
    /// Take a backup into an install in which nothing is set up yet.
    ImportBackup,
    /// Set how long what is stored is kept, and forget customers.
    ManageData,
    /// Read companies, products, lines, passes and history.
    SeeBilling,
    /// Change mappings.
    ManageMappings,
    /// Let a company's lines be written without anybody's approval.
    AutomateBilling,
    /// Start a pass.
    StartPass,
    /// Approve, hold and release lines; retry parked ones.
    DecideLines,
    /// Close a month.
    CloseMonth,
    /// Set the caps lines and approvals must keep.
    SetPolicy,
    /// Read ticket rules, tickets and what was decided about them.
    SeeTickets,
    /// Make, change, test and mute ticket rules; retry what failed.
    ManageTickets,
    /// Make, list and revoke share links.
    ManageShares,
    /// Open a share link.
    OpenShare,
    /// Read what a share link shows of its company.
    SeeShare,
}

use Role::{Admin, Anonymous, Billing, Technician, Viewer, Visitor};

impl Action {
    /// Every action.
    pub const ALL: [Self; 25] = [
        Self::SeeStatus,
        Self::SignIn,
        Self::OwnSession,
        Self::OwnPasskeys,
        Self::SeePeople,
        Self::ManagePeople,
        Self::ManageTokens,
        Self::SeeConnections,
        Self::ManageConnections,
        Self::LeaveLookOnly,
        Self::TakeBackup,
        Self::ImportBackup,
        Self::ManageData,
        Self::SeeBilling,
        Self::ManageMappings,
        Self::AutomateBilling,
        Self::StartPass,
        Self::DecideLines,
        Self::CloseMonth,
        Self::SetPolicy,
        Self::SeeTickets,
        Self::ManageTickets,
        Self::ManageShares,
        Self::OpenShare,
        Self::SeeShare,
    ];

    /// The roles that may do it: the table.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::SeeStatus | Self::SignIn | Self::OpenShare => &[Admin, Technician, Billing, Viewer, Anonymous],
            Self::OwnSession | Self::OwnPasskeys | Self::SeeConnections | Self::SeeBilling | Self::SeeTickets => {
                &[Admin, Technician, Billing, Viewer]
            }
            Self::SeePeople
            | Self::ManagePeople
            | Self::ManageTokens
            | Self::ManageConnections
            | Self::LeaveLookOnly
            | Self::TakeBackup
            | Self::ImportBackup
            | Self::ManageData
            | Self::AutomateBilling
            | Self::SetPolicy => &[Admin],
            Self::DecideLines | Self::CloseMonth => &[Admin, Billing],
            Self::ManageMappings | Self::ManageTickets => &[Admin, Technician],
            Self::StartPass | Self::ManageShares => &[Admin, Technician, Billing],
            Self::SeeShare => &[Visitor],
        }
    }

    /// Whether a session has to show its passkey anew for it, unless it has just done so.
    pub const fn wants_step_up(self) -> bool {
        matches!(
            self,
            Self::OwnPasskeys
                | Self::ManagePeople
                | Self::ManageTokens
                | Self::ManageConnections
                | Self::LeaveLookOnly
                | Self::ImportBackup
                | Self::ManageData
                | Self::AutomateBilling
                | Self::SetPolicy
                | Self::CloseMonth
                | Self::ManageShares
        )
    }

    /// Whether only a person does it, never a program with an API token: what it opens would outlast the token.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::OwnPasskeys | Self::ManagePeople | Self::ManageTokens)
    }
}

impl Role {
    /// The roles a person or an API token can have, from the one that may most.
    pub const GIVEN: [Self; 4] = [Admin, Technician, Billing, Viewer];

    /// Whether this role may do `action`.
    pub fn may(self, action: Action) -> bool {
        action.roles().contains(&self)
    }

    /// Whether a person or an API token can have it.
    pub fn can_be_given(self) -> bool {
        Self::GIVEN.contains(&self)
    }
}

/// How long a share link takes no access code after so many wrong ones in a row: 1, 2, 4 … seconds, up to an hour. Who guesses tries a
/// code an hour, and who mistypes waits for seconds.
pub fn code_pause(wrong: u32) -> TimeDelta {
    let Some(doublings) = wrong.checked_sub(1) else { return TimeDelta::zero() };
    TimeDelta::seconds(1_i64.checked_shl(doublings).filter(|_| doublings < 12).unwrap_or(i64::from(u16::MAX))).min(LONGEST_CODE_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_only_sees_the_status_and_the_door() {
        let open: Vec<Action> = Action::ALL.into_iter().filter(|action| Anonymous.may(*action)).collect();
        assert_eq!(open, [Action::SeeStatus, Action::SignIn, Action::OpenShare]);
    }

    #[test]
    fn an_administrator_may_do_everything_but_what_a_visitor_does() {
        assert!(Action::ALL.into_iter().all(|action| Admin.may(action) != (action == Action::SeeShare)));
    }

    #[test]
    fn a_visitor_sees_the_share_and_nothing_else() {
        let may: Vec<Action> = Action::ALL.into_iter().filter(|action| Visitor.may(*action)).collect();
        assert_eq!(may, [Action::SeeShare]);
        assert!(!Visitor.can_be_given());
    }

    #[test]
    fn a_viewer_changes_nothing_but_their_own_way_in() {
        let may: Vec<Action> = Action::ALL.into_iter().filter(|action| Viewer.may(*action) && !Anonymous.may(*action)).collect();
        assert_eq!(may, [Action::OwnSession, Action::OwnPasskeys, Action::SeeConnections, Action::SeeBilling, Action::SeeTickets]);
    }

    #[test]
    fn who_bills_does_not_map_and_who_maps_does_not_bill() {
        for (role, not) in [
            (Billing, [Action::ManageMappings, Action::ManageTickets, Action::AutomateBilling, Action::ManagePeople]),
            (Technician, [Action::DecideLines, Action::CloseMonth, Action::AutomateBilling, Action::ManageConnections]),
        ] {
            for action in not {
                assert!(!role.may(action), "{role:?} {action:?}");
            }
        }
    }

    #[test]
    fn whatever_lets_people_or_credentials_in_wants_a_passkey() {
        use Action::{AutomateBilling, LeaveLookOnly, ManageConnections, ManagePeople, ManageTokens, OwnPasskeys};
        for action in [ManagePeople, ManageTokens, ManageConnections, LeaveLookOnly, AutomateBilling, OwnPasskeys] {
            assert!(action.wants_step_up(), "{action:?}");
        }
    }

    #[test]
    fn each_wrong_code_doubles_the_pause_up_to_an_hour() {
        let pauses: Vec<i64> = [0, 1, 2, 3, 4, 12, 13, 64, 65, u32::MAX].map(|wrong| code_pause(wrong).num_seconds()).to_vec();
        assert_eq!(pauses, [0, 1, 2, 4, 8, 2048, 3600, 3600, 3600, 3600]);
    }

    #[test]
    fn what_cannot_be_taken_back_lifts_limits_or_shows_a_customer_to_strangers_wants_a_passkey() {
        for action in [Action::CloseMonth, Action::SetPolicy, Action::ManageShares] {
            assert!(action.wants_step_up(), "{action:?}");
        }
        assert!(!Action::DecideLines.wants_step_up(), "daily work does not");
    }
}
