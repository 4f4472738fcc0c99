//! The examples of the guide, run against the real server: in the middle a customer decides.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Demo, KEY};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Runs an example on the example's request, decides when it has raised it; exit code, what it printed, the id.
fn story(demo: &Demo, mut example: Command, how: &str) -> (i32, String, String) {
    let mut child = example
        .arg(root().join("examples/request.json"))
        .env("LOCKBOX_URL", demo.url())
        .env("LOCKBOX_KEY", KEY)
        .env("LOCKBOX_BIN", env!("CARGO_BIN_EXE_lockbox"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    out.read_line(&mut said).unwrap();
    let Some(id) = said.trim().strip_prefix("raised ").map(str::to_owned) else {
        let mut error = String::new();
        child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        panic!("nothing was raised: {said}{error}");
    };
    demo.decide(&id, how);
    out.read_to_string(&mut said).unwrap();
    let mut error = String::new();
    child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    (child.wait().unwrap().code().unwrap(), said + &error, id)
}

/// The happy end and the other one, and what Lockbox knows of it afterwards.
fn check(example: impl Fn() -> Command) {
    let demo = Demo::start();
    let (code, said, id) = story(&demo, example(), "approve");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("granted grt_") && said.contains(" recorded") | said.contains("recorded "), "{said}");
    assert!(said.contains(&format!("completed {id}")), "{said}");
    let request = demo.run(&["request", "show", &id, "--json"]).is(0).json();
    assert_eq!(request["access"]["state"], "completed");
    let actions: Vec<&Value> =
        request["timeline"].as_array().unwrap().iter().filter(|step| step["kind"] == "action").collect();
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert_eq!(
        (&actions[0]["action"]["target"], &actions[0]["action"]["rows"]),
        (&json!("payroll.dbo.Pay"), &json!(3))
    );

    // The same request again, whose access has ended meanwhile: that is no access.
    let mut again = example();
    again.env("IDEMPOTENCY_KEY", "example-again");
    let (code, _, first) = story(&demo, again, "approve");
    assert_eq!(code, 0);
    let mut again = example();
    again.env("IDEMPOTENCY_KEY", "example-again").arg(root().join("examples/request.json"));
    let again = again.env("LOCKBOX_URL", demo.url()).env("LOCKBOX_KEY", KEY);
    let output = again.env("LOCKBOX_BIN", env!("CARGO_BIN_EXE_lockbox")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(15), "{output:?}");
    assert!(said.contains(&format!("raised {first}")) && !said.contains("granted"), "{said}");

    let (code, said, id) = story(&demo, example(), "deny");
    assert!(code == 10 && !said.contains("granted"), "{code} {said}");
    let request = demo.run(&["request", "show", &id, "--json"]).is(0).json();
    assert_eq!((&request["status"], &request["access"]["state"]), (&json!("denied"), &json!("none")));

    // A key that nobody has.
    let mut wrong = example();
    let output = wrong.arg(root().join("examples/request.json")).env("LOCKBOX_URL", demo.url());
    let output =
        output.env("LOCKBOX_KEY", "lbk_wrong").env("LOCKBOX_BIN", env!("CARGO_BIN_EXE_lockbox")).output().unwrap();
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stderr).contains("401"), "{output:?}");
}

#[test]
fn the_shell_example_works() {
    check(|| {
        let mut command = Command::new("sh");
        command.arg(root().join("examples/lockbox.sh"));
        command
    });
}

#[test]
fn the_python_example_works() {
    check(|| {
        // The standard library alone, whatever is installed beside it.
        let mut command = Command::new("python3");
        command.arg("-I").arg(root().join("examples/lockbox.py"));
        command
    });
}

/// Compiled by the compiler of the browser tests, which `cargo xtask test` installs; run by the same node.
#[test]
fn the_typescript_example_works() {
    let modules = root().join("tests/e2e/node_modules");
    let compiler = modules.join("typescript/bin/tsc");
    assert!(compiler.is_file(), "tests/e2e has no packages: run `cargo xtask test`, or `npm ci` in tests/e2e");
    let folder = tempfile::tempdir().unwrap();
    let types = modules.join("@types");
    let output = Command::new("node")
        .arg(compiler)
        .args(["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--erasableSyntaxOnly"])
        .args(["--target", "es2022", "--module", "nodenext", "--types", "node", "--typeRoots"])
        .arg(types)
        .arg("--outDir")
        .arg(folder.path())
        .arg(root().join("examples/lockbox.mts"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    check(|| {
        let mut command = Command::new("node");
        command.arg(folder.path().join("lockbox.mjs"));
        command
    });
}
