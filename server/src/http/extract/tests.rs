//! Right and wrong input against the real wire types.

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Request},
    http::HeaderMap,
};
use lockbox_api::{
    lockbox::LockboxUpdate,
    logs::LogQuery,
    page::Page,
    problem::ProblemType,
    provider::{AccessRequestCreate, GrantActionsInput},
    requests::{DecisionInput, RequestQuery},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::*;
use crate::config::Config;

fn wrong<T: DeserializeOwned + Serialize + std::fmt::Debug>(body: &str) -> ApiError {
    parse_json::<T>(body.as_bytes()).unwrap_err()
}

/// Pointer and message of the only field error.
fn field<T: DeserializeOwned + Serialize + std::fmt::Debug>(body: &str) -> (String, String) {
    match wrong::<T>(body) {
        ApiError::Fields(mut errors) if errors.len() == 1 => {
            let error = errors.remove(0);
            (error.pointer, error.message)
        }
        other => panic!("{body}: {other:?}"),
    }
}

fn parameter<T: DeserializeOwned + std::fmt::Debug>(query: &str) -> (String, String) {
    match parse_query::<T>(query).unwrap_err() {
        ApiError::Parameters(mut errors) => {
            let error = errors.remove(0);
            (error.pointer, error.message)
        }
        other => panic!("{query}: {other:?}"),
    }
}

fn access_request() -> Value {
    json!({
        "organization_id": "org_meridian", "environment_id": "env_payroll", "service_request_id": "2611210050001234",
        "engineer": {"id": "eng-417", "name": "Engineer 417", "team": "Database support", "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true, "location": {"office_country": "IE", "physical_country": "IE"}},
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
        "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": "Deadlocks in the nightly run; need the blocked statements.", "access_minutes": 240,
        "exclusion": {"kind": "emergency", "reason": "…"}
    })
}

#[test]
fn the_request_of_the_contract_is_read() {
    let request: AccessRequestCreate = parse_json(access_request().to_string().as_bytes()).unwrap();
    assert_eq!(request.access_minutes, Some(240));
}

#[test]
fn every_field_of_another_type_is_named() {
    let good = access_request();
    for pointer in [
        "/organization_id",
        "/environment_id",
        "/service_request_id",
        "/engineer",
        "/engineer/id",
        "/engineer/name",
        "/engineer/team",
        "/engineer/jit_role",
        "/engineer/isolated_identity",
        "/engineer/mfa",
        "/engineer/location",
        "/engineer/location/office_country",
        "/operations",
        "/operations/0",
        "/data_stores",
        "/targets/0",
        "/permission_level",
        "/direct_data_access",
        "/reason_code",
        "/justification",
        "/access_minutes",
        "/exclusion",
        "/exclusion/kind",
        "/exclusion/reason",
    ] {
        for other in [json!(-1.5), json!([["x"]]), json!({"x": 1})] {
            let mut body = good.clone();
            *body.pointer_mut(pointer).unwrap() = other;
            let (found, message) = field::<AccessRequestCreate>(&body.to_string());
            assert!(found == pointer || found.starts_with(&format!("{pointer}/")), "{pointer}: {found} {message}");
            assert!(message.ends_with('.') && !message.contains('`'), "{pointer}: {message}");
        }
    }
}

#[test]
fn every_missing_and_every_unknown_field_is_named() {
    let good = access_request();
    for (parent, required) in [
        (
            "",
            vec![
                "organization_id",
                "environment_id",
                "service_request_id",
                "engineer",
                "operations",
                "permission_level",
                "direct_data_access",
                "reason_code",
                "justification",
            ],
        ),
        ("/engineer", vec!["id", "name", "jit_role", "isolated_identity", "mfa"]),
        ("/exclusion", vec!["kind", "reason"]),
    ] {
        for name in required {
            let mut body = good.clone();
            body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            let expected = (format!("{parent}/{name}"), "This is required.".to_owned());
            assert_eq!(field::<AccessRequestCreate>(&body.to_string()), expected);
        }
        let mut body = good.clone();
        body.pointer_mut(parent).unwrap()["extra/~"] = json!(1);
        let (pointer, message) = field::<AccessRequestCreate>(&body.to_string());
        assert_eq!(pointer, format!("{parent}/extra~1~0"));
        assert!(message.starts_with("This is not known here. Known: "), "{message}");
    }
}

#[test]
fn words_of_a_closed_set_are_listed() {
    for sent in ["\"root\"", "5", "null", "true"] {
        let body = access_request()
            .to_string()
            .replace("\"permission_level\":\"read\"", &format!("\"permission_level\":{sent}"));
        let (pointer, message) = field::<AccessRequestCreate>(&body);
        assert_eq!(pointer, "/permission_level", "{sent}");
        assert_eq!(message, "Must be one of: read, write, delete, administer.", "{sent}");
    }
}

#[test]
fn numbers_keep_to_their_range() {
    for sent in ["-1", "4294967296", "1.5", "\"60\"", "1e3"] {
        let (pointer, message) = field::<DecisionInput>(&format!(r#"{{"justification":"x","access_minutes":{sent}}}"#));
        assert_eq!(
            (pointer.as_str(), message.as_str()),
            ("/access_minutes", "Must be a whole number from 0 to 4294967295.")
        );
    }
    parse_json::<DecisionInput>(br#"{"justification":"x","access_minutes":null}"#).unwrap();
}

#[test]
fn times_are_explained() {
    let action = |time: &str| {
        format!(r#"{{"actions":[{{"id":"a","time":{time},"engineer_id":"e","operation":"o","outcome":"success"}}]}}"#)
    };
    parse_json::<GrantActionsInput>(action("\"2026-11-22T09:30:00Z\"").as_bytes()).unwrap();
    for time in ["\"yesterday\"", "\"2026-11-22\"", "\"2026-13-01T00:00:00Z\"", "\"2026-11-22T09:30:00Zx\"", "5"] {
        let (pointer, message) = field::<GrantActionsInput>(&action(time));
        assert_eq!(pointer, "/actions/0/time", "{time}");
        assert!(message.starts_with("Must be a time such as"), "{time}: {message}");
    }
}

#[test]
fn lists_are_no_objects() {
    let (pointer, _) = field::<DecisionInput>(r#"["because", 60]"#);
    assert_eq!(pointer, "");
    let (pointer, message) = field::<LockboxUpdate>(r#"{"enabled":true,"policy":["all",[]]}"#);
    assert_eq!((pointer.as_str(), message.as_str()), ("/policy", "Must be an object."));
    let body = r#"{"enabled":true,"policy":{"scope":"some","environment_ids":["env_a"]}}"#;
    parse_json::<LockboxUpdate>(body.as_bytes()).unwrap();
}

#[test]
fn doubled_fields_are_refused() {
    let (pointer, message) = field::<DecisionInput>(r#"{"justification":"a","justification":"b"}"#);
    assert_eq!((pointer.as_str(), message.as_str()), ("/justification", "This is given more than once."));
    let (pointer, _) = field::<LockboxUpdate>(r#"{"enabled":true,"policy":{"scope":"all","scope":"none"}}"#);
    assert_eq!(pointer, "/policy/scope");
}

#[test]
fn what_is_no_json_is_400() {
    let deep = "[".repeat(200_000);
    for body in [
        "",
        "  \n",
        "{",
        "{]",
        "justification=x",
        "{\"justification\":\"x\"} x",
        "{\"justification\":\"\u{1}\"}",
        &deep,
        r#"{"justification":"\ud800"}"#,
    ] {
        assert_eq!(wrong::<DecisionInput>(body).kind(), ProblemType::MalformedBody, "{body:.40}");
    }
    let error = parse_json::<DecisionInput>(b"{\"justification\":\"\xff\"}").unwrap_err();
    assert_eq!(error, ApiError::MalformedBody("Byte 19 is not UTF-8.".to_owned()));
    for body in ["5", "null", "\"x\"", "true"] {
        let (pointer, message) = field::<DecisionInput>(body);
        assert_eq!((pointer.as_str(), message.as_str()), ("", "Must be an object."), "{body}");
    }
}

#[test]
fn queries() {
    let query: LogQuery =
        parse_query("operation=Sign-in&operation=Approve+Lockbox%20Request&q=caf%C3%A9&limit=5&category=activity")
            .unwrap();
    assert_eq!(query.operation, ["Sign-in", "Approve Lockbox Request"]);
    assert_eq!((query.q.as_deref(), query.limit), (Some("café"), Some(5)));
    assert_eq!(parse_query::<LogQuery>("").unwrap(), LogQuery::default());
    assert_eq!(parse_query::<LogQuery>("operation=x").unwrap().operation, ["x"]);
    let query: RequestQuery = parse_query("from=2026-11-22T09:30:00%2B01:00&view=pending").unwrap();
    assert_eq!(query.from, Some("2026-11-22T08:30:00Z".parse().unwrap()));
    parse_query::<NoParameters>("").unwrap();

    for (text, name, message) in [
        ("limt=5", "limt", "This is not known here. Known: "),
        ("limit=5&limit=6", "limit", "This is given more than once."),
        ("limit=five", "limit", "Must be a whole number from 0 to 4294967295."),
        ("limit=-1", "limit", "Must be a whole number from 0 to"),
        ("limit=", "limit", "Must be a whole number"),
        ("category=audit", "category", "Must be one of: activity, data_access."),
        ("q=%ff", "q", "Is not UTF-8 text."),
        ("q=%4", "q", "Is not UTF-8 text."),
        ("q=%zz", "q", "Is not UTF-8 text."),
    ] {
        let (found, said) = parameter::<LogQuery>(text);
        assert_eq!(found, name, "{text}: {said}");
        assert!(said.starts_with(message), "{text}: {said}");
    }
    let (name, message) = parameter::<RequestQuery>("from=yesterday");
    assert!(name == "from" && message.starts_with("Must be a time"), "{message}");
    let (name, message) = parameter::<NoParameters>("x=1");
    assert_eq!((name.as_str(), message.as_str()), ("x", "This is not known here; nothing is expected."));
}

async fn header<T: FromRequestParts<()>>(name: &str, values: &[&str]) -> Result<T, T::Rejection> {
    T::from_request_parts(&mut parts(name, values), &()).await
}

fn parts(name: &str, values: &[&str]) -> Parts {
    let mut request = Request::builder();
    for value in values {
        request = request.header(name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

#[tokio::test]
async fn if_match() {
    for (values, version) in [(&["\"17\""][..], 17), (&["W/\"17\""], 17), (&[" \"0\" "], 0)] {
        assert_eq!(header::<IfMatch>("if-match", values).await, Ok(IfMatch(version)), "{values:?}");
    }
    assert_eq!(header::<IfMatch>("if-match", &[]).await, Err(ApiError::PreconditionRequired));
    for values in [
        &["*"][..],
        &["17"],
        &["\"x\""],
        &["\"\""],
        &["\"+1\""],
        &["\"1\", \"2\""],
        &["\"1\"", "\"2\""],
        &["\"99999999999999999999\""],
    ] {
        let error = header::<IfMatch>("if-match", values).await.unwrap_err();
        assert_eq!(error.kind(), ProblemType::InvalidParameter, "{values:?}");
    }
}

#[tokio::test]
async fn idempotency_keys() {
    async fn key(values: &[&str]) -> Result<Option<IdempotencyKey>, ApiError> {
        let mut parts = parts("idempotency-key", values);
        <IdempotencyKey as OptionalFromRequestParts<()>>::from_request_parts(&mut parts, &()).await
    }
    assert_eq!(key(&[]).await, Ok(None));
    assert_eq!(key(&["a b!"]).await, Ok(Some(IdempotencyKey("a b!".to_owned()))));
    key(&[&"x".repeat(200)]).await.unwrap();
    for values in [&[""][..], &["  "], &["é"], &["a", "b"], &["x".repeat(201).as_str()]] {
        assert_eq!(key(values).await.unwrap_err().kind(), ProblemType::InvalidParameter, "{values:?}");
    }
}

#[test]
fn forwarded_addresses_count_only_from_trusted_proxies() {
    let flags = clap_settings(&["--trusted-proxies", "10.0.0.0/8,::1"]);
    let trusted =
        Config::load(&flags, &|_| None, &|_| Err(std::io::ErrorKind::NotFound.into())).unwrap().trusted_proxies;
    for (peer, forwarded, caller) in [
        ("192.0.2.1", &["203.0.113.9"][..], "192.0.2.1"),
        ("10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &["198.51.100.7", "203.0.113.9, 10.2.2.2"], "203.0.113.9"),
        ("10.0.0.1", &["203.0.113.9:4711"], "203.0.113.9"),
        ("::1", &["[2001:db8::1]:4711"], "2001:db8::1"),
        ("::1", &["[2001:db8::1]"], "2001:db8::1"),
        ("::ffff:10.0.0.1", &["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", &["203.0.113.9, nonsense"], "10.0.0.1"),
        ("10.0.0.1", &[], "10.0.0.1"),
        ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
    ] {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let found = ClientIp::find(Some(peer.parse().unwrap()), &headers, &trusted);
        assert_eq!(found.text().as_deref(), Some(caller), "{peer} {forwarded:?}");
    }
}

fn clap_settings(flags: &[&str]) -> crate::config::Settings {
    use clap::Parser;
    let cli = crate::config::Cli::try_parse_from(["lockbox", "serve"].iter().chain(flags)).unwrap();
    match cli.command {
        crate::config::Command::Serve(settings) => settings,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn only_json_is_read() {
    async fn body(content_type: Option<&str>) -> Result<Json<DecisionInput>, ApiError> {
        let mut request = Request::builder().method("POST");
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        Json::from_request(request.body(Body::from(r#"{"justification":"x"}"#)).unwrap(), &()).await
    }
    for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
        body(Some(good)).await.unwrap();
    }
    for bad in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/json; charset=latin1"),
        Some("application/problem+json"),
        Some("application/jsonx"),
    ] {
        assert_eq!(body(bad).await.unwrap_err(), ApiError::UnsupportedMediaType, "{bad:?}");
    }
}

#[test]
fn answers_are_json() {
    let response = axum::response::IntoResponse::into_response(Json(Page::<u8> {
        items: vec![1],
        next_cursor: None,
        total: None,
    }));
    assert_eq!(response.headers()["content-type"], "application/json");
}
