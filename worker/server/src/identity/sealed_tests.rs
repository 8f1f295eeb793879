//! Tests of sealed tokens.

use std::cell::Cell;

use super::*;

const ORIGIN: &str = "https://seatbridge.example";

/// Other bytes each time.
#[derive(Default)]
struct Counting(Cell<u8>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.set(self.0.get() + 1);
        bytes.fill(self.0.get());
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::seconds(1_000_000 + seconds)
}

/// Every purpose, each of which differs from some other in one part alone.
fn purposes() -> Vec<Purpose<'static>> {
    let other = "https://seatbridge.example:8443";
    let sign_in = |origin, browser, session| Purpose::SignIn { origin, browser, session };
    vec![
        Purpose::ShowPasskey { origin: ORIGIN },
        Purpose::ShowPasskey { origin: other },
        Purpose::MakePasskey { origin: ORIGIN, about: "" },
        Purpose::MakePasskey { origin: ORIGIN, about: "setup" },
        Purpose::MakePasskey { origin: other, about: "setup" },
        sign_in(ORIGIN, "cookie", None),
        sign_in(other, "cookie", None),
        sign_in(ORIGIN, "another", None),
        sign_in(ORIGIN, "cookie", Some("")),
        sign_in(ORIGIN, "cookie", Some("session")),
        sign_in(ORIGIN, "cookiesession", Some("")),
        Purpose::Visit,
    ]
}

#[test]
fn a_token_is_good_for_what_it_was_made_for_and_for_nothing_else() {
    let entropy = Counting::default();
    let seal = Seal::new(&[7; 32], None, &entropy);
    for made_for in purposes() {
        let token = seal.seal(&made_for, "carried", at(0)).expect("a token");
        for used_for in purposes() {
            let opened = seal.open(&used_for, &token, at(1));
            assert_eq!(opened.is_some(), made_for == used_for, "{made_for:?} as {used_for:?}");
            assert!(opened.is_none_or(|opened| opened.text == "carried" && opened.ends == at(0) + made_for.life()));
        }
    }
}

#[test]
fn a_token_ends_and_does_not_outlast_its_life_when_the_clock_goes_back() {
    let entropy = Counting::default();
    let seal = Seal::new(&[7; 32], None, &entropy);
    for purpose in purposes() {
        let token = seal.seal(&purpose, "", at(0)).expect("a token");
        let life = purpose.life().num_seconds();
        for (moment, is_good) in [(-1, false), (0, true), (life - 1, true), (life, false), (life + 1, false)] {
            assert_eq!(seal.open(&purpose, &token, at(moment)).is_some(), is_good, "{purpose:?} at {moment}");
        }
    }
}

#[test]
fn no_other_key_and_no_changed_text_opens_a_token() {
    let entropy = Counting::default();
    let (old, new) = ([7; 32], [8; 32]);
    let purpose = Purpose::ShowPasskey { origin: ORIGIN };
    let token = Seal::new(&old, None, &entropy).seal(&purpose, "", at(0)).expect("a token");
    assert!(Seal::new(&new, None, &entropy).open(&purpose, &token, at(1)).is_none());
    assert!(Seal::new(&new, Some(&old), &entropy).open(&purpose, &token, at(1)).is_some(), "while the key is being changed");
    let seal = Seal::new(&old, None, &entropy);
    let bytes = URL_SAFE_NO_PAD.decode(&token).expect("base64url");
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert!(seal.open(&purpose, &URL_SAFE_NO_PAD.encode(&changed), at(1)).is_none(), "byte {place}");
        assert!(seal.open(&purpose, &URL_SAFE_NO_PAD.encode(&bytes[..place]), at(1)).is_none(), "cut off at {place}");
    }
    for wrong in ["", "state", "päss", &format!("{token}="), &format!(" {token}"), &token.repeat(20)] {
        assert!(seal.open(&purpose, wrong, at(1)).is_none(), "{wrong}");
    }
}

#[test]
fn no_two_tokens_are_alike_and_each_is_remembered_by_one_mark() {
    let entropy = Counting::default();
    let seal = Seal::new(&[7; 32], None, &entropy);
    let purpose = Purpose::Visit;
    let tokens = [(); 2].map(|()| seal.seal(&purpose, "link", at(0)).expect("a token"));
    let marks = tokens.each_ref().map(|token| seal.open(&purpose, token, at(1)).expect("it opens").mark);
    assert!(tokens[0] != tokens[1] && marks[0] != marks[1]);
    assert_eq!(seal.open(&purpose, &tokens[0], at(2)).expect("it opens").mark, marks[0]);
    assert!(tokens.iter().all(|token| token.len() <= LONGEST && !token.contains(&marks[0])));
}
