use Action::*;

use super::*;

fn person(roles: &[Role]) -> Principal {
    Principal {
        person_id: "per_ada".into(),
        email: "ada@meridian.example".to_owned(),
        roles: roles.to_vec(),
        approver_environment_ids: None,
        is_provider: false,
        engineer_ids: Vec::new(),
    }
}

fn limited(roles: &[Role]) -> Principal {
    Principal { approver_environment_ids: Some(vec!["env_payroll".into()]), ..person(roles) }
}

fn provider(roles: &[Role]) -> Principal {
    Principal { is_provider: true, ..person(roles) }
}

/// The things that actions are done to, each with a name for the table.
struct Subjects {
    payroll: EnvironmentId,
    sandbox: EnvironmentId,
    ada: PersonId,
    bob: PersonId,
}

impl Subjects {
    fn new() -> Self {
        Self {
            payroll: "env_payroll".into(),
            sandbox: "env_sandbox".into(),
            ada: "per_ada".into(),
            bob: "per_bob".into(),
        }
    }

    fn get(&self, name: &str) -> Subject<'_> {
        let request =
            |environment, engineer_id, opened_by_me| Subject::Request { environment, engineer_id, opened_by_me };
        match name {
            "none" => Subject::None,
            "payroll" => request(&self.payroll, "eng-417", false),
            "sandbox" => request(&self.sandbox, "eng-417", false),
            "opened" => request(&self.sandbox, "eng-417", true),
            "self by id" => request(&self.payroll, "PER_ADA", true),
            "self by mail" => request(&self.payroll, " Ada@Meridian.Example", true),
            "own ticket" => Subject::ServiceRequest { opened_by: Some(&self.ada) },
            "bob's ticket" => Subject::ServiceRequest { opened_by: Some(&self.bob) },
            "provider's ticket" => Subject::ServiceRequest { opened_by: None },
            other => panic!("no subject {other}"),
        }
    }
}

const REQUESTS: [&str; 5] = ["payroll", "sandbox", "opened", "self by id", "self by mail"];
const TICKETS: [&str; 3] = ["own ticket", "bob's ticket", "provider's ticket"];

/// The subjects that an action is met with.
fn subjects_of(action: Action) -> Vec<&'static str> {
    match action {
        ReadRequest | DecideRequest | EndAccess | AcknowledgeAccess => REQUESTS.to_vec(),
        ReadServiceRequests => [&["none"][..], &TICKETS[..]].concat(),
        WriteServiceRequest | CloseServiceRequest => TICKETS.to_vec(),
        _ => vec!["none"],
    }
}

/// What each kind of person may, written out: action and subject, `*` for every subject of the action.
fn rights(role: Option<Role>) -> Vec<(Action, &'static str)> {
    let reading = [
        (ReadRequests, "*"),
        (ReadRequest, "*"),
        (ReadLockbox, "*"),
        (ReadEnvironments, "*"),
        (ReadLogs, "*"),
        (ReadHistory, "*"),
        (ReadServiceRequests, "*"),
    ];
    let mut rights = match role {
        Some(Role::GlobalAdministrator) => {
            let mut all: Vec<_> = Action::ALL
                .iter()
                .filter(|a| !matches!(a, DecideRequest | ReadInternalApprovals))
                .map(|a| (*a, "*"))
                .collect();
            all.extend([(DecideRequest, "payroll"), (DecideRequest, "sandbox"), (DecideRequest, "opened")]);
            all
        }
        Some(Role::LockboxApprover) => {
            let more = [
                (DecideRequest, "payroll"),
                (DecideRequest, "sandbox"),
                (DecideRequest, "opened"),
                (EndAccess, "*"),
                (AcknowledgeAccess, "*"),
                (WriteServiceRequest, "*"),
            ];
            [&reading[..], &more[..]].concat()
        }
        Some(Role::LockboxReader) => {
            [&reading[..], &[(ExportLogs, "*"), (ReadMembers, "*"), (ReadNotifications, "*")][..]].concat()
        }
        Some(Role::Member) => vec![
            (ReadRequests, "*"),
            (ReadEnvironments, "*"),
            (OpenServiceRequest, "*"),
            (ReadRequest, "opened"),
            (ReadRequest, "self by id"),
            (ReadRequest, "self by mail"),
            (ReadServiceRequests, "none"),
            (ReadServiceRequests, "own ticket"),
            (WriteServiceRequest, "own ticket"),
            (CloseServiceRequest, "own ticket"),
        ],
        Some(Role::SupportEngineer | Role::InternalApprover) | None => vec![],
    };
    rights.push((OwnTokens, "*"));
    rights
}

fn allowed(rights: &[(Action, &str)], action: Action, subject: &str) -> bool {
    rights.iter().any(|(a, s)| *a == action && (*s == "*" || *s == subject))
}

fn everyone() -> Vec<Option<Role>> {
    core::iter::once(None).chain(Role::ALL.iter().copied().map(Some)).collect()
}

#[test]
fn every_role_with_every_action_and_subject() {
    let subjects = Subjects::new();
    let mut cells = 0;
    for role in everyone() {
        let principal = person(role.as_slice());
        let rights = rights(role);
        for action in Action::ALL {
            for name in subjects_of(*action) {
                let got = may(&principal, *action, &subjects.get(name));
                assert_eq!(got.is_ok(), allowed(&rights, *action, name), "{role:?} {action:?} {name}: {got:?}");
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 7 * (14 + 4 * 5 + 4 + 2 * 3), "the table is whole");
}

#[test]
fn two_roles_give_the_union_of_their_rights() {
    let subjects = Subjects::new();
    for first in Role::ALL {
        for second in Role::ALL {
            let principal = person(&[*first, *second]);
            let (one, other) = (rights(Some(*first)), rights(Some(*second)));
            for action in Action::ALL {
                for name in subjects_of(*action) {
                    let expected = allowed(&one, *action, name) || allowed(&other, *action, name);
                    let got = may(&principal, *action, &subjects.get(name)).is_ok();
                    assert_eq!(got, expected, "{first}+{second} {action:?} {name}");
                }
            }
        }
    }
}

#[test]
fn a_limited_approver_decides_and_ends_only_there_and_reads_everything() {
    let subjects = Subjects::new();
    let approver = limited(&[Role::LockboxApprover]);
    for action in [DecideRequest, EndAccess] {
        assert_eq!(may(&approver, action, &subjects.get("payroll")), Ok(()));
        assert_eq!(may(&approver, action, &subjects.get("sandbox")), Err(Denied::OtherEnvironment(action)));
    }
    assert_eq!(may(&approver, ReadRequest, &subjects.get("sandbox")), Ok(()));
    let none = Principal { approver_environment_ids: Some(vec![]), ..person(&[Role::LockboxApprover]) };
    assert_eq!(may(&none, DecideRequest, &subjects.get("payroll")), Err(Denied::OtherEnvironment(DecideRequest)));
    // The limit is the approver's; an administrator who also is one decides everywhere, a reader gains nothing by it.
    let both = limited(&[Role::LockboxApprover, Role::GlobalAdministrator]);
    assert_eq!(may(&both, DecideRequest, &subjects.get("sandbox")), Ok(()));
    let reader = limited(&[Role::LockboxReader]);
    assert_eq!(may(&reader, DecideRequest, &subjects.get("payroll")), Err(Denied::Role(DecideRequest)));
}

#[test]
fn nobody_decides_their_own_request_whatever_their_roles() {
    let subjects = Subjects::new();
    for role in Role::ALL {
        for name in ["self by id", "self by mail"] {
            let got = may(&person(&[*role, Role::GlobalAdministrator]), DecideRequest, &subjects.get(name));
            assert_eq!(got, Err(Denied::OwnRequest), "{role} {name}");
        }
    }
    // To end one's own access takes something away and is nobody's gain.
    assert_eq!(may(&person(&[Role::LockboxApprover]), EndAccess, &subjects.get("self by id")), Ok(()));
}

#[test]
fn staff_of_the_provider_have_their_tokens_and_internal_approvers_their_place() {
    let subjects = Subjects::new();
    for roles in [Role::ALL, &[]] {
        for action in Action::ALL {
            for name in subjects_of(*action) {
                let got = may(&provider(roles), *action, &subjects.get(name));
                let expected = match action {
                    OwnTokens => Ok(()),
                    // Their own place; no customer's role opens it, and nobody of a customer has it.
                    ReadInternalApprovals if roles.contains(&Role::InternalApprover) => Ok(()),
                    ReadInternalApprovals => Err(Denied::Role(*action)),
                    _ => Err(Denied::ProviderStaff),
                };
                assert_eq!(got, expected, "{roles:?} {action:?} {name}");
            }
        }
    }
}

#[test]
fn an_action_without_its_subject_is_nobodys() {
    let administrator = person(Role::ALL);
    let subjects = Subjects::new();
    for action in [ReadRequest, DecideRequest, EndAccess, WriteServiceRequest, CloseServiceRequest] {
        assert_eq!(may(&administrator, action, &Subject::None), Err(Denied::SubjectUnknown));
    }
    assert_eq!(may(&administrator, DecideRequest, &subjects.get("own ticket")), Err(Denied::SubjectUnknown));
    assert_eq!(may(&administrator, CloseServiceRequest, &subjects.get("payroll")), Err(Denied::SubjectUnknown));
}

#[test]
fn lists_are_cut_for_those_who_see_their_own_only() {
    for role in everyone() {
        let cut = !matches!(role, Some(Role::GlobalAdministrator | Role::LockboxApprover | Role::LockboxReader));
        assert_eq!(person(role.as_slice()).sees_own_only(), cut, "{role:?}");
    }
    assert!(!person(&[Role::Member, Role::LockboxReader]).sees_own_only());
    assert!(provider(Role::ALL).sees_own_only(), "and they see none at all");
}

#[test]
fn every_refusal_says_why_and_who_can() {
    let subjects = Subjects::new();
    let mut principals: Vec<Principal> = everyone().iter().map(|role| person(role.as_slice())).collect();
    principals.extend([limited(&[Role::LockboxApprover]), provider(Role::ALL)]);
    for principal in principals {
        for action in Action::ALL {
            for name in subjects_of(*action) {
                if let Err(denied) = may(&principal, *action, &subjects.get(name)) {
                    let message = denied.message();
                    assert!(message.ends_with('.') && message.contains(" can"), "{denied:?}: {message}");
                    assert_eq!(denied.to_string(), message);
                }
            }
        }
    }
}

#[test]
fn all_lists_every_action() {
    assert_eq!(Action::ALL.len(), OwnTokens as usize + 1);
    for (at, action) in Action::ALL.iter().enumerate() {
        assert_eq!(*action as usize, at);
    }
}
