//! What an exploration found, for people: a line for each kind, and the shortest way to each promise that was broken.

use std::io::{self, Write as _};
use std::time::Instant;

use engine::Effect;
use stateright::{Checker as _, Model as _};

use crate::moves::{Exploration, Move};
use crate::world::{Side, World};

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// Each promise that was broken, with the shortest way there.
    pub broken: Vec<(&'static str, String)>,
}

/// Explores a kind until nothing is left, and prints one line of what that was. The line passes by the test's capture, so that it is seen.
pub fn explore<S: Side>(name: &str, exploration: Exploration<S>) -> Found {
    let began = Instant::now();
    let promises = exploration.properties().len();
    let checker = exploration.checker().threads(1).spawn_bfs().join();
    let mut broken: Vec<_> = checker.discoveries().into_iter().map(|(promise, path)| (promise, path.into_vec())).collect();
    broken.sort_by_key(|(promise, path)| (path.len(), *promise));
    let (states, depth) = (checker.unique_state_count(), checker.max_depth());
    let (moves, end) = (checker.state_count(), if checker.is_done() && broken.len() < promises { "exhausted" } else { "not exhausted" });
    let held = promises - broken.len();
    let seconds = began.elapsed().as_secs_f32();
    // On a line of its own, whatever the test program has printed.
    let line = format!(
        "\nmodel: {name}: {states} states, {moves} moves, depth {depth}, {end}; {held} of {promises} promises held; {seconds:.1} s\n"
    );
    let told = broken.into_iter().map(|(promise, path)| (promise, told(&path))).collect();
    let _ = io::stdout().write_all(line.as_bytes());
    Found { broken: told }
}

/// A way through the states, one line for each thing that happens.
fn told<S: Side>(path: &[(World<S>, Option<Move<S>>)]) -> String {
    let mut lines = Vec::new();
    for pair in path.windows(2) {
        let [(before, Some(happens)), (after, _)] = pair else { continue };
        lines.push(format!("{:3}. {}{}", lines.len() + 1, happens.words(before), follows(before, after)));
    }
    lines.join("\n")
}

/// What the engine makes of it.
fn follows<S: Side>(before: &World<S>, after: &World<S>) -> String {
    let (was, is) = (before.stored.course(), after.stored.course());
    let new = after.runs.last().filter(|run| before.runs.last() != Some(*run) && after.holds(&run.at));
    match (new, S::outcome(&after.stored)) {
        (Some(run), _) if run.age == 0 => match &run.write {
            Some(write) => format!("; the engine sends the {}", S::say_write(write)),
            None => "; the engine reads".to_owned(),
        },
        (_, Some(words)) if is.state.is_over() && was.state != is.state => format!("; it is {}: {words}", is.state.name()),
        _ if was.state != is.state => format!("; it is {}", is.state.name()),
        _ => String::new(),
    }
}
