//! `/history`: what happened, for executives and auditors.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/history`: what happened, for executives and auditors.
pub struct HistoryPage;

#[lazy_route]
impl LazyRoute for HistoryPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="History">
                <PageHeader title="History" />
            </Page>
        }
        .into_any()
    }
}
