//! The events that tell the story of a request. Each part is found by an index of its own, newest first, so that what a
//! read costs is what it returns, and not how many actions there are.

use lockbox_api::{
    events::{Activity, Event},
    ids::{OrganizationId, PersonId, RequestId},
};
use rusqlite::{Connection, params};

use super::{
    convert::{Json, database},
    events::{COLUMNS, record},
};
use crate::store::{NewEvent, StoreResult, Story, StoryLimit};

/// Which events a part is made of, as the partial indexes say it, for a table whose columns have `prefix` and `suffix`
/// around their names.
fn condition(part: Story, column: impl Fn(&str) -> String) -> String {
    let (category, outcome, operation) = (column("category"), column("outcome"), column("operation"));
    match part {
        Story::Steps => format!(
            "{category} = 'activity' AND ({outcome} <> 'refused' OR {operation} = '{}')",
            Activity::Rejection.as_str()
        ),
        Story::Actions => format!("{category} = 'data_access'"),
        Story::RefusedActions => format!("{category} = 'data_access' AND {outcome} = 'refused'"),
    }
}

/// The newest events of a part, newest first; of a hidden request those that stand aside, with places after all others.
pub(super) fn read(
    c: &Connection,
    organization: &OrganizationId,
    id: &RequestId,
    part: Story,
    limit: StoryLimit,
) -> StoreResult<Vec<Event>> {
    let mut events = Vec::new();
    let mut room = limit;
    aside(c, id, part, &mut room, &mut events).map_err(database)?;
    told(c, organization, id, part, &mut room, &mut events).map_err(database)?;
    Ok(events)
}

/// True while there is room for something of this size; the first always fits.
fn fits(room: &mut StoryLimit, events: &[Event], bytes: usize) -> bool {
    if room.events == 0 || (bytes > room.bytes && !events.is_empty()) {
        room.events = 0;
        return false;
    }
    room.events -= 1;
    room.bytes = room.bytes.saturating_sub(bytes);
    true
}

fn aside(
    c: &Connection,
    id: &RequestId,
    part: Story,
    room: &mut StoryLimit,
    events: &mut Vec<Event>,
) -> rusqlite::Result<()> {
    let condition = condition(part, |column| format!("event ->> '{column}'"));
    let mut statement = c.prepare_cached(&format!(
        "SELECT event, number FROM hidden_events WHERE request_id = ?1 AND {condition} ORDER BY number DESC LIMIT ?2"
    ))?;
    let mut rows = statement.query(params![id.0, room.events])?;
    while let Some(row) = rows.next()? {
        if !fits(room, events, row.get_ref(0)?.as_str()?.len()) {
            break;
        }
        let event: NewEvent = row.get::<_, Json<_>>(0)?.0;
        let (time, number) = (event.time, row.get::<_, i64>(1)?.unsigned_abs());
        events.push(event.placed(i64::MAX.unsigned_abs() + number, time));
    }
    Ok(())
}

fn told(
    c: &Connection,
    organization: &OrganizationId,
    id: &RequestId,
    part: Story,
    room: &mut StoryLimit,
    events: &mut Vec<Event>,
) -> rusqlite::Result<()> {
    let condition = condition(part, |column| format!("e.{column}"));
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM events e WHERE e.organization_id = ?1 AND e.request_id = ?2 AND {condition}
         ORDER BY e.sequence DESC LIMIT ?3"
    ))?;
    let mut rows = statement.query(params![organization.0, id.0, room.events])?;
    while let Some(row) = rows.next()? {
        if !fits(room, events, row.get_ref(16)?.as_str()?.len()) {
            break;
        }
        events.push(record(row)?);
    }
    Ok(())
}

/// Whether it is on record that a person looked at the request.
pub(super) fn has_viewed(
    c: &Connection,
    organization: &OrganizationId,
    id: &RequestId,
    person: &PersonId,
) -> StoreResult<bool> {
    let condition = condition(Story::Steps, |column| format!("e.{column}"));
    c.prepare_cached(&format!(
        "SELECT 1 FROM events e WHERE e.organization_id = ?1 AND e.request_id = ?2 AND {condition}
         AND e.operation = ?3 AND e.actor_id = ?4"
    ))
    .and_then(|mut s| s.exists(params![organization.0, id.0, Activity::View.as_str(), person.0]))
    .map_err(database)
}
