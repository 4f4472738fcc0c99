//! Figures over requests, for executives and auditors.
//!
//! Percentiles are by nearest rank: the value at rank ⌈p · n⌉ of the n values in ascending order, so that every figure
//! is a time that a decision really took. The median is the 50th percentile; of an even number of values it is the
//! lower one of the middle two.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, TimeDelta};
use lockbox_api::{
    Time,
    history::{HistoryCount, HistoryDay, HistoryFigures},
    ids::EnvironmentId,
    jit::ReasonCode,
    requests::{Status, StatusReason},
};

use crate::{lifecycle, window};

/// What the figures need to know about a request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestFacts {
    /// Where it stands really, the clock applied ([`lifecycle::at`]).
    pub status: Status,
    /// What led there.
    pub status_reason: Option<StatusReason>,
    /// When it was raised.
    pub requested_at: Time,
    /// When the customer was asked.
    pub notified_at: Option<Time>,
    /// When the customer decided.
    pub decided_at: Option<Time>,
    /// Minutes of access granted, with or without asking; absent where no access was opened.
    pub granted_minutes: Option<u32>,
    /// When access opened.
    pub access_starts_at: Option<Time>,
    /// When it ended really, the clock applied; absent while it is open.
    pub access_ended_at: Option<Time>,
    /// The first action under it.
    pub first_action_at: Option<Time>,
    /// The last action under it.
    pub last_action_at: Option<Time>,
    /// Actions recorded, refused ones among them.
    pub actions: u64,
    /// Of these: refused.
    pub refused_actions: u64,
    /// Rows reported for the others.
    pub rows_touched: u64,
    /// Id and name of the environment.
    pub environment: (EnvironmentId, String),
    /// Id and name of the service.
    pub service: (String, String),
    /// Why access was asked for.
    pub reason_code: ReasonCode,
    /// The engineer's team.
    pub team: Option<String>,
    /// Id and name of who decided.
    pub decider: Option<(String, String)>,
}

impl RequestFacts {
    /// True for a request that the customer was to decide: everything but rejected and not required.
    #[must_use]
    pub const fn asks_customer(&self) -> bool {
        !matches!(self.status, Status::Rejected | Status::NotRequired)
    }

    /// From asking the customer to the decision, seconds; none without a decision.
    fn seconds_to_decide(&self) -> Option<f64> {
        if !matches!(self.status, Status::Approved | Status::Denied) {
            return None;
        }
        let asked = self.notified_at.unwrap_or(self.requested_at);
        self.decided_at.map(|decided| seconds(decided - asked))
    }

    fn hours_granted(&self) -> f64 {
        self.granted_minutes.map_or(0.0, |minutes| f64::from(minutes) / 60.0)
    }

    /// Never longer than what was granted, also where the end has not been written yet.
    fn hours_open(&self, now: Time) -> f64 {
        let Some(start) = self.access_starts_at else { return 0.0 };
        let planned = self.granted_minutes.map_or(now, |minutes| window::expires_at(start, minutes));
        seconds(self.access_ended_at.unwrap_or(now).min(planned).min(now) - start) / 3_600.0
    }

    fn hours_used(&self) -> f64 {
        match (self.first_action_at, self.last_action_at) {
            (Some(first), Some(last)) => seconds(last - first) / 3_600.0,
            _ => 0.0,
        }
    }
}

/// Seconds with their fraction; less than none counts as none.
fn seconds(length: TimeDelta) -> f64 {
    length.as_seconds_f64().max(0.0)
}

/// The figures of one period's requests. Hours and actions are those of all access, also of access without a request.
#[must_use]
pub fn figures(requests: &[RequestFacts], now: Time) -> HistoryFigures {
    let of = |wanted: Status| requests.iter().filter(|request| request.status == wanted).count() as u64;
    let (approved, denied) = (of(Status::Approved), of(Status::Denied));
    let decided = approved + denied;
    let mut times: Vec<f64> = requests.iter().filter_map(RequestFacts::seconds_to_decide).collect();
    times.sort_by(f64::total_cmp);
    HistoryFigures {
        requests: requests.iter().filter(|request| request.asks_customer()).count() as u64,
        approved,
        denied,
        expired: of(Status::Expired),
        cancelled: of(Status::Cancelled),
        pending: requests.iter().filter(|request| lifecycle::is_pending(request.status)).count() as u64,
        approval_rate: (decided > 0).then(|| approved as f64 / decided as f64),
        expired_share: {
            let expired = of(Status::Expired);
            (decided + expired > 0).then(|| expired as f64 / (decided + expired) as f64)
        },
        median_seconds_to_decide: nearest_rank(&times, 50),
        p95_seconds_to_decide: nearest_rank(&times, 95),
        hours_granted: sum(requests.iter().map(RequestFacts::hours_granted)),
        hours_open: sum(requests.iter().map(|request| request.hours_open(now))),
        hours_used: sum(requests.iter().map(RequestFacts::hours_used)),
        actions: requests.iter().map(|request| request.actions).sum(),
        refused_actions: requests.iter().map(|request| request.refused_actions).sum(),
        rows_touched: requests.iter().map(|request| request.rows_touched).sum(),
        without_request: of(Status::NotRequired),
    }
}

/// A sum that is zero, not minus zero, for nothing.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |total, value| total + value)
}

/// The value at rank ⌈percent · n / 100⌉ of `ascending`; none of nothing.
fn nearest_rank(ascending: &[f64], percent: usize) -> Option<f64> {
    let rank = (ascending.len() * percent).div_ceil(100);
    ascending.get(rank.checked_sub(1)?).copied()
}

/// The requests that asked the customer by the day (UTC) on which they were raised and by how they stand: every day that
/// the period from `from` to `to` (exclusively) touches, oldest first. Requests raised outside the period don't count.
#[must_use]
pub fn by_day(requests: &[RequestFacts], from: Time, to: Time) -> Vec<HistoryDay> {
    let Some(last) = to.checked_sub_signed(TimeDelta::microseconds(1)).filter(|last| *last >= from) else {
        return Vec::new();
    };
    let first_day = from.date_naive();
    let mut days: Vec<HistoryDay> = days(first_day, last.date_naive()).map(|day| empty_day(&day)).collect();
    for request in requests.iter().filter(|request| (from..to).contains(&request.requested_at)) {
        let number = (request.requested_at.date_naive() - first_day).num_days();
        let Some(day) = usize::try_from(number).ok().and_then(|number| days.get_mut(number)) else { continue };
        match request.status {
            Status::Approved => day.approved += 1,
            Status::Denied => day.denied += 1,
            Status::Expired => day.expired += 1,
            Status::Cancelled => day.cancelled += 1,
            Status::CustomerNotified | Status::AwaitingInternalApproval => day.pending += 1,
            Status::Rejected | Status::NotRequired => {}
        }
    }
    days
}

fn days(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    core::iter::successors(Some(first), |day| day.checked_add_days(Days::new(1))).take_while(move |day| *day <= last)
}

fn empty_day(day: &NaiveDate) -> HistoryDay {
    HistoryDay { day: day.to_string(), approved: 0, denied: 0, expired: 0, cancelled: 0, pending: 0 }
}

/// The requests that asked the customer, by environment.
#[must_use]
pub fn by_environment(requests: &[RequestFacts]) -> Vec<HistoryCount> {
    counts_by(requests.iter().filter(|request| request.asks_customer()), |request| {
        (request.environment.0.to_string(), request.environment.1.clone())
    })
}

/// The requests that asked the customer, by service.
#[must_use]
pub fn by_service(requests: &[RequestFacts]) -> Vec<HistoryCount> {
    counts_by(requests.iter().filter(|request| request.asks_customer()), |request| request.service.clone())
}

/// The requests that asked the customer, by reason code.
#[must_use]
pub fn by_reason(requests: &[RequestFacts]) -> Vec<HistoryCount> {
    counts_by(requests.iter().filter(|request| request.asks_customer()), |request| {
        (request.reason_code.to_string(), request.reason_code.label().to_owned())
    })
}

/// The requests that asked the customer, by the engineer's team.
#[must_use]
pub fn by_team(requests: &[RequestFacts]) -> Vec<HistoryCount> {
    counts_by(requests.iter().filter(|request| request.asks_customer()), |request| match &request.team {
        Some(team) => (team.clone(), team.clone()),
        None => (String::new(), "No team".to_owned()),
    })
}

/// The decided requests, by who decided.
#[must_use]
pub fn by_decider(requests: &[RequestFacts]) -> Vec<HistoryCount> {
    let decided = requests.iter().filter(|request| matches!(request.status, Status::Approved | Status::Denied));
    counts_by(decided, |request| request.decider.clone().unwrap_or_else(|| (String::new(), "Unknown".to_owned())))
}

/// Access without a request, by the reason why none was required.
#[must_use]
pub fn without_request(requests: &[RequestFacts]) -> Vec<HistoryCount> {
    let without = requests.iter().filter(|request| request.status == Status::NotRequired);
    counts_by(without, |request| match request.status_reason {
        Some(reason) => (reason.to_string(), reason.label().to_owned()),
        None => ("unknown".to_owned(), "No reason was recorded.".to_owned()),
    })
}

/// Requests by a key with its label, most first, equal ones by label. Of several labels for one key the first met holds.
pub fn counts_by<'a>(
    requests: impl IntoIterator<Item = &'a RequestFacts>,
    key: impl Fn(&RequestFacts) -> (String, String),
) -> Vec<HistoryCount> {
    let mut slices: HashMap<String, HistoryCount> = HashMap::new();
    for request in requests {
        let (key, label) = key(request);
        let slice = slices.entry(key.clone()).or_insert_with(|| HistoryCount {
            key,
            label,
            count: 0,
            approved: 0,
            hours_granted: 0.0,
        });
        slice.count += 1;
        slice.approved += u64::from(request.status == Status::Approved);
        slice.hours_granted += request.hours_granted();
    }
    let mut slices: Vec<HistoryCount> = slices.into_values().collect();
    slices.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)).then_with(|| a.key.cmp(&b.key)));
    slices
}

#[cfg(test)]
mod tests;
