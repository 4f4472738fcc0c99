//! The provider keeps its side in step: organisations, environments, support requests.

use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    ids::{EnvironmentId, MessageId, OrganizationId, ServiceRequestId},
    lockbox::{Lockbox, LockboxVersion, Policy, Scope},
    problem::FieldError,
    provider::{EnvironmentPut, OrganizationPut, ServiceRequestPut, Stored},
    service_requests::Message,
};
use lockbox_rules::validate;
use serde_json::{Value, json};

use super::{
    Client, Env, Error, Result, end,
    raise::jit_service,
    record::{Entry, log},
};
use crate::store::{EnvironmentRecord, OrganizationRecord, RequestFilter, ServiceRequestRecord, WriteTx};

/// What is said of an environment of another organisation as well.
const NO_SUCH_ENVIRONMENT: &str = "No such environment in this organisation.";

/// Puts an organisation. A new one begins with Lockbox off. Permissions: an API client that speaks of it.
///
/// # Errors
/// [`Error::NotFound`] outside the client's scope, [`Error::Fields`].
pub fn put_organization(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    id: &OrganizationId,
    input: &OrganizationPut,
) -> Result<Stored> {
    client.may_speak_of(tx.reader(), id)?;
    let now = env.now();
    let mut errors = validate::organization_put(input);
    errors.extend(validate::path_id("id", id.as_str()));
    Error::unless_valid(errors)?;
    if tx.organization(id)?.is_some_and(|known| known.is_provider) {
        return Err(Error::NotFound);
    }
    let record = OrganizationRecord { id: id.clone(), name: input.name.trim().to_owned(), is_provider: false };
    if tx.organization(id)?.as_ref() == Some(&record) {
        return Ok(Stored { created: false });
    }
    let created = tx.put_organization(&record, now)?;
    if created {
        tx.add_lockbox_version(
            id,
            &LockboxVersion {
                lockbox: Lockbox {
                    enabled: false,
                    policy: Policy { scope: Scope::None, environment_ids: Vec::new() },
                    queue_hours: None,
                    version: 1,
                    updated_by: None,
                    updated_at: now,
                },
                reason: None,
                changes: Vec::new(),
            },
        )?;
    }
    let details = json!({"name": record.name, "created": created});
    let entry = Entry::general(Activity::OrganizationUpdate, jit_service(client), details);
    log(tx, env, &client.origin, id, now, entry)?;
    Ok(Stored { created })
}

/// Puts an environment; the policy is never touched by it. With `deleted` it is gone, as after [`delete_environment`].
/// Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`].
pub fn put_environment(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    organization: &OrganizationId,
    id: &EnvironmentId,
    input: &EnvironmentPut,
) -> Result<Stored> {
    client.may_speak_of(tx.reader(), organization)?;
    let now = env.now();
    tx.organization(organization)?.filter(|known| !known.is_provider).ok_or(Error::NotFound)?;
    let mut errors = validate::environment_put(input, &env.book.catalog());
    errors.extend(validate::path_id("id", id.as_str()));
    for (pointer, origin) in [("/copied_from", &input.copied_from), ("/restored_from", &input.restored_from)] {
        let Some(origin) = origin.as_ref().filter(|_| errors.iter().all(|error| error.pointer != pointer)) else {
            continue;
        };
        if origin == id {
            errors.push(wrong(pointer, "This is the environment itself. Name the one that its data came from."));
        } else if tx.environment(organization, origin)?.is_none() {
            errors.push(wrong(pointer, NO_SUCH_ENVIRONMENT));
        }
    }
    Error::unless_valid(errors)?;
    let before = tx.environment(organization, id)?;
    let known =
        |origin: fn(&EnvironmentRecord) -> &Option<EnvironmentId>| before.as_ref().and_then(|one| origin(one).clone());
    let deleted_at = input.deleted.then(|| before.as_ref().and_then(|known| known.deleted_at).unwrap_or(now));
    let record = EnvironmentRecord {
        id: id.clone(),
        name: input.name.trim().to_owned(),
        service: input.service.clone(),
        region: input.region.trim().to_owned(),
        has_database: input.has_database,
        // Where its data came from does not change because a later call has another reason: a copy that the policy does not
        // cover stays marked as one.
        copied_from: input.copied_from.clone().or_else(|| known(|one| &one.copied_from)),
        restored_from: input.restored_from.clone().or_else(|| known(|one| &one.restored_from)),
        deleted_at,
    };
    if before.as_ref() == Some(&record) {
        return Ok(Stored { created: false });
    }
    let created = tx.put_environment(organization, &record, now)?;
    environment_changed(tx, env, client, organization, before.as_ref(), &record, now)?;
    if before.is_some_and(|known| known.deleted_at.is_none()) && record.deleted_at.is_some() {
        nothing_left_to_reach(tx, env, client, organization, id, now)?;
    }
    Ok(Stored { created })
}

/// Marks an environment as gone, as [`put_environment`] does with `deleted`, which ends the access to it and withdraws what
/// still waits; what it was stays known, and the policy is never touched. One that is gone already stays as it is. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub fn delete_environment(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    organization: &OrganizationId,
    id: &EnvironmentId,
) -> Result<Stored> {
    client.may_speak_of(tx.reader(), organization)?;
    let now = env.now();
    tx.organization(organization)?.filter(|known| !known.is_provider).ok_or(Error::NotFound)?;
    let known = tx.environment(organization, id)?.ok_or(Error::NotFound)?;
    if known.deleted_at.is_none() {
        let record = EnvironmentRecord { deleted_at: Some(now), ..known.clone() };
        tx.put_environment(organization, &record, now)?;
        environment_changed(tx, env, client, organization, Some(&known), &record, now)?;
        nothing_left_to_reach(tx, env, client, organization, id, now)?;
    }
    Ok(Stored { created: false })
}

/// Ends every access to an environment that is gone, and withdraws every request that waits for one.
fn nothing_left_to_reach(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    organization: &OrganizationId,
    id: &EnvironmentId,
    now: Time,
) -> Result<()> {
    let of = RequestFilter { environment_id: Some(id.clone()), ..RequestFilter::default() };
    let actor = jit_service(client);
    end::all(tx, env, &client.origin, organization, of, &end::ENVIRONMENT_DELETED, &actor, now)
}

/// What an environment is decides what is asked before it is reached (its service, whether it has a database): the log
/// tells all of it, and what was there before.
fn environment_changed(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    organization: &OrganizationId,
    before: Option<&EnvironmentRecord>,
    record: &EnvironmentRecord,
    now: Time,
) -> Result<()> {
    let told = |one: &EnvironmentRecord| {
        json!({
            "name": one.name, "service": one.service, "region": one.region, "has_database": one.has_database,
            "deleted": one.deleted_at.is_some(), "copied_from": one.copied_from, "restored_from": one.restored_from,
        })
    };
    let mut details = told(record);
    if let Some(details) = details.as_object_mut() {
        details.insert("environment".to_owned(), json!(record.id));
        details.insert("created".to_owned(), json!(before.is_none()));
        details.insert("before".to_owned(), before.map_or(Value::Null, told));
    }
    let entry = Entry::general(Activity::EnvironmentUpdate, jit_service(client), details);
    log(tx, env, &client.origin, organization, now, entry)
}

/// Puts a support request with its conversation; closing it ends the access given for it.
/// Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`].
pub fn put_service_request(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    organization: &OrganizationId,
    id: &ServiceRequestId,
    input: &ServiceRequestPut,
) -> Result<Stored> {
    client.may_speak_of(tx.reader(), organization)?;
    let now = env.now();
    tx.organization(organization)?.filter(|known| !known.is_provider).ok_or(Error::NotFound)?;
    let mut errors = validate::service_request_put(input);
    errors.extend(validate::path_id("id", id.as_str()));
    if let Some(environment) = &input.environment_id
        && tx.environment(organization, environment)?.is_none()
    {
        errors.push(wrong("/environment_id", NO_SUCH_ENVIRONMENT));
    }
    Error::unless_valid(errors)?;
    let before = tx.service_request(organization, id)?;
    let was_closed = before.as_ref().and_then(|known| known.closed_at);
    let mut record = ServiceRequestRecord {
        id: id.clone(),
        title: input.title.trim().to_owned(),
        description: input.description.clone(),
        severity: input.severity,
        environment_id: input.environment_id.clone(),
        opened_by_id: before.as_ref().and_then(|known| known.opened_by_id.clone()),
        opened_by: before.as_ref().map_or_else(|| env.book.catalog().provider.clone(), |known| known.opened_by.clone()),
        opened_at: before.as_ref().map_or(now, |known| known.opened_at),
        // Who closed it may have been the customer: what is closed stays closed.
        closed_at: was_closed.or(input.closed.then_some(now)),
        updated_at: before.as_ref().map_or(now, |known| known.updated_at),
        version: before.as_ref().map_or(1, |known| known.version),
    };
    // The row stands before its messages; a message that is known already changes nothing.
    if before.is_none() {
        tx.put_service_request(organization, &record)?;
    }
    let mut messages = 0_u32;
    for message in &input.messages {
        let message = Message {
            id: MessageId(message.id.clone()),
            author: message.author,
            author_name: message.author_name.clone(),
            at: message.at,
            text: message.text.clone(),
        };
        messages += u32::from(tx.add_message(organization, id, &message)?);
    }
    if before.is_some() && (messages > 0 || before.as_ref() != Some(&record)) {
        record.updated_at = now;
        record.version += 1;
        tx.put_service_request(organization, &record)?;
    }
    let actor = jit_service(client);
    let activity = match (&before, was_closed, record.closed_at) {
        (None, _, _) => Some(Activity::ServiceRequestCreate),
        (Some(_), None, Some(_)) => Some(Activity::ServiceRequestClose),
        (Some(known), _, _) if known != &record => Some(Activity::ServiceRequestUpdate),
        _ => None,
    };
    if let Some(activity) = activity {
        let entry = Entry {
            activity,
            actor: actor.clone(),
            request: None,
            service_request_id: Some(id),
            outcome: Outcome::Success,
            details: json!({"title": record.title, "messages": messages}),
        };
        log(tx, env, &client.origin, organization, now, entry)?;
    }
    if record.closed_at.is_some() && was_closed.is_none() {
        let of = RequestFilter { service_request_id: Some(id.clone()), ..RequestFilter::default() };
        end::all(tx, env, &client.origin, organization, of, &end::SERVICE_REQUEST_CLOSED, &actor, now)?;
    }
    Ok(Stored { created: before.is_none() })
}

fn wrong(pointer: &str, message: &str) -> FieldError {
    FieldError { pointer: pointer.to_owned(), message: message.to_owned() }
}
