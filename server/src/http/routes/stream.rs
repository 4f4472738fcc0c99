//! Live changes.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use lockbox_api::{
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
    let subscription = state.live.subscribe(&organization).ok_or(ApiError::TooManyRequests { retry_after: 30 })?;
    let whole = me
        .person
        .roles
        .iter()
        .any(|role| matches!(role, Role::GlobalAdministrator | Role::LockboxApprover | Role::LockboxReader));
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
        let (state, caller) = (state.clone(), caller.clone());
        move || {
            let (state, caller) = (state.clone(), caller.clone());
            Box::pin(async move { caller.still_holds(&state).await }) as crate::http::stream::Later<bool>
        }
    };
    let source = StreamSource {
        after: Box::new(after),
        still_valid: Box::new(still_valid),
        told: Arc::new(move |change| {
            if whole {
                return change.clone();
            }
            // The hint to read again stays; what the log says does not.
            Change { operation: String::new(), request_id: None, ..change.clone() }
        }),
    };
    Ok(stream(subscription, last.or(query.after), source))
}
