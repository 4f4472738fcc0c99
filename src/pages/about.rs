//! `/about`: which version this is.

use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};

/// The about page. Its `view` is split off into a file of its own.
pub struct AboutPage;

#[lazy_route]
impl LazyRoute for AboutPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let words = ["request", "decide", "end"];
        view! {
            <h1>"About Lockbox"</h1>
            <p>"Version " {env!("CARGO_PKG_VERSION")}</p>
            <ul>{words.into_iter().map(|word| view! { <li>{word}</li> }).collect_view()}</ul>
        }
        .into_any()
    }
}
