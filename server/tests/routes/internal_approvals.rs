//! `/api/v1/internal-approvals`: the provider's own people decide first, and see nothing of customers beyond the request.
//!
//! Length: one place and the story of one approval, from every side that may look at it.

use chrono::TimeDelta;
use lockbox_server::app::{
    Error, Origin,
    setup::{self, Inside},
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Caller, Person, TestApp,
    database::{dump, faults, open},
    operations::{actor_of, call_for, raise},
    schema::operations,
    world::{MERIDIAN, NORTHSTAR, ask, with},
};

const PLACE: &str = "/api/v1/internal-approvals";

/// A request that a support lead must approve first.
fn delete() -> Value {
    json!({"permission_level": "delete"})
}

/// One that a support lead and a DevOps manager must both approve.
fn wide() -> Value {
    json!({"resource_scope": "organization"})
}

fn id_of(request: &Value) -> String {
    request["id"].as_str().unwrap().to_owned()
}

async fn lead(app: &TestApp) -> Person {
    app.person("per_provider_lead").await
}

async fn decide(person: &Person, id: &str, verb: &str, changes: Value) -> Answer {
    let etag = person.get(&format!("{PLACE}/{id}")).await.etag();
    let body = with(json!({"justification": "Needed to mend it."}), changes);
    person.post_version(&format!("{PLACE}/{id}/{verb}"), &etag, body).await
}

async fn queue(person: &Person, query: &str) -> Vec<String> {
    let page = person.get(&format!("{PLACE}{query}")).await.is(200);
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn texts(request: &Value) -> Vec<String> {
    let steps = request["timeline"].as_array().unwrap().iter();
    steps.map(|step| step["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_lead_approves_and_the_customer_sees_role_and_team_but_no_name() {
    let app = TestApp::new().await;
    let first = raise(&app, MERIDIAN, delete()).await;
    app.advance(TimeDelta::minutes(1));
    let second = raise(&app, NORTHSTAR, delete()).await;
    raise(&app, MERIDIAN, json!({})).await;
    let lead = lead(&app).await;
    let page = lead.get(PLACE).await.is(200);
    assert_eq!(page["your_roles"], json!(["support_lead"]));
    assert_eq!(queue(&lead, "").await, [id_of(&first), id_of(&second)], "of all customers, soonest expiry first");
    let row = &page["items"][0];
    assert_eq!((&row["waits_for"], &row["waits_for_you"]), (&json!(["support_lead"]), &json!(true)));
    assert_eq!(row["organization_name"], "meridian Ltd");
    let limited = lead.get(&format!("{PLACE}?limit=1")).await.is(200);
    let cursor = limited["next_cursor"].as_str().unwrap();
    assert_eq!(queue(&lead, &format!("?limit=1&cursor={cursor}")).await, [id_of(&second)]);

    let id = id_of(&first);
    let done = decide(&lead, &id, "approve", json!({})).await.is(200);
    assert_eq!(done["state"], "approved");
    assert_eq!(done["decisions"][0]["by"], "provider lead", "colleagues see who it was");
    assert_eq!(queue(&lead, "").await, [id_of(&second)]);
    assert_eq!(queue(&lead, "?view=recent").await, [id_of(&second), id], "newest first");

    let approver = app.person(&MERIDIAN.person("approver")).await;
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{}", id_of(&first))).await.is(200);
    assert_eq!(seen["status"], "customer_notified");
    let decision = &seen["internal_decisions"][0];
    assert_eq!(
        (decision["role"].as_str(), decision["team"].as_str()),
        (Some("support_lead"), Some("Customer support"))
    );
    let told = texts(&seen);
    assert!(told.contains(&"Inside the provider, the support lead was asked to approve first.".to_owned()), "{told:?}");
    let step = told.iter().find(|text| text.contains("let the request go on. “Needed to mend it.”")).unwrap();
    assert!(step.contains("(support lead, Customer support)"), "{step}");
    let log = approver.get(&format!("/api/v1/logs?request_id={}", id_of(&first))).await;
    for text in [seen.to_string(), log.text.clone()] {
        assert!(!text.contains("provider lead") && !text.contains("per_provider_lead"), "{text}");
    }
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new());
}

#[tokio::test]
async fn rules_have_words_for_colleagues_that_customers_never_read() {
    let app = TestApp::new().await;
    let asked = raise(&app, MERIDIAN, delete()).await;
    let lead = lead(&app).await;
    let id = id_of(&asked);
    let words = |answer: &Value| {
        let rules = answer["evaluation"]["rules"].as_array().unwrap();
        let rule = rules.iter().find(|rule| rule["id"] == "delete-needs-support-lead").unwrap();
        assert!(rule.get("description_inside").is_none_or(Value::is_null), "{rule}");
        rule["description"].as_str().unwrap().to_owned()
    };
    let inside = lead.get(&format!("{PLACE}/{id}")).await.is(200);
    assert_eq!(words(&inside), "Access that can delete: a support lead approves first.");
    let done = decide(&lead, &id, "approve", json!({})).await.is(200);
    assert_eq!(words(&done), words(&inside));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let ours = "Before you are asked for access that can delete, a support lead of the provider must have approved it.";
    assert_eq!((words(&seen), words(&asked)), (ours.to_owned(), ours.to_owned()));
}

#[tokio::test]
async fn where_the_provider_says_so_the_customer_sees_the_name() {
    let app = TestApp::with(|mut state| {
        state.env.internal_approver_names = true;
        state
    })
    .await;
    let id = id_of(&raise(&app, MERIDIAN, delete()).await);
    decide(&lead(&app).await, &id, "reject", json!({"justification": "The usual tools are enough."})).await.is(200);
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    assert_eq!(
        (seen["status"].as_str(), seen["status_reason"].as_str()),
        (Some("rejected"), Some("internal_rejection"))
    );
    assert_eq!(seen["internal_decisions"][0]["by"], "provider lead");
    let text = "provider lead (support lead, Customer support) rejected the request. “The usual tools are enough.”";
    assert!(texts(&seen).contains(&text.to_owned()), "{seen}");
}

/// Found: the provider's service could approve in the name of any of its accounts, and customers saw a name that the
/// setting keeps from them.
#[tokio::test]
async fn what_the_service_decides_keeps_to_the_accounts_and_to_the_setting() {
    for names in [false, true] {
        let app = TestApp::with(|mut state| {
            state.env.internal_approver_names = names;
            state
        })
        .await;
        let id = id_of(&raise(&app, MERIDIAN, delete()).await);
        let path = format!("/provider/v1/access-requests/{id}/internal-decision");
        let body = |approver: &str| {
            json!({"approve": true, "approver_id": approver, "approver_name": "Kim Vos", "role": "support_lead",
                "justification": "Needed."})
        };
        // No approver, an approver of another role: by id and by address.
        for account in
            ["engineer@provider.example", "per_provider_engineer", "per_provider_devops", "DevOps@provider.example"]
        {
            let refused = app.provider().post(&path, body(account)).await;
            refused.problem(422, "invalid_field");
            assert_eq!(refused.pointers(), ["/approver_id"], "{account}");
        }
        let decided = app.provider().post(&path, body("Second@provider.example")).await.is(200);
        assert_eq!(decided["status"], "customer_notified");
        let approver = app.person(&MERIDIAN.person("approver")).await;
        let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
        assert_eq!(seen["internal_decisions"][0]["by"], if names { "Kim Vos" } else { "Stratus" });
        let log = approver.get(&format!("/api/v1/logs?request_id={id}")).await.is(200);
        assert_eq!(format!("{seen}{log}").contains("Kim Vos"), names, "{seen}");
        assert_eq!(format!("{seen}{log}").to_lowercase().contains("second@provider"), names, "{log}");
        let inside = lead(&app).await.get(&format!("{PLACE}/{id}")).await.is(200);
        assert_eq!(inside["decisions"][0]["by"], "Kim Vos", "colleagues know who it was");
        // Whoever has no account here is vouched for by the service.
        let id = id_of(&raise(&app, MERIDIAN, delete()).await);
        let path = format!("/provider/v1/access-requests/{id}/internal-decision");
        app.provider().post(&path, body("lead-77")).await.is(200);
    }
}

#[tokio::test]
async fn nobody_approves_what_they_raised_nor_in_two_roles_however_they_are_named() {
    let app = TestApp::new().await;
    let lead = lead(&app).await;
    let engineer = |id: &str| with(ask(MERIDIAN)["engineer"].clone(), json!({"id": id}));
    for own in ["per_provider_lead", "Lead@Provider.example"] {
        let request = raise(&app, MERIDIAN, with(delete(), json!({"engineer": engineer(own)}))).await;
        let refused = decide(&lead, &id_of(&request), "approve", json!({})).await.problem(403, "not_allowed");
        assert!(refused["detail"].as_str().unwrap().contains("raised yourself"), "{refused}");
        // The same person by way of the provider's service, under their other name.
        for name in ["lead@provider.example", "per_provider_lead"] {
            let body = json!({"approve": true, "approver_id": name, "approver_name": "L", "role": "support_lead",
                "justification": "Me."});
            let path = format!("/provider/v1/access-requests/{}/internal-decision", id_of(&request));
            let answer = app.provider().post(&path, body).await;
            assert_eq!(answer.pointers(), ["/approver_id"], "{own} {name}: {}", answer.text);
        }
        assert_eq!(lead.get(&format!("{PLACE}/{}", id_of(&request))).await.is(200)["state"], "waiting");
    }
    // Found: under the id that the provider's service gives its engineers, the same person approved their own request.
    let theirs = with(delete(), json!({"engineer": engineer("eng-77")}));
    let unknown = raise(&app, MERIDIAN, theirs.clone()).await;
    let mails = async || {
        let mails = app.read(|tx| Ok(tx.newest_mails(1_000)?)).await;
        let inside = mails
            .into_iter()
            .filter(|mail| mail.link.as_deref().is_some_and(|link| link.contains("/internal-approvals/")));
        inside.map(|mail| (mail.to, mail.link.unwrap_or_default())).collect::<Vec<_>>()
    };
    let told = async |request: &Value| {
        let id = id_of(request);
        let to = mails().await.into_iter().filter(|(_, link)| link.ends_with(&id)).map(|(to, _)| to);
        let mut to: Vec<String> = to.collect();
        to.sort();
        to
    };
    assert_eq!(told(&unknown).await, ["lead@provider.example", "second@provider.example"]);
    app.write(|tx, env| {
        let origin = Origin { correlation_id: "cli".to_owned(), client_ip: None };
        let ids = |ids: &[&str]| Inside {
            roles: vec!["support_lead".to_owned()],
            team: None,
            engineer_ids: Some(ids.iter().map(|id| (*id).to_owned()).collect()),
        };
        let mut set = |email: &str, of: &[&str]| setup::set_internal_approver(tx, env, &origin, email, ids(of));
        set("lead@provider.example", &["eng-77", "eng-78"])?;
        // One id is one person.
        for taken in ["ENG-77", "lead@provider.example"] {
            let error = set("second@provider.example", &[taken]).unwrap_err();
            assert!(matches!(&error, Error::Fields(all) if all[0].pointer == "/engineer_ids"), "{error:?}");
        }
        Ok(())
    })
    .await;
    for request in [unknown, raise(&app, MERIDIAN, theirs).await] {
        let refused = decide(&lead, &id_of(&request), "approve", json!({})).await.problem(403, "not_allowed");
        assert!(refused["detail"].as_str().unwrap().contains("raised yourself"), "{refused}");
        for name in ["lead@provider.example", "per_provider_lead", "eng-77", "Eng-78"] {
            let body = json!({"approve": true, "approver_id": name, "approver_name": "L", "role": "support_lead",
                "justification": "Me."});
            let path = format!("/provider/v1/access-requests/{}/internal-decision", id_of(&request));
            let answer = app.provider().post(&path, body).await;
            assert_eq!(answer.pointers(), ["/approver_id"], "{name}: {}", answer.text);
        }
    }
    let again = raise(&app, MERIDIAN, with(delete(), json!({"engineer": engineer("eng-78")}))).await;
    assert_eq!(told(&again).await, ["second@provider.example"], "nobody is asked to approve their own");
    let session = lead.get("/api/v1/session").await.is(200);
    assert_eq!(session["engineer_ids"], json!(["eng-77", "eng-78"]), "so that the page can say why");
    // A lead who is a manager as well.
    app.write(|tx, _| {
        let mut record = tx.internal_approver(&"per_provider_lead".into())?.expect("made with the world");
        record.roles.push("devops_manager".to_owned());
        Ok(tx.put_internal_approver(&record)?)
    })
    .await;
    let id = id_of(&raise(&app, MERIDIAN, wide()).await);
    let none = decide(&lead, &id, "approve", json!({"role": "security_lead"})).await;
    none.problem(422, "invalid_field");
    assert_eq!(none.pointers(), ["/role"]);
    let first = decide(&lead, &id, "approve", json!({"role": "devops_manager"})).await.is(200);
    assert_eq!((&first["state"], &first["waits_for"]), (&json!("waiting"), &json!(["support_lead"])));
    assert_eq!(first["approved_by_you"], true);
    let twice = decide(&lead, &id, "approve", json!({})).await.problem(403, "not_allowed");
    assert!(twice["detail"].as_str().unwrap().contains("another person"), "{twice}");
    let body = json!({"approve": true, "approver_id": "LEAD@provider.example", "approver_name": "L",
        "role": "support_lead", "justification": "Me again."});
    let path = format!("/provider/v1/access-requests/{id}/internal-decision");
    assert_eq!(app.provider().post(&path, body).await.pointers(), ["/approver_id"]);
    let second = app.person("per_provider_second").await;
    assert_eq!(decide(&second, &id, "approve", json!({})).await.is(200)["state"], "approved");
    let refusals: Vec<String> =
        dump(&app)["events"].iter().filter(|row| row.contains("refused_reason")).cloned().collect();
    assert_eq!(refusals.len(), 5, "each attempt that was refused is on the provider's record: {refusals:?}");
    assert!(refusals.iter().all(|row| row.contains("org_provider")), "{refusals:?}");
}

#[tokio::test]
async fn each_role_decides_and_whoever_comes_second_is_told_who_was_first() {
    let app = TestApp::new().await;
    let (lead, second) = (lead(&app).await, app.person("per_provider_second").await);
    let devops = app.person("per_provider_devops").await;
    let id = id_of(&raise(&app, MERIDIAN, wide()).await);
    let waits = async |person: &Person| person.get(PLACE).await.is(200)["items"][0]["waits_for_you"].clone();
    let stale = second.get(&format!("{PLACE}/{id}")).await.etag();
    let other = devops.get(&format!("{PLACE}/{id}")).await.etag();
    assert_eq!((waits(&lead).await, waits(&devops).await), (json!(true), json!(true)));
    decide(&lead, &id, "approve", json!({})).await.is(200);
    assert_eq!((waits(&second).await, waits(&devops).await), (json!(false), json!(true)));
    let body = json!({"justification": "Me, too."});
    let late = second.post_version(&format!("{PLACE}/{id}/reject"), &stale, body.clone()).await;
    let late = late.problem(409, "wrong_state");
    assert!(late["detail"].as_str().unwrap().starts_with("provider lead (Support lead) approved it at "), "{late}");
    // For the other role the decision is open, but not on what has changed since it was read.
    devops.post_version(&format!("{PLACE}/{id}/approve"), &other, body.clone()).await.problem(412, "version_conflict");
    let missing = devops.call("POST", &format!("{PLACE}/{id}/approve"), &[], Some(body.to_string())).await;
    assert_eq!(missing.status, 428);
    decide(&devops, &id, "reject", json!({})).await.is(200);
    let ended = decide(&second, &id, "approve", json!({})).await.problem(409, "wrong_state");
    assert!(ended["detail"].as_str().unwrap().starts_with("provider devops (DevOps manager) rejected it"), "{ended}");
    for wrong in [json!({"justification": " "}), json!({"justification": "x".repeat(2_001)})] {
        let fresh = id_of(&raise(&app, MERIDIAN, delete()).await);
        let answer = decide(&lead, &fresh, "approve", wrong).await;
        answer.problem(422, "invalid_field");
        assert_eq!(answer.pointers(), ["/justification"]);
    }
}

#[tokio::test]
async fn it_expires_by_its_own_clock_with_its_own_reason() {
    let app = TestApp::new().await;
    let lead = lead(&app).await;
    let request = raise(&app, MERIDIAN, delete()).await;
    let id = id_of(&request);
    let decide_by: lockbox_api::Time = serde_json::from_value(request["decide_by"].clone()).unwrap();
    let requested: lockbox_api::Time = serde_json::from_value(request["requested_at"].clone()).unwrap();
    assert_eq!(decide_by - requested, TimeDelta::hours(12));
    let etag = lead.get(&format!("{PLACE}/{id}")).await.etag();
    app.state.hand.set(decide_by);
    let approver = app.person(&MERIDIAN.person("approver")).await;
    for swept in [false, true] {
        if swept {
            assert_eq!(app.sweep().await, 1);
        }
        let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
        assert_eq!(
            (seen["status"].as_str(), seen["status_reason"].as_str()),
            (Some("expired"), Some("internal_approval_expired")),
            "swept: {swept}"
        );
        let lead = app.person("per_provider_lead").await;
        assert_eq!(lead.get(&format!("{PLACE}/{id}")).await.is(200)["state"], "expired");
        assert!(queue(&lead, "").await.is_empty());
        let body = json!({"justification": "Too late."});
        let late = lead.post_version(&format!("{PLACE}/{id}/approve"), &etag, body).await.problem(409, "wrong_state");
        assert!(late["detail"].as_str().unwrap().contains("expired"), "{late}");
    }
    let seen = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let last = "Nobody inside the provider decided in time: the request expired.".to_owned();
    assert_eq!(texts(&seen).last(), Some(&last));
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new());
}

#[tokio::test]
async fn they_see_what_is_asked_of_their_roles_and_nothing_else_of_any_customer() {
    let app = TestApp::new().await;
    let (lead, devops) = (lead(&app).await, app.person("per_provider_devops").await);
    let mine = id_of(&raise(&app, MERIDIAN, delete()).await);
    let asked = id_of(&raise(&app, MERIDIAN, json!({})).await);
    let engineer = app.person("per_provider_engineer").await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let token = app.token("per_provider_lead").await;
    token.get(&format!("{PLACE}/{mine}")).await.is(200);
    for (who, person, id) in [
        ("another role", &devops, &mine),
        ("needs nobody inside", &lead, &asked),
        ("an engineer", &engineer, &mine),
        ("the customer", &admin, &mine),
    ] {
        let absent = format!("{id}0absent");
        for what in ["", "/approve", "/reject"] {
            let call = async |id: &str| {
                let path = format!("{PLACE}/{id}{what}");
                let body = json!({"justification": "Let me."});
                if what.is_empty() { person.get(&path).await } else { person.post_version(&path, "\"1\"", body).await }
            };
            let (there, nowhere) = (call(id).await, call(&absent).await);
            there.problem(404, "not_found");
            assert_eq!(there.comparable(), nowhere.comparable(), "{who} {what}");
        }
    }
    admin.get(PLACE).await.problem(404, "not_found");
    engineer.get(PLACE).await.problem(403, "not_allowed");
    assert!(queue(&devops, "?view=recent").await.is_empty());

    // What the customer does with it later stays theirs.
    decide(&lead, &mine, "approve", json!({})).await.is(200);
    let seen = admin.get(&format!("/api/v1/lockbox-requests/{mine}")).await;
    let deny = json!({"justification": "A secret of the customer."});
    admin.post_version(&format!("/api/v1/lockbox-requests/{mine}/deny"), &seen.etag(), deny).await.is(200);
    let own = lead.get(&format!("{PLACE}/{mine}")).await.is(200);
    assert_eq!((own["state"].as_str(), &own["decide_by"]), (Some("approved"), &Value::Null));
    assert_eq!(own["version"], 0, "not even that something happened");
    for text in [own.to_string(), lead.get(&format!("{PLACE}?view=recent")).await.text] {
        for secret in ["secret", "denied", "environment_id", "org_meridian", "per_meridian", "@", "policy"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    // Everything of customers, by way of every operation that names a thing.
    for operation in operations().into_iter().filter(|one| one.is_customer() && !one.is_internal()) {
        let call = call_for(&app, &operation, MERIDIAN).await;
        if call.path != call.absent && actor_of(&app, &operation).await.1 != lead.1 {
            let (there, nowhere) = (call.by(&lead).await, call.at(&lead, &call.absent).await);
            assert_eq!(there.comparable(), nowhere.comparable(), "{}", operation.id);
            assert!(matches!(there.status.as_u16(), 403 | 404), "{}: {}", operation.id, there.text);
        }
    }
}

#[tokio::test]
async fn those_whose_role_is_asked_for_get_a_mail_and_the_engineer_does_not() {
    let app = TestApp::new().await;
    let mails = |app: &TestApp| -> Vec<String> {
        dump(app)["outbox"].iter().filter(|row| row.contains("/internal-approvals/")).cloned().collect()
    };
    let own = with(ask(MERIDIAN)["engineer"].clone(), json!({"id": "second@provider.example"}));
    let id = id_of(&raise(&app, MERIDIAN, with(delete(), json!({"engineer": own}))).await);
    let told = mails(&app);
    assert_eq!(told.len(), 1, "the lead alone: {told:?}");
    assert!(told[0].contains("lead@provider.example") && told[0].contains("org_provider"), "{told:?}");
    assert!(told[0].contains(&format!("http://localhost:8080/internal-approvals/{id}")), "{told:?}");
    raise(&app, MERIDIAN, wide()).await;
    assert_eq!(mails(&app).len(), 4, "lead, second and manager");
    // A rule rejects: nobody is asked.
    raise(
        &app,
        MERIDIAN,
        with(delete(), json!({"engineer": with(ask(MERIDIAN)["engineer"].clone(), json!({"mfa": false}))})),
    )
    .await;
    assert_eq!(mails(&app).len(), 4);
}

#[tokio::test]
async fn what_the_customer_must_not_know_of_yet_is_decided_inside_all_the_same() {
    let app = TestApp::new().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let disclose_at = app.now() + TimeDelta::days(30);
    let demand = json!({"exclusion": {"kind": "legal_demand", "reason": "Order 18/2026.", "disclose_at": disclose_at}});
    let request = raise(&app, MERIDIAN, with(delete(), demand)).await;
    let id = id_of(&request);
    assert_eq!(request["status"], "awaiting_internal_approval");
    let lead = lead(&app).await;
    let done = decide(&lead, &id, "approve", json!({})).await.is(200);
    assert_eq!(done["state"], "approved");
    admin.get(&format!("/api/v1/lockbox-requests/{id}")).await.problem(404, "not_found");
    for row in &dump(&app)["events"] {
        assert!(!row.contains(&id) || row.contains("org_provider"), "nothing in the customer's log: {row}");
    }
    app.state.hand.set(disclose_at);
    app.sweep().await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let seen = admin.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    assert_eq!(seen["needs_acknowledgement"], true);
    assert!(texts(&seen).iter().any(|text| text.contains("let the request go on")), "{seen}");
    assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new());
}

#[tokio::test]
async fn open_pages_of_internal_approvers_hear_of_every_step() {
    let app = TestApp::new().await;
    let lead = lead(&app).await;
    let mut heard = app.state.live.subscribe(&"org_provider".into()).unwrap();
    let mut next = async || {
        let news = tokio::time::timeout(std::time::Duration::from_secs(5), heard.next()).await.unwrap();
        format!("{news:?}")
    };
    let id = id_of(&raise(&app, MERIDIAN, delete()).await);
    assert!(next().await.contains("Internal Approval Request"));
    decide(&lead, &id, "reject", json!({})).await.is(200);
    assert!(next().await.contains("Rejection"));
    let id = id_of(&raise(&app, MERIDIAN, delete()).await);
    next().await;
    let withdrawn = json!({"engineer_id": "eng-417"});
    app.provider().post(&format!("/provider/v1/access-requests/{id}/cancel"), withdrawn).await.is(200);
    assert!(next().await.contains("Cancel"));
    assert_eq!(lead.get(&format!("{PLACE}/{id}")).await.is(200)["state"], "cancelled");
}

/// By way of the provider's service: the customer sees role and team, and the name that the service gave.
#[tokio::test]
async fn a_decision_over_the_api_tells_role_and_team_as_well() {
    let app = TestApp::with(|mut state| {
        state.env.internal_approver_names = true;
        state
    })
    .await;
    let approver = app.person(&MERIDIAN.person("approver")).await;
    for (id, team, shown) in [
        ("robin-1", json!("  Database operations "), Some("Database operations")),
        ("robin-1", Value::Null, None),
        ("per_provider_lead", Value::Null, Some("Customer support")),
        ("Lead@Provider.example", Value::Null, Some("Customer support")),
        ("per_provider_lead", json!("Night shift"), Some("Night shift")),
        ("per_provider_second", Value::Null, None),
    ] {
        let request = id_of(&raise(&app, MERIDIAN, delete()).await);
        let path = format!("/provider/v1/access-requests/{request}/internal-decision");
        let body = json!({"approve": true, "approver_id": id, "approver_name": "Robin L.", "role": "support_lead",
            "justification": "Needed to mend it.", "team": team});
        app.provider()
            .post(&path, with(body.clone(), json!({"team": "x".repeat(201)})))
            .await
            .problem(422, "invalid_field");
        app.provider().post(&path, body).await.is(200);
        let seen = approver.get(&format!("/api/v1/lockbox-requests/{request}")).await.is(200);
        let decision = &seen["internal_decisions"][0];
        assert_eq!((decision["team"].as_str(), decision["by"].as_str()), (shown, Some("Robin L.")), "{id} {team}");
        let who = shown.map_or("support lead".to_owned(), |team| format!("support lead, {team}"));
        let told = format!("Robin L. ({who}) let the request go on. “Needed to mend it.”");
        assert!(texts(&seen).contains(&told), "{told}: {:?}", texts(&seen));
    }
}

/// Found: between the expiry inside and the sweep, the provider's list said `expired` without its reason.
#[tokio::test]
async fn the_list_gives_the_reason_that_the_clock_gives() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, json!({"permission_level": "delete"})).await;
    assert_eq!(request["status"], "awaiting_internal_approval");
    app.advance(app.state.env.internal_approval);
    let list = app.provider().get("/provider/v1/access-requests").await.is(200);
    let listed = list["items"].as_array().unwrap().iter().find(|one| one["id"] == request["id"]).unwrap();
    assert_eq!((&listed["status"], &listed["status_reason"]), (&json!("expired"), &json!("internal_approval_expired")));
}

/// Found: who waited for a hidden request heard of nothing before their time was over.
#[tokio::test]
async fn who_waits_for_a_hidden_request_hears_of_the_approval_and_no_customer_does() {
    let app = TestApp::new().await;
    let exclusion =
        json!({"kind": "legal_demand", "reason": "Court order 1.", "disclose_at": app.now() + TimeDelta::days(3)});
    let request = raise(&app, MERIDIAN, json!({"permission_level": "delete", "exclusion": exclusion})).await;
    assert_eq!(request["status"], "awaiting_internal_approval");
    let mut customers = app.state.live.subscribe(&MERIDIAN.id.into()).unwrap();
    while tokio::time::timeout(std::time::Duration::from_millis(50), customers.next()).await.is_ok() {}
    let path = format!("/provider/v1/access-requests/{}", request["id"].as_str().unwrap());
    let (provider, asked) = (app.provider(), format!("{path}?wait=30"));
    let waiting = tokio::spawn(async move { provider.get(&asked).await });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(!waiting.is_finished());
    let decision = json!({"approve": true, "approver_id": "lead-1", "approver_name": "Robin Lee", "role": "support_lead",
        "justification": "Checked the order."});
    app.provider().post(&format!("{path}/internal-decision"), decision).await.is(200);
    let answer = tokio::time::timeout(std::time::Duration::from_secs(10), waiting).await.expect("it hears of it");
    assert_eq!(answer.unwrap().is(200)["status"], "not_required");
    let heard = tokio::time::timeout(std::time::Duration::from_millis(300), customers.next()).await;
    assert!(heard.is_err(), "nothing of it in the customer's stream");
}
