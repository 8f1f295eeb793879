//! Whatever ConnectWise answers: a value of ours or an error, no panic, no key in either, and no key to another house's server.

use std::rc::Rc;

use connectwise::{Connectwise, Keys, SiteCache};
use domain::ids::{AgreementId, BoardId, PsaCompanyId, TicketId};
use futures::executor::block_on;
use fuzz::{PASSWORD, keeps_quiet, status_and_body, vendor};

fuzz_target!(|input: &[u8]| {
    let (status, body) = status_and_body(input);
    let site = |path: &str| {
        let info = r#"{"Codebase":"v2026_1/","VersionNumber":"v2026.1","IsCloud":true,"SiteUrl":"api-na.myconnectwise.net"}"#;
        path.starts_with("/login/companyinfo").then_some(info)
    };
    let ours =
        |host: &str| [".myconnectwise.net", ".connectwisedev.com"].iter().any(|cloud| host.ends_with(cloud)) || host == "psa.example.com";
    let client = |known| {
        let outbound = vendor(status, body, known, ours);
        let keys =
            Keys { company_id: "msp".into(), public_key: "public".into(), private_key: PASSWORD.to_owned().into(), client_id: "id".into() };
        Connectwise::new(outbound, "https://psa.example.com", keys, Rc::<SiteCache>::default()).expect("an address")
    };
    block_on(async {
        let found = client(site);
        keeps_quiet(found.companies(None).await);
        keeps_quiet(found.agreements(Some(1)).await);
        keeps_quiet(found.catalog(None).await);
        keeps_quiet(found.count_companies().await);
        keeps_quiet(found.additions(AgreementId(1)).await);
        keeps_quiet(found.security().await);
        keeps_quiet(found.board_setup(BoardId(1)).await);
        keeps_quiet(found.ticket(TicketId(1)).await);
        let found = client(site);
        keeps_quiet(found.desk().await);
        keeps_quiet(found.contacts(PsaCompanyId(1), "search", 1).await);
        keeps_quiet(found.find_marked("mark").await);
        keeps_quiet(found.notes(TicketId(1)).await);
        keeps_quiet(client(|_| None).companies(None).await);
    });
});
