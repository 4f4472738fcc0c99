//! Support requests: open one, read, add to it, close it.

use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    ids::{OrganizationId, ServiceRequestId},
    page::{LIMIT_MAX, ServiceRequestPage},
    requests::{RequestView, Status},
    service_requests::{
        Author, Message, MessageCreate, ServiceRequest, ServiceRequestCreate, ServiceRequestQuery,
        ServiceRequestSummary,
    },
};
use lockbox_rules::{
    permission::{Action, Subject},
    validate,
};
use serde_json::{Value, json};

use super::{
    Env, Error, Me, Origin, Result, Who, end, present,
    record::{Entry, log},
    requests::{cursor, more, page_limit, parse_cursor, search},
};
use crate::store::{ReadTx, RequestFilter, ServiceRequestFilter, ServiceRequestRecord, WriteTx};

/// A page of support requests, newest first. Permissions: [`Action::ReadServiceRequests`]; a member sees their own.
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(tx: &dyn ReadTx, who: &Who, query: &ServiceRequestQuery) -> Result<ServiceRequestPage> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadServiceRequests, &Subject::None)?;
    let limit = page_limit(query.limit)?;
    let filter = ServiceRequestFilter {
        state: query.state,
        q: search(query.q.as_deref())?,
        opened_by: me.principal.sees_own_only().then(|| me.person.id.clone()),
        after: query.cursor.as_deref().map(parse_cursor).transpose()?.map(|(at, id)| (at, ServiceRequestId(id))),
        limit: limit + 1,
    };
    let mut rows = tx.service_requests(me.organization_id(), &filter)?;
    let next_cursor = more(&mut rows, limit).map(|(last, _)| cursor(last.opened_at, &last.id.0));
    let names = names(tx, me.organization_id())?;
    let items = rows.into_iter().map(|(row, count)| summary(row, count, &names)).collect();
    Ok(ServiceRequestPage { items, next_cursor, total: None })
}

/// One support request, whole. Permissions: [`Action::ReadServiceRequests`].
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, id: &ServiceRequestId) -> Result<ServiceRequest> {
    let me = Me::load(tx, who)?;
    let record = of_person(tx, &me, id)?;
    whole(tx, env, &me, record)
}

/// Opens a support request. Permissions: [`Action::OpenServiceRequest`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`].
pub fn open(tx: &mut dyn WriteTx, env: &Env, who: &Who, input: &ServiceRequestCreate) -> Result<ServiceRequest> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::OpenServiceRequest, &Subject::None)?;
    let now = env.now();
    let mut errors = validate::service_request_create(input);
    if let Some(environment) = &input.environment_id
        && tx.environment(me.organization_id(), environment)?.is_none_or(|found| found.deleted_at.is_some())
    {
        errors.push(lockbox_api::problem::FieldError {
            pointer: "/environment_id".to_owned(),
            message: "No such environment in this organisation.".to_owned(),
        });
    }
    Error::unless_valid(errors)?;
    let record = ServiceRequestRecord {
        id: number(tx.reader(), env, me.organization_id(), now)?,
        title: input.title.trim().to_owned(),
        description: input.description.trim().to_owned(),
        severity: input.severity,
        environment_id: input.environment_id.clone(),
        opened_by_id: Some(me.person.id.clone()),
        opened_by: me.person.name.clone(),
        opened_at: now,
        closed_at: None,
        updated_at: now,
        version: 1,
    };
    tx.put_service_request(me.organization_id(), &record)?;
    let details = json!({"title": record.title, "severity": record.severity});
    note(tx, env, &who.origin, &me, &record.id, Activity::ServiceRequestCreate, details, now)?;
    whole(tx.reader(), env, &me, record)
}

/// Adds a message. Permissions: [`Action::WriteServiceRequest`].
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Fields`], [`Error::WrongState`] when it is closed.
pub fn add_message(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &ServiceRequestId,
    input: &MessageCreate,
) -> Result<ServiceRequest> {
    let me = Me::load(tx.reader(), who)?;
    let mut record = of_person(tx.reader(), &me, id)?;
    me.may(Action::WriteServiceRequest, &Subject::ServiceRequest { opened_by: record.opened_by_id.as_ref() })?;
    let now = env.now();
    Error::unless_valid(validate::message(input))?;
    if record.closed_at.is_some() {
        return Err(Error::WrongState("This support request is closed. Open a new one.".to_owned()));
    }
    let message = Message {
        id: env.id(now),
        author: Author::Customer,
        author_name: me.person.name.clone(),
        at: now,
        text: input.text.trim().to_owned(),
    };
    tx.add_message(me.organization_id(), id, &message)?;
    record.updated_at = now;
    record.version += 1;
    tx.put_service_request(me.organization_id(), &record)?;
    note(tx, env, &who.origin, &me, id, Activity::ServiceRequestMessage, json!({}), now)?;
    whole(tx.reader(), env, &me, record)
}

/// Closes a support request, which ends the access given for it and withdraws what still waits.
/// Permissions: [`Action::CloseServiceRequest`].
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::WrongState`] when it is closed already.
pub fn close(tx: &mut dyn WriteTx, env: &Env, who: &Who, id: &ServiceRequestId) -> Result<ServiceRequest> {
    let me = Me::load(tx.reader(), who)?;
    let mut record = of_person(tx.reader(), &me, id)?;
    me.may(Action::CloseServiceRequest, &Subject::ServiceRequest { opened_by: record.opened_by_id.as_ref() })?;
    let now = env.now();
    if record.closed_at.is_some() {
        return Err(Error::WrongState("This support request is closed already.".to_owned()));
    }
    record.closed_at = Some(now);
    record.updated_at = now;
    record.version += 1;
    tx.put_service_request(me.organization_id(), &record)?;
    note(tx, env, &who.origin, &me, id, Activity::ServiceRequestClose, json!({}), now)?;
    let of = RequestFilter { service_request_id: Some(id.clone()), ..RequestFilter::default() };
    end::all(tx, env, &who.origin, me.organization_id(), of, &end::SERVICE_REQUEST_CLOSED, &me.actor(), now)?;
    whole(tx.reader(), env, &me, record)
}

/// A support request that the person may read; others do not exist for them.
fn of_person(tx: &dyn ReadTx, me: &Me, id: &ServiceRequestId) -> Result<ServiceRequestRecord> {
    let record = tx.service_request(me.organization_id(), id)?.ok_or(Error::NotFound)?;
    me.may(Action::ReadServiceRequests, &Subject::ServiceRequest { opened_by: record.opened_by_id.as_ref() })
        .map_err(|_| Error::NotFound)?;
    Ok(record)
}

fn whole(tx: &dyn ReadTx, env: &Env, me: &Me, record: ServiceRequestRecord) -> Result<ServiceRequest> {
    let now = env.now();
    let filter =
        RequestFilter { service_request_id: Some(record.id.clone()), limit: LIMIT_MAX, ..RequestFilter::default() };
    let requests = tx.requests(me.organization_id(), &filter, now)?;
    let messages = tx.messages(me.organization_id(), &record.id)?;
    let names = names(tx, me.organization_id())?;
    let (description, version) = (record.description.clone(), record.version);
    // All of them, also beyond those that are shown: closing ends them all.
    let of = |narrowed: RequestFilter| tx.count_requests(me.organization_id(), &narrowed, now).map(small);
    let count = of(filter.clone())?;
    let (mut waiting, access_open) = (0, of(RequestFilter { view: Some(RequestView::Active), ..filter.clone() })?);
    for status in [Status::CustomerNotified, Status::AwaitingInternalApproval] {
        waiting += of(RequestFilter { status: Some(status), ..filter.clone() })?;
    }
    Ok(ServiceRequest {
        opened_by_me: record.opened_by_id.as_ref() == Some(&me.person.id),
        summary: summary(record, count, &names),
        description,
        messages,
        requests: requests.iter().map(|request| present::summary(request, now)).collect(),
        waiting,
        access_open,
        version,
    })
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

type Names = std::collections::BTreeMap<lockbox_api::ids::EnvironmentId, String>;

fn names(tx: &dyn ReadTx, organization: &OrganizationId) -> Result<Names> {
    Ok(tx.environments(organization)?.into_iter().map(|found| (found.id, found.name)).collect())
}

fn summary(record: ServiceRequestRecord, lockbox_requests: u32, names: &Names) -> ServiceRequestSummary {
    ServiceRequestSummary {
        environment_name: record.environment_id.as_ref().and_then(|id| names.get(id)).cloned(),
        id: record.id,
        title: record.title,
        severity: record.severity,
        opened_by: record.opened_by,
        opened_at: record.opened_at,
        closed_at: record.closed_at,
        environment_id: record.environment_id,
        lockbox_requests,
        updated_at: record.updated_at,
    }
}

/// A free number in the provider's form: the date and ten digits.
fn number(tx: &dyn ReadTx, env: &Env, organization: &OrganizationId, now: Time) -> Result<ServiceRequestId> {
    loop {
        let id = env.random.service_request_id(now);
        if tx.service_request(organization, &id)?.is_none() {
            return Ok(id);
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "each is one fact of the event; a struct would only rename them")]
fn note(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    me: &Me,
    id: &ServiceRequestId,
    activity: Activity,
    details: Value,
    now: Time,
) -> Result<()> {
    let entry = Entry {
        activity,
        actor: me.actor(),
        request: None,
        service_request_id: Some(id),
        outcome: Outcome::Success,
        details,
    };
    log(tx, env, origin, me.organization_id(), now, entry)?;
    Ok(())
}
