//! The connection test: the login, the groups and the devices, one after the other.

use std::rc::Rc;

use domain::connections::Check;

use super::{Connect, Flavour};
use egress::{EgressError, Outbound};
use vendor::VendorError;
use vendor::checks::{failed, passed, warned};

const LOGIN: &str = "Sign-in";
const GROUPS: &str = "Device groups";
const DEVICES: &str = "Devices";

/// Tries the connection and looks at what it reaches; never fails, since each failure is a [`Check`] with its remedy.
pub async fn check(outbound: Outbound, flavour: Flavour, address: &str, username: &str, password: &str) -> Vec<Check> {
    let client = match Connect::new(outbound, flavour, address, username, password, Rc::default()) {
        Ok(client) => client,
        Err(error) => return vec![sign_in_failed(flavour, &error)],
    };
    let groups = match client.groups(None).await {
        Ok(groups) => groups,
        Err(error @ VendorError::NoPermission { .. }) => {
            return vec![passed(LOGIN, format!("Signed in as {username}.")), no_right(GROUPS, &error)];
        }
        Err(error) => return vec![sign_in_failed(flavour, &error)],
    };
    let more = if groups.next.is_some() { "more than " } else { "" };
    let found = match groups.items.len() {
        0 => warned(GROUPS, "No group can be read. Rules and shares would find nothing.", RIGHTS),
        count => {
            let dynamic = groups.items.iter().filter(|group| group.dynamic).count();
            passed(GROUPS, format!("{more}{count} can be read, {dynamic} of them dynamic."))
        }
    };
    let devices = match client.devices(None).await {
        Ok(devices) if devices.items.is_empty() => warned(DEVICES, "No device can be read.", RIGHTS),
        Ok(devices) => {
            let more = if devices.next.is_some() { "more than " } else { "" };
            passed(DEVICES, format!("{more}{} can be read.", devices.items.len()))
        }
        Err(error) => no_right(DEVICES, &error),
    };
    vec![passed(LOGIN, format!("Signed in as {username}.")), found, devices]
}

const RIGHTS: &str = "In ESET PROTECT, give the user's permission set Read on Groups & Computers for the group All, and look that the region is the console's.";

fn no_right(name: &str, error: &VendorError) -> Check {
    failed(name, error.message(), RIGHTS)
}

/// Nothing worked: was it the address, the way there, or the login?
fn sign_in_failed(flavour: Flavour, error: &VendorError) -> Check {
    let remedy = match (error, flavour) {
        (VendorError::BadCredentials { .. }, Flavour::Cloud) => {
            "Check login, password and region. The user needs Integrations switched on in ESET PROTECT Hub or ESET Business Account, must have finished the invitation, and must not be the Superuser."
        }
        (VendorError::BadCredentials { .. }, Flavour::OnPrem) => {
            "Check login and password, and that More > Settings > REST API is on and the user's permission set allows it. The Administrator account cannot use it."
        }
        (
            VendorError::NotJson { .. } | VendorError::NotFound { .. } | VendorError::Egress(EgressError::Redirected { .. }),
            Flavour::OnPrem,
        ) => "This is not the REST API of ESET PROTECT On-Prem 13 or later. It listens on port 9443; older servers have none.",
        (VendorError::Egress(_), Flavour::OnPrem) => {
            "The server must be reachable from the internet under a public name with a valid certificate, or through a tunnel."
        }
        (VendorError::Egress(EgressError::BlockedAddress { .. }), Flavour::Cloud) => "Enter the region: eu, de, us, ca or jpn.",
        (VendorError::Egress(_), Flavour::Cloud) => "Check the region, and ESET's status page. Then test again.",
        _ => "Test again in a few minutes. If it stays so, ask ESET with these words.",
    };
    failed(LOGIN, error.message(), remedy)
}
