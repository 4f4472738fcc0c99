//! What figures need to know of the requests of a period.

use lockbox_api::{
    Time,
    ids::{EnvironmentId, OrganizationId},
};
use rusqlite::{Connection, Row, params};

use super::convert::{Us, Word, database};
use crate::store::{HistoryGrant, HistoryRow, StoreResult};

pub(super) fn each(
    c: &Connection,
    organization: &OrganizationId,
    from: Time,
    to: Time,
    take: &mut dyn FnMut(HistoryRow),
) -> StoreResult<()> {
    let read = |row: &Row<'_>| {
        let time = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<Us>>(column)?.map(|time| time.0));
        let count = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let decider: (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
        let grant = match row.get::<_, Option<Word<_>>>(14)? {
            Some(state) => Some(HistoryGrant {
                state: state.0,
                starts_at: row.get::<_, Us>(15)?.0,
                expires_at: row.get::<_, Us>(16)?.0,
                ended_at: time(17)?,
                first_action_at: time(18)?,
                last_action_at: time(19)?,
                actions: count(20)?,
                refused_actions: count(21)?,
                rows_touched: count(22)?,
            }),
            None => None,
        };
        Ok(HistoryRow {
            status: row.get::<_, Word<_>>(0)?.0,
            status_reason: row.get::<_, Option<Word<_>>>(1)?.map(|value| value.0),
            requested_at: row.get::<_, Us>(2)?.0,
            notified_at: time(3)?,
            decide_by: time(4)?,
            decided_at: time(5)?,
            decider: decider.1.map(|name| (decider.0.unwrap_or_default(), name)),
            environment: (EnvironmentId(row.get(8)?), row.get(9)?),
            service: (row.get(10)?, row.get(11)?),
            reason_code: row.get::<_, Word<_>>(12)?.0,
            team: row.get(13)?,
            grant,
        })
    };
    c.prepare_cached(
        "SELECT r.status, r.status_reason, r.requested_at, r.notified_at, r.decide_by, r.decided_at, r.decided_by_id,
             r.decided_by, r.environment_id, e.name, r.service, r.service_name, r.reason_code, r.engineer ->> 'team',
             g.state, g.starts_at, g.expires_at, g.ended_at, g.first_action_at, g.last_action_at, g.actions,
             g.refused_actions, g.rows_touched
         FROM requests r JOIN environments e ON e.organization_id = r.organization_id AND e.id = r.environment_id
         LEFT JOIN grants g ON g.request_id = r.id
         WHERE r.organization_id = ?1 AND r.requested_at >= ?2 AND r.requested_at < ?3 AND r.hidden = 0
         ORDER BY r.requested_at, r.id",
    )
    .and_then(|mut s| {
        s.query_map(params![organization.0, Us(from), Us(to)], read)?.try_for_each(|row| row.map(&mut *take))
    })
    .map_err(database)
}
