//! What became of mails.

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    events::{Activity, Outcome},
};
use serde_json::json;

use super::{
    Env, Origin, Result,
    record::{Entry, log, system},
};
use crate::store::{MailRecord, WriteTx};

/// How long mails are kept after they went or were given up: their texts name people, tickets and reasons. The log keeps
/// that somebody was told.
pub const KEPT: TimeDelta = TimeDelta::days(30);

/// Writes a failed attempt down. One that was the last goes into the organisation's log: somebody was not told.
/// Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn failed(tx: &mut dyn WriteTx, env: &Env, mail: &MailRecord, reason: &str, retry_at: Option<Time>) -> Result<()> {
    let now = env.now();
    tx.mail_failed(&mail.id, reason, now, retry_at)?;
    if retry_at.is_some() {
        return Ok(());
    }
    let request = match &mail.request_id {
        Some(id) => tx.request(&mail.organization_id, id)?,
        None => None,
    };
    let entry = Entry {
        activity: Activity::MailFailure,
        actor: system(),
        request: request.as_ref(),
        service_request_id: None,
        outcome: Outcome::Failure,
        details: json!({"mail": mail.id, "recipient": mail.recipient, "reason": reason, "attempts": mail.attempts + 1}),
    };
    let origin = Origin { correlation_id: mail.id.0.clone(), client_ip: None };
    log(tx, env, &origin, &mail.organization_id, now, entry)?;
    Ok(())
}
