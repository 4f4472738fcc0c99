//! Raising a request and deciding it.

use chrono::TimeDelta;
use lockbox_api::{
    JUSTIFICATION_MAX, JUSTIFICATION_MIN, Time,
    catalog::Service,
    problem::FieldError,
    provider::AccessRequestCreate,
    requests::{AcknowledgeInput, DecisionInput, Engineer, Exclusion, ExclusionKind, JustificationInput},
};

use super::{Check, NAME_MAX};
use crate::{catalog, letters, window, words};

/// Operations of one request at most.
pub const OPERATIONS_MAX: usize = 50;
/// Data stores of one request at most.
pub const DATA_STORES_MAX: usize = 20;
/// Target patterns of one request at most.
pub const TARGETS_MAX: usize = 50;
/// How far ahead the disclosure of a legal demand can lie: some 5 years.
pub const DISCLOSURE_MAX: TimeDelta = TimeDelta::days(5 * 366);
/// Characters of a target or of a pattern for targets at most: long enough for a path in a lake.
pub const TARGET_MAX: usize = 2_000;

/// A justification: 1 to 2,000 characters after trimming.
#[must_use]
pub fn justification(pointer: &str, text: &str) -> Vec<FieldError> {
    let mut check = Check::default();
    check.block(pointer, text, JUSTIFICATION_MIN, JUSTIFICATION_MAX);
    check.errors
}

/// Deny, or end access.
#[must_use]
pub fn justification_input(input: &JustificationInput) -> Vec<FieldError> {
    justification("/justification", &input.justification)
}

/// Acknowledge an access without a request.
#[must_use]
pub fn acknowledge(input: &AcknowledgeInput) -> Vec<FieldError> {
    justification("/comment", &input.comment)
}

/// Approve: the justification, and the access period within the minutes that were asked for.
#[must_use]
pub fn decision(input: &DecisionInput, asked_minutes: u32) -> Vec<FieldError> {
    let mut errors = justification("/justification", &input.justification);
    if let Err(message) = window::granted_minutes(asked_minutes, input.access_minutes) {
        errors.push(FieldError { pointer: "/access_minutes".to_owned(), message });
    }
    errors
}

/// A request for access. With the catalog's entry of the environment's service also whether operations and data stores
/// are in it, and its longest access time.
#[must_use]
pub fn access_request(input: &AccessRequestCreate, service: Option<&Service>) -> Vec<FieldError> {
    let mut check = Check::default();
    check.id("/organization_id", input.organization_id.as_str());
    check.id("/environment_id", input.environment_id.as_str());
    check.id("/service_request_id", input.service_request_id.as_str());
    engineer(&mut check, &input.engineer);

    check.count("/operations", input.operations.len(), 1, OPERATIONS_MAX);
    check.distinct("/operations", &input.operations);
    for (at, name) in input.operations.iter().enumerate().take(OPERATIONS_MAX) {
        let pointer = format!("/operations/{at}");
        let unknown = service.filter(|service| catalog::operation(service, name).is_none());
        match unknown {
            Some(service) => check.error(pointer, not_in_catalog(service, "operation", operations(service))),
            None => check.id(pointer, name),
        }
    }
    // Whether the customer is asked hangs on it: what the catalog says reaches data can't be asked for as if it did not.
    if let Some(service) = service.filter(|_| !input.direct_data_access)
        && let Some(known) =
            input.operations.iter().filter_map(|name| catalog::operation(service, name)).find(|one| one.reaches_data)
    {
        check.error("/direct_data_access", format!("It must be true: {} reaches customer data.", known.name));
    }
    // The rules judge by the level: who asks for less than the operation takes would pass those who have to approve it.
    let known = service
        .into_iter()
        .flat_map(|service| input.operations.iter().filter_map(move |name| catalog::operation(service, name)));
    if let Some((known, least)) = known
        .filter_map(|known| known.permission_level.map(|least| (known, least)))
        .max_by_key(|(_, least)| *least)
        .filter(|(_, least)| *least > input.permission_level)
    {
        check.error("/permission_level", format!("It must be {least} at least: {} takes that.", known.name));
    }
    check.count("/data_stores", input.data_stores.len(), 0, DATA_STORES_MAX);
    check.distinct("/data_stores", &input.data_stores);
    for (at, id) in input.data_stores.iter().enumerate().take(DATA_STORES_MAX) {
        let pointer = format!("/data_stores/{at}");
        let unknown = service.filter(|service| !service.data_stores.iter().any(|store| store.id == *id));
        match unknown {
            Some(service) => check.error(pointer, not_in_catalog(service, "data store", data_stores(service))),
            None => check.id(pointer, id),
        }
    }
    check.count("/targets", input.targets.len(), 0, TARGETS_MAX);
    check.distinct("/targets", &input.targets);
    for (at, target) in input.targets.iter().enumerate().take(TARGETS_MAX) {
        check.line(format!("/targets/{at}"), target, TARGET_MAX);
    }

    check.block("/justification", &input.justification, JUSTIFICATION_MIN, JUSTIFICATION_MAX);
    if let Some(minutes) = input.access_minutes {
        let max = service.map_or(catalog::ACCESS_MINUTES_MAX, |service| service.max_access_minutes);
        check.range("/access_minutes", minutes, 1, max);
    }
    if let Some(exclusion) = &input.exclusion {
        exclusion_of(&mut check, exclusion, &input.engineer);
    }
    check.errors
}

/// When a demand may be disclosed: after `now`, and within [`DISCLOSURE_MAX`].
#[must_use]
pub fn disclosure(input: &AccessRequestCreate, now: Time) -> Vec<FieldError> {
    let mut check = Check::default();
    if let Some(at) = input.exclusion.as_ref().and_then(|exclusion| exclusion.disclose_at)
        && (at <= now || at > now + DISCLOSURE_MAX)
    {
        check.error("/exclusion/disclose_at", "It must lie in the future, and at most 5 years ahead.");
    }
    check.errors
}

fn exclusion_of(check: &mut Check, exclusion: &Exclusion, engineer: &Engineer) {
    check.block("/exclusion/reason", &exclusion.reason, JUSTIFICATION_MIN, JUSTIFICATION_MAX);
    if exclusion.disclose_at.is_some() && exclusion.kind != ExclusionKind::LegalDemand {
        check.error("/exclusion/disclose_at", "Only a legal demand can be kept from the customer until a date.");
    }
    let is_script = exclusion.kind == ExclusionKind::ReviewedMaintenanceScript;
    match &exclusion.script {
        None if is_script => check.error("/exclusion/script", "Name the script and who reviewed it."),
        Some(_) if !is_script => check.error("/exclusion/script", "It belongs to reviewed_maintenance_script only."),
        Some(script) => {
            check.id("/exclusion/script/id", &script.id);
            check.line("/exclusion/script/reviewer", &script.reviewer, NAME_MAX);
            let same = |one: &str| letters::small(one.trim()) == letters::small(script.reviewer.trim());
            if same(&engineer.id) || same(&engineer.name) {
                check.error("/exclusion/script/reviewer", "The engineer can't be the reviewer. Somebody else must.");
            }
        }
        None => {}
    }
}

fn engineer(check: &mut Check, engineer: &Engineer) {
    check.id("/engineer/id", &engineer.id);
    check.line("/engineer/name", &engineer.name, NAME_MAX);
    if let Some(team) = &engineer.team {
        check.line("/engineer/team", team, NAME_MAX);
    }
    check.id("/engineer/jit_role", &engineer.jit_role);
    if let Some(location) = &engineer.location {
        let countries =
            [("office_country", &location.office_country), ("physical_country", &location.physical_country)];
        for (field, country) in countries {
            let is_code = |code: &String| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
            if country.as_ref().is_some_and(|code| !is_code(code)) {
                check.error(
                    format!("/engineer/location/{field}"),
                    "Write the country as two capital letters (ISO 3166-1), as in IE.",
                );
            }
        }
    }
}

fn operations(service: &Service) -> Vec<&str> {
    service.operations.iter().map(|operation| operation.name.as_str()).collect()
}

fn data_stores(service: &Service) -> Vec<&str> {
    service.data_stores.iter().map(|store| store.id.as_str()).collect()
}

fn not_in_catalog(service: &Service, what: &str, known: Vec<&str>) -> String {
    if known.is_empty() {
        format!("The catalog lists no {what} for {}.", service.name)
    } else {
        format!("The catalog lists no such {what} for {}; it lists {}.", service.name, words::list(&known))
    }
}
