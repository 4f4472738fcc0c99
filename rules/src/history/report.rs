//! All figures of a period at once, over requests that pass by one at a time.

use lockbox_api::{
    Time,
    history::{HistoryCount, HistoryDay, HistoryFigures, HistoryTimes},
};

use super::{ByDay, DecisionTimes, Figures, Place, RequestFacts, Slices};

/// The figures of a period while its requests pass by.
#[derive(Clone, Debug)]
pub struct Report {
    now: Time,
    figures: Figures,
    days: ByDay,
    times: DecisionTimes,
    environments: Slices,
    services: Slices,
    reasons: Slices,
    teams: Slices,
    deciders: Slices,
    without_request: Slices,
}

/// What a [`Report`] comes to.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of `History`, which say what they mean")]
pub struct Totals {
    pub figures: HistoryFigures,
    pub by_day: Vec<HistoryDay>,
    pub decision_times: Vec<HistoryTimes>,
    pub by_environment: Vec<HistoryCount>,
    pub by_service: Vec<HistoryCount>,
    pub by_reason: Vec<HistoryCount>,
    pub by_team: Vec<HistoryCount>,
    pub by_decider: Vec<HistoryCount>,
    pub without_request: Vec<HistoryCount>,
}

impl Report {
    /// Nothing yet, of the period from `from` to `to` (exclusively).
    #[must_use]
    pub fn new(from: Time, to: Time, now: Time) -> Self {
        Self {
            now,
            figures: Figures::default(),
            days: ByDay::new(from, to),
            times: DecisionTimes::new(from, to),
            environments: Slices::default(),
            services: Slices::default(),
            reasons: Slices::default(),
            teams: Slices::default(),
            deciders: Slices::default(),
            without_request: Slices::default(),
        }
    }

    /// Counts one more request.
    pub fn add(&mut self, request: &RequestFacts) {
        self.figures.add(request, self.now);
        self.days.add(request);
        self.times.add(request);
        match request.place() {
            Place::Asked => {
                self.environments.add(request.environment.0.as_str(), &request.environment.1, request);
                self.services.add(&request.service.0, &request.service.1, request);
                self.reasons.add(request.reason_code.as_str(), request.reason_code.label(), request);
                let team = request.team.as_deref();
                self.teams.add(team.unwrap_or_default(), team.unwrap_or("No team"), request);
            }
            Place::WithoutRequest => {
                let reason = request.status_reason;
                let key = reason.map_or("unknown", |reason| reason.as_str());
                let label = reason.map_or("No reason was recorded.", |reason| reason.label());
                self.without_request.add(key, label, request);
            }
            Place::Inside => {}
        }
        if request.was_decided() {
            let decider = request.decider.as_ref().map(|(id, name)| (id.as_str(), name.as_str()));
            let (key, label) = decider.unwrap_or(("", "Unknown"));
            self.deciders.add(key, label, request);
        }
    }

    /// What it comes to.
    #[must_use]
    pub fn done(self) -> Totals {
        Totals {
            figures: self.figures.done(),
            by_day: self.days.done(),
            decision_times: self.times.done(),
            by_environment: self.environments.done(),
            by_service: self.services.done(),
            by_reason: self.reasons.done(),
            by_team: self.teams.done(),
            by_decider: self.deciders.done(),
            without_request: self.without_request.done(),
        }
    }
}
