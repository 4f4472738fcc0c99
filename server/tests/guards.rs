//! R17, R19: what changes something needs its guards, what reads changes nothing, and a link grants nothing.

use crate::support::{
    Caller, TestApp,
    database::{Watch, dump},
    operations::{actor_of, call_for, raise},
    schema::operations,
    world::{MERIDIAN, NORTHSTAR, ask, with},
};

/// One guard missing or wrong: headers to change, and the answer.
/// Headers, the status they get, and the kind of problem.
type Forged = (&'static [(&'static str, &'static str)], u16, &'static str);

const FORGED: [Forged; 10] = [
    (&[("x-lockbox-request", "")], 403, "forgery_guard"),
    (&[("x-lockbox-request", "0")], 403, "forgery_guard"),
    (&[("content-type", "")], 415, "unsupported_media_type"),
    (&[("content-type", "text/plain")], 415, "unsupported_media_type"),
    (&[("content-type", "application/x-www-form-urlencoded")], 415, "unsupported_media_type"),
    (&[("content-type", "multipart/form-data; boundary=x")], 415, "unsupported_media_type"),
    (&[("sec-fetch-site", "cross-site")], 403, "forgery_guard"),
    (&[("sec-fetch-site", "same-site")], 403, "forgery_guard"),
    (&[("origin", "https://evil.example")], 403, "forgery_guard"),
    (&[("origin", "null")], 403, "forgery_guard"),
];

#[tokio::test]
async fn nothing_changes_without_each_of_the_guards() {
    let app = TestApp::new().await;
    let mut tried = 0;
    for operation in operations().into_iter().filter(|one| one.is_customer() && !one.reads()) {
        let call = call_for(&app, &operation, MERIDIAN).await;
        let admin = actor_of(&app, &operation).await;
        let before = dump(&app);
        for (changes, status, kind) in FORGED {
            let mut headers = vec![("if-match", call.if_match.as_str())];
            headers.extend(changes);
            let body = call.body.as_ref().map(ToString::to_string);
            admin.call(&call.method, &call.path, &headers, body).await.problem(status, kind);
            tried += 1;
        }
        assert_eq!(dump(&app), before, "{}", operation.id);
        // The call itself was good: only the guard was in its way.
        assert!(call.by(&admin).await.status.is_success(), "{}", operation.id);
    }
    println!("{tried} forged calls refused");
}

#[tokio::test]
async fn reading_changes_nothing() {
    let app = TestApp::new().await;
    let mut reads = Vec::new();
    // That the log left is itself in the log.
    for operation in operations().into_iter().filter(|one| one.reads() && !one.id.starts_with("export_")) {
        reads.push((operation.is_provider(), call_for(&app, &operation, MERIDIAN).await));
    }
    let callers = [
        app.person(&MERIDIAN.person("admin")).await,
        app.person(&NORTHSTAR.person("admin")).await,
        app.person("per_provider_lead").await,
    ];
    let token = app.token(&MERIDIAN.person("approver")).await;
    token.get("/api/v1/session").await.is(200);
    // That others' data access is read is on record once an hour: that hour has begun for everybody here.
    for (_, call) in reads.iter().filter(|(_, call)| call.path.starts_with("/api/v1/logs")) {
        for caller in &callers {
            caller.get(&call.path).await;
        }
        token.get(&call.path).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let before = dump(&app);
    for (provider, call) in &reads {
        for method in ["GET", "HEAD"] {
            for headers in [&[][..], &[("sec-purpose", "prefetch")], &[("sec-fetch-site", "cross-site")]] {
                if *provider {
                    app.provider().call(method, &call.path, headers, None).await;
                } else {
                    for caller in &callers {
                        caller.call(method, &call.path, headers, None).await;
                    }
                    token.call(method, &call.path, headers, None).await;
                    app.anonymous().call(method, &call.path, headers, None).await;
                }
            }
        }
    }
    assert_eq!(dump(&app), before);
}

#[tokio::test]
async fn a_link_from_a_mail_grants_nothing() {
    let app = TestApp::new().await;
    let request = raise(&app, MERIDIAN, serde_json::json!({})).await;
    let url = request["url"].as_str().unwrap();
    let id = request["id"].as_str().unwrap();
    assert_eq!(
        url,
        format!("http://localhost:8080/requests/{id}"),
        "the link names the request and carries nothing else"
    );
    let mut watch = Watch::new(&app);
    for method in ["GET", "HEAD"] {
        for path in [format!("/requests/{id}"), format!("/requests/{id}?approve=1"), format!("/requests/{id}/approve")]
        {
            for headers in [&[][..], &[("sec-purpose", "prefetch")], &[("user-agent", "Mail scanner")]] {
                app.anonymous().call(method, &path, headers, None).await;
                app.person(&MERIDIAN.person("approver")).await.call(method, &path, headers, None).await;
            }
        }
    }
    // Sessions were begun above; the request is as it was.
    assert!(watch.changed());
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let after = approver.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    assert_eq!(after["version"], request["version"]);
    assert_eq!(after["status"], "customer_notified");
    app.anonymous().get(&format!("/api/v1/lockbox-requests/{id}")).await.problem(401, "not_authenticated");
}

/// A refusal that is long enough to be packed leaves as it is said to leave: found because a client could not unpack it.
#[tokio::test]
async fn a_long_refusal_can_be_read_by_who_takes_packed_answers() {
    let app = TestApp::new().await;
    let operations: Vec<String> = (0..40).map(|number| format!("Nothing{number}")).collect();
    let body = with(ask(MERIDIAN), serde_json::json!({"operations": operations}));
    let packed = [("accept-encoding", "gzip, br")];
    let answer = app.provider().call("POST", "/provider/v1/access-requests", &packed, Some(body.to_string())).await;
    assert!(answer.bytes.len() > 2_000, "long enough to be packed");
    assert_eq!(answer.header("content-encoding"), "");
    answer.problem(422, "invalid_field");
}
