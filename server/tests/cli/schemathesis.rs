//! The provider API held to its own description by Schemathesis: made-up calls, right and wrong ones, none of which may fail
//! the server, be answered in a shape that is not described, or be let in without a key.
//!
//! `LOCKBOX_TEST_SCHEMATHESIS` names the program; `cargo xtask test` installs it and sets it. Without it the test fails.

use std::process::Command;

use crate::support::{Demo, KEY};

/// Seconds for all of it.
const SECONDS: &str = "40";

#[test]
fn the_provider_api_keeps_to_its_description() {
    let program = std::env::var_os("LOCKBOX_TEST_SCHEMATHESIS").expect(
        "LOCKBOX_TEST_SCHEMATHESIS must name Schemathesis 4.32.5: run `cargo xtask test`, which installs it, or set it to \
         target/schemathesis/bin/schemathesis",
    );
    let demo = Demo::start();
    let (pending, approved) = (demo.raise(&[]), demo.raise(&[]));
    demo.decide(&approved, "approve");
    let request = demo.run(&["request", "show", &approved, "--json"]).is(0).json();
    // Things that exist, so that calls get further than to 404; no call is held for longer than it may take; and a wrong
    // action is told in its own result, so that it keeps no other out of the log.
    let config = format!(
        "[parameters]\n\"path.organization_id\" = \"org_meridian\"\n\n\
         [[operations]]\ninclude-path-regex = \"^/provider/v1/access-requests/\"\n\
         parameters = {{ \"path.id\" = \"{pending}\", \"query.wait\" = 0 }}\n\n\
         [[operations]]\ninclude-path-regex = \"^/provider/v1/grants/\"\nparameters = {{ \"path.id\" = \"{}\" }}\n\n\
         [[operations]]\ninclude-path = \"/provider/v1/grants/{{id}}/actions\"\n\
         checks = {{ negative_data_rejection = {{ enabled = false }} }}\n",
        request["access"]["grant_id"].as_str().unwrap()
    );
    let config = demo.file("schemathesis.toml", &config);
    let status = Command::new(program)
        .arg("--config-file")
        .arg(config)
        .args(["run", &format!("{}/provider/openapi.json", demo.url())])
        .args(["--header", &format!("Authorization: Bearer {KEY}")])
        .args(["--max-time", SECONDS, "--seed", "7", "--no-shrink", "--continue-on-failure", "--no-color"])
        .args(["--phases", "coverage,fuzzing"])
        // What a field may hold is told by the rules, field by field, and not by the schema: right by the schema alone is
        // not right yet.
        // What is no method of a path may be refused for its parameters before that is noticed.
        .args(["--exclude-checks", "positive_data_acceptance,unsupported_method"])
        .current_dir(demo.folder.path())
        .stdout(std::fs::File::create(demo.folder.path().join("schemathesis.log")).unwrap())
        .status()
        .unwrap();
    let log = std::fs::read_to_string(demo.folder.path().join("schemathesis.log")).unwrap();
    assert!(status.success(), "{log}");
    let described = demo.run(&["openapi", "--api", "provider"]).is(0).json();
    let operations: usize =
        described["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert!(log.contains(&format!("Tested: {operations}\n")), "every operation was tried: {log}");
    let cases = log.split("Test cases:\n  ").nth(1).and_then(|text| text.split(' ').next()?.parse::<usize>().ok());
    assert!(cases.is_some_and(|cases| cases > 200), "{log}");
}
