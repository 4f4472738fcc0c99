//! `/administration`: what administrators set.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/administration`: what administrators set.
pub struct AdministrationPage;

#[lazy_route]
impl LazyRoute for AdministrationPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Administration">
                <PageHeader title="Administration" />
            </Page>
        }
        .into_any()
    }
}
