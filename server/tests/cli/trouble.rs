//! What goes wrong is said in one line, with a code that a script can branch on, and without the key.

use crate::support::{Demo, KEY, lockbox, text};

#[test]
fn each_kind_of_trouble_has_its_code_and_its_words() {
    let demo = Demo::start();
    demo.run(&["request", "show", "lbx_absent"]).says(3, &["Not found", "404", "req_"]);
    let refused = demo.run(&["request", "show", "lbx_absent", "--json"]).is(3);
    let problem: serde_json::Value = serde_json::from_str(&refused.err).unwrap();
    assert_eq!((problem["type"].as_str(), problem["status"].as_u64()), (Some("/problems/not_found"), Some(404)));
    demo.run(&["request", "show", ".."]).says(2, &["an id can't be"]);
    let unknown = demo.command(&["request", "list"]).env("LOCKBOX_KEY", "lbk_wrong").output().unwrap();
    crate::support::Ran::from(unknown).says(3, &["Sign in first", "401"]);

    let mut request = crate::support::request();
    request["justification"] = "".into();
    let file = demo.file("empty.json", &request.to_string());
    demo.run(&["request", "raise", text(&file)]).says(3, &["/justification: It must not be empty."]);
    request["why"] = 1.into();
    let file = demo.file("why.json", &request.to_string());
    demo.run(&["request", "raise", text(&file)]).says(2, &["the request: /why"]);
    demo.run(&["request", "raise", "/no/such/file"]).says(2, &["/no/such/file: can't be read"]);
    demo.run(&["request", "raise"]).says(2, &["the request: /organization_id"]);
    let file = demo.file("broken.json", "{");
    demo.run(&["request", "raise", text(&file)]).says(2, &["broken.json: Not JSON at line 1"]);
}

#[test]
fn the_connection_comes_from_flags_and_variables_and_the_key_from_no_flag() {
    let demo = Demo::start();
    let file = demo.file("key", &format!("{KEY}\n"));
    let run = |args: &[&str]| crate::support::Ran::from(lockbox().args(args).output().unwrap());
    let url = demo.url();
    run(&["request", "list", "--url", &url, "--key-file", text(&file)]).is(0);
    run(&["request", "list"]).says(2, &["--url", "LOCKBOX_URL"]);
    run(&["request", "list", "--url", &url]).says(2, &["--key-file", "LOCKBOX_KEY"]);
    run(&["request", "list", "--url", &url, "--key-file", "/no/such/key"]).says(2, &["/no/such/key", "can't be read"]);
    run(&["request", "list", "--url", &url, "--key", KEY]).says(2, &["--key"]);
    run(&["request", "list", "--url", "lockbox", "--key-file", text(&file)]).says(2, &["--url", "https://"]);
    run(&["request", "list", "--url", "http://10.0.0.7", "--key-file", text(&file)]).says(2, &["plain text", "https"]);
    run(&["request", "list", "--url", "http://127.0.0.1:1", "--key-file", text(&file)])
        .says(4, &["127.0.0.1:1", "reached"]);
    run(&["grant", "check", "grt_1"]).says(2, &["--engineer", "--environment", "--operation"]);
    run(&["request", "list", "--status", "purple"]).says(2, &["purple", "--status"]);
    run(&["request", "wait", "lbx_1", "--timeout", "soon"]).says(2, &["--timeout", "15m"]);
}
