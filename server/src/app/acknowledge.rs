//! Access without a request: seen by a person of the customer, and told when it may be told.

use chrono::SecondsFormat;
use lockbox_api::{
    Time,
    events::Activity,
    ids::RequestId,
    requests::{AcknowledgeInput, Acknowledgement, LockboxRequest},
};
use lockbox_rules::{permission::Action, validate};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who, alerts, notify, present,
    record::{Entry, log},
    requests, state,
};
use crate::store::{RequestRecord, WriteTx};

/// A person of the customer has seen an access on the ground of an exclusion, and says something to it. It is done once.
/// Permissions: [`Action::AcknowledgeAccess`].
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Fields`], [`Error::WrongState`] where there is nothing to
/// acknowledge, or somebody has done so.
pub fn acknowledge(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &RequestId,
    input: &AcknowledgeInput,
) -> Result<LockboxRequest> {
    let me = Me::load(tx.reader(), who)?;
    let mut request = requests::of_person(tx.reader(), &me, id)?;
    me.may(Action::AcknowledgeAccess, &me.subject(&request))?;
    let now = env.now();
    Error::unless_valid(validate::acknowledge(input))?;
    if let Some(done) = &request.acknowledgement {
        let at = done.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        return Err(Error::WrongState(format!("{} acknowledged it at {at}.", done.by)));
    }
    if !present::needs_acknowledgement(&request) {
        let message = "Only an access without a request, on the ground of an exclusion, is acknowledged.";
        return Err(Error::WrongState(message.to_owned()));
    }
    let comment = input.comment.trim().to_owned();
    request.acknowledgement = Some(Acknowledgement { by: me.person.name.clone(), at: now, comment: comment.clone() });
    state::store(tx, &mut request)?;
    let details = json!({"comment": comment, "reason": request.status_reason});
    let entry = Entry::about(&request, Activity::Acknowledge, me.actor(), details);
    log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    present::whole(tx.reader(), env, &request, now)
}

/// Discloses a legal demand whose moment has come: its events get their places in the log, with the time at which each
/// happened, and the administrators are told. Permissions: Lockbox itself.
pub(super) fn disclose(tx: &mut dyn WriteTx, env: &Env, request: &mut RequestRecord, now: Time) -> Result<()> {
    request.hidden = false;
    state::store(tx, request)?;
    let organization = request.organization_id.clone();
    for mut event in tx.take_parked_events(&request.id)? {
        event.details.entry("happened_at").or_insert_with(|| json!(event.time));
        event.details.insert("disclosed_at".to_owned(), json!(now));
        event.time = now;
        tx.append_event(&organization, event)?;
    }
    notify::disclosed(tx, env, request, now)?;
    match &request.grant {
        Some(grant) => alerts::refused(tx, env, request, alerts::Refused::of(grant), now),
        None => Ok(()),
    }
}
