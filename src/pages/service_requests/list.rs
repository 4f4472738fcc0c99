//! `/service-requests`: the support requests.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/service-requests`: the support requests.
pub struct ServiceRequestsPage;

#[lazy_route]
impl LazyRoute for ServiceRequestsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Support requests">
                <PageHeader title="Support requests" />
            </Page>
        }
        .into_any()
    }
}
