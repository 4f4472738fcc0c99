//! Two kinds of tabs: links, where each tab is a place with an address, and real tabs, where it is not.

use super::{dynamic, told, unique_id, watch};
use leptos::{
    ev::{self, KeyboardEvent},
    html,
    prelude::*,
};
use wasm_bindgen::JsCast;

/// A tab that is a link.
#[derive(Clone, Debug)]
pub struct TabLink {
    /// Where it leads
    pub href: String,
    /// Its words
    pub label: String,
    /// Whether one is there
    pub current: bool,
    /// A number beside the words
    pub count: Option<usize>,
}

/// Tabs that are links, in a navigation of their own.
#[component]
pub fn LinkTabs(
    /// The name of the group
    #[prop(into)]
    label: String,
    /// The tabs, in order
    #[prop(into)]
    tabs: Signal<Vec<TabLink>>,
) -> impl IntoView {
    let links = move || {
        tabs.get()
            .into_iter()
            .map(|tab| {
                view! {
                    <a class="c-tabs__tab" href=tab.href aria-current=tab.current.then_some("page")>
                        {tab.label}
                        {tab.count.map(|count| view! { <span class="c-tabs__count">{count}</span> }.into_any())}
                    </a>
                }
                .into_any()
            })
            .collect_view()
    };
    let node = NodeRef::<html::Nav>::new();
    // On a phone not all tabs fit: the current one is brought into sight.
    let bring = move || {
        let Some(nav) = node.try_get_untracked().flatten() else { return };
        let Some(current) = nav.query_selector("[aria-current]").ok().flatten() else { return };
        // Sideways alone: whoever reads further down stays there.
        let (row, tab) = (nav.get_bounding_client_rect(), current.get_bounding_client_rect());
        let off_centre = tab.left() + tab.width() / 2.0 - row.left() - row.width() / 2.0;
        nav.set_scroll_left(nav.scroll_left() + off_centre as i32);
    };
    watch(move |_| {
        tabs.track();
        request_animation_frame(bring);
    });
    // Also when the phone is turned, or the window made narrow.
    let turned = window_event_listener(ev::resize, move |_| bring());
    on_cleanup(move || turned.remove());
    view! { <nav class="c-tabs u-screen" aria-label=label node_ref=node>{dynamic(links)}</nav> }.into_any()
}

/// Real tabs (arrow keys move, one panel shows). The panels are made when they are first looked at.
#[component]
pub fn Tabs(
    /// The name of the group
    #[prop(into)]
    label: String,
    /// The words of each tab
    tabs: Vec<String>,
    /// Which one shows
    selected: RwSignal<usize>,
    /// Makes the panel with that number
    panel: Callback<usize, AnyView>,
) -> impl IntoView {
    let id = unique_id("tabs");
    let panel_id = format!("{id}-panel");
    let count = tabs.len();
    let tab_id = move |index: usize| format!("{id}-{index}");
    let keys = move |event: KeyboardEvent| {
        let now = selected.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => (now + 1) % count,
            "ArrowLeft" => (now + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        selected.set(next);
        let list = event.current_target().and_then(|list| list.dyn_into::<web_sys::Element>().ok());
        let tab = list.and_then(|list| list.children().item(u32::try_from(next).unwrap_or(0)));
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = tab.focus();
        }
    };
    let current_id = tab_id.clone();
    let buttons = tabs
        .into_iter()
        .enumerate()
        .map(|(index, words)| {
            view! {
                <button
                    type="button"
                    role="tab"
                    class="c-tabs__tab"
                    id=tab_id(index)
                    aria-controls=panel_id.clone()
                    aria-selected=told(move || if selected.get() == index { "true" } else { "false" })
                    tabindex=told(move || if selected.get() == index { "0" } else { "-1" })
                    on:click=move |_| selected.set(index)
                >
                    {words}
                </button>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <div class="c-tabs" role="tablist" aria-label=label on:keydown=keys>{buttons}</div>
        <div role="tabpanel" id=panel_id.clone() aria-labelledby=told(move || current_id(selected.get())) tabindex="0">
            {dynamic(move || panel.run(selected.get()))}
        </div>
    }
    .into_any()
}
