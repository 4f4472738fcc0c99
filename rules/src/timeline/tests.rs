use lockbox_api::events::{Actor, ActorKind};
use serde_json::{Value, json};

use super::*;

fn event(sequence: u64, operation: &str, details: Value) -> Event {
    Event {
        id: format!("evt_{sequence}").as_str().into(),
        sequence,
        time: Time::from_timestamp(1_000 + i64::try_from(sequence).unwrap(), 0).unwrap(),
        category: Category::Activity,
        operation: operation.to_owned(),
        friendly_name: None,
        actor: Actor { id: "per_ada".to_owned(), name: "Ada".to_owned(), kind: ActorKind::Person },
        environment_id: None,
        request_id: Some("lbx_1".into()),
        service_request_id: None,
        grant_id: None,
        outcome: Outcome::Success,
        client_ip: None,
        correlation_id: "c".to_owned(),
        details: details.as_object().unwrap().clone(),
    }
}

fn told(activity: Activity, details: Value) -> (TimelineKind, String) {
    let entry = timeline(&[event(1, activity.as_str(), details)]).remove(0);
    assert_eq!((entry.actor.as_str(), entry.action), ("Ada", None));
    (entry.kind, entry.text)
}

#[test]
fn every_step_is_a_sentence() {
    use Activity as A;
    use TimelineKind as K;
    let rows = [
        (
            A::Create,
            json!({"operations": ["ExecuteSqlViaLockbox", "GetQueryTextTelemetryViaLockbox"], "access_minutes": 150}),
            K::Raised,
            "Ada asked for access with ExecuteSqlViaLockbox and GetQueryTextTelemetryViaLockbox for 2 hours 30 minutes.",
        ),
        (
            A::Create,
            json!({"operations": ["X"], "friendly_names": ["Run SQL", "Read logs"], "access_minutes": 60}),
            K::Raised,
            "Ada asked for access for 1 hour: Run SQL; Read logs.",
        ),
        (
            A::Create,
            json!({"access_minutes": 240, "asked_minutes": 480, "shortened_by": ["wide-access"], "friendly_names": ["Run SQL"]}),
            K::Raised,
            "Ada asked for access for 8 hours, shortened to 4 hours by the rule wide-access: Run SQL.",
        ),
        (
            A::Create,
            json!({"access_minutes": 240, "asked_minutes": 480, "shortened_by": ["a", "b"]}),
            K::Raised,
            "Ada asked for access for 8 hours, shortened to 4 hours by the rules a and b.",
        ),
        (A::Create, json!({"access_minutes": 60, "asked_minutes": 60}), K::Raised, "Ada asked for access for 1 hour."),
        (A::Create, json!({}), K::Raised, "Ada asked for access."),
        (
            A::Evaluate,
            json!({"outcome": "continued", "rules": []}),
            K::Evaluated,
            "The just-in-time service let the request go on.",
        ),
        (
            A::Evaluate,
            json!({"outcome": "rejected", "rules": ["no-mfa"]}),
            K::Evaluated,
            "The just-in-time service rejected the request (rule no-mfa).",
        ),
        (
            A::Evaluate,
            json!({"outcome": "internal_approval_required", "rules": [{"id": "a", "outcome": "x"}, {"id": "b"}]}),
            K::Evaluated,
            "The just-in-time service asked for an approval inside the provider first (rules a and b).",
        ),
        (A::Evaluate, json!({"outcome": 7}), K::Evaluated, "The just-in-time service judged the request."),
        (
            A::InternalApproval,
            json!({"role": "support_lead", "justification": "Needed."}),
            K::Internal,
            "Ada (support lead) let the request go on. “Needed.”",
        ),
        (
            A::Rejection,
            json!({"role": "support_lead", "justification": "Too wide."}),
            K::Internal,
            "Ada (support lead) rejected the request. “Too wide.”",
        ),
        (
            A::InternalApproval,
            json!({"role": "devops_manager", "team": "Platform", "justification": "Needed."}),
            K::Internal,
            "Ada (DevOps manager, Platform) let the request go on. “Needed.”",
        ),
        (
            A::InternalApprovalRequest,
            json!({"roles": ["support_lead"]}),
            K::Internal,
            "Inside the provider, the support lead was asked to approve first.",
        ),
        (
            A::InternalApprovalRequest,
            json!({"roles": ["support_lead", "devops_manager"]}),
            K::Internal,
            "Inside the provider, support lead and DevOps manager were asked to approve first, each of them.",
        ),
        (
            A::InternalApprovalRequest,
            json!({}),
            K::Internal,
            "Somebody inside the provider was asked to approve first.",
        ),
        (
            A::Expiry,
            json!({"inside": true}),
            K::Ended,
            "Nobody inside the provider decided in time: the request expired.",
        ),
        (
            A::Rejection,
            json!({"rule": "no-mfa"}),
            K::Internal,
            "The request was rejected by the provider's rule no-mfa.",
        ),
        (
            A::AccessWithoutRequest,
            json!({"reason": "lockbox_disabled"}),
            K::NotRequired,
            "Access opened without asking. Lockbox is off for this organisation.",
        ),
        (
            A::AccessWithoutRequest,
            json!({"reason": "emergency", "exclusion_reason": "Region down."}),
            K::NotRequired,
            "Access opened without asking. The provider declared an emergency outside standard procedures. “Region down.”",
        ),
        (A::AccessWithoutRequest, json!({"reason": "new"}), K::NotRequired, "Access opened without asking."),
        (A::Notify, json!({"recipients": 0}), K::Notified, "Nobody could be told by e-mail: there are no recipients."),
        (A::Notify, json!({"recipients": 1}), K::Notified, "E-mail to 1 address was queued."),
        (A::Notify, json!({"recipients": 3}), K::Notified, "E-mail to 3 addresses was queued."),
        (A::Notify, json!({}), K::Notified, "E-mail to the customer was queued."),
        (A::MailFailure, json!({}), K::Notified, "An e-mail about the request could not be delivered."),
        (A::View, json!({}), K::Viewed, "Ada looked at the request."),
        (A::Acknowledge, json!({"comment": "Seen."}), K::Viewed, "Ada acknowledged the access. “Seen.”"),
        (
            A::Approve,
            json!({"justification": " Go on. ", "access_minutes": 60}),
            K::Decided,
            "Ada approved the request: access opened for 1 hour. “Go on.”",
        ),
        (A::Deny, json!({"justification": "No."}), K::Decided, "Ada denied the request. “No.”"),
        (A::Expiry, json!({}), K::Ended, "Nobody decided in time: the request expired."),
        (A::Cancel, json!({"cause": "withdrawn", "note": "Solved."}), K::Ended, "Ada withdrew the request. “Solved.”"),
        (
            A::Cancel,
            json!({"cause": "service_request_closed"}),
            K::Ended,
            "The support request was closed: the request was cancelled.",
        ),
        (A::Revoke, json!({"justification": "Enough."}), K::Ended, "Ada ended the access. “Enough.”"),
        (A::Lapse, json!({}), K::Ended, "The access time was over: the access lapsed."),
        (
            A::Completion,
            json!({"cause": "engineer", "note": ""}),
            K::Ended,
            "Ada completed the work: the access ended.",
        ),
        (
            A::Completion,
            json!({"cause": "service_request_closed"}),
            K::Ended,
            "The support request was closed: the access ended.",
        ),
        (
            A::Cancel,
            json!({"cause": "environment_deleted"}),
            K::Ended,
            "The provider deleted the environment: the request was cancelled.",
        ),
        (
            A::Completion,
            json!({"cause": "environment_deleted"}),
            K::Ended,
            "The provider deleted the environment: the access ended.",
        ),
    ];
    for (activity, details, kind, text) in rows {
        assert_eq!(told(activity, details), (kind, text.to_owned()));
    }
}

#[test]
fn every_activity_is_either_a_step_or_left_out_on_purpose() {
    let left_out: Vec<&str> = Activity::ALL
        .iter()
        .filter(|activity| timeline(&[event(1, activity.as_str(), json!({}))]).is_empty())
        .map(|activity| activity.as_str())
        .collect();
    assert_eq!(left_out.len(), Activity::ALL.len() - 17);
    assert!(left_out.contains(&"Sign-in") && left_out.contains(&"Enable Lockbox"));
    assert!(timeline(&[event(1, "Something Newer", json!({}))]).is_empty());
}

fn done(sequence: u64, outcome: Outcome, details: Value) -> Event {
    let mut event = event(sequence, "ExecuteSqlViaLockbox", details);
    event.category = Category::DataAccess;
    event.friendly_name = Some("Run a SQL statement".to_owned());
    event.actor.name = "Engineer 417".to_owned();
    event.outcome = outcome;
    event
}

/// Found: a refused attempt to approve was told as "approved the request: access opened".
#[test]
fn a_refused_attempt_is_no_step() {
    for activity in [Activity::Approve, Activity::Deny, Activity::Revoke] {
        let mut attempt = event(1, activity.as_str(), json!({"justification": "Fine.", "access_minutes": 60}));
        attempt.outcome = Outcome::Refused;
        assert_eq!(timeline(&[attempt]), Vec::new());
    }
    let mut rejection = event(1, Activity::Rejection.as_str(), json!({"rule": "mfa-required"}));
    rejection.outcome = Outcome::Refused;
    assert_eq!(timeline(&[rejection])[0].text, "The request was rejected by the provider's rule mfa-required.");
}

#[test]
fn actions_carry_what_was_done() {
    let details = json!({"target": "payroll.dbo.Pay", "statement": "select 1", "rows": 3});
    let entry = timeline(&[done(1, Outcome::Success, details)]).remove(0);
    assert_eq!(entry.kind, TimelineKind::Action);
    assert_eq!(entry.text, "Engineer 417 did: Run a SQL statement on payroll.dbo.Pay.");
    let action = entry.action.unwrap();
    assert_eq!(action.operation, "ExecuteSqlViaLockbox");
    assert_eq!(action.friendly_name, "Run a SQL statement");
    assert_eq!((action.target.as_deref(), action.statement.as_deref()), (Some("payroll.dbo.Pay"), Some("select 1")));
    assert_eq!((action.rows, action.refused, action.failed), (Some(3), false, false));
    assert_eq!(action.refused_reason, None);
}

#[test]
fn refused_and_failed_actions_are_marked() {
    let entry = timeline(&[done(1, Outcome::Refused, json!({"refused_reason": "lapsed"}))]).remove(0);
    assert_eq!(entry.kind, TimelineKind::Refused);
    assert_eq!(entry.text, "Engineer 417 was refused: Run a SQL statement. The access time was over.");
    let action = entry.action.unwrap();
    assert_eq!((action.refused, action.failed), (true, false));
    assert_eq!(action.refused_reason.as_deref(), Some("The access time was over."));

    let reported = |details| timeline(&[done(1, Outcome::Refused, details)]).remove(0);
    let entry = reported(json!({"refused_reason": "lapsed", "reported_outcome": "success"}));
    assert_eq!(
        entry.text,
        "Engineer 417 did, although it was not allowed: Run a SQL statement. The access time was over. The provider reports it as done."
    );
    let action = entry.action.unwrap();
    assert_eq!((action.refused, action.done_outside, action.failed), (true, true, false));
    let entry = reported(json!({"refused_reason": "lapsed", "reported_outcome": "failure"}));
    assert_eq!(
        entry.text,
        "Engineer 417 tried, although it was not allowed, and failed: Run a SQL statement. The access time was over."
    );
    let action = entry.action.unwrap();
    assert_eq!((action.refused, action.done_outside, action.failed), (true, false, true));
    let stopped = reported(json!({"refused_reason": "lapsed", "reported_outcome": "refused"}));
    assert_eq!(stopped.text, "Engineer 417 was refused: Run a SQL statement. The access time was over.");
    let faulty =
        json!({"refused_reason": "faulty_report", "reported_outcome": "success", "report_fault": "time: far."});
    let entry = reported(faulty);
    assert!(entry.text.starts_with("A faulty report about Engineer 417: Run a SQL statement."), "{}", entry.text);
    assert!(entry.text.ends_with("(time: far.)") && !entry.action.unwrap().done_outside);

    let entry = timeline(&[done(1, Outcome::Failure, json!({}))]).remove(0);
    assert_eq!(entry.kind, TimelineKind::Action);
    assert_eq!(entry.text, "Engineer 417 tried and failed: Run a SQL statement.");
    assert!(entry.action.unwrap().failed);

    let unknown = timeline(&[done(1, Outcome::Refused, json!({"refused_reason": "something newer"}))]).remove(0);
    assert_eq!(unknown.action.unwrap().refused_reason.as_deref(), Some("something newer"));
    let mut unnamed = done(1, Outcome::Success, json!({}));
    unnamed.friendly_name = None;
    assert_eq!(timeline(&[unnamed])[0].text, "Engineer 417 did: ExecuteSqlViaLockbox.");
}

#[test]
fn the_oldest_step_comes_first_and_actions_stand_where_they_happened() {
    let happened = |seconds| Time::from_timestamp(seconds, 0).unwrap().to_rfc3339();
    let events = [
        done(9, Outcome::Success, json!({"happened_at": happened(1_004)})),
        event(5, Activity::Revoke.as_str(), json!({})),
        event(2, Activity::Create.as_str(), json!({})),
        event(3, Activity::Approve.as_str(), json!({})),
        done(8, Outcome::Success, json!({"happened_at": "not a time"})),
    ];
    let kinds: Vec<TimelineKind> = timeline(&events).iter().map(|entry| entry.kind).collect();
    use TimelineKind::{Action, Decided, Ended, Raised};
    assert_eq!(kinds, [Raised, Decided, Action, Ended, Action]);

    // Within one instant the log's own order holds.
    let mut first = event(1, Activity::Create.as_str(), json!({}));
    let second = event(2, Activity::Evaluate.as_str(), json!({}));
    first.time = second.time;
    let kinds: Vec<TimelineKind> = timeline(&[second, first]).iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Raised, TimelineKind::Evaluated]);
}

#[test]
fn details_of_another_shape_break_nothing() {
    for details in [
        json!({"operations": "x", "access_minutes": -1, "rules": {"a": 1}, "recipients": "many", "justification": 7}),
        json!({"operations": [1, null, {"name": "x"}], "access_minutes": 99_999_999_999_u64, "rules": [[]], "reason": []}),
    ] {
        for activity in Activity::ALL {
            let steps = timeline(&[event(1, activity.as_str(), details.clone())]);
            assert!(steps.iter().all(|step| step.text.ends_with(['.', '”'])), "{steps:?}");
        }
        assert_eq!(timeline(&[done(1, Outcome::Refused, details)]).len(), 1);
    }
}

#[test]
fn the_first_use_stands_before_the_action_that_it_was_also_where_that_is_left_out() {
    let steps = [
        event(1, Activity::Create.as_str(), json!({})),
        event(2, Activity::Approve.as_str(), json!({})),
        event(9, Activity::Revoke.as_str(), json!({})),
    ];
    let mut action = event(5, "ExecuteSqlViaLockbox", json!({}));
    action.category = Category::DataAccess;
    let first = Time::from_timestamp(1_005, 0).unwrap();
    for (events, expected) in [
        ([&steps[..], &[action]].concat(), vec!["raised", "decided", "first_use", "action", "ended"]),
        (steps.to_vec(), vec!["raised", "decided", "first_use", "ended"]),
    ] {
        let mut told = timeline(&events);
        note_first_use(&mut told, "Engineer 417", first);
        assert_eq!(told.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>(), expected);
        assert_eq!(told[2].text, "Engineer 417 used the access for the first time.");
        assert_eq!((told[2].at, told[2].actor.as_str()), (first, "Engineer 417"));
    }
}
