//! What the Worker writes into its log, kept for each thread: an install lives on one.

use std::cell::RefCell;
use std::sync::Once;

thread_local! {
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}
static START: Once = Once::new();

struct CapturedLog;

impl ::log::Log for CapturedLog {
    fn enabled(&self, _: &::log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &::log::Record<'_>) {
        let worker = record.target().starts_with("seatbridge");
        if worker {
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
