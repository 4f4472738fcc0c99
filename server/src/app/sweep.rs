//! Writing down what time has done. Nothing depends on when this runs: every read and every check compares times itself.

use super::{Env, Origin, Result, acknowledge, alerts, notify, state, webhooks};
use crate::store::WriteTx;

/// Requests per sweep and kind; a longer queue is worked off by the following sweeps.
const BATCH: u32 = 200;

/// Writes expiry and lapse of whatever is due, and forgets what has outlived its use. Returns how many requests were
/// written. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn sweep(tx: &mut dyn WriteTx, env: &Env, origin: &Origin) -> Result<usize> {
    let now = env.now();
    let mut written = 0;
    for id in tx.disclosures_due(now, BATCH)? {
        let Some(mut request) = tx.request_anywhere(&id)? else { continue };
        acknowledge::disclose(tx, env, &mut request, now)?;
        written += 1;
    }
    let mut due = tx.requests_due(now, BATCH)?;
    due.extend(tx.grants_due(now, BATCH)?);
    for id in due {
        let Some(mut request) = tx.request_anywhere(&id)? else { continue };
        if state::settle(tx, env, origin, &mut request, now)? {
            written += 1;
            if request.notified_at.is_some() {
                notify::outcome(tx, env, &request, now)?;
            }
        }
    }
    for id in alerts::due(tx.reader(), now, BATCH)? {
        let Some(request) = tx.request_anywhere(&id)? else { continue };
        if let Some(grant) = &request.grant {
            alerts::refused(tx, env, &request, alerts::Refused::of(grant), now)?;
        }
    }
    tx.sweep_idempotency(now - env.idempotency_retention)?;
    tx.sweep_lease_keys(now)?;
    tx.give_up_webhook_orphans(now)?;
    tx.sweep_webhook_messages(now - webhooks::KEPT)?;
    tx.sweep_sessions(now, now - env.session_idle)?;
    Ok(written)
}
