//! The app: what is shared, and which page a path shows.

use crate::{
    layouts::Shell,
    pages::{
        administration::AdministrationPage,
        demo_mail::DemoMailPage,
        history::HistoryPage,
        logs::LogsPage,
        not_found::NotFound,
        overview::OverviewPage,
        requests::{RequestPage, RequestsPage},
        service_requests::{ServiceRequestPage, ServiceRequestsPage},
        sign_in::SignInPage,
    },
    state::{clock, keys, live, session, theme, toasts},
};
use leptos::prelude::*;
use leptos_router::{
    Lazy,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The whole portal.
#[component]
pub fn App() -> impl IntoView {
    theme::provide_theme();
    keys::provide_keys();
    toasts::provide_toasts();
    clock::provide_clock();
    session::provide_session().load();
    live::provide_live();
    view! {
        <Router>
            <Shell />
        </Router>
    }
}

/// Which page a path shows. Every page is a file of its own, loaded when it is first shown; `preload.toml` names the same pairs.
#[component]
pub fn PageRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view={Lazy::<OverviewPage>::new()} />
            <Route path=path!("/sign-in") view={Lazy::<SignInPage>::new()} />
            <Route path=path!("/requests") view={Lazy::<RequestsPage>::new()} />
            <Route path=path!("/requests/:id") view={Lazy::<RequestPage>::new()} />
            <Route path=path!("/service-requests") view={Lazy::<ServiceRequestsPage>::new()} />
            <Route path=path!("/service-requests/:id") view={Lazy::<ServiceRequestPage>::new()} />
            <Route path=path!("/logs") view={Lazy::<LogsPage>::new()} />
            <Route path=path!("/history") view={Lazy::<HistoryPage>::new()} />
            <Route path=path!("/administration") view={Lazy::<AdministrationPage>::new()} />
            <Route path=path!("/demo/mail") view={Lazy::<DemoMailPage>::new()} />
        </FlatRoutes>
    }
    .into_any()
}
