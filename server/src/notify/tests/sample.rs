//! A request to write about.

use lockbox_api::{
    Time,
    jit::{Evaluation, EvaluationOutcome, PermissionLevel, ReasonCode},
    requests::{Access, AccessState, Engineer, Location, LockboxRequest, OperationWords, Status},
};

pub(super) fn at(text: &str) -> Time {
    text.parse().unwrap()
}

pub(super) fn request() -> LockboxRequest {
    LockboxRequest {
        id: "lbx_01kaaaaaaaaaaaaaaaaaaaaaaa".into(),
        organization_id: "org_meridian".into(),
        environment_id: "env_payroll".into(),
        environment_name: "Payroll".to_owned(),
        service_name: "Azure SQL Database".to_owned(),
        service_request_id: "2611210050001234".into(),
        service_request_title: Some("Nightly payroll run stops".to_owned()),
        engineer: Engineer {
            id: "eng-417".to_owned(),
            name: "Engineer 417".to_owned(),
            team: Some("Database support".to_owned()),
            jit_role: "support_engineer".to_owned(),
            isolated_identity: true,
            mfa: true,
            location: Some(Location { office_country: Some("IE".to_owned()), physical_country: Some("DE".to_owned()) }),
        },
        operations: vec!["ExecuteSqlViaLockbox".to_owned()],
        operation_words: vec![OperationWords {
            name: "ExecuteSqlViaLockbox".to_owned(),
            friendly_name: "Run SQL statements".to_owned(),
            reaches: "Rows of the tables that the statements name.".to_owned(),
            does_not_reach: Some("The schema, and other databases.".to_owned()),
        }],
        data_stores: vec!["sql".to_owned()],
        data_store_words: Vec::new(),
        targets: vec!["payroll.dbo.*".to_owned()],
        permission_level: PermissionLevel::Read,
        direct_data_access: true,
        reason_code: ReasonCode::CustomerInitiatedSupport,
        justification: "Deadlocks in the nightly run; need the blocked statements.".to_owned(),
        access_minutes: 240,
        asked_minutes: Some(240),
        exclusion: None,
        status: Status::CustomerNotified,
        status_reason: None,
        requested_at: at("2026-11-22T09:00:00Z"),
        decide_by: Some(at("2026-11-26T09:00:00Z")),
        url: "https://lockbox.example/requests/lbx_01kaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        evaluation: Evaluation {
            outcome: EvaluationOutcome::Continued,
            factors: Vec::new(),
            rules: Vec::new(),
            rules_version: "1".to_owned(),
            evaluated_at: at("2026-11-22T09:00:00Z"),
            internal_approval_role: None,
            internal_approval_roles: Vec::new(),
        },
        internal_decision: None,
        internal_decisions: Vec::new(),
        access: Access {
            state: AccessState::None,
            grant_id: None,
            starts_at: None,
            expires_at: None,
            ended_at: None,
            end_reason: None,
            ended_by: None,
        },
        decision: None,
        needs_acknowledgement: false,
        acknowledgement: None,
        timeline: Vec::new(),
        timeline_left_out: None,
        version: 1,
    }
}
