use lockbox_api::{
    provider::{
        ActionInput, ActionOutcome, EndInput, EnvironmentPut, GrantActionsInput, GrantCheckInput,
        InternalDecisionInput, OrganizationPut, ServiceRequestMessagePut, ServiceRequestPut,
    },
    service_requests::{Author, Severity},
};

use super::{super::*, found, x};
use crate::{Time, catalog::tests::a_catalog};

#[test]
fn what_the_provider_keeps_in_step() {
    let sound = OrganizationPut { name: "Meridian".to_owned() };
    assert_eq!(found(&sound, |o| o.name.clear(), organization_put), ["/name"]);

    let catalog = a_catalog();
    let check = |input: &EnvironmentPut| environment_put(input, &catalog);
    let sound = EnvironmentPut {
        name: "Payroll".to_owned(),
        service: "sql-database".to_owned(),
        region: String::new(),
        has_database: true,
        copied_from: None,
        restored_from: None,
        deleted: false,
    };
    assert_eq!(found(&sound, |e| e.name = x(201), check), ["/name"]);
    assert_eq!(found(&sound, |e| e.service = "unheard".to_owned(), check), ["/service"]);
    assert_eq!(found(&sound, |e| e.region = "a\nb".to_owned(), check), ["/region"]);
    assert_eq!(found(&sound, |e| e.copied_from = Some("".into()), check), ["/copied_from"]);
    assert!(found(&sound, |e| e.copied_from = Some("env_a".into()), check).is_empty());

    let message = ServiceRequestMessagePut {
        id: "m-1".to_owned(),
        author: Author::Provider,
        author_name: "Lee".to_owned(),
        at: Time::UNIX_EPOCH,
        text: "We look at it.".to_owned(),
    };
    let sound = ServiceRequestPut {
        title: "Deadlocks".to_owned(),
        description: String::new(),
        severity: Severity::High,
        environment_id: Some("env_a".into()),
        closed: false,
        messages: vec![message],
    };
    let check = service_request_put;
    assert_eq!(found(&sound, |s| s.title.clear(), check), ["/title"]);
    assert_eq!(found(&sound, |s| s.description = x(20_001), check), ["/description"]);
    assert_eq!(found(&sound, |s| s.environment_id = Some(" ".into()), check), ["/environment_id"]);
    assert_eq!(found(&sound, |s| s.messages[0].id.clear(), check), ["/messages/0/id"]);
    assert_eq!(found(&sound, |s| s.messages[0].author_name.clear(), check), ["/messages/0/author_name"]);
    assert_eq!(found(&sound, |s| s.messages[0].text.clear(), check), ["/messages/0/text"]);
    assert_eq!(found(&sound, |s| s.messages.push(s.messages[0].clone()), check), ["/messages/1/id"]);
    let many = |s: &mut ServiceRequestPut| {
        let numbered = |n| ServiceRequestMessagePut { id: format!("m-{n}"), ..s.messages[0].clone() };
        s.messages = (0..=MESSAGES_MAX).map(numbered).collect();
    };
    assert_eq!(found(&sound, many, check), ["/messages"]);
}

#[test]
fn what_the_provider_decides_and_asks() {
    let sound = InternalDecisionInput {
        approve: true,
        approver_id: "lead-1".to_owned(),
        approver_name: "Lee".to_owned(),
        role: "support_lead".to_owned(),
        team: Some("Customer support".to_owned()),
        justification: "Needed.".to_owned(),
    };
    let check = |input: &InternalDecisionInput| internal_decision(input, "eng-417", &["support_lead"], &["lead-2"]);
    assert_eq!(found(&sound, |d| d.approver_id.clear(), check), ["/approver_id"]);
    assert_eq!(found(&sound, |d| d.approver_id = "ENG-417".to_owned(), check), ["/approver_id"]);
    assert_eq!(found(&sound, |d| d.approver_name.clear(), check), ["/approver_name"]);
    assert_eq!(found(&sound, |d| d.role = "devops_manager".to_owned(), check), ["/role"]);
    assert!(found(&sound, |d| d.team = None, check).is_empty());
    assert_eq!(found(&sound, |d| d.team = Some(String::new()), check), ["/team"]);
    assert_eq!(found(&sound, |d| d.team = Some(x(201)), check), ["/team"]);
    assert_eq!(found(&sound, |d| d.justification = x(2_001), check), ["/justification"]);
    let any_role = |input: &InternalDecisionInput| internal_decision(input, "eng-417", &[], &[]);
    assert!(found(&sound, |d| d.role = "devops_manager".to_owned(), any_role).is_empty());
    assert_eq!(found(&sound, |d| d.role.clear(), any_role), ["/role"]);

    let sound = EndInput { engineer_id: "eng-417".to_owned(), note: Some(String::new()) };
    assert_eq!(found(&sound, |e| e.engineer_id.clear(), end_input), ["/engineer_id"]);
    assert_eq!(found(&sound, |e| e.note = Some(x(2_001)), end_input), ["/note"]);

    let sound = GrantCheckInput {
        engineer_id: "eng-417".to_owned(),
        environment_id: "env_a".into(),
        operation: "Run".to_owned(),
        target: None,
        lease: false,
    };
    assert_eq!(found(&sound, |g| g.engineer_id.clear(), grant_check), ["/engineer_id"]);
    assert_eq!(found(&sound, |g| g.environment_id.0.clear(), grant_check), ["/environment_id"]);
    assert_eq!(found(&sound, |g| g.operation.clear(), grant_check), ["/operation"]);
    assert_eq!(found(&sound, |g| g.target = Some(String::new()), grant_check), ["/target"]);
    assert!(found(&sound, |g| g.target = Some("payroll.dbo.Pay".to_owned()), grant_check).is_empty());
}

fn an_action() -> ActionInput {
    ActionInput {
        id: "a-1".to_owned(),
        time: Time::UNIX_EPOCH,
        engineer_id: "eng-417".to_owned(),
        operation: "ExecuteSqlViaLockbox".to_owned(),
        target: None,
        statement: None,
        rows: None,
        outcome: ActionOutcome::Success,
    }
}

#[test]
fn reported_actions() {
    let fault = |change: &dyn Fn(&mut ActionInput)| {
        let mut input = an_action();
        change(&mut input);
        action(&input)
    };
    assert_eq!(fault(&|_| ()), None);
    assert_eq!(fault(&|a| a.id.clear()).as_deref(), Some("id: It must not be empty."));
    assert!(fault(&|a| a.engineer_id = x(201)).unwrap().starts_with("engineer_id: "));
    assert!(fault(&|a| a.operation = "a\nb".to_owned()).unwrap().starts_with("operation: "));
    assert!(fault(&|a| a.target = Some("a\u{0}".to_owned())).unwrap().starts_with("target: "));
    assert!(fault(&|a| a.statement = Some(x(20_001))).unwrap().starts_with("statement: "));
    assert!(fault(&|a| a.statement = Some("a\u{0}".to_owned())).unwrap().starts_with("statement: "));
    assert_eq!(fault(&|a| a.statement = Some(format!("select 1\r\n\t-- {}", x(19_900)))), None);
    assert_eq!(fault(&|a| a.statement = Some(String::new())), None);

    let batch = |number| GrantActionsInput { actions: vec![an_action(); number] };
    assert_eq!(actions(&batch(0))[0].pointer, "/actions");
    assert!(actions(&batch(1)).is_empty());
    assert!(actions(&batch(1_000)).is_empty());
    assert_eq!(actions(&batch(1_001))[0].pointer, "/actions");
}

#[test]
fn ids_in_the_path() {
    assert!(path_id("environment_id", "env_payroll").is_empty());
    assert_eq!(path_id("environment_id", "")[0].pointer, "environment_id");
    for wrong in [x(201), "a\nb".to_owned(), " env".to_owned(), "e\u{202E}nv".to_owned()] {
        assert_eq!(path_id("environment_id", &wrong).len(), 1, "{wrong:?}");
    }
}
