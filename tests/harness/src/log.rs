//! What the Worker writes into its log, kept for each thread: an install lives on one.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}
static START: Once = Once::new();

/// The crates of the Worker: a record's target begins with the one it was written in.
const OURS: [&str; 9] = ["domain", "engine", "egress", "vendor", "ema2", "connect", "connectwise", "store", "server"];

struct CapturedLog;

impl ::log::Log for CapturedLog {
    fn enabled(&self, _: &::log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &::log::Record<'_>) {
        let written_in = record.target().split("::").next().unwrap_or_default();
        if OURS.contains(&written_in) {
            LINES.with_borrow_mut(|lines| lines.push(format!("{} {}", record.level(), record.args())));
        }
    }

    fn flush(&self) {}
}

/// Keeps the log from now on.
pub fn keep() {
    START.call_once(|| {
        ::log::set_logger(&CapturedLog).expect("no logger yet");
        ::log::set_max_level(::log::LevelFilter::Trace);
    });
}

/// Everything logged on this thread so far.
pub fn lines() -> Vec<String> {
    LINES.with_borrow(Clone::clone)
}

/// Forgets what was logged on this thread.
pub fn clear() {
    LINES.with_borrow_mut(Vec::clear);
}
