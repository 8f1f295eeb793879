//! What ConnectWise is told about where a number came from: our own part of the addition's description.

use super::Intent;
use domain::Timestamp;

/// What our part begins with.
const BEGINS: &str = "[Seatbridge ";
/// What it ends with.
const ENDS: char = ']';
/// The longest description we write. ConnectWise names no limit for it.
const LONGEST: usize = 1000;

/// `before` with our part renewed: the person's words are kept, our earlier part is replaced. None when there is no room for
/// it, because a person's words are never cut.
pub(super) fn described(before: &str, intent: &Intent, now: Timestamp) -> Option<String> {
    let note = note(intent, now);
    let words = without_notes(before);
    let text = if words.is_empty() { note } else { format!("{words} {note}") };
    (text.chars().count() <= LONGEST).then_some(text)
}

fn note(intent: &Intent, now: Timestamp) -> String {
    let Intent { from, to, basis, .. } = intent;
    let why = if intent.reverses.is_some() { "taken back by a person" } else { basis };
    // A bracket inside would end our part early, and its rest would stay for good.
    let why = why.replace(['[', ENDS], " ");
    format!("{BEGINS}{}: from {from} to {to}. {why}{ENDS}", now.format("%Y-%m-%d %H:%M UTC"))
}

/// A description without our parts.
fn without_notes(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGINS) {
        match after.split_once(ENDS) {
            Some((ours, after)) if !ours.contains('[') => {
                words.push_str(before);
                rest = after.trim_start();
            }
            // What only begins like ours is a person's.
            _ => {
                words.push_str(before);
                words.push_str(BEGINS);
                rest = after;
            }
        }
    }
    words.push_str(rest);
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::write::tests::intent;
    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:34:56Z".parse().expect("a moment")
    }

    const OURS: &str = "[Seatbridge 2026-11-22 12:34 UTC: from 25 to 27. ESET: 27 ordered, 14 activated]";

    #[test]
    fn our_part_is_renewed_and_a_persons_words_are_kept() {
        let table = [
            ("", String::new()),
            ("  ", String::new()),
            ("ESET PROTECT (seat)", "ESET PROTECT (seat) ".to_owned()),
            ("ESET PROTECT [Seatbridge 2026-10-01 06:00 UTC: from 20 to 25. x]", "ESET PROTECT ".to_owned()),
            ("[Seatbridge old] said Ann [Seatbridge older] twice", "said Ann twice ".to_owned()),
            ("see [1] [Seatbridge never closed", "see [1] [Seatbridge never closed ".to_owned()),
        ];
        for (before, words) in table {
            assert_eq!(described(before, &intent(), now()), Some(format!("{words}{OURS}")), "{before}");
        }
    }

    #[test]
    fn a_persons_words_are_never_cut() {
        let words = "x".repeat(LONGEST - OURS.len() - 1);
        assert_eq!(described(&words, &intent(), now()).map(|text| text.len()), Some(LONGEST));
        assert_eq!(described(&format!("{words}x"), &intent(), now()), None);
    }

    proptest! {
        #[test]
        fn writing_twice_leaves_one_part_and_all_the_words(before in "[a-z\\[\\] ]{0,40}(\\[Seatbridge [a-z ]{0,9}\\]?)?[a-z\\[\\] ]{0,20}") {
            let once = described(&before, &intent(), now()).expect("room");
            let twice = described(&once, &intent(), now()).expect("room");
            prop_assert_eq!(&twice, &once);
            prop_assert!(once.ends_with(OURS));
            prop_assert_eq!(once.matches(OURS).count(), 1);
        }
    }
}
