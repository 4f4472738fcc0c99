//! The requests that wait for a decision: read once, used by the navigation's number and by Overview.

use super::{Remote, use_live, use_session};
use crate::ui::memo;
use crate::{
    api::{self, Pending},
    paths,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use lockbox_api::{
    page::RequestPage,
    requests::{RequestQuery, RequestView},
};

/// The pending requests, soonest expiry first.
#[derive(Clone, Copy)]
pub struct PendingRequests(pub Remote<RequestPage>);

impl PendingRequests {
    /// How many there are (at most one page of them); `None` while not known.
    pub fn count(self) -> Option<usize> {
        self.0.value.with(|page| page.as_ref().map(|page| page.items.len()))
    }
}

/// Reads them for the app (inside the router), again whenever a request changes.
pub fn provide_pending() {
    let changed = use_live().requests();
    let session = use_session().session;
    let path = use_location().pathname;
    // Anywhere but where one may be without a session, the call goes out beside the one for the session, not after it.
    let may_ask = memo(move || {
        session.with(Option::is_some) || path.with(|path| ![paths::SIGN_IN, paths::DEMO_MAIL].contains(&path.as_str()))
    });
    let remote = Remote::new(move || {
        changed.track();
        if !may_ask.get() {
            return Box::pin(std::future::pending()) as Pending<RequestPage>;
        }
        let query = RequestQuery { view: Some(RequestView::Pending), limit: Some(200), ..RequestQuery::default() };
        Box::pin(api::requests::list_requests(query)) as Pending<RequestPage>
    });
    provide_context(PendingRequests(remote));
}

/// The pending requests of the app.
pub fn use_pending() -> PendingRequests {
    use_context().unwrap_or_else(|| {
        PendingRequests(Remote::new(|| Box::pin(async { Err(api::Failure::network()) }) as Pending<RequestPage>))
    })
}
