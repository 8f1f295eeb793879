//! One program for every door, which `FUZZ_TARGET` names: ten programs would each link the whole Worker.
//!
//! A new door gets a file here, a line in [`TARGETS`] and a folder of seeds.
#![no_main]

use std::env;
use std::sync::LazyLock;

/// What a target's file says of its input, in the words of libFuzzer's own macro.
macro_rules! fuzz_target {
    (|$input:ident: &[u8]| $body:block) => {
        pub(crate) fn run($input: &[u8]) $body
    };
    (|$input:ident: $kind:ty| $body:block) => {
        pub(crate) fn run(input: &[u8]) {
            use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
            if let Ok($input) = <$kind>::arbitrary_take_rest(Unstructured::new(input)) $body
        }
    };
}

mod conditions;
mod connect;
mod connectwise;
mod ema2;
mod guard;
mod json;
mod proofs;
mod tables;
mod tokens;
mod visits;

type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 10] = [
    ("conditions", conditions::run),
    ("connect", connect::run),
    ("connectwise", connectwise::run),
    ("ema2", ema2::run),
    ("guard", guard::run),
    ("json", json::run),
    ("proofs", proofs::run),
    ("tables", tables::run),
    ("tokens", tokens::run),
    ("visits", visits::run),
];

static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let name = env::var("FUZZ_TARGET").expect("FUZZ_TARGET names a target");
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    found.map(|(_, target)| *target).unwrap_or_else(|| panic!("there is no target {name}"))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| CHOSEN(input));
