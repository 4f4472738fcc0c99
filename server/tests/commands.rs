//! What the operator does at the machine, while the server runs on the same folder.

use std::{path::Path, process::Command, sync::Arc};

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    operations::approved,
    process::{Http, Server},
    world::{MERIDIAN, NORTHSTAR, question},
};

/// Runs the binary on a folder; exit code, standard output, standard error.
pub fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockbox"));
    let output = command.args(arguments).arg("--data-dir").arg(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Runs it, expects success and one line of JSON.
pub fn json_of(folder: &Path, arguments: &[&str]) -> Value {
    let (code, out, error) = run(folder, arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

fn ask(server: &Server, key: &str, path: &str, body: &Value) -> u16 {
    let headers = [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Http::connect(server.address).unwrap().call("POST", path, &headers, Some(body)).unwrap().0
}

#[tokio::test]
async fn clients_are_added_shown_changed_rotated_and_revoked_while_the_server_runs() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let check = format!("/provider/v1/grants/{}/check", request["access"]["grant_id"].as_str().unwrap());
    let folder = Arc::clone(&app.folder);
    drop(app);
    let server = Server::start(folder.path());
    let folder = folder.path();
    let asks = |key: &str| ask(&server, key, &check, &question(MERIDIAN));

    let made = json_of(
        folder,
        &["client", "add", "--name", "Gate", "--organization", MERIDIAN.id, "--scope", "grants:check", "--json"],
    );
    let (id, first) = (made["client_id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert_eq!(asks(first), 200);
    assert_eq!(ask(&server, first, "/provider/v1/access-requests", &json!({})), 403);
    let rotated = json_of(folder, &["client", "rotate", id, "--overlap", "24h", "--json"]);
    let second = rotated["key"].as_str().unwrap();
    assert_eq!((asks(first), asks(second)), (200, 200));
    let (code, third, _) = run(folder, &["client", "rotate", id, "--overlap", "0"]);
    assert_eq!(code, 0);
    assert_eq!((asks(first), asks(second), asks(third.trim())), (401, 401, 200));

    let (code, _, _) = run(folder, &["client", "update", id, "--organization", NORTHSTAR.id]);
    assert_eq!((code, asks(third.trim())), (0, 404), "it does not speak of Meridian any more");
    assert_eq!(run(folder, &["client", "update", id, "--all-organizations", "--name", "Gates"]).0, 0);
    assert_eq!(asks(third.trim()), 200);

    let all = json_of(folder, &["client", "list", "--json"]);
    let shown = all["items"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(shown["name"], "Gates");
    assert_eq!(shown["scopes"], json!(["grants:check"]));
    assert_eq!((&shown["organization_ids"], &shown["revoked_at"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["keys"].as_array().unwrap().len(), 3);
    assert!(!all.to_string().contains("lbk_"), "keys are never shown again");
    let (_, table, _) = run(folder, &["client", "list"]);
    assert!(table.contains(&format!("{id}  Gates")) && table.contains("may        grants:check"), "{table}");

    assert_eq!(run(folder, &["client", "revoke", id]).0, 0);
    assert_eq!(asks(third.trim()), 401);
    for (arguments, told) in [
        (&["client", "revoke", id][..], "revoked"),
        (&["client", "rotate", "cli_none"], "no such client"),
        (&["client", "rotate", id, "--overlap", "91d"], "revoked"),
        (&["client", "rotate", "cli_all", "--overlap", "91d"], "90 days"),
        (&["client", "add", "--name", " "], "/name"),
        (&["client", "add", "--name", "x", "--organization", "org_none"], "org_none"),
        (&["client", "add", "--name", "x", "--scope", "everything"], "requests:decide"),
    ] {
        let (code, out, error) = run(folder, arguments);
        assert!(
            code != 0 && out.is_empty() && error.lines().count() == 1 && error.contains(told),
            "{arguments:?}: {error}"
        );
    }
}

#[tokio::test]
async fn keys_that_sign_leases_are_shown_and_changed_while_the_server_runs() {
    let app = TestApp::new().await;
    let folder = Arc::clone(&app.folder);
    drop(app);
    let server = Server::start(folder.path());
    let folder = folder.path();
    let published = || {
        let answer = Http::connect(server.address).unwrap().call("GET", "/.well-known/jwks.json", &[], None).unwrap();
        assert_eq!(answer.0, 200);
        let keys = answer.1["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = published();
    let next = json_of(folder, &["keys", "rotate", "--json"])["id"].as_str().unwrap().to_owned();
    let wait = |wanted: &[&String]| {
        let begin = std::time::Instant::now();
        while published().iter().collect::<Vec<_>>() != wanted {
            assert!(begin.elapsed() < std::time::Duration::from_secs(5), "{:?}", published());
            std::thread::yield_now();
        }
    };
    wait(&[&first[0], &next]);
    let shown = json_of(folder, &["keys", "list", "--json"]);
    assert_eq!(shown["items"].as_array().unwrap().len(), 2);
    assert!(shown["items"][0]["ends_at"].is_string() && shown["items"][1]["ends_at"].is_null(), "{shown}");
    assert!(!shown.to_string().contains("seed"));
    let (code, told, _) = run(folder, &["keys", "rotate", "--at-once"]);
    assert_eq!(code, 0);
    let last = told.split(' ').next().unwrap().to_owned();
    wait(&[&last]);
    assert!(run(folder, &["keys", "list"]).1.starts_with(&format!("{last}  signs since ")));
}
