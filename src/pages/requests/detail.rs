//! `/requests/:id`: the decision page.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/requests/:id`: the decision page.
pub struct RequestPage;

#[lazy_route]
impl LazyRoute for RequestPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Request">
                <PageHeader title="Request" />
            </Page>
        }
        .into_any()
    }
}
