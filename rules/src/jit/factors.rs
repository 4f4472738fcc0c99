//! What was weighed, each with its value, as people read it.

use lockbox_api::{
    Time,
    jit::{Factor, PermissionLevel, ResourceScope, Rule, RuleConditions, RuleOutcome},
};

use super::{Subject, times};
use crate::words;

/// Every factor. One has not passed when a matched rule that rejects or demands an approval looks at it.
pub(super) fn of(subject: &Subject<'_>, scope: ResourceScope, now: Time, matched: &[&Rule]) -> Vec<Factor> {
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
    let engineer = subject.engineer;
    let identity = if engineer.isolated_identity {
        "Isolated: it exists for this work only"
    } else {
        "Not isolated: the everyday identity"
    };
    let mfa = if engineer.mfa { "Used" } else { "Not used" };
    let direct = if subject.direct_data_access { "Reached directly" } else { "Not reached directly" };
    let team = engineer.team.clone().unwrap_or_else(|| NOT_TOLD.to_owned());
    vec![
        factor("resource_scope", "Scope of the resource", scope_in_words(scope).to_owned(), &|when| {
            !when.resource_scope.is_empty()
        }),
        factor("isolated_identity", "Identity", identity.to_owned(), &|when| when.isolated_identity.is_some()),
        factor("mfa", "Multi-factor authentication", mfa.to_owned(), &|when| when.mfa.is_some()),
        factor("permission_level", "Permission level", level_in_words(subject.permission_level).to_owned(), &|when| {
            !when.permission_level.is_empty()
        }),
        factor("jit_role", "Role in the just-in-time service", words::plain(&engineer.jit_role), &|when| {
            !when.jit_role.is_empty() || !when.jit_role_not.is_empty()
        }),
        factor("team", "Team", team, &|when| !when.team.is_empty() || !when.team_not.is_empty()),
        factor("location", "Location", location_in_words(subject), &|when| {
            [&when.office_country, &when.office_country_not, &when.physical_country, &when.physical_country_not]
                .into_iter()
                .any(|list| !list.is_empty())
        }),
        factor("time_of_day", "Time of day", times::told(now), &|when| when.time_of_day.is_some()),
        factor("service", "Service", subject.service_name.to_owned(), &|when| !when.service.is_empty()),
        factor("operation", "Operations", words::list(subject.operations), &|when| !when.operation.is_empty()),
        factor("direct_data_access", "Customer data", direct.to_owned(), &|when| when.direct_data_access.is_some()),
    ]
}

const NOT_TOLD: &str = "Not told";

const fn scope_in_words(scope: ResourceScope) -> &'static str {
    match scope {
        ResourceScope::Resource => "Named resources",
        ResourceScope::Environment => "The whole environment",
        ResourceScope::Organization => "The whole organisation",
    }
}

const fn level_in_words(level: PermissionLevel) -> &'static str {
    match level {
        PermissionLevel::Read => "Read",
        PermissionLevel::Write => "Write",
        PermissionLevel::Delete => "Delete",
        PermissionLevel::Administer => "Administer",
    }
}

fn location_in_words(subject: &Subject<'_>) -> String {
    let location = subject.engineer.location.as_ref();
    let office = location.and_then(|location| location.office_country.as_deref());
    let physical = location.and_then(|location| location.physical_country.as_deref());
    match (office, physical) {
        (None, None) => NOT_TOLD.to_owned(),
        (Some(office), Some(physical)) if office == physical => format!("Office and person in {office}"),
        (Some(office), Some(physical)) => format!("Office in {office}, person in {physical}"),
        (Some(office), None) => format!("Office in {office}, person not told"),
        (None, Some(physical)) => format!("Office not told, person in {physical}"),
    }
}
