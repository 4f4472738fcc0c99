//! The Lockbox setting.

use axum::extract::State;
use lockbox_api::lockbox::{Lockbox, LockboxPreview, LockboxUpdate, LockboxVersion};
use lockbox_api::page::Page;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Answer, Tagged};
use crate::{
    app,
    http::{
        auth::Caller,
        extract::{IfMatch, Json, NoParameters, Query},
    },
    state::AppState,
};

/// The routes of this noun.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(read_lockbox, update_lockbox))
        .routes(routes!(preview_lockbox))
        .routes(routes!(list_lockbox_versions))
}

/// Read the setting in force. Permissions: read the setting.
#[utoipa::path(get, path = "/lockbox", tag = "Lockbox", responses((status = 200, body = Lockbox)))]
async fn read_lockbox(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Tagged<Lockbox>> {
    let lockbox = state.store.read(move |tx| app::lockbox::get(tx, &caller.who)).await?;
    Ok(Tagged(lockbox.version, lockbox))
}

/// Save the setting as its next version. Permissions: global administrator.
#[utoipa::path(put, path = "/lockbox", tag = "Lockbox", request_body = LockboxUpdate,
    params(("If-Match" = String, Header, description = "ETag of what was read")),
    responses((status = 200, body = Lockbox)))]
async fn update_lockbox(
    State(state): State<AppState>,
    caller: Caller,
    IfMatch(version): IfMatch,
    Json(input): Json<LockboxUpdate>,
) -> Answer<Tagged<Lockbox>> {
    let env = state.env;
    let lockbox = state.store.write(move |tx| app::lockbox::put(tx, &env, &caller.who, version, &input)).await?;
    Ok(Tagged(lockbox.version, lockbox))
}

/// See what a setting would change; saves nothing. Permissions: read the setting.
#[utoipa::path(post, path = "/lockbox/preview", tag = "Lockbox", request_body = LockboxUpdate,
    responses((status = 200, body = LockboxPreview)))]
async fn preview_lockbox(
    State(state): State<AppState>,
    caller: Caller,
    Json(input): Json<LockboxUpdate>,
) -> Answer<Json<LockboxPreview>> {
    let env = state.env;
    Ok(Json(state.store.read(move |tx| app::lockbox::preview(tx, &env, &caller.who, &input)).await?))
}

/// List every version, newest first. Permissions: read the setting.
#[utoipa::path(get, path = "/lockbox/versions", tag = "Lockbox", responses((status = 200, body = Page<LockboxVersion>)))]
async fn list_lockbox_versions(
    State(state): State<AppState>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
) -> Answer<Json<Page<LockboxVersion>>> {
    let items = state.store.read(move |tx| app::lockbox::versions(tx, &caller.who)).await?;
    Ok(Json(Page { items, next_cursor: None, total: None }))
}
