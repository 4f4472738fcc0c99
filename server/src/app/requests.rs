//! Reading requests.

use lockbox_api::{
    Time,
    access_requests::{AccessRequestPage, AccessRequestQuery},
    ids::RequestId,
    page::{LIMIT_DEFAULT, LIMIT_MAX, RequestPage},
    requests::{LockboxRequest, RequestQuery, RequestView},
};
use lockbox_rules::{
    permission::{Action, Subject},
    validate::ID_MAX,
};

use super::{Client, Env, Error, Me, Result, Who, present};
use crate::store::{AccessRequestFilter, ReadTx, RequestFilter, RequestKey, RequestRecord};

/// A request that the person may read; whatever they may not know of does not exist.
pub(super) fn of_person(tx: &dyn ReadTx, me: &Me, id: &RequestId) -> Result<RequestRecord> {
    let request = tx.request(me.organization_id(), id)?.filter(|found| !found.hidden).ok_or(Error::NotFound)?;
    me.may(Action::ReadRequest, &me.subject(&request)).map_err(|_| Error::NotFound)?;
    Ok(request)
}

/// A request that the client may speak of.
pub(super) fn of_client(tx: &dyn ReadTx, client: &Client, id: &RequestId) -> Result<RequestRecord> {
    client.own(tx, tx.request_anywhere(id)?, |request| &request.organization_id)
}

/// One request, whole. Permissions: [`Action::ReadRequest`].
///
/// # Errors
/// [`Error::NotFound`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, id: &RequestId) -> Result<LockboxRequest> {
    let me = Me::load(tx, who)?;
    let request = of_person(tx, &me, id)?;
    present::whole(tx, env, &request, env.now())
}

/// One request, for the provider. Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`].
pub fn get_for_client(tx: &dyn ReadTx, env: &Env, client: &Client, id: &RequestId) -> Result<LockboxRequest> {
    let request = of_client(tx, client, id)?;
    present::whole(tx, env, &request, env.now())
}

/// A page of requests, for the provider. Permissions: an API client; it sees those of the organisations that it speaks
/// of, and for any other organisation as many as for one that does not exist: none.
///
/// # Errors
/// [`Error::Parameters`].
pub fn list_for_client(
    tx: &dyn ReadTx,
    env: &Env,
    client: &Client,
    query: &AccessRequestQuery,
) -> Result<AccessRequestPage> {
    let now = env.now();
    let limit = page_limit(query.limit)?;
    plausible_ids(&[
        ("organization_id", query.organization_id.as_ref().map(|id| id.as_str())),
        ("environment_id", query.environment_id.as_ref().map(|id| id.as_str())),
        ("service_request_id", query.service_request_id.as_ref().map(|id| id.as_str())),
        ("engineer_id", query.engineer_id.as_deref()),
    ])?;
    let organization_ids = match &query.organization_id {
        Some(id) => Some(match client.may_speak_of(tx, id) {
            Ok(()) => vec![id.clone()],
            Err(Error::NotFound) => Vec::new(),
            Err(error) => return Err(error),
        }),
        None => client.present(tx)?.organization_ids,
    };
    let filter = AccessRequestFilter {
        organization_ids,
        environment_id: query.environment_id.clone(),
        service_request_id: query.service_request_id.clone(),
        engineer_id: query.engineer_id.clone(),
        status: query.status,
        access_state: query.access_state,
        after: query.cursor.as_deref().map(request_cursor).transpose()?,
        limit: limit + 1,
    };
    let mut rows = tx.access_requests(&filter, now)?;
    let next_cursor = more(&mut rows, limit).map(|last| last.id.0.clone());
    Ok(AccessRequestPage {
        items: rows.iter().map(|row| present::for_provider(row, now)).collect(),
        next_cursor,
        total: None,
    })
}

/// The cursor of a list that is ordered by ids is the last id.
fn request_cursor(text: &str) -> Result<RequestId> {
    let is_id = text.strip_prefix(RequestId::PREFIX).is_some_and(|rest| {
        (1..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if is_id { Ok(RequestId::from(text)) } else { Err(no_cursor()) }
}

fn no_cursor() -> Error {
    Error::parameter("cursor", "This is not a cursor of this list. Leave it out to begin at the start.")
}

/// A page of requests. Permissions: [`Action::ReadRequests`]; a member sees those of the support requests they opened.
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(tx: &dyn ReadTx, env: &Env, who: &Who, query: &RequestQuery) -> Result<RequestPage> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadRequests, &Subject::None)?;
    let now = env.now();
    let limit = page_limit(query.limit)?;
    plausible_ids(&[
        ("environment_id", query.environment_id.as_ref().map(|id| id.as_str())),
        ("service_request_id", query.service_request_id.as_ref().map(|id| id.as_str())),
        ("service", query.service.as_deref()),
        ("team", query.team.as_deref()),
        ("decided_by", query.decided_by.as_ref().map(|id| id.as_str())),
    ])?;
    let filter = RequestFilter {
        view: query.view,
        status: query.status,
        environment_id: query.environment_id.clone(),
        service_request_id: query.service_request_id.clone(),
        service: query.service.clone(),
        reason_code: query.reason_code,
        status_reason: query.status_reason,
        team: query.team.clone(),
        decided_by: query.decided_by.clone(),
        from: query.from,
        to: query.to,
        q: search(query.q.as_deref())?,
        opened_by: me.principal.sees_own_only().then(|| me.person.id.clone()),
        with_hidden: false,
        after: query.cursor.as_deref().map(key).transpose()?,
        limit: limit + 1,
    };
    ordered(query.from, query.to)?;
    let mut rows = tx.requests(me.organization_id(), &filter, now)?;
    let view = query.view.unwrap_or(RequestView::All);
    let next_cursor = more(&mut rows, limit).map(|last| cursor(sort_time(last, view), &last.id.0));
    // Of the same instant as the rows: both are read in one transaction.
    let total = match query.with_total {
        Some(true) => Some(tx.count_requests(me.organization_id(), &filter, now)?),
        _ => None,
    };
    Ok(RequestPage { items: rows.iter().map(|row| present::summary(row, now)).collect(), next_cursor, total })
}

/// The column that a view is ordered by.
pub(super) fn sort_time(request: &RequestRecord, view: RequestView) -> Time {
    match view {
        RequestView::Pending => request.decide_by.unwrap_or(request.requested_at),
        RequestView::Active => request.grant.as_ref().map_or(request.requested_at, |grant| grant.expires_at),
        _ => request.requested_at,
    }
}

fn key(text: &str) -> Result<RequestKey> {
    let (at, id) = parse_cursor(text)?;
    Ok(RequestKey { at, id: RequestId(id) })
}

/// A cursor from a time and an id.
pub(super) fn cursor(at: Time, id: &str) -> String {
    format!("{}.{id}", at.timestamp_micros())
}

/// The time and the id of a cursor.
pub(super) fn parse_cursor(text: &str) -> Result<(Time, String)> {
    text.split_once('.')
        .and_then(|(at, id)| Some((Time::from_timestamp_micros(at.parse().ok()?)?, id.to_owned())))
        .ok_or_else(no_cursor)
}

/// Rows of a page, 1 to 200.
pub(super) fn page_limit(limit: Option<u32>) -> Result<u32> {
    match limit {
        None => Ok(LIMIT_DEFAULT),
        Some(limit) if (1..=LIMIT_MAX).contains(&limit) => Ok(limit),
        Some(_) => Err(Error::parameter("limit", format!("Between 1 and {LIMIT_MAX}."))),
    }
}

/// Cuts the surplus row off; returns the last row that stays when there was one.
pub(super) fn more<T>(rows: &mut Vec<T>, limit: u32) -> Option<&T> {
    let limit = limit as usize;
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last()
}

/// A search text, trimmed; empty is none.
pub(super) fn search(q: Option<&str>) -> Result<Option<String>> {
    match q.map(str::trim) {
        None | Some("") => Ok(None),
        Some(q) if q.chars().count() > 200 => Err(Error::parameter("q", "At most 200 characters.")),
        Some(q) => Ok(Some(q.to_owned())),
    }
}

/// Refuses ids that are longer than any id: who sends one means something else. Each with its parameter's name.
pub(super) fn plausible_ids(ids: &[(&'static str, Option<&str>)]) -> Result<()> {
    match ids.iter().find(|(_, id)| id.is_some_and(|id| id.chars().count() > ID_MAX)) {
        Some((name, _)) => Err(Error::parameter(name, format!("At most {ID_MAX} characters."))),
        None => Ok(()),
    }
}

/// Refuses a range that is the wrong way round.
pub(super) fn ordered(from: Option<Time>, to: Option<Time>) -> Result<()> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Error::parameter("to", "Lies before `from`.")),
        _ => Ok(()),
    }
}
