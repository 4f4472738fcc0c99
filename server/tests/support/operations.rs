//! A good call for every operation of the API, on fresh things of one customer: what the tests that go through the whole
//! description bend, one part at a time.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use lockbox_api::{
    ids::RequestId,
    logs::ExportFormat,
    service_requests::{ServiceRequestCreate, Severity},
};
use lockbox_server::{
    app::{Who, exports, service_requests},
    store::PersonRecord,
};
use serde_json::{Value, json};

use super::{
    Answer, Caller, Person, TestApp,
    app::origin,
    schema::Operation,
    world::{Customer, MERIDIAN, PASSWORD, ask, question, with},
};

/// A call that is right in every part.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: String,
    pub path: String,
    /// The same path for things that don't exist; the path itself where it names nothing.
    pub absent: String,
    pub body: Option<Value>,
    pub if_match: String,
}

impl Call {
    /// Makes the call as somebody.
    pub async fn by(&self, caller: &impl Caller) -> Answer {
        self.at(caller, &self.path).await
    }

    /// Makes it at another path.
    pub async fn at(&self, caller: &impl Caller, path: &str) -> Answer {
        let body = self.body.as_ref().map(Value::to_string);
        caller.call(&self.method, path, &[("if-match", &self.if_match)], body).await
    }
}

/// A number that was not used before in this process.
pub fn fresh() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Relaxed)
}

/// A support request that the customer's member opened.
pub async fn ticket(app: &TestApp, customer: Customer) -> String {
    let who = Who { person_id: customer.person("member").as_str().into(), origin: origin() };
    let input = ServiceRequestCreate {
        title: "The nightly run is slow".to_owned(),
        description: "Since Monday.".to_owned(),
        severity: Severity::Moderate,
        environment_id: Some(customer.protected.into()),
    };
    app.write(move |tx, env| service_requests::open(tx, env, &who, &input)).await.summary.id.0
}

/// A request that the customer is asked about, for a support request that their member opened.
pub async fn raise(app: &TestApp, customer: Customer, changes: Value) -> Value {
    let body = with(with(ask(customer), json!({"service_request_id": ticket(app, customer).await})), changes);
    app.provider().post("/provider/v1/access-requests", body).await.is(201)
}

/// A request that the customer approved.
pub async fn approved(app: &TestApp, customer: Customer) -> Value {
    let request = raise(app, customer, json!({})).await;
    let id = request["id"].as_str().unwrap();
    let approver = app.person(&customer.person("approver")).await;
    let path = format!("/api/v1/lockbox-requests/{id}/approve");
    let etag = format!("\"{}\"", request["version"]);
    approver.post_version(&path, &etag, json!({"justification": "Fine."})).await.is(200)
}

async fn version_of(app: &TestApp, id: &str) -> String {
    let id = RequestId::from(id);
    let version = app.read(move |tx| Ok(tx.request_anywhere(&id)?.expect("raised before").version)).await;
    format!("\"{version}\"")
}

/// Who may make good calls of the operation through the customer API: the administrator, or at the provider's own place the
/// support lead.
pub async fn actor_of(app: &TestApp, operation: &Operation) -> Person {
    if operation.is_internal() {
        app.person("per_provider_lead").await
    } else {
        app.person(&MERIDIAN.person("admin")).await
    }
}

/// A good call of the operation, on things of the customer that were made for it.
pub async fn call_for(app: &TestApp, operation: &Operation, customer: Customer) -> Call {
    let id_of = |request: Value| request["id"].as_str().unwrap().to_owned();
    let justified = || Some(json!({"justification": "Checked with the owner."}));
    let ending = || Some(json!({"engineer_id": "eng-417", "note": "Done."}));
    let number = fresh();
    let mut if_match = String::new();
    // What stands in the path, and the body.
    let (ids, body): (Vec<String>, Option<Value>) = match operation.id.as_str() {
        "healthz"
        | "readyz"
        | "metrics"
        | "read_lease_keys"
        | "list_demo_mail"
        | "read_sign_in_options"
        | "read_session"
        | "sign_out"
        | "list_environments"
        | "read_history"
        | "export_history"
        | "read_lockbox"
        | "list_lockbox_versions"
        | "list_events"
        | "summarize_events"
        | "list_log_views"
        | "list_lockbox_requests"
        | "list_internal_approvals"
        | "list_members"
        | "read_notifications"
        | "list_service_requests"
        | "list_access_requests"
        | "list_tokens"
        | "follow_changes"
        | "read_catalog"
        | "read_jit_rules" => (vec![], None),
        "export_events" => (vec![], None),
        "read_export" => {
            let who = Who { person_id: customer.person("admin").as_str().into(), origin: origin() };
            let query = lockbox_api::logs::LogExportQuery { format: Some(ExportFormat::Csv), ..Default::default() };
            let begun = app.write(move |tx, env| {
                // An export of everything searches nothing.
                let prepared = exports::prepare(tx.reader(), env, &who, &query)?;
                exports::begin(tx, env, &who, prepared)
            });
            let begun = begun.await;
            (vec![begun.record.id.0], None)
        }
        "create_log_view" => (
            vec![],
            Some(json!({"name": format!("View {number}"), "filter": "-outcome:success payroll", "shared": true})),
        ),
        "update_log_view" | "delete_log_view" | "set_log_start" => {
            let admin = app.person(&customer.person("admin")).await;
            let body = json!({"name": format!("View {number}"), "filter": "actor:ana", "shared": true});
            let id = admin.post("/api/v1/logs/views", body).await.is(201)["id"].as_str().unwrap().to_owned();
            if_match = "\"1\"".to_owned();
            match operation.id.as_str() {
                "set_log_start" => (vec![], Some(json!({"view_id": id}))),
                "update_log_view" => (
                    vec![id],
                    Some(json!({"name": format!("Other {number}"), "filter": "outcome:refused", "shared": true})),
                ),
                _ => (vec![id], None),
            }
        }
        "read_event" => {
            let organization = customer.id.into();
            let events = app.read(move |tx| Ok(tx.events_after(&organization, 0, 1)?)).await;
            (vec![events[0].id.0.clone()], None)
        }
        "sign_in" => {
            let email = format!("reader@{}.example", customer.short);
            app.state.sign_in_limit.succeeded(None, &email);
            (vec![], Some(json!({"email": email, "password": PASSWORD})))
        }
        "update_lockbox" | "preview_lockbox" => {
            let organization = customer.id.into();
            let present = app.read(move |tx| Ok(tx.lockbox(&organization)?.expect("made with the world"))).await;
            if_match = format!("\"{}\"", present.version);
            let policy = json!({"scope": "some", "environment_ids": [customer.protected]});
            let hours = 1 + present.queue_hours.unwrap_or(0) % 90;
            (vec![], Some(json!({"enabled": true, "policy": policy, "queue_hours": hours, "reason": "Faster."})))
        }
        "read_internal_approval" => {
            (vec![id_of(raise(app, customer, json!({"permission_level": "delete"})).await)], None)
        }
        "approve_internally" | "reject_internally" => {
            let id = id_of(raise(app, customer, json!({"permission_level": "delete"})).await);
            if_match = version_of(app, &id).await;
            (vec![id], Some(json!({"justification": "Needed to mend it.", "role": "support_lead"})))
        }
        "read_lockbox_request" | "view_lockbox_request" => (vec![id_of(raise(app, customer, json!({})).await)], None),
        "approve_lockbox_request" | "deny_lockbox_request" => {
            let id = id_of(raise(app, customer, json!({})).await);
            if_match = version_of(app, &id).await;
            let mut body = json!({"justification": "Checked with the owner."});
            if operation.id.starts_with("approve") {
                body["access_minutes"] = json!(60);
            }
            (vec![id], Some(body))
        }
        "revoke_lockbox_access" => (vec![id_of(approved(app, customer).await)], justified()),
        "acknowledge_lockbox_access" => {
            let emergency = json!({"exclusion": {"kind": "emergency", "reason": "The service is down."}});
            (vec![id_of(raise(app, customer, emergency).await)], Some(json!({"comment": "Seen; thank you."})))
        }
        "update_member" => {
            let id = format!("per_{}_x{number}", customer.short);
            let person = PersonRecord {
                id: id.as_str().into(),
                organization_id: customer.id.into(),
                email: format!("x{number}@{}.example", customer.short),
                name: "New here".to_owned(),
                password_hash: None,
                roles: vec![lockbox_api::session::Role::Member],
                approver_environment_ids: None,
                engineer_ids: Vec::new(),
                last_sign_in_at: None,
                version: 1,
            };
            app.write(move |tx, _| Ok(tx.put_person(&person)?)).await;
            if_match = "\"1\"".to_owned();
            (vec![id], Some(json!({"roles": ["lockbox_approver"], "approver_environment_ids": [customer.protected]})))
        }
        "update_notifications" => {
            let organization = customer.id.into();
            let (_, version) = app.read(move |tx| Ok(tx.notifications(&organization)?)).await;
            if_match = format!("\"{version}\"");
            (vec![], Some(json!({"addresses": [format!("desk{number}@{}.example", customer.short)]})))
        }
        "open_service_request" => (
            vec![],
            Some(json!({"title": "Slow", "description": "Since Monday.", "severity": "high",
                "environment_id": customer.protected})),
        ),
        "read_service_request" | "close_service_request" => (vec![ticket(app, customer).await], None),
        "add_service_request_message" => (vec![ticket(app, customer).await], Some(json!({"text": "Still slow."}))),
        "create_token" => (vec![], Some(json!({"name": "Reports", "expires_in_days": 30}))),
        "revoke_token" => {
            let admin = app.person(&customer.person("admin")).await;
            let made = admin.post("/api/v1/tokens", json!({"name": "Reports", "expires_in_days": 30})).await.is(201);
            (vec![made["token"]["id"].as_str().unwrap().to_owned()], None)
        }
        "raise_access_request" | "evaluate_jit_rules" => (
            vec![],
            Some(with(
                ask(customer),
                json!({"service_request_id": ticket(app, customer).await, "resource_scope": "resource",
                    "exclusion": {"kind": "emergency", "reason": "The service is down."}}),
            )),
        ),
        "read_access_request" => (vec![id_of(raise(app, customer, json!({})).await)], None),
        "cancel_access_request" => (vec![id_of(raise(app, customer, json!({})).await)], ending()),
        "complete_access_request" => (vec![id_of(approved(app, customer).await)], ending()),
        "decide_internally" => (
            vec![id_of(raise(app, customer, json!({"permission_level": "delete"})).await)],
            Some(
                json!({"approve": true, "approver_id": "lead-1", "approver_name": "Robin Lee", "role": "support_lead",
                "team": "Customer support", "justification": "Needed."}),
            ),
        ),
        "check_grant" | "report_grant_actions" => {
            let request = approved(app, customer).await;
            let body = if operation.id == "check_grant" {
                with(question(customer), json!({"lease": true}))
            } else {
                json!({"actions": [{"id": "a-1", "time": app.now(), "engineer_id": "eng-417",
                    "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "statement": "SELECT 1",
                    "rows": 3, "outcome": "success"}]})
            };
            (vec![request["access"]["grant_id"].as_str().unwrap().to_owned()], Some(body))
        }
        "put_organization" => {
            (vec![customer.id.to_owned()], Some(json!({"name": format!("{} {number}", customer.short)})))
        }
        "put_environment" => (
            vec![customer.id.to_owned(), format!("env_{}_{number}", customer.short)],
            Some(json!({"name": "New", "service": "azure-sql-database", "region": "West Europe", "has_database": true,
                "copied_from": customer.protected, "deleted": false})),
        ),
        "delete_environment" => {
            let id = format!("env_{}_gone_{number}", customer.short);
            let path = format!("/provider/v1/organizations/{}/environments/{id}", customer.id);
            let body = json!({"name": "Short-lived", "service": "azure-sql-database"});
            app.provider().call("PUT", &path, &[], Some(body.to_string())).await.is(201);
            (vec![customer.id.to_owned(), id], None)
        }
        "put_service_request" => (
            vec![customer.id.to_owned(), format!("26112200{number:08}")],
            Some(json!({"title": "Slow", "description": "Since Monday.", "severity": "high",
                "environment_id": customer.protected, "closed": false,
                "messages": [{"id": "m-1", "author": "provider", "author_name": "Robin Lee", "at": app.now(),
                    "text": "We look into it."}]})),
        ),
        other => panic!("the operation {other} is new: give it a good call here and its place in the tests' tables"),
    };
    let (mut path, mut absent) = (operation.path.clone(), operation.path.clone());
    for (at, id) in ids.iter().enumerate() {
        let name = if ids.len() == 2 && at == 0 { "{organization_id}" } else { "{id}" };
        path = path.replace(name, id);
        let nobody: String = id.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        absent = absent.replace(name, &format!("{nobody}0absent"));
    }
    if operation.id == "export_events" {
        path.push_str("?format=csv");
        absent.clone_from(&path);
    }
    assert!(!path.contains('{'), "{path}");
    Call { method: operation.method.clone(), path, absent, body, if_match }
}
