//! `/`: what needs me now, what is open, what is protected.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/`: what needs me now, what is open, what is protected.
pub struct OverviewPage;

#[lazy_route]
impl LazyRoute for OverviewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Overview">
                <PageHeader title="Overview" />
            </Page>
        }
        .into_any()
    }
}
