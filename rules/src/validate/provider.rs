//! What the provider keeps in step, decides itself, asks and reports.

use lockbox_api::{
    JUSTIFICATION_MAX, JUSTIFICATION_MIN,
    catalog::Catalog,
    problem::FieldError,
    provider::{
        ActionInput, EndInput, EnvironmentPut, GrantActionsInput, GrantCheckInput, InternalDecisionInput,
        OrganizationPut, ServiceRequestPut,
    },
};

use super::{Check, ID_MAX, NAME_MAX, TEXT_MAX, access_requests::TARGET_MAX, text};
use crate::{catalog, letters, words};

/// Actions of one batch at most.
pub const ACTIONS_MAX: usize = 1_000;
/// Rows that one action may touch at most; sums of many actions stay far below what an integer of the database holds.
const ROWS_MAX: u64 = 1_000_000_000_000;
/// Messages of one support request that can be put at once.
pub const MESSAGES_MAX: usize = 500;

/// An organisation.
#[must_use]
pub fn organization_put(input: &OrganizationPut) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line("/name", &input.name, NAME_MAX);
    check.errors
}

/// An environment; its service must be in the catalog.
#[must_use]
pub fn environment_put(input: &EnvironmentPut, catalog: &Catalog) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line("/name", &input.name, NAME_MAX);
    if catalog::service(catalog, &input.service).is_none() {
        check.error("/service", "The catalog has no such service.");
    }
    check.add("/region", text::line(&input.region, 0, NAME_MAX));
    if let Some(id) = &input.copied_from {
        check.id("/copied_from", id.as_str());
    }
    if let Some(id) = &input.restored_from {
        check.id("/restored_from", id.as_str());
    }
    check.errors
}

/// A support request with its messages so far.
#[must_use]
pub fn service_request_put(input: &ServiceRequestPut) -> Vec<FieldError> {
    let mut check = Check::default();
    check.line("/title", &input.title, NAME_MAX);
    check.block("/description", &input.description, 0, TEXT_MAX);
    if let Some(id) = &input.environment_id {
        check.id("/environment_id", id.as_str());
    }
    check.count("/messages", input.messages.len(), 0, MESSAGES_MAX);
    for (at, message) in input.messages.iter().enumerate().take(MESSAGES_MAX) {
        check.id(format!("/messages/{at}/id"), &message.id);
        check.line(format!("/messages/{at}/author_name"), &message.author_name, NAME_MAX);
        check.block(format!("/messages/{at}/text"), &message.text, 1, TEXT_MAX);
        if input.messages[..at].iter().any(|earlier| earlier.id == message.id) {
            check.error(format!("/messages/{at}/id"), "It is in the list already.");
        }
    }
    check.errors
}

/// An id in the path that the provider chooses: `parameter` names it.
#[must_use]
pub fn path_id(parameter: &str, id: &str) -> Vec<FieldError> {
    let mut check = Check::default();
    check.id(parameter, id);
    check.errors
}

/// A decision inside the provider: never by the engineer who asks, in one of the roles whose approval is still missing
/// (`missing_roles`; empty where no rule named one), and by nobody who has approved in another role (`approved_by`).
#[must_use]
pub fn internal_decision(
    input: &InternalDecisionInput,
    engineer_id: &str,
    missing_roles: &[&str],
    approved_by: &[&str],
) -> Vec<FieldError> {
    let mut check = Check::default();
    check.id("/approver_id", &input.approver_id);
    let same = |one: &str| letters::small(one.trim()) == letters::small(input.approver_id.trim());
    if same(engineer_id) {
        check.error("/approver_id", "The engineer who asks can't decide. Somebody else must.");
    } else if approved_by.iter().any(|one| same(one)) {
        check.error("/approver_id", "This person has approved in another role. Somebody else must decide.");
    }
    check.line("/approver_name", &input.approver_name, NAME_MAX);
    if missing_roles.is_empty() {
        check.id("/role", &input.role);
    } else if !missing_roles.contains(&input.role.as_str()) {
        check.error("/role", format!("The approval that is missing is that of {}.", words::list(missing_roles)));
    }
    if let Some(team) = &input.team {
        check.line("/team", team, NAME_MAX);
    }
    check.block("/justification", &input.justification, JUSTIFICATION_MIN, JUSTIFICATION_MAX);
    check.errors
}

/// Withdrawing a request or completing the work.
#[must_use]
pub fn end_input(input: &EndInput) -> Vec<FieldError> {
    let mut check = Check::default();
    check.id("/engineer_id", &input.engineer_id);
    if let Some(note) = &input.note {
        check.block("/note", note, 0, JUSTIFICATION_MAX);
    }
    check.errors
}

/// A question about a grant.
#[must_use]
pub fn grant_check(input: &GrantCheckInput) -> Vec<FieldError> {
    let mut check = Check::default();
    check.id("/engineer_id", &input.engineer_id);
    check.id("/environment_id", input.environment_id.as_str());
    check.id("/operation", &input.operation);
    if let Some(target) = &input.target {
        check.line("/target", target, TARGET_MAX);
    }
    check.errors
}

/// A batch of actions: how many. Each of them is checked by [`action`], so that one wrong action does not keep the
/// others out of the log.
#[must_use]
pub fn actions(input: &GrantActionsInput) -> Vec<FieldError> {
    let mut check = Check::default();
    check.count("/actions", input.actions.len(), 1, ACTIONS_MAX);
    check.errors
}

/// One reported action: a sentence that names the field where something is wrong.
#[must_use]
pub fn action(input: &ActionInput) -> Option<String> {
    let named = |field: &str, fault: Option<String>| fault.map(|fault| format!("{field}: {fault}"));
    named("id", text::id(&input.id, ID_MAX))
        .or_else(|| named("engineer_id", text::id(&input.engineer_id, ID_MAX)))
        .or_else(|| named("operation", text::id(&input.operation, ID_MAX)))
        .or_else(|| named("target", input.target.as_ref().and_then(|target| text::line(target, 1, TARGET_MAX))))
        .or_else(|| named("statement", input.statement.as_ref().and_then(|one| text::statement(one, TEXT_MAX))))
        .or_else(|| {
            let many = input.rows.is_some_and(|rows| rows > ROWS_MAX);
            many.then(|| format!("rows: At most {ROWS_MAX}."))
        })
}
