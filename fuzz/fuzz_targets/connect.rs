//! Whatever ESET Connect and ESET PROTECT On-Prem answer: a value of ours or an error, no panic, and never the password in either.

use std::rc::Rc;

use connect::{Connect, Flavour};
use futures::executor::block_on;
use fuzz::{PASSWORD, keeps_quiet, status_and_body, vendor};
use vendor::TokenCache;

const CLOUD: (Flavour, &str) = (Flavour::Cloud, "https://eu.device-management.eset.systems");
const SERVER: (Flavour, &str) = (Flavour::OnPrem, "https://protect.example.com:9443");

fuzz_target!(|input: &[u8]| {
    let (status, body) = status_and_body(input);
    let token = |path: &str| {
        let wanted = path.ends_with("/oauth/token") || path.ends_with("/GetTokens");
        wanted
            .then_some(r#"{"access_token":"token","refresh_token":"token","accessToken":"token","refreshToken":"token","expires_in":3600}"#)
    };
    let client = |known, (flavour, address)| {
        let ours = |host: &str| host.ends_with(".eset.systems") || host == "protect.example.com";
        let outbound = vendor(status, body, known, ours);
        Connect::new(outbound, flavour, address, "user", PASSWORD, Rc::<TokenCache>::default()).expect("an address")
    };
    block_on(async {
        for server in [CLOUD, SERVER] {
            let signed_in = client(token, server);
            keeps_quiet(signed_in.groups(None).await);
            keeps_quiet(signed_in.members(&"group".into(), Some("page")).await);
            keeps_quiet(signed_in.devices(None).await);
            keeps_quiet(signed_in.devices_named(&["device".into()]).await);
            keeps_quiet(signed_in.detections(Default::default(), None).await);
            keeps_quiet(signed_in.detections_token().await);
            keeps_quiet(signed_in.detections_since("token", None).await);
            keeps_quiet(client(|_| None, server).groups(None).await);
        }
    });
});
