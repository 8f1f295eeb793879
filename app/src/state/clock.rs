//! The browser's clock and time zone. The only place that asks for them.

use chrono::{FixedOffset, Local, Offset, Utc};
use shared::Timestamp;

/// Now, by the browser.
pub(crate) fn now() -> Timestamp {
    Utc::now()
}

/// The offset of the browser's time zone at a moment, daylight saving counted in.
pub(crate) fn zone(at: Timestamp) -> FixedOffset {
    at.with_timezone(&Local).offset().fix()
}
