//! `/sign-in`: single sign-on first, the local account below it.

use crate::{components::Page, ui::PageHeader};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// `/sign-in`: single sign-on first, the local account below it.
pub struct SignInPage;

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Sign in">
                <PageHeader title="Sign in" />
            </Page>
        }
        .into_any()
    }
}
