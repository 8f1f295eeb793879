//! The browser's clock and time zone. The only place that asks for them.

use chrono::{FixedOffset, Local, Offset, Utc};
use domain::Timestamp;
use js_sys::{Array, Function, Intl, JsString, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Now, by the browser.
pub(crate) fn now() -> Timestamp {
    Utc::now()
}

/// The offset of the browser's time zone at a moment, daylight saving counted in.
pub(crate) fn zone(at: Timestamp) -> FixedOffset {
    at.with_timezone(&Local).offset().fix()
}

/// The name of the browser's time zone in the IANA database; UTC when it tells none.
pub(crate) fn zone_name() -> String {
    let options = Intl::DateTimeFormat::default().resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok().and_then(|name| name.as_string()).unwrap_or_else(|| "UTC".to_owned())
}

/// The names of the time zones that the browser knows; none when it does not tell.
pub(crate) fn zone_names() -> Vec<String> {
    let asked = || -> Result<JsValue, JsValue> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
        let tell: Function = Reflect::get(&intl, &"supportedValuesOf".into())?.dyn_into()?;
        tell.call1(&intl, &"timeZone".into())
    };
    let names =
        asked().map(|names| Array::from(&names).iter().filter_map(|name| name.dyn_into::<JsString>().ok().map(String::from)).collect());
    names.unwrap_or_default()
}
