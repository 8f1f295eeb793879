//! Tests and laws of the URL guard, with the spellings attackers use.

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
        ("https://psa.example.com..", Blocked::PrivateName),
        ("https://.example.com", Blocked::PrivateName),
        ("https://psa_1.example.com", Blocked::PrivateName),
        ("https://-psa.example.com", Blocked::PrivateName),
        ("https://psa.example.0xfx1", Blocked::PrivateName),
        ("https://psa.example.1st", Blocked::PrivateName),
        ("https://metadata.google.internal", Blocked::PrivateName),
        ("https://team.cloudflareaccess.com", Blocked::PrivateName),
        ("https://workers.dev.", Blocked::PrivateName),
        ("https://someone.WORKERS.dev", Blocked::PrivateName),
        ("https://lоcalhost.local", Blocked::PrivateName),
        ("https://[fe80::1]", Blocked::IpAddress),
        ("https://[::]:8443", Blocked::IpAddress),
        ("https://[64:ff9b::7f00:1]", Blocked::IpAddress),
        ("https://017700000001", Blocked::IpAddress),
        ("https://0x7f000001:8443/api", Blocked::IpAddress),
        ("https://127。0。0。1", Blocked::IpAddress),
        ("https://%31%32%37.0.0.1", Blocked::IpAddress),
        ("https:\\\\127.0.0.1\\", Blocked::PrivateName),
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

#[test]
fn a_team_of_access_is_asked_for_its_keys_and_nobody_else_is() {
    let verdict = |text: &str, environment| admit_team(&Url::parse(text).expect("an address"), environment);
    assert_eq!(verdict("https://team.cloudflareaccess.com/cdn-cgi/access/certs", Environment::Production), Ok(()));
    assert_eq!(verdict("http://127.0.0.1:9000/certs", Environment::Local), Ok(()));
    for text in [
        "https://cloudflareaccess.com/",
        "https://.cloudflareaccess.com/",
        "https://team.cloudflareaccess.com.evil.example/",
        "https://team.cloudflareaccess.com:8443/",
        "https://user@team.cloudflareaccess.com/",
        "http://team.cloudflareaccess.com/",
        "https://example.com/.cloudflareaccess.com",
        "http://127.0.0.1:9000/certs",
        "https://[::1]/",
    ] {
        assert!(verdict(text, Environment::Production).is_err(), "{text}");
    }
}

#[test]
fn its_own_host_is_known_in_every_spelling() {
    for (text, host) in [
        ("https://seatbridge.example.com", "seatbridge.example.com"),
        ("https://SeatBridge.example.com./x", "seatbridge.example.com"),
        ("https://seatbridge.example.com:8443", "Seatbridge.Example.com:443"),
    ] {
        let url = parse(text, Environment::Production).expect("an address");
        assert!(is_own(&url, host, Environment::Production), "{text}");
        assert!(!is_own(&url, "other.example.com", Environment::Production));
    }
    let local = parse("http://127.0.0.1:4010", Environment::Local).expect("an address");
    assert!(!is_own(&local, "127.0.0.1:8787", Environment::Local), "the simulator is on the same machine");
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

/// One number as inet_aton reads it, in one of its spellings.
fn number(value: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        Just(value.to_string()),
        Just(format!("0x{value:x}")),
        Just(format!("0X{value:X}")),
        Just(format!("0{value:o}")),
        Just(format!("0x{value:08x}")),
        Just(format!("000{value:o}")),
    ]
}

/// Any IPv4 address in any spelling of one to four numbers, and as what IPv6 maps it to.
fn ip() -> impl Strategy<Value = String> {
    any::<[u8; 4]>().prop_flat_map(|bytes| {
        let [a, b, c, d] = bytes.map(u32::from);
        let four = (number(a), number(b), number(c), number(d)).prop_map(|(a, b, c, d)| format!("{a}.{b}.{c}.{d}"));
        let three = (number(a), number(b), number(c << 8 | d)).prop_map(|(a, b, c)| format!("{a}.{b}.{c}"));
        let two = (number(a), number(b << 16 | c << 8 | d)).prop_map(|(a, b)| format!("{a}.{b}"));
        let one = number(u32::from_be_bytes(bytes));
        let v4 = Ipv4Addr::from(bytes);
        let mapped =
            prop_oneof![Just(format!("[{}]", v4.to_ipv6_mapped())), Just(format!("[::ffff:{v4}]")), Just(format!("[64:ff9b::{v4}]"))];
        prop_oneof![four, three, two, one, mapped]
    })
}

/// The same text as somebody writes it who wants it overlooked.
fn disguised(text: &str) -> impl Strategy<Value = String> + use<> {
    let wide = |text: &str| {
        text.chars().map(|sign| char::from_u32(u32::from(sign) + 0xfee0).filter(|_| sign.is_ascii_alphanumeric()).unwrap_or(sign)).collect()
    };
    let percent = |text: &str| {
        text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { format!("%{byte:02x}") } else { char::from(byte).to_string() }).collect()
    };
    let spellings: Vec<String> =
        vec![text.to_owned(), text.to_uppercase(), format!("{text}."), text.replace('.', "\u{3002}"), wide(text), percent(text)];
    (proptest::sample::select(spellings), prop_oneof![Just(""), Just(":443"), Just(":8443"), Just("/"), Just("?x"), Just("#y")])
        .prop_map(|(host, rest)| format!("https://{host}{rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_spelling_of_an_ip_address_is_admitted(text in ip().prop_flat_map(|text| disguised(&text))) {
        prop_assert!(verdict(&text).is_err(), "{}", text);
    }

    #[test]
    fn no_spelling_of_a_refused_name_is_admitted(
        text in (proptest::sample::select(REFUSED_ENDINGS.to_vec()), "[a-z0-9]{0,8}").prop_map(|(ending, before)| {
            if before.is_empty() { ending.to_owned() } else { format!("{before}.{ending}") }
        }).prop_flat_map(|text| disguised(&text))
    ) {
        prop_assert!(verdict(&text).is_err(), "{}", text);
    }
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
