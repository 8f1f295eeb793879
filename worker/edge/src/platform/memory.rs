//! Logs how much memory the module has taken.

use std::cell::Cell;

use js_sys::{ArrayBuffer, WebAssembly};
use wasm_bindgen::JsCast;

/// Cloudflare's limit for an isolate, in MB.
const LIMIT_MB: u32 = 128;

thread_local! {
    static NOTED_MB: Cell<u32> = const { Cell::new(0) };
}

/// Logs how much memory the module has taken, when it is more than was logged before: it is never given back.
pub(super) fn note_growth() {
    let memory = wasm_bindgen::memory().unchecked_into::<WebAssembly::Memory>().buffer();
    let taken_mb = memory.unchecked_into::<ArrayBuffer>().byte_length() >> 20;
    if NOTED_MB.replace(taken_mb) < taken_mb {
        log::info!("{taken_mb} MB of memory taken, of {LIMIT_MB}");
    }
}
