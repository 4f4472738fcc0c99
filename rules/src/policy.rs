//! What a change of the Lockbox setting means, in words: for the preview before it is saved and for the list of versions.

use lockbox_api::{
    ids::EnvironmentId,
    lockbox::{EnvironmentRef, Lockbox, LockboxUpdate, Policy, Scope},
};

use crate::{lockbox_check::protects, window, words};

/// The part of a setting that has an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Whether engineers need consent at all.
    pub enabled: bool,
    /// Which environments are protected.
    pub policy: Policy,
    /// Hours that a request may wait at most, where the organisation shortened it.
    pub queue_hours: Option<u32>,
}

impl From<&Lockbox> for Setting {
    fn from(lockbox: &Lockbox) -> Self {
        Self { enabled: lockbox.enabled, policy: lockbox.policy.clone(), queue_hours: lockbox.queue_hours }
    }
}

impl From<&LockboxUpdate> for Setting {
    fn from(update: &LockboxUpdate) -> Self {
        Self { enabled: update.enabled, policy: update.policy.clone(), queue_hours: update.queue_hours }
    }
}

impl Setting {
    fn covers(&self, environment: &EnvironmentRef) -> bool {
        protects(self.enabled, &self.policy, &environment.id)
    }
}

/// Environments that would become protected, in the order given.
#[must_use]
pub fn gaining(old: &Setting, new: &Setting, environments: &[EnvironmentRef]) -> Vec<EnvironmentRef> {
    environments.iter().filter(|one| !old.covers(one) && new.covers(one)).cloned().collect()
}

/// Environments that would lose protection, in the order given.
#[must_use]
pub fn losing(old: &Setting, new: &Setting, environments: &[EnvironmentRef]) -> Vec<EnvironmentRef> {
    gaining(new, old, environments)
}

/// What changes, a sentence each; empty when nothing does. The order of the listed environments is no difference.
/// `environments` gives the names; one that is not among them is called by its id.
#[must_use]
pub fn changes(old: &Setting, new: &Setting, environments: &[EnvironmentRef]) -> Vec<String> {
    let mut sentences = Vec::new();
    match (old.enabled, new.enabled) {
        (false, true) => sentences.push("Lockbox is switched on.".to_owned()),
        (true, false) => sentences.push("Lockbox is switched off.".to_owned()),
        _ => {}
    }
    let names = |of: &Policy, without: &Policy| -> Vec<String> {
        let fresh = of.environment_ids.iter().filter(|id| !without.environment_ids.contains(id));
        fresh.map(|id| name_of(id, environments)).collect()
    };
    if old.policy.scope != new.policy.scope {
        sentences.push(format!(
            "The policy covers {} (before: {}).",
            coverage(&new.policy, environments),
            coverage(&old.policy, environments)
        ));
    } else if new.policy.scope == Scope::Some {
        let added = names(&new.policy, &old.policy);
        let removed = names(&old.policy, &new.policy);
        if !added.is_empty() {
            sentences.push(format!("The policy also covers {}.", words::list(&added)));
        }
        if !removed.is_empty() {
            sentences.push(format!("The policy no longer covers {}.", words::list(&removed)));
        }
    }
    if old.queue_hours != new.queue_hours {
        sentences.push(format!(
            "Requests can be decided {} (before: {}).",
            queue(new.queue_hours),
            queue(old.queue_hours)
        ));
    }
    sentences
}

fn coverage(policy: &Policy, environments: &[EnvironmentRef]) -> String {
    match policy.scope {
        Scope::All => "all environments".to_owned(),
        Scope::None => "no environments".to_owned(),
        Scope::Some => {
            let names: Vec<String> = policy.environment_ids.iter().map(|id| name_of(id, environments)).collect();
            words::list(&names)
        }
    }
}

/// The environment's name; its id where the name is not known any more.
fn name_of(id: &EnvironmentId, environments: &[EnvironmentRef]) -> String {
    environments.iter().find(|one| one.id == *id).map_or_else(|| id.to_string(), |one| one.name.clone())
}

fn queue(hours: Option<u32>) -> String {
    match hours {
        Some(hours) => format!("for at most {}", words::count(u64::from(hours), "hour")),
        None => "for as long as the service's catalog entry says".to_owned(),
    }
}

/// How a pending request for `environment` would have been treated under `new`, where that differs in whether consent
/// is asked for. The request itself stays as it is. Differences of the queue time: [`queue_effect`].
#[must_use]
pub fn pending_effect(old: &Setting, new: &Setting, environment: &EnvironmentRef) -> Option<String> {
    match (old.covers(environment), new.covers(environment)) {
        (true, false) if !new.enabled => {
            Some("Access would have opened without asking: Lockbox would be off.".to_owned())
        }
        (true, false) => {
            Some(format!("Access would have opened without asking: the policy would not cover {}.", environment.name))
        }
        (false, true) => {
            Some("Consent would be asked for; without this change access opens without asking.".to_owned())
        }
        (true, true) | (false, false) => None,
    }
}

/// How long a pending request could have been decided under `new`, where that differs; `catalog_queue_hours` is its
/// service's queue time.
#[must_use]
pub fn queue_effect(old: &Setting, new: &Setting, catalog_queue_hours: u32) -> Option<String> {
    let before = window::queue_hours(catalog_queue_hours, old.queue_hours);
    let after = window::queue_hours(catalog_queue_hours, new.queue_hours);
    let spoken = |hours: u32| window::minutes_in_words(hours.saturating_mul(60));
    (before != after)
        .then(|| format!("It could have been decided for {} instead of {}.", spoken(after), spoken(before)))
}

#[cfg(test)]
mod tests;
