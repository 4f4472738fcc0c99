//! The shipped files fit together and judge as they say; wrong files are told apart in one line.

mod services;

use std::{collections::HashSet, fs};

use lockbox_api::{
    Time,
    catalog::Catalog,
    jit::{EvaluationOutcome, JitRules, PermissionLevel, ResourceScope, RuleOutcome},
    lockbox::{Policy, Scope},
    requests::Engineer,
};
use lockbox_rules::{
    catalog::service,
    jit::{self, JitResult, Subject, evaluate},
    lockbox_check::{Asked as Reached, LockboxCheck, check},
};

use super::*;

fn shipped() -> (Catalog, JitRules) {
    let catalog = load_catalog(None).unwrap();
    let rules = load_rules(None, &catalog).unwrap();
    (catalog, rules)
}

#[test]
fn the_shipped_files_are_valid_and_fit_together() {
    let (catalog, rules) = shipped();
    assert_eq!(jit::check_references(&rules, &catalog), []);
    assert_eq!(catalog.provider, "Stratus");
}

#[test]
fn every_operation_is_described_for_people() {
    let (catalog, _) = shipped();
    for service in &catalog.services {
        assert!(service.data_stores.iter().any(|store| store.protectable), "{}: nothing to protect", service.id);
        let mut friendly = HashSet::new();
        for operation in &service.operations {
            let here = format!("{} {}", service.id, operation.name);
            assert!(operation.name.ends_with("ViaLockbox") && operation.name.is_ascii(), "{here}");
            assert!(friendly.insert(&operation.friendly_name), "{here}: a friendly name twice");
            assert!(!operation.friendly_name.ends_with('.'), "{here}");
            for sentence in [Some(&operation.reaches), operation.does_not_reach.as_ref()] {
                let sentence = sentence.unwrap_or_else(|| panic!("{here}: says not what it can't reach"));
                assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{here}: {sentence}");
            }
        }
    }
    let stores: Vec<(&str, bool)> = service(&catalog, "power-platform")
        .unwrap()
        .data_stores
        .iter()
        .map(|store| (store.id.as_str(), store.protectable))
        .collect();
    assert_eq!(stores, [("sql", true), ("cosmos_db", false), ("storage", false)]);
}

/// The request that the demo's `curl` line raises, and the knobs that the rules look at.
struct Asked {
    engineer: Engineer,
    targets: Vec<String>,
    level: PermissionLevel,
    scope: Option<ResourceScope>,
}

impl Asked {
    fn demo() -> Self {
        Self {
            engineer: Engineer {
                id: "eng-417".to_owned(),
                name: "Engineer 417".to_owned(),
                team: Some("Database support".to_owned()),
                jit_role: "support_engineer".to_owned(),
                isolated_identity: true,
                mfa: true,
                location: None,
            },
            targets: vec!["payroll.dbo.*".to_owned()],
            level: PermissionLevel::Read,
            scope: None,
        }
    }

    fn judged(change: impl Fn(&mut Self)) -> JitResult {
        let mut asked = Self::demo();
        change(&mut asked);
        let subject = Subject {
            engineer: &asked.engineer,
            service: "azure-sql-database",
            service_name: "Azure SQL Database",
            operations: &["ExecuteSqlViaLockbox".to_owned()],
            targets: &asked.targets,
            permission_level: asked.level,
            direct_data_access: true,
            access_minutes: 480,
            resource_scope: asked.scope,
        };
        evaluate(&shipped().1, &subject, Time::UNIX_EPOCH)
    }
}

fn matched(result: &JitResult) -> Vec<&str> {
    result.evaluation.rules.iter().map(|rule| rule.id.as_str()).collect()
}

#[test]
fn the_demo_request_goes_straight_to_the_customer() {
    let result = Asked::judged(|_| {});
    assert_eq!(result.evaluation.outcome, EvaluationOutcome::Continued);
    assert_eq!(matched(&result), [""; 0]);
    assert_eq!(result.access_minutes, 480);
    let (catalog, _) = shipped();
    let policy = Policy { scope: Scope::Some, environment_ids: vec!["env_payroll".into()] };
    for id in ["azure-sql-database", "power-platform"] {
        let asked = Reached {
            service: service(&catalog, id).unwrap(),
            operations: &["ExecuteSqlViaLockbox".to_owned()],
            data_stores: &["sql".to_owned()],
            direct_data_access: true,
            exclusion: None,
        };
        assert_eq!(check(true, &policy, &"env_payroll".into(), &asked), LockboxCheck::Required, "{id}");
    }
}

#[test]
fn every_rule_fires_where_it_should_and_alone() {
    use EvaluationOutcome::{Continued, InternalApprovalRequired, Rejected};
    let mut seen = HashSet::new();
    let mut row = |id: &str, outcome, role: Option<&str>, minutes, change: &dyn Fn(&mut Asked)| {
        let result = Asked::judged(change);
        assert_eq!(matched(&result), [id]);
        assert_eq!(result.evaluation.outcome, outcome, "{id}");
        assert_eq!(result.evaluation.internal_approval_role.as_deref(), role, "{id}");
        assert_eq!(result.access_minutes, minutes, "{id}");
        seen.insert(id.to_owned());
    };
    row("mfa-required", Rejected, None, 480, &|asked| asked.engineer.mfa = false);
    row("isolated-identity-required-to-change", Rejected, None, 480, &|asked| {
        asked.engineer.isolated_identity = false;
        asked.level = PermissionLevel::Write;
    });
    row("known-role-required", Rejected, None, 480, &|asked| asked.engineer.jit_role = "intern".to_owned());
    row("delete-needs-support-lead", InternalApprovalRequired, Some("support_lead"), 480, &|asked| {
        asked.level = PermissionLevel::Delete;
    });
    row("administer-needs-devops-manager", InternalApprovalRequired, Some("devops_manager"), 480, &|asked| {
        asked.level = PermissionLevel::Administer;
    });
    row("wide-access-at-most-4-hours", Continued, None, 240, &|asked| asked.targets.clear());

    let wide = Asked::judged(|asked| {
        asked.targets = vec!["*".to_owned()];
        asked.level = PermissionLevel::Write;
    });
    assert_eq!(matched(&wide), ["wide-change-needs-support-lead", "wide-access-at-most-4-hours"]);
    assert_eq!(wide.evaluation.internal_approval_role.as_deref(), Some("support_lead"));
    seen.insert("wide-change-needs-support-lead".to_owned());

    let everything = Asked::judged(|asked| asked.scope = Some(ResourceScope::Organization));
    assert_eq!(matched(&everything), ["organization-wide-needs-both", "wide-access-at-most-4-hours"]);
    assert_eq!(everything.evaluation.approval_roles(), ["support_lead", "devops_manager"]);
    assert_eq!(everything.evaluation.outcome, InternalApprovalRequired);
    seen.insert("organization-wide-needs-both".to_owned());

    let all: HashSet<String> = shipped().1.rules.into_iter().map(|rule| rule.id).collect();
    assert_eq!(seen, all, "every rule is tried here");
}

#[test]
fn reading_and_named_changes_by_known_roles_go_on() {
    for role in [
        "support_engineer",
        "escalation_engineer",
        "devops_engineer",
        "support_lead",
        "devops_manager",
        "data_engineer",
    ] {
        let read = Asked::judged(|asked| {
            asked.engineer.jit_role = role.to_owned();
            asked.engineer.isolated_identity = false;
        });
        assert_eq!(matched(&read), [""; 0], "{role} reads");
        let write = Asked::judged(|asked| {
            asked.engineer.jit_role = role.to_owned();
            asked.level = PermissionLevel::Write;
        });
        assert_eq!(matched(&write), [""; 0], "{role} changes what is named");
    }
    for level in [PermissionLevel::Write, PermissionLevel::Delete, PermissionLevel::Administer] {
        let result = Asked::judged(|asked| {
            asked.engineer.isolated_identity = false;
            asked.level = level;
        });
        assert_eq!(result.evaluation.outcome, EvaluationOutcome::Rejected, "{level}");
    }
}

#[test]
fn customers_can_read_the_rules() {
    for rule in shipped().1.rules {
        assert!(rule.description.ends_with('.') && !rule.description.contains('_'), "{}", rule.description);
        assert_ne!(rule.outcome, RuleOutcome::Continue);
    }
}

pub(super) const SERVICE: &str = "version = \"1\"\nprovider = \"P\"\n\n[[service]]\nid = \"a\"\nname = \"A\"\n\
    availability = \"preview\"\nqueue_hours = 12\ndefault_access_minutes = 60\nmax_access_minutes = 60\n\n\
    [[service.operation]]\nname = \"XViaLockbox\"\nfriendly_name = \"X\"\nreaches = \"X.\"\n";

pub(super) const RULE: &str = "version = \"1\"\n\n[[rule]]\nid = \"r\"\ndescription = \"R.\"\noutcome = \"reject\"\n\n[rule.when]\n\
    service = [\"a\"]\n";

#[test]
fn wrong_files_are_told_apart_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.toml");
    let told = |text: &str, rules: bool| {
        fs::write(&path, text).unwrap();
        let result = if rules {
            let catalog = toml::from_str(SERVICE).unwrap();
            load_rules(Some(&path), &catalog).map(drop)
        } else {
            load_catalog(Some(&path)).map(drop)
        };
        result.map_err(|wrong| {
            let message = wrong.to_string();
            assert!(!message.contains(char::is_control), "{message:?}");
            message.strip_prefix(&format!("{}, ", path.display())).unwrap_or_else(|| panic!("{message}")).to_owned()
        })
    };
    assert_eq!(told(SERVICE, false), Ok(()));
    assert_eq!(told(RULE, true), Ok(()));
    let rows = [
        ("queue_hours = 12", "queue_hours = 200", "line 8: service[0].queue_hours: It must be from 1 to 96."),
        ("queue_hours = 12", "queue_hours = \"long\"", "line 8: service[0].queue_hours: invalid type"),
        ("queue_hours = 12", "queue_hour = 12", "line 8: service[0].queue_hour: unknown field `queue_hour`"),
        ("queue_hours = 12\n", "", "line 4: service[0]: missing field `queue_hours`"),
        ("availability = \"preview\"", "availability = \"soon\"", "line 7: service[0].availability: unknown variant"),
        (
            "friendly_name = \"X\"",
            "friendly_name = \"\"",
            "line 14: service[0].operation[0].friendly_name: It must not",
        ),
        ("reaches = \"X.\"", "reaches = ", "line 15: "),
        ("provider = \"P\"", "provider = \" \"\nother = 1", "line 3: other: unknown field"),
        ("id = \"a\"\nname = \"A\"", "id = \"\"\nname = \"\"", "line 5: service[0].id: It must not be empty. (1 more)"),
    ];
    for (from, to, message) in rows {
        let text = SERVICE.replacen(from, to, 1);
        assert_ne!(text, SERVICE, "{from}");
        let found = told(&text, false).unwrap_err();
        assert!(found.starts_with(message), "{to}: {found}");
    }
    let store = "name = \"A\"\ndata_stores = [{ id = \"sql\", name = \"SQL\", protectable = true }]";
    let with = |more: &str| format!("{}{more}", SERVICE.replacen("name = \"A\"", store, 1));
    assert_eq!(told(&with("data_stores = [\"sql\"]\npermission_level = \"delete\"\n"), false), Ok(()));
    let long = "x".repeat(201);
    for (text, message) in [
        (
            with("data_stores = [\n  \"sql\",\n  \"files\",\n]\n"),
            "line 19: service[0].operation[0].data_stores[1]: The service has no data store \"files\".",
        ),
        (with("data_stores = []\n"), "line 17: service[0].operation[0].data_stores: Name the data stores"),
        (with("reaches_data = false\ndata_stores = [\"sql\"]\n"), "line 18: service[0].operation[0].data_stores: With"),
        (with("reaches_data = 0\n"), "line 17: service[0].operation[0].reaches_data: invalid type"),
        (with("permission_level = \"all\"\n"), "line 17: service[0].operation[0].permission_level: unknown variant"),
        (SERVICE.replacen("id = \"a\"", &format!("id = \"{long}\""), 1), "line 5: service[0].id: It is 201 characters"),
        (
            SERVICE.replacen("\"X.\"", "\"X\u{202e}.\"", 1),
            "line 15: service[0].operation[0].reaches: It must not contain",
        ),
        (SERVICE.replacen("\"XVia", "\"X\u{200b}Via", 1), "line 13: service[0].operation[0].name: It must not contain"),
    ] {
        let found = told(&text, false).unwrap_err();
        assert!(found.starts_with(message), "{found}");
    }
    let plural = SERVICE.replace("[[service", "[[services").replace("queue_hours = 12", "queue_hours = 0");
    assert!(told(&plural, false).unwrap_err().starts_with("line 8: "), "{plural}");
    let rows = [
        ("service = [\"a\"]", "service = [\"b\"]", "line 9: rule[0].when.service: The catalog has no service \"b\"."),
        ("service = [\"a\"]", "operation = [\"b\"]", "line 9: rule[0].when.operation: No service of the catalog"),
        ("description = \"R.\"", "description = \"R\\u202e.\"", "line 5: rule[0].description: It must not contain"),
        ("outcome = \"reject\"", "outcome = \"reject\"\nrole = \"x\"", "line 7: rule[0].role: It belongs to"),
        ("outcome = \"reject\"", "outcome = \"cap_access\"", "line 3: rule[0].max_access_minutes: Name the minutes"),
        ("outcome = \"reject\"", "outcome = \"no\"", "line 6: rule[0].outcome: unknown variant"),
        ("version = \"1\"", "version = 1", "line 1: version: invalid type"),
    ];
    for (from, to, message) in rows {
        let found = told(&RULE.replacen(from, to, 1), true).unwrap_err();
        assert!(found.starts_with(message), "{to}: {found}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("none\n.toml");
    let message = load_catalog(Some(&path)).unwrap_err().to_string();
    assert!(message.contains("none .toml: can't be read: "), "{message}");
}

/// Found: it said neither the line nor what was wrong there.
#[test]
fn a_file_that_is_not_utf_8_names_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.toml");
    let name = path.display();
    for (from, to, line) in [("provider = \"P\"", &b"provider = \"Gr\xfc\xdfe\""[..], 2), ("X.", b"\xff", 15)] {
        let at = SERVICE.find(from).unwrap();
        let bytes = [&SERVICE.as_bytes()[..at], to, &SERVICE.as_bytes()[at + from.len()..]].concat();
        fs::write(&path, bytes).unwrap();
        let message = load_catalog(Some(&path)).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{name}, line {line}: not UTF-8 text: the byte f")), "{message}");
        let catalog = toml::from_str(SERVICE).unwrap();
        assert_eq!(load_rules(Some(&path), &catalog).unwrap_err().line, Some(line), "of rules too");
    }
}

#[test]
fn built_in_rules_do_not_depend_on_a_providers_catalog() {
    let catalog: Catalog = toml::from_str(SERVICE).unwrap();
    assert!(load_rules(None, &catalog).is_ok());
}
