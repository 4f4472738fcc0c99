//! Access ends early, and requests are withdrawn.

use lockbox_api::{
    events::Activity,
    ids::RequestId,
    provider::EndInput,
    requests::{JustificationInput, LockboxRequest, Status, StatusReason},
};
use lockbox_rules::{lifecycle::Event, permission::Action, validate};
use serde_json::json;

use super::{
    Client, Env, Error, Me, Result, Who, notify, present,
    record::{Entry, engineer, log},
    requests,
    state::{self, End},
};
use crate::store::{RequestRecord, WriteTx};

/// The customer ends access now. Permissions: [`Action::EndAccess`]. No version is asked for: ending must never fail
/// because something else was written meanwhile.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Fields`], [`Error::WrongState`] when no access is open.
pub fn revoke(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &RequestId,
    input: &JustificationInput,
) -> Result<LockboxRequest> {
    let me = Me::load(tx.reader(), who)?;
    let mut request = requests::of_person(tx.reader(), &me, id)?;
    me.may(Action::EndAccess, &me.subject(&request))?;
    let now = env.now();
    Error::unless_valid(validate::justification("/justification", &input.justification))?;
    let justification = input.justification.trim();
    let end = End { reason: justification, by: Some(&me.person.name), at: now };
    state::advance(&mut request, Event::Revoke, now, Some(&end))?;
    state::store(tx, &mut request)?;
    let details = json!({"justification": justification});
    log(
        tx,
        env,
        &who.origin,
        me.organization_id(),
        now,
        Entry::about(&request, Activity::Revoke, me.actor(), details),
    )?;
    notify::outcome(tx, env, &request, now)?;
    present::whole(tx.reader(), env, &request, now)
}

/// The engineer withdraws a request before a decision. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`] when it is another engineer's, [`Error::AlreadyDecided`], [`Error::WrongState`].
pub fn cancel(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    id: &RequestId,
    input: &EndInput,
) -> Result<LockboxRequest> {
    let mut request = own(tx, client, id, input)?;
    let now = env.now();
    let inside = request.status == Status::AwaitingInternalApproval;
    state::advance(&mut request, Event::Cancel, now, None)?;
    request.status_reason = Some(StatusReason::Withdrawn);
    state::store(tx, &mut request)?;
    let organization = request.organization_id.clone();
    let details = json!({"note": input.note, "cause": "withdrawn"});
    log(
        tx,
        env,
        &client.origin,
        &organization,
        now,
        Entry::about(&request, Activity::Cancel, engineer(&request), details),
    )?;
    if inside {
        state::over_inside(tx, env, &client.origin, &request, Activity::Cancel, now)?;
    }
    if request.notified_at.is_some() {
        notify::outcome(tx, env, &request, now)?;
    }
    present::whole(tx.reader(), env, &request, now)
}

/// The engineer is done and gives the access back. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`] when it is another engineer's, [`Error::WrongState`] when no access is open.
pub fn complete(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    id: &RequestId,
    input: &EndInput,
) -> Result<LockboxRequest> {
    let mut request = own(tx, client, id, input)?;
    let now = env.now();
    let by = request.engineer.name.clone();
    let end = End { reason: "The engineer completed the work.", by: Some(&by), at: now };
    state::advance(&mut request, Event::Complete, now, Some(&end))?;
    state::store(tx, &mut request)?;
    let organization = request.organization_id.clone();
    let details = json!({"note": input.note, "cause": "engineer"});
    log(
        tx,
        env,
        &client.origin,
        &organization,
        now,
        Entry::about(&request, Activity::Completion, engineer(&request), details),
    )?;
    notify::outcome(tx, env, &request, now)?;
    present::whole(tx.reader(), env, &request, now)
}

/// The request, if the engineer who is named raised it.
fn own(tx: &dyn WriteTx, client: &Client, id: &RequestId, input: &EndInput) -> Result<RequestRecord> {
    let request = requests::of_client(tx.reader(), client, id)?;
    Error::unless_valid(validate::end_input(input))?;
    if request.engineer.id != input.engineer_id {
        return Err(Error::field("/engineer_id", "Only the engineer who raised the request can end it."));
    }
    Ok(request)
}
