//! What the Worker writes into its log, kept for all tests of a binary.

use std::sync::{Mutex, Once, PoisonError};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static START: Once = Once::new();

struct Kept;

impl ::log::Log for Kept {
    fn enabled(&self, _: &::log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &::log::Record<'_>) {
        let worker = record.target().starts_with("seatbridge");
        if worker {
            LINES.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{} {}", record.level(), record.args()));
        }
    }

    fn flush(&self) {}
}

/// Keeps the log from now on.
pub fn keep() {
    START.call_once(|| {
        ::log::set_logger(&Kept).expect("no logger yet");
        ::log::set_max_level(::log::LevelFilter::Trace);
    });
}

/// Everything logged so far.
pub fn lines() -> Vec<String> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
