//! `lockbox provision`: a start from one file.

use std::collections::BTreeMap;

use rusqlite::{Connection, types::ValueRef};

use crate::support::{Demo, Ran, call, lockbox, text};

const FILE: &str = r#"
[[provider.person]]
email = "lead@provider.example"
name = "Robin Lee"
roles = ["internal_approver"]

[[organization]]
id = "org_acme"
name = "Acme"

[[organization.environment]]
id = "env_erp"
name = "ERP"
service = "azure-sql-database"
region = "West Europe"
has_database = true

[[organization.person]]
email = "Ana@acme.example"
name = "Ana Ruiz"
roles = ["global_administrator"]
generate_password = true

[[organization.person]]
email = "ben@acme.example"
name = "Ben Okafor"
roles = ["lockbox_approver"]
environments = ["env_erp"]

[[organization.service_request]]
id = "2611220000000001"
title = "Nightly job fails"
severity = "high"
environment_id = "env_erp"

[[organization.service_request.message]]
id = "m-1"
author = "customer"
author_name = "Ben Okafor"
at = "2026-11-20T08:00:00Z"
text = "Since Thursday."
"#;

struct Folder(tempfile::TempDir);

/// Every row of every table but those of the text index, looked at with SQL of the test's own.
fn rows(folder: &Folder) -> BTreeMap<String, Vec<String>> {
    let database = Connection::open(folder.0.path().join("data/lockbox.db")).unwrap();
    let mut names = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'events_index%'")
        .unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let table = |name: &String| {
        let mut statement = database.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns = statement.column_count();
        let cell = |value: ValueRef<'_>| match value {
            ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other => format!("{other:?}"),
        };
        let row = |row: &rusqlite::Row<'_>| {
            Ok((0..columns).map(|at| cell(row.get_ref_unwrap(at))).collect::<Vec<_>>().join("|"))
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    };
    names.iter().map(|name| (name.clone(), table(name))).collect()
}

impl Folder {
    fn run(&self, file: &str, more: &[&str]) -> Ran {
        let path = self.0.path().join("start.toml");
        std::fs::write(&path, file).unwrap();
        let data = self.0.path().join("data");
        lockbox().args(["provision", text(&path), "--data-dir", text(&data)]).args(more).output().unwrap().into()
    }
}

#[test]
fn a_file_brings_everything_into_being_once_and_its_people_can_sign_in() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let dry = folder.run(FILE, &["--dry-run"]).is(0).out;
    assert!(dry.contains("would add person ana@acme.example") && !dry.contains("Passwords"), "{dry}");
    assert!(dry.ends_with("Nothing was changed: 6 would be added, 0 changed, 0 left as they are.\n"), "{dry}");

    let made = folder.run(FILE, &[]).is(0).out;
    assert!(made.contains("6 added, 0 changed, 0 left as they are."), "a dry run left nothing: {made}");
    let passwords: Vec<&str> = made.lines().filter(|line| line.starts_with("  ")).collect();
    let (email, password) = passwords[0].trim().split_once("  ").unwrap();
    assert_eq!((passwords.len(), email, password.len()), (1, "ana@acme.example", 29));

    let again = folder.run(FILE, &[]).is(0).out;
    assert_eq!(again, "0 added, 0 changed, 6 left as they are.\n");

    // What the file says differently is brought in step; what it does not name stays.
    let other = FILE.replace("\"ERP\"", "\"ERP 2\"").replace("environments = [\"env_erp\"]\n", "");
    let other = other.replace("[[organization.service_request.message]]", "[[organization.service_request.message]]\nid = \"m-0\"\nauthor = \"provider\"\nauthor_name = \"Robin Lee\"\nat = \"2026-11-21T08:00:00Z\"\ntext = \"We look.\"\n\n[[organization.service_request.message]]");
    let changed = folder.run(&other, &["--dry-run"]).is(0).out;
    assert!(changed.contains("would change environment env_erp (name: ERP → ERP 2)"), "{changed}");
    let changed = folder.run(&other, &["--json"]).is(0).json();
    let steps = changed["steps"].as_array().unwrap();
    let details: Vec<&str> = steps.iter().filter_map(|step| step["details"][0].as_str()).collect();
    assert_eq!(details, ["name: ERP → ERP 2", "environments: env_erp → all", "messages: 1 → 2"]);

    // The server on this folder knows them: who has a password signs in, who has none does not.
    let data = folder.0.path().join("data");
    let server = Demo::on(&data);
    let sign_in = |email: &str, password: &str| {
        let body = serde_json::json!({"email": email, "password": password});
        call(server.address, "POST", "/api/v1/session", "", Some(&body)).0
    };
    assert_eq!((sign_in("ana@acme.example", password), sign_in("ben@acme.example", "")), (200, 422));
    assert_eq!(sign_in("ben@acme.example", password), 401);
}

/// Found: an internal approver of the file could approve nothing, because the file could not say for which role.
#[test]
fn internal_approvers_of_the_file_approve_for_the_roles_that_it_names() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let named = |lines: &str| FILE.replace("[\"internal_approver\"]", &format!("[\"internal_approver\"]\n{lines}"));
    let file = named("approves_as = [\"support_lead\"]\nteam = \" Customer support \"\ngenerate_password = true");
    let made = folder.run(&file, &["--json"]).is(0).json();
    let password = made["passwords"].as_array().unwrap().iter().find(|one| one["email"] == "lead@provider.example");
    let password = password.unwrap()["password"].as_str().unwrap().to_owned();
    assert_eq!(folder.run(&file, &[]).is(0).out, "0 added, 0 changed, 6 left as they are.\n");
    // What the file does not name stays.
    assert_eq!(folder.run(FILE, &[]).is(0).out, "0 added, 0 changed, 6 left as they are.\n");
    let linked = named("engineer_ids = [\"eng-77\"]");
    let told = folder.run(&linked, &["--dry-run"]).is(0).out;
    assert!(told.contains("lead@provider.example (engineer_ids: none → eng-77)"), "{told}");
    let other = named("approves_as = [\"support_lead\", \"devops_manager\"]\nteam = \"\"");
    let changed = folder.run(&other, &["--dry-run"]).is(0).out;
    let told = "(approves_as: support_lead → support_lead, devops_manager; team: Customer support → none)";
    assert!(changed.contains(told), "{changed}");
    for (file, told) in [
        (named("approves_as = [\"cook\"]"), "provider.person[0].approves_as: No rule asks for the approval of"),
        (named(&format!("team = \"{}\"", "x".repeat(201))), "line 6: provider.person[0].team: It is 201 characters"),
        (
            named("team = \"T\"").replace("[\"internal_approver\"]", "[\"support_engineer\"]"),
            "line 6: provider.person[0].team: Only a person with the role internal_approver",
        ),
        (
            FILE.replace("[\"global_administrator\"]", "[\"global_administrator\"]\napproves_as = [\"support_lead\"]"),
            "organization[0].person[0].approves_as: Only people of the provider approve inside.",
        ),
    ] {
        let ran = folder.run(&file, &[]).is(2);
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    }

    // They find their role in the portal, and what nobody holds is told to the operator.
    let server = Demo::on(&folder.0.path().join("data"));
    let body = serde_json::json!({"email": "lead@provider.example", "password": password});
    let (status, head, _) = call(server.address, "POST", "/api/v1/session", "", Some(&body));
    assert_eq!(status, 200);
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let (_, _, list) = call(server.address, "GET", "/api/v1/internal-approvals", &cookie, None);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    assert_eq!(list["your_roles"], serde_json::json!(["support_lead"]), "{list}");
    let mut figures = String::new();
    for _ in 0..100 {
        figures = call(server.address, "GET", "/metrics", "", None).2;
        if figures.contains("role_unheld{") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let unheld: Vec<&str> = figures.lines().filter(|line| line.contains("role_unheld{")).collect();
    assert_eq!(unheld, ["lockbox_internal_approval_role_unheld{role=\"devops_manager\"} 1"]);
}

#[test]
fn what_is_wrong_is_told_by_file_line_and_field_and_nothing_is_done() {
    let folder = Folder(tempfile::tempdir().unwrap());
    let wrong = |from: &str, to: &str, told: &str| {
        let file = FILE.replacen(from, to, 1);
        assert_ne!(file, FILE, "{from}");
        let ran = folder.run(&file, &[]).is(2);
        assert!(ran.out.is_empty() && ran.err.lines().count() == 1, "{ran:?}");
        assert!(ran.err.contains("start.toml, line ") && ran.err.contains(told), "{told}: {}", ran.err);
    };
    wrong("name = \"Acme\"", "name = \"\"", "start.toml, line 9: organization[0].name: It must not be empty.");
    wrong("azure-sql-database", "nothing", "line 14: organization[0].environment[0].service: The catalog has no");
    wrong("[\"env_erp\"]", "[\"env_other\"]", "line 28: organization[0].person[1].environments[0]: There is no such");
    wrong(
        "environment_id = \"env_erp\"",
        "environment_id = \"env_x\"",
        "organization[0].service_request[0].environment_id",
    );
    wrong("Since Thursday.", "", "line 41: organization[0].service_request[0].message[0].text: It must not be empty.");
    wrong("[\"internal_approver\"]", "[\"member\"]", "line 5: provider.person[0].roles[0]: This role belongs to");
    wrong(
        "[\"global_administrator\"]",
        "[\"support_engineer\"]",
        "organization[0].person[0].roles[0]: This role belongs",
    );
    wrong("[\"global_administrator\"]", "[]", "line 21: organization[0].person[0].roles: Give at least one role.");
    wrong("Ana@acme.example", "ana", "line 19: organization[0].person[0].email: This is not an e-mail address.");
    wrong("ben@acme.example", "ana@ACME.example", "line 25: organization[0].person[1].email: It stands in the file");
    wrong("generate_password = true", "password = \"hunter2 hunter2\"", "organization[0].person[0].password");
    wrong("severity = \"high\"", "severity = \"awful\"", "line 33: organization[0].service_request[0].severity");
    wrong("id = \"org_acme\"", "id = \"org_provider\"", "organization[0].id: This is the id of the provider's own");
    wrong("[[organization]]", "[organization", "start.toml, line ");
    let ran = folder.run(FILE, &["--dry-run"]).is(0).out;
    assert!(ran.contains("6 would be added"), "nothing of all that is left: {ran}");
    assert!(lockbox().args(["provision", "/no/such/file"]).output().unwrap().status.code() == Some(2));
}

#[test]
fn the_last_administrator_stays_one_and_an_address_stays_where_it_is() {
    let folder = Folder(tempfile::tempdir().unwrap());
    folder.run(FILE, &[]).is(0);
    let demoted = FILE.replace("[\"global_administrator\"]", "[\"member\"]");
    folder.run(&demoted, &[]).says(2, &["organization[0].person[0].roles", "last global administrator"]);
    let moved = FILE.replace("lead@provider.example", "new@provider.example").replace("org_acme", "org_other");
    folder.run(&moved, &[]).says(2, &["organization[0].person[0].email", "in another organisation"]);
    let same = folder.run(FILE, &["--dry-run"]).is(0).out;
    assert!(same.ends_with("0 would be added, 0 changed, 6 left as they are.\n"), "{same}");
}

/// All four kinds: applied again and again nothing is there twice, and not a row is written; another file changes what it
/// says and nothing else; a wrong one changes nothing, however much of it is right.
#[test]
fn again_and_again_not_a_row_is_added_and_a_wrong_file_changes_none() {
    let folder = Folder(tempfile::tempdir().unwrap());
    folder.run(FILE, &[]).is(0);
    let first = rows(&folder);
    let of = |rows: &BTreeMap<String, Vec<String>>, name: &str, word: &str| {
        rows[name].iter().filter(|row| row.contains(word)).count()
    };
    let things = [
        ("organizations", "org_acme"),
        ("environments", "env_erp"),
        ("service_requests", "2611220000000001"),
        ("messages", "Since Thursday."),
        ("people", "ana@acme.example"),
        ("people", "ben@acme.example"),
        ("people", "lead@provider.example"),
    ];
    for (table, word) in things {
        assert_eq!(of(&first, table, word), 1, "{table} {word}");
    }
    for _ in 0..2 {
        folder.run(FILE, &[]).is(0);
        assert!(rows(&folder) == first, "something was written for what is there already");
    }
    // What stands before the fault is right and new, and is not kept either.
    let wrong = FILE.replace("\"Acme\"", "\"Acme 2\"").replace("\"ERP\"", "\"ERP 2\"").replace("Ana Ruiz", "Ana R.");
    let wrong = wrong.replace("Nightly job fails", "Fails").replace("Since Thursday.", "");
    folder
        .run(&wrong, &[])
        .says(2, &["start.toml, line 41: organization[0].service_request[0].message[0].text: It must"]);
    assert!(rows(&folder) == first, "a wrong file changed something");

    let other = wrong.replace("text = \"\"", "text = \"Since Thursday.\"").replace("\"high\"", "\"critical\"");
    let other = other.replace("West Europe", "North Europe").replace("Robin Lee", "Robin L.");
    folder.run(&other, &[]).is(0);
    let changed = rows(&folder);
    for (table, word) in things {
        assert_eq!(of(&changed, table, word), 1, "{table} {word}");
    }
    for (table, word) in [
        ("organizations", "Acme 2"),
        ("environments", "ERP 2"),
        ("environments", "North Europe"),
        ("service_requests", "Fails"),
        ("service_requests", "critical"),
        ("people", "Ana R."),
        ("people", "Robin L."),
    ] {
        assert_eq!(of(&changed, table, word), 1, "{table} {word}: {:?}", changed[table]);
    }
    for table in ["organizations", "environments", "service_requests", "messages", "people"] {
        assert_eq!(changed[table].len(), first[table].len(), "{table}");
    }
    let ben = |rows: &BTreeMap<String, Vec<String>>| {
        rows["people"].iter().find(|row| row.contains("ben@acme.example")).cloned()
    };
    assert_eq!(ben(&changed), ben(&first), "who stands in both files as they were is not touched");
    folder.run(&other, &[]).is(0);
    assert!(rows(&folder) == changed);
}
