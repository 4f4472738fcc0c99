//! `/demo/mail`: the mail that the demo would have sent.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/demo/mail`: the mail that the demo would have sent.
pub struct DemoMailPage;

#[lazy_route]
impl LazyRoute for DemoMailPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Demo mail">
                <PageHeader title="Demo mail" />
            </Page>
        }
        .into_any()
    }
}
