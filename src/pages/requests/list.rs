//! `/requests`: every request, in tabs.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/requests`: every request, in tabs.
pub struct RequestsPage;

#[lazy_route]
impl LazyRoute for RequestsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Requests">
                <PageHeader title="Requests" />
            </Page>
        }
        .into_any()
    }
}
