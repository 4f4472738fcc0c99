//! Who may do what: every operation of the description, tried by every kind of caller.

use crate::support::{
    Caller, TestApp,
    operations::call_for,
    schema::{Operation, operations},
    world::MERIDIAN,
};

/// What a customer's operation answers to: member, reader, approver, approver of another environment, administrator,
/// the provider's engineer. Things are of the member's own support request; tokens are the administrator's.
const CUSTOMER: [(&str, [u16; 6]); 46] = [
    ("list_environments", [200, 200, 200, 200, 200, 403]),
    ("export_history", [403, 200, 403, 403, 200, 403]),
    ("read_history", [403, 200, 200, 200, 200, 403]),
    ("read_lockbox", [403, 200, 200, 200, 200, 403]),
    ("update_lockbox", [403, 403, 403, 403, 200, 403]),
    ("preview_lockbox", [403, 200, 200, 200, 200, 403]),
    ("list_lockbox_versions", [403, 200, 200, 200, 200, 403]),
    ("list_lockbox_requests", [200, 200, 200, 200, 200, 403]),
    ("read_lockbox_request", [200, 200, 200, 200, 200, 404]),
    ("approve_lockbox_request", [403, 403, 200, 403, 200, 404]),
    ("deny_lockbox_request", [403, 403, 200, 403, 200, 404]),
    ("revoke_lockbox_access", [403, 403, 200, 403, 200, 404]),
    ("acknowledge_lockbox_access", [403, 403, 200, 403, 200, 404]),
    ("view_lockbox_request", [204, 204, 204, 204, 204, 404]),
    // Of the provider's internal approvers alone.
    ("list_internal_approvals", [404, 404, 404, 404, 404, 403]),
    ("read_internal_approval", [404; 6]),
    ("approve_internally", [404; 6]),
    ("reject_internally", [404; 6]),
    ("list_events", [403, 200, 200, 200, 200, 403]),
    ("summarize_events", [403, 200, 200, 200, 200, 403]),
    ("export_events", [403, 200, 403, 403, 200, 403]),
    ("read_export", [403, 200, 200, 200, 200, 403]),
    ("list_log_views", [403, 200, 200, 200, 200, 403]),
    ("create_log_view", [403, 201, 201, 201, 201, 403]),
    // Views are the administrator's, and shared.
    ("update_log_view", [403, 403, 403, 403, 200, 403]),
    ("delete_log_view", [403, 403, 403, 403, 204, 403]),
    ("set_log_start", [403, 204, 204, 204, 204, 403]),
    ("read_event", [403, 200, 200, 200, 200, 403]),
    ("list_members", [403, 200, 403, 403, 200, 403]),
    ("update_member", [403, 403, 403, 403, 200, 403]),
    ("read_notifications", [403, 200, 403, 403, 200, 403]),
    ("update_notifications", [403, 403, 403, 403, 200, 403]),
    ("list_service_requests", [200, 200, 200, 200, 200, 403]),
    ("open_service_request", [201, 403, 403, 403, 201, 403]),
    ("read_service_request", [200, 200, 200, 200, 200, 404]),
    ("add_service_request_message", [201, 403, 201, 201, 201, 404]),
    ("close_service_request", [200, 403, 403, 403, 200, 404]),
    ("read_session", [200, 200, 200, 200, 200, 200]),
    ("follow_changes", [200, 200, 200, 200, 200, 200]),
    ("list_tokens", [200, 200, 200, 200, 200, 200]),
    ("create_token", [201, 201, 201, 201, 201, 201]),
    ("revoke_token", [404, 404, 404, 404, 204, 404]),
    // Open to everybody; the demo's mailbox does not exist outside the demo.
    ("sign_in", [200; 6]),
    ("sign_out", [204; 6]),
    ("read_sign_in_options", [200; 6]),
    ("list_demo_mail", [404; 6]),
];

/// What a provider's operation answers to a client of all organisations, and to one of another organisation only.
const PROVIDER: [(&str, [u16; 2]); 15] = [
    ("raise_access_request", [201, 404]),
    ("list_access_requests", [200, 200]),
    ("read_access_request", [200, 404]),
    ("decide_internally", [200, 404]),
    ("cancel_access_request", [200, 404]),
    ("complete_access_request", [200, 404]),
    ("check_grant", [200, 404]),
    ("report_grant_actions", [200, 404]),
    ("put_organization", [200, 404]),
    ("put_environment", [201, 404]),
    ("delete_environment", [200, 404]),
    ("put_service_request", [201, 404]),
    ("read_catalog", [200, 200]),
    ("read_jit_rules", [200, 200]),
    ("evaluate_jit_rules", [200, 404]),
];

/// Needs nobody. Figures are for the operator's networks; a call inside the process comes from none.
const OPERATIONS: [(&str, u16); 4] = [("read_lease_keys", 200), ("healthz", 200), ("readyz", 200), ("metrics", 404)];

const OPEN: [&str; 4] = ["sign_in", "sign_out", "read_sign_in_options", "list_demo_mail"];

fn expected<T: Copy>(table: &[(&str, T)], operation: &Operation) -> T {
    let found = table.iter().find(|(id, _)| *id == operation.id);
    found.unwrap_or_else(|| panic!("{} is in the description and in no table", operation.id)).1
}

/// Makes a fresh good call and compares the status.
async fn cell(
    app: &TestApp,
    operation: &Operation,
    caller: impl Caller,
    who: &str,
    status: u16,
    wrong: &mut Vec<String>,
) {
    let call = call_for(app, operation, MERIDIAN).await;
    let answer = call.by(&caller).await;
    if answer.status != status {
        wrong.push(format!("{} by {who}: {} instead of {status}: {}", operation.id, answer.status, answer.text));
    }
    if status == 401 {
        answer.problem(401, "not_authenticated");
    }
}

#[tokio::test]
async fn every_operation_answers_every_kind_of_caller_as_the_tables_say() {
    let app = TestApp::new().await;
    let operations = operations();
    let mut wrong = Vec::new();
    let mut cells = 0;
    // A person may have so many and no more: one for all calls.
    let token = app.token(&MERIDIAN.person("admin")).await;
    for operation in operations.iter().filter(|operation| operation.is_customer()) {
        let row = expected(&CUSTOMER, operation);
        let open = OPEN.contains(&operation.id.as_str());
        for (role, status) in ["member", "reader", "approver", "limited", "admin"].into_iter().zip(row) {
            let person = app.person(&MERIDIAN.person(role)).await;
            cell(&app, operation, person, role, status, &mut wrong).await;
        }
        cell(&app, operation, app.person("per_provider_engineer").await, "staff", row[5], &mut wrong).await;
        // To an internal approver everything of customers answers as to the engineer.
        let lead = if operation.is_internal() { 200 } else { row[5] };
        cell(&app, operation, app.person("per_provider_lead").await, "internal approver", lead, &mut wrong).await;
        // A token may do what its person may do, except to make more of its kind; a secret of another kind nothing.
        let status = if operation.id == "create_token" { 403 } else { row[4] };
        cell(&app, operation, token.clone(), "the administrator's token", status, &mut wrong).await;
        let strangers = if open { row[0] } else { 401 };
        cell(&app, operation, app.anonymous(), "nobody", strangers, &mut wrong).await;
        cell(&app, operation, app.provider(), "a provider's key", strangers, &mut wrong).await;
        cells += 10;
    }
    for operation in operations.iter().filter(|operation| operation.is_provider()) {
        let [all, other] = expected(&PROVIDER, operation);
        cell(&app, operation, app.provider(), "the provider's service", all, &mut wrong).await;
        cell(&app, operation, app.northstar_provider(), "a client of another organisation", other, &mut wrong).await;
        cell(&app, operation, app.anonymous(), "nobody", 401, &mut wrong).await;
        cell(&app, operation, app.person(&MERIDIAN.person("admin")).await, "a session", 401, &mut wrong).await;
        cell(&app, operation, token.clone(), "a token", 401, &mut wrong).await;
        cells += 5;
    }
    for operation in operations.iter().filter(|one| !one.is_customer() && !one.is_provider()) {
        let status = expected(&OPERATIONS, operation);
        cell(&app, operation, app.anonymous(), "nobody", status, &mut wrong).await;
        cells += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(operations.len(), CUSTOMER.len() + PROVIDER.len() + OPERATIONS.len(), "no row is left over");
    println!("{cells} cells over {} operations", operations.len());
}
