//! Waiting: what is said meanwhile, and the exit code that tells how it ended.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use crate::support::{Demo, KEY, lockbox, text};

/// Starts `lockbox request wait`, reads what it says first, does something, and gives exit code, output, what was said.
fn wait(demo: &Demo, args: &[&str], then: impl FnOnce()) -> (i32, String, String) {
    let mut child = demo.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    err.read_line(&mut said).unwrap();
    then();
    err.read_to_string(&mut said).unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    (child.wait().unwrap().code().unwrap(), out, said)
}

#[test]
fn the_exit_code_tells_how_it_ended_and_what_is_no_terminal_gets_plain_lines() {
    let demo = Demo::start();
    for (how, code, words) in [("approve", 0, "Approved"), ("deny", 10, "Denied")] {
        let id = demo.raise(&[]);
        let (ended, out, said) = wait(&demo, &["request", "wait", &id], || demo.decide(&id, how));
        assert_eq!(ended, code, "{out}{said}");
        assert!(out.starts_with(&format!("{id}  {words}\n")), "{out}");
        assert!(said.starts_with("Waiting for the customer's decision on lbx_") && said.lines().count() == 1, "{said}");
        assert!(!said.contains('\u{1b}') && !out.contains('\u{1b}'));
    }
    let id = demo.raise(&[]);
    let (code, ..) = wait(&demo, &["request", "wait", &id], || {
        demo.run(&["request", "cancel", &id, "--engineer", "eng-417"]).is(0);
    });
    assert_eq!(code, 12);
    let id = demo.raise(&[]);
    let ran = demo.run(&["request", "wait", &id, "--timeout", "1s", "--json"]).is(14);
    assert_eq!(ran.json()["status"], "customer_notified");
    assert!(ran.err.ends_with("Not decided within the time that was given.\n"), "{}", ran.err);
    // Expired by the clock; nobody swept.
    demo.advance(97 * 3_600);
    assert!(demo.run(&["request", "wait", &id]).is(11).out.contains("Expired"));
    // Approved, and over before anybody looked: that is no access.
    let id = demo.raise(&[]);
    demo.decide(&id, "approve");
    demo.decide(&id, "revoke");
    let ran = demo.run(&["request", "wait", &id]).is(15);
    assert!(ran.out.starts_with(&format!("{id}  Approved\n")) && ran.out.contains("revoked at"), "{}", ran.out);
    assert_eq!(demo.run(&["request", "wait", &id, "--quiet"]).is(15).out, "", "no grant that a script could use");
    assert_eq!(demo.run(&["request", "wait", &id, "--json"]).is(15).json()["access"]["state"], "revoked");
    let id = demo.raise(&[]);
    demo.decide(&id, "approve");
    assert!(demo.run(&["request", "wait", &id, "--quiet"]).is(0).out.starts_with("grt_"));
    demo.advance(25 * 3_600);
    assert!(demo.run(&["request", "wait", &id]).is(15).out.contains("lapsed"));
    // Raised and waited for in one command.
    let file = demo.file("request.json", &crate::support::request().to_string());
    let (code, out, said) = wait(&demo, &["request", "raise", text(&file), "--wait", "--timeout", "1s"], || ());
    assert!(code == 14 && said.starts_with("Raised lbx_") && out.starts_with("lbx_"), "{code} {out} {said}");
}

#[test]
fn internal_approval_is_waited_for_by_name_and_its_rejection_has_a_code() {
    let demo = Demo::start();
    let id = demo.raise(&["--permission", "delete"]);
    let decide = |how: &str, role: &str| {
        let args = ["request", "decide", &id, how, "--approver", "lead-1", "--name", "Robin Lee", "--role", role];
        demo.run(&[&args[..], &["--justification", "Not without a copy."]].concat())
    };
    decide("--approve", "cook").says(3, &["/role", "that of support_lead"]);
    let (code, out, said) = wait(&demo, &["request", "wait", &id], || drop(decide("--reject", "support_lead").is(0)));
    assert!(said.contains("Waiting for internal approval (Support lead) on"), "{said}");
    assert!(code == 13 && out.contains("rejected by Stratus"), "{code} {out}");
    // A request that a rule rejects is raised, and says so.
    let mut request = crate::support::request();
    request["engineer"]["mfa"] = false.into();
    let file = demo.file("no-mfa.json", &request.to_string());
    let ran = demo.run(&["request", "raise", text(&file)]).is(13);
    assert!(ran.out.contains("Rejected") && ran.out.contains("JIT rules"), "{}", ran.out);
}

/// A terminal as Python's `pty` makes it: the command sees one on standard output and standard error.
#[test]
fn a_terminal_counts_down() {
    const RUN: &str = "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let demo = Demo::start();
    let id = demo.raise(&[]);
    let mut child = Command::new("python3")
        .args(["-c", RUN, env!("CARGO_BIN_EXE_lockbox"), "request", "wait", &id])
        .env("LOCKBOX_URL", demo.url())
        .env("LOCKBOX_KEY", KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut seen = String::new();
    let mut byte = [0];
    // Until two different figures have stood there.
    while seen.matches(" left").count() < 3 {
        assert!(out.read(&mut byte).unwrap() == 1, "it ended: {seen}");
        seen.push(char::from(byte[0]));
    }
    let figures: std::collections::BTreeSet<&str> =
        seen.split("\r\u{1b}[2K").filter_map(|part| part.strip_suffix(" left")).collect();
    assert!(figures.len() >= 2 && figures.iter().all(|figure| figure.starts_with("95:59:")), "{seen:?}");
    assert!(seen.contains("Waiting for the customer's decision on"), "{seen:?}");
    demo.decide(&id, "approve");
    out.read_to_string(&mut seen).unwrap();
    assert!(child.wait().unwrap().success(), "{seen:?}");
    let end = seen.rsplit("\u{1b}[2K").next().unwrap();
    assert!(end.starts_with(&format!("{id}  Approved")), "the countdown is gone: {end:?}");
}

#[test]
fn waiting_goes_on_when_the_server_is_away_for_a_moment() {
    let mut demo = Demo::start();
    let id = demo.raise(&[]);
    let mut child =
        demo.command(&["request", "wait", &id]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    demo.stop();
    line.clear();
    err.read_line(&mut line).unwrap();
    assert!(line.starts_with("Lockbox can't be reached") && line.contains("trying again"), "{line}");
    demo.start_again();
    demo.decide(&id, "deny");
    assert_eq!(child.wait().unwrap().code(), Some(10));
    let gone = lockbox().args(["request", "show", &id, "--url", "http://127.0.0.1:1"]).env("LOCKBOX_KEY", KEY).output();
    assert_eq!(gone.unwrap().status.code(), Some(4));
}
