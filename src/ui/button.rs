//! Buttons. A button that may not be used stays visible and reachable, and says why.

use super::{Icon, dynamic, told, unique_id};
use leptos::prelude::*;

/// How much a button weighs. One primary at most in a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one action this view is for
    Primary,
    /// Any other action
    #[default]
    Secondary,
    /// Leads to something dangerous
    Danger,
    /// Does something dangerous: the last step of it
    DangerSolid,
    /// An action that should not draw the eye
    Quiet,
}

impl ButtonKind {
    /// The classes of this kind, also for links that look like buttons.
    pub fn class(self) -> &'static str {
        match self {
            Self::Primary => "c-button c-button--primary",
            Self::Secondary => "c-button",
            Self::Danger => "c-button c-button--danger",
            Self::DangerSolid => "c-button c-button--danger-solid",
            Self::Quiet => "c-button c-button--quiet",
        }
    }
}

/// A button. With `disabled_reason` set it does nothing, keeps its place in the tab order and shows the reason on hover and
/// focus. While `pending` it does nothing and says that it waits.
#[component]
pub fn Button(
    /// Weight; secondary if left out
    #[prop(optional)]
    kind: ButtonKind,
    /// The words on the button: a verb
    #[prop(into)]
    label: Signal<String>,
    /// Its accessible name where the words alone stand more than once on a page; begins with the words
    #[prop(optional, into)]
    name: Option<String>,
    /// Drawn before the words
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Why it can't be used now; `None` when it can
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// The server has been asked and has not answered yet
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// Submits the form around it instead of calling `on_press`
    #[prop(optional)]
    submit: bool,
    /// More classes, such as `c-button--wide`
    #[prop(optional)]
    class: &'static str,
    /// Accelerator shown to assistive technology, such as `a`
    #[prop(optional, into)]
    shortcut: Option<&'static str>,
    /// What it does
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let reason_id = unique_id("reason");
    let describes = reason_id.clone();
    let off = move || disabled_reason.with(Option::is_some) || pending.get();
    let press = move |event: leptos::ev::MouseEvent| {
        if off() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    let wrapper = if class.contains("--wide") { "c-reasoned c-reasoned--wide" } else { "c-reasoned" };
    view! {
        <span class=wrapper>
            <button
                type=if submit { "submit" } else { "button" }
                class=format!("{} {class}", kind.class())
                aria-disabled=told(move || off().then_some("true"))
                aria-busy=told(move || pending.get().then_some("true"))
                aria-describedby=told(move || disabled_reason.with(Option::is_some).then(|| describes.clone()))
                aria-keyshortcuts=shortcut
                aria-label=name
                on:click=press
            >
                {dynamic(move || if pending.get() { waiting() } else { icon.map(Icon::view).into_any() })}
                {dynamic(move || label.get())}
            </button>
            {dynamic(move || {
                disabled_reason
                    .get()
                    .map(|reason| view! { <span class="c-reasoned__reason" id=reason_id.clone()>{reason}</span> }.into_any())
            })}
        </span>
    }
    .into_any()
}

/// A button that is only an icon; `label` is its name for everybody who can't see it, and its title for those who can.
#[component]
pub fn IconButton(
    /// The icon
    icon: Icon,
    /// Its accessible name
    #[prop(into)]
    label: String,
    /// What it does
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="c-button c-button--quiet c-button--icon"
            aria-label=label.clone()
            title=label
            on:click=move |_| on_press.run(())
        >
            {icon.view()}
        </button>
    }
    .into_any()
}

fn waiting() -> AnyView {
    view! { <span class="c-button__wait" aria-hidden="true"></span> }.into_any()
}
