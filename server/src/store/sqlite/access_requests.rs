//! Requests as the provider lists them, over organisations.

use lockbox_api::{Time, requests::AccessState};
use rusqlite::{Connection, params_from_iter};

use super::{
    convert::{Conditions, database, values},
    grants,
    requests::{COLUMNS, FROM, record, status_is},
};
use crate::store::{AccessRequestFilter, RequestRecord, StoreResult};

/// A page, newest first. Ids begin with the time at which they were made, so their own index gives the order.
pub(super) fn page(c: &Connection, filter: &AccessRequestFilter, now: Time) -> StoreResult<Vec<RequestRecord>> {
    let mut conditions = Conditions::default();
    if let Some(ids) = &filter.organization_ids {
        let ids = serde_json::Value::from(ids.iter().map(|id| id.0.clone()).collect::<Vec<_>>()).to_string();
        conditions.and("r.organization_id IN (SELECT value FROM json_each(?))", values![ids]);
    }
    if let Some(id) = &filter.environment_id {
        conditions.and("r.environment_id = ?", values![id.0.clone()]);
    }
    if let Some(id) = &filter.service_request_id {
        conditions.and("r.service_request_id = ?", values![id.0.clone()]);
    }
    if let Some(id) = &filter.engineer_id {
        conditions.and("r.engineer_id = ?", values![id.clone()]);
    }
    if let Some(status) = filter.status {
        status_is(&mut conditions, status, now);
    }
    if let Some(state) = filter.access_state {
        access_is(&mut conditions, state, now);
    }
    if let Some(id) = &filter.after {
        conditions.and("r.id < ?", values![id.0.clone()]);
    }
    let text = format!("SELECT {COLUMNS}, {} {FROM}{} ORDER BY r.id DESC LIMIT ?", grants::COLUMNS, conditions.text());
    conditions.push(filter.limit);
    c.prepare_cached(&text)
        .and_then(|mut s| s.query_map(params_from_iter(conditions.values()), record)?.collect())
        .map_err(database)
}

/// Conditions that make a state of the access true at `now`, whatever the sweep has written so far.
fn access_is(conditions: &mut Conditions, state: AccessState, now: Time) {
    let now = now.timestamp_micros();
    match state {
        AccessState::None => conditions.and("g.request_id IS NULL", []),
        // By the index of what is open: there is little of it, however many requests there have been.
        AccessState::Active => conditions
            .and("r.id IN (SELECT request_id FROM grants WHERE state = 'active' AND expires_at > ?)", values![now]),
        AccessState::Lapsed => {
            conditions.and("(g.state = 'lapsed' OR (g.state = 'active' AND g.expires_at <= ?))", values![now]);
        }
        ended => conditions.and("g.state = ?", values![ended.as_str()]),
    }
}
