//! Where the provider is told what becomes of requests, and the messages. A message is written in the transaction of what
//! it tells about, and leaves the queue only after the other side took it.

use lockbox_api::{
    Time,
    ids::{ApiClientId, OrganizationId, RequestId, WebhookId, WebhookMessageId},
};
use rusqlite::{Connection, Row, params};

use super::convert::{Optional, Us, database, us};
use crate::{
    secret::Secret,
    store::{StoreResult, WebhookAttempt, WebhookMessageRecord, WebhookRecord, WebhookSecretRecord},
};

const WEBHOOK: &str = "w.id, w.client_id, w.url, w.created_at, w.removed_at";
const MESSAGE: &str = "m.id, m.webhook_id, m.organization_id, m.request_id, m.kind, m.body, m.created_at, m.next_attempt_at, m.attempts, m.delivered_at, m.failed_at, m.last_status, m.last_error";

fn webhook(row: &Row<'_>) -> rusqlite::Result<WebhookRecord> {
    Ok(WebhookRecord {
        id: WebhookId(row.get(0)?),
        client_id: ApiClientId(row.get(1)?),
        url: row.get(2)?,
        created_at: row.get::<_, Us>(3)?.0,
        removed_at: row.get::<_, Option<Us>>(4)?.map(|time| time.0),
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<WebhookMessageRecord> {
    let time = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<Us>>(column)?.map(|time| time.0));
    Ok(WebhookMessageRecord {
        id: WebhookMessageId(row.get(0)?),
        webhook_id: WebhookId(row.get(1)?),
        organization_id: OrganizationId(row.get(2)?),
        request_id: RequestId(row.get(3)?),
        kind: row.get(4)?,
        body: row.get(5)?,
        created_at: row.get::<_, Us>(6)?.0,
        next_attempt_at: row.get::<_, Us>(7)?.0,
        attempts: row.get(8)?,
        delivered_at: time(9)?,
        failed_at: time(10)?,
        last_status: row.get(11)?,
        last_error: row.get(12)?,
    })
}

/// Those that are told of an organisation; of any where it is `None`. Removed ones and those of revoked clients are not.
pub(super) fn live(c: &Connection, organization: Option<&OrganizationId>) -> StoreResult<Vec<WebhookRecord>> {
    c.prepare_cached(&format!(
        "SELECT {WEBHOOK} FROM webhooks w JOIN api_clients c ON c.id = w.client_id
         WHERE w.removed_at IS NULL AND c.revoked_at IS NULL AND (?1 IS NULL OR c.organization_ids IS NULL
             OR EXISTS (SELECT 1 FROM json_each(c.organization_ids) o WHERE o.value = ?1))
         ORDER BY w.created_at, w.id"
    ))
    .and_then(|mut s| s.query_map([organization.map(|id| &id.0)], webhook)?.collect())
    .map_err(database)
}

pub(super) fn get(c: &Connection, id: &WebhookId) -> StoreResult<Option<WebhookRecord>> {
    c.prepare_cached(&format!("SELECT {WEBHOOK} FROM webhooks w WHERE w.id = ?1"))
        .and_then(|mut s| s.query_row([&id.0], webhook))
        .optional()
}

pub(super) fn put(c: &Connection, w: &WebhookRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO webhooks (id, client_id, url, created_at, removed_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET url = excluded.url, removed_at = excluded.removed_at",
    )
    .and_then(|mut s| s.execute(params![w.id.0, w.client_id.0, w.url, Us(w.created_at), us(w.removed_at)]))
    .map(drop)
    .map_err(database)
}

pub(super) fn secrets(c: &Connection, id: &WebhookId) -> StoreResult<Vec<WebhookSecretRecord>> {
    c.prepare_cached(
        "SELECT webhook_id, secret, created_at, ends_at FROM webhook_secrets WHERE webhook_id = ?1
         ORDER BY created_at DESC, secret",
    )
    .and_then(|mut s| {
        s.query_map([&id.0], |row| {
            Ok(WebhookSecretRecord {
                webhook_id: WebhookId(row.get(0)?),
                secret: Secret::new(row.get::<_, String>(1)?),
                created_at: row.get::<_, Us>(2)?.0,
                ends_at: row.get::<_, Option<Us>>(3)?.map(|time| time.0),
            })
        })?
        .collect()
    })
    .map_err(database)
}

pub(super) fn put_secret(c: &Connection, s: &WebhookSecretRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO webhook_secrets (webhook_id, secret, created_at, ends_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (webhook_id, secret) DO UPDATE SET ends_at = excluded.ends_at",
    )
    .and_then(|mut statement| {
        statement.execute(params![s.webhook_id.0, s.secret.expose(), Us(s.created_at), us(s.ends_at)])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn add_message(c: &Connection, m: &WebhookMessageRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO webhook_messages (id, webhook_id, organization_id, request_id, kind, body, created_at, next_attempt_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .and_then(|mut s| {
        s.execute(params![
            m.id.0,
            m.webhook_id.0,
            m.organization_id.0,
            m.request_id.0,
            m.kind,
            m.body,
            Us(m.created_at),
            Us(m.next_attempt_at),
        ])
    })
    .map(drop)
    .map_err(database)
}

/// What is due to one place: of each request the first message that waits, so that they come in order.
pub(super) fn due(c: &Connection, id: &WebhookId, now: Time, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>> {
    c.prepare_cached(&format!(
        "SELECT {MESSAGE} FROM webhook_messages m
         WHERE m.webhook_id = ?1 AND m.next_attempt_at <= ?2 AND m.delivered_at IS NULL AND m.failed_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM webhook_messages e WHERE e.webhook_id = ?1 AND e.request_id = m.request_id
                 AND e.number < m.number AND e.delivered_at IS NULL AND e.failed_at IS NULL)
         ORDER BY m.next_attempt_at, m.number LIMIT ?3"
    ))
    .and_then(|mut s| s.query_map(params![id.0, Us(now), limit], message)?.collect())
    .map_err(database)
}

pub(super) fn newest(c: &Connection, id: Option<&WebhookId>, limit: u32) -> StoreResult<Vec<WebhookMessageRecord>> {
    c.prepare_cached(&format!(
        "SELECT {MESSAGE} FROM webhook_messages m WHERE ?1 IS NULL OR m.webhook_id = ?1 ORDER BY m.number DESC LIMIT ?2"
    ))
    .and_then(|mut s| s.query_map(params![id.map(|id| &id.0), limit], message)?.collect())
    .map_err(database)
}

pub(super) fn oldest_waiting(c: &Connection) -> StoreResult<Option<Time>> {
    c.prepare_cached("SELECT min(created_at) FROM webhook_messages WHERE delivered_at IS NULL AND failed_at IS NULL")
        .and_then(|mut s| s.query_row([], |row| row.get::<_, Option<Us>>(0)))
        .map(|time| time.map(|time| time.0))
        .map_err(database)
}

pub(super) fn attempted(c: &Connection, id: &WebhookMessageId, a: &WebhookAttempt, now: Time) -> StoreResult<()> {
    let delivered_at = a.error.is_none().then_some(now);
    let failed_at = (a.error.is_some() && a.retry_at.is_none()).then_some(now);
    c.prepare_cached(
        "UPDATE webhook_messages SET attempts = attempts + 1, last_status = ?1, last_error = ?2, delivered_at = ?3,
         failed_at = ?4, next_attempt_at = coalesce(?5, next_attempt_at)
         WHERE id = ?6 AND delivered_at IS NULL AND failed_at IS NULL",
    )
    .and_then(|mut s| s.execute(params![a.status, a.error, us(delivered_at), us(failed_at), us(a.retry_at), id.0]))
    .map(drop)
    .map_err(database)
}

/// Gives up what waits for places that are told nothing any more.
pub(super) fn give_up_orphans(c: &Connection, now: Time) -> StoreResult<u64> {
    c.prepare_cached(
        "UPDATE webhook_messages SET failed_at = ?1, last_error = 'The webhook was removed, or its client revoked.'
         WHERE delivered_at IS NULL AND failed_at IS NULL AND webhook_id IN (
             SELECT w.id FROM webhooks w JOIN api_clients c ON c.id = w.client_id
             WHERE w.removed_at IS NOT NULL OR c.revoked_at IS NOT NULL)",
    )
    .and_then(|mut s| s.execute([Us(now)]))
    .map(|rows| rows as u64)
    .map_err(database)
}

pub(super) fn sweep(c: &Connection, before: Time) -> StoreResult<()> {
    c.prepare_cached(
        "DELETE FROM webhook_messages WHERE created_at < ?1 AND (delivered_at IS NOT NULL OR failed_at IS NOT NULL)",
    )
    .and_then(|mut s| s.execute([Us(before)]))
    .map(drop)
    .map_err(database)
}
