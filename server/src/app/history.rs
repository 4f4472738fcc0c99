//! Figures over a period.

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    events::{Activity, Actor, Outcome},
    history::{History, HistoryQuery},
    ids::OrganizationId,
    logs::ExportState,
    requests::{AccessState, RequestView},
};
use lockbox_rules::{
    history::{Figures, Report, RequestFacts},
    lifecycle,
    permission::{Action, Subject},
    window,
};

use serde_json::{Value, json};

use super::{
    Env, Error, Me, Result, Who,
    exports::Sent,
    present,
    record::{Entry, log},
    requests::{cursor, ordered},
};
use crate::{
    export::csv,
    store::{HistoryRow, ReadTx, RequestFilter, RequestKey, RequestRecord, WriteTx},
};

/// Decided requests that come with the figures at most.
const DECIDED_MAX: u32 = 200;
/// Longest period, days: two years and a leap day.
const DAYS_MAX: i64 = 731;
/// The period that is told where none is named.
const DEFAULT: TimeDelta = TimeDelta::days(28);

/// Figures for a period and the one before. Permissions: [`Action::ReadHistory`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, query: &HistoryQuery) -> Result<History> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadHistory, &Subject::None)?;
    let now = env.now();
    let (from, to) = period(query, now)?;
    let organization = me.organization_id();
    // One request after the other, and none of them is kept: there may be a hundred thousand.
    let mut report = Report::new(from, to, now);
    tx.history(organization, from, to, &mut |row| report.add(&facts(row, now)))?;
    let mut before = Figures::default();
    tx.history(organization, from - (to - from), from, &mut |row| before.add(&facts(row, now), now))?;
    let decided = RequestFilter {
        view: Some(RequestView::Decided),
        from: Some(from),
        to: Some(to),
        limit: DECIDED_MAX,
        ..RequestFilter::default()
    };
    let decided = tx.requests(organization, &decided, now)?;
    let totals = report.done();
    let decided_truncated = totals.figures.approved + totals.figures.denied > decided.len() as u64;
    let last = decided.last().filter(|_| decided_truncated);
    Ok(History {
        from,
        to,
        current: totals.figures,
        previous: before.done(),
        by_day: totals.by_day,
        decision_times: totals.decision_times,
        by_environment: totals.by_environment,
        by_service: totals.by_service,
        by_reason: totals.by_reason,
        by_team: totals.by_team,
        by_decider: totals.by_decider,
        without_request: totals.without_request,
        decided: decided.iter().map(|row| present::summary(row, now)).collect(),
        decided_truncated,
        decided_next: last.map(|last| cursor(last.requested_at, &last.id.0)),
    })
}

fn period(query: &HistoryQuery, now: Time) -> Result<(Time, Time)> {
    let moment =
        |name: &str, text: &str| window::parse_moment(text, now).map_err(|message| Error::parameter(name, message));
    let to = query.to.as_deref().map_or(Ok(now), |to| moment("to", to))?;
    let before = || to.checked_sub_signed(DEFAULT).ok_or_else(|| Error::parameter("to", "It lies too far back."));
    let from = query.from.as_deref().map_or_else(before, |from| moment("from", from))?;
    ordered(Some(from), Some(to))?;
    if (to - from).num_days() > DAYS_MAX {
        return Err(Error::parameter("from", format!("The period is longer than {DAYS_MAX} days.")));
    }
    Ok((from, to))
}

fn facts(row: HistoryRow, now: Time) -> RequestFacts {
    let grant = row.grant;
    let written = lifecycle::State { status: row.status, access: grant.map_or(AccessState::None, |grant| grant.state) };
    let state = lifecycle::at(written, row.decide_by, grant.map(|grant| grant.expires_at), now);
    RequestFacts {
        status: state.status,
        status_reason: row.status_reason,
        requested_at: row.requested_at,
        notified_at: row.notified_at,
        decided_at: row.decided_at,
        granted_minutes: grant
            .map(|grant| u32::try_from((grant.expires_at - grant.starts_at).num_minutes()).unwrap_or(u32::MAX)),
        access_starts_at: grant.map(|grant| grant.starts_at),
        access_ended_at: grant
            .and_then(|grant| grant.ended_at.or((state.access == AccessState::Lapsed).then_some(grant.expires_at))),
        first_action_at: grant.and_then(|grant| grant.first_action_at),
        last_action_at: grant.and_then(|grant| grant.last_action_at),
        actions: grant.map_or(0, |grant| grant.actions),
        refused_actions: grant.map_or(0, |grant| grant.refused_actions),
        rows_touched: grant.map_or(0, |grant| grant.rows_touched),
        environment: row.environment,
        service: row.service,
        reason_code: row.reason_code,
        team: row.team,
        decider: row.decider,
    }
}

/// Requests that are read at a time for the table.
const PART: u32 = 200;

/// The table of the requests raised in a period, on its way as a file.
#[derive(Clone, Debug)]
pub struct Table {
    /// Whose requests.
    pub organization_id: OrganizationId,
    actor: Actor,
    from: Time,
    to: Time,
    /// Every row shows what holds at this moment.
    now: Time,
}

impl Table {
    /// A name for the file, with the first and the last day of the period.
    #[must_use]
    pub fn file_name(&self) -> String {
        let last = self.to - TimeDelta::microseconds(1);
        format!("lockbox-requests-{}-to-{}.csv", self.from.date_naive(), last.date_naive())
    }
}

/// Begins the table of the requests raised in a period; that it leaves is in the log before anything is sent.
/// Permissions: [`Action::ExportLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn begin_table(tx: &mut dyn WriteTx, env: &Env, who: &Who, query: &HistoryQuery) -> Result<Table> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ExportLogs, &Subject::None)?;
    let now = env.now();
    let (from, to) = period(query, now)?;
    let table = Table { organization_id: me.organization_id().clone(), actor: me.actor(), from, to, now };
    let entry = Entry::general(Activity::ExportStart, table.actor.clone(), details(&table));
    log(tx, env, &who.origin, &table.organization_id, now, entry)?;
    Ok(table)
}

fn details(table: &Table) -> Value {
    json!({"what": "history", "format": "csv", "from": table.from, "to": table.to})
}

/// Puts the next lines of the table behind `out`, newest requests first; before the first of them its head. Returns how
/// many requests they tell of and, where more follow, the last of them. Permissions: whoever began it.
///
/// # Errors
/// Only when the database fails.
pub fn lines(
    tx: &dyn ReadTx,
    table: &Table,
    after: Option<&RequestKey>,
    out: &mut Vec<u8>,
) -> Result<(u64, Option<RequestKey>)> {
    if after.is_none() {
        csv::line(HEAD, out);
    }
    let filter = RequestFilter {
        from: Some(table.from),
        to: Some(table.to),
        after: after.cloned(),
        limit: PART,
        ..RequestFilter::default()
    };
    let part = tx.requests(&table.organization_id, &filter, table.now)?;
    for request in &part {
        line(request, table.now, out);
    }
    let full = part.len() == PART as usize;
    let last = part.last().filter(|_| full).map(|last| RequestKey { at: last.requested_at, id: last.id.clone() });
    Ok((part.len() as u64, last))
}

/// Puts the end of the table on record. Permissions: whoever began it.
///
/// # Errors
/// Only when the database fails.
pub fn end(tx: &mut dyn WriteTx, env: &Env, who: &Who, table: &Table, sent: &Sent) -> Result<()> {
    let mut details = details(table);
    details["state"] = json!(sent.state);
    details["rows"] = json!(sent.rows);
    details["bytes"] = json!(sent.bytes);
    details["sha256"] = json!(sent.sha256);
    let outcome = if sent.state == ExportState::Complete { Outcome::Success } else { Outcome::Failure };
    let entry = Entry { outcome, ..Entry::general(Activity::Export, table.actor.clone(), details) };
    log(tx, env, &who.origin, &table.organization_id, env.now(), entry)
}

const HEAD: [&str; 25] = [
    "request_id",
    "support_request_id",
    "environment_id",
    "environment",
    "service",
    "reason",
    "engineer_id",
    "engineer",
    "team",
    "operations",
    "reason_given",
    "requested_at",
    "status",
    "status_reason",
    "decision",
    "decided_by",
    "decided_at",
    "decision_justification",
    "access_state",
    "access_starts_at",
    "access_ended_at",
    "minutes_granted",
    "actions",
    "refused_actions",
    "end_reason",
];

fn line(request: &RequestRecord, now: Time, out: &mut Vec<u8>) {
    let state = super::state::at(request, now);
    let time = |time: Option<Time>| {
        time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)).unwrap_or_default()
    };
    let (decision, grant) = (request.decision.as_ref(), request.grant.as_ref());
    let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
    let ended =
        grant.and_then(|grant| grant.ended_at.or((state.access == AccessState::Lapsed).then_some(grant.expires_at)));
    let minutes = grant.map(|grant| (grant.expires_at - grant.starts_at).num_minutes().unsigned_abs());
    let cells = [
        request.id.0.clone(),
        request.service_request_id.0.clone(),
        request.environment_id.0.clone(),
        request.environment_name.clone(),
        request.service_name.clone(),
        request.reason_code.label().to_owned(),
        request.engineer.id.clone(),
        request.engineer.name.clone(),
        request.engineer.team.clone().unwrap_or_default(),
        request.operations.join(" "),
        request.justification.clone(),
        time(Some(request.requested_at)),
        state.status.to_string(),
        request.status_reason.map(|reason| reason.to_string()).unwrap_or_default(),
        decision.map(|decision| decision.outcome.to_string()).unwrap_or_default(),
        decision.map(|decision| decision.by.clone()).unwrap_or_default(),
        time(decision.map(|decision| decision.at)),
        decision.map(|decision| decision.justification.clone()).unwrap_or_default(),
        state.access.to_string(),
        time(grant.map(|grant| grant.starts_at)),
        time(ended),
        count(minutes),
        count(grant.map(|grant| grant.actions)),
        count(grant.map(|grant| grant.refused_actions)),
        grant.and_then(|grant| grant.end_reason.clone()).unwrap_or_default(),
    ];
    csv::line(cells.iter().map(String::as_str), out);
}
