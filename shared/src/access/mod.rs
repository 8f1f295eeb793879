//! Who may do what: one table of roles and actions, denied unless it says otherwise.

use serde::{Deserialize, Serialize};

/// What a caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Does everything in the product.
    Admin,
    /// Whoever holds the install's setup secret: lets the first person in, and nothing else.
    Setup,
    /// Nobody signed in.
    Anonymous,
}

/// What a route does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Read whether the service is up; read its description.
    SeeStatus,
    /// Exchange a one-time link for a session.
    SignIn,
    /// Read or end one's own session.
    OwnSession,
    /// Make one-time sign-in links.
    InviteToSignIn,
    /// Make, list and revoke API tokens.
    ManageTokens,
    /// Make an API token.
    CreateToken,
    /// Read connections, never their credentials.
    SeeConnections,
    /// Create, test, change and delete connections.
    ManageConnections,
    /// Read companies, products, lines, passes and history.
    SeeBilling,
    /// Change mappings.
    ManageMappings,
    /// Start a pass.
    StartPass,
    /// Approve, hold and release lines; retry parked ones.
    DecideLines,
    /// Close a month.
    CloseMonth,
    /// Set the caps lines and approvals must keep.
    SetPolicy,
}

impl Role {
    /// Whether this role may do `action`.
    pub fn may(self, action: Action) -> bool {
        match self {
            Self::Admin => true,
            Self::Setup => matches!(action, Action::SeeStatus | Action::SignIn | Action::InviteToSignIn | Action::CreateToken),
            Self::Anonymous => matches!(action, Action::SeeStatus | Action::SignIn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stranger_only_sees_the_status_and_the_door() {
        for action in [
            Action::OwnSession,
            Action::InviteToSignIn,
            Action::ManageTokens,
            Action::CreateToken,
            Action::SeeConnections,
            Action::ManageConnections,
            Action::SeeBilling,
            Action::ManageMappings,
            Action::StartPass,
            Action::DecideLines,
            Action::CloseMonth,
            Action::SetPolicy,
        ] {
            assert!(!Role::Anonymous.may(action), "{action:?}");
        }
    }

    #[test]
    fn the_setup_secret_opens_no_customer_data() {
        for action in [Action::SeeConnections, Action::SeeBilling, Action::DecideLines, Action::ManageTokens] {
            assert!(!Role::Setup.may(action), "{action:?}");
        }
    }
}
