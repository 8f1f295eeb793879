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

fn admit_name(name: &str) -> Result<(), Blocked> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if !name.contains('.') || name.ends_with('.') || name.split('.').any(str::is_empty) {
        return Err(Blocked::PrivateName);
    }
    let refused =
        REFUSED_ENDINGS.iter().any(|ending| name.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.')));
    if refused { Err(Blocked::PrivateName) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn verdict(text: &str) -> Result<(), Blocked> {
        parse(text, Environment::Production).map(|_| ())
    }

    #[test]
    fn vendors_and_self_hosted_servers_may_be_called() {
        for text in [
            "https://mspapi.eset.com/api",
            "na.myconnectwise.net",
            "  https://api-na.myconnectwise.net/v2026_4/apis/3.0/  ",
            "https://psa.example.com:8443/",
            "https://psa.example.com:443",
            "https://münchen-psa.example",
            "psa.example.com:8443",
            "https://internal.example.com",
        ] {
            assert_eq!(verdict(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let table = [
            ("", Blocked::NotAnAddress),
            ("https://", Blocked::NotAnAddress),
            ("http://mspapi.eset.com/api", Blocked::NotHttps),
            ("ftp://mspapi.eset.com", Blocked::NotHttps),
            ("file:///etc/passwd", Blocked::NotHttps),
            ("https://user@mspapi.eset.com", Blocked::HoldsCredentials),
            ("https://user:secret@mspapi.eset.com", Blocked::HoldsCredentials),
            ("https://:secret@mspapi.eset.com", Blocked::HoldsCredentials),
            ("https://127.0.0.1", Blocked::IpAddress),
            ("https://2130706433", Blocked::IpAddress),
            ("https://0x7f.1", Blocked::IpAddress),
            ("https://0177.0.0.1", Blocked::IpAddress),
            ("https://127.1", Blocked::IpAddress),
            ("https://127.0.0.1.", Blocked::IpAddress),
            ("https://①②⑦.0.0.1", Blocked::IpAddress),
            ("https://8.8.8.8", Blocked::IpAddress),
            ("https://169.254.169.254/latest", Blocked::IpAddress),
            ("https://[::1]", Blocked::IpAddress),
            ("https://[::ffff:127.0.0.1]:8443", Blocked::IpAddress),
            ("https://localhost", Blocked::PrivateName),
            ("https://localhost.", Blocked::PrivateName),
            ("https://LOCALHOST", Blocked::PrivateName),
            ("https://app.localhost", Blocked::PrivateName),
            ("https://psa", Blocked::PrivateName),
            ("https://psa.local", Blocked::PrivateName),
            ("https://psa.Internal.", Blocked::PrivateName),
            ("https://psa.lan", Blocked::PrivateName),
            ("https://psa.home.arpa", Blocked::PrivateName),
            ("https://seatbridge.someone.workers.dev", Blocked::PrivateName),
            ("https://psa.example.com:80", Blocked::Port),
            ("https://psa.example.com:22", Blocked::Port),
            ("https://psa.example.com:1024", Blocked::Port),
        ];
        for (text, why) in table {
            assert_eq!(verdict(text), Err(why), "{text}");
        }
    }

    #[test]
    fn loopback_is_for_local_work_only() {
        for text in ["http://127.0.0.1:4010/api", "http://localhost:80", "http://[::1]:4010", "https://localhost:9443"] {
            assert!(parse(text, Environment::Local).is_ok(), "{text}");
            assert!(parse(text, Environment::Production).is_err(), "{text}");
        }
        for text in ["http://192.168.0.1", "http://10.0.0.1:8443", "http://psa.example.com", "https://0.0.0.0"] {
            assert!(parse(text, Environment::Local).is_err(), "{text}");
        }
    }

    /// Pieces attackers build addresses from, so that the generator meets the awkward ones.
    fn address() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("localhost"),
            Just("127.0.0.1"),
            Just("0x7f000001"),
            Just("2130706433"),
            Just("[::1]"),
            Just("[::ffff:7f00:1]"),
            Just("017700000001"),
            Just("%6c%6f%63%61%6c%68%6f%73%74"),
            Just("."),
            Just("。"),
            Just("@"),
            Just(":"),
            Just("/"),
            Just("\\"),
            Just("#"),
            Just("?"),
            Just("local"),
            Just("internal"),
            Just("lan"),
            Just("home.arpa"),
            Just("example.com"),
            Just("8443"),
            Just("22"),
            Just("\t"),
            Just("ｌocalhost"),
            Just("xn--"),
            Just("https://"),
            Just("http://"),
        ];
        proptest::collection::vec(piece, 1..7).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn nothing_admitted_reaches_a_denied_place(text in prop_oneof![address(), any::<String>()]) {
            if let Ok(url) = parse(&text, Environment::Production) {
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(url.username().is_empty() && url.password().is_none());
                let again = Url::parse(url.as_str()).expect("what was parsed parses");
                prop_assert_eq!(again.host(), url.host());
                let Some(Host::Domain(name)) = url.host() else { panic!("{url} is no name") };
                let name = name.trim_end_matches('.').to_ascii_lowercase();
                prop_assert!(name.parse::<std::net::IpAddr>().is_err());
                let last = name.rsplit('.').next().unwrap_or_default();
                prop_assert!(!["localhost", "local", "internal", "lan", "arpa"].contains(&last), "{}", name);
                prop_assert!(name.contains('.'));
                let port = url.port_or_known_default().unwrap_or_default();
                prop_assert!(port == 443 || port > 1024);
            }
        }
    }
}
