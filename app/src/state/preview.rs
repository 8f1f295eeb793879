//! What an edited mapping would change, worked out beside the page while it is edited.

use contract::Problem;
use contract::plan_slice::{ShowPlanSlice, SliceQuery};
use domain::preview::{Answer, Question};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{MessageEvent, Worker};

use crate::api::{Client, Link, decoded};

type Listener = Closure<dyn FnMut(MessageEvent)>;

/// A preview: it lives in a Web Worker of its own, from when its owner is shown until it is gone.
#[derive(Clone, Copy)]
pub(crate) struct Preview {
    client: Client,
    address: StoredValue<String>,
    worker: StoredValue<Option<(Worker, Listener)>, LocalStorage>,
    /// What was said last.
    pub(crate) answer: RwSignal<Option<Answer>>,
    /// Whether what the month is made from is known.
    pub(crate) opened: RwSignal<bool>,
    /// Why there is no preview.
    pub(crate) problem: RwSignal<Option<Problem>>,
    asked: StoredValue<bool>,
    waiting: StoredValue<Option<String>>,
}

impl Preview {
    /// Starts the Web Worker and reads what the plan is made from.
    pub(crate) fn start(client: Client, slice: &SliceQuery) -> Self {
        let address = Link::<ShowPlanSlice>::of(slice).into_text();
        let preview = Self {
            client,
            address: StoredValue::new(address),
            worker: StoredValue::new_local(None),
            answer: RwSignal::new(None),
            opened: RwSignal::new(false),
            problem: RwSignal::new(None),
            asked: StoredValue::new(false),
            waiting: StoredValue::new(None),
        };
        let script = document().document_element().and_then(|root| root.get_attribute("data-preview")).unwrap_or_default();
        if let Ok(worker) = Worker::new(&script) {
            let listener = Closure::new(move |event: MessageEvent| preview.hear(&event));
            worker.set_onmessage(Some(listener.as_ref().unchecked_ref()));
            // An error event has no data, and is heard as a failure.
            worker.set_onerror(Some(listener.as_ref().unchecked_ref()));
            preview.worker.set_value(Some((worker, listener)));
        }
        on_cleanup(move || {
            if let Some((worker, _)) = preview.worker.try_update_value(Option::take).flatten() {
                worker.terminate();
            }
        });
        preview.read();
        preview
    }

    /// Reads what the plan is made from.
    pub(crate) fn read(self) {
        self.problem.set(None);
        spawn_local(async move {
            let Some(address) = self.address.try_get_value() else { return };
            match self.client.text(&address).await {
                Ok(slice) => self.send("open", &slice),
                Err(problem) => {
                    self.problem.try_set(Some(problem));
                }
            }
        });
    }

    /// Asks what an edit changes. Of several asked while one is being answered, only the last is.
    pub(crate) fn ask(self, question: &Question) {
        let Ok(question) = serde_json::to_string(question) else { return };
        if self.asked.get_value() {
            self.waiting.set_value(Some(question));
        } else {
            self.asked.set_value(true);
            self.send("ask", &question);
        }
    }

    fn send(self, kind: &str, text: &str) {
        let sent = self.worker.try_with_value(|worker| {
            let (worker, _) = worker.as_ref()?;
            worker.post_message(&js_sys::Array::of2(&kind.into(), &text.into())).ok()
        });
        if sent == Some(None) {
            self.fail();
        }
    }

    fn hear(self, event: &MessageEvent) {
        let message: js_sys::Array = event.data().dyn_into().unwrap_or_default();
        let part = |place| message.get(place).as_string().unwrap_or_default();
        match (part(0).as_str(), part(1)) {
            ("open", wrong) if wrong.is_empty() => {
                self.opened.try_set(true);
            }
            ("ask", text) => {
                self.asked.try_set_value(false);
                match decoded(&text) {
                    Ok(answer) => {
                        self.answer.try_set(Some(answer));
                    }
                    Err(problem) => {
                        self.problem.try_set(Some(problem));
                    }
                }
                if let Some(question) = self.waiting.try_update_value(Option::take).flatten() {
                    self.asked.set_value(true);
                    self.send("ask", &question);
                }
            }
            _ => self.fail(),
        }
    }

    fn fail(self) {
        self.problem.try_set(Some(Problem::new(
            0,
            "no_preview",
            "What this changes cannot be shown beforehand.",
            "It can be saved all the same: the month shows what it comes to, and nothing is written without approval.",
            "Reload the page to try again.",
        )));
    }
}
