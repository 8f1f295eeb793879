//! What the judge remembers of the writes that were sent, and what may never be.

use crate::clock::LAG;

/// What may not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Broken {
    /// One change took effect twice.
    Twice,
    /// What was accepted was sent again.
    AfterAccepted,
    /// A write was sent again before the one whose answer was lost has had its time.
    Blind,
    /// A write although the look before it showed something else.
    Over,
    /// It is called done, and ConnectWise does not have it.
    NotThere,
    /// A person is said to have done what nobody did.
    Blamed,
    /// It ended without a word why.
    Wordless,
    /// It never ends, although all works.
    Stuck,
}

/// Which write of which intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The intent, in the order they were planned.
    pub intent: u8,
    /// Which of its writes.
    pub part: u8,
    /// Whether it makes something: sent twice, there are two.
    pub makes: bool,
}

/// A write that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Sent {
    key: Key,
    /// Steps since.
    age: u8,
    /// Whether the engine took in that it was accepted.
    accepted: bool,
    /// Reads since that were answered, no two in the same step, and whether there was one in this step.
    looks: u8,
    looked: bool,
}

/// Looks that have to miss a write whose answer was lost before it may be sent again.
const LOOKS: u8 = 2;

/// What the judge remembers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Watch {
    sent: Vec<Sent>,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
}

impl Watch {
    pub fn note(&mut self, broken: Broken) {
        self.broken.get_or_insert(broken);
    }

    /// A write is about to be sent.
    pub fn sends(&mut self, key: Key) {
        if let Some(place) = self.sent.iter().position(|sent| sent.key == key) {
            let before = self.sent.remove(place);
            if before.accepted {
                self.note(Broken::AfterAccepted);
            } else if before.age < LAG || before.looks < LOOKS {
                self.note(Broken::Blind);
            }
        }
        self.sent.push(Sent { key, age: 0, accepted: false, looks: 0, looked: false });
    }

    /// The engine took in that it was accepted.
    pub fn accepted(&mut self, key: Key) {
        self.sent.iter_mut().filter(|sent| sent.key == key).for_each(|sent| sent.accepted = true);
    }

    /// The engine took in that it was not carried out.
    pub fn not_taken(&mut self, key: Key) {
        self.sent.retain(|sent| sent.key != key);
    }

    /// The engine took in a read that was made to find out what became of a write.
    pub fn looked(&mut self) {
        for sent in self.sent.iter_mut().filter(|sent| !sent.looked) {
            sent.looks = LOOKS.min(sent.looks + 1);
            sent.looked = true;
        }
    }

    /// A person asks for it again: what makes nothing may be sent at once.
    pub fn asked_again(&mut self) {
        self.sent.retain(|sent| sent.key.makes);
    }

    pub fn pass(&mut self) {
        for sent in &mut self.sent {
            sent.age = LAG.min(sent.age + 1);
            sent.looked = false;
        }
    }
}
