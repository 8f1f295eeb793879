//! Whatever stands in `Authorization` and `Cookie`: the proof that is read is the one that was sent, whole and alone.

use http::{HeaderMap, HeaderValue, header};
use server::http::{bearer, cookie};

const NAME: &str = "__Host-seatbridge";

fuzz_target!(|input: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(input) else { return };
    let mut headers = HeaderMap::new();
    headers.append(header::AUTHORIZATION, value.clone());
    headers.append(header::COOKIE, value.clone());
    let text = value.to_str().ok();
    if let Some(secret) = bearer(&headers) {
        let text = text.expect("only text is read");
        assert!(text.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")), "{text}");
        assert_eq!(secret, text[7..].trim());
    }
    if let Some(secret) = cookie(&headers, NAME) {
        let text = text.expect("only text is read");
        assert!(!secret.contains(';'));
        let pair = format!("{NAME}={secret}");
        assert!(text.split(';').any(|found| found.trim() == pair.trim()), "{text}");
    }
    if let Some(text) = text
        && !text.contains(';')
        && text == text.trim()
    {
        let mut sent = HeaderMap::new();
        let pairs = format!("other=1; {NAME}={text}; x{NAME}=2");
        sent.append(header::COOKIE, HeaderValue::from_str(&pairs).expect("a header"));
        sent.append(header::AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {text}")).expect("a header"));
        assert_eq!((cookie(&sent, NAME), bearer(&sent)), (Some(text), Some(text)));
    }
});
