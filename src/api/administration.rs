//! Changing the Lockbox setting, its versions, environments, members, notifications, tokens.

use super::{Failure, client};
use crate::paths::encode;
use gloo_net::http::Method;
use lockbox_api::{
    administration::{
        Member, MemberUpdate, Members, Notifications, NotificationsUpdate, TokenCreate, TokenCreated, Tokens,
    },
    ids::{PersonId, TokenId},
    lockbox::{Lockbox, LockboxPreview, LockboxUpdate, LockboxVersion},
};
use serde::Deserialize;

/// Every version of the setting, newest first.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Versions {
    /// The versions.
    pub items: Vec<LockboxVersion>,
}

/// What a proposed setting would change.
pub async fn preview_lockbox(input: &LockboxUpdate) -> Result<LockboxPreview, Failure> {
    client::change(Method::POST, "/api/v1/lockbox/preview", input, None).await
}

/// Saves a setting; `version` is the one that the person started from.
pub async fn save_lockbox(version: u64, input: &LockboxUpdate) -> Result<Lockbox, Failure> {
    client::change(Method::PUT, "/api/v1/lockbox", input, Some(version)).await
}

/// Every version of the setting.
pub async fn list_versions() -> Result<Versions, Failure> {
    client::get("/api/v1/lockbox/versions".to_owned()).await
}

/// Everybody of the organisation.
pub async fn list_members() -> Result<Members, Failure> {
    client::get("/api/v1/members".to_owned()).await
}

/// Changes a member's roles; `version` is the one that was seen.
pub async fn change_member(id: &PersonId, version: u64, input: &MemberUpdate) -> Result<Member, Failure> {
    client::change(Method::PUT, &format!("/api/v1/members/{}", encode(id.as_str())), input, Some(version)).await
}

/// Who is told about requests.
pub async fn read_notifications() -> Result<Notifications, Failure> {
    client::get("/api/v1/notifications".to_owned()).await
}

/// Replaces the notification addresses; `version` is the one that was seen.
pub async fn change_notifications(version: u64, input: &NotificationsUpdate) -> Result<Notifications, Failure> {
    client::change(Method::PUT, "/api/v1/notifications", input, Some(version)).await
}

/// The signed-in person's tokens.
pub async fn list_tokens() -> Result<Tokens, Failure> {
    client::get("/api/v1/tokens".to_owned()).await
}

/// Makes a token; the answer holds its secret, this once.
pub async fn make_token(input: &TokenCreate) -> Result<TokenCreated, Failure> {
    client::change(Method::POST, "/api/v1/tokens", input, None).await
}

/// Revokes a token at once.
pub async fn revoke_token(id: &TokenId) -> Result<(), Failure> {
    let path = format!("/api/v1/tokens/{}", encode(id.as_str()));
    client::change_quietly(Method::DELETE, &path, &client::Nothing {}, None).await
}
