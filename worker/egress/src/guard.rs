//! Which addresses may be called at all, decided from the parsed address alone.
//!
//! A person types the address of a self-hosted server, so it is hostile input. What a name resolves to cannot be pinned in
//! a Worker; the platform itself refuses private ranges, and this guard refuses everything that could name one.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Where this Worker runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine: loopback may be called, without TLS too.
    Local,
    /// The internet.
    Production,
}

impl Environment {
    /// Its name, as the API answers it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Production => "production",
        }
    }
}

/// Why an address may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// It cannot be read as an address.
    #[error("it is not an address")]
    NotAnAddress,
    /// Anything but https.
    #[error("it must begin with https://")]
    NotHttps,
    /// A user name or password in the address.
    #[error("it must not hold a user name or password")]
    HoldsCredentials,
    /// A number instead of a name, in whatever spelling.
    #[error("it must name a server, not an IP address")]
    IpAddress,
    /// A name that only means something inside a network, or that is the platform's own.
    #[error("it names a server that is not on the public internet")]
    PrivateName,
    /// A port kept for other services.
    #[error("its port must be 443 or above 1024")]
    Port,
}

/// Endings of names that are never a vendor's server: private networks (RFC 6761, 6762, 8375, ICANN's `internal`), and the
/// platform's own, which could lead back here.
const REFUSED_ENDINGS: [&str; 12] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "arpa",
    "onion",
    "workers.dev",
    "cloudflareaccess.com",
];

/// What the name of a team of Cloudflare Access ends with.
const TEAMS: &str = ".cloudflareaccess.com";

/// Whether `url` is of a team of Cloudflare Access. No person types it: it is made from the deployment's own setting, and nothing but
/// Access's published keys is asked for there.
///
/// # Errors
/// The first rule it breaks.
pub fn admit_team(url: &Url, environment: Environment) -> Result<(), Blocked> {
    if environment == Environment::Local && is_loopback(url) {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err(Blocked::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Blocked::HoldsCredentials);
    }
    match url.domain().and_then(|name| name.strip_suffix(TEAMS)) {
        Some(team) if team.split('.').all(is_label) && url.port().is_none() => Ok(()),
        _ => Err(Blocked::PrivateName),
    }
}

/// Reads an address as a person types it: `https://` is assumed when no scheme is given, blanks around it are not meant.
///
/// # Errors
/// When it cannot be read, or may not be called from `environment`.
pub fn parse(text: &str, environment: Environment) -> Result<Url, Blocked> {
    let text = text.trim();
    let has_scheme = text.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    let url = if has_scheme { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.map_err(|_| Blocked::NotAnAddress)?;
    admit(&url, environment)?;
    Ok(url)
}

/// Whether `url` may be called from `environment`. The call must then be made with this same `url`.
///
/// # Errors
/// The first rule it breaks.
pub fn admit(url: &Url, environment: Environment) -> Result<(), Blocked> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Blocked::HoldsCredentials);
    }
    if environment == Environment::Local && matches!(url.scheme(), "http" | "https") && is_loopback(url) {
        return Ok(());
    }
    if url.scheme() != "https" {
        return Err(Blocked::NotHttps);
    }
    match url.host() {
        Some(Host::Domain(name)) => admit_name(name)?,
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(Blocked::IpAddress),
        None => return Err(Blocked::NotAnAddress),
    }
    match url.port_or_known_default() {
        Some(443 | 1025..) => Ok(()),
        _ => Err(Blocked::Port),
    }
}

/// Whether `url` names this machine itself.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address == Ipv4Addr::LOCALHOST,
        Some(Host::Ipv6(address)) => address == Ipv6Addr::LOCALHOST,
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Whether `url` leads to the host that this Worker itself is called by, as the `Host` header of a request names it. On a developer's
/// machine everything is on one host.
pub fn is_own(url: &Url, host: &str, environment: Environment) -> bool {
    let own = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_end_matches('.');
    let named = url.host_str().unwrap_or_default().trim_end_matches('.');
    environment == Environment::Production && named.eq_ignore_ascii_case(own)
}

/// Names are taken apart here again, although the parser knew them for names: what asks the network for them may be less strict, and
/// take one that ends in a number for an address in some old spelling.
fn admit_name(name: &str) -> Result<(), Blocked> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit_once('.').map(|(_, last)| last).ok_or(Blocked::PrivateName)?;
    if name.len() > 253 || !name.split('.').all(is_label) || !last.starts_with(|sign: char| sign.is_ascii_lowercase()) {
        return Err(Blocked::PrivateName);
    }
    let refused =
        REFUSED_ENDINGS.iter().any(|ending| name.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.')));
    if refused { Err(Blocked::PrivateName) } else { Ok(()) }
}

/// Letters, digits and hyphens inside (RFC 1123, 2.1); the parser has made all else of it, capitals and other scripts too.
fn is_label(label: &str) -> bool {
    let plain = label.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-');
    plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
