//! A badge: how something stands, as an icon, a word and a colour.

use leptos::prelude::*;

use super::icon::icon;
use crate::model::billing::lines::Tone;

/// How something stands: an icon, a word and a colour together.
pub(crate) fn badge(tone: Tone, words: impl Into<String>) -> AnyView {
    view! { <span class=format!("badge {}", tone.class())>{icon(tone.icon())} {words.into()}</span> }.into_any()
}
