//! Whatever is wrong with a call is told by the name of the field, and nothing is stored.
//! Length: what is wrong with a body, and the calls that it is tried on, are read beside each other.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    Answer, Caller, TestApp,
    database::{Watch, dump},
    operations::{Call, actor_of, call_for},
    schema::{Operation, document, operations, resolve},
    world::{MERIDIAN, with},
};

/// One wrong body: what was done to it, the field that must be named, the body.
type Case = (String, String, Value);

const LONG: usize = 40_000;

/// Every way in which a body that fits the schema can be bent out of shape.
fn bend(document: &Value, schema: &Value, whole: &Value, at: &str, cases: &mut Vec<Case>) {
    let (schema, _) = resolve(document, schema);
    let value = whole.pointer(at).unwrap().clone();
    let put = |pointer: &str, new: Value| {
        let mut body = whole.clone();
        *body.pointer_mut(pointer).unwrap() = new;
        body
    };
    if let Some(fields) = value.as_object() {
        let mut more = value.clone();
        more["colour"] = json!("blue");
        cases.push((format!("an unknown field in {at:?}"), format!("{at}/colour"), put(at, more)));
        for (name, content) in fields {
            let pointer = format!("{at}/{name}");
            let field = &schema["properties"][name];
            let (inner, nullable) = resolve(document, field);
            let required = schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
            if required {
                let mut less = value.clone();
                less.as_object_mut().unwrap().remove(name);
                cases.push((format!("{pointer} missing"), pointer.clone(), put(at, less)));
            }
            if !nullable {
                cases.push((format!("{pointer} null"), pointer.clone(), put(&pointer, Value::Null)));
            }
            let other_types = [json!("x"), json!(17), json!(true), json!([]), json!({}), json!(-1), json!(1.5)];
            for other in other_types {
                let whole_number = inner["type"] == "integer" && other.is_u64();
                let same = kind(&other) == kind(content) && (other.is_u64() || !content.is_u64());
                if !same && !whole_number {
                    cases.push((format!("{pointer} = {other}"), pointer.clone(), put(&pointer, other)));
                }
            }
            if content.is_string() {
                let long = put(&pointer, json!("x".repeat(LONG)));
                cases.push((format!("{pointer} too long"), pointer.clone(), long));
                if name != "password" {
                    let zero = put(&pointer, json!("a\0b"));
                    cases.push((format!("{pointer} with NUL"), pointer.clone(), zero));
                }
            }
            bend(document, field, whole, &pointer, cases);
        }
    } else if let Some([first, ..]) = value.as_array().map(Vec::as_slice) {
        let pointer = format!("{at}/0");
        for other in [json!("x"), json!(17), Value::Null, json!([]), json!({})] {
            if kind(&other) != kind(first) {
                cases.push((format!("{pointer} = {other}"), pointer.clone(), put(&pointer, other)));
            }
        }
        let many = std::iter::repeat_n(first.clone(), 2_000).collect();
        cases.push((format!("{at} with 2,000 entries"), at.to_owned(), put(at, Value::Array(many))));
        bend(document, &schema["items"], whole, &pointer, cases);
    }
}

fn kind(value: &Value) -> std::mem::Discriminant<Value> {
    std::mem::discriminant(value)
}

async fn send(
    app: &TestApp,
    operation: &Operation,
    call: &Call,
    body: Option<String>,
    headers: &[(&str, &str)],
) -> Answer {
    let mut all = vec![("if-match", call.if_match.as_str())];
    all.extend(headers);
    if operation.is_provider() {
        app.provider().call(&call.method, &call.path, &all, body).await
    } else {
        actor_of(app, operation).await.call(&call.method, &call.path, &all, body).await
    }
}

/// An action that is wrong is told in its own result, so that it does not keep the others out of the log.
fn told_in_result(answer: &Answer, field: &str) -> bool {
    let result = &answer.json()["results"][0];
    let named = field.rsplit('/').next().unwrap_or_default();
    // One that is no object has no field to name.
    let named = if named.parse::<u32>().is_ok() { "action" } else { named };
    result["result"] == "invalid"
        && result["detail"].as_str().is_some_and(|text| text.starts_with(&format!("{named}:")))
}

/// Where every property of a schema stands in a body, the first of each list.
fn properties(document: &Value, schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    let (schema, _) = resolve(document, schema);
    assert!(schema["allOf"].is_null() && schema["anyOf"].is_null(), "{at}: the walk knows no such schema");
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{at}/{name}");
        properties(document, field, &pointer, found);
        found.insert(pointer);
    }
    if schema["items"].is_object() {
        properties(document, &schema["items"], &format!("{at}/0"), found);
    }
}

/// The good body and, where some fields leave no place for others, more good bodies: each field stands in one of them.
fn good_bodies(app: &TestApp, operation: &Operation, body: &Value) -> Vec<Value> {
    let mut all = vec![body.clone()];
    match operation.id.as_str() {
        "raise_access_request" | "evaluate_jit_rules" => {
            let disclose_at = app.now() + TimeDelta::days(30);
            let demand = json!({"kind": "legal_demand", "reason": "Court order 17.", "disclose_at": disclose_at});
            let script = json!({"kind": "reviewed_maintenance_script", "reason": "Index rebuild.",
                "script": {"id": "S-17", "reviewer": "Robin Lee"}});
            all.extend([demand, script].map(|exclusion| with(body.clone(), json!({"exclusion": exclusion}))));
        }
        "put_environment" => {
            let from = json!({"copied_from": null, "restored_from": body["copied_from"]});
            all.push(with(body.clone(), from));
        }
        _ => {}
    }
    all
}

/// Sends a body; whoever gets a password wrong may go on trying.
async fn send_body(app: &TestApp, operation: &Operation, call: &Call, body: &Value) -> Answer {
    app.state.sign_in_limit.succeeded(None, body["email"].as_str().unwrap_or_default());
    send(app, operation, call, Some(body.to_string()), &[]).await
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_and_nothing_is_stored() {
    let app = TestApp::new().await;
    let document = document();
    let (mut tried, mut wrong) = (0, Vec::new());
    for operation in operations().into_iter().filter(|one| one.body.is_some()) {
        let schema = operation.body.as_ref().unwrap();
        let mut not_bent = BTreeSet::new();
        properties(&document, schema, "", &mut not_bent);
        let mut call = call_for(&app, &operation, MERIDIAN).await;
        let largest =
            if operation.id == "report_grant_actions" { lockbox_api::provider::ACTIONS_BODY_MAX } else { 64 << 10 };
        for whole in good_bodies(&app, &operation, call.body.as_ref().unwrap()) {
            let mut cases = Vec::new();
            bend(&document, schema, &whole, "", &mut cases);
            // Making the session of who calls is no part of the call.
            let caller = actor_of(&app, &operation).await;
            let mut watch = Watch::new(&app);
            for (what, field, body) in cases {
                let large = body.to_string().len() > largest;
                let answer = if operation.is_provider() {
                    send_body(&app, &operation, &call, &body).await
                } else {
                    app.state.sign_in_limit.succeeded(None, body["email"].as_str().unwrap_or_default());
                    caller.call(&call.method, &call.path, &[("if-match", &call.if_match)], Some(body.to_string())).await
                };
                tried += 1;
                let named = |pointer: &String| *pointer == field || pointer.starts_with(&format!("{field}/"));
                let good = match answer.status.as_u16() {
                    413 => large,
                    422 => answer.pointers().iter().any(named),
                    200 => operation.id == "report_grant_actions" && told_in_result(&answer, &field),
                    _ => false,
                };
                if !good {
                    wrong.push(format!("{}: {what}: {} {}", operation.id, answer.status, answer.text));
                }
                // Of an action the log has that its report was faulty.
                let is_kept = answer.status == 200;
                if watch.changed() && !is_kept {
                    wrong.push(format!("{}: {what}: something was stored", operation.id));
                }
                not_bent.remove(&field);
            }
            // What was bent was good before: nothing else was wrong with it.
            let answer = send_body(&app, &operation, &call, &whole).await;
            assert!(answer.status.is_success(), "{}: {}", operation.id, answer.text);
            call = call_for(&app, &operation, MERIDIAN).await;
        }
        if !not_bent.is_empty() {
            wrong.push(format!("{}: no good body here has {not_bent:?}: give it one", operation.id));
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    println!("{tried} wrong bodies, each named its field");
}

/// One action that is wrong keeps no other out of the log, and comes into it as a faulty report alone, so that no fault hides
/// an action.
#[tokio::test]
async fn of_a_batch_only_the_actions_that_are_right_are_stored_as_such() {
    let app = TestApp::new().await;
    let operation = operations().into_iter().find(|one| one.id == "report_grant_actions").unwrap();
    let call = call_for(&app, &operation, MERIDIAN).await;
    let good = call.body.as_ref().unwrap()["actions"][0].clone();
    let later = app.now() + TimeDelta::hours(1);
    let wrong = [
        with(good.clone(), json!({"id": "wrong-1", "operation": "", "statement": "SELECT wrong_1"})),
        with(good.clone(), json!({"id": "wrong-2", "time": later, "statement": "SELECT wrong_2"})),
        with(good.clone(), json!({"id": "wrong-3", "target": "wrong\u{0}_3", "statement": "SELECT wrong_3"})),
        // What drivers return for a statement that counts no rows.
        with(good.clone(), json!({"id": "wrong-4", "rows": -1, "statement": "SELECT wrong_4"})),
        without(with(good.clone(), json!({"id": "wrong-5", "statement": "SELECT wrong_5"})), "time"),
        with(good.clone(), json!({"id": "wrong-6", "outcome": "done", "statement": "SELECT wrong_6"})),
        with(good.clone(), json!({"id": "wrong-7", "colour": "blue", "statement": "SELECT wrong_7"})),
        with(good.clone(), json!({"id": 17, "operation": "wrong-8", "statement": "SELECT wrong_8"})),
        // Nobody hides one action without an id behind another.
        without(with(good.clone(), json!({"operation": "wrong-9", "statement": "SELECT wrong_9"})), "id"),
        without(with(good.clone(), json!({"operation": "wrong-10", "statement": "SELECT wrong_10"})), "id"),
        json!("wrong"),
    ];
    let faults =
        ["operation:", "time:", "target:", "rows:", "time:", "outcome:", "colour:", "id:", "id:", "id:", "action:"];
    let number = wrong.len();
    let mut actions = vec![with(good.clone(), json!({"id": "right-1", "statement": "SELECT right_1"}))];
    actions.extend(wrong);
    actions.push(with(good, json!({"id": "right-2", "statement": "SELECT right_2"})));
    let answer = send_body(&app, &operation, &call, &json!({"actions": actions})).await;
    let results = answer.is(200)["results"].clone();
    let told: Vec<&str> = results.as_array().unwrap().iter().map(|one| one["result"].as_str().unwrap()).collect();
    let expected = [&["recorded"], &vec!["invalid"; number][..], &["recorded"]].concat();
    assert_eq!(told, expected, "{results}");
    assert_eq!(answer.json()["accepted"], 2);
    for (result, fault) in results.as_array().unwrap()[1..].iter().zip(faults) {
        assert!(result["detail"].as_str().unwrap().starts_with(fault), "{result}: {fault}");
    }
    assert_eq!(
        (&results[4]["id"], &results[8]["id"], &results[9]["id"]),
        (&json!("wrong-4"), &json!("17"), &json!(""))
    );
    let stored = |word: &str| dump(&app).values().flatten().filter(|row| row.contains(word)).count();
    assert!(stored("right_1") > 0 && stored("right_2") > 0 && stored("right-1") > 0);
    let events = dump(&app)["events"].clone();
    for number in 1..number {
        let (name, statement) = (format!("wrong-{number}"), format!("wrong_{number}\""));
        let found: Vec<_> = events.iter().filter(|row| row.contains(&statement)).collect();
        assert!(found.len() == 1 && found[0].contains(&name), "{number}: {found:?}");
    }
    assert_eq!(events.iter().filter(|row| row.contains("faulty_report")).count(), number, "also of what is no action");
    // Its id is still free: mended, it is an action like any other.
    assert!(!dump(&app)["grant_actions"].iter().any(|row| row.contains("wrong-")));
}

fn without(mut action: Value, field: &str) -> Value {
    action.as_object_mut().unwrap().remove(field);
    action
}

/// The sign-out takes its session with it.
fn takes_no_body(operation: &Operation) -> bool {
    operation.body.is_none() && !operation.reads() && operation.is_customer() && operation.id != "sign_out"
}

#[tokio::test]
async fn a_body_where_none_belongs_is_refused_and_nothing_happens() {
    let app = TestApp::new().await;
    let mut tried = 0;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    for operation in operations().into_iter().filter(takes_no_body) {
        let call = call_for(&app, &operation, MERIDIAN).await;
        let send = |body: String| admin.call(&call.method, &call.path, &[], Some(body));
        let mut watch = Watch::new(&app);
        let wrong = send(r#"{"colour":"blue"}"#.to_owned()).await;
        wrong.problem(422, "invalid_field");
        assert_eq!(wrong.pointers(), ["/colour"], "{}", operation.id);
        send("[]".to_owned()).await.problem(422, "invalid_field");
        send("{".to_owned()).await.problem(400, "malformed_body");
        send(format!("{{{}}}", " ".repeat(64 << 10))).await.problem(413, "body_too_large");
        assert!(!watch.changed(), "{}: something was stored", operation.id);
        let good = send("{}".to_owned()).await;
        assert!(good.status.is_success(), "{}: {}", operation.id, good.text);
        tried += 1;
    }
    assert!(tried >= 4, "{tried}");
}

#[tokio::test]
async fn a_change_names_the_version_that_it_was_made_from() {
    let app = TestApp::new().await;
    let document = document();
    let mut tried = 0;
    for operation in operations() {
        let described = &document["paths"][&operation.path][operation.method.to_lowercase()]["parameters"];
        let named = described.as_array().is_some_and(|all| all.iter().any(|one| one["name"] == "If-Match"));
        if !named {
            continue;
        }
        let call = call_for(&app, &operation, MERIDIAN).await;
        let person = actor_of(&app, &operation).await;
        let body = call.body.as_ref().map(Value::to_string);
        let mut watch = Watch::new(&app);
        let without = person.call(&call.method, &call.path, &[], body.clone()).await;
        without.problem(428, "precondition_required");
        let stale = person.call(&call.method, &call.path, &[("if-match", "\"999999\"")], body).await;
        stale.problem(412, "version_conflict");
        assert!(stale.json()["current_version"].is_u64(), "{}: {}", operation.id, stale.text);
        assert!(!watch.changed(), "{}: something was stored", operation.id);
        tried += 1;
    }
    assert!(tried >= 5, "{tried}");
}

#[tokio::test]
async fn what_is_no_json_or_too_large_is_refused() {
    let app = TestApp::new().await;
    for operation in operations().into_iter().filter(|one| one.body.is_some()) {
        let call = call_for(&app, &operation, MERIDIAN).await;
        for text in ["", "{", "nonsense", "{} {}", "\u{feff}{}"] {
            let answer = send(&app, &operation, &call, Some(text.to_owned()), &[]).await;
            let status = answer.status.as_u16();
            assert!(matches!(status, 400 | 422), "{} {text:?}: {}", operation.id, answer.text);
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
        for text in ["[]", "17", "null", "\"text\""] {
            send(&app, &operation, &call, Some(text.to_owned()), &[]).await.problem(422, "invalid_field");
        }
        let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
        let answer = send(&app, &operation, &call, Some(deep), &[]).await;
        assert!(matches!(answer.status.as_u16(), 400 | 422), "{}", answer.text);
        let limit =
            if operation.id == "report_grant_actions" { lockbox_api::provider::ACTIONS_BODY_MAX } else { 64 << 10 };
        let mut padded = call.body.as_ref().unwrap().to_string();
        padded.push_str(&" ".repeat(limit + 1 - padded.len()));
        send(&app, &operation, &call, Some(padded.clone()), &[]).await.problem(413, "body_too_large");
        // One byte less, and it is a good call.
        padded.pop();
        let answer = send(&app, &operation, &call, Some(padded), &[]).await;
        assert!(answer.status.is_success(), "{}: {}", operation.id, answer.text);
    }
}

#[tokio::test]
async fn hostile_text_stays_text_or_is_refused_by_name() {
    let app = TestApp::new().await;
    let hostile = [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; DROP TABLE events; --",
        "{{7*7}} ${7*7} %00 \\u0000",
        "\u{202E}gnp.exe\u{202C}",
        "line one\r\nBcc: everybody@evil.example",
        "bell\u{7} escape\u{1b}[31m",
        "=cmd|' /C calc'!A0",
        "\u{200B}invisible",
    ];
    let (mut kept, mut refused) = (0, 0);
    for operation in operations().into_iter().filter(|one| one.body.is_some()) {
        let mut call = call_for(&app, &operation, MERIDIAN).await;
        for text in hostile {
            for pointer in strings(call.body.as_ref().unwrap()) {
                let mut body = call.body.clone().unwrap();
                *body.pointer_mut(&pointer).unwrap() = json!(text);
                app.state.sign_in_limit.succeeded(None, body["email"].as_str().unwrap_or_default());
                let answer = send(&app, &operation, &call, Some(body.to_string()), &[]).await;
                let context = || format!("{} {pointer} {text:?}: {} {}", operation.id, answer.status, answer.text);
                if answer.status.is_success() {
                    assert_eq!(answer.header("content-type"), "application/json", "{}", context());
                    assert_eq!(answer.header("x-content-type-options"), "nosniff");
                    kept += 1;
                    call = call_for(&app, &operation, MERIDIAN).await;
                } else if answer.status == 422 {
                    assert!(answer.pointers().iter().any(|one| one.starts_with(&pointer)), "{}", context());
                    refused += 1;
                } else {
                    // An organisation of that name does not exist; nobody signs in as that.
                    assert!(matches!(answer.status.as_u16(), 404 | 401), "{}", context());
                }
            }
        }
    }
    println!("{kept} kept as text, {refused} refused by name");
    assert!(kept > 50 && refused > 50, "{kept} {refused}");
}

/// Pointers to every text in a body.
fn strings(value: &Value) -> Vec<String> {
    let below = |key: &str, value: &Value| strings(value).into_iter().map(|rest| format!("/{key}{rest}")).collect();
    match value {
        Value::String(_) => vec![String::new()],
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(at, item)| -> Vec<String> { below(&at.to_string(), item) }).collect()
        }
        Value::Object(fields) => fields.iter().flat_map(|(key, field)| -> Vec<String> { below(key, field) }).collect(),
        _ => Vec::new(),
    }
}
