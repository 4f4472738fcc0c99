//! Access ends early, and requests are withdrawn.

use lockbox_api::{
    Time,
    events::{Activity, Actor},
    ids::{OrganizationId, RequestId},
    page::LIMIT_MAX,
    provider::EndInput,
    requests::{AccessState, JustificationInput, LockboxRequest, RequestView, Status, StatusReason},
};
use lockbox_rules::{
    lifecycle::{self, Event},
    permission::Action,
    validate,
};
use serde_json::json;

use super::{
    Client, Env, Error, Me, Origin, Result, Who, notify, present,
    record::{Entry, engineer, log},
    requests,
    state::{self, End},
};
use crate::store::{RequestFilter, RequestRecord, WriteTx};

/// What ends everything that was asked for one thing when that thing is no more.
pub(super) struct Cause {
    event: Event,
    reason: StatusReason,
}

/// The support request was closed.
pub(super) const SERVICE_REQUEST_CLOSED: Cause =
    Cause { event: Event::CloseServiceRequest, reason: StatusReason::ServiceRequestClosed };
/// The provider deleted the environment.
pub(super) const ENVIRONMENT_DELETED: Cause =
    Cause { event: Event::DeleteEnvironment, reason: StatusReason::EnvironmentDeleted };

/// Ends every access and withdraws every waiting request of those that `of` names, hidden ones as well.
///
/// # Errors
/// Those of the store.
#[expect(clippy::too_many_arguments, reason = "what ends, why, by whom, and the frame of every use case")]
pub(super) fn all(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    organization: &OrganizationId,
    of: RequestFilter,
    cause: &Cause,
    actor: &Actor,
    now: Time,
) -> Result<()> {
    let of = RequestFilter { with_hidden: true, limit: LIMIT_MAX, ..of };
    // What has come to its end already stays as it is, however much that is.
    let open = [
        RequestFilter { status: Some(Status::AwaitingInternalApproval), ..of.clone() },
        RequestFilter { status: Some(Status::CustomerNotified), ..of.clone() },
        RequestFilter { view: Some(RequestView::Active), ..of },
    ];
    for filter in open {
        loop {
            // What was ended is not found again: every page is the first.
            let mut changed = false;
            for mut request in tx.requests(organization, &filter, now)? {
                if one(tx, env, origin, &mut request, cause, actor, now)? {
                    changed = true;
                    if request.notified_at.is_some() {
                        notify::outcome(tx, env, &request, now)?;
                    }
                }
            }
            if !changed {
                break;
            }
        }
    }
    Ok(())
}

/// Ends or withdraws one request. True when something changed.
fn one(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    request: &mut RequestRecord,
    cause: &Cause,
    actor: &Actor,
    now: Time,
) -> Result<bool> {
    let was = state::at(request, now);
    if lifecycle::next(Some(was), cause.event).is_err() {
        return Ok(false);
    }
    let end = End { reason: cause.reason.label(), by: Some(&actor.name), at: now };
    state::advance(request, cause.event, now, Some(&end))?;
    let activity = if was.access == AccessState::Active {
        Activity::Completion
    } else {
        request.status_reason = Some(cause.reason);
        Activity::Cancel
    };
    state::store(tx, request)?;
    let organization = request.organization_id.clone();
    let details = json!({"cause": cause.reason});
    log(tx, env, origin, &organization, now, Entry::about(request, activity, actor.clone(), details))?;
    if was.status == Status::AwaitingInternalApproval {
        state::over_inside(tx, env, origin, request, activity, now)?;
    }
    Ok(true)
}

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
