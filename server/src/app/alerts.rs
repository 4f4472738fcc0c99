//! People are told of refused actions: when is for `rules::alerts` to say.

use lockbox_api::{Time, ids::RequestId};
use lockbox_rules::alerts::{self, Alert, PAUSE};

use super::{Env, Result, notify};
use crate::{
    notify::Outcome,
    store::{GrantRecord, ReadTx, RefusedAlertRecord, RequestRecord, WriteTx},
};

/// Requests with refused actions that people are to be told of now. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn due(tx: &dyn ReadTx, now: Time, limit: u32) -> Result<Vec<RequestId>> {
    Ok(tx.refused_alerts_due(now - PAUSE, limit)?)
}

/// How many actions under a grant were refused by now.
#[derive(Clone, Copy)]
pub(super) struct Refused {
    /// All of them.
    pub(super) all: u64,
    /// Those that the provider reported as done.
    pub(super) done: u64,
    /// Those whose report was faulty.
    pub(super) faulty: u64,
}

impl Refused {
    /// As the grant has it.
    pub(super) fn of(grant: &GrantRecord) -> Self {
        Self { all: grant.refused_actions, done: grant.done_outside, faulty: grant.faulty_reports }
    }
}

/// Tells everybody who may decide of refused actions that they were not told of, or notes that they are to be told. Of a
/// hidden request nothing is told before it is disclosed.
pub(super) fn refused(
    tx: &mut dyn WriteTx,
    env: &Env,
    request: &RequestRecord,
    refused: Refused,
    now: Time,
) -> Result<()> {
    let Some(grant) = request.grant.as_ref().filter(|_| !request.hidden) else { return Ok(()) };
    let known = tx.refused_alert(&grant.id)?;
    let told_at = known.as_ref().map(|known| known.told_at);
    let known =
        known.unwrap_or(RefusedAlertRecord { told_at: now, told: 0, told_done: 0, told_faulty: 0, waiting: false });
    let next = match (alerts::refused(refused.all, known.told, told_at, now), told_at) {
        (Alert::Wait, Some(_)) => RefusedAlertRecord { waiting: true, ..known },
        (Alert::Tell(count), _) => {
            let news = Outcome::RefusedActions {
                count,
                done: refused.done.saturating_sub(known.told_done),
                faulty: refused.faulty.saturating_sub(known.told_faulty),
                since: told_at,
            };
            notify::refused_actions(tx, env, request, news, now)?;
            RefusedAlertRecord {
                told_at: now,
                told: refused.all,
                told_done: refused.done,
                told_faulty: refused.faulty,
                waiting: false,
            }
        }
        (Alert::Nothing | Alert::Wait, _) => return Ok(()),
    };
    Ok(tx.put_refused_alert(&grant.id, &next)?)
}
