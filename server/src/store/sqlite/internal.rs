//! Internal approvers of the provider, and the requests of all organisations that need them.

use lockbox_api::{
    Time,
    ids::PersonId,
    requests::{RECENT_DAYS, Status},
};
use rusqlite::{Connection, Row, params, params_from_iter};

use super::{
    convert::{Conditions, Json, Optional, database, values},
    requests,
};
use crate::store::{InternalApproverRecord, InternalFilter, RequestRecord, StoreResult};

fn record(row: &Row<'_>) -> rusqlite::Result<InternalApproverRecord> {
    Ok(InternalApproverRecord {
        person_id: PersonId(row.get(0)?),
        roles: row.get::<_, Json<_>>(1)?.0,
        team: row.get(2)?,
    })
}

pub(super) fn get(c: &Connection, person: &PersonId) -> StoreResult<Option<InternalApproverRecord>> {
    c.prepare_cached("SELECT person_id, roles, team FROM internal_approvers WHERE person_id = ?1")
        .and_then(|mut s| s.query_row([&person.0], record))
        .optional()
}

pub(super) fn put(c: &Connection, one: &InternalApproverRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO internal_approvers (person_id, roles, team) VALUES (?1, ?2, ?3)
         ON CONFLICT (person_id) DO UPDATE SET roles = excluded.roles, team = excluded.team",
    )
    .and_then(|mut s| s.execute(params![one.person_id.0, Json(&one.roles), one.team]))
    .map(drop)
    .map_err(database)
}

pub(super) fn page(c: &Connection, filter: &InternalFilter, now: Time) -> StoreResult<Vec<RequestRecord>> {
    let mut conditions = Conditions::default();
    // Word for word as in the index.
    conditions.and("r.evaluation ->> '$.outcome' = 'internal_approval_required'", []);
    // Evaluations from before there could be several roles name one.
    let places = vec!["?"; filter.roles.len()].join(", ");
    conditions.and(
        &format!(
            "(r.evaluation ->> '$.internal_approval_role' IN ({places}) OR EXISTS
             (SELECT 1 FROM json_each(r.evaluation, '$.internal_approval_roles') role WHERE role.value IN ({places})))"
        ),
        filter.roles.iter().chain(&filter.roles).cloned().map(|role| Box::new(role) as Box<dyn rusqlite::ToSql>),
    );
    let (order, ascending) = if filter.waiting {
        requests::status_is(&mut conditions, Status::AwaitingInternalApproval, now);
        ("r.decide_by", true)
    } else {
        let since = now - chrono::TimeDelta::days(RECENT_DAYS);
        conditions.and("r.requested_at >= ?", values![since.timestamp_micros()]);
        ("r.requested_at", false)
    };
    if let Some(key) = &filter.after {
        let comparison = format!("({order}, r.id) {} (?, ?)", if ascending { ">" } else { "<" });
        conditions.and(&comparison, values![key.at.timestamp_micros(), key.id.0.clone()]);
    }
    let direction = if ascending { "ASC" } else { "DESC" };
    let text =
        format!("{}{} ORDER BY {order} {direction}, r.id {direction} LIMIT ?", requests::select(), conditions.text());
    conditions.push(filter.limit);
    c.prepare_cached(&text)
        .and_then(|mut s| s.query_map(params_from_iter(conditions.values()), requests::record)?.collect())
        .map_err(database)
}
