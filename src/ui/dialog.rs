//! Dialogs, on the browser's own `<dialog>`: it holds the focus, closes on Escape and gives the focus back.

use super::{Banner, BannerKind, Button, ButtonKind, Icon, IconButton, dynamic, unique_id, watch};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

/// Keeps the element open exactly while `open` says so.
fn follow(node: NodeRef<html::Dialog>, open: RwSignal<bool>) {
    watch(move |_| {
        let wanted = open.get();
        let Some(dialog) = node.get() else { return };
        if wanted && !dialog.open() {
            // Fails only for an element that is not in the page: then there is nothing to show either.
            let _ = dialog.show_modal();
            request_animation_frame(move || focus_inside(&dialog));
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
}

/// The content may come after the dialog was shown: then the browser has left the focus on the dialog itself.
fn focus_inside(dialog: &web_sys::HtmlDialogElement) {
    let on_dialog = document().active_element().is_some_and(|focused| focused.is_same_node(Some(dialog)));
    let find = |selector: &str| dialog.query_selector(selector).ok().flatten();
    let first = find("[autofocus]").or_else(|| find("input, select, textarea, button"));
    if let (true, Some(first)) = (on_dialog, first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok())) {
        let _ = first.focus();
    }
}

/// A modal dialog. Its content exists only while it is open, so that it begins afresh each time. The content brings
/// `c-dialog__body` and, for its buttons, `c-dialog__foot`.
#[component]
pub fn Dialog(
    /// Its heading and accessible name
    #[prop(into)]
    title: Signal<String>,
    /// Open or not; set to false by Escape
    open: RwSignal<bool>,
    /// Room for a form
    #[prop(optional)]
    large: bool,
    /// The content
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::new();
    let id = unique_id("dialog");
    let labelled_by = id.clone();
    follow(node, open);
    view! {
        <dialog
            class=if large { "c-dialog c-dialog--large" } else { "c-dialog" }
            node_ref=node
            aria-labelledby=labelled_by
            on:close=move |_| open.set(false)
        >
            {dynamic(move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="c-dialog__head">
                                <h2 class="c-dialog__title" id=id.clone()>{dynamic(move || title.get())}</h2>
                            </div>
                            {children()}
                        }
                        .into_any()
                    })
            })}
        </dialog>
    }
    .into_any()
}

/// The last step before something that can't be taken back: names the consequence, then one button that does it and `Cancel`.
#[component]
pub fn ConfirmDialog(
    /// A question or the act itself
    #[prop(into)]
    title: Signal<String>,
    /// Open or not
    open: RwSignal<bool>,
    /// The words on the button that does it
    #[prop(into)]
    confirm: Signal<String>,
    /// Weight of that button
    #[prop(optional)]
    kind: ButtonKind,
    /// The server has been asked
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// Why the button can't be used yet
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// What went wrong at the last try
    #[prop(optional, into)]
    failed: Signal<Option<String>>,
    /// Does it
    #[prop(into)]
    on_confirm: Callback<()>,
    /// The consequence, in words; also fields
    children: ChildrenFn,
) -> impl IntoView {
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !pending.get_untracked() && disabled_reason.with_untracked(Option::is_none) {
            on_confirm.run(());
        }
    };
    let children = StoredValue::new(children);
    view! {
        <Dialog title=title open=open>
            <form on:submit=submit>
                <div class="c-dialog__body">
                    {dynamic(move || children.with_value(|children| children()))}
                    {dynamic(move || failed.get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
                </div>
                <div class="c-dialog__foot">
                    <Button label="Cancel" on_press=Callback::new(move |()| open.set(false)) />
                    <Button kind=kind label=confirm submit=true pending=pending disabled_reason=disabled_reason />
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// A sheet at the side, for context that one looks into and leaves again.
#[component]
pub fn Panel(
    /// Its heading and accessible name
    #[prop(into)]
    title: Signal<String>,
    /// Open or not
    open: RwSignal<bool>,
    /// The content
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::new();
    let id = unique_id("panel");
    let labelled_by = id.clone();
    follow(node, open);
    view! {
        <dialog
            class="c-panel"
            node_ref=node
            aria-labelledby=labelled_by
            on:close=move |_| open.set(false)
            // A click on the veil lands on the dialog element itself; one on its content does not.
            on:click=move |event| {
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            {dynamic(move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="c-panel__head">
                                <h2 class="c-panel__title" id=id.clone()>{dynamic(move || title.get())}</h2>
                                <IconButton icon=Icon::Cross label="Close" on_press=Callback::new(move |()| open.set(false)) />
                            </div>
                            <div class="c-panel__body">{children()}</div>
                        }
                        .into_any()
                    })
            })}
        </dialog>
    }
    .into_any()
}
