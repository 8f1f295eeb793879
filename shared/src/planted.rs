//! Conditions of bugs that are planted on purpose, to see that the fault tests find them (`tests/faults/planted.toml`): false,
//! but in the copy of the sources that `cargo xtask faults --planted` makes.

/// Whether the named bug is planted: never, but in that copy.
#[macro_export]
macro_rules! planted {
    ($name:literal) => {
        false
    };
}
