//! Moving a request along the lifecycle table. No other place changes a status.

use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    requests::{AccessState, Status, StatusReason},
};
use lockbox_rules::{
    lifecycle::{self, Event, State},
    window,
};
use serde_json::json;

use super::{
    Env, Error, Origin, Result,
    record::{Entry, InsideEntry, log, log_inside, system},
};
use crate::store::{GrantRecord, RequestRecord, WriteTx};

/// Where a request stands at `now`, whatever has been written so far.
pub(super) fn at(request: &RequestRecord, now: Time) -> State {
    let written =
        State { status: request.status, access: request.grant.as_ref().map_or(AccessState::None, |grant| grant.state) };
    lifecycle::at(written, request.decide_by, request.grant.as_ref().map(|grant| grant.expires_at), now)
}

/// How access ends.
pub(super) struct End<'a> {
    /// The sentence that people read.
    pub(super) reason: &'a str,
    /// Who ended it, where a person did.
    pub(super) by: Option<&'a str>,
    /// When.
    pub(super) at: Time,
}

/// Moves the request by the table, from where it really stands. Changes the record only; the caller stores it.
pub(super) fn advance(request: &mut RequestRecord, event: Event, now: Time, end: Option<&End<'_>>) -> Result<()> {
    let present = at(request, now);
    let next = lifecycle::next(Some(present), event).map_err(|refusal| refused(request, &refusal))?;
    request.status = next.status;
    if let Some(grant) = &mut request.grant
        && grant.state != next.access
    {
        grant.state = next.access;
        if let Some(end) = end {
            grant.ended_at = Some(end.at);
            grant.end_reason = Some(end.reason.to_owned());
            grant.ended_by = end.by.map(str::to_owned);
        }
    }
    Ok(())
}

/// The refusal as people read it: names the first decision, or what came before it.
fn refused(request: &RequestRecord, refusal: &lifecycle::Refusal) -> Error {
    match (&request.decision, refusal) {
        (Some(decision), lifecycle::Refusal::AlreadyDecided(_)) => Error::AlreadyDecided(Box::new(decision.clone())),
        _ => Error::from(*refusal),
    }
}

/// Stores the record under the next version.
pub(super) fn store(tx: &mut dyn WriteTx, request: &mut RequestRecord) -> Result<()> {
    let expected = request.version;
    request.version += 1;
    if tx.update_request(request, expected)? {
        return Ok(());
    }
    let current = tx.request_anywhere(&request.id)?.map_or(expected, |present| present.version);
    Err(Error::VersionConflict { current })
}

/// Opens the access that an approval, or a reason why none is needed, allows.
pub(super) fn open_access(env: &Env, request: &mut RequestRecord, minutes: u32, now: Time) {
    request.grant = Some(GrantRecord {
        id: env.id(now),
        organization_id: request.organization_id.clone(),
        request_id: request.id.clone(),
        engineer_id: request.engineer.id.clone(),
        environment_id: request.environment_id.clone(),
        operations: request.operations.clone(),
        targets: request.targets.clone(),
        starts_at: now,
        expires_at: window::expires_at(now, minutes),
        state: AccessState::Active,
        ended_at: None,
        end_reason: None,
        ended_by: None,
        first_action_at: None,
        last_action_at: None,
        actions: 0,
        refused_actions: 0,
        done_outside: 0,
        faulty_reports: 0,
    });
}

/// The sentence for an access whose time was over.
pub(super) const LAPSED: &str = "The access time was over.";

/// Writes down what time alone has done: expiry and lapse. True when something was written.
pub(super) fn settle(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    request: &mut RequestRecord,
    now: Time,
) -> Result<bool> {
    let present = at(request, now);
    let organization = request.organization_id.clone();
    if present.status == Status::Expired && request.status != Status::Expired {
        let inside = request.status == Status::AwaitingInternalApproval;
        request.status = Status::Expired;
        if inside {
            request.status_reason = Some(StatusReason::InternalApprovalExpired);
        }
        store(tx, request)?;
        let details = json!({"decide_by": request.decide_by, "inside": inside.then_some(true)});
        let entry = Entry::about(request, Activity::Expiry, system(), details);
        log(tx, env, origin, &organization, now, entry)?;
        if inside {
            over_inside(tx, env, origin, request, Activity::Expiry, now)?;
        }
        return Ok(true);
    }
    let lapsed_at = request
        .grant
        .as_ref()
        .filter(|grant| present.access == AccessState::Lapsed && grant.state != AccessState::Lapsed)
        .map(|grant| grant.expires_at);
    if let Some(expires_at) = lapsed_at {
        if let Some(grant) = &mut request.grant {
            grant.state = AccessState::Lapsed;
            grant.ended_at = Some(expires_at);
            grant.end_reason = Some(LAPSED.to_owned());
        }
        store(tx, request)?;
        let details = json!({"expires_at": expires_at});
        log(tx, env, origin, &organization, now, Entry::about(request, Activity::Lapse, system(), details))?;
        return Ok(true);
    }
    Ok(false)
}

/// What waited inside the provider came to nothing: its internal approvers' pages hear of it.
pub(super) fn over_inside(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    request: &RequestRecord,
    activity: Activity,
    now: Time,
) -> Result<()> {
    let entry = InsideEntry { activity, actor: system(), outcome: Outcome::Success, details: json!({}) };
    log_inside(tx, env, origin, now, request, entry)
}
