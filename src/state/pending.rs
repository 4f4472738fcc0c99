//! The requests that wait for a decision: read once, used by the navigation's number and by Overview.

use super::{Remote, use_live, use_session};
use crate::api::{self, Pending};
use leptos::prelude::*;
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

/// Reads them for the app, again whenever a request changes.
pub fn provide_pending() {
    let changed = use_live().requests();
    // Not of the session itself: this call goes out beside the one for the session, not after it.
    let sign_ins = use_session().sign_ins;
    let remote = Remote::new(move || {
        changed.track();
        sign_ins.track();
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
