//! Whatever stands in `Cookie` and in the body that opens a share link: a session's secret is never taken for a visit's or a sign-in's, and
//! what is read of the body is what stands there. What nobody has sealed opens nothing, and what was sealed carries what it was given.

use contract::session::FinishOpenId;
use contract::share::OpenShare;
use domain::Timestamp;
use domain::json::strict::read;
use egress::ports::Entropy;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use server::http::cookie;
use server::identity::{Purpose, Seal};

const NAMES: [&str; 6] =
    ["__Host-seatbridge", "__Host-seatbridge-share", "__Host-seatbridge-openid", "seatbridge", "seatbridge-share", "seatbridge-openid"];

fuzz_target!(|input: &[u8]| {
    if let Ok(value) = HeaderValue::from_bytes(input) {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, value.clone());
        for name in NAMES {
            let pairs = value.to_str().unwrap_or_default().split(';').filter_map(|pair| pair.trim().split_once('='));
            let expected = pairs.filter(|(known, _)| *known == name).map(|(_, secret)| secret).next();
            assert_eq!(cookie(&headers, name), expected, "{name}");
        }
        if let Ok(text) = value.to_str()
            && !text.contains([';', '='])
            && text == text.trim()
        {
            let pairs: Vec<String> = NAMES.iter().map(|name| format!("{name}={text}-{name}")).collect();
            let mut sent = HeaderMap::new();
            sent.append(header::COOKIE, HeaderValue::from_str(&pairs.join("; ")).expect("a header"));
            for name in NAMES {
                assert_eq!(cookie(&sent, name), Some(format!("{text}-{name}").as_str()));
            }
        }
    }
    sealed(&String::from_utf8_lossy(input));
    if let Ok(opened) = read::<OpenShare>(input) {
        let said: Value = serde_json::from_slice(input).expect("what was read is JSON");
        assert_eq!((said["token"].as_str(), said["code"].as_str()), (Some(opened.token.as_str()), opened.code.as_deref()));
    }
    if let Ok(finished) = read::<FinishOpenId>(input) {
        let said: Value = serde_json::from_slice(input).expect("what was read is JSON");
        assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some(finished.state.as_str()), finished.code.as_deref()));
    }
});

/// The same bytes each time: what is looked at is the reading.
struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn sealed(text: &str) {
    let seal = Seal::new(&[1; 32], None, &Fixed);
    let now = Timestamp::from_timestamp(1_800_000_000, 0).expect("a moment");
    for purpose in
        [Purpose::Visit, Purpose::ShowPasskey { origin: text }, Purpose::SignIn { origin: text, browser: text, session: Some(text) }]
    {
        assert_eq!(seal.open(&purpose, text, now), None, "{text}");
        let token = seal.seal(&purpose, text, now).expect("a token");
        let opened = seal.open(&purpose, &token, now);
        assert!(opened.is_none_or(|opened| opened.text == text), "{text}");
        assert_eq!(seal.open(&Purpose::MakePasskey { origin: text, about: text }, &token, now), None, "{text}");
    }
}
