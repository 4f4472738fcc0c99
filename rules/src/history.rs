//! Figures over requests, for executives and auditors. They are counted one request at a time ([`Report`], [`Figures`]), so
//! that a period of any length can be read without holding its requests.
//!
//! Every request counts in one of three places ([`Place`]): it asked the customer, it opened access without asking, or it
//! stayed inside the provider. Figures, days and slices follow the same line.
//!
//! Percentiles are by nearest rank: the value at rank ⌈p · n⌉ of the n values in ascending order, so that every figure
//! is a time that a decision really took. The median is the 50th percentile; of an even number of values it is the
//! lower one of the middle two.

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    history::HistoryFigures,
    ids::EnvironmentId,
    jit::ReasonCode,
    requests::{Status, StatusReason},
};

use crate::window;

mod days;
mod report;
mod slices;

pub use days::{ByDay, DAYS_MOST, DecisionTimes, monday};
pub use report::{Report, Totals};
pub use slices::Slices;

/// Where a request counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The customer was asked.
    Asked,
    /// Access was opened without asking.
    WithoutRequest,
    /// The customer was not asked and no access was opened: rejected, or ended or still waiting inside the provider.
    Inside,
}

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
    /// Where it counts. Whether the customer was asked is a matter of record, not of how the request stands: one that
    /// expired or was withdrawn inside the provider never came so far.
    #[must_use]
    pub const fn place(&self) -> Place {
        match (self.notified_at, self.status) {
            (Some(_), _) => Place::Asked,
            (None, Status::NotRequired) => Place::WithoutRequest,
            (None, _) => Place::Inside,
        }
    }

    /// True for a request that the customer was asked about.
    #[must_use]
    pub fn asked_customer(&self) -> bool {
        self.place() == Place::Asked
    }

    /// True for a request that the customer decided.
    fn was_decided(&self) -> bool {
        self.asked_customer() && matches!(self.status, Status::Approved | Status::Denied)
    }

    /// From asking the customer to the decision, seconds; none without a decision.
    fn seconds_to_decide(&self) -> Option<f64> {
        let asked = self.notified_at.filter(|_| self.was_decided())?;
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

/// The figures of one period's requests, counted one at a time. Hours and actions are those of all access, also of access
/// without a request.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    sums: HistoryFigures,
    /// Of every decision: eight bytes of it stay, because an exact percentile needs them all.
    times: Vec<f64>,
}

impl Figures {
    /// Counts one more request. `now`: how far an open access has come.
    pub fn add(&mut self, request: &RequestFacts, now: Time) {
        let sums = &mut self.sums;
        match request.place() {
            Place::Asked => {
                sums.requests += 1;
                match request.status {
                    Status::Approved => sums.approved += 1,
                    Status::Denied => sums.denied += 1,
                    Status::Expired => sums.expired += 1,
                    Status::Cancelled => sums.cancelled += 1,
                    _ => sums.pending += 1,
                }
            }
            Place::WithoutRequest => sums.without_request += 1,
            Place::Inside => sums.inside += 1,
        }
        self.times.extend(request.seconds_to_decide());
        sums.hours_granted += request.hours_granted();
        sums.hours_open += request.hours_open(now);
        sums.hours_used += request.hours_used();
        sums.actions = sums.actions.saturating_add(request.actions);
        sums.refused_actions = sums.refused_actions.saturating_add(request.refused_actions);
        sums.rows_touched = sums.rows_touched.saturating_add(request.rows_touched);
    }

    /// What it comes to.
    #[must_use]
    pub fn done(mut self) -> HistoryFigures {
        let HistoryFigures { approved, denied, expired, .. } = self.sums;
        let decided = approved + denied;
        self.times.sort_by(f64::total_cmp);
        HistoryFigures {
            approval_rate: (decided > 0).then(|| approved as f64 / decided as f64),
            expired_share: (decided + expired > 0).then(|| expired as f64 / (decided + expired) as f64),
            median_seconds_to_decide: nearest_rank(&self.times, 50),
            p95_seconds_to_decide: nearest_rank(&self.times, 95),
            ..self.sums
        }
    }
}

/// The value at rank ⌈percent · n / 100⌉ of `ascending`; none of nothing.
fn nearest_rank(ascending: &[f64], percent: usize) -> Option<f64> {
    let rank = (ascending.len() * percent).div_ceil(100);
    ascending.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests;
