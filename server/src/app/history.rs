//! Figures over a period.

use lockbox_api::{
    Time,
    history::{History, HistoryQuery},
    requests::AccessState,
};
use lockbox_rules::{
    history::{self, RequestFacts},
    permission::{Action, Subject},
    window,
};

use super::{Env, Error, Me, Result, Who, present, requests::ordered, state};
use crate::store::{ReadTx, RequestRecord};

/// Decided requests that come with the figures at most.
const DECIDED_MAX: usize = 200;
/// Longest period, days: two years and a leap day.
const DAYS_MAX: i64 = 731;

/// Figures for a period and the one before. Permissions: [`Action::ReadHistory`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, query: &HistoryQuery) -> Result<History> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadHistory, &Subject::None)?;
    let now = env.now();
    let (from, to) = period(query, now)?;
    let length = to - from;
    let facts_of = |rows: &[RequestRecord]| rows.iter().map(|row| facts(row, now)).collect::<Vec<_>>();
    let rows = tx.requests_between(me.organization_id(), from, to)?;
    let current = facts_of(&rows);
    let previous = facts_of(&tx.requests_between(me.organization_id(), from - length, from)?);
    let mut decided: Vec<_> = rows
        .iter()
        .rev()
        .filter(|row| row.decision.is_some())
        .take(DECIDED_MAX + 1)
        .map(|row| present::summary(row, now))
        .collect();
    let decided_truncated = decided.len() > DECIDED_MAX;
    decided.truncate(DECIDED_MAX);
    Ok(History {
        from,
        to,
        current: history::figures(&current, now),
        previous: history::figures(&previous, now),
        by_day: history::by_day(&current, from, to),
        by_environment: history::by_environment(&current),
        by_service: history::by_service(&current),
        by_reason: history::by_reason(&current),
        without_request: history::without_request(&current),
        decided,
        decided_truncated,
    })
}

fn period(query: &HistoryQuery, now: Time) -> Result<(Time, Time)> {
    let moment = |name: &str, text: Option<&str>, default: &str| {
        window::parse_moment(text.unwrap_or(default), now).map_err(|message| Error::parameter(name, message))
    };
    let from = moment("from", query.from.as_deref(), "now-28d")?;
    let to = moment("to", query.to.as_deref(), "now")?;
    ordered(Some(from), Some(to))?;
    if (to - from).num_days() > DAYS_MAX {
        return Err(Error::parameter("from", format!("The period is longer than {DAYS_MAX} days.")));
    }
    Ok((from, to))
}

fn facts(request: &RequestRecord, now: Time) -> RequestFacts {
    let state = state::at(request, now);
    let grant = request.grant.as_ref();
    RequestFacts {
        status: state.status,
        status_reason: request.status_reason,
        requested_at: request.requested_at,
        notified_at: request.notified_at,
        decided_at: request.decision.as_ref().map(|decision| decision.at),
        granted_minutes: grant
            .map(|grant| u32::try_from((grant.expires_at - grant.starts_at).num_minutes()).unwrap_or(u32::MAX)),
        access_starts_at: grant.map(|grant| grant.starts_at),
        access_ended_at: grant
            .and_then(|grant| grant.ended_at.or((state.access == AccessState::Lapsed).then_some(grant.expires_at))),
        first_action_at: grant.and_then(|grant| grant.first_action_at),
        last_action_at: grant.and_then(|grant| grant.last_action_at),
        actions: grant.map_or(0, |grant| grant.actions),
        refused_actions: grant.map_or(0, |grant| grant.refused_actions),
        environment: (request.environment_id.clone(), request.environment_name.clone()),
        service: (request.service.clone(), request.service_name.clone()),
        reason_code: request.reason_code,
    }
}
