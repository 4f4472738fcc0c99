//! The requests that wait for a decision, and the accesses without a request that nobody has acknowledged: read once, used
//! by the navigation's numbers and by Overview.

use super::{Remote, use_live, use_session};
use crate::ui::memo;
use crate::{
    api::{self, Pending},
    paths,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use lockbox_api::{
    page::{LIMIT_MAX, RequestPage},
    requests::RequestView,
};

/// What waits for somebody of the customer.
#[derive(Clone, Copy)]
pub struct PendingRequests {
    /// Requests to decide, soonest expiry first
    pub to_decide: Remote<RequestPage>,
    /// Accesses without a request to acknowledge, oldest first
    pub to_acknowledge: Remote<RequestPage>,
}

/// How many there are in all, also beyond those that have been read; `None` while not known.
pub fn count(remote: Remote<RequestPage>) -> Option<u64> {
    remote.value.with(|page| page.as_ref()?.total)
}

/// Reads them for the app (inside the router), again whenever a request changes.
pub fn provide_pending() {
    let changed = use_live().requests();
    let session = use_session().session;
    let path = use_location().pathname;
    // Anywhere but where one may be without a session, the call goes out beside the one for the session, not after it.
    let may_ask = memo(move || session.with(Option::is_some) || path.with(|path| !paths::is_open(path)));
    let read = move |view| {
        Remote::new(move || {
            changed.track();
            if !may_ask.get() {
                return Box::pin(std::future::pending()) as Pending<RequestPage>;
            }
            Box::pin(api::requests::list_view(view, LIMIT_MAX)) as Pending<RequestPage>
        })
    };
    provide_context(PendingRequests {
        to_decide: read(RequestView::Pending),
        to_acknowledge: read(RequestView::Unacknowledged),
    });
}

/// What waits, of the app.
pub fn use_pending() -> PendingRequests {
    use_context().unwrap_or_else(|| {
        let none = || Remote::new(|| Box::pin(async { Err(api::Failure::network()) }) as Pending<RequestPage>);
        PendingRequests { to_decide: none(), to_acknowledge: none() }
    })
}
