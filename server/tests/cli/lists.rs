//! What the provider keeps in step, and what it can look up.

use serde_json::json;

use crate::support::{Demo, text};

#[test]
fn what_is_put_is_there_and_putting_it_again_changes_nothing() {
    let demo = Demo::start();
    let organization = ["organization", "put", "org_acme", "--name", "Acme"];
    assert_eq!(demo.run(&organization).is(0).out, "organisation org_acme: added\n");
    assert_eq!(demo.run(&organization).is(0).out, "organisation org_acme: up to date\n");
    let environment = ["environment", "put", "env_erp", "--organization", "org_acme", "--name", "ERP", "--service"];
    let environment = |service: &str, more: &[&str]| demo.run(&[&environment[..], &[service], more].concat());
    environment("nothing", &[]).says(3, &["/service: The catalog has no such service.", "req_"]);
    assert_eq!(environment("azure-sql-database", &["--database", "--json"]).is(0).json(), json!({"created": true}));
    let mine = ["--organization", "org_acme"];
    let delete = |id: &str| demo.run(&[&["environment", "delete", id], &mine[..]].concat());
    demo.run(&["environment", "put", "env_old", mine[0], mine[1], "--name", "Old", "--service", "azure-sql-database"])
        .is(0);
    assert_eq!(delete("env_old").is(0).out, "environment env_old: deleted\n");
    assert_eq!(delete("env_old").is(0).out, "environment env_old: deleted\n");
    delete("env_unknown").says(3, &["req_"]);
    let message = json!([{"id": "m-1", "author": "provider", "author_name": "Robin Lee", "at": "2026-11-22T08:00:00Z",
        "text": "We look into it."}]);
    let file = demo.file("messages.json", &message.to_string());
    let ticket = ["service-request", "put", "17", "--organization", "org_acme", "--title", "Nightly job fails"];
    let more = ["--severity", "high", "--environment", "env_erp", "--messages", text(&file)];
    assert_eq!(demo.run(&[&ticket[..], &more].concat()).is(0).out, "support request 17: added\n");

    // Lockbox is off for the new organisation: access opens with the reason, and the exit code is that of open access.
    let mine = ["--organization", "org_acme", "--environment", "env_erp", "--service-request", "17"];
    let file = demo.file("request.json", &crate::support::request().to_string());
    let tried = demo.run(&[&["request", "raise", text(&file), "--dry-run"], &mine[..]].concat()).is(0).out;
    assert!(
        tried.contains("Not required. Lockbox is off for this organisation.") && tried.contains("Nothing was raised")
    );
    let id = demo.raise(&mine);
    assert!(demo.run(&["request", "wait", &id]).is(0).out.contains("Not required"));
    let list = |more: &[&str]| demo.run(&[&["request", "list"], more].concat()).is(0).out;
    let acme = list(&["--organization", "org_acme"]);
    assert!(acme.lines().count() == 2 && acme.contains(&id) && acme.contains("active"), "{acme}");
    assert_eq!(list(&["--organization", "org_acme", "--status", "denied"]), "No requests.\n");
    assert!(list(&["--organization", "org_acme", "--access-state", "active"]).contains(&id));
    assert_eq!(list(&["--organization", "org_acme", "--access-state", "revoked"]), "No requests.\n");
    let few = list(&["--limit", "3"]);
    assert!(few.lines().count() == 5 && few.ends_with("or 0 for all.\n"), "{few}");
    let all = demo.run(&["request", "list", "--limit", "0", "--json"]).is(0).json();
    let all = all["items"].as_array().unwrap().len();
    assert!(all > 10, "the demo's story: {all}");
    assert_eq!(list(&["--limit", "0"]).lines().count(), all + 1);
}

#[test]
fn one_key_raises_one_request_however_often_the_command_is_run() {
    let demo = Demo::start();
    let first = demo.raise(&["--idempotency-key", "run-17"]);
    assert_eq!(demo.raise(&["--idempotency-key", "run-17"]), first);
    assert_ne!(demo.raise(&[]), first);
}

#[test]
fn the_catalog_tells_what_can_be_asked_for() {
    let demo = Demo::start();
    let all = demo.run(&["catalog"]).is(0).out;
    assert!(all.contains("azure-sql-database") && all.contains("4 days"), "{all}");
    let one = demo.run(&["catalog", "azure-sql-database"]).is(0).out;
    assert!(one.contains("ExecuteSqlViaLockbox") && one.contains("Reaches"), "{one}");
    assert_eq!(demo.run(&["catalog", "azure-sql-database", "--json"]).is(0).json()["id"], "azure-sql-database");
    demo.run(&["catalog", "nothing"]).says(2, &["the catalog has no such service", "azure-sql-database"]);
}
