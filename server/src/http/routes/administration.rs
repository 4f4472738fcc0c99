//! Members, notification addresses and personal access tokens.

use axum::{extract::State, http::StatusCode};
use lockbox_api::{
    administration::{
        Member, MemberUpdate, Members, Notifications, NotificationsUpdate, TokenCreate, TokenCreated, Tokens,
    },
    ids::{PersonId, TokenId},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app,
    error::ApiError,
    http::{
        auth::Caller,
        extract::{IfMatch, Json, NoBody, NoParameters, Path, Query},
    },
    state::AppState,
};

/// The routes of these nouns.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_members))
        .routes(routes!(update_member))
        .routes(routes!(read_notifications, update_notifications))
        .routes(routes!(list_tokens, create_token))
        .routes(routes!(revoke_token))
}

/// List everybody of the organisation. Permissions: read members.
#[utoipa::path(get, path = "/members", tag = "Administration", responses((status = 200, body = Members)))]
async fn list_members(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<Members>> {
    Ok(Json(state.store.read(move |tx| app::members::list(tx, &caller.who)).await?))
}

/// Change a member's roles. Permissions: global administrator.
#[utoipa::path(put, path = "/members/{id}", tag = "Administration", request_body = MemberUpdate,
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The member's version in quotes")),
    responses((status = 200, body = Member)))]
async fn update_member(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<PersonId>,
    IfMatch(version): IfMatch,
    Json(input): Json<MemberUpdate>,
) -> Answer<Tagged<Member>> {
    let env = state.env;
    let member = state.store.write(move |tx| app::members::put(tx, &env, &caller.who, &id, version, &input)).await?;
    Ok(Tagged(member.version, member))
}

/// Read who is told about requests. Permissions: read notifications.
#[utoipa::path(get, path = "/notifications", tag = "Administration", responses((status = 200, body = Notifications)))]
async fn read_notifications(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Tagged<Notifications>> {
    let found = state.store.read(move |tx| app::members::notifications(tx, &caller.who)).await?;
    Ok(Tagged(found.version, found))
}

/// Replace the notification addresses. Permissions: global administrator.
#[utoipa::path(put, path = "/notifications", tag = "Administration", request_body = NotificationsUpdate,
    params(("If-Match" = String, Header, description = "ETag of what was read")),
    responses((status = 200, body = Notifications)))]
async fn update_notifications(
    State(state): State<AppState>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Json(input): Json<NotificationsUpdate>,
) -> Answer<Tagged<Notifications>> {
    let env = state.env;
    let found =
        state.store.write(move |tx| app::members::put_notifications(tx, &env, &caller.who, version, &input)).await?;
    Ok(Tagged(found.version, found))
}

/// List one's own tokens. Permissions: any signed-in person.
#[utoipa::path(get, path = "/tokens", tag = "Administration", responses((status = 200, body = Tokens)))]
async fn list_tokens(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<Tokens>> {
    Ok(Json(state.store.read(move |tx| app::tokens::list(tx, &caller.who)).await?))
}

/// Make a token; its secret is shown this once. Permissions: any signed-in person.
#[utoipa::path(post, path = "/tokens", tag = "Administration", request_body = TokenCreate,
    responses((status = 201, body = TokenCreated)))]
async fn create_token(
    State(state): State<AppState>,
    caller: Caller,
    Json(input): Json<TokenCreate>,
) -> Answer<(StatusCode, Json<TokenCreated>)> {
    if caller.by_token() {
        // Else revoking the one that was stolen would not be enough.
        return Err(ApiError::NotAllowed("A token can't make tokens. Sign in to make one.".to_owned()));
    }
    let env = state.env;
    let made = state.store.write(move |tx| app::tokens::create(tx, &env, &caller.who, &input)).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Revoke a token at once. Permissions: its person.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "Administration", params(("id" = String, Path)),
    responses((status = 204)))]
async fn revoke_token(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<TokenId>,
    _: NoBody,
) -> Answer<StatusCode> {
    let env = state.env;
    state.store.write(move |tx| app::tokens::revoke(tx, &env, &caller.who, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
