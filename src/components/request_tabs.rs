//! The tabs over the requests, on both pages that show them.

use crate::{
    paths,
    ui::{LinkTabs, TabLink},
};
use leptos::prelude::*;
use lockbox_api::requests::RequestView;

/// The tabs of the page of all requests: value in the address, words.
const TABS: [(RequestView, &str); 3] =
    [(RequestView::Pending, "Pending"), (RequestView::Recent, "Recent (28 days)"), (RequestView::All, "All")];

/// The tabs. `current` is the view that is shown, `None` on the page of access without a request; `address` keeps what else the
/// address asks for.
pub fn request_tabs(
    current: Signal<Option<RequestView>>,
    address: impl Fn(RequestView) -> Option<String> + Send + Sync + 'static,
) -> AnyView {
    let tabs = Signal::derive(move || {
        let current = current.get();
        let views = TABS.iter().map(|(view, label)| TabLink {
            href: address(*view).unwrap_or_else(|| paths::requests_of_view(*view)),
            label: (*label).to_owned(),
            current: current == Some(*view),
            count: None,
        });
        let without = TabLink {
            href: paths::WITHOUT_REQUEST.to_owned(),
            label: "Access without a request".to_owned(),
            current: current.is_none(),
            count: None,
        };
        views.chain([without]).collect()
    });
    view! { <LinkTabs label="Which requests" tabs=tabs /> }.into_any()
}
