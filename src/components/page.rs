//! What every page does on arrival: it names the document, announces itself and takes the focus to its h1.

use crate::{
    state::{
        pending::{count, use_pending},
        use_session,
    },
    ui::watch,
};
use leptos::prelude::*;
use lockbox_rules::words;
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
    /// People print it: its title is that of the paper, without how many requests wait
    #[prop(optional)]
    on_paper: bool,
    /// The content
    children: Children,
) -> impl IntoView {
    let announcer = use_context::<Announcer>();
    let waiting = waiting();
    watch(move |first| {
        let title = title.get();
        let count = waiting().filter(|count| *count > 0 && !on_paper).map(|count| format!("({count}) "));
        document().set_title(&format!("{}{title} · Lockbox", count.unwrap_or_default()));
        if first && ARRIVED_BEFORE.replace(true) {
            if let Some(Announcer(announcer)) = announcer {
                announcer.set(title);
            }
            request_animation_frame(focus_heading);
        }
    });
    view! { <div class="l-page">{children()}</div> }.into_any()
}

/// How many requests wait for a decision, of the person who is signed in.
fn waiting() -> impl Fn() -> Option<u64> + Copy {
    let (session, requests) = (use_session().session, use_pending().to_decide);
    move || session.with(Option::is_some).then(|| count(requests)).flatten()
}

/// Says it when requests come or go while the portal is open.
pub fn announce_arrivals(announcer: RwSignal<String>) {
    let waiting = waiting();
    let mut before = None;
    watch(move |_| {
        let now = waiting();
        let (Some(known), Some(now)) = (std::mem::replace(&mut before, now), now) else { return };
        if now > known {
            announcer.set(format!("{}, {now} waiting", words::count(now - known, "new request")));
        } else if now < known {
            announcer.set(words::count(now, "request") + " waiting");
        }
    });
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
