//! `/service-requests/:id`: one support request.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/service-requests/:id`: one support request.
pub struct ServiceRequestPage;

#[lazy_route]
impl LazyRoute for ServiceRequestPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Support request">
                <PageHeader title="Support request" />
            </Page>
        }
        .into_any()
    }
}
