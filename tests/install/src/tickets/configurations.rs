//! The device on its ticket: found among the company's configurations by any sign, made where the rule says so, and never twice.

use domain::access::Visibility;
use domain::ids::ConfigurationTypeId;
use domain::tickets::{Attach, TicketRule};
use engine::MARKER;
use harness::TestInstall;
use simulator::{Configuration, FaultKind, Vendor};
use store::ledger::{CaseRow, TicketLogFilter};

/// A device that has entered and whose ticket, for the rule's catch-all company, is not due yet.
async fn entered(attach: Attach) -> (TestInstall, TicketRule, CaseRow) {
    let install = TestInstall::with_tickets(12).await;
    let mut rule = install.rule("Not protected").await;
    rule.attach = attach;
    let kinds: Vec<serde_json::Value> = install.get(&format!("/api/desks/{}/configuration-types", rule.target.psa)).await;
    let kind = kinds.iter().find(|kind| kind["inactive"] == false).and_then(|kind| kind["id"].as_i64()).expect("a type");
    rule.target.configuration_type = Some(ConfigurationTypeId(kind));
    install.store_rule(&rule);
    let companies: serde_json::Value = install.get("/api/companies?state=mapped&limit=500").await;
    let mapped: Vec<&str> = companies["items"].as_array().expect("companies").iter().filter_map(|row| row["company"].as_str()).collect();
    let devices = install.simulator.world().devices();
    let device = devices.iter().find(|device| !mapped.contains(&device.company.as_str())).expect("a device of nobody mapped");
    install.enter(&rule, std::slice::from_ref(&device.uuid));
    install.passes(1).await;
    let case = install.tenant.ledger.cases().find(&rule.id, &device.uuid).expect("a ledger").expect("a case");
    (install, rule, case)
}

fn add(install: &TestInstall, rule: &TicketRule, fill: impl FnOnce(&mut Configuration)) -> i32 {
    let company = i32::try_from(rule.target.catch_all.0).expect("an id");
    install.simulator.world().add_configuration(company, fill).expect("a company")
}

/// Lets the answers to writes of configurations be lost after they took effect, if `lost`.
fn lose(install: &TestInstall, lost: u32) {
    if lost > 0 {
        install.fault(Vendor::ConnectWise, "POST", "configurations", Some(lost), FaultKind::ResetAfter);
    }
}

/// The configurations on the only ticket, and what the log says of it.
fn outcome(install: &TestInstall) -> (Vec<i32>, String) {
    let tickets = install.our_tickets();
    assert_eq!(tickets.len(), 1, "{:?}", install.ticket_events());
    let (rows, _) =
        install.tenant.ledger.ticket_log().page(&Visibility::Everything, &TicketLogFilter::default(), None, u32::MAX).expect("rows");
    assert_eq!(rows.iter().map(|row| row.event.as_str()).collect::<Vec<_>>(), ["opened"]);
    (install.simulator.world().ticket_configurations(tickets[0].id), rows[0].words.clone())
}

#[tokio::test(flavor = "local")]
async fn a_configuration_is_found_by_any_sign_of_the_device_and_attached_once() {
    for sign in ["identifier", "serial", "mac", "another mac", "name"] {
        for lost in [0, 1] {
            let (install, rule, case) = entered(Attach::AttachOrCreate).await;
            let traits = case.traits.clone().expect("it was asked for");
            let fits = add(&install, &rule, |row| match sign {
                "identifier" => row.device_identifier = Some(format!("{MARKER}{}", case.subject)),
                "serial" => row.serial_number = Some(traits.serial.to_lowercase()),
                "another mac" => row.mac_address = traits.more_macs.first().map(|mac| mac.to_lowercase()),
                "mac" => row.mac_address = Some(traits.mac.replace(':', "-")),
                _ => row.name = case.name.to_lowercase(),
            });
            let before = install.simulator.world().configurations().len();
            lose(&install, lost);
            install.passes(4).await;
            let (attached, words) = outcome(&install);
            assert_eq!(attached, [fits], "{sign}, {lost} lost: {words}");
            assert_eq!(install.simulator.world().configurations().len(), before, "{sign}, {lost} lost: none is made");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn a_configuration_is_made_once_where_the_rule_says_so_and_found_again_by_the_next_ticket() {
    for lost in [0, 1, 2] {
        let (install, rule, case) = entered(Attach::AttachOrCreate).await;
        let before = install.simulator.world().configurations();
        lose(&install, lost);
        install.passes(4).await;
        let (attached, words) = outcome(&install);
        let mut made = install.simulator.world().configurations();
        made.retain(|row| before.iter().all(|known| known.id != row.id));
        assert_eq!(made.len(), 1, "{lost} lost: {words}");
        assert_eq!(attached, [made[0].id], "{lost} lost: {words}");
        assert_eq!(made[0].device_identifier.as_deref(), Some(format!("{MARKER}{}", case.subject).as_str()));
        assert_eq!((&made[0].name, i64::from(made[0].company.id)), (&case.name, rule.target.catch_all.0));

        // Under another rule the device has another ticket, and the same configuration.
        let other = TicketRule { id: "other".into(), name: "Other".to_owned(), ..rule.clone() };
        install.store_rule(&other);
        install.passes(4).await;
        let tickets = install.our_tickets();
        assert_eq!(tickets.len(), 2);
        assert!(tickets.iter().all(|ticket| install.simulator.world().ticket_configurations(ticket.id) == attached), "{lost} lost");
        assert_eq!(install.simulator.world().configurations().len(), before.len() + 1);
    }
}

#[tokio::test(flavor = "local")]
async fn of_two_that_fit_alike_none_is_attached_and_none_is_made_and_the_log_says_so() {
    for attach in [Attach::Attach, Attach::AttachOrCreate] {
        for lost in [false, true] {
            let (install, rule, case) = entered(attach).await;
            for _ in 0..2 {
                add(&install, &rule, |row| row.name.clone_from(&case.name));
            }
            let before = install.simulator.world().configurations().len();
            if lost {
                install.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
            }
            install.passes(4).await;
            let (attached, words) = outcome(&install);
            assert!(attached.is_empty(), "{attach:?}: {attached:?}");
            assert!(words.contains("fit the device alike"), "{attach:?}: {words}");
            assert_eq!(install.simulator.world().configurations().len(), before, "{attach:?}");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn a_device_without_a_configuration_has_a_ticket_without_one_and_the_log_says_so() {
    let (install, _, _) = entered(Attach::Attach).await;
    let before = install.simulator.world().configurations().len();
    install.passes(4).await;
    let (attached, words) = outcome(&install);
    assert!(attached.is_empty() && words.contains("No configuration of the company fits"), "{attached:?}: {words}");
    assert_eq!(install.simulator.world().configurations().len(), before);
}
