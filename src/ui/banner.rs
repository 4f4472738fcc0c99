//! A remark across the page or a card: a note, a warning, a failure, a success.

use super::Icon;
use leptos::prelude::*;

/// What a banner says about the thing it stands on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BannerKind {
    /// Good to know
    #[default]
    Note,
    /// Deserves care
    Warn,
    /// Went wrong or is dangerous
    Bad,
    /// Went well
    Good,
}

/// A banner. `alert` reads it out at once; without it the banner is part of the page.
#[component]
pub fn Banner(
    /// Meaning and colour
    #[prop(optional)]
    kind: BannerKind,
    /// One line in bold
    #[prop(into)]
    title: String,
    /// Read out when it appears
    #[prop(optional)]
    alert: bool,
    /// What more there is to say, and what to do
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, icon) = match kind {
        BannerKind::Note => ("c-banner c-banner--note", Icon::Info),
        BannerKind::Warn => ("c-banner c-banner--warn", Icon::Warning),
        BannerKind::Bad => ("c-banner c-banner--bad", Icon::CrossCircle),
        BannerKind::Good => ("c-banner c-banner--good", Icon::CheckCircle),
    };
    view! {
        <div class=class role=alert.then_some("alert")>
            {icon.view()}
            <div class="c-banner__body">
                <p class="c-banner__title">{title}</p>
                {children.map(|children| children())}
            </div>
        </div>
    }
    .into_any()
}
