//! The frame: navigation and page for those who are signed in, the page alone for those who are not.

use super::{
    connection::ConnectionBanner,
    navigation::{BottomBar, Sidebar, TopLine},
};
use crate::{
    app::PageRoutes,
    components::{
        keyboard::{self, Openers},
        page::{Announcer, announce_arrivals},
        palette::Palette,
        shortcuts::Shortcuts,
    },
    paths,
    state::{pending::provide_pending, remote, use_session, use_toasts},
    ui::{Dialog, LiveRegion, SkeletonBlock, Toasts, dynamic, memo, told, watch},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use wasm_bindgen::JsCast;

/// The whole page. Inside the router.
#[component]
pub fn Shell() -> impl IntoView {
    let openers = Openers { palette: RwSignal::new(false), shortcuts: RwSignal::new(false) };
    let announcer = RwSignal::new(String::new());
    provide_context(openers);
    provide_context(Announcer(announcer));
    provide_pending();
    announce_arrivals(announcer);
    keyboard::listen(openers);
    leave_when_signed_out();

    let location = use_location();
    let path = location.pathname;
    let session = use_session();
    // What everybody may read stands alone for those who are not signed in, and in the frame for those who are.
    let public = memo(move || {
        let path = path.get();
        path == paths::SIGN_IN || (paths::is_open(&path) && session.session.with(Option::is_none))
    });
    let class = move || match (public.get(), location.pathname.get().as_str()) {
        (false, _) => "l-main",
        (true, paths::SIGN_IN) => "l-public__main",
        (true, paths::DEMO_MAIL) => "l-public__main l-public__main--wide",
        (true, _) => "l-public__main l-public__main--page",
    };
    let toasts = use_toasts();
    // Built once and hidden on the sign-in page by not being there: the routes below must never be built anew.
    let before = move || {
        (!public.get())
            .then(|| view! { <Sidebar openers=openers /> <TopLine openers=openers /> <ConnectionBanner /> }.into_any())
    };
    let after = move || (!public.get()).then(|| view! { <BottomBar /> }.into_any());
    let unreadable = move || session.failure.get().filter(|_| !public.get());
    view! {
        <a class="l-skip" href="#main" on:click=skip_to_content>"Skip to content"</a>
        <div class=move || if public.get() { "l-public" } else { "l-frame" }>
            {dynamic(before)}
            <main id="main" tabindex="-1" class=class>
                {dynamic(move || {
                    unreadable()
                        .map(|failure| {
                            remote::failed("Your session could not be read", failure, Callback::new(move |()| session.load()))
                        })
                })}
                <div class="l-outlet" hidden=told(move || unreadable().is_some())>
                    <PageRoutes />
                </div>
                <div class="l-outlet__waiting"><SkeletonBlock with_box=true /></div>
            </main>
            {dynamic(after)}
        </div>
        <LiveRegion text=announcer />
        <Toasts items=toasts.items on_close=Callback::new(move |id| toasts.close(id)) />
        <Palette open=openers.palette />
        <Dialog title="Keyboard shortcuts" open=openers.shortcuts large=true>
            <Shortcuts />
        </Dialog>
    }
    .into_any()
}

/// By script: the router takes a link to a part of the page for a place of its own and leaves the focus where it is.
fn skip_to_content(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    let main = document().get_element_by_id("main").and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main {
        let _ = main.focus();
    }
}

/// Goes to sign-in as soon as the server says that nobody is signed in, and remembers where one was.
fn leave_when_signed_out() {
    let session = use_session();
    let location = use_location();
    let navigate = use_navigate();
    // Whether somebody has been signed in since this document was loaded.
    let known = StoredValue::new(false);
    watch(move |_| {
        if session.session.with(Option::is_some) {
            known.set_value(true);
        }
        if session.signed_out.get() {
            let path = location.pathname.get_untracked();
            if !paths::is_open(&path) {
                let query = location.search.get_untracked();
                let here = if query.is_empty() { path } else { format!("{path}?{query}") };
                let here = if session.left.get_untracked() { paths::OVERVIEW.to_owned() } else { here };
                let sign_in = paths::sign_in(&here);
                if known.get_value() {
                    navigate(&sign_in, NavigateOptions { replace: true, ..NavigateOptions::default() });
                } else {
                    // Opened cold: the page's own file is still on its way, and the router would put that page over
                    // sign-in when it comes. A fresh document has no such page. Where it can't be had, nothing is lost.
                    let _ = window().location().replace(&sign_in);
                }
            }
        }
    });
}
