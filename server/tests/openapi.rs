//! The API descriptions that are checked in are those that the code makes.

use lockbox_server::http::openapi::{self, Side};
use serde_json::Value;

use crate::support::{
    TestApp,
    actors::Caller,
    schema::{document, operations},
};

#[test]
fn the_descriptions_that_are_checked_in_are_those_that_the_code_makes() {
    for (made, file, flags) in [
        (openapi::text().unwrap(), "lockbox-v1.json", ""),
        (openapi::text_of(Side::Provider).unwrap(), "lockbox-provider-v1.json", " --api provider"),
    ] {
        let path = format!("{}/../openapi/{file}", env!("CARGO_MANIFEST_DIR"));
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        if made != kept {
            let line = made.lines().zip(kept.lines()).position(|(made, kept)| made != kept);
            panic!(
                "openapi/{file} differs from the code from line {} on. If the change is meant, write it anew with \
                 `cargo run -p lockbox-server -- openapi{flags} > openapi/{file}`.",
                line.unwrap_or_else(|| made.lines().count().min(kept.lines().count())) + 1
            );
        }
    }
}

/// What a generator of clients would stumble over: words that are not those on the wire, references to nothing.
#[test]
fn words_are_those_on_the_wire_and_every_reference_leads_somewhere() {
    let (text, whole) = (openapi::text().unwrap(), document());
    let schemas = whole["components"]["schemas"].as_object().unwrap();
    for rest in text.split("\"#/components/schemas/").skip(1) {
        let name = rest.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name} is missing");
    }
    let mut words = 0;
    for (name, schema) in schemas {
        for word in schema["enum"].as_array().into_iter().flatten() {
            // Activities are the names of operations in the log, in words.
            let word = word.as_str().unwrap();
            let wire = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            assert!(wire || word.contains(' ') || word.contains('-'), "{name}: {word}");
            words += 1;
        }
    }
    assert!(words > 50, "{words}");
    let listed = |path: &str| {
        whole
            .pointer(&format!(
                "/paths/{}/get/responses/200/content/application~1json/schema/$ref",
                path.replace('/', "~1")
            ))
            .unwrap()
    };
    assert_eq!(listed("/api/v1/lockbox-requests"), "#/components/schemas/Page_LockboxRequestSummary");
    assert_eq!(listed("/provider/v1/access-requests"), "#/components/schemas/Page_AccessRequestSummary");
}

/// Both sides together are the whole, apart from what is for the operator; each is complete in itself.
#[test]
fn each_side_is_described_with_what_it_uses_and_no_more() {
    let whole = document();
    let mut paths = 0;
    for (side, prefixes, schemes) in [
        (Side::Customer, &["/api/"][..], vec!["session", "token"]),
        (Side::Provider, &["/provider/", "/.well-known/"][..], vec!["key"]),
    ] {
        let text = openapi::text_of(side).unwrap();
        let part: Value = serde_json::from_str(&text).unwrap();
        for (path, item) in part["paths"].as_object().unwrap() {
            assert!(prefixes.iter().any(|prefix| path.starts_with(prefix)), "{path}");
            assert_eq!(item, &whole["paths"][path]);
            paths += 1;
        }
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&part["components"]["securitySchemes"]), schemes);
        let schemas = names(&part["components"]["schemas"]);
        for name in &schemas {
            assert!(text.contains(&format!("\"#/components/schemas/{name}\"")), "{name} is used by nothing");
        }
        for rest in text.split("\"#/components/schemas/").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(schemas.iter().any(|known| known == name), "{name} is missing");
        }
        assert!(
            part["tags"].as_array().unwrap().iter().all(|tag| text.matches(tag["name"].as_str().unwrap()).count() > 1)
        );
    }
    let operators = ["/healthz", "/readyz", "/metrics"].len();
    assert_eq!(paths + operators, whole["paths"].as_object().unwrap().len());
}

#[tokio::test]
async fn the_server_hands_it_out() {
    let app = TestApp::new().await;
    let served = app.anonymous().get("/api/openapi.json").await;
    assert_eq!(served.text, lockbox_server::http::openapi::text().unwrap());
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.json()["openapi"], "3.1.0");
    let served = app.anonymous().get("/provider/openapi.json").await;
    assert_eq!(served.text, openapi::text_of(Side::Provider).unwrap());
    assert_eq!(served.header("content-type"), "application/json");
}

#[test]
fn what_changes_something_takes_no_parameters_and_ids_are_unique() {
    let operations = operations();
    for operation in &operations {
        assert!(operation.reads() || operation.query.is_empty(), "{}", operation.id);
    }
    let ids: std::collections::BTreeSet<_> = operations.iter().map(|one| &one.id).collect();
    assert_eq!(ids.len(), operations.len());
}
