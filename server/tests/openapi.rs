//! The API description that is checked in is the one that the code makes.

use crate::support::{TestApp, actors::Caller, schema::operations};

#[test]
fn the_description_that_is_checked_in_is_the_one_that_the_code_makes() {
    let made = lockbox_server::http::openapi::text().unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/lockbox-v1.json");
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    if made != kept {
        let line = made.lines().zip(kept.lines()).position(|(made, kept)| made != kept);
        panic!(
            "openapi/lockbox-v1.json differs from the code from line {} on. If the change is meant, write it anew with \
             `cargo run -p lockbox-server -- openapi > openapi/lockbox-v1.json`.",
            line.unwrap_or_else(|| made.lines().count().min(kept.lines().count())) + 1
        );
    }
}

#[tokio::test]
async fn the_server_hands_it_out() {
    let app = TestApp::new().await;
    let served = app.anonymous().get("/api/openapi.json").await;
    assert_eq!(served.text, lockbox_server::http::openapi::text().unwrap());
    assert_eq!(served.header("content-type"), "application/json");
    assert_eq!(served.json()["openapi"], "3.1.0");
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
