//! A filter over what is counted in advance.

use std::collections::HashSet;

use lockbox_api::events::{Category, Outcome};

use super::counts::Kind;
use crate::store::LogFilter;

/// Whether days and hours tell all that the filter asks for: words and ids are not among what they count.
pub(super) fn counted_in_advance(filter: &LogFilter) -> bool {
    let f = &filter.values;
    f.q.is_none()
        && f.not_q.is_empty()
        && f.request_id.is_empty()
        && f.service_request_id.is_empty()
        && f.grant_id.is_empty()
        && f.correlation_id.is_empty()
        && f.not_request_id.is_empty()
        && f.not_service_request_id.is_empty()
        && f.not_grant_id.is_empty()
        && f.not_correlation_id.is_empty()
}

/// The fields that are counted, each by its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Category,
    Outcome,
    Operation,
    Actor,
    Environment,
}

impl Counted {
    pub(super) const ALL: [Self; 5] = [Self::Category, Self::Outcome, Self::Operation, Self::Actor, Self::Environment];

    /// Its place among all.
    pub(super) const fn place(self) -> usize {
        self as usize
    }

    /// The filter without what it asks of this field; `None` where it asks nothing of it.
    pub(super) fn left_out(self, filter: &LogFilter) -> Option<LogFilter> {
        let mut without = filter.clone();
        let (f, t) = (&mut without.values, &mut without.terms);
        match self {
            Self::Category => (f.category, f.not_category) = Default::default(),
            Self::Outcome => (f.outcome, f.not_outcome) = Default::default(),
            Self::Operation => {
                (f.operation, f.not_operation) = Default::default();
                (t.operation, t.not_operation) = Default::default();
            }
            Self::Actor => {
                (f.actor, f.not_actor) = Default::default();
                (t.actor, t.not_actor) = Default::default();
            }
            Self::Environment => {
                (f.environment_id, f.not_environment_id) = Default::default();
                (t.environment_id, t.not_environment_id) = Default::default();
            }
        }
        (without.values != filter.values).then_some(without)
    }
}

/// What an event fails of a sieve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failed(u8);

impl Failed {
    /// It passes.
    pub(super) fn nothing(self) -> bool {
        self.0 == 0
    }

    /// It passes but for what may be asked of this field.
    pub(super) fn at_most(self, field: Counted) -> bool {
        self.0 & !(1 << field.place()) == 0
    }
}

/// A filter by what is counted in advance, in numbers.
pub(super) struct Sieve {
    categories: Vec<Category>,
    not_categories: Vec<Category>,
    outcomes: Vec<Outcome>,
    not_outcomes: Vec<Outcome>,
    operations: Option<HashSet<u32>>,
    not_operations: HashSet<u32>,
    actors: Option<HashSet<u32>>,
    not_actors: HashSet<u32>,
    environments: Option<HashSet<u32>>,
    not_environments: HashSet<u32>,
}

impl Sieve {
    /// The filter in numbers. A field of whose values none ever occurred lets nothing through.
    pub(super) fn of(filter: &LogFilter) -> Self {
        let (f, t) = (&filter.values, &filter.terms);
        let set = |terms: &[u32]| -> HashSet<u32> { terms.iter().copied().collect() };
        let only = |values: usize, terms: &[u32]| (values > 0).then(|| set(terms));
        Self {
            categories: f.category.clone(),
            not_categories: f.not_category.clone(),
            outcomes: f.outcome.clone(),
            not_outcomes: f.not_outcome.clone(),
            operations: only(f.operation.len(), &t.operation),
            not_operations: set(&t.not_operation),
            actors: only(f.actor.len(), &t.actor),
            not_actors: set(&t.not_actor),
            environments: only(f.environment_id.len(), &t.environment_id),
            not_environments: set(&t.not_environment_id),
        }
    }

    /// What of it an event of this kind fails.
    pub(super) fn failed(&self, kind: &Kind) -> Failed {
        let among = |only: &Option<HashSet<u32>>, not: &HashSet<u32>, number: u32| {
            only.as_ref().is_none_or(|only| only.contains(&number)) && !not.contains(&number)
        };
        let passes = Counted::ALL.map(|field| match field {
            Counted::Category => {
                (self.categories.is_empty() || self.categories.contains(&kind.category))
                    && !self.not_categories.contains(&kind.category)
            }
            Counted::Outcome => {
                (self.outcomes.is_empty() || self.outcomes.contains(&kind.outcome))
                    && !self.not_outcomes.contains(&kind.outcome)
            }
            Counted::Operation => among(&self.operations, &self.not_operations, kind.operation),
            Counted::Actor => among(&self.actors, &self.not_actors, kind.actor),
            Counted::Environment => among(&self.environments, &self.not_environments, kind.environment),
        });
        Failed(passes.into_iter().enumerate().fold(0, |failed, (place, passes)| failed | (u8::from(!passes) << place)))
    }
}
