//! Any other path.

use crate::{
    components::Page,
    paths,
    ui::{Empty, Icon, PageHeader},
};
use leptos::prelude::*;

/// Says that nothing is here, and where to go instead.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Page title="Page not found">
            <PageHeader title="Page not found" />
            <Empty
                icon=Icon::Search
                title="There is nothing at this address"
                note="It may have been typed wrong, or what stood here is gone. If a link in the portal led here, tell us."
            >
                <a class="c-button c-button--primary" href=paths::OVERVIEW>"Go to Overview"</a>
                <a class="c-button" href=paths::REQUESTS>"See requests"</a>
            </Empty>
        </Page>
    }
    .into_any()
}
