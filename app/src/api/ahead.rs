//! Reads that are begun before the page that wants them is there: its code and its data arrive side by side.

use std::collections::HashMap;

use gloo_net::http::Method;
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::{Client, exchange};

/// Responses on their way, by address. Each is handed out once.
#[derive(Clone, Copy)]
pub(super) struct Ahead(StoredValue<HashMap<String, Promise>, LocalStorage>);

impl Ahead {
    /// Nothing was begun yet.
    pub(super) fn nothing() -> Self {
        Self(StoredValue::new_local(HashMap::new()))
    }

    /// The response from `address` when it was begun and nobody has taken it. None when it failed: whoever wants it asks again, and
    /// says what is the matter.
    pub(super) async fn take(self, address: &str) -> Option<String> {
        let begun = self.0.try_update_value(|begun| begun.remove(address)).flatten()?;
        JsFuture::from(begun).await.ok()?.as_string()
    }
}

impl Client {
    /// Begins to read these addresses.
    pub(crate) fn read_ahead(self, addresses: Vec<String>) {
        for address in addresses {
            let reading = exchange(self.reach, Method::GET, &address, None);
            // A failed reading is no rejected promise: the browser reports those that nobody takes.
            let begun = future_to_promise(async move { Ok(reading.await.map_or(JsValue::UNDEFINED, JsValue::from)) });
            self.ahead.0.try_update_value(|waiting| waiting.insert(address, begun));
        }
    }

    /// Forgets what nobody has taken, so that no later reading takes an old response for a new one.
    pub(crate) fn forget_ahead(self) {
        self.ahead.0.try_update_value(HashMap::clear);
    }
}
