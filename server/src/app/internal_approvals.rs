//! The internal approvers of the provider at their own place: the queue of all organisations, one request, the decision.
//! They see what was asked and how it was judged, and nothing of what the customer decided, did or set.

use chrono::SecondsFormat;
use lockbox_api::{
    Time,
    events::{Activity, Actor, ActorKind, Outcome},
    ids::RequestId,
    internal::{
        InternalApproval, InternalApprovalInput, InternalApprovalPage, InternalApprovalQuery, InternalApprovalSummary,
        InternalState, InternalView,
    },
    requests::{InternalDecision, Status},
};
use lockbox_rules::{
    inside::{Case, may_decide, may_read},
    permission::{Action, Subject},
    validate, words,
};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who,
    internal::{self, Inside, missing_roles},
    record::{InsideEntry, log_inside},
    requests::{cursor, more, page_limit, parse_cursor},
    state,
};
use crate::store::{DecidedInside, InternalApproverRecord, InternalFilter, ReadTx, RequestKey, RequestRecord, WriteTx};

/// The person who calls, with the roles of the rules for which they approve.
struct Approver {
    me: Me,
    profile: InternalApproverRecord,
}

impl Approver {
    /// People of customers are told that nothing is here, as of any other thing that is not theirs.
    fn load(tx: &dyn ReadTx, who: &Who) -> Result<Self> {
        let me = Me::load(tx, who)?;
        if !me.organization.is_provider {
            return Err(Error::NotFound);
        }
        me.may(Action::ReadInternalApprovals, &Subject::None)?;
        let nothing = || InternalApproverRecord { person_id: me.person.id.clone(), roles: Vec::new(), team: None };
        let profile = tx.internal_approver(&me.person.id)?.unwrap_or_else(nothing);
        Ok(Self { me, profile })
    }

    fn approved(&self, request: &RequestRecord) -> bool {
        let mine = |one: &DecidedInside| self.me.principal.is_engineer(&one.approver_id);
        request.internal_decisions.iter().any(|one| one.decision.approved && mine(one))
    }

    /// Asks the rules whether the person may decide.
    fn may_decide(&self, request: &RequestRecord, missing: &[&str]) -> Result<()> {
        let case = Case {
            engineer_id: &request.engineer.id,
            own: &self.own(),
            missing,
            approved_by_me: self.approved(request),
        };
        may_decide(&self.me.principal, &case).map_err(|refused| Error::NotAllowed(refused.message().to_owned()))
    }

    fn own(&self) -> Vec<&str> {
        self.profile.roles.iter().map(String::as_str).collect()
    }
}

/// A request that the person may read; whatever they may not know of does not exist.
fn of_approver(tx: &dyn ReadTx, approver: &Approver, id: &RequestId) -> Result<RequestRecord> {
    let readable = |found: &RequestRecord| may_read(&found.evaluation.approval_roles(), &approver.own());
    tx.request_anywhere(id)?.filter(readable).ok_or(Error::NotFound)
}

/// A page of the queue. Permissions: [`Action::ReadInternalApprovals`]; what needs none of the person's roles is left out.
///
/// # Errors
/// [`Error::NotFound`] for people of customers, [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(tx: &dyn ReadTx, env: &Env, who: &Who, query: &InternalApprovalQuery) -> Result<InternalApprovalPage> {
    let limit = page_limit(query.limit)?;
    let after = query.cursor.as_deref().map(parse_cursor).transpose()?;
    let approver = Approver::load(tx, who)?;
    let now = env.now();
    let waiting = query.view.unwrap_or(InternalView::Waiting) == InternalView::Waiting;
    let filter = InternalFilter {
        roles: approver.profile.roles.clone(),
        waiting,
        after: after.map(|(at, id)| RequestKey { at, id: RequestId(id) }),
        limit: limit + 1,
    };
    let mut rows = if filter.roles.is_empty() { Vec::new() } else { tx.internal_requests(&filter, now)? };
    let next_cursor = more(&mut rows, limit).map(|last| {
        let at = if waiting { last.decide_by.unwrap_or(last.requested_at) } else { last.requested_at };
        cursor(at, &last.id.0)
    });
    let items = rows.iter().map(|row| summary(tx, &approver, row, now)).collect::<Result<_>>()?;
    Ok(InternalApprovalPage { items, next_cursor, your_roles: approver.profile.roles })
}

fn organization_name(tx: &dyn ReadTx, request: &RequestRecord) -> Result<String> {
    Ok(tx.organization(&request.organization_id)?.ok_or(Error::NotFound)?.name)
}

/// How far the approval is, from where the request stands now.
fn state_of(request: &RequestRecord, now: Time) -> InternalState {
    let missing = !missing_roles(&request.evaluation, &request.internal_decisions).is_empty();
    match state::at(request, now).status {
        Status::AwaitingInternalApproval => InternalState::Waiting,
        Status::Rejected => InternalState::Rejected,
        // What became of it later is the customer's affair.
        Status::Expired if missing => InternalState::Expired,
        Status::Cancelled if missing => InternalState::Cancelled,
        _ => InternalState::Approved,
    }
}

/// The roles that are still to decide, while anybody can.
fn waits_for(request: &RequestRecord, state: InternalState) -> Vec<&str> {
    if state == InternalState::Waiting {
        missing_roles(&request.evaluation, &request.internal_decisions)
    } else {
        Vec::new()
    }
}

fn decide_by(request: &RequestRecord, state: InternalState) -> Option<Time> {
    request.decide_by.filter(|_| matches!(state, InternalState::Waiting | InternalState::Expired))
}

/// What `If-Match` asks for while it waits. Later changes are the customer's, and not even their number is told.
fn version(request: &RequestRecord, state: InternalState) -> u64 {
    if state == InternalState::Waiting { request.version } else { 0 }
}

fn texts(roles: Vec<&str>) -> Vec<String> {
    roles.into_iter().map(str::to_owned).collect()
}

fn summary(
    tx: &dyn ReadTx,
    approver: &Approver,
    request: &RequestRecord,
    now: Time,
) -> Result<InternalApprovalSummary> {
    let state = state_of(request, now);
    let missing = waits_for(request, state);
    let waits_for_you = approver.may_decide(request, &missing).is_ok();
    Ok(InternalApprovalSummary {
        id: request.id.clone(),
        organization_name: organization_name(tx, request)?,
        environment_name: request.environment_name.clone(),
        engineer_name: request.engineer.name.clone(),
        operations: request.operation_words.iter().map(|words| words.friendly_name.clone()).collect(),
        justification: request.justification.clone(),
        state,
        waits_for: texts(missing),
        waits_for_you,
        requested_at: request.requested_at,
        decide_by: decide_by(request, state),
        version: version(request, state),
    })
}

fn whole(tx: &dyn ReadTx, approver: &Approver, request: &RequestRecord, now: Time) -> Result<InternalApproval> {
    let state = state_of(request, now);
    let decisions = request.internal_decisions.iter().map(|one| InternalDecision {
        by: one.name.clone().unwrap_or_else(|| one.decision.by.clone()),
        ..one.decision.clone()
    });
    Ok(InternalApproval {
        id: request.id.clone(),
        organization_name: organization_name(tx, request)?,
        environment_name: request.environment_name.clone(),
        service_name: request.service_name.clone(),
        service_request_id: request.service_request_id.clone(),
        engineer: request.engineer.clone(),
        operation_words: request.operation_words.clone(),
        data_stores: request.data_stores.clone(),
        data_store_words: request.data_store_words.clone(),
        targets: request.targets.clone(),
        permission_level: request.permission_level,
        direct_data_access: request.direct_data_access,
        reason_code: request.reason_code,
        justification: request.justification.clone(),
        access_minutes: request.access_minutes,
        asked_minutes: request.asked_minutes,
        exclusion: request.exclusion.clone(),
        state,
        requested_at: request.requested_at,
        decide_by: decide_by(request, state),
        evaluation: request.evaluation.clone().inside(),
        decisions: decisions.collect(),
        waits_for: texts(waits_for(request, state)),
        your_roles: approver.profile.roles.clone(),
        approved_by_you: approver.approved(request),
        version: version(request, state),
    })
}

/// One request. Permissions: internal approvers whose role is asked for.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, id: &RequestId) -> Result<InternalApproval> {
    let approver = Approver::load(tx, who).map_err(hidden)?;
    let request = of_approver(tx, &approver, id)?;
    whole(tx, &approver, &request, env.now())
}

/// One request is nobody's business who does not approve.
fn hidden(error: Error) -> Error {
    if matches!(error, Error::NotAllowed(_)) { Error::NotFound } else { error }
}

/// Approves or rejects inside the provider. Permissions: `rules::inside::may_decide`.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`] (also for the engineer who asks, and for who has approved in another role),
/// [`Error::Fields`], [`Error::WrongState`] naming who was first, or what ended it, [`Error::VersionConflict`] when it
/// changed since it was read.
pub fn decide(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &RequestId,
    version: u64,
    approve: bool,
    input: &InternalApprovalInput,
) -> Result<InternalApproval> {
    let approver = Approver::load(tx.reader(), who).map_err(hidden)?;
    let mut request = of_approver(tx.reader(), &approver, id)?;
    let now = env.now();
    let missing = texts(missing_roles(&request.evaluation, &request.internal_decisions));
    let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
    // Who came second is told who was first, and not that their role is not missing any more.
    first_decision(&approver, &request, &missing, now)?;
    approver.may_decide(&request, &missing)?;
    let own: Vec<&str> = missing.iter().copied().filter(|role| approver.own().contains(role)).collect();
    let mut errors = validate::justification("/justification", &input.justification);
    let role = match &input.role {
        Some(role) if own.contains(&role.as_str()) => Some(role.as_str()),
        None => own.first().copied(),
        Some(_) => None,
    };
    if role.is_none() {
        let message = format!("The approval that is missing, and that you can give, is that of {}.", words::list(&own));
        errors.push(lockbox_api::problem::FieldError { pointer: "/role".to_owned(), message });
    }
    let role = role.map(str::to_owned);
    Error::unless_valid(errors)?;
    if request.version != version {
        return Err(Error::VersionConflict { current: request.version });
    }
    let shown = internal::shown_to_customers(env, Actor { kind: ActorKind::Engineer, ..approver.me.actor() });
    let decision = Inside {
        approver_id: &approver.me.person.id.0,
        name: Some(&approver.me.person.name),
        shown,
        role: &role.unwrap_or_default(),
        team: approver.profile.team.as_deref(),
        approve,
        justification: &input.justification,
    };
    internal::settle(tx, env, &who.origin, &mut request, &decision, now)?;
    whole(tx.reader(), &approver, &request, now)
}

/// Refuses where nothing is left to decide for this person: says what ended it, or who gave their role's approval.
fn first_decision(approver: &Approver, request: &RequestRecord, missing: &[&str], now: Time) -> Result<()> {
    let own = approver.own();
    let state = state_of(request, now);
    let mine_is_missing = missing.iter().any(|role| own.contains(role));
    if state == InternalState::Waiting && (mine_is_missing || approver.approved(request)) {
        return Ok(());
    }
    Err(Error::WrongState(match state {
        InternalState::Expired => "Nobody decided in time: the request has expired.".to_owned(),
        InternalState::Cancelled => "The request has been withdrawn.".to_owned(),
        InternalState::Waiting | InternalState::Approved | InternalState::Rejected => {
            let of_own_role = |one: &&DecidedInside| own.contains(&one.decision.role.as_str());
            let ended = request.internal_decisions.iter().find(|one| !one.decision.approved);
            let first = ended.or_else(|| request.internal_decisions.iter().find(of_own_role));
            first.map_or_else(|| "The request does not wait for your role.".to_owned(), told)
        }
    }))
}

/// A decision as a sentence for colleagues.
fn told(one: &DecidedInside) -> String {
    let did = if one.decision.approved { "approved" } else { "rejected" };
    let by = one.name.as_ref().unwrap_or(&one.decision.by);
    let at = one.decision.at.to_rfc3339_opts(SecondsFormat::Secs, true);
    format!("{by} ({}) {did} it at {at}.", words::approval_role(&one.decision.role))
}

/// Keeps an attempt that the rules refused, in the provider's own log. Permissions: none; it changes nothing else.
///
/// # Errors
/// [`Error::NotFound`].
pub fn record_refusal(tx: &mut dyn WriteTx, env: &Env, who: &Who, id: &RequestId, reason: &str) -> Result<()> {
    let approver = Approver::load(tx.reader(), who).map_err(hidden)?;
    let request = of_approver(tx.reader(), &approver, id)?;
    let entry = InsideEntry {
        activity: Activity::InternalApproval,
        actor: approver.me.actor(),
        outcome: Outcome::Refused,
        details: json!({"refused_reason": reason}),
    };
    log_inside(tx, env, &who.origin, env.now(), &request, entry)
}
