//! What the person has chosen and not saved yet.

use crate::state::draft::{keep, kept, use_draft};
use leptos::prelude::*;
use lockbox_api::{
    environments::Environment,
    ids::EnvironmentId,
    lockbox::{EnvironmentRef, Lockbox, LockboxUpdate, Policy, Scope},
    problem::FieldError,
};
use lockbox_rules::{
    policy::{self, Setting},
    validate,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The name under which the reason is kept.
pub const REASON_DRAFT: &str = "lockbox:reason";

/// The name under which what was chosen is kept.
const PROPOSAL_DRAFT: &str = "lockbox:proposal";

/// What was chosen, and the version that it was begun from.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u64,
    enabled: bool,
    scope: String,
    chosen: BTreeSet<EnvironmentId>,
    hours: String,
}

/// The fields of the setting.
#[derive(Clone, Copy)]
pub struct Proposal {
    /// Whether consent is asked for at all
    pub enabled: RwSignal<bool>,
    /// `all`, `some` or `none`
    pub scope: RwSignal<String>,
    /// The environments chosen; kept while another scope is looked at
    pub chosen: RwSignal<BTreeSet<EnvironmentId>>,
    /// Hours to decide, as typed; empty for the catalog's
    pub hours: RwSignal<String>,
    /// Why
    pub reason: RwSignal<String>,
    /// The version it started from
    pub base: RwSignal<Lockbox>,
}

impl Proposal {
    /// Begins with what was chosen before and not saved, such as before the session ended; else with what is in force. With it:
    /// the version that the former was begun from.
    pub fn new(lockbox: Lockbox) -> (Self, Option<u64>) {
        let proposal = Self {
            enabled: RwSignal::new(false),
            scope: RwSignal::new(String::new()),
            chosen: RwSignal::new(BTreeSet::new()),
            hours: RwSignal::new(String::new()),
            reason: use_draft(REASON_DRAFT.to_owned()),
            base: RwSignal::new(lockbox.clone()),
        };
        proposal.take(lockbox);
        let before = kept::<Kept>(PROPOSAL_DRAFT).map(|kept| {
            proposal.enabled.set(kept.enabled);
            proposal.scope.set(kept.scope);
            proposal.chosen.set(kept.chosen);
            proposal.hours.set(kept.hours);
            kept.version
        });
        let first = proposal.base.with_untracked(|base| base.version);
        keep(PROPOSAL_DRAFT.to_owned(), move || {
            let base = proposal.base.with(|base| base.version);
            proposal.is_touched().then(|| Kept {
                // Until it is put against another version, it is against the one that it was begun from.
                version: before.filter(|_| base == first).unwrap_or(base),
                enabled: proposal.enabled.get(),
                scope: proposal.scope.get(),
                chosen: proposal.chosen.get(),
                hours: proposal.hours.get(),
            })
        });
        (proposal, before.filter(|_| untrack(|| proposal.is_touched())))
    }

    /// Forgets what was chosen and begins again with what is in force.
    pub fn take(self, lockbox: Lockbox) {
        self.enabled.set(lockbox.enabled);
        self.scope.set(lockbox.policy.scope.to_string());
        self.chosen.set(lockbox.policy.environment_ids.iter().cloned().collect());
        self.hours.set(lockbox.queue_hours.map(|hours| hours.to_string()).unwrap_or_default());
        self.base.set(lockbox);
    }

    /// What would be sent.
    pub fn update(self) -> LockboxUpdate {
        let scope = self.scope.with(|scope| Scope::parse(scope)).unwrap_or(Scope::None);
        let environment_ids =
            if scope == Scope::Some { self.chosen.with(|chosen| chosen.iter().cloned().collect()) } else { Vec::new() };
        let reason = self.reason.with(|reason| reason.trim().to_owned());
        LockboxUpdate {
            enabled: self.enabled.get(),
            policy: Policy { scope, environment_ids },
            queue_hours: hours(&self.hours.get()),
            reason: Some(reason).filter(|reason| !reason.is_empty()),
        }
    }

    /// The part that has an effect: everything but the reason.
    pub fn setting(self) -> Setting {
        Setting::from(&LockboxUpdate { reason: None, ..self.update() })
    }

    /// What is wrong with it.
    pub fn faults(self, environments: &[Environment]) -> Vec<FieldError> {
        let known: Vec<_> = environments.iter().map(|environment| environment.id.clone()).collect();
        validate::lockbox_update(&self.update(), &known)
    }

    /// Whether anything differs from what it started from.
    pub fn is_touched(self) -> bool {
        let base = self.base.with(|base| Setting::from(base));
        !policy::changes(&base, &self.setting(), &[]).is_empty()
    }
}

/// Hours as typed; nothing for an empty field, and a number that no check lets pass for anything else.
fn hours(typed: &str) -> Option<u32> {
    let typed = typed.trim();
    (!typed.is_empty()).then(|| typed.parse().unwrap_or(0))
}

/// A setting in a few words: "On, all environments".
pub fn in_words(lockbox: &Lockbox, environments: &[EnvironmentRef]) -> String {
    let coverage = match lockbox.policy.scope {
        Scope::All => "all environments".to_owned(),
        Scope::None => "no environments".to_owned(),
        Scope::Some => {
            let name = |id: &EnvironmentId| {
                environments
                    .iter()
                    .find(|found| found.id == *id)
                    .map_or_else(|| id.to_string(), |found| found.name.clone())
            };
            lockbox_rules::words::list(&lockbox.policy.environment_ids.iter().map(name).collect::<Vec<_>>())
        }
    };
    let hours = lockbox
        .queue_hours
        .map(|hours| format!(", {} to decide", lockbox_rules::words::count(u64::from(hours), "hour")))
        .unwrap_or_default();
    format!("{}, {coverage}{hours}", if lockbox.enabled { "On" } else { "Off" })
}

/// Environments in short, for sentences.
pub fn refs(environments: &[Environment]) -> Vec<EnvironmentRef> {
    environments.iter().map(|found| EnvironmentRef { id: found.id.clone(), name: found.name.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_nothing_a_number_or_wrong() {
        assert_eq!(hours(" "), None);
        assert_eq!(hours("12"), Some(12));
        assert_eq!(hours("1.5"), Some(0));
        assert_eq!(hours("-3"), Some(0));
        assert_eq!(hours("soon"), Some(0));
    }

    #[test]
    fn a_setting_reads_as_a_few_words() {
        let json = r#"{"enabled":true,"policy":{"scope":"some","environment_ids":["env_a","env_b"]},"queue_hours":1,"version":2,
            "updated_by":null,"updated_at":"2026-11-01T00:00:00Z"}"#;
        let lockbox: Lockbox = serde_json::from_str(json).unwrap();
        let names = [EnvironmentRef { id: "env_a".into(), name: "Payroll".to_owned() }];
        assert_eq!(in_words(&lockbox, &names), "On, Payroll and env_b, 1 hour to decide");
        let off = Lockbox {
            enabled: false,
            policy: Policy { scope: Scope::All, environment_ids: vec![] },
            queue_hours: None,
            ..lockbox
        };
        assert_eq!(in_words(&off, &names), "Off, all environments");
    }
}
