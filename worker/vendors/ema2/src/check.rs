//! The connection test of EMA 2: the login, the account, and what it reaches, one after the other.

use std::rc::Rc;

use domain::connections::Check;

use super::{Account, Ema2};
use egress::{EgressError, Outbound};
use vendor::VendorError;
use vendor::checks::{failed, passed, warned};

const LOGIN: &str = "Sign-in";
const ACCOUNT: &str = "Account";
const COMPANIES: &str = "Companies";
const LICENCES: &str = "Licences";

/// Tries the connection and looks at what it reaches; never fails, since each failure is a [`Check`] with its remedy.
pub async fn check(outbound: Outbound, address: &str, username: &str, password: &str) -> Vec<Check> {
    let client = match Ema2::new(outbound, address, username, password, Rc::default()) {
        Ok(client) => client,
        Err(error) => return vec![sign_in_failed(&error)],
    };
    let account = match client.account().await {
        Ok(account) => account,
        Err(error) => return vec![sign_in_failed(&error)],
    };
    let mut checks = vec![passed(LOGIN, format!("Signed in as {}.", account.user)), account_check(&account)];
    if account.kind.may_connect() {
        checks.push(companies_check(&client, &account).await);
        checks.push(licences_check(&client).await);
    }
    checks
}

fn account_check(account: &Account) -> Check {
    match account.clone().connectable() {
        Ok(account) => passed(ACCOUNT, format!("{} ({}).", account.name, account.kind.label())),
        Err(error) => failed(ACCOUNT, error.message(), "Use an API user of an MSP, Managed MSP or MSP Manager company."),
    }
}

async fn companies_check(client: &Ema2, account: &Account) -> Check {
    const READ: &str = "In MSP Administrator 2, open Users, choose this user and give Read on the company and those below it.";
    match client.descendants(&account.company, 0).await {
        Ok(page) if page.items.is_empty() => warned(COMPANIES, "The account reaches no company. A sync would find nothing.", READ),
        Ok(page) => {
            let count = page.total.unwrap_or(page.taken);
            passed(COMPANIES, format!("{count} {} can be read.", if count == 1 { "company" } else { "companies" }))
        }
        Err(error) => failed(COMPANIES, error.message(), READ),
    }
}

async fn licences_check(client: &Ema2) -> Check {
    const READ: &str = "In MSP Administrator 2, open Users, choose this user and give Read, not No access, on the customers.";
    let page = match client.licences(0).await {
        Ok(page) => page,
        Err(error) => return failed(LICENCES, error.message(), READ),
    };
    let Some(first) = page.items.first() else {
        return warned(LICENCES, "The account reaches no licence. A sync would find no seats.", READ);
    };
    match client.licence(first).await {
        Ok(_) => {
            let count = page.total.unwrap_or(page.taken);
            passed(LICENCES, format!("{count} {} can be read, with counts.", if count == 1 { "licence" } else { "licences" }))
        }
        Err(error) => failed(LICENCES, format!("Licence {first} is listed, but its counts cannot be read. {}", error.message()), READ),
    }
}

/// Nothing worked: was it the address, the way there, or the login?
fn sign_in_failed(error: &VendorError) -> Check {
    let remedy = match error {
        VendorError::BadCredentials { .. } => {
            "Check login and password of the API user. In MSP Administrator 2 the user must be enabled for the API, which the distributor does for new users."
        }
        VendorError::NoPermission { .. } => "The user is known but may not use the API: ask the distributor to enable the API for it.",
        VendorError::Egress(EgressError::BlockedAddress { .. }) => {
            "Leave the address empty to use ESET's own, https://mspapi.eset.com/api."
        }
        VendorError::NotJson { .. } | VendorError::NotFound { .. } | VendorError::Egress(EgressError::Redirected { .. }) => {
            "This is not the address of the API. ESET's own is https://mspapi.eset.com/api, with /api at the end."
        }
        VendorError::Egress(_) => "Check the address, and ESET's status page. Then test again.",
        _ => "Test again in a few minutes. If it stays so, ask ESET with these words.",
    };
    failed(LOGIN, error.message(), remedy)
}
