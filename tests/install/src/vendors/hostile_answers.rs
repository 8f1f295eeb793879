//! A vendor's answer is hostile input: too large, too deep, of another shape. It is told for what it is, and never counts as nothing.

use std::rc::Rc;

use connect::{Connect, Flavour};
use connectwise::{Connectwise, Keys};
use contract::passes::{PassKind, PassState};
use egress::ports::TransportError;
use egress::{EgressError, MAX_BODY};
use ema2::Ema2;
use harness::TestInstall;
use harness::support::{Scripted, Stepped, egress, scene};
use simulator::{FaultKind, Vendor};
use vendor::TokenCache;
use vendor::VendorError;

const VENDORS: [&str; 3] = ["EMA 2", "ESET Connect", "ConnectWise"];
const EMA2_TOKEN: &str = r#"{"accessToken":"token","refreshToken":"token"}"#;
const CONNECT_TOKEN: &str = r#"{"access_token":"token","refresh_token":"token","expires_in":3600}"#;
const SITE: &str = r#"{"Codebase":"v2026_1/","VersionNumber":"v2026.1","IsCloud":false}"#;

/// What each vendor's client makes of this answer to a list.
async fn read(body: &str) -> [Result<(), VendorError>; 3] {
    let session = |first: &str| {
        // What is no answer is asked for again.
        let answers = std::iter::once(scene(200, first)).chain((0..4).map(|_| scene(200, body)));
        let vendor = Scripted::new(answers.collect());
        egress(vendor, Stepped::new()).session(10)
    };
    let ema2 = Ema2::new(session(EMA2_TOKEN), "https://mspapi.eset.com/api", "u", "p", Rc::<TokenCache>::default()).expect("a client");
    let address = "https://eu.device-management.eset.systems";
    let connect = Connect::new(session(CONNECT_TOKEN), Flavour::Cloud, address, "u", "p", Rc::<TokenCache>::default()).expect("a client");
    let keys =
        Keys { company_id: "c".to_owned(), public_key: "a".to_owned(), private_key: "b".to_owned().into(), client_id: "i".to_owned() };
    let connectwise = Connectwise::new(session(SITE), "https://psa.example.com", keys, Rc::default()).expect("a client");
    [ema2.licences(0).await.map(drop), connect.devices(None).await.map(drop), connectwise.companies(None).await.map(drop)]
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_beyond_the_bounds_is_no_answer() {
    let body = format!("[{}]", " ".repeat(MAX_BODY));
    for answer in read(&body).await {
        assert_eq!(answer, Err(VendorError::Egress(EgressError::NoAnswer(TransportError::TooLarge(MAX_BODY)))));
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_nested_without_end_is_not_json() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        for answer in read(&body).await {
            assert!(matches!(answer, Err(VendorError::NotJson { status: 200, .. })), "{answer:?}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_of_another_shape_says_what_does_not_fit() {
    for body in ["null", "7", "\"text\"", "true", r#"{"search":7,"devices":7}"#, r#"[{"id":1e300}]"#, r#"{"Search":[{}],"devices":[{}]}"#] {
        for (vendor, answer) in VENDORS.iter().zip(read(body).await) {
            assert!(matches!(answer, Err(VendorError::Unexpected { .. })), "{vendor} {body}: {answer:?}");
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn what_cannot_be_read_leaves_every_line_as_it_was() {
    let install = TestInstall::ready(3).await;
    let before = install.lines("all").await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let large = format!("[{}]", " ".repeat(MAX_BODY));
    for body in [deep, large, "null".to_owned(), "{}".to_owned(), r#"{"companies":[],"search":[]}"#.to_owned()] {
        let kind = FaultKind::Status { code: 200, body: Some(body.clone()), retry_after: None };
        install.fault(Vendor::Ema2, "POST", "Search/Licenses", None, kind);
        install.sync().await;
        install.simulator.world().clear_faults();
        let shown: String = body.chars().take(40).collect();
        assert_eq!(install.last_pass(PassKind::Sync).state, PassState::Failed, "{shown}");
        let after = install.lines("all").await;
        let numbers = |lines: &[contract::month::LineView]| -> Vec<_> {
            lines.iter().map(|line| (line.line.id.clone(), line.line.target, line.line.billed)).collect()
        };
        assert_eq!(numbers(&after), numbers(&before), "{shown}");
        install.clock.advance(3_600);
    }
}
