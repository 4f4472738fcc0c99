//! Badges: a state as a word, a shape and a colour together.

use super::Icon;
use leptos::prelude::*;

/// The colour of a state. Never the only thing that tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Over, or without weight
    #[default]
    Muted,
    /// Waits for somebody, or runs out
    Waiting,
    /// Allowed, passed
    Good,
    /// Refused, failed, dangerous
    Bad,
    /// Open at this moment
    Open,
}

impl Tone {
    /// The part of the class name after `--`.
    pub fn class(self) -> &'static str {
        match self {
            Self::Muted => "muted",
            Self::Waiting => "waiting",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
        }
    }
}

/// A state.
#[component]
pub fn Badge(
    /// Colour
    #[prop(optional)]
    tone: Tone,
    /// Shape; left out only where the words alone can't be mistaken
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// The word
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let plain = if icon.is_none() { " c-badge--plain" } else { "" };
    view! { <span class=format!("c-badge c-badge--{}{plain}", tone.class())>{icon.map(Icon::view)} {text}</span> }
        .into_any()
}
