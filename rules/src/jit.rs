//! The just-in-time (JIT) evaluation: the provider's rules, tried on one request.

use std::collections::HashSet;

use lockbox_api::{
    Time,
    catalog::Catalog,
    jit::{
        Evaluation, EvaluationOutcome, Factor, JitRules, MatchedRule, PermissionLevel, ResourceScope, Rule,
        RuleConditions, RuleOutcome,
    },
    problem::FieldError,
    requests::Engineer,
};

use crate::words;

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Who asks.
    pub engineer: &'a Engineer,
    /// Id of the environment's service in the catalog.
    pub service: &'a str,
    /// Operations asked for, by wire name.
    pub operations: &'a [String],
    /// Patterns of what may be touched; empty: anything in the environment.
    pub targets: &'a [String],
    /// How deep.
    pub permission_level: PermissionLevel,
    /// Whether customer data is reached directly.
    pub direct_data_access: bool,
    /// Minutes asked for.
    pub access_minutes: u32,
}

/// How a request was judged.
#[derive(Clone, Debug, PartialEq)]
pub struct JitResult {
    /// What is kept with the request and shown to the approver.
    pub evaluation: Evaluation,
    /// Minutes after every cap that applies; never more than was asked for.
    pub access_minutes: u32,
}

/// Tries every rule. One rejection outweighs everything; else one demand for an internal approval outweighs the rest.
/// Of several demands the first in the file names the role. Caps apply together: the shortest wins.
///
/// The factors are always listed, each with its value; one has not passed when a matched rule that rejects or demands
/// an approval looks at it.
#[must_use]
pub fn evaluate(rules: &JitRules, subject: &Subject<'_>, now: Time) -> JitResult {
    let scope = resource_scope(subject.targets);
    let matched: Vec<&Rule> = rules.rules.iter().filter(|rule| matches(&rule.when, subject, scope)).collect();
    let first = |outcome| matched.iter().find(move |rule| rule.outcome == outcome);

    let demand = first(RuleOutcome::RequireInternalApproval);
    let outcome = if first(RuleOutcome::Reject).is_some() {
        EvaluationOutcome::Rejected
    } else if demand.is_some() {
        EvaluationOutcome::InternalApprovalRequired
    } else {
        EvaluationOutcome::Continued
    };
    let cap = matched
        .iter()
        .filter(|rule| rule.outcome == RuleOutcome::CapAccess)
        .filter_map(|rule| rule.max_access_minutes)
        .min();

    JitResult {
        evaluation: Evaluation {
            outcome,
            factors: factors(subject, scope, &matched),
            rules: matched
                .iter()
                .map(|rule| MatchedRule {
                    id: rule.id.clone(),
                    outcome: rule.outcome,
                    description: rule.description.clone(),
                })
                .collect(),
            rules_version: rules.version.clone(),
            evaluated_at: now,
            internal_approval_role: match outcome {
                EvaluationOutcome::InternalApprovalRequired => demand.and_then(|rule| rule.role.clone()),
                EvaluationOutcome::Rejected | EvaluationOutcome::Continued => None,
            },
        },
        access_minutes: cap.map_or(subject.access_minutes, |cap| subject.access_minutes.min(cap)),
    }
}

/// How wide the targets reach: the whole environment when there are none, or when one of them names nothing, as `*`,
/// `**` or `*.*` do.
#[must_use]
pub fn resource_scope(targets: &[String]) -> ResourceScope {
    let names_something = |target: &String| target.chars().any(char::is_alphanumeric);
    if !targets.is_empty() && targets.iter().all(names_something) {
        ResourceScope::Resource
    } else {
        ResourceScope::Environment
    }
}

fn matches(when: &RuleConditions, subject: &Subject<'_>, scope: ResourceScope) -> bool {
    let engineer = subject.engineer;
    let one_of = |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item == value);
    (when.resource_scope.is_empty() || when.resource_scope.contains(&scope))
        && when.isolated_identity.is_none_or(|wanted| wanted == engineer.isolated_identity)
        && when.mfa.is_none_or(|wanted| wanted == engineer.mfa)
        && (when.permission_level.is_empty() || when.permission_level.contains(&subject.permission_level))
        && one_of(&when.jit_role, &engineer.jit_role)
        && !when.jit_role_not.contains(&engineer.jit_role)
        && one_of(&when.service, subject.service)
        && (when.operation.is_empty() || subject.operations.iter().any(|name| when.operation.contains(name)))
        && when.direct_data_access.is_none_or(|wanted| wanted == subject.direct_data_access)
}

fn factors(subject: &Subject<'_>, scope: ResourceScope, matched: &[&Rule]) -> Vec<Factor> {
    let engineer = subject.engineer;
    let against: Vec<&RuleConditions> = matched
        .iter()
        .filter(|rule| matches!(rule.outcome, RuleOutcome::Reject | RuleOutcome::RequireInternalApproval))
        .map(|rule| &rule.when)
        .collect();
    let factor = |id: &str, name: &str, value: String, looked_at: &dyn Fn(&RuleConditions) -> bool| Factor {
        id: id.to_owned(),
        name: name.to_owned(),
        value,
        passed: !against.iter().any(|when| looked_at(when)),
    };
    let scope = match scope {
        ResourceScope::Resource => "Named resources",
        ResourceScope::Environment => "The whole environment",
    };
    let identity = if engineer.isolated_identity {
        "Isolated: it exists for this work only"
    } else {
        "Not isolated: the everyday identity"
    };
    let mfa = if engineer.mfa { "Used" } else { "Not used" };
    let level = match subject.permission_level {
        PermissionLevel::Read => "Read",
        PermissionLevel::Write => "Write",
        PermissionLevel::Delete => "Delete",
        PermissionLevel::Administer => "Administer",
    };
    vec![
        factor("resource_scope", "Scope of the resource", scope.to_owned(), &|when| !when.resource_scope.is_empty()),
        factor("isolated_identity", "Identity", identity.to_owned(), &|when| when.isolated_identity.is_some()),
        factor("mfa", "Multi-factor authentication", mfa.to_owned(), &|when| when.mfa.is_some()),
        factor("permission_level", "Permission level", level.to_owned(), &|when| !when.permission_level.is_empty()),
        factor("jit_role", "Role in the just-in-time service", words::plain(&engineer.jit_role), &|when| {
            !when.jit_role.is_empty() || !when.jit_role_not.is_empty()
        }),
    ]
}

/// Everything that is wrong with a file of rules, each at its place (`/rule/0/role`). What the rules say about services
/// and operations is checked by [`check_references`].
#[must_use]
pub fn check_rules(rules: &JitRules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut error = |pointer: String, message: String| errors.push(FieldError { pointer, message });
    if rules.version.trim().is_empty() {
        error("/version".to_owned(), "It must not be empty.".to_owned());
    }
    let mut ids = HashSet::new();
    for (at, rule) in rules.rules.iter().enumerate() {
        let here = |field: &str| format!("/rule/{at}/{field}");
        if rule.id.trim().is_empty() {
            error(here("id"), "It must not be empty.".to_owned());
        } else if !ids.insert(&rule.id) {
            error(here("id"), format!("\"{}\" occurs twice.", rule.id));
        }
        if rule.description.trim().is_empty() {
            error(here("description"), "It must not be empty: customers read it.".to_owned());
        }
        let wants_role = rule.outcome == RuleOutcome::RequireInternalApproval;
        match &rule.role {
            Some(_) if !wants_role => {
                error(here("role"), "It belongs to require_internal_approval only.".to_owned());
            }
            Some(role) if role.trim().is_empty() => error(here("role"), "It must not be empty.".to_owned()),
            None if wants_role => error(here("role"), "Name the role that decides.".to_owned()),
            Some(_) | None => {}
        }
        let caps = rule.outcome == RuleOutcome::CapAccess;
        match rule.max_access_minutes {
            Some(_) if !caps => error(here("max_access_minutes"), "It belongs to cap_access only.".to_owned()),
            Some(0) => error(here("max_access_minutes"), "It must be at least 1.".to_owned()),
            None if caps => error(here("max_access_minutes"), "Name the minutes at most.".to_owned()),
            Some(_) | None => {}
        }
        let lists = [
            ("jit_role", &rule.when.jit_role),
            ("jit_role_not", &rule.when.jit_role_not),
            ("service", &rule.when.service),
            ("operation", &rule.when.operation),
        ];
        for (name, list) in lists {
            if list.iter().any(|item| item.trim().is_empty()) {
                error(here(&format!("when/{name}")), "Its values must not be empty.".to_owned());
            }
        }
        let never =
            !rule.when.jit_role.is_empty() && rule.when.jit_role.iter().all(|r| rule.when.jit_role_not.contains(r));
        if never {
            error(here("when/jit_role_not"), "It excludes every role of jit_role: the rule can't match.".to_owned());
        }
    }
    errors
}

/// Names in the rules that the catalog does not know: a rule that names one by mistake never matches, and nobody notices.
#[must_use]
pub fn check_references(rules: &JitRules, catalog: &Catalog) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (at, rule) in rules.rules.iter().enumerate() {
        for id in rule.when.service.iter().filter(|id| crate::catalog::service(catalog, id).is_none()) {
            let message = format!("The catalog has no service \"{id}\".");
            errors.push(FieldError { pointer: format!("/rule/{at}/when/service"), message });
        }
        for name in &rule.when.operation {
            if !catalog.services.iter().any(|service| crate::catalog::operation(service, name).is_some()) {
                let message = format!("No service of the catalog has an operation \"{name}\".");
                errors.push(FieldError { pointer: format!("/rule/{at}/when/operation"), message });
            }
        }
    }
    errors
}

#[cfg(test)]
mod tests;
