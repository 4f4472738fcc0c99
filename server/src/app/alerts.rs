//! People are told of refused actions: when is for `rules::alerts` to say.

use lockbox_api::{Time, ids::RequestId};
use lockbox_rules::alerts::{self, Alert, PAUSE};

use super::{Env, Result, notify};
use crate::store::{ReadTx, RefusedAlertRecord, RequestRecord, WriteTx};

/// Requests with refused actions that people are to be told of now. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn due(tx: &dyn ReadTx, now: Time, limit: u32) -> Result<Vec<RequestId>> {
    Ok(tx.refused_alerts_due(now - PAUSE, limit)?)
}

/// Tells everybody who may decide of refused actions that they were not told of, or notes that they are to be told.
/// `refused`: how many there are under the request's grant by now.
pub(super) fn refused(tx: &mut dyn WriteTx, env: &Env, request: &RequestRecord, refused: u64, now: Time) -> Result<()> {
    let Some(grant) = request.grant.as_ref().filter(|_| !request.hidden) else { return Ok(()) };
    let known = tx.refused_alert(&grant.id)?;
    let (told, told_at) = known.as_ref().map_or((0, None), |known| (known.told, Some(known.told_at)));
    let next = match (alerts::refused(refused, told, told_at, now), told_at) {
        (Alert::Wait, Some(told_at)) => RefusedAlertRecord { told_at, told, waiting: true },
        (Alert::Tell(count), _) => {
            notify::refused_actions(tx, env, request, count, told_at, now)?;
            RefusedAlertRecord { told_at: now, told: refused, waiting: false }
        }
        (Alert::Nothing | Alert::Wait, _) => return Ok(()),
    };
    Ok(tx.put_refused_alert(&grant.id, &next)?)
}
