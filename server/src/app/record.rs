//! Writing to the log.

use lockbox_api::{
    Time,
    events::{Activity, Actor, ActorKind, Category, Outcome},
    ids::{EventId, OrganizationId, ServiceRequestId},
};
use serde_json::{Map, Value, json};

use super::{Env, Origin, Result, webhooks};
use crate::store::{NewEvent, RequestRecord, WriteTx};

/// Lockbox itself, as events name it.
pub(super) fn system() -> Actor {
    Actor { id: "system".to_owned(), name: "Lockbox".to_owned(), kind: ActorKind::System }
}

/// The engineer of a request, as events name them.
pub(super) fn engineer(request: &RequestRecord) -> Actor {
    Actor { id: request.engineer.id.clone(), name: request.engineer.name.clone(), kind: ActorKind::Engineer }
}

/// An object for `details` from a `json!({…})` value.
pub(super) fn details(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    }
}

/// An activity that is about to be logged.
pub(super) struct Entry<'a> {
    /// What.
    pub(super) activity: Activity,
    /// Who.
    pub(super) actor: Actor,
    /// About which request.
    pub(super) request: Option<&'a RequestRecord>,
    /// About which support request, where it is not about a Lockbox request.
    pub(super) service_request_id: Option<&'a ServiceRequestId>,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// More.
    pub(super) details: Value,
}

impl<'a> Entry<'a> {
    /// A success about a request.
    pub(super) fn about(request: &'a RequestRecord, activity: Activity, actor: Actor, details: Value) -> Self {
        Self { activity, actor, request: Some(request), service_request_id: None, outcome: Outcome::Success, details }
    }

    /// A success about the organisation.
    pub(super) fn general(activity: Activity, actor: Actor, details: Value) -> Self {
        Self { activity, actor, request: None, service_request_id: None, outcome: Outcome::Success, details }
    }
}

/// Appends an activity to the organisation's log, in the transaction of what it tells about.
pub(super) fn log(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    organization: &OrganizationId,
    now: Time,
    entry: Entry<'_>,
) -> Result<()> {
    let id: EventId = env.id(now);
    let request = entry.request;
    if let Some(request) = request {
        webhooks::logged(tx, env, request, entry.activity, entry.outcome, now)?;
    }
    place(
        tx,
        organization,
        request,
        NewEvent {
            id,
            time: now,
            category: Category::Activity,
            operation: entry.activity.as_str().to_owned(),
            friendly_name: None,
            actor: entry.actor,
            environment_id: request.map(|request| request.environment_id.clone()),
            request_id: request.map(|request| request.id.clone()),
            service_request_id: request
                .map(|request| request.service_request_id.clone())
                .or_else(|| entry.service_request_id.cloned()),
            grant_id: request.and_then(|request| request.grant.as_ref()).map(|grant| grant.id.clone()),
            outcome: entry.outcome,
            client_ip: origin.client_ip.clone(),
            correlation_id: origin.correlation_id.clone(),
            details: details(entry.details),
        },
    )
    .map(drop)
}

/// Appends an event to the organisation's log and returns its sequence; one of a hidden request is put aside instead, and
/// has none (0).
pub(super) fn place(
    tx: &mut dyn WriteTx,
    organization: &OrganizationId,
    request: Option<&RequestRecord>,
    event: NewEvent,
) -> Result<u64> {
    match request.filter(|request| request.hidden) {
        Some(hidden) => {
            tx.park_event(organization, &hidden.id, &event)?;
            Ok(0)
        }
        None => Ok(tx.append_event(organization, event)?.sequence),
    }
}

/// Something about an approval inside, for the provider's own log.
pub(super) struct InsideEntry {
    /// What.
    pub(super) activity: Activity,
    /// Who, as colleagues know them.
    pub(super) actor: Actor,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// More.
    pub(super) details: Value,
}

/// Appends it to the provider's own log, which no customer reads, and which tells the open pages of internal approvers
/// that something changed. Without an account of the provider there is neither. The request is named in the details alone:
/// it is not a thing of the provider's organisation, and a hidden one is not put aside here.
pub(super) fn log_inside(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    now: Time,
    request: &RequestRecord,
    entry: InsideEntry,
) -> Result<()> {
    let Some(provider) = tx.provider()? else { return Ok(()) };
    let mut details = details(entry.details);
    details.insert("request_id".to_owned(), json!(request.id));
    details.insert("organization_id".to_owned(), json!(request.organization_id));
    let event = NewEvent {
        id: env.id(now),
        time: now,
        category: Category::Activity,
        operation: entry.activity.as_str().to_owned(),
        friendly_name: None,
        actor: entry.actor,
        environment_id: None,
        request_id: None,
        service_request_id: None,
        grant_id: None,
        outcome: entry.outcome,
        client_ip: origin.client_ip.clone(),
        correlation_id: origin.correlation_id.clone(),
        details,
    };
    tx.append_event(&provider.id, event)?;
    Ok(())
}
