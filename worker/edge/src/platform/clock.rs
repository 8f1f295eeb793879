//! The Worker's clock, and the clocks of time zones: the platform has the whole IANA database, which as a library would be a tenth
//! of the Worker.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{FixedOffset, Offset, TimeDelta, Utc};
use domain::Timestamp;
use wasm_bindgen::prelude::*;

use egress::ports::Clock;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;

    /// Throws when there is no such zone.
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &JsValue) -> Result<DateTimeFormat, JsValue>;

    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, milliseconds: f64) -> String;
}

/// The Worker's clock.
#[derive(Default)]
pub(super) struct WorkerClock {
    /// What tells the time of each zone that was asked for; it is dear to make.
    zones: RefCell<BTreeMap<String, DateTimeFormat>>,
}

#[async_trait(?Send)]
impl Clock for WorkerClock {
    fn now(&self) -> Timestamp {
        let milliseconds = i64::try_from(worker::Date::now().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_timestamp_millis(milliseconds).unwrap_or_default()
    }

    async fn sleep(&self, wait: TimeDelta) {
        let wait = wait.to_std().unwrap_or(Duration::ZERO);
        if !wait.is_zero() {
            worker::Delay::from(wait).await;
        }
    }

    fn offset(&self, zone: &str, at: Timestamp) -> Option<FixedOffset> {
        let mut zones = self.zones.borrow_mut();
        if !zones.contains_key(zone) {
            zones.insert(zone.to_owned(), zone_format(zone)?);
        }
        offset_of(&zones.get(zone)?.format(at.timestamp_millis() as f64))
    }
}

fn zone_format(zone: &str) -> Option<DateTimeFormat> {
    let options = js_sys::Object::new();
    for (name, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
        js_sys::Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    DateTimeFormat::new("en-US", &options).ok()
}

/// What stands behind `GMT` in `7/1/2026, GMT+02:00`; nothing does where the clocks show UTC.
fn offset_of(shown: &str) -> Option<FixedOffset> {
    match shown.rsplit_once("GMT")?.1 {
        "" => Some(Utc.fix()),
        offset => offset.parse().ok(),
    }
}
