//! A filter over what is counted in advance.

use std::collections::HashSet;

use lockbox_api::{
    events::{Category, Outcome},
    ids::EnvironmentId,
};
use rusqlite::Connection;

use super::{counts::Kind, log_terms};
use crate::store::{LogFilter, StoreResult};

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
        let f = &mut without.values;
        match self {
            Self::Category => (f.category, f.not_category) = Default::default(),
            Self::Outcome => (f.outcome, f.not_outcome) = Default::default(),
            Self::Operation => (f.operation, f.not_operation) = Default::default(),
            Self::Actor => (f.actor, f.not_actor) = Default::default(),
            Self::Environment => (f.environment_id, f.not_environment_id) = Default::default(),
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
    pub(super) fn of(c: &Connection, organization: i64, filter: &LogFilter) -> StoreResult<Self> {
        let f = &filter.values;
        let set = |field: &'static str, values: &[&str]| -> StoreResult<HashSet<u32>> {
            let mut found = HashSet::new();
            for value in values {
                found.extend(log_terms::find(c, organization, field, value)?);
            }
            Ok(found)
        };
        let only = |field: &'static str, values: &[&str]| -> StoreResult<Option<HashSet<u32>>> {
            if values.is_empty() { Ok(None) } else { set(field, values).map(Some) }
        };
        fn texts(list: &[String]) -> Vec<&str> {
            list.iter().map(String::as_str).collect()
        }
        fn ids(list: &[EnvironmentId]) -> Vec<&str> {
            list.iter().map(|id| id.as_str()).collect()
        }
        Ok(Self {
            categories: f.category.clone(),
            not_categories: f.not_category.clone(),
            outcomes: f.outcome.clone(),
            not_outcomes: f.not_outcome.clone(),
            operations: only("operation", &texts(&f.operation))?,
            not_operations: set("not_operation", &texts(&f.not_operation))?,
            actors: only("actor", &texts(&f.actor))?,
            not_actors: set("not_actor", &texts(&f.not_actor))?,
            environments: only("environment_id", &ids(&f.environment_id))?,
            not_environments: set("not_environment_id", &ids(&f.not_environment_id))?,
        })
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
