//! The log: one JSON object a line, for Workers Logs.

use std::sync::Once;

use log::{Level, LevelFilter, Log, Metadata, Record};

/// Writes one JSON object a line, which Workers Logs indexes.
struct Console;

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Info
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = serde_json::json!({
            "level": record.level().as_str(),
            "target": record.target(),
            "message": record.args().to_string(),
        });
        match record.level() {
            Level::Error => worker::console_error!("{line}"),
            Level::Warn => worker::console_warn!("{line}"),
            _ => worker::console_log!("{line}"),
        }
    }

    fn flush(&self) {}
}

/// Sets the log up, once in an isolate.
pub(crate) fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        if log::set_logger(&Console).is_ok() {
            log::set_max_level(LevelFilter::Info);
        }
    });
}
