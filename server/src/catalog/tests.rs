//! The shipped files, and what is said about wrong ones.

use std::collections::BTreeSet;

use chrono::DateTime;
use lockbox_api::{
    catalog::{Availability, Service},
    jit::{EvaluationOutcome, PermissionLevel},
    requests::Engineer,
};
use lockbox_rules::jit::{Subject, evaluate};

use super::*;
use crate::config::Settings;

fn config(catalog: Option<&Path>, rules: Option<&Path>) -> Config {
    let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let mut config = Config::load(&Settings::default(), &|_| None, &none).unwrap();
    config.catalog = catalog.map(Path::to_owned);
    config.jit_rules = rules.map(Path::to_owned);
    config
}

fn shipped() -> (Catalog, JitRules) {
    load(&config(None, None)).unwrap()
}

fn service<'a>(catalog: &'a Catalog, id: &str) -> &'a Service {
    lockbox_rules::catalog::service(catalog, id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn the_shipped_catalog_has_every_service() {
    let (catalog, _) = shipped();
    let of = |availability| {
        let azure = |service: &&Service| service.id.starts_with("azure-") && service.availability == availability;
        catalog.services.iter().filter(azure).count()
    };
    assert_eq!(of(Availability::GenerallyAvailable), 31);
    assert_eq!(of(Availability::Preview), 2);
    let fabric = catalog.services.iter().filter(|service| service.id.starts_with("fabric-")).count();
    assert_eq!(fabric, 4);
    assert_eq!(catalog.services.len(), 31 + 2 + 4 + 2);
}

#[test]
fn queue_and_access_times() {
    let (catalog, _) = shipped();
    for service in &catalog.services {
        let expected = match service.id.as_str() {
            "power-platform" => (12, 480, 480),
            "microsoft-365" => (12, 60, 240),
            "azure-data-manager-energy" => (96, 240, 480),
            _ => (96, 480, 480),
        };
        let found = (service.queue_hours, service.default_access_minutes, service.max_access_minutes);
        assert_eq!(found, expected, "{}", service.id);
    }
}

#[test]
fn the_operations_of_the_sources_are_there() {
    let (catalog, _) = shipped();
    for (id, names) in [
        (
            "fabric-power-bi",
            &[
                "GetRefreshHistoryViaLockbox",
                "DeleteAdminUsageDashboardsViaLockbox",
                "DeleteUsageMetricsv2PackageViaLockbox",
                "DeleteAdminMonitoringFolderViaLockbox",
                "GetQueryTextTelemetryViaLockbox",
                "DeleteAdminWorkspaceViaLockbox",
                "AccessDatasetViaLockbox",
            ][..],
        ),
        (
            "fabric-data-engineering",
            &["GetSparkDriverLogsViaLockbox", "GetSparkEventLogsViaLockbox", "GetSparkExecutorLogsViaLockbox"],
        ),
        ("fabric-real-time-intelligence", &["ReadKqlDatabaseViaLockbox"]),
        ("fabric-data-factory", &["GetPipelineDefinitionViaLockbox"]),
        (
            "azure-virtual-machines",
            &["ConnectRemoteDesktopViaLockbox", "ReadMemoryDumpViaLockbox", "ReadManagedDiskViaLockbox"],
        ),
        ("azure-data-manager-energy", &["RestartClusterViaLockbox"]),
        ("power-platform", &["ExecuteSqlViaLockbox"]),
        ("azure-sql-database", &["ExecuteSqlViaLockbox"]),
    ] {
        for name in names {
            assert!(service(&catalog, id).operations.iter().any(|operation| operation.name == *name), "{id} {name}");
        }
    }
    for operation in catalog.services.iter().flat_map(|service| &service.operations) {
        assert!(operation.name.ends_with("ViaLockbox") && operation.name.is_ascii(), "{}", operation.name);
        assert!(operation.reaches.ends_with('.'), "{}", operation.name);
        assert!(!operation.friendly_name.ends_with('.'), "{}", operation.name);
    }
}

#[test]
fn of_power_platform_only_sql_is_protected() {
    let (catalog, _) = shipped();
    let protected: BTreeSet<_> = service(&catalog, "power-platform")
        .data_stores
        .iter()
        .map(|store| (store.id.as_str(), store.protectable))
        .collect();
    assert_eq!(protected, BTreeSet::from([("sql", true), ("cosmos-db", false), ("storage", false)]));
}

/// Judges a request of this kind by the shipped rules: outcome, role, minutes, ids of the rules.
fn judge(
    change: impl FnOnce(&mut Engineer),
    level: PermissionLevel,
    targets: &[&str],
    operation: &str,
) -> (EvaluationOutcome, Option<String>, u32, Vec<String>) {
    let (_, rules) = shipped();
    let mut engineer = Engineer {
        id: "eng-417".to_owned(),
        name: "Engineer 417".to_owned(),
        team: None,
        jit_role: "support_engineer".to_owned(),
        isolated_identity: true,
        mfa: true,
        location: None,
    };
    change(&mut engineer);
    let targets: Vec<String> = targets.iter().map(|target| (*target).to_owned()).collect();
    let subject = Subject {
        engineer: &engineer,
        service: "azure-sql-database",
        operations: &[operation.to_owned()],
        targets: &targets,
        permission_level: level,
        direct_data_access: true,
        access_minutes: 480,
    };
    let judged = evaluate(&rules, &subject, DateTime::UNIX_EPOCH);
    let ids = judged.evaluation.rules.into_iter().map(|rule| rule.id).collect();
    (judged.evaluation.outcome, judged.evaluation.internal_approval_role, judged.access_minutes, ids)
}

#[test]
fn the_shipped_rules_judge_as_they_say() {
    use EvaluationOutcome::{Continued, InternalApprovalRequired, Rejected};
    use PermissionLevel::{Administer, Delete, Read, Write};
    const SQL: &str = "ExecuteSqlViaLockbox";
    let named = &["payroll.dbo.*"][..];

    let (outcome, role, minutes, ids) = judge(|_| {}, Read, named, SQL);
    assert_eq!((outcome, role, minutes), (Continued, None, 480), "the demo's request goes straight to the customer");
    assert_eq!(ids, ["reading-named-resources"]);

    assert_eq!(judge(|it| it.mfa = false, Read, named, SQL).0, Rejected);
    for level in [Write, Delete, Administer] {
        assert_eq!(judge(|it| it.isolated_identity = false, level, named, SQL).0, Rejected, "{level}");
    }
    for role in ["", "intern", "support engineer", "SUPPORT_ENGINEER"] {
        assert_eq!(judge(|it| role.clone_into(&mut it.jit_role), Read, named, SQL).0, Rejected, "{role}");
    }
    assert_eq!(judge(|it| "security_reviewer".clone_into(&mut it.jit_role), Write, named, SQL).0, Rejected);

    let role = |judged: (EvaluationOutcome, Option<String>, u32, Vec<String>)| {
        assert_eq!(judged.0, InternalApprovalRequired);
        judged.1.unwrap()
    };
    assert_eq!(role(judge(|_| {}, Delete, named, SQL)), "support_lead");
    assert_eq!(role(judge(|_| {}, Administer, named, SQL)), "devops_manager");
    assert_eq!(role(judge(|it| it.isolated_identity = false, Read, named, SQL)), "support_lead");
    assert_eq!(role(judge(|_| {}, Write, &[], SQL)), "support_lead");
    assert_eq!(role(judge(|_| {}, Read, named, "ReadMemoryDumpViaLockbox")), "devops_manager");
    assert_eq!(judge(|_| {}, Write, named, SQL).0, Continued);

    assert_eq!(judge(|_| {}, Read, &["*"], SQL).2, 240, "whole environment");
    assert_eq!(judge(|_| {}, Administer, named, SQL).2, 120);
    assert_eq!(judge(|_| {}, Read, named, "ConnectRemoteDesktopViaLockbox").2, 240);
}

#[test]
fn wrong_files_are_named_with_line_and_field() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file.toml");
    let place = file.display().to_string();
    let service = |line: &str| {
        format!(
            "version = '1'\nprovider = 'P'\n[[service]]\nid = 'a'\nname = 'A'\navailability = 'preview'\n\
            queue_hours = 12\ndefault_access_minutes = 60\n{line}\n[[service.operation]]\nname = 'x'\n\
            friendly_name = 'X'\nreaches = 'Y.'\n"
        )
    };
    for (text, line, about) in [
        ("version = ".to_owned(), 1, ""),
        (service("max_access_minutes = 480\ncolour = 'red'"), 10, "colour"),
        (service(""), 3, "max_access_minutes"),
        (service("max_access_minutes = 'long'"), 9, "/service/0/max_access_minutes"),
        (service("max_access_minutes = 30"), 8, "/service/0/default_access_minutes"),
        (service("max_access_minutes = 480").replace("'Y.'", "' '"), 13, "/service/0/operation/0/reaches"),
        (service("max_access_minutes = 480").replace("'preview'", "'soon'"), 6, "/service/0/availability"),
        ("version = '1'\nprovider = 'P'\nservice = []".to_owned(), 3, "/service"),
    ] {
        std::fs::write(&file, &text).unwrap();
        let error = load(&config(Some(&file), None)).unwrap_err();
        assert_eq!(error.setting, format!("{place} line {line}"), "{text}\n{error}");
        assert!(error.message.contains(about), "{text}\n{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    std::fs::write(
        &file,
        "version = '1'\n[[rule]]\nid = 'a'\ndescription = 'A.'\nwhen = { service = ['nowhere'] }\noutcome = 'reject'",
    )
    .unwrap();
    let error = load(&config(None, Some(&file))).unwrap_err();
    assert_eq!(error.setting, format!("{place} line 5"), "{error}");
    assert!(error.message.contains("nowhere"), "{error}");
    let error = load(&config(None, Some(&dir.path().join("absent")))).unwrap_err();
    assert_eq!(error.setting, "--jit-rules");
}
