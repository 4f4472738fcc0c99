//! The customer decides: approve or deny, once, on what was read.

use lockbox_api::{
    events::{Activity, Outcome},
    ids::RequestId,
    requests::{Decision, DecisionInput, DecisionOutcome, LockboxRequest},
};
use lockbox_rules::{
    lifecycle::{self, Event},
    permission::Action,
    validate, window,
};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who, notify, present,
    record::{Entry, log},
    requests, state,
};
use crate::store::{RequestRecord, WriteTx};

/// What the person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Grant access.
    Approve,
    /// Refuse it.
    Deny,
}

/// Decides a request. Permissions: [`Action::DecideRequest`].
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Fields`], [`Error::AlreadyDecided`] naming the first decision,
/// [`Error::WrongState`] when it expired or was withdrawn, [`Error::VersionConflict`] when it changed since it was read.
pub fn decide(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &RequestId,
    version: u64,
    wish: Wish,
    input: &DecisionInput,
) -> Result<LockboxRequest> {
    let me = Me::load(tx.reader(), who)?;
    let mut request = requests::of_person(tx.reader(), &me, id)?;
    me.may(Action::DecideRequest, &me.subject(&request))?;
    let now = env.now();
    let minutes = checked(&request, wish, input)?;
    let (event, outcome, activity) = match wish {
        Wish::Approve => (Event::Approve, DecisionOutcome::Approved, Activity::Approve),
        Wish::Deny => (Event::Deny, DecisionOutcome::Denied, Activity::Deny),
    };
    // A first decision is told before a stale version: its words are what the second person needs.
    state::advance(&mut request, event, now, None)?;
    if request.version != version {
        return Err(Error::VersionConflict { current: request.version });
    }
    let justification = input.justification.trim().to_owned();
    request.decision = Some(Decision {
        outcome,
        by: me.person.name.clone(),
        at: now,
        justification: justification.clone(),
        access_minutes: minutes,
    });
    request.decided_by_id = Some(me.person.id.clone());
    if let Some(minutes) = minutes {
        state::open_access(env, &mut request, minutes, now);
    }
    state::store(tx, &mut request)?;
    let details = json!({"justification": justification, "access_minutes": minutes});
    log(tx, env, &who.origin, me.organization_id(), now, Entry::about(&request, activity, me.actor(), details))?;
    notify::outcome(tx, env, &request, now)?;
    present::whole(tx.reader(), env, &request, now)
}

/// The minutes to grant, none with a denial.
fn checked(request: &RequestRecord, wish: Wish, input: &DecisionInput) -> Result<Option<u32>> {
    let mut errors = validate::justification("/justification", &input.justification);
    let minutes = match wish {
        Wish::Approve => match window::granted_minutes(request.access_minutes, input.access_minutes) {
            Ok(minutes) => Some(minutes),
            Err(message) => {
                errors.push(lockbox_api::problem::FieldError { pointer: "/access_minutes".to_owned(), message });
                None
            }
        },
        Wish::Deny => None,
    };
    Error::unless_valid(errors)?;
    Ok(minutes)
}

/// Keeps an attempt that the rules refused, so that it can be seen. Permissions: none; it changes nothing else.
///
/// # Errors
/// [`Error::NotFound`] when the request is not of the person's organisation.
pub fn record_refusal(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &RequestId,
    activity: Activity,
    reason: &str,
) -> Result<()> {
    let me = Me::load(tx.reader(), who)?;
    let request = tx.request(me.organization_id(), id)?.ok_or(Error::NotFound)?;
    let now = env.now();
    let mut entry = Entry::about(&request, activity, me.actor(), json!({"refused_reason": reason}));
    entry.outcome = Outcome::Refused;
    log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    Ok(())
}

/// Notes that somebody who may decide has looked at a pending request; once per person.
/// Permissions: [`Action::DecideRequest`]; for others it does nothing, since their look means nothing to the case.
///
/// # Errors
/// [`Error::NotFound`].
pub fn viewed(tx: &mut dyn WriteTx, env: &Env, who: &Who, id: &RequestId) -> Result<()> {
    let me = Me::load(tx.reader(), who)?;
    let request = requests::of_person(tx.reader(), &me, id)?;
    let now = env.now();
    let pending = lifecycle::next(Some(state::at(&request, now)), Event::Approve).is_ok();
    if !pending || me.may(Action::DecideRequest, &me.subject(&request)).is_err() {
        return Ok(());
    }
    if !tx.has_viewed(me.organization_id(), id, &me.person.id)? {
        let entry = Entry::about(&request, Activity::View, me.actor(), json!({}));
        log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    }
    Ok(())
}
