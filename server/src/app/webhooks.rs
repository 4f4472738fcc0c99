//! The provider is told what becomes of its requests, at addresses of its own. Messages are queued in the transaction of
//! what they tell about; a worker delivers them.
//!
//! A message carries ids, states and times: nobody's words and nobody's name. What a receiver needs besides, it reads with
//! its key. A legal demand that the customer must not be told of yet is told here, with `hidden`, because the receiver is
//! the one who raised it; nothing of that reaches the customer.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    ids::{ApiClientId, WebhookId},
};
use serde_json::json;

use super::{
    Env, Error, Origin, Result, clients, present,
    record::{Entry, log, system},
    state,
};
use crate::{
    secret::Secret,
    store::{ReadTx, RequestRecord, WebhookAttempt, WebhookMessageRecord, WebhookRecord, WebhookSecretRecord, WriteTx},
};

/// What secrets begin with (Standard Webhooks).
pub const SECRET_PREFIX: &str = "whsec_";
/// How long a message that was delivered or given up can be looked at.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// A webhook with a new secret. The secret is shown once.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Which webhook.
    pub webhook: WebhookRecord,
    /// With what messages are signed.
    pub secret: Secret,
}

/// All webhooks that are told something. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// Only when the database fails.
pub fn list(tx: &dyn ReadTx) -> Result<Vec<WebhookRecord>> {
    Ok(tx.live_webhooks(None)?)
}

/// The newest messages, to one webhook or to all. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`] for a webhook that never was.
pub fn messages(tx: &dyn ReadTx, id: Option<&WebhookId>, limit: u32) -> Result<Vec<WebhookMessageRecord>> {
    if let Some(id) = id {
        tx.webhook(id)?.ok_or(Error::NotFound)?;
    }
    Ok(tx.newest_webhook_messages(id, limit)?)
}

/// Adds a webhook for a client. `url` has been checked by [`crate::webhooks::Guard::address`].
/// Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`] for an unknown client, [`Error::WrongState`] for a revoked one.
pub fn add(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, client: &ApiClientId, url: String) -> Result<NewSecret> {
    let client = clients::live(tx.reader(), client)?;
    let now = env.now();
    let webhook =
        WebhookRecord { id: env.id(now), client_id: client.id.clone(), url, created_at: now, removed_at: None };
    tx.put_webhook(&webhook)?;
    let secret = new_secret(tx, env, &webhook, now)?;
    let details = json!({"webhook": webhook.id, "url": webhook.url, "change": "added"});
    clients::tell(tx, env, origin, Activity::WebhookUpdate, &[&client], details, now)?;
    Ok(NewSecret { webhook, secret })
}

/// Makes another secret; until the overlap is over, messages are signed with both.
/// Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`] for an overlap that is too long.
pub fn rotate(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    id: &WebhookId,
    overlap: TimeDelta,
) -> Result<NewSecret> {
    let webhook = live(tx.reader(), id)?;
    let now = env.now();
    if overlap < TimeDelta::zero() || overlap > clients::OVERLAP_MAX {
        return Err(Error::field("/overlap", format!("From 0 to {} days.", clients::OVERLAP_MAX.num_days())));
    }
    let end = now + overlap;
    for mut secret in tx.webhook_secrets(id)? {
        if secret.ends_at.is_none_or(|ends_at| ends_at > end) {
            secret.ends_at = Some(end);
            tx.put_webhook_secret(&secret)?;
        }
    }
    let secret = new_secret(tx, env, &webhook, now)?;
    let client = clients::live(tx.reader(), &webhook.client_id)?;
    let details = json!({"webhook": webhook.id, "change": "another secret", "earlier_secrets_end_at": end});
    clients::tell(tx, env, origin, Activity::WebhookUpdate, &[&client], details, now)?;
    Ok(NewSecret { webhook, secret })
}

/// Removes a webhook; what waits for it is given up. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`].
pub fn remove(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, id: &WebhookId) -> Result<()> {
    let mut webhook = live(tx.reader(), id)?;
    let now = env.now();
    webhook.removed_at = Some(now);
    tx.put_webhook(&webhook)?;
    let given_up = tx.give_up_webhook_orphans(now)?;
    let client = clients::live(tx.reader(), &webhook.client_id)?;
    let details = json!({"webhook": webhook.id, "change": "removed", "messages_given_up": given_up});
    clients::tell(tx, env, origin, Activity::WebhookUpdate, &[&client], details, now)
}

fn live(tx: &dyn ReadTx, id: &WebhookId) -> Result<WebhookRecord> {
    tx.live_webhooks(None)?.into_iter().find(|webhook| &webhook.id == id).ok_or(Error::NotFound)
}

fn new_secret(tx: &mut dyn WriteTx, env: &Env, webhook: &WebhookRecord, now: Time) -> Result<Secret> {
    let secret = Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(env.random.bytes32())));
    let webhook_id = webhook.id.clone();
    tx.put_webhook_secret(&WebhookSecretRecord { webhook_id, secret: secret.clone(), created_at: now, ends_at: None })?;
    Ok(secret)
}

/// What the activity means for whoever follows the request; nothing where its state stays.
fn kind(activity: Activity, outcome: Outcome) -> Option<&'static str> {
    let kind = match activity {
        Activity::Notify => "request.customer_notified",
        Activity::AccessWithoutRequest => "request.not_required",
        // A rejection is the success of whoever rejects, or the refusal of whoever asked.
        Activity::Rejection => return Some("request.rejected"),
        Activity::Approve => "request.approved",
        Activity::Deny => "request.denied",
        Activity::Expiry => "request.expired",
        Activity::Cancel => "request.cancelled",
        Activity::Revoke => "access.revoked",
        Activity::Lapse => "access.lapsed",
        Activity::Completion => "access.completed",
        _ => return None,
    };
    // An attempt that was refused changes nothing.
    (outcome == Outcome::Success).then_some(kind)
}

/// Queues a message for each webhook, where the activity changed the request's state. Called wherever something about a
/// request is logged, so that no change can be forgotten.
pub(super) fn logged(
    tx: &mut dyn WriteTx,
    env: &Env,
    request: &RequestRecord,
    activity: Activity,
    outcome: Outcome,
    now: Time,
) -> Result<()> {
    kind(activity, outcome).map_or(Ok(()), |kind| tell(tx, env, request, kind, now))
}

/// Queues the message that a request waits for somebody inside the provider.
pub(super) fn awaiting_internal_approval(
    tx: &mut dyn WriteTx,
    env: &Env,
    request: &RequestRecord,
    now: Time,
) -> Result<()> {
    tell(tx, env, request, "request.awaiting_internal_approval", now)
}

fn tell(tx: &mut dyn WriteTx, env: &Env, request: &RequestRecord, kind: &str, now: Time) -> Result<()> {
    let webhooks = tx.live_webhooks(Some(&request.organization_id))?;
    if webhooks.is_empty() {
        return Ok(());
    }
    let standing = state::at(request, now);
    let grant = request.grant.as_ref();
    let body = json!({
        "type": kind, "timestamp": now,
        "data": {
            "request_id": request.id, "organization_id": request.organization_id, "environment_id": request.environment_id,
            "service_request_id": request.service_request_id, "engineer_id": request.engineer.id,
            "status": standing.status, "status_reason": present::status_reason(request, standing), "decide_by": request.decide_by,
            "access": {
                "state": standing.access, "grant_id": grant.map(|grant| &grant.id),
                "starts_at": grant.map(|grant| grant.starts_at), "expires_at": grant.map(|grant| grant.expires_at),
                "ended_at": grant.and_then(|grant| grant.ended_at),
            },
            "hidden": request.hidden, "version": request.version, "url": present::url(env, request),
        },
    })
    .to_string();
    for webhook in webhooks {
        tx.add_webhook_message(&WebhookMessageRecord {
            id: env.id(now),
            webhook_id: webhook.id,
            organization_id: request.organization_id.clone(),
            request_id: request.id.clone(),
            kind: kind.to_owned(),
            body: body.clone(),
            created_at: now,
            next_attempt_at: now,
            attempts: 0,
            delivered_at: None,
            failed_at: None,
            last_status: None,
            last_error: None,
        })?;
    }
    Ok(())
}

/// Writes down what became of an attempt. One that was the last goes into the provider's log.
/// Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn attempted(
    tx: &mut dyn WriteTx,
    env: &Env,
    message: &WebhookMessageRecord,
    attempt: &WebhookAttempt,
) -> Result<()> {
    let now = env.now();
    tx.webhook_attempted(&message.id, attempt, now)?;
    let Some(reason) = attempt.error.as_ref().filter(|_| attempt.retry_at.is_none()) else { return Ok(()) };
    let mut entry = Entry::general(
        Activity::WebhookFailure,
        system(),
        json!({"message": message.id, "webhook": message.webhook_id, "type": message.kind, "request": message.request_id,
            "reason": reason, "status": attempt.status, "attempts": message.attempts + 1}),
    );
    entry.outcome = Outcome::Failure;
    let origin = Origin { correlation_id: message.id.0.clone(), client_ip: None };
    let provider = clients::provider(tx, env, now)?;
    log(tx, env, &origin, &provider, now, entry)
}

/// Of messages due, those that the worker may begin: at most `room` to one webhook. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn due(tx: &dyn ReadTx, now: Time, room: u32) -> Result<Vec<(WebhookRecord, Vec<WebhookMessageRecord>)>> {
    let with = |webhook: WebhookRecord| {
        let messages = tx.webhook_messages_due(&webhook.id, now, room)?;
        Ok((webhook, messages))
    };
    tx.live_webhooks(None)?.into_iter().map(with).collect()
}

/// The secrets that sign at `now`, newest first.
///
/// # Errors
/// Only when the database fails.
pub fn secrets(tx: &dyn ReadTx, id: &WebhookId, now: Time) -> Result<Vec<Secret>> {
    let all = tx.webhook_secrets(id)?.into_iter();
    Ok(all.filter(|one| one.ends_at.is_none_or(|end| now < end)).map(|one| one.secret).collect())
}
