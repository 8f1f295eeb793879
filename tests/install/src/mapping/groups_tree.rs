//! The tree of device groups over the API: each console's, and whose its groups are.

use contract::Page;
use contract::groups::{ConsoleGroups, GroupView, MemberView};
use domain::access::Role;
use domain::groups::StandsFor;
use harness::TestInstall;
use harness::wire::Fate;
use http::StatusCode;
use serde_json::{Value, json};
use simulator::Options;

#[tokio::test(flavor = "local")]
async fn each_console_shows_its_groups_and_the_company_behind_them() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let install = TestInstall::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    install.connect().await;
    let none: Vec<ConsoleGroups> = install.get("/api/groups").await;
    assert!(none.is_empty(), "EMA 2 has no groups: {none:?}");
    for connection in [install.eset_connect(), install.onprem()] {
        install.connect_groups(&connection).await;
    }
    let unread: Vec<ConsoleGroups> = install.get("/api/groups").await;
    assert!(unread.len() == 2 && unread.iter().all(|console| console.read_at.is_none() && console.groups.is_empty()), "{unread:?}");
    install.sync().await;
    install.map_everything_sure().await;

    let consoles: Vec<ConsoleGroups> = install.get("/api/groups").await;
    let console = consoles.iter().find(|console| console.name == "ESET Connect").expect("the console");
    assert!(console.read_at.is_some());
    let known = |id: &str| console.groups.iter().any(|group| group.group.as_str() == id);
    assert!(console.groups.iter().all(|group| group.parent.as_ref().is_none_or(|parent| known(parent.as_str()))));
    assert!(console.groups.iter().all(|group| group.dynamic == group.devices.is_none()), "a dynamic group is not counted with the tree");
    let companies: Vec<_> = console.groups.iter().filter(|group| group.stands_for == Some(StandsFor::Company)).collect();
    assert!(companies.iter().all(|group| group.company.as_ref() == Some(&group.group)), "{companies:?}");
    let owned = companies.iter().filter(|group| group.owner.as_ref().is_some_and(|owner| owner.name == group.name)).count();
    assert_eq!(owned, companies.len(), "each company is one of ESET MSP Administrator's");
    let mapped = companies.iter().filter_map(|group| group.owner.as_ref()?.mapped.as_ref()).filter(|mapped| mapped.name.is_some());
    assert!(mapped.count() > 0, "what is mapped says where to");
    let servers = console.groups.iter().find(|group| group.name == "Servers").expect("a group of a company");
    assert_eq!(servers.company, servers.parent, "a group belongs to the company above it");
}

/// All devices of a group, page by page.
async fn members(install: &TestInstall, path: &str, limit: u32) -> Vec<MemberView> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let page: Page<MemberView> = install.get(&format!("{path}?limit={limit}{after}")).await;
        assert!(page.items.len() <= limit as usize && (page.items.is_empty() || page.total as usize >= page.items.len()));
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        after = format!("&after={next}");
    }
}

#[tokio::test(flavor = "local")]
async fn the_devices_of_a_group_are_asked_of_its_console() {
    let install = TestInstall::with_tickets(12).await;
    let rule = install.rule("Not protected").await;
    install.store_rule(&rule);
    let device = install.devices(1);
    let consoles: Vec<ConsoleGroups> = install.get("/api/groups").await;
    let console = consoles.iter().find(|console| console.name == "ESET Connect").expect("the console");
    let path = |group: &GroupView| format!("/api/groups/{}/{}/devices", console.connection, group.group);
    let watched = console.groups.iter().find(|group| group.name == "Not protected").expect("the watched group");
    let before = members(&install, &path(watched), 500).await.len();
    install.enter(&rule, &device);
    let now = members(&install, &path(watched), 500).await;
    assert_eq!(now.len(), before + 1, "it is asked now, and not when the tree was read");
    let full =
        console.groups.iter().filter(|group| group.devices > Some(3)).min_by_key(|group| group.devices).expect("a group with devices");
    let (pages, whole) = (members(&install, &path(full), 2).await, members(&install, &path(full), 500).await);
    assert_eq!((pages.len(), &pages), (full.devices.unwrap_or_default() as usize, &whole), "page by page, and none twice");
    assert!(whole.iter().all(|member| !member.name.is_empty() && !member.device.as_str().is_empty()));
    for wrong in [format!("/api/groups/nobodys/{}/devices", full.group), format!("/api/groups/{}/nobodys/devices", console.connection)] {
        assert_eq!(install.call("GET", &wrong, None::<&Value>).await.0, StatusCode::NOT_FOUND, "{wrong}");
    }
    install.wire.plan(|_| Fate::Refused(500, None));
    let (status, answer) = install.call("GET", &path(full), None::<&Value>).await;
    assert!(status.is_server_error() && answer["remedy"].is_string(), "{status} {answer}");
    install.wire.mend();
    let branch = install.access_group("Branch", &[]).await;
    let nobody = install.person_who_sees("Nora", Role::Viewer, &json!({ "sees": "groups", "groups": [branch] })).await;
    assert_eq!(install.call_by(&nobody, "GET", &path(full), None::<&Value>).await.0, StatusCode::NOT_FOUND, "out of sight");
}
