//! The command line of the fault tests; `cargo xtask faults` builds and calls it.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use faults::oracle::Broken;
use faults::planted;
use faults::random::{Case, Lived, cases, lived, shrink};
use faults::run::World;
use faults::sweep::{self, Scene, Swept, Until};
use faults::tickets;

fn main() -> ExitCode {
    // A panic is counted and named with its seed; where it came from is only asked for one seed.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    match words.as_slice() {
        ["random", start, seeds] => random(number(start), number(seeds), threads),
        ["seed", seed] => one(number(seed)),
        ["sweep"] => swept(threads),
        ["planted", name] => find(name, threads),
        _ => {
            eprintln!("faults random <start> <seeds> | seed <seed> | sweep | planted <name>");
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

/// Lives through seeds on all threads, and says in one line what was broken.
fn random(start: u64, seeds: u64, threads: usize) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let next = AtomicU64::new(start);
    let all: Mutex<Vec<(u64, Case, Lived)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= start + seeds {
                        return;
                    }
                    for case in cases(seed) {
                        let lived = lived(&case);
                        all.lock().expect("nobody panics with it").push((seed, case, lived));
                    }
                }
            });
        }
    });
    let all = all.into_inner().expect("nobody panics with it");
    let count = |broken| all.iter().map(|(_, _, lived)| lived.count(&[broken])).sum::<usize>();
    let sum = |of: fn(&Lived) -> usize| all.iter().map(|(_, _, lived)| of(lived)).sum::<usize>();
    let mut failed: Vec<&(u64, Case, Lived)> = all.iter().filter(|(_, _, lived)| !lived.violations.is_empty()).collect();
    failed.sort_by_key(|(seed, ..)| *seed);
    for (seed, case, lived) in failed.iter().take(5) {
        told(*seed, case, lived);
    }
    let counts = [
        ("faults", sum(|lived| lived.struck)),
        ("changes", sum(|lived| lived.changes)),
        ("double_changes", count(Broken::Double)),
        ("lost", count(Broken::Lost)),
        ("tickets", sum(|lived| lived.tickets)),
        ("double_tickets", count(Broken::DoubleTicket)),
        ("lost_tickets", count(Broken::LostTicket)),
        ("closed_tickets_wrongly", count(Broken::ClosedWrongly)),
        ("stuck", count(Broken::Stuck)),
        ("unwanted", count(Broken::Unwanted)),
        ("secrets", count(Broken::Secret)),
        ("calls", count(Broken::Calls)),
        ("blamed_wrongly", count(Broken::Blamed)),
        ("failed_seeds", failed.len()),
    ];
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name}={count}")).collect();
    println!("seeds={seeds} {} seconds={:.0}", counts.join(" "), began.elapsed().as_secs_f32());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What a seed broke, and the least that breaks it too.
fn told(seed: u64, case: &Case, lived: &Lived) {
    println!("seed {seed}:");
    for violation in &lived.violations {
        println!("  {violation}");
    }
    if let Some(first) = lived.violations.first() {
        let small = shrink(case, first.broken);
        println!("  {:?} in {:?} takes only\n{}", first.broken, small.world, small.script);
    }
}

/// One seed, with its panics.
fn one(seed: u64) -> ExitCode {
    let mut broken = false;
    for case in cases(seed) {
        let lived = lived(&case);
        told(seed, &case, &lived);
        broken |= !lived.violations.is_empty();
    }
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn swept(threads: usize) -> ExitCode {
    let mut broken = 0;
    for scene in [Scene::Commit, Scene::Month] {
        let swept = || sweep::divided(threads, async |part| sweep::one_at_a_time(World::SMALLEST, scene, Until::TheEnd, part).await);
        broken += report(&format!("{scene:?}"), swept);
    }
    for world in tickets::WORLDS {
        let swept = || sweep::divided(threads, async |part| tickets::one_at_a_time(world, Until::TheEnd, part).await);
        broken += report(&format!("{world:?}"), swept);
    }
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Sweeps, and says in one line what was broken. Answers how many runs broke something.
fn report(what: &str, sweep: impl FnOnce() -> Swept) -> usize {
    let began = Instant::now();
    let swept = sweep();
    for found in swept.found.iter().take(8) {
        println!("{}  {}", found.script, found.violations.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  "));
    }
    let (runs, changes, found) = (swept.runs, swept.changes, swept.found.len());
    println!("{what}: runs={runs} faults={} changes={changes} broken={found} seconds={:.0}", swept.struck, began.elapsed().as_secs_f32());
    found
}

/// Whether the bug of this process is found. `cargo xtask faults --planted` compiles a copy of the sources in which there are any.
fn find(name: &str, threads: usize) -> ExitCode {
    if option_env!("SEATBRIDGE_WITH_BUGS").is_none() {
        eprintln!("{name} is not planted in this build: `cargo xtask faults --planted` makes one in which it is");
        return ExitCode::FAILURE;
    }
    std::panic::set_hook(Box::new(|_| {}));
    match planted::found(name, threads, 300) {
        Some(how) => {
            println!("{how}");
            ExitCode::SUCCESS
        }
        None => ExitCode::FAILURE,
    }
}
