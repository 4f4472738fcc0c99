//! What every page does on arrival: it names the document, announces itself and takes the focus to its h1.

use crate::ui::watch;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::JsCast;

thread_local! {
    /// The first page of a visit leaves the focus where the browser put it.
    static ARRIVED_BEFORE: Cell<bool> = const { Cell::new(false) };
}

/// What was announced last, for the live region of the frame.
#[derive(Clone, Copy)]
pub struct Announcer(pub RwSignal<String>);

/// A page. Its content begins with a `PageHeader` (or another h1 with `tabindex="-1"`), also while data is loading.
#[component]
pub fn Page(
    /// What stands before ` · Lockbox`
    #[prop(into)]
    title: Signal<String>,
    /// The content
    children: Children,
) -> impl IntoView {
    let announcer = use_context::<Announcer>();
    watch(move |first| {
        let title = title.get();
        document().set_title(&format!("{title} · Lockbox"));
        if first && ARRIVED_BEFORE.replace(true) {
            if let Some(Announcer(announcer)) = announcer {
                announcer.set(title);
            }
            request_animation_frame(focus_heading);
        }
    });
    view! { <div class="l-page">{children()}</div> }.into_any()
}

fn focus_heading() {
    // A page that begins with a field to fill in says so.
    let wanted = document().query_selector("main [autofocus]").ok().flatten();
    let heading = wanted.or_else(|| document().query_selector("main h1").ok().flatten());
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = heading.focus();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}
