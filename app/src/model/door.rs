//! Coming in: what stands in a passkey's way, and what is said about roles and devices.

use shared::access::Role;

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
pub(crate) fn role_words(role: Role) -> &'static str {
    match role {
        Role::Admin => "Does everything, and alone connects vendors, sets limits and lets people in.",
        Role::Technician => "Maps customers and products and looks after tickets. Approves nothing.",
        Role::Billing => "Approves the month’s lines and closes the month. Maps nothing.",
        Role::Viewer => "Sees customers, lines and tickets. Changes nothing.",
        Role::Anonymous | Role::Visitor => "Sees nothing.",
    }
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
#[path = "door_tests.rs"]
mod tests;
