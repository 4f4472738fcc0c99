//! What happened in the demo: some weeks of requests, and those that wait now.

mod cases;

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    ids::RequestId,
    provider::{
        AccessRequestCreate, ActionInput, ActionOutcome, EndInput, InternalDecisionInput, ServiceRequestMessagePut,
        ServiceRequestPut,
    },
    requests::{DecisionInput, JustificationInput, Status},
    service_requests::Author,
};
use lockbox_rules::catalog;

use self::cases::{CASES, Case, Ending};
use super::{Maker, people::MERIDIAN};
use crate::{
    app::{Error, Origin, Result, Who, actions, decide, end, internal, provider, raise, reported::Reported, sweep},
    store::WriteTx,
};

/// How far the demo's history reaches back.
pub(super) const PAST: TimeDelta = TimeDelta::days(44);
/// The support request that the ready `curl` line names.
pub(super) const TICKET: &str = "2611210050001234";
/// How often time is looked at while the past is made.
const TICK: TimeDelta = TimeDelta::minutes(5);

/// One thing to do at its time.
struct Step {
    at: Time,
    case: usize,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Ticket,
    Raise,
    Internal(bool),
    View,
    Decide(bool),
    Act(u32),
    End,
    Close,
}

/// Makes what has happened until now.
pub(super) fn past(tx: &mut dyn WriteTx, maker: &Maker, now: Time) -> Result<()> {
    let cases: Vec<(usize, &Case)> = CASES.iter().enumerate().filter(|(_, case)| !case.waits()).collect();
    run(tx, maker, &cases, now)
}

/// Makes the requests that wait for a decision: of the customer, of somebody inside the provider, or of both. They are told
/// by mail like any other.
pub(super) fn present(tx: &mut dyn WriteTx, maker: &Maker, now: Time, customer: bool, inside: bool) -> Result<()> {
    let wanted = |case: &Case| if case.ending == Ending::WithProvider { inside } else { customer };
    let cases: Vec<(usize, &Case)> =
        CASES.iter().enumerate().filter(|(_, case)| case.waits() && wanted(case)).collect();
    run(tx, maker, &cases, now)
}

fn run(tx: &mut dyn WriteTx, maker: &Maker, cases: &[(usize, &Case)], now: Time) -> Result<()> {
    let mut steps: Vec<Step> = cases.iter().flat_map(|(number, case)| steps(*number, case, now)).collect();
    steps.sort_by_key(|step| step.at);
    let mut raised: Vec<Option<RequestId>> = vec![None; CASES.len()];
    let mut clock = steps.first().map_or(now, |step| step.at);
    for step in &steps {
        pass(tx, maker, &mut clock, step.at)?;
        take(tx, maker, step, &mut raised)?;
    }
    pass(tx, maker, &mut clock, now)
}

/// Lets time pass: what is due on the way is written down when it was due.
fn pass(tx: &mut dyn WriteTx, maker: &Maker, clock: &mut Time, until: Time) -> Result<()> {
    while *clock < until {
        *clock = (*clock + TICK).min(until);
        if !tx.requests_due(*clock, 1)?.is_empty() || !tx.grants_due(*clock, 1)?.is_empty() {
            let origin = Origin { correlation_id: maker.env.random.prefixed("req_", *clock), client_ip: None };
            sweep::sweep(tx, &maker.at(*clock, false), &origin)?;
        }
    }
    Ok(())
}

fn steps(number: usize, case: &Case, now: Time) -> Vec<Step> {
    let begin = now - TimeDelta::minutes(case.minutes_ago);
    let after = |minutes: i64| begin + TimeDelta::minutes(minutes);
    let mut steps = vec![(begin - TimeDelta::minutes(40), What::Ticket), (begin, What::Raise)];
    let mut add = |at: Time, what: What| steps.push((at, what));
    let work = if case.unasked() { 6 } else { case.decided_after + 6 };
    match case.ending {
        Ending::Waits | Ending::WithProvider | Ending::Rejected => {}
        Ending::Expires => add(after(case.decided_after), What::View),
        Ending::Denied => {
            add(after(case.decided_after - 3), What::View);
            add(after(case.decided_after), What::Decide(false));
        }
        Ending::RejectedInside => add(after(25), What::Internal(false)),
        Ending::Open | Ending::Lapses | Ending::Completed | Ending::Revoked | Ending::Closed => {
            if case.inside {
                add(after(10), What::Internal(true));
            }
            if !case.unasked() {
                add(after(case.decided_after - 3), What::View);
                add(after(case.decided_after), What::Decide(true));
            }
            for action in 0..case.actions {
                add(after(work + i64::from(action) * 7), What::Act(action));
            }
            let done = after(work + i64::from(case.actions) * 7 + 4);
            match case.ending {
                Ending::Completed | Ending::Revoked => add(done, What::End),
                Ending::Closed => add(done, What::Close),
                _ => {}
            }
        }
    }
    steps.into_iter().filter(|(at, _)| *at <= now).map(|(at, what)| Step { at, case: number, what }).collect()
}

fn take(tx: &mut dyn WriteTx, maker: &Maker, step: &Step, raised: &mut [Option<RequestId>]) -> Result<()> {
    let (at, case) = (step.at, &CASES[step.case]);
    let env = maker.at(at, case.waits() && matches!(step.what, What::Raise));
    let client = maker.client(at);
    let people = if case.organization == MERIDIAN { "meridian" } else { "northstar" };
    let who = |role: &str| Who {
        person_id: format!("per_{people}_{role}").as_str().into(),
        origin: maker.origin(at, if role == "admin" { "198.51.100.21" } else { "198.51.100.34" }),
    };
    let id = || raised[step.case].clone().ok_or(Error::NotFound);
    match step.what {
        What::Ticket => ticket(tx, maker, case, at, false),
        What::Close => ticket(tx, maker, case, at, true),
        What::Raise => {
            let request = raise::raise(tx, &env, &client, &ask(maker, case), None)?.request;
            raised[step.case] = Some(request.id);
            Ok(())
        }
        What::Internal(approve) => {
            let input = InternalDecisionInput {
                approve,
                approver_id: "per_provider_lead".to_owned(),
                approver_name: "Robin Lee".to_owned(),
                role: tx
                    .request_anywhere(&id()?)?
                    .and_then(|request| request.evaluation.internal_approval_role)
                    .unwrap_or_else(|| "support_lead".to_owned()),
                // That of the account.
                team: None,
                justification: if approve {
                    "Needed to reproduce the fault."
                } else {
                    "Standard tools are enough here."
                }
                .to_owned(),
            };
            internal::decide(tx, &env, &client, &id()?, &input).map(drop)
        }
        What::View => decide::viewed(tx, &env, &who(case.decider), &id()?),
        What::Decide(approve) => {
            let version = tx.request_anywhere(&id()?)?.ok_or(Error::NotFound)?.version;
            let wish = if approve { decide::Wish::Approve } else { decide::Wish::Deny };
            let input = DecisionInput { justification: case.answer.to_owned(), access_minutes: case.granted };
            decide::decide(tx, &env, &who(case.decider), &id()?, version, wish, &input).map(drop)
        }
        What::Act(number) => act(tx, maker, case, &id()?, number, at),
        What::End if case.ending == Ending::Revoked => {
            let input = JustificationInput { justification: case.closing.to_owned() };
            end::revoke(tx, &env, &who("admin"), &id()?, &input).map(drop)
        }
        What::End => {
            let input = EndInput { engineer_id: case.engineer.0.to_owned(), note: Some(case.closing.to_owned()) };
            end::complete(tx, &env, &client, &id()?, &input).map(drop)
        }
    }
}

fn ticket(tx: &mut dyn WriteTx, maker: &Maker, case: &Case, at: Time, closed: bool) -> Result<()> {
    let message = |id: &str, author, name: &str, minutes: i64, text: &str| ServiceRequestMessagePut {
        id: format!("msg_{}_{id}", case.ticket),
        author,
        author_name: name.to_owned(),
        at: at + TimeDelta::minutes(minutes),
        text: text.to_owned(),
    };
    let mut messages = vec![
        message(
            "1",
            Author::Provider,
            "Support desk",
            4,
            "Thank you. We are looking at the service's own telemetry first.",
        ),
        message("2", Author::Provider, case.engineer.1, 21, case.found),
    ];
    if closed {
        messages = vec![message(
            "3",
            Author::Provider,
            case.engineer.1,
            0,
            "This is solved on our side, so we close the request. Write to us if it comes back.",
        )];
    }
    let input = ServiceRequestPut {
        title: case.title.to_owned(),
        description: case.description.to_owned(),
        severity: case.severity,
        environment_id: Some(case.environment.into()),
        closed,
        messages,
    };
    let organization = case.organization.into();
    provider::put_service_request(
        tx,
        &maker.at(at, false),
        &maker.client(at),
        &organization,
        &case.ticket.into(),
        &input,
    )
    .map(drop)
}

fn ask(maker: &Maker, case: &Case) -> AccessRequestCreate {
    let services = maker.env.book.catalog();
    let stores = services
        .services
        .iter()
        .find(|service| catalog::operation(service, case.operations[0]).is_some() && service.id == case.service());
    let has_store = |id: &str| stores.is_some_and(|service| service.data_stores.iter().any(|store| store.id == id));
    AccessRequestCreate {
        organization_id: case.organization.into(),
        environment_id: case.environment.into(),
        service_request_id: case.ticket.into(),
        engineer: case.engineer(),
        operations: case.operations.iter().map(|name| (*name).to_owned()).collect(),
        data_stores: if has_store("sql") { vec!["sql".to_owned()] } else { Vec::new() },
        targets: case.targets.iter().map(|target| (*target).to_owned()).collect(),
        permission_level: case.level,
        direct_data_access: true,
        reason_code: case.reason,
        justification: case.why.to_owned(),
        access_minutes: Some(case.minutes),
        exclusion: case.exclusion.map(|(kind, reason)| lockbox_api::requests::Exclusion {
            kind,
            reason: reason.to_owned(),
            disclose_at: None,
            script: (kind == lockbox_api::requests::ExclusionKind::ReviewedMaintenanceScript).then(|| {
                lockbox_api::requests::ReviewedScript {
                    id: "index-health 4.2".to_owned(),
                    reviewer: "Robin Lee".to_owned(),
                }
            }),
        }),
        resource_scope: None,
    }
}

fn act(tx: &mut dyn WriteTx, maker: &Maker, case: &Case, id: &RequestId, number: u32, at: Time) -> Result<()> {
    let request = tx.request_anywhere(id)?.ok_or(Error::NotFound)?;
    let Some(grant) = request.grant.filter(|_| request.status != Status::Denied) else { return Ok(()) };
    let (target, statement, rows) = case.done[number as usize % case.done.len()];
    let action = ActionInput {
        id: format!("a-{number}"),
        time: at - TimeDelta::seconds(2),
        engineer_id: case.engineer.0.to_owned(),
        operation: case.operations[number as usize % case.operations.len()].to_owned(),
        target: Some(target.to_owned()),
        statement: (!statement.is_empty()).then(|| statement.to_owned()),
        rows,
        outcome: ActionOutcome::Success,
    };
    actions::report(tx, &maker.at(at, false), &maker.client(at), &grant.id, &[Reported::Action(action)]).map(drop)
}
