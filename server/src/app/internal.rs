//! Somebody inside the provider decides first, where a JIT rule asks for it.

use lockbox_api::{
    events::{Activity, Actor, ActorKind, Outcome},
    ids::RequestId,
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
    Client, Env, Error, Result, present, raise,
    record::{Entry, log},
    requests, state,
};
use crate::store::WriteTx;

/// Continues or rejects a request that waits for the provider. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`] (also when the engineer would decide their own request, or the role is not the
/// one that the rule names), [`Error::WrongState`] when the request does not wait for the provider.
pub fn decide(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    id: &RequestId,
    input: &InternalDecisionInput,
) -> Result<LockboxRequest> {
    let mut request = requests::of_client(tx.reader(), client, id)?;
    let now = env.now();
    let role = request.evaluation.internal_approval_role.as_deref();
    Error::unless_valid(validate::internal_decision(input, &request.engineer.id, role))?;
    let from = state::at(&request, now);
    let event = if input.approve { Event::NotRequired } else { Event::InternalReject };
    lifecycle::next(Some(from), event)?;

    let actor = Actor { id: input.approver_id.clone(), name: input.approver_name.clone(), kind: ActorKind::Engineer };
    let justification = input.justification.trim().to_owned();
    request.internal_decision = Some(InternalDecision {
        approved: input.approve,
        by: input.approver_name.clone(),
        role: input.role.clone(),
        at: now,
        justification: justification.clone(),
    });
    let organization = request.organization_id.clone();
    let details = json!({"justification": justification, "role": input.role});
    if input.approve {
        let service = catalog::service(&env.catalog, &request.service)
            .ok_or_else(|| Error::WrongState("The catalog has no entry for this service any more.".to_owned()))?
            .clone();
        log(
            tx,
            env,
            &client.origin,
            &organization,
            now,
            Entry::about(&request, Activity::InternalApproval, actor, details),
        )?;
        raise::lockbox_check(tx, env, &client.origin, &mut request, &service, Some(from), now)?;
    } else {
        state::advance(&mut request, Event::InternalReject, now, None)?;
        request.status_reason = Some(StatusReason::InternalRejection);
        request.decide_by = None;
        state::store(tx, &mut request)?;
        let mut entry = Entry::about(&request, Activity::Rejection, actor, details);
        entry.outcome = Outcome::Refused;
        log(tx, env, &client.origin, &organization, now, entry)?;
    }
    present::whole(tx.reader(), env, &request, now)
}
