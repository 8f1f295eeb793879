//! Whatever ESET MSP Administrator 2 answers: a value of ours or an error, no panic, and never the password in either.

use std::rc::Rc;

use ema2::Ema2;
use futures::executor::block_on;
use fuzz::{PASSWORD, keeps_quiet, status_and_body, vendor};
use vendor::TokenCache;

fuzz_target!(|input: &[u8]| {
    let (status, body) = status_and_body(input);
    let token = |path: &str| path.ends_with("/Token/Get").then_some(r#"{"accessToken":"token","refreshToken":"token"}"#);
    let client = |known| {
        let outbound = vendor(status, body, known, |host| host == "mspapi.eset.com");
        Ema2::new(outbound, "https://mspapi.eset.com/api", "user", PASSWORD, Rc::<TokenCache>::default()).expect("an address")
    };
    block_on(async {
        let company = "company".into();
        let signed_in = client(token);
        keeps_quiet(signed_in.account().await);
        keeps_quiet(signed_in.descendants(&company, 0).await);
        keeps_quiet(signed_in.companies(0).await);
        keeps_quiet(signed_in.licences(0).await);
        let day = chrono::NaiveDate::default();
        keeps_quiet(signed_in.licence(&"licence".into()).await);
        keeps_quiet(signed_in.usage(day, day, 0).await);
        keeps_quiet(signed_in.products().await);
        keeps_quiet(client(|_| None).account().await);
    });
});
