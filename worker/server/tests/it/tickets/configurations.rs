//! The device on its ticket: found among the company's configurations by any sign, made where the rule says so, and never twice.

use domain::access::Scope;
use domain::ids::ConfigurationTypeId;
use domain::tickets::{Attach, TicketRule};
use engine::MARKER;
use harness::House;
use simulator::{Configuration, FaultKind, Vendor};
use store::ledger::{CaseRow, TicketLogFilter};

/// A device that has entered and whose ticket, for the rule's catch-all company, is not due yet.
async fn entered(attach: Attach) -> (House, TicketRule, CaseRow) {
    let house = House::with_tickets(12).await;
    let mut rule = house.rule("Not protected").await;
    rule.attach = attach;
    let kinds: Vec<serde_json::Value> = house.get(&format!("/api/desks/{}/configuration-types", rule.target.psa)).await;
    let kind = kinds.iter().find(|kind| kind["inactive"] == false).and_then(|kind| kind["id"].as_i64()).expect("a type");
    rule.target.configuration_type = Some(ConfigurationTypeId(kind));
    house.store_rule(&rule);
    let companies: serde_json::Value = house.get("/api/companies?state=mapped&limit=500").await;
    let mapped: Vec<&str> = companies["items"].as_array().expect("companies").iter().filter_map(|row| row["company"].as_str()).collect();
    let devices = house.simulator.world().devices();
    let device = devices.iter().find(|device| !mapped.contains(&device.company.as_str())).expect("a device of nobody mapped");
    house.enter(&rule, std::slice::from_ref(&device.uuid));
    house.passes(1).await;
    let case = house.tenant.ledger.cases().find(&rule.id, &device.uuid).expect("a ledger").expect("a case");
    (house, rule, case)
}

fn add(house: &House, rule: &TicketRule, fill: impl FnOnce(&mut Configuration)) -> i32 {
    let company = i32::try_from(rule.target.catch_all.0).expect("an id");
    house.simulator.world().add_configuration(company, fill).expect("a company")
}

/// Lets the answers to writes of configurations be lost after they took effect, if `lost`.
fn lose(house: &House, lost: u32) {
    if lost > 0 {
        house.fault(Vendor::ConnectWise, "POST", "configurations", Some(lost), FaultKind::ResetAfter);
    }
}

/// The configurations on the only ticket, and what the log says of it.
fn outcome(house: &House) -> (Vec<i32>, String) {
    let tickets = house.our_tickets();
    assert_eq!(tickets.len(), 1, "{:?}", house.ticket_events());
    let (rows, _) = house.tenant.ledger.ticket_log().page(&Scope::Everything, &TicketLogFilter::default(), None, u32::MAX).expect("rows");
    assert_eq!(rows.iter().map(|row| row.event.as_str()).collect::<Vec<_>>(), ["opened"]);
    (house.simulator.world().ticket_configurations(tickets[0].id), rows[0].words.clone())
}

#[tokio::test(flavor = "local")]
async fn a_configuration_is_found_by_any_sign_of_the_device_and_attached_once() {
    for sign in ["identifier", "serial", "mac", "another mac", "name"] {
        for lost in [0, 1] {
            let (house, rule, case) = entered(Attach::AttachOrCreate).await;
            let traits = case.traits.clone().expect("it was asked for");
            let fits = add(&house, &rule, |row| match sign {
                "identifier" => row.device_identifier = Some(format!("{MARKER}{}", case.subject)),
                "serial" => row.serial_number = Some(traits.serial.to_lowercase()),
                "another mac" => row.mac_address = traits.more_macs.first().map(|mac| mac.to_lowercase()),
                "mac" => row.mac_address = Some(traits.mac.replace(':', "-")),
                _ => row.name = case.name.to_lowercase(),
            });
            let before = house.simulator.world().configurations().len();
            lose(&house, lost);
            house.passes(4).await;
            let (attached, words) = outcome(&house);
            assert_eq!(attached, [fits], "{sign}, {lost} lost: {words}");
            assert_eq!(house.simulator.world().configurations().len(), before, "{sign}, {lost} lost: none is made");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn a_configuration_is_made_once_where_the_rule_says_so_and_found_again_by_the_next_ticket() {
    for lost in [0, 1, 2] {
        let (house, rule, case) = entered(Attach::AttachOrCreate).await;
        let before = house.simulator.world().configurations();
        lose(&house, lost);
        house.passes(4).await;
        let (attached, words) = outcome(&house);
        let mut made = house.simulator.world().configurations();
        made.retain(|row| before.iter().all(|known| known.id != row.id));
        assert_eq!(made.len(), 1, "{lost} lost: {words}");
        assert_eq!(attached, [made[0].id], "{lost} lost: {words}");
        assert_eq!(made[0].device_identifier.as_deref(), Some(format!("{MARKER}{}", case.subject).as_str()));
        assert_eq!((&made[0].name, i64::from(made[0].company.id)), (&case.name, rule.target.catch_all.0));

        // Under another rule the device has another ticket, and the same configuration.
        let other = TicketRule { id: "other".into(), name: "Other".to_owned(), ..rule.clone() };
        house.store_rule(&other);
        house.passes(4).await;
        let tickets = house.our_tickets();
        assert_eq!(tickets.len(), 2);
        assert!(tickets.iter().all(|ticket| house.simulator.world().ticket_configurations(ticket.id) == attached), "{lost} lost");
        assert_eq!(house.simulator.world().configurations().len(), before.len() + 1);
    }
}

#[tokio::test(flavor = "local")]
async fn of_two_that_fit_alike_none_is_attached_and_none_is_made_and_the_log_says_so() {
    for attach in [Attach::Attach, Attach::AttachOrCreate] {
        for lost in [false, true] {
            let (house, rule, case) = entered(attach).await;
            for _ in 0..2 {
                add(&house, &rule, |row| row.name.clone_from(&case.name));
            }
            let before = house.simulator.world().configurations().len();
            if lost {
                house.fault(Vendor::ConnectWise, "POST", "service/tickets", Some(1), FaultKind::ResetAfter);
            }
            house.passes(4).await;
            let (attached, words) = outcome(&house);
            assert!(attached.is_empty(), "{attach:?}: {attached:?}");
            assert!(words.contains("fit the device alike"), "{attach:?}: {words}");
            assert_eq!(house.simulator.world().configurations().len(), before, "{attach:?}");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn a_device_without_a_configuration_has_a_ticket_without_one_and_the_log_says_so() {
    let (house, _, _) = entered(Attach::Attach).await;
    let before = house.simulator.world().configurations().len();
    house.passes(4).await;
    let (attached, words) = outcome(&house);
    assert!(attached.is_empty() && words.contains("No configuration of the company fits"), "{attached:?}: {words}");
    assert_eq!(house.simulator.world().configurations().len(), before);
}
