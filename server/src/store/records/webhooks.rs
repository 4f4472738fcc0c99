//! Where the provider is told what becomes of requests, and what it is told.

use lockbox_api::{
    Time,
    ids::{ApiClientId, OrganizationId, RequestId, WebhookId, WebhookMessageId},
};

use crate::secret::Secret;

/// Where the provider is told what becomes of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookRecord {
    /// Stable id.
    pub id: WebhookId,
    /// The API client that it belongs to: it is told what that client may speak of.
    pub client_id: ApiClientId,
    /// Where to.
    pub url: String,
    /// When it was added.
    pub created_at: Time,
    /// When it was removed.
    pub removed_at: Option<Time>,
}

/// With what messages to one place are signed.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookSecretRecord {
    /// Which place.
    pub webhook_id: WebhookId,
    /// `whsec_` and the key in base64.
    pub secret: Secret,
    /// When it was made.
    pub created_at: Time,
    /// From when on it signs no more, where another one takes over.
    pub ends_at: Option<Time>,
}

/// A message to be delivered, or that was.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookMessageRecord {
    /// The same at every attempt.
    pub id: WebhookMessageId,
    /// To which place.
    pub webhook_id: WebhookId,
    /// About whose request.
    pub organization_id: OrganizationId,
    /// About which.
    pub request_id: RequestId,
    /// What happened, for example `request.approved`.
    pub kind: String,
    /// JSON, exactly as it is sent.
    pub body: String,
    /// When it happened.
    pub created_at: Time,
    /// Not before.
    pub next_attempt_at: Time,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was taken.
    pub delivered_at: Option<Time>,
    /// When it was given up.
    pub failed_at: Option<Time>,
    /// What the last attempt was answered with.
    pub last_status: Option<u16>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAttempt {
    /// The status that was answered, if any was.
    pub status: Option<u16>,
    /// Why it failed; none: it was taken.
    pub error: Option<String>,
    /// When to try again, where it failed and is not given up.
    pub retry_at: Option<Time>,
}
