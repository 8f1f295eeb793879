//! Whatever stands in `Cookie` and in the body that opens a share link: a session's secret is never taken for a visit's or a sign-in's, and
//! what is read of the body is what stands there.

use contract::session::FinishOpenId;
use contract::share::OpenShare;
use domain::json::strict::read;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;
use server::http::cookie;

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
    if let Ok(opened) = read::<OpenShare>(input) {
        let said: Value = serde_json::from_slice(input).expect("what was read is JSON");
        assert_eq!((said["token"].as_str(), said["code"].as_str()), (Some(opened.token.as_str()), opened.code.as_deref()));
    }
    if let Ok(finished) = read::<FinishOpenId>(input) {
        let said: Value = serde_json::from_slice(input).expect("what was read is JSON");
        assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some(finished.state.as_str()), finished.code.as_deref()));
    }
});
