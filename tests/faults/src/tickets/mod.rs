//! Worlds in which devices come and go and tickets are opened, noted in, closed and opened again.

mod book;
mod desk_action;
mod judge;
mod notes;
mod polls;
mod random;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use domain::tickets::{Attach, Lifecycle, Per, Return, TicketRule};
use egress::ports::Clock;
use harness::TestInstall;
use harness::tickets::ALL;
use harness::wire::Sent;
use simulator::Options;

use crate::rng::Rng;
use crate::run::{Run, beginning};

pub use desk_action::{DeskAction, Side};
pub use judge::judge;
pub use random::{TICKS, case};
pub use sweep::{forgotten, one_at_a_time};

/// How long two instances that do not know of each other may act on what only one of them has heard.
const AT_ONCE: TimeDelta = TimeDelta::minutes(2);

/// How a world of tickets begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    /// What its rules are drawn from.
    pub seed: u64,
    /// Rules. The second watches the first one's group as a whole, others have a group of their own.
    pub rules: usize,
    /// Calls an alarm may make.
    pub budget: u32,
    /// Seconds by which ConnectWise's lists lag behind.
    pub lag: i64,
    /// Whether configurations are attached, and made first.
    pub attaches: bool,
}

impl World {
    /// One rule that opens after ten minutes, closes after ten, and opens the same ticket again.
    pub const SMALLEST: Self = Self { seed: 0, rules: 1, budget: 400, lag: 0, attaches: false };
}

/// Worlds a life is swept in: by how much lists lag, and what goes with a ticket.
pub const WORLDS: [World; 4] = [
    World::SMALLEST,
    World { lag: 120, ..World::SMALLEST },
    World { lag: 900, ..World::SMALLEST },
    World { lag: 240, attaches: true, ..World::SMALLEST },
];

/// The rules of a run, and what is known of its devices.
#[derive(Debug, Default)]
pub struct Desk {
    /// Its rules, in order.
    pub rules: Vec<TicketRule>,
    /// Its devices.
    pub devices: Vec<String>,
    /// Names each device ever had.
    pub names: BTreeMap<String, BTreeSet<String>>,
    /// Rules that were switched on or off: after so many answers that were kept, which, and whether on.
    pub switched: Vec<(usize, usize, bool)>,
    /// What somebody said of devices that left a rule's group at once: after so many answers, of which rule, whether they are gone, when.
    pub decided: Vec<(usize, usize, bool, domain::Timestamp)>,
    /// Mutes that are not taken back.
    pub mutes: Vec<String>,
}

/// Answers the judge needs: who is in a group, and which ticket was opened.
fn is_kept(sent: &Sent) -> bool {
    let path = sent.url.path();
    path.contains("/device_groups/") || (sent.method == "POST" && path.ends_with("/service/tickets"))
}

impl Run {
    /// An install that has read its groups and companies, and whose rules are switched on and watch groups that are empty.
    pub async fn begin_tickets(world: World) -> Self {
        harness::log::clear();
        let options = Options { seed: 1, companies: 1, now: Some(beginning()), ..Options::default() };
        let install = TestInstall::still(options, world.budget).await;
        let mut rng = Rng::new(world.seed);
        let mut groups: Vec<String> = Vec::new();
        for place in 0..world.rules {
            let watched = match groups.first() {
                Some(first) if place == 1 => first.clone(),
                _ => install.simulator.world().create_group(&format!("Group {place}"), ALL, true).expect("a group"),
            };
            groups.push(watched);
        }
        install.connect().await;
        install.connect_groups(&install.eset_connect()).await;
        install.sync().await;
        install.map_everything_sure().await;
        install.settle().await;
        let mut rules = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            let mut rule = install.rule_on(&format!("Rule {place}"), group).await;
            if world.seed > 0 {
                rule.lifecycle = lifecycle(&mut rng);
                rule.cap = rng.one(&[2, 3, 5, 10]);
            }
            if place == 1 {
                rule.per = Per::Group;
            }
            if world.attaches {
                rule.attach = Attach::AttachOrCreate;
                let kinds = install.simulator.world().configurations();
                rule.target.configuration_type = kinds.first().map(|known| domain::ids::ConfigurationTypeId(known.r#type.id.into()));
            }
            install.store_rule(&rule);
            rules.push(rule);
        }
        install.simulator.world().set_search_lag(world.lag);
        install.wire.keeps.set(is_kept);
        let known = install.simulator.world().devices();
        let names = known.iter().map(|device| (device.uuid.clone(), BTreeSet::from([device.name.clone()]))).collect();
        let devices = known.into_iter().map(|device| device.uuid).collect();
        let switched = (0..rules.len()).map(|rule| (0, rule, true)).collect();
        let desk = Desk { rules, devices, names, switched, decided: Vec::new(), mutes: Vec::new() };
        let mut run = Self::over(install, world.budget);
        run.desk = desk;
        run
    }

    /// The time, for the install.
    fn clock(&self) -> domain::Timestamp {
        self.install.clock.now()
    }
}

fn lifecycle(rng: &mut Rng) -> Lifecycle {
    Lifecycle {
        delay_minutes: rng.one(&[0, 10, 10, 30]),
        close_after_minutes: rng.one(&[None, Some(0), Some(10), Some(10), Some(30)]),
        return_days: rng.one(&[0, 1, 7]),
        on_return: rng.one(&[Return::Reopen, Return::Reopen, Return::New, Return::Nothing]),
    }
}
