//! The tests of the tests: bugs that are planted (`planted.toml`), and whether they are found.

use crate::random::{self, Case};
use crate::restored;
use crate::run::World;
use crate::sweep::{self, Scene, Swept, Until};
use crate::tickets;

/// Worlds a bug is looked for in: the smallest, one whose reads lag, and one whose readings take several alarms.
const WORLDS: [(World, Scene); 4] = [
    (World::SMALLEST, Scene::Commit),
    (World::LAGGING, Scene::Commit),
    (World::SMALLEST, Scene::Month),
    (World { companies: 4, budget: 8, ..World::SMALLEST }, Scene::Month),
];

/// Whether the bug planted in this process is found, and by what: one about tickets where there are some, any other where seats
/// are billed. Without one, nothing should be, anywhere.
pub fn found(name: &str, threads: usize, seeds: u64) -> Option<String> {
    match name {
        "none" => of_billing(threads, seeds).or_else(|| of_tickets(threads, seeds)),
        _ if name.starts_with("ticket_") => of_tickets(threads, seeds),
        _ => of_billing(threads, seeds),
    }
}

fn of_billing(threads: usize, seeds: u64) -> Option<String> {
    for (world, scene) in WORLDS {
        let swept = sweep::divided(threads, async |part| sweep::one_at_a_time(world, scene, Until::Broken, part).await);
        if let Some(words) = told(&swept, &format!("the sweep of {scene:?} with {} companies", world.companies)) {
            return Some(words);
        }
    }
    for world in restored::WORLDS {
        let swept = sweep::divided(threads, async |part| restored::every_pair(world, Until::Broken, part).await);
        if let Some(words) = told(&swept, "the sweep of a ledger that is taken back") {
            return Some(words);
        }
    }
    let pairs = sweep::divided(threads, async |part| sweep::pairs(World::SMALLEST, 3, Until::Broken, part).await);
    let slow = || sweep::divided(threads, async |part| sweep::under_slow_kv(World::SMALLEST, Until::Broken, part).await);
    told(&pairs, "the sweep of pairs")
        .or_else(|| told(&slow(), "the sweep under slow KV"))
        .or_else(|| of_seeds((1..=seeds).map(|seed| (seed, random::case(seed)))))
}

fn of_tickets(threads: usize, seeds: u64) -> Option<String> {
    if let Some(violation) = sweep::still().block_on(tickets::forgotten()).first() {
        return Some(format!("a ledger of before the ticket: {violation}"));
    }
    let world = tickets::World { lag: 240, ..tickets::World::SMALLEST };
    let swept = sweep::divided(threads, async |part| tickets::one_at_a_time(world, Until::Broken, part).await);
    told(&swept, "the sweep of a ticket's life").or_else(|| of_seeds((1..=seeds).map(|seed| (seed, tickets::case(seed)))))
}

/// What a sweep found first.
fn told(swept: &Swept, sweep: &str) -> Option<String> {
    let violation = swept.found.first()?.violations.first()?;
    Some(format!("{sweep} after {} runs: {violation}", swept.runs))
}

/// What the first seed finds that finds anything.
fn of_seeds(cases: impl IntoIterator<Item = (u64, Case)>) -> Option<String> {
    cases.into_iter().find_map(|(seed, case)| Some(format!("seed {seed}: {}", random::lived(&case).violations.first()?)))
}
