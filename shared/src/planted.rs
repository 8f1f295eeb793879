//! Planted bugs: proof that the fault tests find what they should.
//!
//! Built with `--cfg planted_bugs` one bug can be chosen by name for the whole process; in every other build [`planted!`] is
//! `false` and what it guards is not compiled in. `cargo xtask faults --planted` goes through all of them (`tests/faults/src/planted.rs`).

#[cfg(planted_bugs)]
static CHOSEN: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Chooses the bug of this process. Only the first choice counts.
#[cfg(planted_bugs)]
pub fn choose(name: &str) {
    CHOSEN.get_or_init(|| name.to_owned());
}

/// Whether this is the bug of this process.
#[cfg(planted_bugs)]
pub fn chosen(name: &str) -> bool {
    CHOSEN.get().is_some_and(|chosen| chosen == name)
}

/// Whether the named bug is planted: never, but in a build that plants bugs.
#[cfg(planted_bugs)]
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        $crate::planted::chosen($name)
    };
}

/// Whether the named bug is planted: never, but in a build that plants bugs.
#[cfg(not(planted_bugs))]
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        false
    };
}
