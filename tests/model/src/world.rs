//! The world of one intent: what the ledger holds, the runs that carry it on, what is on its way, and the side it writes to. It moves as
//! the Worker's driver does (`worker/server/src/passes/drive.rs`): each step is stored, by compare-and-set, before the call that follows.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use domain::ids::IntentId;
use engine::{Answer, Command, Effect, Event, IntentState, Settings, Stage, step};

use crate::clock::{LAG, earlier, hash_course, now};
use crate::watch::{Broken, Key, Watch};

/// How ConnectWise answers a write, in a side's own terms.
pub type AnswerOf<S> = Answer<<S as Side>::Receipt>;
/// What happens to a side's intent.
pub type EventOf<S> = Event<<S as Side>::Reading, <S as Side>::Receipt>;

/// The other side of one kind of intent: the vendor, the people in it, and what the ledger holds beside the intent.
pub trait Side: Clone + Debug + PartialEq + Hash + Send + Sync + 'static {
    type Reading: Clone + Debug + PartialEq + Send + Sync;
    type Write: Clone + Debug + PartialEq + Send + Sync;
    type Receipt: Clone + Debug + PartialEq + Send + Sync;
    type Intent: Effect<Reading = Self::Reading, Write = Self::Write, Receipt = Self::Receipt> + Clone + Debug + PartialEq + Send + Sync;
    /// What people, the other install and other passes do.
    type Doing: Clone + Debug + PartialEq + Send + Sync;

    fn id(intent: &Self::Intent) -> &IntentId;
    /// Moves what an intent knows of moments back by a step, beside its course.
    fn earlier(_intent: &mut Self::Intent) {}
    /// Hashes all of an intent that can make a difference, but for its course.
    fn hash_intent<H: Hasher>(intent: &Self::Intent, hasher: &mut H);
    /// Every answer that a read may be given now; the first shows what is.
    fn readings(&self, intent: &Self::Intent) -> Vec<Self::Reading>;
    /// A write arrives, of which reads may know nothing for so many steps more.
    fn arrive(&mut self, intent: &Self::Intent, write: &Self::Write, left: u8) -> Result<AnswerOf<Self>, Broken>;
    /// How a write that arrived may be answered beside that; what is said of one that changed nothing.
    fn other_answers(&self, write: &Self::Write) -> Vec<AnswerOf<Self>>;
    fn key(&self, intent: &Self::Intent, write: &Self::Write) -> Key;
    /// Whether the look that a write follows allows it.
    fn allows(&self, intent: &Self::Intent, seen: &Self::Reading, write: &Self::Write) -> bool;
    /// Takes the next thing to be done, before an alarm claims: a new intent in the place of one that is over, or one taken back.
    fn prepare(&mut self, stored: &mut Self::Intent);
    /// Takes in an intent that is over.
    fn settle(&mut self, intent: &Self::Intent) -> Result<(), Broken>;
    fn doings(&self, stored: &Self::Intent) -> Vec<Self::Doing>;
    /// Whether it is a person's or the other install's, of which there are only so many.
    fn counts(doing: &Self::Doing) -> bool;
    fn happen(&mut self, doing: &Self::Doing, stored: &mut Self::Intent) -> Result<Then, Broken>;
    fn pass(&mut self);
    /// Whether nothing more is to be done about it.
    fn rests(&self, stored: &Self::Intent) -> bool;
    /// The state and the words of what came of it, where it is over.
    fn outcome(intent: &Self::Intent) -> Option<String>;
    fn say_reading(reading: &Self::Reading) -> String;
    fn say_write(write: &Self::Write) -> String;
    fn say_doing(&self, doing: &Self::Doing) -> String;
}

/// What else a doing means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Nothing,
    /// A person asked for the same again.
    AskedAgain,
}

/// A run of the Worker that waits for a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Run<S: Side> {
    /// The intent as this run stored it last.
    pub at: S::Intent,
    /// What is being written; nothing while it reads.
    pub write: Option<S::Write>,
    /// Steps since the call was handed out.
    pub age: u8,
}

/// A write that left and was not answered. It may arrive as long as there are steps left.
#[derive(Debug, Clone, PartialEq)]
pub struct Transit<S: Side> {
    pub intent: S::Intent,
    pub write: S::Write,
    pub left: u8,
}

/// How much of what is without bounds may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Left {
    /// Presses and doings of people and of the other install.
    pub people: u8,
    /// Steps that runs hang, so that a second alarm works beside them.
    pub hanging: u8,
}

#[derive(Debug, Clone, PartialEq)]
pub struct World<S: Side> {
    pub side: S,
    pub stored: S::Intent,
    pub runs: Vec<Run<S>>,
    pub transit: Vec<Transit<S>>,
    pub watch: Watch,
    pub left: Left,
}

impl<S: Side> Hash for World<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self { side, stored, runs, transit, watch, left } = self;
        (side, watch, left, runs.len(), transit.len()).hash(hasher);
        hash_intent::<S, _>(stored, hasher);
        for Run { at, write, age } in runs {
            // An answer to another epoch is not taken, however far apart they are.
            let current = S::id(at) == S::id(stored) && stored.course().epoch == at.course().epoch;
            (current, age, write.as_ref().map(|write| side.key(at, write))).hash(hasher);
            hash_intent::<S, _>(at, hasher);
        }
        for Transit { intent, write, left } in transit {
            (left, side.key(intent, write)).hash(hasher);
        }
    }
}

fn hash_intent<S: Side, H: Hasher>(intent: &S::Intent, hasher: &mut H) {
    S::hash_intent(intent, hasher);
    hash_course(intent.course(), hasher);
}

impl<S: Side> World<S> {
    pub fn new(side: S, stored: S::Intent, left: Left) -> Self {
        Self { side, stored, runs: Vec::new(), transit: Vec::new(), watch: Watch::default(), left }
    }

    fn note(&mut self, broken: Result<(), Broken>) {
        if let Err(broken) = broken {
            self.watch.note(broken);
        }
    }

    /// An alarm begins: it takes up what a run that is gone was at, and claims what may be claimed.
    pub fn alarm(&mut self, settings: &Settings) {
        if self.stored.course().state == IntentState::Inflight {
            step(&mut self.stored, Event::Restarted, now(), settings);
        }
        let mut next = self.stored.clone();
        self.side.prepare(&mut next);
        if next.course().state.is_over() && !self.stored.course().state.is_over() {
            self.stored = next.clone();
            let settled = self.settled(&next);
            return self.note(settled);
        }
        let waits = |state| matches!(state, IntentState::Planned | IntentState::Unknown);
        if !waits(next.course().state) || next.course().not_before.is_some_and(|moment| moment > now()) {
            return;
        }
        self.stored = next.clone();
        if let Some(command) = step(&mut next, Event::Claim, now(), settings) {
            self.stored = next.clone();
            self.follow(next, command);
        }
    }

    /// Something happened to the call that a run waits for.
    pub fn answered(&mut self, run: usize, event: EventOf<S>, settings: &Settings) {
        let Run { at, write, .. } = self.runs.remove(run);
        let looks = matches!(event, Event::Read(_)) && at.course().stage != Stage::Checking;
        let told = match &event {
            Event::Wrote(Answer::Accepted(_)) => Some(true),
            Event::Wrote(Answer::Gone | Answer::Refused { .. } | Answer::Deferred { .. }) => Some(false),
            _ => None,
        };
        let seen = if let Event::Read(seen) = &event { Some(seen.clone()) } else { None };
        let mut intent = at.clone();
        let Some(command) = step(&mut intent, event, now(), settings) else { return };
        if !self.holds(&at) {
            return;
        }
        self.stored = intent.clone();
        if let Command::Write(write) = &command
            && !seen.is_some_and(|seen| self.side.allows(&at, &seen, write))
        {
            self.watch.note(Broken::Over);
        }
        if looks {
            self.watch.looked();
        }
        if let (Some(told), Some(write)) = (told, write) {
            let key = self.side.key(&at, &write);
            if told {
                self.watch.accepted(key);
            } else {
                self.watch.not_taken(key);
            }
        }
        self.follow(intent, command);
    }

    /// Whether the ledger holds an intent as a run stored it last. What it holds is another intent once that one is over.
    pub fn holds(&self, at: &S::Intent) -> bool {
        S::id(at) == S::id(&self.stored) && self.stored.course().is_at(at.course())
    }

    fn follow(&mut self, intent: S::Intent, command: Command<S::Write>) {
        let write = match command {
            Command::Settled => {
                let settled = self.settled(&intent);
                return self.note(settled);
            }
            Command::WakeAt(_) => return,
            Command::Read => None,
            Command::Write(write) => {
                self.watch.sends(self.side.key(&intent, &write));
                Some(write)
            }
        };
        self.runs.push(Run { at: intent, write, age: 0 });
    }

    fn settled(&mut self, intent: &S::Intent) -> Result<(), Broken> {
        if S::outcome(intent).is_none_or(|words| words.is_empty()) {
            return Err(Broken::Wordless);
        }
        self.side.settle(intent)
    }

    /// The write of a run is carried out; returns how it is answered.
    pub fn carried_out(&mut self, run: usize) -> Option<AnswerOf<S>> {
        let Run { at, write, age } = self.runs.get(run)?;
        let answer = self.side.arrive(at, write.as_ref()?, LAG - age);
        self.arrived(answer)
    }

    /// What was on its way arrives.
    pub fn arrives(&mut self, place: usize) {
        let Transit { intent, write, left } = self.transit.remove(place);
        let answer = self.side.arrive(&intent, &write, left);
        self.arrived(answer);
    }

    fn arrived(&mut self, answer: Result<AnswerOf<S>, Broken>) -> Option<AnswerOf<S>> {
        let broken = answer.as_ref().err().copied();
        self.note(broken.map_or(Ok(()), Err));
        answer.ok()
    }

    /// The write of a run leaves, and nobody hears of it.
    pub fn leaves(&mut self, run: usize) {
        if let Some(Run { at, write: Some(write), age }) = self.runs.get(run) {
            self.transit.push(Transit { intent: at.clone(), write: write.clone(), left: LAG - age });
        }
    }

    pub fn happen(&mut self, doing: &S::Doing) {
        if S::counts(doing) {
            self.left.people -= 1;
        }
        match self.side.happen(doing, &mut self.stored) {
            Ok(Then::AskedAgain) => self.watch.asked_again(),
            Ok(Then::Nothing) => {}
            Err(broken) => self.watch.note(broken),
        }
    }

    /// Five minutes pass.
    pub fn pass(&mut self) {
        earlier(self.stored.course_mut());
        S::earlier(&mut self.stored);
        for run in &mut self.runs {
            run.age += 1;
            self.left.hanging -= 1;
            earlier(run.at.course_mut());
            S::earlier(&mut run.at);
        }
        self.transit.retain_mut(|transit| {
            transit.left -= 1;
            transit.left > 0
        });
        self.side.pass();
        self.watch.pass();
    }
}
