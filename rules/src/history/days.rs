//! A period by day: how the requests of each day stand, and how long decisions took.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use lockbox_api::{
    Time,
    history::{HistoryDay, HistoryTimes},
    requests::Status,
};

use super::{RequestFacts, nearest_rank};

/// A period of more days than this is shown, and its decision times are told, by week.
pub const DAYS_MOST: usize = 45;

/// The Monday of a day's week.
#[must_use]
pub fn monday(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

/// Every day (UTC) that the period from `from` to `to` (exclusively) touches, oldest first.
fn days(from: Time, to: Time) -> Vec<NaiveDate> {
    let Some(last) = to.checked_sub_signed(TimeDelta::microseconds(1)).filter(|last| *last >= from) else {
        return Vec::new();
    };
    let next = |day: &NaiveDate| day.checked_add_days(Days::new(1));
    core::iter::successors(Some(from.date_naive()), next).take_while(|day| *day <= last.date_naive()).collect()
}

/// The requests that asked the customer by the day (UTC) on which they were raised and by how they stand.
#[derive(Clone, Debug)]
pub struct ByDay {
    from: Time,
    to: Time,
    days: Vec<HistoryDay>,
}

impl ByDay {
    /// Every day that the period from `from` to `to` (exclusively) touches, oldest first.
    #[must_use]
    pub fn new(from: Time, to: Time) -> Self {
        let empty = |day: NaiveDate| HistoryDay { day: day.to_string(), ..HistoryDay::default() };
        Self { from, to, days: days(from, to).into_iter().map(empty).collect() }
    }

    /// Counts one more request; none that was raised outside the period.
    pub fn add(&mut self, request: &RequestFacts) {
        if !request.asked_customer() || !(self.from..self.to).contains(&request.requested_at) {
            return;
        }
        let number = (request.requested_at.date_naive() - self.from.date_naive()).num_days();
        let Some(day) = usize::try_from(number).ok().and_then(|number| self.days.get_mut(number)) else { return };
        match request.status {
            Status::Approved => day.approved += 1,
            Status::Denied => day.denied += 1,
            Status::Expired => day.expired += 1,
            Status::Cancelled => day.cancelled += 1,
            _ => day.pending += 1,
        }
    }

    /// The days.
    #[must_use]
    pub fn done(self) -> Vec<HistoryDay> {
        self.days
    }
}

/// How long decisions took, by the day on which their requests were raised, or by the week where the days are many.
#[derive(Clone, Debug)]
pub struct DecisionTimes {
    from: Time,
    to: Time,
    by_week: bool,
    /// First day and seconds to decide, oldest first.
    parts: Vec<(NaiveDate, Vec<f64>)>,
}

impl DecisionTimes {
    /// Every day that the period touches, or every week if these are more than [`DAYS_MOST`].
    #[must_use]
    pub fn new(from: Time, to: Time) -> Self {
        let days = days(from, to);
        let by_week = days.len() > DAYS_MOST;
        let mut firsts: Vec<NaiveDate> = days.into_iter().map(|day| if by_week { monday(day) } else { day }).collect();
        firsts.dedup();
        Self { from, to, by_week, parts: firsts.into_iter().map(|first| (first, Vec::new())).collect() }
    }

    /// Counts one more request; only what was decided and raised in the period has a time.
    pub fn add(&mut self, request: &RequestFacts) {
        let Some(seconds) =
            request.seconds_to_decide().filter(|_| (self.from..self.to).contains(&request.requested_at))
        else {
            return;
        };
        let day = request.requested_at.date_naive();
        let first = if self.by_week { monday(day) } else { day };
        if let Ok(at) = self.parts.binary_search_by_key(&first, |part| part.0) {
            self.parts[at].1.push(seconds);
        }
    }

    /// Decisions, median and 95th percentile of each part.
    #[must_use]
    pub fn done(self) -> Vec<HistoryTimes> {
        let part = |(first, mut times): (NaiveDate, Vec<f64>)| {
            times.sort_by(f64::total_cmp);
            HistoryTimes {
                day: first.to_string(),
                decided: times.len() as u64,
                median_seconds: nearest_rank(&times, 50),
                p95_seconds: nearest_rank(&times, 95),
            }
        };
        self.parts.into_iter().map(part).collect()
    }
}
