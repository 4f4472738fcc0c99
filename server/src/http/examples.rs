//! One body for every call that has one, for the API description: what a person copies and changes. They speak of the
//! demo's organisations. Each is read as its own type in a test, so that none promises what the server refuses.

use serde_json::{Value, json};

macro_rules! examples {
    ($($operation:literal: $input:ident = $body:tt,)+) => {
        /// The body that shows how the operation with this id is called.
        pub(super) fn body_of(operation: &str) -> Option<Value> {
            match operation {
                $($operation => Some(json!($body)),)+
                _ => None,
            }
        }

        #[cfg(test)]
        const READS: &[(&str, fn(Value) -> Result<(), serde_json::Error>)] =
            &[$(($operation, |body| serde_json::from_value::<tests::$input>(body).map(drop))),+];
    };
}

examples! {
    "sign_in": SignIn = {"email": "approver@meridian.example", "password": "demo"},
    "update_lockbox": LockboxUpdate = {
        "enabled": true, "policy": {"scope": "some", "environment_ids": ["env_payroll"]}, "queue_hours": 24,
        "reason": "Payroll holds personal data."
    },
    "preview_lockbox": LockboxUpdate = {"enabled": true, "policy": {"scope": "all"}},
    "approve_lockbox_request": DecisionInput = {"justification": "Payroll runs tonight; one hour is enough.", "access_minutes": 60},
    "deny_lockbox_request": JustificationInput = {"justification": "The blocked statements are in the ticket already."},
    "revoke_lockbox_access": JustificationInput = {"justification": "The work is done."},
    "acknowledge_lockbox_access": AcknowledgeInput = {"comment": "Spoken about in the weekly call; the reason is sound."},
    "approve_internally": InternalApprovalInput = {"justification": "Fits the ticket; nothing narrower would do."},
    "reject_internally": InternalApprovalInput = {"justification": "The ticket asks for one table, not for the whole environment."},
    "open_service_request": ServiceRequestCreate = {
        "title": "Nightly run stops with deadlocks", "description": "Since Tuesday the run of 02:00 stops half-way.",
        "severity": "high", "environment_id": "env_payroll"
    },
    "add_service_request_message": MessageCreate = {"text": "It happened again tonight, at 02:14."},
    "create_log_view": LogViewInput = {"name": "Refused", "filter": "outcome:refused after:now-28d", "shared": true},
    "update_log_view": LogViewInput = {"name": "Refused or failed", "filter": "-outcome:success after:now-28d", "shared": true},
    "set_log_start": LogStartInput = {"view_id": null},
    "update_member": MemberUpdate = {"roles": ["lockbox_approver"], "approver_environment_ids": ["env_payroll"]},
    "update_notifications": NotificationsUpdate = {"addresses": ["security@meridian.example"]},
    "create_token": TokenCreate = {"name": "Nightly report", "expires_in_days": 90},
    "put_organization": OrganizationPut = {"name": "Meridian Insurance"},
    "put_environment": EnvironmentPut = {
        "name": "Payroll", "service": "azure-sql-database", "region": "North Europe", "has_database": true
    },
    "put_service_request": ServiceRequestPut = {
        "title": "Nightly run stops with deadlocks", "description": "Since Tuesday the run of 02:00 stops half-way.",
        "severity": "high", "environment_id": "env_payroll",
        "messages": [{
            "id": "m-1", "author": "customer", "author_name": "Sam Okoye", "at": "2026-11-21T08:15:00Z",
            "text": "It happened again tonight, at 02:14."
        }]
    },
    "raise_access_request": AccessRequestCreate = {
        "organization_id": "org_meridian", "environment_id": "env_payroll", "service_request_id": "2611210050001234",
        "engineer": {
            "id": "eng-417", "name": "Engineer 417", "team": "Database support", "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true, "location": {"office_country": "IE", "physical_country": "IE"}
        },
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
        "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": "Deadlocks in the nightly run; need the blocked statements.", "access_minutes": 60
    },
    "evaluate_jit_rules": AccessRequestCreate = {
        "organization_id": "org_meridian", "environment_id": "env_payroll", "service_request_id": "2611210050001234",
        "engineer": {
            "id": "eng-417", "name": "Engineer 417", "jit_role": "support_engineer", "isolated_identity": true, "mfa": true
        },
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "permission_level": "delete",
        "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": "Rows that the failed run left behind must go."
    },
    "cancel_access_request": EndInput = {"engineer_id": "eng-417", "note": "Solved without access."},
    "complete_access_request": EndInput = {"engineer_id": "eng-417", "note": "The lock order is mended."},
    "decide_internally": InternalDecisionInput = {
        "approve": true, "approver_id": "lead-7", "approver_name": "Robin Lee", "role": "support_lead",
        "justification": "Fits the ticket; nothing narrower would do."
    },
    "check_grant": GrantCheckInput = {
        "engineer_id": "eng-417", "environment_id": "env_payroll", "operation": "ExecuteSqlViaLockbox",
        "target": "payroll.dbo.Pay"
    },
    "report_grant_actions": GrantActionsInput = {
        "actions": [{
            "id": "a-1", "time": "2026-11-22T09:30:00Z", "engineer_id": "eng-417", "operation": "ExecuteSqlViaLockbox",
            "target": "payroll.dbo.Pay", "statement": "select blocked from locks", "rows": 3, "outcome": "success"
        }]
    },
}

/// A value for a header that a call carries.
pub(super) fn header(name: &str) -> Option<Value> {
    match name {
        "If-Match" => Some(json!("\"7\"")),
        "Idempotency-Key" => Some(json!("2611210050001234-1")),
        _ => None,
    }
}

/// What has to be put into a path in the place of `{name}`.
pub(super) fn of_path(path: &str, name: &str) -> Option<&'static str> {
    let steps: Vec<_> = path.split('/').collect();
    let at =
        steps.iter().position(|step| step.strip_prefix('{').and_then(|step| step.strip_suffix('}')) == Some(name))?;
    match *steps.get(at.checked_sub(1)?)? {
        "lockbox-requests" | "access-requests" | "internal-approvals" => Some("Id of the request: `lbx_…`."),
        "service-requests" => Some("The support request's id, which is the provider's own."),
        "grants" => Some("Id of the grant: `access.grant_id` of the request."),
        "organizations" => Some("Id of the customer organisation: `org_…`."),
        "environments" => Some("Id of the environment: `env_…`."),
        "members" => Some("Id of the person."),
        "tokens" => Some("Id of the token."),
        "views" => Some("Id of the saved view."),
        "exports" => Some("Id of the export, from the header `Lockbox-Export-Id`."),
        "logs" => Some("Id of the event."),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    pub(super) use lockbox_api::{
        administration::*, internal::*, lockbox::*, logs::*, provider::*, requests::*, service_requests::*, session::*,
    };

    use super::{READS, body_of};
    use crate::http::openapi::document;

    #[test]
    fn every_call_with_a_body_shows_one_that_its_type_takes() {
        let document = serde_json::to_value(document()).unwrap();
        let mut met = 0;
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values().filter(|one| !one["requestBody"].is_null()) {
                let id = operation["operationId"].as_str().unwrap();
                let shown = &operation["requestBody"]["content"]["application/json"]["example"];
                let (_, read) =
                    READS.iter().find(|(own, _)| *own == id).unwrap_or_else(|| panic!("{path}: {id} shows no body"));
                read(shown.clone()).unwrap_or_else(|error| panic!("{id}: {error}"));
                assert_eq!(Some(shown), body_of(id).as_ref(), "{id}");
                met += 1;
            }
        }
        assert_eq!(met, READS.len(), "an example of a call that is not there");
    }

    #[test]
    fn every_parameter_and_every_answer_has_words() {
        let document = serde_json::to_value(document()).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    assert!(
                        parameter["description"].as_str().is_some_and(|words| !words.is_empty()),
                        "{path}: {parameter}"
                    );
                }
                for (status, answer) in operation["responses"].as_object().unwrap() {
                    assert!(answer["description"].as_str().is_some_and(|words| !words.is_empty()), "{path}: {status}");
                }
            }
        }
    }
}
