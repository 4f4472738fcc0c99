//! Approval inside the provider, for its internal approvers.

use axum::extract::State;
use lockbox_api::{
    ids::RequestId,
    internal::{InternalApproval, InternalApprovalInput, InternalApprovalPage, InternalApprovalQuery},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app::{self, Error, Who, internal_approvals},
    http::{
        auth::Caller,
        extract::{IfMatch, Json, NoParameters, Path, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_internal_approvals))
        .routes(routes!(read_internal_approval))
        .routes(routes!(approve_internally))
        .routes(routes!(reject_internally))
}

/// List requests of all customers that need an approval of one of the person's roles. Permissions: internal approvers of
/// the provider; for people of customers there is nothing here.
#[utoipa::path(get, path = "/internal-approvals", tag = "Internal approvals", params(InternalApprovalQuery),
    responses((status = 200, body = InternalApprovalPage)))]
async fn list_internal_approvals(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<InternalApprovalQuery>,
) -> Answer<Json<InternalApprovalPage>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| internal_approvals::list(tx, &env, &caller.who, &query)).await?))
}

/// Read one of them: what is asked and how it was judged. Permissions: internal approvers whose role is asked for.
#[utoipa::path(get, path = "/internal-approvals/{id}", tag = "Internal approvals", params(("id" = String, Path)),
    responses((status = 200, body = InternalApproval, headers(("ETag" = String, description = "The version, for If-Match")))))]
async fn read_internal_approval(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Tagged<InternalApproval>> {
    let env = state.env;
    let request = state.store.read(move |tx| internal_approvals::get(tx, &env, &caller.who, &id)).await?;
    Ok(Tagged(request.version, request))
}

/// Approve: after the last approval that was missing the request goes on. Permissions: internal approvers whose role's
/// approval is missing; never the engineer who asks, and nobody in two roles.
#[utoipa::path(post, path = "/internal-approvals/{id}/approve", tag = "Internal approvals",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "ETag of what was read")),
    request_body = InternalApprovalInput, responses((status = 200, body = InternalApproval)))]
async fn approve_internally(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    IfMatch(version): IfMatch,
    Json(input): Json<InternalApprovalInput>,
) -> Answer<Tagged<InternalApproval>> {
    decide(state, caller.who, id, version, true, input).await
}

/// Reject: the request ends, and the customer is not asked. Permissions: as to approve.
#[utoipa::path(post, path = "/internal-approvals/{id}/reject", tag = "Internal approvals",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "ETag of what was read")),
    request_body = InternalApprovalInput, responses((status = 200, body = InternalApproval)))]
async fn reject_internally(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<RequestId>,
    IfMatch(version): IfMatch,
    Json(input): Json<InternalApprovalInput>,
) -> Answer<Tagged<InternalApproval>> {
    decide(state, caller.who, id, version, false, input).await
}

async fn decide(
    state: AppState,
    who: Who,
    id: RequestId,
    version: u64,
    approve: bool,
    input: InternalApprovalInput,
) -> Answer<Tagged<InternalApproval>> {
    let result = {
        let (env, who, id) = (state.env.clone(), who.clone(), id.clone());
        state.store.write(move |tx| internal_approvals::decide(tx, &env, &who, &id, version, approve, &input)).await
    };
    // An attempt that the rules refused changed nothing, so its transaction is gone; the attempt itself is kept.
    if let Err(Error::NotAllowed(reason)) = &result {
        let (env, reason) = (state.env.clone(), reason.clone());
        let keep = move |tx: &mut dyn crate::store::WriteTx| -> app::Result<()> {
            internal_approvals::record_refusal(tx, &env, &who, &id, &reason)
        };
        state.store.write(keep).await?;
    }
    let request = result?;
    Ok(Tagged(request.version, request))
}
