//! An engineer asks: evaluation by the rules, the Lockbox check, and whoever has to be told.

use lockbox_api::{
    Time,
    catalog::Service,
    events::{Activity, Actor, ActorKind, Outcome},
    jit::EvaluationOutcome,
    lockbox::Lockbox,
    provider::{AccessRequestCreate, JitDryRun},
    requests::{LockboxRequest, Status, StatusReason},
};
use lockbox_rules::{
    catalog, jit,
    lifecycle::{self, Event},
    lockbox_check::{self, LockboxCheck},
    validate, window,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Client, Env, Error, Origin, Result, internal, notify, present,
    record::{Entry, engineer, log, system},
    state, webhooks,
};
use crate::store::{EnvironmentRecord, ReadTx, RequestRecord, ServiceRequestRecord, WriteTx};

/// What came of raising a request.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The request.
    pub request: LockboxRequest,
    /// True when the idempotency key had led to it before.
    pub replayed: bool,
}

/// The things that a request speaks of, all known.
struct Named {
    environment: EnvironmentRecord,
    service_request: ServiceRequestRecord,
    service: Service,
}

/// Raises an access request. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`] for an organisation that is unknown or outside the client's scope, [`Error::Fields`] for wrong
/// fields, [`Error::IdempotencyMismatch`] when the key came with another body before.
pub fn raise(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    input: &AccessRequestCreate,
    idempotency_key: Option<&str>,
) -> Result<Raised> {
    // What can't be an id is a wrong field; an id that names nothing, or nothing of the client's, is not found.
    Error::unless_valid(validate::path_id("/organization_id", input.organization_id.as_str()))?;
    client.may_speak_of(tx.reader(), &input.organization_id)?;
    let now = env.now();
    let body_hash = body_hash(input);
    if let Some(key) = idempotency_key
        && let Some((known, id)) = tx.idempotency(&client.record.id, key)?
    {
        if known != body_hash {
            return Err(Error::IdempotencyMismatch);
        }
        let request = tx.request(&input.organization_id, &id)?.ok_or(Error::NotFound)?;
        return Ok(Raised { request: present::whole(tx.reader(), env, &request, now)?, replayed: true });
    }
    tx.organization(&input.organization_id)?.filter(|organization| !organization.is_provider).ok_or(Error::NotFound)?;
    let named = named(tx.reader(), env, input)?;
    let mut request = begin(env, input, &named, tx.reader(), now)?;

    tx.add_request(&request)?;
    if let Some(key) = idempotency_key {
        tx.add_idempotency(&client.record.id, key, &body_hash, &request.id, now)?;
    }
    let origin = &client.origin;
    let organization = input.organization_id.clone();
    let friendly: Vec<_> = request.operation_words.iter().map(|words| &words.friendly_name).collect();
    let mut details = json!({
        "operations": request.operations, "friendly_names": friendly, "targets": request.targets, "access_minutes": request.access_minutes,
        "justification": request.justification, "client": client.record.name,
    });
    if let Some(asked) = request.asked_minutes.filter(|asked| *asked != request.access_minutes) {
        details["asked_minutes"] = json!(asked);
        details["shortened_by"] = json!(jit::shortened_by(&request.evaluation));
    }
    log(tx, env, origin, &organization, now, Entry::about(&request, Activity::Create, engineer(&request), details))?;
    let matched: Vec<_> = request.evaluation.rules.iter().map(|rule| rule.id.clone()).collect();
    let details = json!({"outcome": request.evaluation.outcome, "rules": matched, "rules_version": request.evaluation.rules_version});
    log(tx, env, origin, &organization, now, Entry::about(&request, Activity::Evaluate, jit_service(client), details))?;

    match request.evaluation.outcome {
        EvaluationOutcome::Rejected => {
            request.status_reason = Some(StatusReason::JitRule);
            enter(&mut request, Event::Reject)?;
            state::store(tx, &mut request)?;
            let rule =
                request.evaluation.rules.iter().find(|rule| rule.outcome == lockbox_api::jit::RuleOutcome::Reject);
            let details =
                json!({"rule": rule.map(|rule| &rule.id), "justification": rule.map(|rule| &rule.description)});
            let mut entry = Entry::about(&request, Activity::Rejection, jit_service(client), details);
            entry.outcome = Outcome::Refused;
            log(tx, env, origin, &organization, now, entry)?;
        }
        EvaluationOutcome::InternalApprovalRequired => {
            request.decide_by = Some(now + env.internal_approval);
            enter(&mut request, Event::RequireInternalApproval)?;
            state::store(tx, &mut request)?;
            internal::ask(tx, env, origin, &request, now)?;
            webhooks::awaiting_internal_approval(tx, env, &request, now)?;
        }
        EvaluationOutcome::Continued => {
            lockbox_check(tx, env, origin, &mut request, &named.service, None, now)?;
        }
    }
    let request = tx.request(&organization, &request.id)?.ok_or(Error::NotFound)?;
    Ok(Raised { request: present::whole(tx.reader(), env, &request, now)?, replayed: false })
}

/// What would come of raising this now; raises nothing and writes nothing. Permissions: an API client that speaks of the
/// organisation.
///
/// # Errors
/// As [`raise`].
pub fn dry_run(tx: &dyn ReadTx, env: &Env, client: &Client, input: &AccessRequestCreate) -> Result<JitDryRun> {
    Error::unless_valid(validate::path_id("/organization_id", input.organization_id.as_str()))?;
    client.may_speak_of(tx, &input.organization_id)?;
    tx.organization(&input.organization_id)?.filter(|organization| !organization.is_provider).ok_or(Error::NotFound)?;
    let named = named(tx, env, input)?;
    let request = begin(env, input, &named, tx, env.now())?;
    let setting = tx.lockbox(&input.organization_id)?.ok_or(Error::NotFound)?;
    let (status, status_reason) = match request.evaluation.outcome {
        EvaluationOutcome::Rejected => (Status::Rejected, Some(StatusReason::JitRule)),
        EvaluationOutcome::InternalApprovalRequired => (Status::AwaitingInternalApproval, None),
        EvaluationOutcome::Continued => match consent(&setting, &request, &named.service) {
            LockboxCheck::Required => (Status::CustomerNotified, None),
            LockboxCheck::NotRequired(reason) => (Status::NotRequired, Some(reason)),
        },
    };
    Ok(JitDryRun {
        status,
        status_reason,
        evaluation: request.evaluation.outside(),
        access_minutes: request.access_minutes,
        asked_minutes: request.asked_minutes,
        queue_hours: request.queue_hours,
    })
}

fn consent(setting: &Lockbox, request: &RequestRecord, service: &Service) -> LockboxCheck {
    lockbox_check::check(
        setting.enabled,
        &setting.policy,
        &request.environment_id,
        &lockbox_check::Asked {
            service,
            operations: &request.operations,
            data_stores: &request.data_stores,
            direct_data_access: request.direct_data_access,
            exclusion: request.exclusion.as_ref().map(|exclusion| exclusion.kind),
        },
    )
}

/// The JIT service behind an API client, as events name it.
pub(super) fn jit_service(client: &Client) -> Actor {
    Actor { id: client.record.id.0.clone(), name: client.record.name.clone(), kind: ActorKind::Client }
}

fn body_hash(input: &AccessRequestCreate) -> [u8; 32] {
    // The parsed body in one canonical form: white space and the order of fields don't make it another one.
    Sha256::digest(serde_json::to_vec(input).unwrap_or_default()).into()
}

/// A request that nobody has seen yet takes its first state from the table.
fn enter(request: &mut RequestRecord, event: Event) -> Result<()> {
    let next = lifecycle::next(None, event)?;
    request.status = next.status;
    Ok(())
}

/// Looks up everything that the request speaks of and checks its fields, all of them at once.
fn named(tx: &dyn ReadTx, env: &Env, input: &AccessRequestCreate) -> Result<Named> {
    let organization = &input.organization_id;
    let environment = tx.environment(organization, &input.environment_id)?.filter(|found| found.deleted_at.is_none());
    let service_request = tx.service_request(organization, &input.service_request_id)?;
    let services = env.book.catalog();
    let service = environment.as_ref().and_then(|found| catalog::service(&services, &found.service));
    let mut errors = validate::access_request(input, service);
    errors.extend(validate::disclosure(input, env.now()));
    let mut wrong = |pointer: &str, message: &str| {
        errors.push(lockbox_api::problem::FieldError { pointer: pointer.to_owned(), message: message.to_owned() });
    };
    match &environment {
        None => wrong("/environment_id", "No such environment in this organisation. Send it with PUT first."),
        Some(_) if service.is_none() => {
            wrong("/environment_id", "The catalog has no entry for this environment's service.")
        }
        Some(_) => {}
    }
    match &service_request {
        None => wrong("/service_request_id", "No such support request in this organisation. Send it with PUT first."),
        Some(found) if found.closed_at.is_some() => wrong("/service_request_id", "This support request is closed."),
        Some(_) => {}
    }
    match (environment, service_request, service) {
        (Some(environment), Some(service_request), Some(service)) if errors.is_empty() => {
            Ok(Named { environment, service_request, service: service.clone() })
        }
        _ => Err(Error::Fields(errors)),
    }
}

fn begin(env: &Env, input: &AccessRequestCreate, named: &Named, tx: &dyn ReadTx, now: Time) -> Result<RequestRecord> {
    let subject = jit::Subject::of(input, &named.service);
    let judged = jit::evaluate(&env.book.rules(), &subject, now);
    let setting = tx.lockbox(&input.organization_id)?.ok_or(Error::NotFound)?;
    let queue_hours =
        setting.queue_hours.map_or(named.service.queue_hours, |hours| hours.min(named.service.queue_hours));
    Ok(RequestRecord {
        id: env.id(now),
        organization_id: input.organization_id.clone(),
        environment_id: input.environment_id.clone(),
        environment_name: named.environment.name.clone(),
        service_request_id: input.service_request_id.clone(),
        service_request_title: Some(named.service_request.title.clone()),
        service_request_opened_by_id: named.service_request.opened_by_id.clone(),
        service: named.service.id.clone(),
        service_name: named.service.name.clone(),
        engineer: input.engineer.clone(),
        operations: input.operations.clone(),
        operation_words: catalog::words(&named.service, &input.operations),
        data_stores: input.data_stores.clone(),
        data_store_words: catalog::store_words(&named.service, &input.data_stores, &input.operations),
        targets: input.targets.clone(),
        permission_level: input.permission_level,
        direct_data_access: input.direct_data_access,
        reason_code: input.reason_code,
        justification: input.justification.trim().to_owned(),
        access_minutes: judged.access_minutes,
        asked_minutes: Some(subject.access_minutes),
        exclusion: input.exclusion.clone(),
        queue_hours,
        evaluation: judged.evaluation,
        status: Status::Rejected,
        status_reason: None,
        requested_at: now,
        notified_at: None,
        decide_by: None,
        internal_decisions: Vec::new(),
        decision: None,
        decided_by_id: None,
        hidden: input.exclusion.as_ref().is_some_and(|exclusion| exclusion.disclose_at.is_some()),
        acknowledgement: None,
        version: 1,
        grant: None,
    })
}

/// Asks the customer, or opens access with the recorded reason why nobody has to be asked.
/// `from`: the state that the request stands in; none when it is new.
pub(super) fn lockbox_check(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    request: &mut RequestRecord,
    service: &Service,
    from: Option<lifecycle::State>,
    now: Time,
) -> Result<()> {
    let organization = request.organization_id.clone();
    let setting = tx.lockbox(&organization)?.ok_or(Error::NotFound)?;
    let check = consent(&setting, request, service);
    let event = if check == LockboxCheck::Required { Event::Notify } else { Event::NotRequired };
    request.status = lifecycle::next(from, event)?.status;
    match check {
        LockboxCheck::Required => {
            request.notified_at = Some(now);
            request.decide_by = Some(window::decide_by(now, request.queue_hours, setting.queue_hours));
            state::store(tx, request)?;
            let told = notify::asked(tx, env, request, now)?;
            let details = json!({"recipients": told, "decide_by": request.decide_by});
            log(tx, env, origin, &organization, now, Entry::about(request, Activity::Notify, system(), details))?;
        }
        LockboxCheck::NotRequired(reason) => {
            request.status_reason = Some(reason);
            request.decide_by = None;
            state::open_access(env, request, request.access_minutes, now);
            state::store(tx, request)?;
            let details = json!({
                "reason": reason, "access_minutes": request.access_minutes,
                "exclusion_reason": request.exclusion.as_ref().map(|exclusion| &exclusion.reason),
                "script": request.exclusion.as_ref().and_then(|exclusion| exclusion.script.as_ref()),
                "disclose_at": request.exclusion.as_ref().and_then(|exclusion| exclusion.disclose_at),
            });
            log(
                tx,
                env,
                origin,
                &organization,
                now,
                Entry::about(request, Activity::AccessWithoutRequest, engineer(request), details),
            )?;
            notify::not_asked(tx, env, request, now)?;
        }
    }
    Ok(())
}
