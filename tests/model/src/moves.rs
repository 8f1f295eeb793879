//! All that may happen in a world, as a model whose every state is visited.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Mutex;

use engine::{Answer, Effect, Event, Settings};
use stateright::{Model, Property};

use crate::clock::{LAG, TICK, settings};
use crate::watch::Broken;
use crate::world::{EventOf, Left, Run, Side, Transit, World};

/// One thing that happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Move<S: Side> {
    /// An alarm fires.
    Alarm,
    /// A run's read is answered with one of the side's readings.
    Reads(usize, S::Reading),
    /// A run's read fails.
    ReadFails(usize),
    /// A run's write is carried out and answered.
    Written(usize),
    /// A run's write is answered in another way, and nothing was done.
    Answered(usize, Answer<S::Receipt>),
    /// A run's write is carried out, and its answer does not say the number of what was made.
    Numberless(usize, Answer<S::Receipt>),
    /// A run's write leaves, and its answer is lost.
    Lost(usize),
    /// A run dies; its write may have left.
    Dies(usize),
    /// A write whose answer was lost arrives.
    Arrives(usize),
    /// Somebody else does something.
    Does(S::Doing),
    /// Five minutes pass.
    Pass,
}

/// One kind of intent, to be explored.
pub struct Exploration<S: Side> {
    pub start: World<S>,
    pub settings: Settings,
    /// States from which it is known to end.
    ending: Mutex<HashSet<u64>>,
    /// Promises that were found broken; only the first way there is kept, which is the shortest.
    found: Mutex<HashSet<Broken>>,
}

const FIVE_HUNDRED: &str = "500";

impl<S: Side> Exploration<S> {
    pub fn new(side: S, stored: S::Intent, left: Left) -> Self {
        let settings = settings(&S::Intent::settings());
        Self { start: World::new(side, stored, left), settings, ending: Mutex::default(), found: Mutex::default() }
    }

    /// The same with other times.
    #[must_use]
    pub fn with(self, change: impl FnOnce(Settings) -> Settings) -> Self {
        Self { settings: change(self.settings), ..self }
    }

    /// Whether this is not the first state in which a promise is broken.
    fn keeps(&self, broken: Broken, state: &World<S>) -> bool {
        state.watch.broken != Some(broken) || self.is_known(broken)
    }

    fn is_known(&self, broken: Broken) -> bool {
        self.found.lock().is_ok_and(|mut found| !found.insert(broken))
    }

    /// Whether it comes to its end when all works from now on: reads show what is, writes are carried out, nobody does anything.
    fn ends(&self, state: &World<S>) -> bool {
        if state.watch.broken.is_some() {
            return true;
        }
        let Ok(mut ending) = self.ending.lock() else { return false };
        // How much may still happen makes no difference to a world in which nothing does.
        let mut world = World { left: Left { people: 0, hanging: u8::MAX }, ..state.clone() };
        let mut way = Vec::new();
        for _ in 0..120 {
            let print = BuildHasherDefault::<DefaultHasher>::default().hash_one(&world);
            if ending.contains(&print) || self.is_at_rest(&world) {
                ending.extend(way);
                ending.insert(print);
                return true;
            }
            way.push(print);
            self.all_works(&mut world);
            // That is one of the states that are visited, and told there.
            if world.watch.broken.is_some() {
                return true;
            }
        }
        self.is_known(Broken::Stuck)
    }

    fn is_at_rest(&self, world: &World<S>) -> bool {
        world.runs.is_empty() && world.stored.course().state.is_over() && world.side.rests(&world.stored)
    }

    fn all_works(&self, world: &mut World<S>) {
        if let Some(run) = world.runs.first() {
            if run.write.is_some() {
                if let Some(answer) = world.carried_out(0) {
                    world.answered(0, Event::Wrote(answer), &self.settings);
                }
            } else if let Some(seen) = world.side.readings(&run.at).into_iter().next() {
                world.answered(0, Event::Read(seen), &self.settings);
            }
            return;
        }
        world.alarm(&self.settings);
        if world.runs.is_empty() {
            world.pass();
        }
    }
}

fn read_failed<S: Side>() -> EventOf<S> {
    Event::ReadFailed { words: FIVE_HUNDRED.to_owned(), wait: None }
}

fn lost<S: Side>() -> EventOf<S> {
    Event::Wrote(Answer::Lost { words: FIVE_HUNDRED.to_owned(), wait: None })
}

/// The answers of a vendor that did nothing.
fn nothing_done<R>() -> [Answer<R>; 2] {
    [Answer::Refused { words: "400".to_owned() }, Answer::Deferred { wait: TICK, words: "It asks for fewer calls.".to_owned() }]
}

impl<S: Side> Model for Exploration<S> {
    type State = World<S>;
    type Action = Move<S>;

    fn init_states(&self) -> Vec<World<S>> {
        vec![self.start.clone()]
    }

    fn actions(&self, state: &World<S>, moves: &mut Vec<Move<S>>) {
        if state.watch.broken.is_some() {
            return;
        }
        if state.runs.len() < 2 {
            moves.push(Move::Alarm);
        }
        for (place, Run { at, write, .. }) in state.runs.iter().enumerate() {
            match write {
                None => {
                    moves.extend(state.side.readings(at).into_iter().map(|seen| Move::Reads(place, seen)));
                    moves.push(Move::ReadFails(place));
                }
                Some(write) => {
                    moves.push(Move::Written(place));
                    moves.extend(state.side.other_answers(write).into_iter().map(|answer| {
                        if state.side.key(at, write).makes { Move::Numberless(place, answer) } else { Move::Answered(place, answer) }
                    }));
                    moves.extend(nothing_done().map(|answer| Move::Answered(place, answer)));
                    moves.push(Move::Lost(place));
                }
            }
            moves.push(Move::Dies(place));
        }
        moves.extend((0..state.transit.len()).map(Move::Arrives));
        let people = |doing: &S::Doing| state.left.people > 0 || !S::counts(doing);
        moves.extend(state.side.doings(&state.stored).into_iter().filter(people).map(Move::Does));
        let hang = state.runs.iter().all(|run| run.age < LAG - 1) && usize::from(state.left.hanging) >= state.runs.len();
        if hang {
            moves.push(Move::Pass);
        }
    }

    fn next_state(&self, state: &World<S>, action: Move<S>) -> Option<World<S>> {
        let mut world = state.clone();
        match action {
            Move::Alarm => world.alarm(&self.settings),
            Move::Reads(run, seen) => world.answered(run, Event::Read(seen), &self.settings),
            Move::ReadFails(run) => world.answered(run, read_failed::<S>(), &self.settings),
            Move::Written(run) => {
                if let Some(answer) = world.carried_out(run) {
                    world.answered(run, Event::Wrote(answer), &self.settings);
                }
            }
            Move::Answered(run, answer) => world.answered(run, Event::Wrote(answer), &self.settings),
            Move::Numberless(run, answer) => {
                world.carried_out(run);
                world.answered(run, Event::Wrote(answer), &self.settings);
            }
            Move::Lost(run) => {
                world.leaves(run);
                world.answered(run, lost::<S>(), &self.settings);
            }
            Move::Dies(run) => {
                world.leaves(run);
                world.runs.remove(run);
            }
            Move::Arrives(place) => world.arrives(place),
            Move::Does(doing) => world.happen(&doing),
            Move::Pass => world.pass(),
        }
        (world != *state).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("takes effect at most once", |model, state| model.keeps(Broken::Twice, state)),
            Property::always("what was accepted is not sent again", |model, state| model.keeps(Broken::AfterAccepted, state)),
            Property::always("what was lost is not sent again blindly", |model, state| model.keeps(Broken::Blind, state)),
            Property::always("nothing is written over what the look showed", |model, state| model.keeps(Broken::Over, state)),
            Property::always("what is done is there", |model, state| model.keeps(Broken::NotThere, state)),
            Property::always("nobody is blamed for what nobody did", |model, state| model.keeps(Broken::Blamed, state)),
            Property::always("what is over says why", |model, state| model.keeps(Broken::Wordless, state)),
            Property::always("it always ends", Self::ends),
        ]
    }
}

impl<S: Side> Move<S> {
    /// What happens, in words; `world` is the one in which it does.
    pub fn words(&self, world: &World<S>) -> String {
        let two = world.runs.len() > 1;
        let run = |place: &usize| if two && *place == 1 { "the second run's " } else { "the " };
        let write = |place: &usize| {
            let write = world.runs.get(*place).and_then(|run| run.write.as_ref());
            write.map_or_else(|| "read".to_owned(), S::say_write)
        };
        match self {
            Self::Alarm if world.runs.is_empty() => "an alarm fires".to_owned(),
            Self::Alarm => "a second alarm fires while the first hangs".to_owned(),
            Self::Reads(place, seen) => format!("{}read shows {}", run(place), S::say_reading(seen)),
            Self::ReadFails(place) => format!("{}read fails (500)", run(place)),
            Self::Written(place) => format!("{}{} is carried out and answered", run(place), write(place)),
            Self::Answered(place, answer) => {
                let answer = match answer {
                    Answer::Accepted(_) => "accepted, and not carried out",
                    Answer::Gone => "answered 404",
                    Answer::Refused { .. } => "refused (400)",
                    Answer::Deferred { .. } => "put off (429)",
                    Answer::Lost { .. } => "lost",
                };
                format!("{}{} is {answer}", run(place), write(place))
            }
            Self::Numberless(place, _) => format!("{}{} is carried out, and the answer does not say its number", run(place), write(place)),
            Self::Lost(place) => format!("{}{} leaves, and its answer is lost (500)", run(place), write(place)),
            Self::Dies(place) => format!("the Worker dies at {}{}", run(place), write(place)),
            Self::Arrives(place) => {
                let Some(Transit { write, .. }) = world.transit.get(*place) else { return String::new() };
                format!("the {} whose answer was lost arrives", S::say_write(write))
            }
            Self::Does(doing) => world.side.say_doing(doing),
            Self::Pass => "five minutes pass".to_owned(),
        }
    }
}
