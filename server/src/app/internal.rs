//! Somebody inside the provider decides first, where a JIT rule asks for it: one person for each role that the rules name.

use lockbox_api::{
    Time,
    events::{Activity, Actor, ActorKind, Outcome},
    ids::RequestId,
    jit::{Evaluation, JitRules},
    problem::FieldError,
    provider::InternalDecisionInput,
    requests::{InternalDecision, LockboxRequest, StatusReason},
    session::Role,
};
use lockbox_rules::{
    catalog, inside,
    lifecycle::{self, Event},
    validate, words,
};
use serde_json::json;

use super::{
    Client, Env, Error, Origin, Result,
    actor::is_named,
    notify, present, raise,
    record::{Entry, InsideEntry, log, log_inside, system},
    requests, state,
};
use crate::store::{DecidedInside, PersonRecord, ReadTx, RequestRecord, WriteTx};

/// A decision, with who makes it.
pub(super) struct Inside<'a> {
    /// Tells people apart: nobody decides in two roles.
    pub(super) approver_id: &'a str,
    /// As colleagues know them, where that is not what the customer sees.
    pub(super) name: Option<&'a str>,
    /// As the customer sees them.
    pub(super) shown: Actor,
    /// For which role of the rules.
    pub(super) role: &'a str,
    /// Their team.
    pub(super) team: Option<&'a str>,
    /// True: it goes on.
    pub(super) approve: bool,
    /// Why.
    pub(super) justification: &'a str,
}

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
    let missing = missing_roles(&request.evaluation, &request.internal_decisions);
    let approved_by: Vec<&str> = request.internal_decisions.iter().map(|one| one.approver_id.as_str()).collect();
    let account = account_of(tx.reader(), &input.approver_id)?;
    let approver_id = account.as_ref().map_or_else(|| input.approver_id.clone(), |person| person.id.0.clone());
    let known = InternalDecisionInput { approver_id, ..input.clone() };
    let engineer = account_of(tx.reader(), &request.engineer.id)?;
    let engineer = engineer.map_or_else(|| request.engineer.id.clone(), |person| person.id.0);
    let mut faults = validate::internal_decision(&known, &engineer, &missing, &approved_by);
    if faults.is_empty()
        && let Some(person) = &account
        && !approves_as(tx.reader(), person, &input.role)?
    {
        let message = format!("This person's account does not approve as {}.", words::approval_role(&input.role));
        faults.push(FieldError { pointer: "/approver_id".to_owned(), message });
    }
    let event = if input.approve { Event::NotRequired } else { Event::InternalReject };
    lifecycle::next(Some(state::at(&request, now)), event)?;
    Error::unless_valid(faults)?;
    let team = match &input.team {
        Some(team) => Some(team.trim().to_owned()),
        None => tx.reader().internal_approver(&known.approver_id.as_str().into())?.and_then(|profile| profile.team),
    };
    let shown = Actor { id: input.approver_id.clone(), name: input.approver_name.clone(), kind: ActorKind::Engineer };
    let decision = Inside {
        approver_id: &known.approver_id,
        name: (!env.internal_approver_names).then_some(input.approver_name.as_str()),
        shown: shown_to_customers(env, shown),
        role: &input.role,
        team: team.as_deref(),
        approve: input.approve,
        justification: &input.justification,
    };
    settle(tx, env, &client.origin, &mut request, &decision, now)?;
    present::whole(tx.reader(), env, &request, now)
}

/// The account where `id` is that of a person of the provider, their address or the id of an engineer who they are: whoever
/// decides here and there, or asks here and decides there, is one person.
pub(super) fn account_of(tx: &dyn ReadTx, id: &str) -> Result<Option<PersonRecord>> {
    let Some(provider) = tx.provider()? else { return Ok(None) };
    Ok(tx.people(&provider.id)?.into_iter().find(|person| is_named(person, id)))
}

/// Whether a person of the provider may approve in this role, here as in the portal. Of people without an account the
/// provider's service says it.
fn approves_as(tx: &dyn ReadTx, person: &PersonRecord, role: &str) -> Result<bool> {
    let profile = tx.internal_approver(&person.id)?;
    let named = profile.is_some_and(|profile| profile.roles.iter().any(|own| own == role));
    Ok(named && person.roles.contains(&Role::InternalApprover))
}

/// Who decided, as customers see it: role and team stand beside it; who it was stays inside, unless the provider's
/// setting says otherwise.
pub(super) fn shown_to_customers(env: &Env, actor: Actor) -> Actor {
    if env.internal_approver_names {
        return actor;
    }
    Actor { id: "provider".to_owned(), name: env.book.catalog().provider.clone(), kind: ActorKind::Engineer }
}

/// The roles whose approval is needed and has not been given, in the order of the rules.
pub(super) fn missing_roles<'a>(evaluation: &'a Evaluation, decided: &[DecidedInside]) -> Vec<&'a str> {
    inside::missing_roles(evaluation, decided.iter().map(|one| &one.decision))
}

/// The roles whose approval the rules can demand, each once.
pub(super) fn demanded_roles(rules: &JitRules) -> Vec<String> {
    let mut roles: Vec<String> =
        rules.rules.iter().flat_map(|rule| rule.role.iter().chain(&rule.roles)).cloned().collect();
    roles.sort();
    roles.dedup();
    roles
}

/// Those of the roles that no account approves as: whoever waits for one waits in vain, unless the provider's service
/// vouches for somebody. Permissions: none; it is for what Lockbox tells its operator.
///
/// # Errors
/// Those of the store.
pub fn unheld(tx: &dyn ReadTx, roles: impl IntoIterator<Item = String>) -> Result<Vec<String>> {
    let mut held = Vec::new();
    if let Some(provider) = tx.provider()? {
        for person in tx.people(&provider.id)? {
            let profile = tx.internal_approver(&person.id)?.filter(|_| person.roles.contains(&Role::InternalApprover));
            held.extend(profile.into_iter().flat_map(|profile| profile.roles));
        }
    }
    Ok(roles.into_iter().filter(|role| !held.contains(role)).collect())
}

/// The roles that the rules in force can demand and that no account approves as.
///
/// # Errors
/// Those of the store.
pub fn unheld_roles(tx: &dyn ReadTx, rules: &JitRules) -> Result<Vec<String>> {
    unheld(tx, demanded_roles(rules))
}

/// A request that begins to wait inside: the approvers of the roles that are named are told.
pub(super) fn ask(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, request: &RequestRecord, now: Time) -> Result<()> {
    let roles = request.evaluation.approval_roles();
    let nobody = unheld(tx.reader(), roles.iter().map(|role| (*role).to_owned()))?;
    if !nobody.is_empty() {
        tracing::warn!(
            request.id = %request.id,
            roles = nobody.join(", "),
            "the request waits for an approval that no account can give: {}",
            nobody.join(", ")
        );
    }
    let told = notify::inside(tx, env, request, &roles, now)?;
    let organization = request.organization_id.clone();
    let details = json!({"roles": roles, "decide_by": request.decide_by});
    let entry = Entry::about(request, Activity::InternalApprovalRequest, system(), details);
    log(tx, env, origin, &organization, now, entry)?;
    let entry = InsideEntry {
        activity: Activity::InternalApprovalRequest,
        actor: system(),
        outcome: Outcome::Success,
        details: json!({"roles": roles, "recipients": told, "decide_by": request.decide_by}),
    };
    log_inside(tx, env, origin, now, request, entry)
}

/// Writes the decision down; that it may be made has been checked. The last approval that was missing lets the request go
/// on; one rejection ends it.
pub(super) fn settle(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    request: &mut RequestRecord,
    decision: &Inside<'_>,
    now: Time,
) -> Result<()> {
    let last = missing_roles(&request.evaluation, &request.internal_decisions).len() <= 1;
    let from = state::at(request, now);
    let justification = decision.justification.trim().to_owned();
    request.internal_decisions.push(DecidedInside {
        approver_id: decision.approver_id.to_owned(),
        name: decision.name.map(str::to_owned),
        decision: InternalDecision {
            approved: decision.approve,
            by: decision.shown.name.clone(),
            role: decision.role.to_owned(),
            team: decision.team.map(str::to_owned),
            at: now,
            justification: justification.clone(),
        },
    });
    let organization = request.organization_id.clone();
    let details = json!({"justification": justification, "role": decision.role, "team": decision.team});
    let activity = if decision.approve { Activity::InternalApproval } else { Activity::Rejection };
    let known = Actor {
        id: decision.approver_id.to_owned(),
        name: decision.name.unwrap_or(&decision.shown.name).to_owned(),
        kind: decision.shown.kind,
    };
    let outcome = if decision.approve { Outcome::Success } else { Outcome::Refused };
    let entry = InsideEntry { activity, actor: known, outcome, details: details.clone() };
    log_inside(tx, env, origin, now, request, entry)?;
    // From where a person of the provider decided is the provider's affair.
    let origin = &Origin { client_ip: origin.client_ip.clone().filter(|_| decision.name.is_none()), ..origin.clone() };
    if !decision.approve {
        state::advance(request, Event::InternalReject, now, None)?;
        request.status_reason = Some(StatusReason::InternalRejection);
        request.decide_by = None;
        state::store(tx, request)?;
        let mut entry = Entry::about(request, activity, decision.shown.clone(), details);
        entry.outcome = Outcome::Refused;
        log(tx, env, origin, &organization, now, entry)?;
        return Ok(());
    }
    log(tx, env, origin, &organization, now, Entry::about(request, activity, decision.shown.clone(), details))?;
    if last {
        let service = catalog::service_or_unknown(&env.book.catalog(), &request.service, &request.service_name);
        raise::lockbox_check(tx, env, origin, request, &service, Some(from), now)
    } else {
        state::store(tx, request)
    }
}
