//! `/provider/v1/jit-rules`, `/provider/v1/catalog`: trying a request, several approvals inside the provider, and files
//! that change while the server runs.

use std::{fs, path::Path};

use lockbox_server::catalog::{Book, Refresh};
use serde_json::{Value, json};

use crate::support::{
    Caller, TestApp,
    database::Watch,
    operations::raise,
    world::{MERIDIAN, ask, with},
};

const EVALUATE: &str = "/provider/v1/jit-rules/evaluate";
const SHIPPED_CATALOG: &str = include_str!("../../data/catalog.toml");
const SHIPPED_RULES: &str = include_str!("../../data/jit-rules.toml");

/// A server on files of its own.
async fn on_files(folder: &Path) -> TestApp {
    let (catalog, rules) = (folder.join("catalog.toml"), folder.join("jit-rules.toml"));
    fs::write(&catalog, SHIPPED_CATALOG).unwrap();
    fs::write(&rules, SHIPPED_RULES).unwrap();
    TestApp::with(|mut state| {
        state.env.book = Book::open(Some(catalog), Some(rules)).unwrap();
        state
    })
    .await
}

/// Writes a file and looks at it as the job does.
fn change(app: &TestApp, path: &Path, text: &str) -> Refresh {
    fs::write(path, text).unwrap();
    assert_eq!(app.state.env.book.refresh(), Refresh::Same, "a change must stand still first");
    app.state.env.book.refresh()
}

#[tokio::test]
async fn a_dry_run_says_what_raising_says_and_leaves_nothing() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let engineer = |changes: Value| json!({"engineer": with(ask(MERIDIAN)["engineer"].clone(), changes)});
    let cases = [
        ("customer_notified", json!({})),
        ("rejected", engineer(json!({"mfa": false}))),
        ("rejected", with(engineer(json!({"isolated_identity": false})), json!({"permission_level": "administer"}))),
        ("awaiting_internal_approval", json!({"permission_level": "delete"})),
        ("awaiting_internal_approval", json!({"resource_scope": "organization"})),
        ("not_required", json!({"environment_id": MERIDIAN.open})),
        ("not_required", json!({"exclusion": {"kind": "emergency", "reason": "The service is down."}})),
        ("customer_notified", json!({"targets": []})),
    ];
    for (status, changes) in cases {
        let body = with(ask(MERIDIAN), changes);
        let mut watch = Watch::new(&app);
        let tried = app.provider().post(EVALUATE, body.clone()).await.is(200);
        assert!(!watch.changed(), "trying writes nothing: {body}");
        assert_eq!(tried["status"], status, "{tried}");
        let raised = app.provider().post("/provider/v1/access-requests", body).await.is(201);
        for field in ["status", "status_reason", "access_minutes"] {
            assert_eq!(tried[field], raised[field], "{field} of {tried}");
        }
        let without_time = |evaluation: &Value| with(evaluation.clone(), json!({"evaluated_at": null}));
        assert_eq!(without_time(&tried["evaluation"]), without_time(&raised["evaluation"]));
    }
    let wrong = app.provider().post(EVALUATE, with(ask(MERIDIAN), json!({"operations": ["Nothing"]}))).await;
    wrong.problem(422, "invalid_field");
    assert_eq!(wrong.pointers(), ["/operations/0"]);
    assert_eq!(admin.get("/api/v1/lockbox-requests").await.is(200)["items"].as_array().unwrap().len(), 8);
}

fn approval(role: &str, id: &str) -> Value {
    json!({"approve": true, "approver_id": id, "approver_name": format!("Name of {id}"), "role": role,
        "justification": "Needed."})
}

#[tokio::test]
async fn where_two_roles_are_named_two_people_must_approve() {
    let app = TestApp::new().await;
    let send = |id: String, body: Value| {
        let provider = app.provider();
        async move { provider.post(&format!("/provider/v1/access-requests/{id}/internal-decision"), body).await }
    };
    let request = raise(&app, MERIDIAN, json!({"resource_scope": "organization"})).await;
    let id = request["id"].as_str().unwrap().to_owned();
    assert_eq!(request["evaluation"]["internal_approval_roles"], json!(["support_lead", "devops_manager"]));
    let stranger = send(id.clone(), approval("security_lead", "lead-1")).await;
    assert_eq!(stranger.pointers(), ["/role"]);
    let first = send(id.clone(), approval("devops_manager", "lead-1")).await.is(200);
    assert_eq!(first["status"], "awaiting_internal_approval", "one of two");
    let again = send(id.clone(), approval("devops_manager", "lead-2")).await;
    assert_eq!(again.pointers(), ["/role"], "that approval is given");
    for same in ["lead-1", "LEAD-1"] {
        let twice = send(id.clone(), approval("support_lead", same)).await;
        assert_eq!(twice.pointers(), ["/approver_id"], "nobody approves in two roles");
    }
    let second = send(id.clone(), approval("support_lead", "lead-2")).await.is(200);
    assert_eq!(second["status"], "customer_notified");
    let roles: Vec<_> =
        second["internal_decisions"].as_array().unwrap().iter().map(|one| one["role"].clone()).collect();
    assert_eq!(roles, ["devops_manager", "support_lead"]);
    assert_eq!(second["internal_decision"]["role"], "support_lead", "the latest");
    let steps = second["timeline"].as_array().unwrap().iter().filter(|step| step["kind"] == "internal").count();
    assert_eq!(steps, 3, "the customer sees that both were asked, and each decision");

    // The second one's no ends it.
    let request = raise(&app, MERIDIAN, json!({"resource_scope": "organization"})).await;
    let id = request["id"].as_str().unwrap().to_owned();
    send(id.clone(), approval("support_lead", "lead-1")).await.is(200);
    let no = with(approval("devops_manager", "lead-2"), json!({"approve": false}));
    let ended = send(id.clone(), no).await.is(200);
    assert_eq!(
        (ended["status"].as_str(), ended["status_reason"].as_str()),
        (Some("rejected"), Some("internal_rejection"))
    );
    send(id, approval("devops_manager", "lead-3")).await.problem(409, "wrong_state");
}

#[tokio::test]
async fn changed_rules_hold_for_the_next_request_and_wrong_ones_never() {
    let folder = tempfile::tempdir().unwrap();
    let app = on_files(folder.path()).await;
    let path = folder.path().join("jit-rules.toml");
    let stop = "\n[[rule]]\nid = \"nothing-today\"\ndescription = \"Nothing today.\"\noutcome = \"reject\"\n";
    let before = raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(before["status"], "customer_notified");
    let wrong = change(&app, &path, &format!("{SHIPPED_RULES}{stop}role = \"support_lead\"\n"));
    assert!(matches!(&wrong, Refresh::Kept(wrong) if wrong.field == "rule[8].role"), "{wrong:?}");
    assert_eq!(raise(&app, MERIDIAN, json!({})).await["status"], "customer_notified", "the old rules stay");
    let taken = change(&app, &path, &format!("{SHIPPED_RULES}{stop}"));
    assert!(matches!(taken, Refresh::Taken(..)), "{taken:?}");
    let after = raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(after["status"], "rejected");
    assert!(app.provider().get("/provider/v1/jit-rules").await.text.contains("nothing-today"));
    let kept = app.provider().get(&format!("/provider/v1/access-requests/{}", before["id"].as_str().unwrap())).await;
    assert_eq!(kept.is(200)["evaluation"], before["evaluation"], "what was judged stays judged");
}

#[tokio::test]
async fn requests_keep_the_words_they_were_raised_with() {
    let folder = tempfile::tempdir().unwrap();
    let app = on_files(folder.path()).await;
    let path = folder.path().join("catalog.toml");
    let request = raise(&app, MERIDIAN, json!({})).await;
    let waiting = raise(&app, MERIDIAN, json!({"permission_level": "delete"})).await;
    assert_eq!(request["operation_words"][0]["friendly_name"], "Run SQL statements");
    let sql = |name: &str, protectable: bool| json!([{"id": "sql", "name": name, "protectable": protectable}]);
    assert_eq!(request["data_store_words"], sql("Databases", true));
    let reworded = SHIPPED_CATALOG.replace("Run SQL statements", "Do things").replacen(
        "name = \"Databases\"\nprotectable = true",
        "name = \"Bases\"\nprotectable = false",
        1,
    );
    assert!(matches!(change(&app, &path, &reworded), Refresh::Taken(..)));
    let after = raise(&app, MERIDIAN, json!({})).await;
    assert_eq!(after["operation_words"][0]["friendly_name"], "Do things");
    assert_eq!(after["data_store_words"], sql("Bases", false));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{}", request["id"].as_str().unwrap())).await.is(200);
    assert_eq!(seen["operation_words"], request["operation_words"]);
    assert_eq!(seen["data_store_words"], request["data_store_words"]);
    let (id, etag) = (seen["id"].as_str().unwrap(), format!("\"{}\"", seen["version"]));
    let yes = json!({"justification": "Fine."});
    let approved = approver.post_version(&format!("/api/v1/lockbox-requests/{id}/approve"), &etag, yes).await.is(200);
    let grant = approved["access"]["grant_id"].as_str().unwrap();
    let action = json!({"actions": [{"id": "a-1", "time": app.now(), "engineer_id": "eng-417",
        "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "outcome": "success"}]});
    app.provider().post(&format!("/provider/v1/grants/{grant}/actions"), action).await.is(200);
    let log = approver.get(&format!("/api/v1/logs?request_id={id}&category=data_access")).await.is(200);
    assert_eq!(log["items"][0]["friendly_name"], "Run SQL statements", "also in what is logged later");

    // The service is gone from the catalog: the customer is still asked, as where it is not known what is kept there.
    let renamed = SHIPPED_CATALOG.replace("id = \"azure-sql-database\"", "id = \"something-else\"");
    assert!(matches!(change(&app, &path, &renamed), Refresh::Taken(..)));
    let id = waiting["id"].as_str().unwrap();
    let path = format!("/provider/v1/access-requests/{id}/internal-decision");
    let decided = app.provider().post(&path, approval("support_lead", "lead-1")).await.is(200);
    assert_eq!(decided["status"], "customer_notified");
    assert_eq!(decided["operation_words"], waiting["operation_words"]);
}
