//! `/`: the overview.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// The overview page. Its `view` is split off into a file of its own.
pub struct OverviewPage;

#[lazy_route]
impl LazyRoute for OverviewPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let (count, set_count) = signal(0);
        view! {
            <h1>"Overview"</h1>
            <button on:click=move |_| set_count.update(|n| *n += 1)>"Count"</button>
            <output>{count}</output>
        }
        .into_any()
    }
}
