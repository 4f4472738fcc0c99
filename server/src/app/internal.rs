//! Somebody inside the provider decides first, where a JIT rule asks for it: one person for each role that the rules name.

use lockbox_api::{
    Time,
    events::{Activity, Actor, ActorKind, Outcome},
    ids::RequestId,
    jit::Evaluation,
    provider::InternalDecisionInput,
    requests::{InternalDecision, LockboxRequest, StatusReason},
};
use lockbox_rules::{
    catalog,
    lifecycle::{self, Event},
    validate,
};
use serde_json::json;

use super::{
    Client, Env, Error, Origin, Result, present, raise,
    record::{Entry, log},
    requests, state,
};
use crate::store::{DecidedInside, RequestRecord, WriteTx};

/// Continues or rejects a request that waits for the provider. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`] (also when the engineer would decide their own request, when the role is none
/// whose approval is missing, and when the person has approved in another role), [`Error::WrongState`] when the request
/// does not wait for the provider.
pub fn decide(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    id: &RequestId,
    input: &InternalDecisionInput,
) -> Result<LockboxRequest> {
    let mut request = requests::of_client(tx.reader(), client, id)?;
    let now = env.now();
    settle(tx, env, &client.origin, &mut request, input, now)?;
    present::whole(tx.reader(), env, &request, now)
}

/// The roles whose approval is needed and has not been given, in the order of the rules.
pub(super) fn missing_roles<'a>(evaluation: &'a Evaluation, decided: &[DecidedInside]) -> Vec<&'a str> {
    let given = |role: &str| decided.iter().any(|one| one.decision.approved && one.decision.role == role);
    evaluation.approval_roles().into_iter().filter(|role| !given(role)).collect()
}

/// Writes the decision down. The last approval that was missing lets the request go on; one rejection ends it.
pub(super) fn settle(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    request: &mut RequestRecord,
    input: &InternalDecisionInput,
    now: Time,
) -> Result<()> {
    let missing = missing_roles(&request.evaluation, &request.internal_decisions);
    let approved_by: Vec<&str> = request.internal_decisions.iter().map(|one| one.approver_id.as_str()).collect();
    let faults = validate::internal_decision(input, &request.engineer.id, &missing, &approved_by);
    let last = missing.len() <= 1;
    let from = state::at(request, now);
    let event = if input.approve { Event::NotRequired } else { Event::InternalReject };
    lifecycle::next(Some(from), event)?;
    Error::unless_valid(faults)?;

    let actor = Actor { id: input.approver_id.clone(), name: input.approver_name.clone(), kind: ActorKind::Engineer };
    let justification = input.justification.trim().to_owned();
    request.internal_decisions.push(DecidedInside {
        approver_id: input.approver_id.clone(),
        decision: InternalDecision {
            approved: input.approve,
            by: input.approver_name.clone(),
            role: input.role.clone(),
            at: now,
            justification: justification.clone(),
        },
    });
    let organization = request.organization_id.clone();
    let details = json!({"justification": justification, "role": input.role});
    if !input.approve {
        state::advance(request, Event::InternalReject, now, None)?;
        request.status_reason = Some(StatusReason::InternalRejection);
        request.decide_by = None;
        state::store(tx, request)?;
        let mut entry = Entry::about(request, Activity::Rejection, actor, details);
        entry.outcome = Outcome::Refused;
        log(tx, env, origin, &organization, now, entry)?;
        return Ok(());
    }
    log(tx, env, origin, &organization, now, Entry::about(request, Activity::InternalApproval, actor, details))?;
    if last {
        let service = catalog::service_or_unknown(&env.book.catalog(), &request.service, &request.service_name);
        raise::lockbox_check(tx, env, origin, request, &service, Some(from), now)
    } else {
        state::store(tx, request)
    }
}
