//! The tree of device groups over the API: each console's, and whose its groups are.

use house::House;
use shared::api::groups::ConsoleGroups;
use shared::groups::StandsFor;
use simulator::Options;

#[tokio::test(flavor = "local")]
async fn each_console_shows_its_groups_and_the_company_behind_them() {
    let now = "2026-11-10T12:00:00Z".parse().ok();
    let house = House::still(Options { companies: 12, now, ..Options::default() }, 400).await;
    house.connect().await;
    let none: Vec<ConsoleGroups> = house.get("/api/groups").await;
    assert!(none.is_empty(), "EMA 2 has no groups: {none:?}");
    for connection in [house.eset_connect(), house.onprem()] {
        house.connect_groups(&connection).await;
    }
    let unread: Vec<ConsoleGroups> = house.get("/api/groups").await;
    assert!(unread.len() == 2 && unread.iter().all(|console| console.read_at.is_none() && console.groups.is_empty()), "{unread:?}");
    house.sync().await;
    house.map_everything_sure().await;

    let consoles: Vec<ConsoleGroups> = house.get("/api/groups").await;
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
