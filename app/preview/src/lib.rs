//! What an edited mapping would change, as a WebAssembly module of its own: the plan is a third of the app's size, and a person
//! who edits no mapping need not load it. `public/preview.js` runs it in a Web Worker, so that typing never waits for it.

use std::cell::RefCell;

use domain::json::read;
use domain::preview::{Preview, Question, examples};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    /// The month's part that was read last.
    static PREVIEW: RefCell<Option<Preview>> = const { RefCell::new(None) };
}

/// Takes the text of `GET /api/plan-slice`. Answers what is wrong with it, or an empty text.
#[wasm_bindgen]
pub fn open(slice: &str) -> String {
    match read(slice.as_bytes()) {
        Ok(slice) => {
            PREVIEW.set(Some(Preview::of(slice)));
            String::new()
        }
        Err(error) => error.to_string(),
    }
}

/// Takes a [`domain::preview::Question`] and answers a [`domain::preview::Answer`], both as JSON text. Empty when the question
/// cannot be read.
#[wasm_bindgen]
pub fn ask(question: &str) -> String {
    let Ok(question) = read::<Question>(question.as_bytes()) else { return String::new() };
    let answer =
        PREVIEW.with_borrow_mut(|preview| preview.as_mut().map_or_else(|| examples(&question), |preview| preview.answer(&question)));
    serde_json::to_string(&answer).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_that_is_none_is_refused_with_its_reason() {
        assert!(open("{}").contains("missing field"));
        assert_eq!(ask("no json"), "");
    }

    #[test]
    fn examples_are_worked_out_before_anything_is_known_of_the_month() {
        let answer = ask(r#"{"count":{"factor":"2"}}"#);
        assert!(answer.contains("27 ordered × 2 = 54 → 54") && answer.contains(r#""difference":null"#), "{answer}");
    }
}
