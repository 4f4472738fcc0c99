//! Lockbox requests, each with its grant.

use lockbox_api::{
    Time,
    ids::{EnvironmentId, OrganizationId, PersonId, RequestId, ServiceRequestId},
    requests::{Decision, DecisionOutcome, RECENT_DAYS, RequestView, Status},
};
use rusqlite::{Connection, Row, params, params_from_iter};

use super::{
    convert::{Conditions, Json, Optional, Us, Word, database, like, us, values},
    grants,
};
use crate::store::{RequestFilter, RequestRecord, StoreResult};

pub(super) const COLUMNS: &str = "r.id, r.organization_id, r.environment_id, e.name AS environment_name, r.service_request_id,
 t.title AS service_request_title, t.opened_by_id AS service_request_opened_by_id, r.service, r.service_name, r.engineer,
 r.operations, r.operation_words, r.data_stores, r.targets, r.permission_level, r.direct_data_access, r.reason_code,
 r.justification, r.access_minutes, r.exclusion, r.queue_hours, r.evaluation, r.status, r.status_reason, r.requested_at,
 r.notified_at, r.decide_by, r.internal_decisions, r.decision_outcome, r.decided_by_id, r.decided_by, r.decided_at,
 r.decision_justification, r.decision_minutes, r.version, r.hidden, r.acknowledgement, r.asked_minutes, r.data_store_words";
/// Position of the first column of the grant.
const GRANT: usize = 39;

pub(super) const FROM: &str = "FROM requests r
 JOIN environments e ON e.organization_id = r.organization_id AND e.id = r.environment_id
 LEFT JOIN service_requests t ON t.organization_id = r.organization_id AND t.id = r.service_request_id
 LEFT JOIN grants g ON g.request_id = r.id";

pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<RequestRecord> {
    let time = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<Us>>(column)?.map(|time| time.0));
    let decision = match row.get::<_, Option<Word<DecisionOutcome>>>(28)? {
        Some(Word(outcome)) => Some(Decision {
            outcome,
            by: row.get(30)?,
            at: row.get::<_, Us>(31)?.0,
            justification: row.get(32)?,
            access_minutes: row.get(33)?,
        }),
        None => None,
    };
    let grant = match row.get::<_, Option<String>>(GRANT)? {
        Some(_) => Some(grants::record(row, GRANT)?),
        None => None,
    };
    Ok(RequestRecord {
        id: RequestId(row.get(0)?),
        organization_id: OrganizationId(row.get(1)?),
        environment_id: EnvironmentId(row.get(2)?),
        environment_name: row.get(3)?,
        service_request_id: ServiceRequestId(row.get(4)?),
        service_request_title: row.get(5)?,
        service_request_opened_by_id: row.get::<_, Option<String>>(6)?.map(PersonId),
        service: row.get(7)?,
        service_name: row.get(8)?,
        engineer: row.get::<_, Json<_>>(9)?.0,
        operations: row.get::<_, Json<_>>(10)?.0,
        operation_words: row.get::<_, Json<_>>(11)?.0,
        data_stores: row.get::<_, Json<_>>(12)?.0,
        data_store_words: row.get::<_, Json<_>>(38)?.0,
        targets: row.get::<_, Json<_>>(13)?.0,
        permission_level: row.get::<_, Word<_>>(14)?.0,
        direct_data_access: row.get(15)?,
        reason_code: row.get::<_, Word<_>>(16)?.0,
        justification: row.get(17)?,
        access_minutes: row.get(18)?,
        asked_minutes: row.get(37)?,
        exclusion: row.get::<_, Option<Json<_>>>(19)?.map(|value| value.0),
        queue_hours: row.get(20)?,
        evaluation: row.get::<_, Json<_>>(21)?.0,
        status: row.get::<_, Word<_>>(22)?.0,
        status_reason: row.get::<_, Option<Word<_>>>(23)?.map(|value| value.0),
        requested_at: row.get::<_, Us>(24)?.0,
        notified_at: time(25)?,
        decide_by: time(26)?,
        internal_decisions: row.get::<_, Json<_>>(27)?.0,
        decided_by_id: row.get::<_, Option<String>>(29)?.map(PersonId),
        decision,
        version: row.get::<_, i64>(34)?.unsigned_abs(),
        hidden: row.get(35)?,
        acknowledgement: row.get::<_, Option<Json<_>>>(36)?.map(|value| value.0),
        grant,
    })
}

/// Requests with their grants, up to where conditions begin.
pub(super) fn select() -> String {
    format!("SELECT {COLUMNS}, {} {FROM}", grants::COLUMNS)
}

pub(super) fn get(c: &Connection, organization: &OrganizationId, id: &RequestId) -> StoreResult<Option<RequestRecord>> {
    c.prepare_cached(&format!(
        "SELECT {COLUMNS}, {} {FROM} WHERE r.id = ?1 AND r.organization_id = ?2",
        grants::COLUMNS
    ))
    .and_then(|mut s| s.query_row([&id.0, &organization.0], record))
    .optional()
}

pub(super) fn get_anywhere(c: &Connection, id: &RequestId) -> StoreResult<Option<RequestRecord>> {
    c.prepare_cached(&format!("SELECT {COLUMNS}, {} {FROM} WHERE r.id = ?1", grants::COLUMNS))
        .and_then(|mut s| s.query_row([&id.0], record))
        .optional()
}

/// Conditions that make a status true at `now`, whatever the sweep has written so far.
pub(super) fn status_is(conditions: &mut Conditions, status: Status, now: Time) {
    let now = now.timestamp_micros();
    match status {
        Status::CustomerNotified | Status::AwaitingInternalApproval => {
            conditions.and("r.status = ? AND r.decide_by > ?", values![status.as_str(), now]);
        }
        Status::Expired => conditions.and(
            "(r.status = 'expired' OR (r.status IN ('customer_notified', 'awaiting_internal_approval') AND r.decide_by <= ?))",
            values![now],
        ),
        _ => conditions.and("r.status = ?", values![status.as_str()]),
    }
}

/// What a filter selects, and the column and direction of its order.
fn selection(organization: &OrganizationId, filter: &RequestFilter, now: Time) -> (Conditions, &'static str, bool) {
    let mut conditions = Conditions::default();
    conditions.and("r.organization_id = ?", values![organization.0.clone()]);
    if !filter.with_hidden {
        conditions.and("r.hidden = 0", []);
    }
    let (order, ascending) = match filter.view.unwrap_or(RequestView::All) {
        RequestView::Pending => {
            status_is(&mut conditions, Status::CustomerNotified, now);
            ("r.decide_by", true)
        }
        RequestView::Active => {
            conditions.and("g.state = 'active' AND g.expires_at > ?", values![now.timestamp_micros()]);
            ("g.expires_at", true)
        }
        RequestView::Recent => {
            let since = now - chrono::TimeDelta::days(RECENT_DAYS);
            conditions.and("r.requested_at >= ?", values![since.timestamp_micros()]);
            ("r.requested_at", false)
        }
        RequestView::WithoutRequest => {
            status_is(&mut conditions, Status::NotRequired, now);
            ("r.requested_at", false)
        }
        RequestView::Unacknowledged => {
            conditions.and(
                "r.status = 'not_required' AND r.exclusion IS NOT NULL AND r.acknowledgement IS NULL
                 AND r.status_reason IN ('emergency', 'incidental_exposure', 'legal_demand', 'reviewed_maintenance_script')",
                [],
            );
            ("r.requested_at", true)
        }
        RequestView::Acknowledged => {
            conditions.and("r.status = 'not_required' AND r.acknowledgement IS NOT NULL", []);
            ("r.requested_at", false)
        }
        RequestView::All => ("r.requested_at", false),
        view => {
            conditions.and(of_history(view), []);
            ("r.requested_at", false)
        }
    };
    if let Some(status) = filter.status {
        status_is(&mut conditions, status, now);
    }
    if let Some(id) = &filter.environment_id {
        conditions.and("r.environment_id = ?", values![id.0.clone()]);
    }
    if let Some(id) = &filter.service_request_id {
        conditions.and("r.service_request_id = ?", values![id.0.clone()]);
    }
    if let Some(service) = &filter.service {
        conditions.and("r.service = ?", values![service.clone()]);
    }
    if let Some(reason) = filter.reason_code {
        conditions.and("r.reason_code = ?", values![reason.as_str()]);
    }
    if let Some(reason) = filter.status_reason {
        conditions.and("r.status_reason = ?", values![reason.as_str()]);
    }
    if let Some(team) = &filter.team {
        conditions.and("ifnull(r.engineer ->> 'team', '') = ?", values![team.clone()]);
    }
    if let Some(person) = &filter.decided_by {
        conditions.and("r.decided_by_id = ?", values![person.0.clone()]);
    }
    if let Some(from) = filter.from {
        conditions.and("r.requested_at >= ?", values![from.timestamp_micros()]);
    }
    if let Some(to) = filter.to {
        conditions.and("r.requested_at < ?", values![to.timestamp_micros()]);
    }
    if let Some(person) = &filter.opened_by {
        conditions.and("t.opened_by_id = ?", values![person.0.clone()]);
    }
    if let Some(q) = &filter.q {
        let pattern = like(q);
        conditions.and(
            r"(r.id LIKE ? ESCAPE '\' OR r.engineer_name LIKE ? ESCAPE '\' OR e.name LIKE ? ESCAPE '\'
               OR r.justification LIKE ? ESCAPE '\' OR r.service_request_id LIKE ? ESCAPE '\')",
            values![pattern.clone(), pattern.clone(), pattern.clone(), pattern.clone(), pattern],
        );
    }
    (conditions, order, ascending)
}

pub(super) fn page(
    c: &Connection,
    organization: &OrganizationId,
    filter: &RequestFilter,
    now: Time,
) -> StoreResult<Vec<RequestRecord>> {
    let (mut conditions, order, ascending) = selection(organization, filter, now);
    if let Some(key) = &filter.after {
        let comparison = format!("({order}, r.id) {} (?, ?)", if ascending { ">" } else { "<" });
        conditions.and(&comparison, values![key.at.timestamp_micros(), key.id.0.clone()]);
    }
    let direction = if ascending { "ASC" } else { "DESC" };
    let text = format!(
        "SELECT {COLUMNS}, {} {FROM}{} ORDER BY {order} {direction}, r.id {direction} LIMIT ?",
        grants::COLUMNS,
        conditions.text()
    );
    conditions.push(filter.limit);
    c.prepare_cached(&text)
        .and_then(|mut s| s.query_map(params_from_iter(conditions.values()), record)?.collect())
        .map_err(database)
}

pub(super) fn count(
    c: &Connection,
    organization: &OrganizationId,
    filter: &RequestFilter,
    now: Time,
) -> StoreResult<u64> {
    let (conditions, ..) = selection(organization, filter, now);
    c.prepare_cached(&format!("SELECT count(*) {FROM}{}", conditions.text()))
        .and_then(|mut s| s.query_row(params_from_iter(conditions.values()), |row| row.get::<_, i64>(0)))
        .map(i64::unsigned_abs)
        .map_err(database)
}

/// The conditions of the views that figures of the history lead to; they draw the lines that `lockbox_rules::history` counts by.
const fn of_history(view: RequestView) -> &'static str {
    match view {
        RequestView::Asked => "r.notified_at IS NOT NULL",
        RequestView::Decided => "r.decision_outcome IS NOT NULL",
        RequestView::Opened => "g.request_id IS NOT NULL",
        RequestView::Used => "g.actions > 0",
        RequestView::Refused => "g.refused_actions > 0",
        RequestView::Inside => "r.notified_at IS NULL AND r.status <> 'not_required'",
        _ => "TRUE",
    }
}

pub(super) fn due(c: &Connection, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
    c.prepare_cached(
        "SELECT id FROM requests WHERE status IN ('customer_notified', 'awaiting_internal_approval') AND decide_by <= ?1
         ORDER BY decide_by LIMIT ?2",
    )
    .and_then(|mut s| s.query_map(params![Us(now), limit], |row| row.get(0).map(RequestId))?.collect())
    .map_err(database)
}

pub(super) fn disclosures_due(c: &Connection, now: Time, limit: u32) -> StoreResult<Vec<RequestId>> {
    c.prepare_cached("SELECT id FROM requests WHERE hidden = 1 AND disclose_at <= ?1 ORDER BY disclose_at LIMIT ?2")
        .and_then(|mut s| s.query_map(params![Us(now), limit], |row| row.get(0).map(RequestId))?.collect())
        .map_err(database)
}

pub(super) fn add(c: &Connection, r: &RequestRecord) -> StoreResult<()> {
    c.prepare_cached(
        "INSERT INTO requests (id, organization_id, environment_id, service_request_id, service, service_name, engineer_id,
             engineer_name, engineer, operations, operation_words, data_stores, targets, permission_level, direct_data_access,
             reason_code, justification, access_minutes, exclusion, queue_hours, evaluation, status, requested_at, disclose_at, asked_minutes,
             data_store_words, version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, 0)",
    )
    .and_then(|mut s| {
        s.execute(params![
            r.id.0,
            r.organization_id.0,
            r.environment_id.0,
            r.service_request_id.0,
            r.service,
            r.service_name,
            r.engineer.id,
            r.engineer.name,
            Json(&r.engineer),
            Json(&r.operations),
            Json(&r.operation_words),
            Json(&r.data_stores),
            Json(&r.targets),
            r.permission_level.as_str(),
            r.direct_data_access,
            r.reason_code.as_str(),
            r.justification,
            r.access_minutes,
            r.exclusion.as_ref().map(Json),
            r.queue_hours,
            Json(&r.evaluation),
            r.status.as_str(),
            Us(r.requested_at),
            us(r.exclusion.as_ref().and_then(|exclusion| exclusion.disclose_at)),
            r.asked_minutes,
            Json(&r.data_store_words),
        ])
    })
    .map_err(database)?;
    update(c, r, 0).map(drop)
}

/// Writes what may change in the life of a request. The version guards against a decision on something else than was read.
pub(super) fn update(c: &Connection, r: &RequestRecord, expected: u64) -> StoreResult<bool> {
    let decision = r.decision.as_ref();
    let changed = c
        .prepare_cached(
            "UPDATE requests SET status = ?1, status_reason = ?2, notified_at = ?3, decide_by = ?4, internal_decision = ?16,
             hidden = ?17, acknowledgement = ?18, internal_decisions = ?5,
             decision_outcome = ?6, decided_by_id = ?7, decided_by = ?8, decided_at = ?9, decision_justification = ?10,
             decision_minutes = ?11, version = ?12 WHERE id = ?13 AND organization_id = ?14 AND version = ?15",
        )
        .and_then(|mut s| {
            s.execute(params![
                r.status.as_str(),
                r.status_reason.map(|reason| reason.as_str()),
                us(r.notified_at),
                us(r.decide_by),
                Json(&r.internal_decisions),
                decision.map(|d| d.outcome.as_str()),
                r.decided_by_id.as_ref().map(|id| &id.0),
                decision.map(|d| &d.by),
                us(decision.map(|d| d.at)),
                decision.map(|d| &d.justification),
                decision.and_then(|d| d.access_minutes),
                r.version.cast_signed(),
                r.id.0,
                r.organization_id.0,
                expected.cast_signed(),
                r.internal_decisions.last().map(|one| Json(&one.decision)),
                r.hidden,
                r.acknowledgement.as_ref().map(Json),
            ])
        })
        .map_err(database)?;
    if changed == 1
        && let Some(grant) = &r.grant
    {
        grants::put(c, grant)?;
    }
    Ok(changed == 1)
}
