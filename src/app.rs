//! The route tree.

use leptos::prelude::*;
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::{Lazy, path};

use crate::pages::{about::AboutPage, overview::OverviewPage};

/// The whole portal: navigation and the page that the path names.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Router>
            <nav aria-label="Main">
                <A href="/">"Overview"</A>
                <A href="/about">"About"</A>
            </nav>
            <main>
                <Routes fallback=|| view! { <h1>"Page not found"</h1> }>
                    <Route path=path!("/") view={Lazy::<OverviewPage>::new()} />
                    <Route path=path!("/about") view={Lazy::<AboutPage>::new()} />
                </Routes>
            </main>
        </Router>
    }
}
