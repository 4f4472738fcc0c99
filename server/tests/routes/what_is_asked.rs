//! `/provider/v1/access-requests`: what a request says of itself is compared with what the catalog knows of its operations, and
//! what was asked for stays to be read.

use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    operations::raise,
    world::{MERIDIAN, ask, with},
};

const PATH: &str = "/provider/v1/access-requests";

/// What is written into a request decides nothing that the catalog knows better.
#[tokio::test]
async fn naming_a_store_that_nobody_protects_or_denying_the_reach_does_not_pass_the_customer_by() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let flow = format!("/provider/v1/organizations/{}/environments/env_flow", MERIDIAN.id);
    app.provider().put(&flow, "", json!({"name": "Flow", "service": "power-platform"})).await.is(201);
    let setting = admin.get("/api/v1/lockbox").await;
    let policy = json!({"scope": "all", "environment_ids": []});
    admin.put("/api/v1/lockbox", &setting.etag(), json!({"enabled": true, "policy": policy})).await.is(200);
    let flow = |operations: &[&str], stores: &[&str]| {
        with(ask(MERIDIAN), json!({"environment_id": "env_flow", "operations": operations, "data_stores": stores}))
    };
    let (sql, files, health) = ("ExecuteSqlViaLockbox", "ReadStoredFilesViaLockbox", "GetDatabaseHealthViaLockbox");
    for (body, status) in [
        (flow(&[sql], &["storage"]), "customer_notified"),
        (flow(&[sql], &["cosmos_db", "storage"]), "customer_notified"),
        (flow(&[files, sql], &["storage"]), "customer_notified"),
        (flow(&[files], &["sql"]), "customer_notified"),
        (flow(&[health], &[]), "customer_notified"),
        (flow(&[files], &[]), "not_required"),
        (flow(&["ReadCosmosDbItemsViaLockbox", files, health], &[]), "not_required"),
    ] {
        let tried = app.provider().post("/provider/v1/jit-rules/evaluate", body.clone()).await;
        assert_eq!(tried.is(200)["status"], status, "{body}");
        assert_eq!(app.provider().post(PATH, body.clone()).await.is(201)["status"], status, "{body}");
    }
    // Those who decide read what is reached, also what the request did not name.
    let raised = app.provider().post(PATH, flow(&[files, sql], &["storage"])).await.is(201);
    assert_eq!(raised["data_stores"], json!(["storage"]));
    assert_eq!(
        raised["data_store_words"],
        json!([{"id": "storage", "name": "Dataverse files in storage", "protectable": false},
            {"id": "sql", "name": "Dataverse data in SQL", "protectable": true}])
    );
    for operations in [&[sql][..], &[files], &[health, sql]] {
        let body = with(flow(operations, &[]), json!({"direct_data_access": false}));
        let refused = app.provider().post(PATH, body).await;
        refused.problem(422, "invalid_field");
        assert_eq!(refused.pointers(), ["/direct_data_access"]);
        assert!(
            refused.text.contains(&format!("{} reaches customer data", operations.last().unwrap())),
            "{}",
            refused.text
        );
    }
}

/// What deletes is not asked for as reading, past those who have to approve deleting.
#[tokio::test]
async fn an_operation_is_not_asked_for_at_a_lower_level_than_it_takes() {
    let app = TestApp::new().await;
    let reports = format!("/provider/v1/organizations/{}/environments/env_reports", MERIDIAN.id);
    app.provider().put(&reports, "", json!({"name": "Reports", "service": "fabric-power-bi"})).await.is(201);
    let delete = "DeleteAdminWorkspaceViaLockbox";
    let body = |level: &str| {
        let changes = json!({"environment_id": "env_reports", "operations": ["ReadDatasetViaLockbox", delete],
            "data_stores": [], "targets": ["Admin monitoring"], "permission_level": level});
        with(ask(MERIDIAN), changes)
    };
    for level in ["read", "write"] {
        for path in [PATH, "/provider/v1/jit-rules/evaluate"] {
            let refused = app.provider().post(path, body(level)).await;
            refused.problem(422, "invalid_field");
            assert_eq!(refused.pointers(), ["/permission_level"], "{level}");
            assert!(refused.text.contains(&format!("delete at least: {delete}")), "{}", refused.text);
        }
    }
    let asked = app.provider().post(PATH, body("delete")).await.is(201);
    assert_eq!(asked["status"], "awaiting_internal_approval");
    assert_eq!(asked["evaluation"]["internal_approval_roles"], json!(["support_lead"]));
}

/// What was asked for stays to be read, beside what a rule left of it and which rule that was.
#[tokio::test]
async fn what_a_rule_shortens_is_told_with_what_was_asked_for() {
    let app = TestApp::new().await;
    let long = |changes: Value| with(json!({"access_minutes": 480}), changes);
    let wide = long(json!({"targets": []}));
    let tried = app.provider().post("/provider/v1/jit-rules/evaluate", with(ask(MERIDIAN), wide.clone())).await.is(200);
    assert_eq!((&tried["access_minutes"], &tried["asked_minutes"]), (&json!(240), &json!(480)));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    for (changes, left, asked, told) in [
        (
            wide,
            240,
            480,
            "asked for access for 8 hours, shortened to 4 hours by the rule wide-access-at-most-4-hours: Run SQL statements.",
        ),
        (long(json!({})), 480, 480, "asked for access for 8 hours: Run SQL statements."),
        (json!({"targets": [], "access_minutes": 30}), 30, 30, "asked for access for 30 minutes: Run SQL statements."),
        // Nothing is named: the service's usual time.
        (
            json!({"targets": [], "access_minutes": null}),
            240,
            480,
            "asked for access for 8 hours, shortened to 4 hours by the rule wide-access-at-most-4-hours: Run SQL statements.",
        ),
    ] {
        let raised = raise(&app, MERIDIAN, changes).await;
        let id = raised["id"].as_str().unwrap();
        let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
        for request in [&raised, &seen] {
            assert_eq!(
                (&request["access_minutes"], &request["asked_minutes"]),
                (&json!(left), &json!(asked)),
                "{request}"
            );
            assert_eq!(request["timeline"][0]["text"], format!("Engineer 417 {told}"));
        }
        let log =
            approver.get(&format!("/api/v1/logs?request_id={id}&operation=Create%20Lockbox%20Request")).await.is(200);
        assert_eq!(log["items"][0]["details"]["access_minutes"], left);
    }
    let inside =
        raise(&app, MERIDIAN, json!({"targets": [], "permission_level": "delete", "access_minutes": 300})).await;
    assert_eq!((&inside["access_minutes"], &inside["asked_minutes"]), (&json!(240), &json!(300)));
}
