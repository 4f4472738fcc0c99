//! Live changes.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use axum::{extract::State, response::Response};
use lockbox_api::{
    events::Activity,
    session::Role,
    stream::{Change, StreamQuery},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Answer;
use crate::{
    app::{Error, Me},
    error::ApiError,
    http::{
        auth::Caller,
        extract::{LastEventId, Query},
        stream::{StreamSource, stream},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(follow_changes))
}

/// Follow what changes, as Server-Sent Events: `change` with a sequence, a category, an operation and a request;
/// `reset` when everything is to be read again. Permissions: any signed-in person of the customer; who may not read the
/// log is told only that something changed.
#[utoipa::path(get, path = "/stream", tag = "Session",
    params(StreamQuery, ("Last-Event-ID" = Option<u64>, Header, description = "Sequence of the last change that was seen")),
    responses((status = 200, body = Change, content_type = "text/event-stream")))]
async fn follow_changes(
    State(state): State<AppState>,
    caller: Caller,
    LastEventId(last): LastEventId,
    Query(query): Query<StreamQuery>,
) -> Answer<Response> {
    let who = caller.who.clone();
    let me = state.store.read(move |tx| Me::load(tx, &who)).await?;
    let organization = me.organization_id().clone();
    // Listening begins before anything is read, so that no change falls between the two.
    let subscription =
        state.live.subscribe_for(&organization, &me.person.id).ok_or(ApiError::TooManyRequests { retry_after: 30 })?;
    let rights = Arc::new(Rights::of(&me));
    let after = {
        let (store, organization) = (state.store.clone(), organization.clone());
        move |sequence: u64, limit: u32| {
            let (store, organization) = (store.clone(), organization.clone());
            Box::pin(async move {
                let events =
                    store.read(move |tx| tx.events_after(&organization, sequence, limit).map_err(Error::from)).await;
                let changes = events.ok()?.into_iter().map(|event| Change {
                    sequence: event.sequence,
                    category: event.category,
                    operation: event.operation,
                    request_id: event.request_id,
                });
                Some(changes.collect())
            }) as crate::http::stream::Missed
        }
    };
    let still_valid = {
        let (state, caller, rights) = (state.clone(), caller.clone(), Arc::clone(&rights));
        move || {
            let (state, caller, rights) = (state.clone(), caller.clone(), Arc::clone(&rights));
            Box::pin(async move { rights.look_again(&state, &caller).await }) as crate::http::stream::Later<bool>
        }
    };
    let source = StreamSource {
        after: Box::new(after),
        still_valid: Box::new(still_valid),
        told: Arc::new(move |change| {
            if change.operation == Activity::RoleChange.as_str() {
                rights.forget();
            }
            if rights.whole.load(Ordering::Acquire) {
                return change.clone();
            }
            // The hint to read again stays; what the log says does not.
            Change { operation: String::new(), request_id: None, ..change.clone() }
        }),
    };
    Ok(stream(subscription, last.or(query.after), source))
}

/// Whether the listener may read the log, as far as is known: a stream outlives the roles it was opened with.
struct Rights {
    whole: AtomicBool,
    /// How often they were forgotten: what was read before says nothing.
    forgotten: AtomicU64,
}

impl Rights {
    fn of(me: &Me) -> Self {
        Self { whole: AtomicBool::new(Self::whole(me)), forgotten: AtomicU64::new(0) }
    }

    fn whole(me: &Me) -> bool {
        let reads =
            |role: &Role| matches!(role, Role::GlobalAdministrator | Role::LockboxApprover | Role::LockboxReader);
        me.person.roles.iter().any(reads)
    }

    /// Somebody's roles have changed: until they are read again nobody is told what the log says.
    fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.whole.store(false, Ordering::Release);
    }

    /// Reads them again; false where the listener may not listen any more.
    async fn look_again(&self, state: &AppState, caller: &Caller) -> bool {
        let before = self.forgotten.load(Ordering::Acquire);
        let Some(me) = caller.again(state).await else { return false };
        if self.forgotten.load(Ordering::Acquire) == before {
            self.whole.store(Self::whole(&me), Ordering::Release);
        }
        true
    }
}
