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
        if is_ours(record.file()) {
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

/// Whether the product wrote a record, or a test that plants one: cargo names files of this workspace by their path in it, and those of
/// libraries from the root.
fn is_ours(file: Option<&str>) -> bool {
    file.is_some_and(|file| ["shared/", "worker/", "tests/install/"].iter().any(|folder| file.starts_with(folder)))
}

#[test]
fn what_any_crate_of_the_product_logs_is_kept_and_nothing_else() {
    for (file, ours) in [
        (Some("worker/server/src/http/middleware/refusals.rs"), true),
        (Some("worker/vendors/another/src/client.rs"), true),
        (Some("shared/engine/src/machine.rs"), true),
        (Some("tests/harness/src/lib.rs"), false),
        (Some("/registry/src/reqwest-0.13.0/src/connect.rs"), false),
        (None, false),
    ] {
        assert_eq!(is_ours(file), ours, "{file:?}");
    }
}
