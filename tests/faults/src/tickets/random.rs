//! Worlds of tickets drawn from a seed: a few rules, devices that come and go, people at the desk, troubles in swarms, and
//! outages of up to three days.

use simulator::FaultKind;

use super::{DeskAction, Side, World};
use crate::random::{Case, KINDS, Setting, half, trouble};
use crate::rng::Rng;
use crate::script::{Action, Script, What, When};

/// Ticks a script lasts.
pub const TICKS: usize = 30;

/// Calls of a run among which troubles are spread.
const CALLS: usize = 420;

/// The kind of trouble that is somebody's doing in the middle of a call.
const DOINGS: usize = KINDS - 1;

/// The world and the script of a seed.
pub fn case(seed: u64) -> Case {
    let mut rng = Rng::new(seed ^ 0x7469_636b_6574_7300);
    let world = World {
        seed: 1 + rng.draw() % 1_000_000,
        rules: 1 + rng.below(3),
        budget: rng.one(&[12, 40, 400]),
        lag: rng.one(&[0, 240, 900]),
        attaches: rng.once_in(4),
    };
    let swarm: Vec<usize> = (0..1 + rng.below(3)).map(|_| rng.below(KINDS)).collect();
    let gap = 6 + rng.below(40);
    let mut parts = Vec::new();
    for call in 0..CALLS {
        if rng.once_in(gap) {
            let kind = rng.one(&swarm);
            let what = if kind == DOINGS { doing(&mut rng) } else { trouble(kind, &mut rng) };
            // A list that hides what is there is a lie nobody can look through; who is in a group is lied about below.
            if what != What::Vendor(FaultKind::EmptyList) {
                parts.push((When::Call(call), what));
            }
        }
    }
    let busy = 1 + rng.below(4);
    for tick in 0..TICKS {
        if tick == 0 || rng.once_in(busy) {
            for _ in 0..1 + rng.below(2) {
                parts.push((When::Tick(tick), does(action(&mut rng))));
            }
        }
        if rng.once_in(12) {
            let action = rng.one(&[Action::Clock(3_600), Action::CronSilent(2), Action::SyncNow, Action::RevokeKeys, Action::Restore]);
            parts.push((When::Tick(tick), What::Does(action)));
        }
    }
    if rng.once_in(2) {
        outage(&mut parts, &mut rng);
    }
    for _ in 0..rng.below(3) {
        cut(&mut parts, &mut rng);
    }
    Case { world: Setting::Tickets(world), script: Script(parts) }
}

/// A vendor that answers nothing for some hours, or for days.
fn outage(parts: &mut Vec<(When, What)>, rng: &mut Rng) {
    let side = rng.one(&[Side::Console, Side::Desk]);
    let (from, ticks, hours) = (2 + rng.below(12), 3 + rng.below(7), rng.one(&[0, 1, 3, 9]));
    parts.push((When::Tick(from), does(DeskAction::Outage(side))));
    for tick in from + 1..from + ticks {
        parts.push((When::Tick(tick), What::Does(Action::Clock(hours * 3_600))));
    }
    parts.push((When::Tick(from + ticks), does(DeskAction::Back)));
}

/// A group that many devices are in and that loses some of them, all or a part, for one answer or for many; and a person who may say what
/// that means.
fn cut(parts: &mut Vec<(When, What)>, rng: &mut Rng) {
    let (rule, from, tick) = (rng.below(3), rng.below(40), rng.below(TICKS - 8));
    parts.push((When::Tick(tick), does(DeskAction::Enter { rule, from, count: rng.one(&[3, 14, 25]) })));
    let (percent, times) = (rng.one(&[0, 10, 40, 60, 90]), rng.one(&[1, 2, 3, 5, 9]));
    parts.push((When::Tick(tick + 3), does(DeskAction::Cut { percent, times })));
    if rng.once_in(3) {
        parts.push((When::Tick(tick + 4 + rng.below(3)), does(DeskAction::Decide { rule, gone: rng.once_in(2) })));
    }
}

fn does(action: DeskAction) -> What {
    What::Does(Action::Desk(action))
}

fn doing(rng: &mut Rng) -> What {
    let action = action(rng);
    half(Action::Desk(action), rng)
}

fn action(rng: &mut Rng) -> DeskAction {
    let (rule, from) = (rng.below(3), rng.below(40));
    match rng.below(30) {
        0..=7 => DeskAction::Enter { rule, from, count: rng.one(&[1, 1, 2, 4, 12]) },
        8..=14 => DeskAction::Leave { rule, from, count: rng.one(&[1, 2, 4, 12, 40]) },
        15 => DeskAction::Rename(from),
        16..=18 => DeskAction::Close(from),
        19 => DeskAction::Reopen(from),
        20 => DeskAction::Delete(from),
        21 | 22 => DeskAction::Mute(rule, rng.one(&[1, 2, 6])),
        23 => DeskAction::Unmute,
        24 | 25 => DeskAction::Switch(rule, false),
        26 | 27 => DeskAction::Switch(rule, true),
        28 => DeskAction::Retry,
        _ => DeskAction::Empty,
    }
}
