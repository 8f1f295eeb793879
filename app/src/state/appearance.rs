//! Light or dark, roomy or dense: attributes of the page, kept in the browser. `theme.js` sets them before the first paint.

use leptos::prelude::*;

/// Light, dark, or what the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// What the system says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How much air rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Density {
    /// With air.
    Comfortable,
    /// More rows to a screen.
    Compact,
}

/// Both choices.
#[derive(Clone, Copy)]
pub(crate) struct Appearance {
    /// Light or dark.
    pub(crate) theme: RwSignal<Theme>,
    /// Roomy or dense.
    pub(crate) density: RwSignal<Density>,
}

impl Theme {
    /// All of them, with their words.
    pub(crate) const ALL: [(Self, &str); 3] = [(Self::System, "System"), (Self::Light, "Light"), (Self::Dark, "Dark")];

    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Density {
    /// All of them, with their words.
    pub(crate) const ALL: [(Self, &str); 2] = [(Self::Comfortable, "Comfortable"), (Self::Compact, "Compact")];

    fn name(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }
}

impl Appearance {
    /// What was chosen last time; from now on each choice is applied and kept.
    pub(crate) fn remembered() -> Self {
        let theme = match kept("seatbridge.theme").as_deref() {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let density = match kept("seatbridge.density").as_deref() {
            Some("compact") => Density::Compact,
            _ => Density::Comfortable,
        };
        let appearance = Self { theme: RwSignal::new(theme), density: RwSignal::new(density) };
        Effect::new(move |_| apply("theme", appearance.theme.get().name()));
        Effect::new(move |_| apply("density", appearance.density.get().name()));
        appearance
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

fn kept(name: &str) -> Option<String> {
    storage()?.get_item(name).ok().flatten()
}

fn apply(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        // A browser that keeps nothing still shows what was chosen.
        let _ = root.set_attribute(&format!("data-{name}"), value);
    }
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("seatbridge.{name}"), value);
    }
}
