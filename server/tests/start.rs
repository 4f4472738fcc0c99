//! The binary as somebody starts it: exit codes, lines, signals.
#![expect(clippy::unwrap_used, reason = "a test that can't go on shall stop where it is")]

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

fn lockbox() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockbox"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LOCKBOX_") {
            command.env_remove(name);
        }
    }
    command
}

/// Exit code and the only line on standard error.
fn refused(output: &Output) -> (i32, String) {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1, "one line: {text}");
    assert!(output.stdout.is_empty());
    (output.status.code().unwrap(), lines[0].to_owned())
}

#[test]
fn wrong_settings_stop_the_start_with_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lockbox.toml");
    std::fs::write(&file, "lisen = 'x'\n").unwrap();
    let catalog = dir.path().join("catalog.toml");
    std::fs::write(&catalog, "version = '1'\nprovider = ''\nservice = []\n").unwrap();
    let (file, catalog) = (file.to_str().unwrap(), catalog.to_str().unwrap());
    for (flags, named) in [
        (&["--listen", "nowhere"][..], "--listen"),
        (&["--demo", "--listen", "0.0.0.0:0"], "--listen"),
        (&["--database-url", "postgres://u:hunter2@h/d"], "--database-url"),
        (&["--public-url", "lockbox"], "--public-url"),
        (&["--config", file], "lisen in "),
        (&["--config", "/no/such/file"], "--config"),
        (&["--lisen", "x"], "--lisen"),
        (&["--listen"], "--listen"),
    ] {
        let output = lockbox().arg("serve").args(flags).current_dir(dir.path()).output().unwrap();
        let (code, line) = refused(&output);
        assert_eq!(code, 2, "{flags:?}: {line}");
        assert!(line.starts_with("lockbox: ") && line.contains(named), "{flags:?}: {line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    let data = tempfile::tempdir().unwrap();
    for (flags, named) in [
        (["--catalog", catalog], "catalog.toml, line 2: provider"),
        (["--jit-rules", "/no/such/file"], "/no/such/file"),
    ] {
        let output = lockbox().args(["serve", "--listen", "127.0.0.1:0"]).args(flags).current_dir(data.path()).output();
        let (code, line) = refused(&output.unwrap());
        assert!(code == 2 && line.contains(named), "{flags:?}: {line}");
        assert!(line.starts_with(&format!("lockbox: {}: ", flags[0])), "{line}");
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0, "{flags:?}: no half-made data folder is left");
    }
    // A file where the folder should be, and a database in a folder that is not there.
    let nowhere = format!("sqlite:{}/no/such/lockbox.db", data.path().display());
    for flags in [["--data-dir", file], ["--database-url", &nowhere]] {
        let output = lockbox().args(["serve", "--listen", "127.0.0.1:0"]).args(flags).current_dir(data.path()).output();
        let (code, line) = refused(&output.unwrap());
        assert!(code == 1 && line.starts_with(&format!("lockbox: {}: ", flags[0])), "{flags:?}: {line}");
    }
    let output = lockbox().arg("serve").env("LOCKBOX_LOG_LEVEL", "loud").output().unwrap();
    assert!(refused(&output).1.contains("LOCKBOX_LOG_LEVEL"));
    // What is found wrong only when it is used is named in the form in which it was given, too.
    let missing = "/no/such/file";
    for (variable, value) in [
        ("LOCKBOX_CATALOG", missing),
        ("LOCKBOX_JIT_RULES", missing),
        ("LOCKBOX_DATA_DIR", file),
        ("LOCKBOX_DATABASE_URL", &nowhere),
        ("LOCKBOX_WEBHOOK_CA_FILE", missing),
    ] {
        let settings = data.path().join("settings.toml");
        let key = variable.trim_start_matches("LOCKBOX_").to_lowercase();
        std::fs::write(&settings, format!("{key} = '{value}'\n")).unwrap();
        let serve = || {
            let mut serve = lockbox();
            serve.args(["serve", "--listen", "127.0.0.1:0"]).current_dir(data.path());
            serve
        };
        let line = refused(&serve().env(variable, value).output().unwrap()).1;
        assert!(line.starts_with(&format!("lockbox: {variable}: ")), "{line}");
        let line = refused(&serve().arg("--config").arg(&settings).output().unwrap()).1;
        assert!(line.starts_with(&format!("lockbox: {key} in {}: ", settings.display())), "{line}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "nothing was made");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let dir = tempfile::tempdir().unwrap();
    let output = lockbox().args(["serve", "--listen", &address]).current_dir(dir.path()).output().unwrap();
    let (code, line) = refused(&output);
    assert_eq!(code, 1);
    assert!(line.contains("--listen") && line.contains(&address), "{line}");
}

#[test]
fn help_and_version_answer() {
    for argument in ["--help", "--version", "help"] {
        let output = lockbox().arg(argument).output().unwrap();
        assert!(output.status.success() && !output.stdout.is_empty(), "{argument}");
    }
    let help = String::from_utf8(lockbox().args(["serve", "--help"]).output().unwrap().stdout).unwrap();
    for flag in ["--listen", "--data-dir", "--database-url", "--public-url", "--demo", "--config", "--smtp-host"] {
        assert!(help.contains(flag), "{flag} is missing in\n{help}");
    }
}

#[test]
fn the_document_is_printed() {
    let output = lockbox().arg("openapi").output().unwrap();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

/// The demo in a folder, on a free port; what it prints can be read, its log goes to `log`.
fn demo(folder: &std::path::Path, settings: &[&str], log: Stdio) -> Running {
    let mut serve = lockbox();
    serve.args(["serve", "--demo", "--listen", "127.0.0.1:0"]).args(settings).current_dir(folder);
    Running(serve.stdout(Stdio::piped()).stderr(log).spawn().unwrap())
}

#[test]
fn the_demo_says_how_to_begin_and_its_line_works() {
    let dir = tempfile::tempdir().unwrap();
    let mut running = demo(dir.path(), &[], Stdio::null());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let mut told = Vec::new();
    let curl = loop {
        let line = lines.next().unwrap().unwrap();
        if line.trim_start().starts_with("curl ") {
            break line.trim().to_owned();
        }
        told.push(line);
    };
    let told = told.join("\n");
    for part in [
        "approver@meridian.example",
        "admin@meridian.example",
        "The password of every account is: demo",
        "lbk_",
        "/demo/mail",
    ] {
        assert!(told.contains(part), "{part} is missing in\n{told}");
    }
    let ask = || {
        let output = Command::new("sh").args(["-c", &curl]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let (first, again) = (ask(), ask());
    assert_eq!(first["status"], "customer_notified", "{first}");
    assert_eq!(first["id"], again["id"], "the same key gives the same request");
}

#[test]
fn it_starts_says_where_answers_and_stops() {
    for signal in ["-TERM", "-INT"] {
        let dir = tempfile::tempdir().unwrap();
        let child = lockbox()
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut running = Running(child);
        let mut stdout = BufReader::new(running.0.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{line}");

        let health = lockbox().args(["healthcheck", "--listen", &address]).output().unwrap();
        assert!(health.status.success(), "{}", String::from_utf8_lossy(&health.stderr));

        let begin = Instant::now();
        running.signal(signal);
        let status = running.0.wait().unwrap();
        assert!(status.success(), "{signal}: {status}");
        assert!(begin.elapsed() < Duration::from_secs(10));
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line on standard output");
        let mut log = String::new();
        running.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        for line in log.lines() {
            let _: serde_json::Value = serde_json::from_str(line).unwrap();
        }
        assert!(log.contains("stopping"), "{log}");

        let health = lockbox().args(["healthcheck", "--listen", &address]).output().unwrap();
        assert_eq!(refused(&health).0, 1);
    }
}

const REQUEST: &str = r#"{"organization_id": "org_meridian", "environment_id": "env_payroll",
    "service_request_id": "2611210050001234",
    "engineer": {"id": "eng-417", "name": "Engineer 417", "jit_role": "support_engineer", "isolated_identity": true,
        "mfa": true},
    "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
    "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
    "justification": "Deadlocks in the nightly run.", "access_minutes": 240}"#;

#[test]
fn a_request_is_tried_on_the_rules_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("request.json");
    let check = |text: &str, more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        let output =
            lockbox().args(["jit", "check", file.to_str().unwrap()]).args(more).current_dir(dir.path()).output();
        let output = output.unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), out, String::from_utf8(output.stderr).unwrap())
    };
    let service = ["--service", "azure-sql-database"];
    let (code, out, _) = check(REQUEST, &service);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.contains("It goes on to the Lockbox check.") && out.contains("Multi-factor authentication: Used"),
        "{out}"
    );
    let (code, out, _) = check(&REQUEST.replace("\"read\"", "\"delete\""), &service);
    assert!(code == 10 && out.contains("Support lead") && out.contains("delete-needs-support-lead"), "{code} {out}");
    let no_mfa = REQUEST.replace("\"mfa\": true", "\"mfa\": false");
    let (code, out, _) = check(&no_mfa, &[&service[..], &["--json"]].concat());
    let printed: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, printed["evaluation"]["outcome"].as_str()), (11, Some("rejected")));
    assert_eq!(printed["evaluation"]["factors"].as_array().unwrap().len(), 11);
    for (text, more, told) in [
        (REQUEST, &[][..], "name one with --service"),
        (REQUEST, &["--service", "nothing"], "the catalog has no service"),
        ("{", &service, "Not JSON at line 1"),
        (&REQUEST.replace("\"justification\"", "\"why\""), &service, "/why"),
        (&REQUEST.replace("240", "100000"), &service, "/access_minutes"),
        (REQUEST, &["--service", "azure-sql-database", "--jit-rules", "/no/such/file"], "/no/such/file"),
    ] {
        let (code, out, error) = check(text, more);
        assert!(code == 2 && out.is_empty() && error.lines().count() == 1 && error.contains(told), "{told}: {error}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing was made");
}

#[test]
fn a_wrong_catalog_is_told_in_log_and_metrics_and_a_right_one_is_taken_over() {
    let dir = tempfile::tempdir().unwrap();
    let catalog = dir.path().join("catalog.toml");
    let shipped = include_str!("../data/catalog.toml");
    std::fs::write(&catalog, shipped).unwrap();
    let child = lockbox()
        .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--catalog", catalog.to_str().unwrap()])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut running = Running(child);
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
    let mut log = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let metrics = || {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        std::io::Write::write_all(&mut stream, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let mut told = |word: &str| log.by_ref().map(Result::unwrap).find(|line| line.contains(word)).unwrap();

    // Two environments of one service, one of another, and one that is removed.
    let file = dir.path().join("start.toml");
    let environment = |id: &str, service: &str| {
        format!(
            "[[organization.environment]]\nid = \"{id}\"\nname = \"{id}\"\nservice = \"{service}\"\nregion = \"x\"\nhas_database = true\n"
        )
    };
    let mut start = "[[organization]]\nid = \"org_a\"\nname = \"A\"\n".to_owned();
    for (id, service) in [("env_1", "azure-storage"), ("env_2", "azure-storage"), ("env_3", "azure-batch")] {
        start.push_str(&environment(id, service));
    }
    std::fs::write(&file, start).unwrap();
    let put = lockbox().args(["provision", file.to_str().unwrap()]).current_dir(dir.path()).output().unwrap();
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));

    std::fs::write(&catalog, shipped.replacen("queue_hours = 96", "queue_hours = 0", 1)).unwrap();
    let line = told("what was in force is kept");
    assert!(line.contains("catalog.toml, line ") && line.contains("service[0].queue_hours"), "{line}");
    let text = metrics();
    let wrong = text.lines().find(|line| line.starts_with("lockbox_data_file_wrong{")).unwrap().to_owned();
    assert!(
        wrong.contains("field=\"service[0].queue_hours\"") && wrong.contains("line=\"") && wrong.ends_with(" 1"),
        "{wrong}"
    );

    std::fs::write(&catalog, shipped.replacen("version = \"", "version = \"next-", 1)).unwrap();
    let line = told("are in force");
    assert!(line.contains("catalog next-"), "{line}");
    assert!(!metrics().contains("lockbox_data_file_wrong{"), "right again");

    // Right, and without a service that environments use.
    let renamed = shipped.replacen("id = \"azure-storage\"", "id = \"other-storage\"", 1);
    std::fs::write(&catalog, renamed.replacen("version = \"", "version = \"later-", 1)).unwrap();
    let line = told("the catalog has no service");
    assert!(line.contains("azure-storage") && line.contains("(2)") && line.contains("WARN"), "{line}");
    running.signal("-TERM");
    assert!(running.0.wait().unwrap().success());
}

/// Found: a role that a rule demands and nobody has was found out by whoever waited for it in vain.
#[test]
fn an_approval_that_no_account_can_give_is_told_at_the_start_with_new_rules_and_with_each_request() {
    let dir = tempfile::tempdir().unwrap();
    let rules = dir.path().join("rules.toml");
    let shipped = include_str!("../data/jit-rules.toml");
    let with = |role: &str, version: &str| {
        let changed = shipped.replacen("role = \"devops_manager\"", &format!("role = \"{role}\""), 1);
        assert_ne!(changed, shipped);
        std::fs::write(&rules, changed.replacen("version = \"", &format!("version = \"{version}-"), 1)).unwrap();
    };
    with("night_lead", "a");
    let settings = ["--log-format", "json", "--jit-rules", rules.to_str().unwrap()];
    let mut running = demo(dir.path(), &settings, Stdio::piped());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let curl = lines.by_ref().map(Result::unwrap).find(|line| line.trim_start().starts_with("curl ")).unwrap();
    let mut log = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let mut told = |word: &str| log.by_ref().map(Result::unwrap).find(|line| line.contains(word)).unwrap();
    let line = told("demand an approval that no account can give");
    assert!(line.contains("WARN") && line.contains("night_lead") && !line.contains("support_lead"), "{line}");

    let administer = curl.trim().replacen("\"read\"", "\"administer\"", 1);
    assert_ne!(administer, curl.trim());
    let output = Command::new("sh").args(["-c", &administer]).output().unwrap();
    let raised: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(raised["status"], "awaiting_internal_approval", "{raised}");
    let line = told("waits for an approval that no account can give");
    assert!(line.contains("WARN") && line.contains("night_lead"), "{line}");
    assert!(line.contains(raised["id"].as_str().unwrap()), "{line}");

    with("day_lead", "b");
    told("are in force");
    let line = told("demand an approval that no account can give");
    assert!(line.contains("day_lead") && !line.contains("night_lead"), "{line}");
    running.signal("-TERM");
    assert!(running.0.wait().unwrap().success());
}
