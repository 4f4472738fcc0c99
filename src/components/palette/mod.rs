//! The command palette: finds pages, requests, support requests, environments and actions. A combobox with a list, by the ARIA
//! Authoring Practices: the focus stays in the field, the arrow keys move the choice.

mod found;

use crate::{
    components::keyboard::Openers,
    state::{theme::Theme, use_session},
    ui::{dynamic, told, unique_id, watch},
};
use found::{Act, Entry};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;

/// The palette.
#[component]
pub fn Palette(
    /// Open or not
    open: RwSignal<bool>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let make = RwSignal::new(None::<fn(RwSignal<bool>) -> AnyView>);
    watch(move |_| {
        if open.get() && make.with_untracked(Option::is_none) {
            spawn_local(async move {
                let loaded = contents().await;
                make.try_set(Some(loaded));
            });
        }
    });
    watch(move |_| {
        let wanted = open.get() && make.with(Option::is_some);
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // Fails only for an element that is not in the page.
            let _ = dialog.show_modal();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            class="c-palette"
            node_ref=node
            aria-label="Find and go"
            on:close=move |_| open.set(false)
            on:click=move |event| {
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            {dynamic(move || make.get().filter(|_| open.get()).map(|content| content(open)))}
        </dialog>
    }
    .into_any()
}

/// What is in the palette, in a file of its own: nobody needs it before they ask for it.
#[lazy]
fn contents() -> fn(RwSignal<bool>) -> AnyView {
    content
}

fn content(open: RwSignal<bool>) -> AnyView {
    let text = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let (entries, failed) = found::entries(text);
    watch(move |_| {
        entries.track();
        chosen.set(0);
    });
    let list_id = unique_id("palette");
    let (controls, active, option_list) = (list_id.clone(), list_id.clone(), list_id.clone());
    let act = actor(open);
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let count = entries.with(Vec::len);
        let now = chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.set((now + 1) % count),
            "ArrowUp" if count > 0 => chosen.set((now + count - 1) % count),
            "Home" if count > 0 => chosen.set(0),
            "End" if count > 0 => chosen.set(count - 1),
            "Enter" => {
                if let Some(entry) = entries.with(|entries| entries.get(now).cloned()) {
                    act.run(entry.act);
                }
            }
            _ => return,
        }
        event.prevent_default();
        scroll_to_chosen();
    };
    view! {
        <input
            class="c-palette__input"
            type="text"
            role="combobox"
            autofocus=true
            autocomplete="off"
            spellcheck="false"
            placeholder="Find a page, request, support request or environment"
            aria-label="Find and go"
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls=controls
            aria-activedescendant=told(move || (!entries.with(Vec::is_empty)).then(|| format!("{active}-{}", chosen.get())))
            prop:value=move || text.get()
            on:input=move |event| text.set(event_target_value(&event))
            on:keydown=keys
        />
        <div class="c-palette__list" role="listbox" id=list_id aria-label="What was found">
            {dynamic(move || rows(entries.get(), failed.get(), &option_list, chosen, act))}
        </div>
        {dynamic(move || failed.get().then(|| view! { <p class="c-palette__group">{NOT_ASKED}</p> }))}
        <p class="u-hidden" role="status">
            {dynamic(move || {
                let count = entries.with(Vec::len);
                if failed.get() { format!("{count} found. {NOT_ASKED}") } else { format!("{count} found") }
            })}
        </p>
        <p class="c-palette__foot" aria-hidden="true">
            <span><kbd>"↑"</kbd> " " <kbd>"↓"</kbd> " choose"</span>
            <span><kbd>"Enter"</kbd> " go"</span>
            <span><kbd>"Esc"</kbd> " close"</span>
        </p>
    }
    .into_any()
}

/// What is said where a search failed: never that there is nothing.
const NOT_ASKED: &str = "The server could not search everything. Type on to try again.";

fn rows(entries: Vec<Entry>, failed: bool, list_id: &str, chosen: RwSignal<usize>, act: Callback<Act>) -> AnyView {
    if entries.is_empty() && failed {
        return ().into_any();
    }
    if entries.is_empty() {
        return view! { <p class="c-palette__group">"Nothing was found. Try part of an id, a name or a page."</p> }
            .into_any();
    }
    let mut group = "";
    entries
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            let heading = (entry.group != group).then_some(entry.group);
            group = entry.group;
            let doing = entry.act.clone();
            view! {
                {heading.map(|name| view! { <p class="c-palette__group" role="presentation">{name}</p> })}
                <div
                    class="c-palette__item"
                    role="option"
                    id=format!("{list_id}-{index}")
                    aria-selected=told(move || if chosen.get() == index { "true" } else { "false" })
                    on:pointermove=move |_| {
                        if chosen.get_untracked() != index {
                            chosen.set(index);
                        }
                    }
                    on:click=move |_| act.run(doing.clone())
                >
                    {entry.icon.view()} <span class="c-palette__words">{entry.words}</span> <span class="c-palette__note">{entry.note}</span>
                </div>
            }
            .into_any()
        })
        .collect_view()
        .into_any()
}

/// Does what an entry stands for, and closes the palette.
fn actor(open: RwSignal<bool>) -> Callback<Act> {
    let navigate = use_navigate();
    let go = StoredValue::new_local(move |path: &str| navigate(path, NavigateOptions::default()));
    let theme = use_context::<Theme>().map(|theme| theme.0);
    let openers = use_context::<Openers>();
    let session = use_session();
    Callback::new(move |act: Act| {
        open.set(false);
        match act {
            Act::Go(path) => go.with_value(|go| go(&path)),
            Act::Theme(wanted) => {
                if let Some(theme) = theme {
                    theme.set(wanted);
                }
            }
            Act::Shortcuts => {
                if let Some(openers) = openers {
                    openers.shortcuts.set(true);
                }
            }
            Act::SignOut => crate::layouts::person::sign_out(session),
        }
    })
}

fn scroll_to_chosen() {
    request_animation_frame(|| {
        let chosen = document().query_selector(".c-palette [aria-selected='true']").ok().flatten();
        if let Some(chosen) = chosen.and_then(|chosen| chosen.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            chosen.scroll_into_view_with_scroll_into_view_options(&options);
        }
    });
}
