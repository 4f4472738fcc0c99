//! Mails to be sent. A row is written in the transaction of what it tells about, and leaves the queue only after the
//! mail server took it.

use lockbox_api::{
    Time,
    ids::{MailId, OrganizationId, RequestId},
    mail::DemoMail,
};
use rusqlite::{Connection, params};

use super::convert::{Us, database, us};
use crate::store::{MailRecord, StoreResult};

pub(super) fn add(c: &Connection, m: &MailRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO outbox (id, organization_id, request_id, recipient, subject, text, html, link, created_at, next_attempt_at, attempts)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10)",
    )
    .and_then(|mut s| {
        s.execute(params![
            m.id.0,
            m.organization_id.0,
            m.request_id.as_ref().map(|id| &id.0),
            m.recipient,
            m.subject,
            m.text,
            m.html,
            m.link,
            Us(m.created_at),
            m.attempts,
        ])
    })
    .map(drop)
    .map_err(database)
}

pub(super) fn due(c: &Connection, now: Time, limit: u32) -> StoreResult<Vec<MailRecord>> {
    c.prepare_cached(
        "SELECT m.id, m.organization_id, m.request_id, m.recipient, m.subject, m.text, m.html, m.link, m.created_at, m.attempts,
             (SELECT r.decide_by FROM requests r
              WHERE r.id = m.request_id AND r.status IN ('customer_notified', 'awaiting_internal_approval'))
         FROM outbox m
         WHERE m.sent_at IS NULL AND m.failed_at IS NULL AND m.next_attempt_at <= ?1 ORDER BY m.next_attempt_at, m.id LIMIT ?2",
    )
    .and_then(|mut s| {
        s.query_map(params![Us(now), limit], |row| {
            Ok(MailRecord {
                id: MailId(row.get(0)?),
                organization_id: OrganizationId(row.get(1)?),
                request_id: row.get::<_, Option<String>>(2)?.map(RequestId),
                recipient: row.get(3)?,
                subject: row.get(4)?,
                text: row.get(5)?,
                html: row.get(6)?,
                link: row.get(7)?,
                created_at: row.get::<_, Us>(8)?.0,
                attempts: row.get(9)?,
                decide_by: row.get::<_, Option<Us>>(10)?.map(|at| at.0),
            })
        })?
        .collect()
    })
    .map_err(database)
}

pub(super) fn oldest_unsent(c: &Connection) -> StoreResult<Option<Time>> {
    c.prepare_cached("SELECT min(created_at) FROM outbox WHERE sent_at IS NULL AND failed_at IS NULL")
        .and_then(|mut s| s.query_row([], |row| row.get::<_, Option<Us>>(0)))
        .map(|time| time.map(|time| time.0))
        .map_err(database)
}

pub(super) fn newest(c: &Connection, limit: u32) -> StoreResult<Vec<DemoMail>> {
    c.prepare_cached(
        "SELECT id, created_at, recipient, subject, text, link FROM outbox ORDER BY created_at DESC, id DESC LIMIT ?1",
    )
    .and_then(|mut s| {
        s.query_map([limit], |row| {
            Ok(DemoMail {
                id: MailId(row.get(0)?),
                at: row.get::<_, Us>(1)?.0,
                to: row.get(2)?,
                subject: row.get(3)?,
                text: row.get(4)?,
                link: row.get(5)?,
            })
        })?
        .collect()
    })
    .map_err(database)
}

pub(super) fn sent(c: &Connection, id: &MailId, now: Time) -> StoreResult<()> {
    c.prepare_cached("UPDATE outbox SET sent_at = ?1, attempts = attempts + 1, last_error = NULL WHERE id = ?2")
        .and_then(|mut s| s.execute(params![Us(now), id.0]))
        .map(drop)
        .map_err(database)
}

pub(super) fn failed(c: &Connection, id: &MailId, error: &str, now: Time, retry_at: Option<Time>) -> StoreResult<()> {
    let failed_at = if retry_at.is_some() { None } else { Some(now) };
    c.prepare_cached(
        "UPDATE outbox SET attempts = attempts + 1, last_error = ?1, next_attempt_at = coalesce(?2, next_attempt_at),
         failed_at = ?3 WHERE id = ?4",
    )
    .and_then(|mut s| s.execute(params![error, us(retry_at), us(failed_at), id.0]))
    .map(drop)
    .map_err(database)
}

pub(super) fn sweep(c: &Connection, before: Time) -> StoreResult<()> {
    // What was done before that moment was made before it: found by the index over when mails were made.
    c.prepare_cached("DELETE FROM outbox WHERE created_at <= ?1 AND coalesce(sent_at, failed_at) <= ?1")
        .and_then(|mut s| s.execute([Us(before)]))
        .map(drop)
        .map_err(database)
}
