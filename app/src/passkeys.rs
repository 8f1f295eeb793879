//! Passkeys: the one place where the app meets the browser's [Web Authentication](https://www.w3.org/TR/webauthn-3/).

use contract::Problem;
use contract::session::{Assertion, NewPasskey, PasskeyCreation, PasskeyRequest};
use js_sys::{JSON, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::api::Answer;
use crate::model::settings::sign_in::{Hindrance, hindrance_of};

/// The code of the problem that a person put the browser's question away.
pub(crate) const PUT_AWAY: &str = "passkey_put_away";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = PublicKeyCredential, js_name = parseRequestOptionsFromJSON)]
    fn request_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = PublicKeyCredential, js_name = parseCreationOptionsFromJSON)]
    fn creation_options(json: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["navigator", "credentials"], js_name = get)]
    fn get_credential(options: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["navigator", "credentials"], js_name = create)]
    fn create_credential(options: &JsValue) -> Result<Promise, JsValue>;

    type Credential;

    #[wasm_bindgen(catch, method, js_name = toJSON)]
    fn to_json(this: &Credential) -> Result<JsValue, JsValue>;
}

/// Why no passkey can be used on this page, if so.
pub(crate) fn hindrance() -> Option<Hindrance> {
    let location = web_sys::window()?.location();
    let known = field(&js_sys::global(), "PublicKeyCredential");
    let reads = known.is_some_and(|known| field(&known, "parseRequestOptionsFromJSON").is_some());
    hindrance_of(&location.hostname().unwrap_or_default(), &location.port().unwrap_or_default(), reads)
}

/// Has the person show a passkey this browser already has.
///
/// # Errors
/// When the person puts the browser's question away, or the browser cannot ask it.
pub(crate) async fn show(wanted: &PasskeyRequest) -> Answer<Assertion> {
    let shown = ask(serde_json::to_string(wanted).ok(), request_options, get_credential).await.map_err(|error| refusal(&error, false))?;
    Ok(Assertion {
        id: text(&shown, "id"),
        client_data: answered(&shown, "clientDataJSON"),
        authenticator_data: answered(&shown, "authenticatorData"),
        signature: answered(&shown, "signature"),
    })
}

/// Has the person make a passkey, which is called `label` from then on.
///
/// # Errors
/// When the person puts the browser's question away, or the browser cannot ask it.
pub(crate) async fn make(wanted: &PasskeyCreation, label: &str) -> Answer<NewPasskey> {
    let made = ask(serde_json::to_string(wanted).ok(), creation_options, create_credential).await.map_err(|error| refusal(&error, true))?;
    Ok(NewPasskey {
        id: text(&made, "id"),
        client_data: answered(&made, "clientDataJSON"),
        authenticator_data: answered(&made, "authenticatorData"),
        label: label.to_owned(),
    })
}

/// Asks the browser, and answers what it says in its JSON form.
async fn ask(
    wanted: Option<String>,
    options: fn(&JsValue) -> Result<JsValue, JsValue>,
    question: fn(&JsValue) -> Result<Promise, JsValue>,
) -> Result<JsValue, JsValue> {
    let public_key = options(&JSON::parse(&wanted.unwrap_or_default())?)?;
    let asked = js_sys::Object::new();
    Reflect::set(&asked, &"publicKey".into(), &public_key)?;
    let credential = JsFuture::from(question(&asked)?).await?;
    credential.unchecked_into::<Credential>().to_json()
}

fn field(value: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(value, &name.into()).ok().filter(|found| !found.is_undefined())
}

fn text(value: &JsValue, name: &str) -> String {
    field(value, name).and_then(|found| found.as_string()).unwrap_or_default()
}

fn answered(credential: &JsValue, name: &str) -> String {
    field(credential, "response").map(|response| text(&response, name)).unwrap_or_default()
}

/// What a browser's refusal means (`DOMException.name`, sections 5.1.3 and 5.1.4).
fn refusal(error: &JsValue, making: bool) -> Problem {
    let name = field(error, "name").and_then(|name| name.as_string()).unwrap_or_default();
    let (code, title, detail, remedy) = match (name.as_str(), making) {
        ("NotAllowedError" | "AbortError", true) => (
            PUT_AWAY,
            "No passkey was made.",
            "The browser’s question was put away, or it waited too long.".to_owned(),
            "Nothing is used up: press the button again when you are ready.",
        ),
        ("NotAllowedError" | "AbortError", false) => (
            PUT_AWAY,
            "No passkey was shown.",
            "The browser’s question was put away, it waited too long, or there is no passkey for this address here.".to_owned(),
            "Press the button again when you are ready.",
        ),
        ("InvalidStateError", true) => (
            "passkey_there",
            "This device has a passkey of yours already.",
            "It can be used as it is.".to_owned(),
            "Choose another device or security key.",
        ),
        ("SecurityError", _) => (
            "passkey_refused",
            "The browser allows no passkeys at this address.",
            text(error, "message"),
            "Open Seatbridge at its own name, with https.",
        ),
        _ => (
            "passkey_refused",
            "The browser could not do this.",
            format!("It says: {}", text(error, "message")),
            "Try again, or use a current browser.",
        ),
    };
    Problem::new(0, code, title, detail, remedy)
}
