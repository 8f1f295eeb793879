//! The connection test of ConnectWise PSA: the site, the keys, and each permission that is needed.

use std::rc::Rc;

use domain::connections::{Check, CheckResult};

use super::security::{Level, Permission};
use super::{Connectwise, Keys};
use egress::{EgressError, Outbound};
use vendor::VendorError;
use vendor::checks::{failed, passed, warned};

const SITE: &str = "Site and company";
const KEYS: &str = "Keys and client id";
const PERMISSIONS: &str = "Permissions";

/// What a right is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Inquire,
    Edit,
    Add,
}

impl Action {
    fn label(self) -> &'static str {
        match self {
            Self::Inquire => "Inquire",
            Self::Edit => "Edit",
            Self::Add => "Add",
        }
    }

    fn level(self, permission: &Permission) -> Level {
        match self {
            Self::Inquire => permission.inquire,
            Self::Edit => permission.edit,
            Self::Add => permission.add,
        }
    }
}

/// Module, function, actions, and what for.
type Right = (&'static str, &'static str, &'static [Action], &'static str);

/// Rights the billing of seats needs, at level All.
const NEEDED: [Right; 4] = [
    ("Companies", "Company Maintenance", &[Action::Inquire], "to match customers"),
    ("Finance", "Agreements", &[Action::Inquire, Action::Edit], "to read agreements and set quantities"),
    ("Procurement", "Product Catalog", &[Action::Inquire], "to match products"),
    ("System", "Table Setup", &[Action::Inquire], "to read types and statuses"),
];

/// Rights that only tickets need, at level All. Who opens none does well not to give them.
const FOR_TICKETS: [Right; 4] = [
    ("Service Desk", "Service Tickets", &[Action::Add, Action::Edit, Action::Inquire], "to open tickets and note in them"),
    ("Service Desk", "Close Service Tickets", &[Action::Add, Action::Edit], "to close tickets"),
    ("Companies", "Configurations", &[Action::Add, Action::Edit, Action::Inquire], "to link devices to tickets"),
    ("Companies", "Contacts", &[Action::Inquire], "to choose whom a rule's tickets name"),
];

/// Tries the connection and looks at each permission; never fails, since each failure is a [`Check`] with its remedy.
pub async fn check(outbound: Outbound, address: &str, keys: Keys) -> Vec<Check> {
    let client = match Connectwise::new(outbound, address, keys, Rc::default()) {
        Ok(client) => client,
        Err(error) => return vec![site_failed(&error)],
    };
    let mut checks = match client.version().await {
        Ok(version) => vec![passed(SITE, format!("The site knows the company. It runs {version}."))],
        Err(error) => return vec![site_failed(&error)],
    };
    match client.security().await {
        Ok(permissions) => {
            checks.push(passed(KEYS, "Signed in."));
            checks.extend(NEEDED.iter().map(|needed| permission_check(*needed, &permissions)));
            checks.extend(FOR_TICKETS.iter().map(|wanted| ticket_check(*wanted, &permissions)));
        }
        // The list of rights may be closed to good keys, so a list that is needed anyway decides.
        Err(error @ (VendorError::NoPermission { .. } | VendorError::NotFound { .. } | VendorError::Refused { status: 401, .. })) => {
            match client.count_companies().await {
                Ok(count) => {
                    checks.push(passed(KEYS, format!("Signed in; {count} companies can be read.")));
                    let remedy = "Look at the API member's security role yourself: System > Security Roles.";
                    checks.push(warned(PERMISSIONS, format!("The permissions could not be listed. {}", error.message()), remedy));
                }
                Err(VendorError::NoPermission { message, .. }) => checks.push(forbidden(&message)),
                Err(error) => checks.push(keys_failed(&error)),
            }
        }
        Err(error) => checks.push(keys_failed(&error)),
    }
    checks
}

fn granted((module, function, ..): Right, permissions: &[Permission]) -> Option<&Permission> {
    permissions.iter().find(|known| same(&known.module, module) && same(&known.function, function))
}

/// A right that only tickets need fails nothing: not given at all it is right for billing, given in part it is a warning.
fn ticket_check(right: Right, permissions: &[Permission]) -> Check {
    let (module, function, actions, purpose) = right;
    let given = |permission: &Permission| actions.iter().any(|action| action.level(permission) != Level::None);
    if granted(right, permissions).is_some_and(given) {
        let check = permission_check(right, permissions);
        let result = if check.result == CheckResult::Failed { CheckResult::Warning } else { check.result };
        return Check { result, ..check };
    }
    let wanted: Vec<&str> = actions.iter().map(|action| action.label()).collect();
    let detail =
        format!("Not given, which is right as long as no tickets are opened. It is needed {purpose}: {} at level All.", wanted.join(", "));
    passed(&format!("{module} > {function}"), detail)
}

fn permission_check(right: Right, permissions: &[Permission]) -> Check {
    let (module, function, actions, purpose) = right;
    let name = format!("{module} > {function}");
    let Some(permission) = granted(right, permissions) else {
        let remedy = format!("In ConnectWise, open System > Security Roles, the role of the API member, and look for {name}.");
        return warned(&name, format!("ConnectWise does not list it, so it could not be looked at ({purpose})."), &remedy);
    };
    let short: Vec<(Action, Level)> =
        actions.iter().map(|action| (*action, action.level(permission))).filter(|(_, level)| *level != Level::All).collect();
    let wanted: Vec<&str> = actions.iter().map(|action| action.label()).collect();
    let wanted = wanted.join(" and ");
    if short.is_empty() {
        return passed(&name, format!("{wanted}: All."));
    }
    let found: Vec<String> = short.iter().map(|(action, level)| format!("{}: {}", action.label(), level_label(*level))).collect();
    let remedy = format!(
        "In ConnectWise, open System > Security Roles, the role of the API member (System > Members > API Members), {name}, and set {wanted} to All."
    );
    if short.iter().any(|(_, level)| *level == Level::None) {
        failed(&name, format!("{}. It is needed {purpose}.", found.join(", ")), &remedy)
    } else {
        warned(&name, format!("{}. Other members' records are not seen; it is needed {purpose}.", found.join(", ")), &remedy)
    }
}

fn level_label(level: Level) -> &'static str {
    match level {
        Level::None => "None",
        Level::My => "My",
        Level::All => "All",
    }
}

/// Whether two names differ in case and blanks only.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    plain(one) == plain(other)
}

/// The site did not tell where the API is: nothing was signed in yet.
fn site_failed(error: &VendorError) -> Check {
    let remedy = match error {
        VendorError::UnknownCompany { .. } => {
            "Correct the company id: it is what people type as Company at sign-in. If it is right, the site is of another region: each knows its own companies only."
        }
        VendorError::Egress(EgressError::BlockedAddress { .. }) => "Give the public name of the site, such as na.myconnectwise.net.",
        VendorError::Egress(EgressError::NoAnswer(_)) => "Check the spelling of the site, and that it can be reached from the internet.",
        VendorError::NotJson { .. }
        | VendorError::NotFound { .. }
        | VendorError::Unexpected { .. }
        | VendorError::Egress(EgressError::Redirected { .. }) => {
            "This is not a ConnectWise PSA site. Give the one people sign in at, such as na.myconnectwise.net or your own server's name."
        }
        _ => "Test again in a few minutes, and look at ConnectWise's status page.",
    };
    failed(SITE, error.message(), remedy)
}

fn keys_failed(error: &VendorError) -> Check {
    let remedy = match error {
        VendorError::BadCredentials { .. } => {
            "Check public and private key and the region of the site. Keys are made in ConnectWise under System > Members > API Members > API Keys; the private key is shown only once."
        }
        VendorError::NotJson { .. } | VendorError::Egress(EgressError::Redirected { .. }) => {
            "Something in front of ConnectWise answers in its place. Check the site and any proxy before it."
        }
        _ => "Test again in a few minutes, and look at ConnectWise's status page.",
    };
    failed(KEYS, error.message(), remedy)
}

/// A 403 to the first read: the client id, or the role. ConnectWise's words tell which, when it says.
fn forbidden(message: &str) -> Check {
    let client_id = message.to_lowercase().replace([' ', '-'], "").contains("clientid");
    if client_id {
        let remedy = "Check the client id: the GUID of the integration, from developer.connectwise.com > Client IDs.";
        return failed(KEYS, format!("ConnectWise does not accept the client id: {message}"), remedy);
    }
    let remedy = "Give the API member a security role with Companies > Company Maintenance, Inquire: All (System > Members > API Members, System > Security Roles), and check the client id.";
    failed("Companies > Company Maintenance", format!("ConnectWise forbids reading: {message}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_that_only_tickets_need_fail_nothing() {
        let [tickets, ..] = FOR_TICKETS;
        let permission = |[add, edit, inquire]: [Level; 3]| {
            let (module, function) = ("Service Desk".to_owned(), "Service Tickets".to_owned());
            [Permission { module, function, add, edit, delete: Level::None, inquire }]
        };
        let table = [
            ([Level::All; 3], CheckResult::Passed, "Add and Edit and Inquire: All."),
            ([Level::None; 3], CheckResult::Passed, "Not given"),
            ([Level::None, Level::None, Level::All], CheckResult::Warning, "Add: None, Edit: None"),
            ([Level::All, Level::All, Level::My], CheckResult::Warning, "Inquire: My"),
        ];
        for (levels, result, words) in table {
            let check = ticket_check(tickets, &permission(levels));
            assert_eq!(check.result, result, "{levels:?}");
            assert!(check.detail.contains(words), "{check:?}");
            assert_eq!(check.remedy.is_some(), result == CheckResult::Warning);
        }
        assert_eq!(ticket_check(tickets, &[]).result, CheckResult::Passed, "not listed is not given");
    }
}
