//! A small sheet that hangs from a button (native popover: closes on Escape and on a click beside it), and a row of choices in it.

use super::unique_id;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// A button and its sheet. A press on a link or button with `data-close` in the sheet closes it.
#[component]
pub fn Menu(
    /// Class of the button
    button_class: &'static str,
    /// Class that places the sheet, such as `c-menu--person`
    sheet_class: &'static str,
    /// Accessible name of the button, when its content is not its name
    #[prop(optional, into)]
    label: Option<String>,
    /// What the button shows
    #[prop(into)]
    button: ViewFn,
    /// What the sheet holds
    children: Children,
) -> impl IntoView {
    let id = unique_id("menu");
    let node = NodeRef::<html::Div>::new();
    let close = move |event: leptos::ev::MouseEvent| {
        let inside = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let asked = inside.and_then(|element| element.closest("[data-close]").ok().flatten()).is_some();
        if let (true, Some(sheet)) = (asked, node.get_untracked()) {
            // Fails only when it is closed already.
            let _ = sheet.hide_popover();
        }
    };
    view! {
        <button type="button" class=button_class popovertarget=id.clone() aria-label=label>{button.run()}</button>
        <div class=format!("c-menu {sheet_class}") id=id popover="auto" node_ref=node on:click=close>{children()}</div>
    }
    .into_any()
}

/// A short row of choices of which exactly one holds.
#[component]
pub fn Segments(
    /// The name of the group
    #[prop(into)]
    label: String,
    /// The choices: value and words
    options: Vec<(&'static str, &'static str)>,
    /// The one that holds
    #[prop(into)]
    value: Signal<&'static str>,
    /// Called with the one wanted
    #[prop(into)]
    on_change: Callback<&'static str>,
) -> impl IntoView {
    let name = unique_id("segments");
    let choices = options
        .into_iter()
        .map(|(own, words)| {
            view! {
                <label>
                    <input
                        type="radio"
                        name=name.clone()
                        value=own
                        prop:checked=move || value.get() == own
                        on:change=move |_| on_change.run(own)
                    />
                    {words}
                </label>
            }
            .into_any()
        })
        .collect_view();
    view! { <div class="c-segments" role="radiogroup" aria-label=label>{choices}</div> }.into_any()
}
