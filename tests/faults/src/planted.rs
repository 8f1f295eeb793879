//! The tests of the tests: bugs that can be planted (`shared::planted`), and whether they are found.

use crate::random::{self, Case};
use crate::run::World;
use crate::sweep::{self, Scene, Swept, Until};
use crate::tickets;

/// Every planted bug, by name, and what it gets wrong.
pub const BUGS: [(&str, &str); 23] = [
    ("no_claim", "a change is stored whoever moved it meanwhile"),
    ("no_read_back", "a 200 is taken for the proof"),
    ("cursor_early", "a pass notes what it has read before it has"),
    ("blind_retry", "a write is sent again after a lost answer"),
    ("kv_decides", "KV says which version is the current one"),
    ("alarm_not_rearmed", "a ring that dies is the last one"),
    ("no_recovery", "what a dead run was at is never taken up"),
    ("stale_preview", "an approval of an older proposal is taken for the current one"),
    ("partial_as_zero", "a licence that cannot be read counts as none"),
    ("excluded_kept", "what was approved is written although the company was excluded"),
    ("intent_without_version", "a change's id does not say what it changes from"),
    ("one_quiet_read", "one look is enough to send a lost write again"),
    ("no_check", "what is there is written over without a look"),
    ("crash_forgets_write", "a run that dies while it writes is begun anew"),
    ("budget_ignored", "a ring makes as many calls as it likes"),
    ("headers_logged", "the log shows what was sent along"),
    ("hold_ignored", "a line that is held is written by itself"),
    ("ticket_no_search", "a ticket is opened without a look whether there is one"),
    ("ticket_one_quiet_search", "one search that finds nothing is enough to open a ticket again"),
    ("ticket_lag_ignored", "the second search comes before it can find anything"),
    ("ticket_crash_forgets", "a run that dies while it opens a ticket is begun anew"),
    ("ticket_no_claim", "a ticket's intent is stored whoever moved it meanwhile"),
    ("ticket_no_recovery", "the ticket that a dead run was at is never taken up"),
];

/// Worlds a bug is looked for in: the smallest, and one whose readings take several rings.
const WORLDS: [(World, Scene); 3] = [
    (World::SMALLEST, Scene::Commit),
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
