//! How far Lockbox's clock has come.

use rusqlite::{Connection, params};

use super::{
    convert::{Optional, Us, database},
    lockbox,
};
use crate::store::{ClockMark, HighWater, MachineMoment, StoreResult};

pub(super) fn high_water(c: &Connection) -> StoreResult<HighWater> {
    let mark = c
        .prepare_cached("SELECT time, until, boot_id, uptime FROM clock_mark")
        .and_then(|mut s| {
            s.query_row([], |row| {
                let moment = row.get::<_, Option<String>>(2)?.zip(row.get(3)?);
                Ok(ClockMark {
                    time: row.get::<_, Us>(0)?.0,
                    until: row.get::<_, Us>(1)?.0,
                    moment: moment.map(|(boot_id, uptime)| MachineMoment { boot_id, uptime }),
                })
            })
        })
        .optional()?;
    Ok(HighWater { newest_event: lockbox::newest_event(c)?, mark })
}

pub(super) fn put_mark(c: &Connection, mark: &ClockMark) -> StoreResult<()> {
    let moment = mark.moment.as_ref();
    c.prepare_cached("REPLACE INTO clock_mark (id, time, until, boot_id, uptime) VALUES (1, ?1, ?2, ?3, ?4)")
        .and_then(|mut s| {
            s.execute(params![
                Us(mark.time),
                Us(mark.until),
                moment.map(|moment| &moment.boot_id),
                moment.map(|moment| moment.uptime),
            ])
        })
        .map(drop)
        .map_err(database)
}

/// Whether time alone still has something to end: an access that is open, a request that waits.
pub(super) fn anything_open(c: &Connection) -> StoreResult<bool> {
    c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM grants WHERE state = 'active')
             OR EXISTS (SELECT 1 FROM requests WHERE status IN ('customer_notified', 'awaiting_internal_approval'))",
    )
    .and_then(|mut s| s.query_row([], |row| row.get(0)))
    .map_err(database)
}
