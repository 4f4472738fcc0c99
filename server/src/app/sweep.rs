//! Writing down what time has done. Nothing depends on when this runs: every read and every check compares times itself.

use lockbox_api::{Time, ids::RequestId};

use super::{Env, Origin, Result, acknowledge, alerts, notify, outbox, state, webhooks};
use crate::store::{ReadTx, WriteTx};

/// Requests per sweep and kind; a longer queue is worked off by the following sweeps.
const BATCH: u32 = 200;

/// One thing that time has done and nobody has written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// A hidden request may be disclosed.
    Disclosure(RequestId),
    /// A request has expired, or its access has lapsed.
    End(RequestId),
    /// Refused actions are to be told.
    Alert(RequestId),
}

impl Due {
    /// Which request it is about.
    #[must_use]
    pub fn request(&self) -> &RequestId {
        match self {
            Self::Disclosure(id) | Self::End(id) | Self::Alert(id) => id,
        }
    }
}

/// What is due at `now`, `most` of a kind at most. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn due(tx: &dyn ReadTx, now: Time, most: u32) -> Result<Vec<Due>> {
    let mut due: Vec<Due> = tx.disclosures_due(now, most)?.into_iter().map(Due::Disclosure).collect();
    due.extend(tx.requests_due(now, most)?.into_iter().map(Due::End));
    due.extend(tx.grants_due(now, most)?.into_iter().map(Due::End));
    due.extend(alerts::due(tx, now, most)?.into_iter().map(Due::Alert));
    Ok(due)
}

/// Everything that is due at `now`, as far as one sweep goes. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn all_due(tx: &dyn ReadTx, now: Time) -> Result<Vec<Due>> {
    due(tx, now, BATCH)
}

/// Writes one thing down; false where there was nothing to write any more. Permissions: Lockbox itself.
///
/// # Errors
/// When the database fails, or what it has of the request can't be understood.
pub fn one(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, due: &Due) -> Result<bool> {
    let now = env.now();
    let Some(mut request) = tx.request_anywhere(due.request())? else { return Ok(false) };
    match due {
        Due::Disclosure(_) if request.hidden => {
            acknowledge::disclose(tx, env, &mut request, now)?;
            Ok(true)
        }
        Due::Disclosure(_) => Ok(false),
        Due::End(_) => {
            let written = state::settle(tx, env, origin, &mut request, now)?;
            if written && request.notified_at.is_some() {
                notify::outcome(tx, env, &request, now)?;
            }
            Ok(written)
        }
        Due::Alert(_) => {
            if let Some(grant) = &request.grant {
                alerts::refused(tx, env, &request, alerts::Refused::of(grant), now)?;
            }
            Ok(false)
        }
    }
}

/// Writes whatever is due, and forgets what has outlived its use. Returns how many requests were written. Permissions:
/// Lockbox itself.
///
/// # Errors
/// When the database fails; then nothing is written, and [`one`] after the other is to be tried.
pub fn sweep(tx: &mut dyn WriteTx, env: &Env, origin: &Origin) -> Result<usize> {
    let mut written = 0;
    for due in all_due(tx.reader(), env.now())? {
        written += usize::from(one(tx, env, origin, &due)?);
    }
    housekeeping(tx, env)?;
    Ok(written)
}

/// Forgets what has outlived its use. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn housekeeping(tx: &mut dyn WriteTx, env: &Env) -> Result<()> {
    let now = env.now();
    tx.sweep_idempotency(now - env.idempotency_retention)?;
    tx.sweep_lease_keys(now)?;
    tx.give_up_webhook_orphans(now)?;
    tx.sweep_webhook_messages(now - webhooks::KEPT)?;
    tx.sweep_mails(now - outbox::KEPT)?;
    tx.sweep_sessions(now, now - env.session_idle)?;
    Ok(())
}
