//! The just-in-time (JIT) evaluation: the provider's rules, tried on one request.

mod factors;
mod times;

use std::collections::HashSet;

use lockbox_api::{
    Time,
    catalog::{Catalog, Service},
    jit::{
        Evaluation, EvaluationOutcome, JitRules, MatchedRule, PermissionLevel, ResourceScope, Rule, RuleConditions,
        RuleOutcome,
    },
    problem::FieldError,
    provider::AccessRequestCreate,
    requests::Engineer,
};

use crate::{
    validate::{ID_MAX, NAME_MAX, TEXT_MAX, text},
    window, words,
};

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Who asks.
    pub engineer: &'a Engineer,
    /// Id of the environment's service in the catalog.
    pub service: &'a str,
    /// Its name, for people.
    pub service_name: &'a str,
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
    /// How wide the credentials reach, where the provider says so.
    pub resource_scope: Option<ResourceScope>,
}

impl<'a> Subject<'a> {
    /// What the rules look at of this request, for an environment of this service. From the catalog it takes the service's id, its
    /// name for people, and the usual time where the request names none.
    #[must_use]
    pub fn of(input: &'a AccessRequestCreate, service: &'a Service) -> Self {
        Self {
            engineer: &input.engineer,
            service: &service.id,
            service_name: &service.name,
            operations: &input.operations,
            targets: &input.targets,
            permission_level: input.permission_level,
            direct_data_access: input.direct_data_access,
            access_minutes: input.access_minutes.unwrap_or(service.default_access_minutes),
            resource_scope: input.resource_scope,
        }
    }
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
/// Demands add up: every role that one of them names must approve. Caps apply together: the shortest wins.
///
/// The factors are always listed, each with its value; one has not passed when a matched rule that rejects or demands
/// an approval looks at it.
#[must_use]
pub fn evaluate(rules: &JitRules, subject: &Subject<'_>, now: Time) -> JitResult {
    let scope = resource_scope(subject.targets).max(subject.resource_scope.unwrap_or(ResourceScope::Resource));
    let matched: Vec<&Rule> = rules.rules.iter().filter(|rule| matches(&rule.when, subject, scope, now)).collect();
    let any = |outcome| matched.iter().any(move |rule| rule.outcome == outcome);

    let outcome = if any(RuleOutcome::Reject) {
        EvaluationOutcome::Rejected
    } else if any(RuleOutcome::RequireInternalApproval) {
        EvaluationOutcome::InternalApprovalRequired
    } else {
        EvaluationOutcome::Continued
    };
    let cap = matched
        .iter()
        .filter(|rule| rule.outcome == RuleOutcome::CapAccess)
        .filter_map(|rule| rule.max_access_minutes)
        .min();

    let roles = if outcome == EvaluationOutcome::InternalApprovalRequired { roles(&matched) } else { Vec::new() };

    JitResult {
        evaluation: Evaluation {
            outcome,
            factors: factors::of(subject, scope, now, &matched),
            rules: matched
                .iter()
                .map(|rule| MatchedRule {
                    id: rule.id.clone(),
                    outcome: rule.outcome,
                    description: rule.description.clone(),
                    description_inside: rule.description_inside.clone(),
                })
                .collect(),
            rules_version: rules.version.clone(),
            evaluated_at: now,
            internal_approval_role: roles.first().cloned(),
            internal_approval_roles: roles,
        },
        access_minutes: cap.map_or(subject.access_minutes, |cap| subject.access_minutes.min(cap)),
    }
}

/// The matched rules that shorten the access, by id.
#[must_use]
pub fn shortened_by(evaluation: &Evaluation) -> Vec<&str> {
    let caps = evaluation.rules.iter().filter(|rule| rule.outcome == RuleOutcome::CapAccess);
    caps.map(|rule| rule.id.as_str()).collect()
}

/// How long access lasts at most; where the rules shortened what was asked for, also that, and which did.
#[must_use]
pub fn period_in_words(access_minutes: u32, asked_minutes: Option<u32>, evaluation: &Evaluation) -> String {
    let period = window::minutes_in_words(access_minutes);
    let Some(asked) = asked_minutes.filter(|asked| *asked > access_minutes) else { return period };
    let rules = shortened(&shortened_by(evaluation));
    format!("{period} ({} asked for{rules})", window::minutes_in_words(asked))
}

fn shortened(rules: &[&str]) -> String {
    match rules {
        [] => String::new(),
        [rule] => format!(", shortened by the rule {rule}"),
        rules => format!(", shortened by the rules {}", words::list(rules)),
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

/// The roles that the demands name, each once, in the order of the file.
fn roles(matched: &[&Rule]) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    for rule in matched.iter().filter(|rule| rule.outcome == RuleOutcome::RequireInternalApproval) {
        for role in rule.role.iter().chain(&rule.roles) {
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
    }
    roles
}

fn matches(when: &RuleConditions, subject: &Subject<'_>, scope: ResourceScope, now: Time) -> bool {
    let engineer = subject.engineer;
    let one_of = |list: &[String], value: Option<&str>| {
        list.is_empty() || value.is_some_and(|value| list.iter().any(|item| item == value))
    };
    // What is not told is none of the exceptions.
    let none_of = |list: &[String], value: Option<&str>| {
        list.is_empty() || value.is_none_or(|value| list.iter().all(|item| item != value))
    };
    let location = engineer.location.as_ref();
    let office = location.and_then(|location| location.office_country.as_deref());
    let physical = location.and_then(|location| location.physical_country.as_deref());
    // What reaches the whole organisation reaches the environment: a rule about environments is not escaped by it.
    let scope_is_met = |wanted: &ResourceScope| {
        *wanted == scope || *wanted == ResourceScope::Environment && scope == ResourceScope::Organization
    };
    (when.resource_scope.is_empty() || when.resource_scope.iter().any(scope_is_met))
        && when.isolated_identity.is_none_or(|wanted| wanted == engineer.isolated_identity)
        && when.mfa.is_none_or(|wanted| wanted == engineer.mfa)
        && (when.permission_level.is_empty() || when.permission_level.contains(&subject.permission_level))
        && one_of(&when.jit_role, Some(&engineer.jit_role))
        && none_of(&when.jit_role_not, Some(&engineer.jit_role))
        && one_of(&when.service, Some(subject.service))
        && (when.operation.is_empty() || subject.operations.iter().any(|name| when.operation.contains(name)))
        && when.direct_data_access.is_none_or(|wanted| wanted == subject.direct_data_access)
        && one_of(&when.team, engineer.team.as_deref())
        && none_of(&when.team_not, engineer.team.as_deref())
        && one_of(&when.office_country, office)
        && none_of(&when.office_country_not, office)
        && one_of(&when.physical_country, physical)
        && none_of(&when.physical_country_not, physical)
        && when.time_of_day.as_ref().is_none_or(|part| times::holds(part, now))
}

/// Everything that is wrong with a file of rules, each at its place (`/rule/0/role`). What the rules say about services
/// and operations is checked by [`check_references`].
#[must_use]
pub fn check_rules(rules: &JitRules) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut error = |pointer: String, message: String| errors.push(FieldError { pointer, message });
    if let Some(message) = text::line(&rules.version, 1, TEXT_MAX) {
        error("/version".to_owned(), message);
    }
    let mut ids = HashSet::new();
    for (at, rule) in rules.rules.iter().enumerate() {
        let here = |field: &str| format!("/rule/{at}/{field}");
        if let Some(message) = text::id(&rule.id, ID_MAX) {
            error(here("id"), message);
        } else if !ids.insert(&rule.id) {
            error(here("id"), format!("\"{}\" occurs twice.", rule.id));
        }
        if rule.description.trim().is_empty() {
            error(here("description"), "It must not be empty: customers read it.".to_owned());
        } else if let Some(message) = text::block(&rule.description, 1, TEXT_MAX) {
            error(here("description"), message);
        }
        if rule.description_inside.as_ref().is_some_and(|words| words.trim().is_empty()) {
            error(
                here("description_inside"),
                "It must not be empty: internal approvers read it. Leave it out.".to_owned(),
            );
        } else if let Some(message) = rule.description_inside.as_ref().and_then(|words| text::block(words, 1, TEXT_MAX))
        {
            error(here("description_inside"), message);
        }
        let wants_role = rule.outcome == RuleOutcome::RequireInternalApproval;
        match (&rule.role, rule.roles.as_slice()) {
            (Some(_), _) if !wants_role => {
                error(here("role"), "It belongs to require_internal_approval only.".to_owned());
            }
            (_, [_, ..]) if !wants_role => {
                error(here("roles"), "It belongs to require_internal_approval only.".to_owned());
            }
            (Some(_), [_, ..]) => error(here("roles"), "Name one role, or roles, not both.".to_owned()),
            (None, []) if wants_role => error(here("role"), "Name the role that decides.".to_owned()),
            (None, roles) => {
                let mut seen = HashSet::new();
                if roles.iter().any(|role| role.trim().is_empty()) {
                    error(here("roles"), "Its values must not be empty.".to_owned());
                } else if let Some(message) = roles.iter().find_map(|role| text::id(role, ID_MAX)) {
                    error(here("roles"), message);
                } else if !roles.iter().all(|role| seen.insert(role)) {
                    error(here("roles"), "A role occurs twice.".to_owned());
                }
            }
            (Some(role), []) => {
                if let Some(message) = text::id(role, ID_MAX) {
                    error(here("role"), message);
                }
            }
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
            ("team", &rule.when.team),
            ("team_not", &rule.when.team_not),
        ];
        for (name, list) in lists {
            // Of what a request can't say, the rule would wait for ever.
            let is_team = name.starts_with("team");
            let fault = |item: &String| if is_team { text::line(item, 1, NAME_MAX) } else { text::id(item, ID_MAX) };
            if list.iter().any(|item| item.trim().is_empty()) {
                error(here(&format!("when/{name}")), "Its values must not be empty.".to_owned());
            } else if let Some(message) = list.iter().find_map(fault) {
                error(here(&format!("when/{name}")), message);
            }
        }
        for (name, list) in [
            ("office_country", &rule.when.office_country),
            ("office_country_not", &rule.when.office_country_not),
            ("physical_country", &rule.when.physical_country),
            ("physical_country_not", &rule.when.physical_country_not),
        ] {
            let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
            if !list.iter().all(is_code) {
                let message = "Write countries as two capital letters (ISO 3166-1), as in IE.";
                error(here(&format!("when/{name}")), message.to_owned());
            }
        }
        if let Some(part) = &rule.when.time_of_day {
            for (field, message) in times::faults(part) {
                error(here(&format!("when/time_of_day/{field}")), message.to_owned());
            }
        }
        let when = &rule.when;
        for (name, wanted, not) in [
            ("jit_role", &when.jit_role, &when.jit_role_not),
            ("team", &when.team, &when.team_not),
            ("office_country", &when.office_country, &when.office_country_not),
            ("physical_country", &when.physical_country, &when.physical_country_not),
        ] {
            if !wanted.is_empty() && wanted.iter().all(|value| not.contains(value)) {
                let message = format!("It excludes every value of {name}: the rule can't match.");
                error(here(&format!("when/{name}_not")), message);
            }
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
        let named = |service: &&Service| rule.when.service.is_empty() || rule.when.service.contains(&service.id);
        let has = |service: &Service, name: &str| crate::catalog::operation(service, name).is_some();
        for name in &rule.when.operation {
            let message = if !catalog.services.iter().any(|service| has(service, name)) {
                format!("No service of the catalog has an operation \"{name}\".")
            } else if !catalog.services.iter().filter(named).any(|service| has(service, name)) {
                format!("No service that the rule names has an operation \"{name}\".")
            } else {
                continue;
            };
            errors.push(FieldError { pointer: format!("/rule/{at}/when/operation"), message });
        }
    }
    errors
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
