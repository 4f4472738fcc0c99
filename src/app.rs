//! The app: what is shared, and which page a path shows.

use crate::{
    layouts::Shell,
    pages::{
        administration::AdministrationPage,
        api_reference::ApiReferencePage,
        demo_mail::DemoMailPage,
        history::HistoryPage,
        internal_approvals::InternalApprovalsPage,
        logs::LogsPage,
        not_found::NotFound,
        overview::OverviewPage,
        requests::{RequestPage, RequestsPage},
        service_requests::{ServiceRequestPage, ServiceRequestsPage},
        sign_in::SignInPage,
        without_request::WithoutRequestPage,
    },
    state::{clock, keys, live, session, theme, toasts},
};
use leptos::prelude::*;
use leptos_router::{
    ChooseView, LazyRoute,
    components::{FlatRoutes, Route, Router},
    path,
};
use std::pin::Pin;

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

/// A page that is a file of its own. One type for all pages, so that the router's machinery is there once and not per page.
#[derive(Clone, Copy)]
struct Page(fn() -> Pin<Box<dyn Future<Output = AnyView>>>);

impl Page {
    fn of<P: LazyRoute>() -> Self {
        Self(|| Box::pin(P::view(P::data())))
    }
}

impl ChooseView for Page {
    async fn choose(self) -> AnyView {
        (self.0)().await
    }

    async fn preload(&self) {}
}

/// Which page a path shows. Every page is a file of its own, loaded when it is first shown; `preload.toml` names the same pairs.
#[component]
pub fn PageRoutes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view={Page::of::<OverviewPage>()} />
            <Route path=path!("/sign-in") view={Page::of::<SignInPage>()} />
            <Route path=path!("/requests") view={Page::of::<RequestsPage>()} />
            <Route path=path!("/requests/:id") view={Page::of::<RequestPage>()} />
            <Route path=path!("/access-without-request") view={Page::of::<WithoutRequestPage>()} />
            <Route path=path!("/service-requests") view={Page::of::<ServiceRequestsPage>()} />
            <Route path=path!("/service-requests/:id") view={Page::of::<ServiceRequestPage>()} />
            <Route path=path!("/logs") view={Page::of::<LogsPage>()} />
            <Route path=path!("/history") view={Page::of::<HistoryPage>()} />
            <Route path=path!("/administration") view={Page::of::<AdministrationPage>()} />
            <Route path=path!("/internal-approvals") view={Page::of::<InternalApprovalsPage>()} />
            <Route path=path!("/internal-approvals/:id") view={Page::of::<InternalApprovalsPage>()} />
            <Route path=path!("/api-reference") view={Page::of::<ApiReferencePage>()} />
            <Route path=path!("/demo/mail") view={Page::of::<DemoMailPage>()} />
        </FlatRoutes>
    }
    .into_any()
}
