use lockbox_api::{
    jit::{PermissionLevel, ReasonCode},
    provider::AccessRequestCreate,
    requests::{DecisionInput, Engineer, Exclusion, ExclusionKind, JustificationInput, Location},
};

use super::{super::*, found, x};
use crate::catalog::tests::a_service;

fn an_access_request() -> AccessRequestCreate {
    AccessRequestCreate {
        organization_id: "org_meridian".into(),
        environment_id: "env_payroll".into(),
        service_request_id: "2611210050001234".into(),
        engineer: Engineer {
            id: "eng-417".to_owned(),
            name: "Engineer 417".to_owned(),
            team: Some("Database support".to_owned()),
            jit_role: "support_engineer".to_owned(),
            isolated_identity: true,
            mfa: true,
            location: Some(Location { office_country: Some("IE".to_owned()), physical_country: None }),
        },
        operations: vec!["ExecuteSqlViaLockbox".to_owned()],
        data_stores: vec!["sql".to_owned()],
        targets: vec!["payroll.dbo.*".to_owned()],
        permission_level: PermissionLevel::Read,
        direct_data_access: true,
        reason_code: ReasonCode::CustomerInitiatedSupport,
        justification: "Deadlocks in the nightly run;\nneed the blocked statements.".to_owned(),
        access_minutes: Some(240),
        exclusion: Some(Exclusion {
            kind: ExclusionKind::Emergency,
            reason: "Down.".to_owned(),
            disclose_at: None,
            script: None,
        }),
        resource_scope: None,
    }
}

#[test]
fn a_request_for_access() {
    type Change = fn(&mut AccessRequestCreate);
    let rows: &[(Change, &[&str])] = &[
        (|_| (), &[]),
        (|r| r.organization_id.0.clear(), &["/organization_id"]),
        (|r| r.environment_id.0 = " env".to_owned(), &["/environment_id"]),
        (|r| r.service_request_id.0 = x(201), &["/service_request_id"]),
        (|r| r.service_request_id.0 = x(200), &[]),
        (|r| r.engineer.id = "a\u{0}b".to_owned(), &["/engineer/id"]),
        (|r| r.engineer.name = "  ".to_owned(), &["/engineer/name"]),
        (|r| r.engineer.name = "Eve\u{202E}nimda".to_owned(), &["/engineer/name"]),
        (|r| r.engineer.name = "Eve\u{200B}".to_owned(), &["/engineer/name"]),
        (|r| r.engineer.name = "Eve\nAdmin".to_owned(), &["/engineer/name"]),
        (|r| r.engineer.name = "عائشة بنت \u{200D}محمد".to_owned(), &[]),
        (|r| r.engineer.team = Some(String::new()), &["/engineer/team"]),
        (|r| r.engineer.team = None, &[]),
        (|r| r.engineer.jit_role.clear(), &["/engineer/jit_role"]),
        (|r| r.engineer.location = None, &[]),
        (
            |r| r.engineer.location.as_mut().unwrap().office_country = Some("IRL".to_owned()),
            &["/engineer/location/office_country"],
        ),
        (
            |r| r.engineer.location.as_mut().unwrap().physical_country = Some("ie".to_owned()),
            &["/engineer/location/physical_country"],
        ),
        (
            |r| r.engineer.location.as_mut().unwrap().physical_country = Some("É".to_owned()),
            &["/engineer/location/physical_country"],
        ),
        (|r| r.operations.clear(), &["/operations"]),
        (|r| r.operations.push("GetRefreshHistoryViaLockbox".to_owned()), &[]),
        (|r| r.operations.push("ExecuteSqlViaLockbox".to_owned()), &["/operations/1"]),
        (|r| r.operations.push("Unheard".to_owned()), &["/operations/1"]),
        (|r| r.direct_data_access = false, &["/direct_data_access"]),
        (|r| (r.operations, r.direct_data_access) = (vec!["GetRefreshHistoryViaLockbox".to_owned()], false), &[]),
        (
            |r| {
                r.operations.insert(0, "GetRefreshHistoryViaLockbox".to_owned());
                r.direct_data_access = false;
            },
            &["/direct_data_access"],
        ),
        (|r| (r.operations, r.direct_data_access) = (vec!["GetRefreshHistoryViaLockbox".to_owned()], true), &[]),
        (
            |r| {
                r.operations.push("GetRefreshHistoryViaLockbox".to_owned());
                (r.data_stores, r.permission_level, r.direct_data_access) =
                    (Vec::new(), PermissionLevel::Administer, false);
            },
            &["/direct_data_access"],
        ),
        (|r| r.data_stores.clear(), &[]),
        (|r| r.data_stores.push("unheard".to_owned()), &["/data_stores/1"]),
        (|r| r.data_stores.push("sql".to_owned()), &["/data_stores/1"]),
        (|r| r.targets.clear(), &[]),
        (|r| r.targets.push(String::new()), &["/targets/1"]),
        (|r| r.targets = vec![x(2_001)], &["/targets/0"]),
        (|r| r.targets.push("payroll.dbo.*".to_owned()), &["/targets/1"]),
        (|r| r.targets = (0..51).map(|n| n.to_string()).collect(), &["/targets"]),
        (|r| r.justification = " \n\t ".to_owned(), &["/justification"]),
        (|r| r.justification = x(2_000), &[]),
        (|r| r.justification = format!("  {}\n", x(2_000)), &[]),
        (|r| r.justification = x(2_001), &["/justification"]),
        (|r| r.justification = "ä".repeat(2_000), &[]),
        (|r| r.justification = "a\rb".to_owned(), &["/justification"]),
        (|r| r.justification = "a\u{0}b".to_owned(), &["/justification"]),
        (|r| r.justification = "a\u{1B}[2Jb".to_owned(), &["/justification"]),
        (|r| r.access_minutes = None, &[]),
        (|r| r.access_minutes = Some(0), &["/access_minutes"]),
        (|r| r.access_minutes = Some(1_440), &[]),
        (|r| r.access_minutes = Some(1_441), &["/access_minutes"]),
        (|r| r.exclusion = None, &[]),
        (|r| r.exclusion.as_mut().unwrap().reason.clear(), &["/exclusion/reason"]),
        (|r| r.exclusion.as_mut().unwrap().reason = x(2_001), &["/exclusion/reason"]),
        (
            |r| {
                r.engineer.id.clear();
                r.access_minutes = Some(0)
            },
            &["/engineer/id", "/access_minutes"],
        ),
    ];
    let mut service = a_service();
    service.operations[1].reaches_data = false;
    for (at, (change, expected)) in rows.iter().enumerate() {
        let pointers = found(&an_access_request(), change, |input| access_request(input, Some(&service)));
        assert_eq!(pointers, *expected, "row {at}");
    }
}

#[test]
fn a_request_has_limits_of_number_also_before_its_service_is_known() {
    let many = |number: usize| (0..number).map(|n| format!("Operation{n}")).collect::<Vec<_>>();
    let without_service = |input: &AccessRequestCreate| access_request(input, None);
    let sound = an_access_request();
    assert!(found(&sound, |r| r.operations = many(50), without_service).is_empty());
    assert_eq!(found(&sound, |r| r.operations = many(51), without_service), ["/operations"]);
    assert_eq!(found(&sound, |r| r.operations = vec![String::new()], without_service), ["/operations/0"]);
    assert!(found(&sound, |r| r.data_stores = many(20), without_service).is_empty());
    assert_eq!(found(&sound, |r| r.data_stores = many(21), without_service), ["/data_stores"]);
    assert_eq!(found(&sound, |r| r.access_minutes = Some(u32::MAX), without_service), ["/access_minutes"]);
}

#[test]
fn an_unknown_operation_is_answered_with_those_that_there_are_and_never_echoed() {
    let mut input = an_access_request();
    input.operations = vec!["<script>".to_owned()];
    let errors = access_request(&input, Some(&a_service()));
    assert_eq!(
        errors[0].message,
        "The catalog lists no such operation for SQL Database; it lists ExecuteSqlViaLockbox and GetRefreshHistoryViaLockbox."
    );
    let mut bare = a_service();
    bare.data_stores.clear();
    assert_eq!(
        access_request(&an_access_request(), Some(&bare))[0].message,
        "The catalog lists no data store for SQL Database."
    );
}

#[test]
fn who_says_that_no_data_is_reached_is_told_which_operation_reaches_it() {
    let mut input = an_access_request();
    input.direct_data_access = false;
    let errors = access_request(&input, Some(&a_service()));
    assert_eq!(errors[0].message, "It must be true: ExecuteSqlViaLockbox reaches customer data.");
    assert_eq!(access_request(&input, None), [], "before the service is known, nothing can be said");
}

/// What an operation takes is compared with what is asked for, the highest of all operations, level by level.
#[test]
fn who_asks_for_less_than_the_operations_take_is_refused() {
    use PermissionLevel::{Administer, Delete, Read, Write};
    let mut service = a_service();
    for (at, least) in [(0, Some(Write)), (1, Some(Delete))] {
        service.operations[at].permission_level = least;
    }
    service.operations.push(crate::catalog::tests::an_operation("LookViaLockbox"));
    let (write, delete, any) = ("ExecuteSqlViaLockbox", "GetRefreshHistoryViaLockbox", "LookViaLockbox");
    let rows: &[(&[&str], PermissionLevel, Option<&str>)] = &[
        (&[any], Read, None),
        (&[write], Read, Some("It must be write at least: ExecuteSqlViaLockbox takes that.")),
        (&[write, any], Read, Some("It must be write at least: ExecuteSqlViaLockbox takes that.")),
        (&[write], Write, None),
        (&[write], Delete, None),
        (&[delete], Write, Some("It must be delete at least: GetRefreshHistoryViaLockbox takes that.")),
        (&[delete, write], Write, Some("It must be delete at least: GetRefreshHistoryViaLockbox takes that.")),
        (&[write, delete], Read, Some("It must be delete at least: GetRefreshHistoryViaLockbox takes that.")),
        (&[any, write, delete], Delete, None),
        (&[any, write, delete], Administer, None),
    ];
    for (operations, level, message) in rows {
        let mut input = an_access_request();
        input.operations = operations.iter().map(|name| (*name).to_owned()).collect();
        input.permission_level = *level;
        let errors = access_request(&input, Some(&service));
        let told: Vec<_> = errors.iter().map(|error| (error.pointer.as_str(), error.message.as_str())).collect();
        let wanted: Vec<_> = message.iter().map(|message| ("/permission_level", *message)).collect();
        assert_eq!(told, wanted, "{operations:?} {level}");
    }
    let mut input = an_access_request();
    input.permission_level = Read;
    assert_eq!(access_request(&input, None), [], "before the service is known, nothing can be said");
}

#[test]
fn decisions() {
    let sound = DecisionInput { justification: "Yes.".to_owned(), access_minutes: Some(60) };
    let check = |input: &DecisionInput| decision(input, 240);
    assert!(found(&sound, |d| d.access_minutes = None, check).is_empty());
    assert_eq!(found(&sound, |d| d.access_minutes = Some(0), check), ["/access_minutes"]);
    assert_eq!(found(&sound, |d| d.access_minutes = Some(241), check), ["/access_minutes"]);
    assert_eq!(found(&sound, |d| d.justification.clear(), check), ["/justification"]);
    let sound = JustificationInput { justification: "No.".to_owned() };
    assert_eq!(found(&sound, |d| d.justification = x(2_001), justification_input), ["/justification"]);
    assert_eq!(justification("/anywhere", "")[0].pointer, "/anywhere");
}
