//! `/logs`: the log and its filters.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/logs`: the log and its filters.
pub struct LogsPage;

#[lazy_route]
impl LazyRoute for LogsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Logs">
                <PageHeader title="Logs" />
            </Page>
        }
        .into_any()
    }
}
