//! Coming in: what stands in a passkey's way, what the identity provider answers, and what is said about roles and devices.

use contract::access_groups::AccessGroupView;
use contract::people::Maker;
use contract::session::FinishOpenId;
use domain::access::{Role, Visibility};
use domain::ids::AccessGroupId;

/// Why no passkey can be used on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hindrance {
    /// The page is at an IP address, which passkeys are never for. The same port of `localhost`, when it is this machine's.
    Address(Option<String>),
    /// The browser does not know how.
    Browser,
}

/// Why no passkey can be used at a host, by a browser that `reads` the options' JSON forms or does not.
pub(crate) fn hindrance_of(host: &str, port: &str, reads: bool) -> Option<Hindrance> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<std::net::IpAddr>() {
        let port = if port.is_empty() { String::new() } else { format!(":{port}") };
        return Some(Hindrance::Address(address.is_loopback().then(|| format!("http://localhost{port}"))));
    }
    (!reads).then_some(Hindrance::Browser)
}

/// Somebody on the way to the identity provider, or back from there.
#[derive(Debug, Clone)]
pub(crate) enum Abroad {
    /// They go there to sign in again.
    Leaving,
    /// They are back with this.
    Back(FinishOpenId),
}

/// What stands in the address somebody comes back to: behind `#`, or behind `?` where the provider knows no better.
pub(crate) fn abroad(query: &str, hash: &str) -> Option<Abroad> {
    if hash == "#again" {
        return Some(Abroad::Leaving);
    }
    let answer = if hash.len() > 1 { hash.trim_start_matches('#') } else { query.trim_start_matches('?') };
    let part = |name: &str| {
        let mut pairs = answer.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| plain(value))
    };
    Some(Abroad::Back(FinishOpenId { state: part("state")?, code: part("code"), error: part("error"), iss: part("iss") }))
}

/// A value as it was before it was written into an address.
fn plain(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let ahead = rest.clone();
        let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        match (byte, hex(rest.next()), hex(rest.next())) {
            (b'%', Some(high), Some(low)) => bytes.push(high * 16 + low),
            (byte, ..) => {
                bytes.push(if byte == b'+' { b' ' } else { byte });
                rest = ahead;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether one can come back to this page: one of the app's own, and not one that only leads in.
pub(crate) fn is_way_back(page: &str) -> bool {
    let path = page.split('?').next().unwrap_or_default();
    page.starts_with('/') && !page.starts_with("//") && !["/sign-in", "/welcome", "/signed-in"].contains(&path)
}

/// A role as the screen names it.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "Administrator",
        Role::Technician => "Technician",
        Role::Billing => "Billing",
        Role::Viewer => "Viewer",
        Role::Anonymous | Role::Visitor => "Nobody",
    }
}

/// What somebody of a role does here, in one sentence.
pub(crate) fn role_label(role: Role) -> &'static str {
    match role {
        Role::Admin => "Does everything, and alone connects vendors, sets limits and lets people in.",
        Role::Technician => "Maps customers and products and looks after tickets. Approves nothing.",
        Role::Billing => "Approves the month’s lines and closes the month. Maps nothing.",
        Role::Viewer => "Sees customers, lines and tickets. Changes nothing.",
        Role::Anonymous | Role::Visitor => "Sees nothing.",
    }
}

/// Who made an API token or a share link, as the end of a line, and whether it ends with nobody.
pub(crate) fn made_by(name: &str, maker: Maker) -> String {
    match maker {
        Maker::Person | Maker::Token => format!("by {name}"),
        Maker::Removed => format!("by {name}, who was removed; it ends with nobody"),
        Maker::Unknown => format!("by {name}; which account is not known, so it ends with nobody"),
    }
}

/// What somebody sees, in words: "Every company", "London, Oslo".
pub(crate) fn visibility_label(scope: &Visibility, known: &[AccessGroupView]) -> String {
    let Visibility::Groups { groups } = scope else { return "Every company".to_owned() };
    let name = |id: &AccessGroupId| known.iter().find(|group| group.id == *id).map(|group| group.name.clone());
    let names: Vec<String> = groups.iter().filter_map(name).collect();
    if names.is_empty() { crate::words::count(groups.len() as u64, "access group", "access groups") } else { names.join(", ") }
}

/// Who can do what `roles` can, as the end of a sentence: "an administrator or a technician".
pub(crate) fn who(roles: &[Role]) -> String {
    let names: Vec<&str> = roles
        .iter()
        .map(|role| match role {
            Role::Admin => "an administrator",
            Role::Technician => "a technician",
            Role::Billing => "someone who bills",
            Role::Viewer => "a viewer",
            Role::Anonymous | Role::Visitor => "anybody",
        })
        .collect();
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// What a passkey made by a browser may be called, by what the browser calls itself.
pub(crate) fn device(agent: &str) -> &'static str {
    // Most systems' names also stand in the names of those that are like them, so the order counts.
    let known = [
        ("Windows", "Windows computer"),
        ("Android", "Android phone"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "Chromebook"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux computer"),
    ];
    known.into_iter().find(|(sign, _)| agent.contains(sign)).map_or("This device", |(_, name)| name)
}

/// Whether a name of a person, passkey or token can be taken: 1 to 60 characters.
pub(crate) fn is_name(typed: &str) -> bool {
    (1..=60).contains(&typed.trim().chars().count())
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
