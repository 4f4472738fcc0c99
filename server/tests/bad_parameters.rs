//! A query parameter that is unknown, wrong, too long or doubled is told by its name, at every operation.

use lockbox_api::logs::FILTER_VALUES_MAX;
use serde_json::Value;

use crate::support::{
    Answer, Caller, TestApp,
    database::Watch,
    operations::{Call, actor_of, call_for},
    schema::{Operation, document, operations, resolve},
    world::MERIDIAN,
};

/// Longer than anything that a parameter may hold.
const LONG: usize = 5_000;

/// What is wrong with a parameter: the name that must be told, and how the parameters then read.
type Case = (String, String);

/// A value that the parameter takes.
fn good_value(schema: &Value, name: &str) -> String {
    match (name, schema["type"].as_str()) {
        _ if schema["enum"].is_array() => schema["enum"][0].as_str().unwrap().to_owned(),
        ("from" | "to", _) => "2026-11-01T00:00:00Z".to_owned(),
        (_, Some("integer")) => "1".to_owned(),
        (_, Some("boolean")) => "true".to_owned(),
        _ => "payroll".to_owned(),
    }
}

/// Every way in which a parameter can be wrong, by what the description says of it.
fn cases_of(document: &Value, parameter: &Value) -> Vec<Case> {
    let name = parameter["name"].as_str().unwrap();
    let (mut schema, _) = resolve(document, &parameter["schema"]);
    let repeatable = schema["type"] == "array";
    if repeatable {
        schema = resolve(document, &schema["items"]).0;
    }
    let good = good_value(&schema, name);
    let mut wrong = vec!["x".repeat(LONG), "%ff".to_owned(), "%zz".to_owned()];
    let more: &[&str] = match (name, schema["type"].as_str()) {
        ("limit", _) => &["0", "201", "-1", "x", "1.5", "", "99999999999999999999"],
        ("wait", _) => &["61", "-1", "x", "1.5", "", "99999999999999999999"],
        ("cursor", _) => &["x", "1.2.3x.%C3", "99999999999999999999", "%00"],
        ("from" | "to", _) => &["yesterday-ish", "2026-13-01", "17", "now-1000000000d", "%00"],
        (_, Some("integer")) => &["-1", "x", "1.5", "", "99999999999999999999"],
        (_, Some("boolean")) => &["maybe", "1", ""],
        _ if schema["enum"].is_array() => &["purple", "", "APPROVED", "%00"],
        _ => &["a%00b"],
    };
    wrong.extend(more.iter().map(|value| (*value).to_owned()));
    let mut cases: Vec<String> = wrong.into_iter().map(|value| format!("{name}={value}")).collect();
    if repeatable {
        // The same value twice is one value; of the words of an enumeration there are never too many.
        if !schema["enum"].is_array() {
            let values = (0..=FILTER_VALUES_MAX).map(|at| format!("{name}={good}{at}"));
            cases.push(values.collect::<Vec<_>>().join("&"));
        }
    } else {
        cases.push(format!("{name}={good}&{name}={good}"));
    }
    cases.into_iter().map(|text| (name.to_owned(), text)).collect()
}

async fn send(app: &TestApp, operation: &Operation, call: &Call, caller: &impl Caller, path: &str) -> Answer {
    let headers = [("if-match", call.if_match.as_str())];
    let body = call.body.as_ref().map(ToString::to_string);
    if operation.is_provider() {
        app.provider().call(&call.method, path, &headers, body).await
    } else {
        caller.call(&call.method, path, &headers, body).await
    }
}

#[tokio::test]
async fn unknown_wrong_long_and_doubled_parameters_are_named() {
    let app = TestApp::new().await;
    let document = document();
    let (mut tried, mut wrong) = (0, Vec::new());
    for operation in operations().into_iter().filter(|one| one.is_customer() || one.is_provider()) {
        let described = &document["paths"][&operation.path][operation.method.to_lowercase()]["parameters"];
        let parameters: Vec<&Value> =
            described.as_array().into_iter().flatten().filter(|one| one["in"] == "query").collect();
        let call = call_for(&app, &operation, MERIDIAN).await;
        let path = call.path.split('?').next().unwrap();
        let mut cases: Vec<Case> = vec![("colour".to_owned(), "colour=blue".to_owned())];
        cases.extend(parameters.iter().flat_map(|parameter| cases_of(&document, parameter)));
        // What must be there comes along, unless it is what is bent; and once it is left out.
        for parameter in parameters.iter().filter(|one| one["required"] == true) {
            let name = parameter["name"].as_str().unwrap();
            let good = good_value(&resolve(&document, &parameter["schema"]).0, name);
            let others = cases.iter_mut().filter(|(bent, _)| bent != name);
            others.for_each(|(_, text)| text.push_str(&format!("&{name}={good}")));
            cases.push((name.to_owned(), String::new()));
        }
        let caller = actor_of(&app, &operation).await;
        let mut watch = Watch::new(&app);
        for (name, text) in cases {
            let answer = send(&app, &operation, &call, &caller, &format!("{path}?{text}")).await;
            tried += 1;
            let shown = text.chars().take(60).collect::<String>();
            if answer.status != 422 || answer.pointers() != [name.as_str()] {
                let text: String = answer.text.chars().take(300).collect();
                wrong.push(format!("{} ?{shown}: {} {text}", operation.id, answer.status));
            }
            if watch.changed() {
                wrong.push(format!("{} ?{shown}: something was stored", operation.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 500, "{tried}");
    println!("{tried} wrong parameters, each named");
}
