//! R12, R13: a long random history against a model that shares no line with the product. What the model says no to, Lockbox
//! never says yes to, over restarts and over clocks that are set forward and back. Restarts and jumps come at any moment, also
//! between the end of an access and the job that writes it down; the server's time is measured by the checker's own watch.
//!
//! `LOCKBOX_CHECKER_SEED` repeats a run, `LOCKBOX_CHECKER_STEPS` makes it longer.
//!
//! Length: one history: every step is a few lines, and the steps are read beside each other.

mod model;
mod side;

use std::{collections::BTreeSet, time::Instant};

use chrono::TimeDelta;
use lockbox_api::Time;
use serde_json::{Value, json};

use crate::support::{
    events::Dice,
    world::{Customer, MERIDIAN, NORTHSTAR},
};
use model::{Model, Question, Request, Verdict};
use side::{InProcess, OverHttp, Side};

/// Random steps of the long run, and of the one with real processes.
const STEPS: u64 = 100_000;
const STEPS_OVER_HTTP: u64 = 3_000;
/// Two clocks that are read one after the other may differ by so much.
const CLOSE: TimeDelta = TimeDelta::milliseconds(60);
/// Things of this many requests back are still touched.
const RECENT: usize = 40;

const ENGINEERS: [&str; 3] = ["eng-417", "eng-9", "eng-88"];
const OPERATIONS: [&str; 2] = ["ExecuteSqlViaLockbox", "RestoreDatabaseCopyViaLockbox"];
const TARGETS: [&str; 3] = ["payroll.dbo.Pay", "PAYROLL.dbo.x", "hr.dbo.People"];

/// One run.
struct Run<S> {
    side: S,
    model: Model,
    dice: Dice,
    tickets: [String; 2],
    counts: std::collections::BTreeMap<&'static str, u64>,
    number: u64,
    /// The latest time that the server has told, and when that was on the checker's own watch.
    told: Option<(Time, Instant)>,
    /// Grants of which it was said that they are over.
    dead: BTreeSet<String>,
}

fn customer(index: usize) -> Customer {
    [MERIDIAN, NORTHSTAR][index]
}

impl<S: Side> Run<S> {
    async fn new(side: S, seed: u64) -> Self {
        let mut run = Self {
            side,
            model: Model::default(),
            dice: Dice(seed),
            tickets: [String::new(), String::new()],
            counts: Default::default(),
            number: 0,
            told: None,
            dead: BTreeSet::new(),
        };
        for index in 0..2 {
            run.open_ticket(index).await;
        }
        run
    }

    async fn provider(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.side.call(None, method, path, "", body).await
    }

    /// The server's time. It goes on at least as fast as the checker's watch, whatever happened since.
    async fn now(&mut self) -> Time {
        let begin = Instant::now();
        let now = self.side.now().await;
        if let Some((told, at)) = self.told {
            let due = told + TimeDelta::from_std(begin - at).unwrap() - CLOSE;
            assert!(now >= due, "the server's time was {told}, {:?} later it is {now}", begin - at);
        }
        self.told = Some((now, Instant::now()));
        now
    }

    async fn open_ticket(&mut self, index: usize) {
        self.number += 1;
        let ticket = format!("77{:014}", self.number);
        let path = format!("/provider/v1/organizations/{}/service-requests/{ticket}", customer(index).id);
        let body = json!({"title": "Slow", "severity": "high"});
        let (status, answer) = self.provider("PUT", &path, &body).await;
        assert_eq!(status, 201, "{answer}");
        self.tickets[index] = ticket;
    }

    async fn step(&mut self) {
        let weighted: [(&'static str, usize); 12] = [
            ("raise", 90),
            ("decide", 130),
            ("decide inside", 15),
            ("check", 530),
            ("actions", 60),
            ("revoke", 35),
            ("complete", 30),
            ("cancel", 15),
            ("close ticket", 5),
            ("policy", 15),
            ("clock", 70),
            ("restart", 1),
        ];
        let what = self.dice.weighted(&weighted);
        *self.counts.entry(what).or_default() += 1;
        match what {
            "raise" => self.raise().await,
            "decide" => self.decide().await,
            "decide inside" => self.decide_inside().await,
            "check" => self.check().await,
            "actions" => self.actions().await,
            "revoke" | "complete" | "cancel" => self.end(what).await,
            "close ticket" => self.close_ticket().await,
            "policy" => self.policy().await,
            "clock" => self.clock().await,
            _ => {
                // What is told before the end of a process holds in the next.
                self.now().await;
                self.side.restart().await;
                self.now().await;
            }
        }
    }

    async fn raise(&mut self) {
        let index = self.dice.roll(2);
        let customer = customer(index);
        let protected = self.dice.chance(80);
        let engineer = ENGINEERS[self.dice.roll(3)];
        let kind =
            self.dice.chance(10).then(|| ["emergency", "incidental_exposure", "legal_demand"][self.dice.roll(3)]);
        let level = if self.dice.chance(10) { "delete" } else { "read" };
        let mfa = !self.dice.chance(3);
        let minutes = 1 + self.dice.roll(240) as i64;
        let environment = if protected { customer.protected } else { customer.open };
        let mut body = json!({
            "organization_id": customer.id, "environment_id": environment, "service_request_id": self.tickets[index],
            "engineer": {"id": engineer, "name": engineer, "jit_role": "support_engineer", "isolated_identity": true, "mfa": mfa},
            "operations": [OPERATIONS[0]], "data_stores": ["sql"], "targets": ["payroll.*"], "permission_level": level,
            "direct_data_access": true, "reason_code": "customer_initiated_support", "justification": "Needed.",
            "access_minutes": minutes,
        });
        if let Some(kind) = kind {
            body["exclusion"] = json!({"kind": kind, "reason": "Written down."});
        }
        let before = self.now().await;
        let (status, answer) = self.provider("POST", "/provider/v1/access-requests", &body).await;
        let after = self.now().await;
        assert_eq!(status, 201, "{answer}");
        self.model.raised(
            Request {
                id: answer["id"].as_str().unwrap().to_owned(),
                organization: index,
                ticket: self.tickets[index].clone(),
                engineer: engineer.to_owned(),
                environment: environment.to_owned(),
                protected,
                excluded: kind.is_some(),
                rejected: !mfa,
                internal: level == "delete",
                minutes,
                ..Request::default()
            },
            &answer,
            before,
            after,
        );
    }

    /// One of the newest requests, if there is any.
    fn some_request(&mut self) -> Option<usize> {
        let all = self.model.requests.len();
        (all > 0).then(|| all - 1 - self.dice.roll(all.min(RECENT)))
    }

    async fn decide(&mut self) {
        let Some(at) = self.some_request() else { return };
        let approve = self.dice.chance(75);
        let request = self.model.requests[at].clone();
        let path = format!("/api/v1/lockbox-requests/{}", request.id);
        let who = Some(request.organization);
        let (status, seen) = self.side.call(who, "GET", &path, "", &Value::Null).await;
        assert_eq!(status, 200, "{seen}");
        let version = format!("\"{}\"", seen["version"]);
        let mut body = json!({"justification": "Looked at."});
        let minutes = (approve && self.dice.chance(50)).then(|| 1 + self.dice.roll(request.minutes as usize) as i64);
        if let Some(minutes) = minutes {
            body["access_minutes"] = json!(minutes);
        }
        let before = self.now().await;
        let path = format!("{path}/{}", if approve { "approve" } else { "deny" });
        let (status, answer) = self.side.call(who, "POST", &path, &version, &body).await;
        let after = self.now().await;
        self.model.decided(at, approve, minutes, status, &answer, (before, after));
    }

    async fn decide_inside(&mut self) {
        let Some(at) = self.some_request() else { return };
        let request = self.model.requests[at].clone();
        let approve = self.dice.chance(80);
        let path = format!("/provider/v1/access-requests/{}", request.id);
        let (_, seen) = self.provider("GET", &path, &Value::Null).await;
        let roles = seen["evaluation"]["internal_approval_roles"].as_array().cloned().unwrap_or_default();
        let given = seen["internal_decisions"].as_array().cloned().unwrap_or_default();
        let missing = roles.iter().find(|role| !given.iter().any(|one| &one["role"] == *role));
        let Some(role) = missing else { return };
        let body = json!({"approve": approve, "approver_id": format!("lead-{}", given.len()), "approver_name": "Lead",
            "role": role, "justification": "Fine."});
        let before = self.now().await;
        let (status, answer) = self.provider("POST", &format!("{path}/internal-decision"), &body).await;
        let after = self.now().await;
        self.model.decided_inside(at, approve, status, &answer, before, after);
    }

    fn question(&mut self, request: &Request) -> Question {
        let straight = self.dice.chance(70);
        let pick = |dice: &mut Dice, right: &str, all: &[&str]| {
            if straight || dice.chance(70) { right.to_owned() } else { all[dice.roll(all.len())].to_owned() }
        };
        let environments = [MERIDIAN.protected, MERIDIAN.open, NORTHSTAR.protected, NORTHSTAR.open];
        Question {
            engineer: pick(&mut self.dice, &request.engineer, &ENGINEERS),
            environment: pick(&mut self.dice, &request.environment, &environments),
            operation: pick(&mut self.dice, OPERATIONS[0], &OPERATIONS),
            target: pick(&mut self.dice, TARGETS[0], &TARGETS),
        }
    }

    async fn check(&mut self) {
        let Some(at) = self.some_request() else { return };
        let request = self.model.requests[at].clone();
        let question = self.question(&request);
        self.ask(at, question).await;
    }

    /// Asks about a grant, and compares the answer with what the model says.
    async fn ask(&mut self, at: usize, question: Question) {
        let request = self.model.requests[at].clone();
        let grant = request.grant.clone().unwrap_or_else(|| request.id.replace("lbx_", "grt_"));
        let body = json!({"engineer_id": question.engineer, "environment_id": question.environment,
            "operation": question.operation, "target": question.target, "lease": self.dice.chance(5)});
        let before = self.now().await;
        let (status, answer) = self.provider("POST", &format!("/provider/v1/grants/{grant}/check"), &body).await;
        let after = self.now().await;
        assert_eq!(status, if request.grant.is_some() { 200 } else { 404 }, "{answer}");
        let allowed = answer["allowed"] == true;
        if allowed {
            assert!(!self.dead.contains(&grant), "{grant} was over and is open again: {request:?}");
        } else if matches!(answer["reason"].as_str(), Some("lapsed" | "revoked" | "completed")) {
            self.dead.insert(grant);
        }
        *self.counts.entry(if allowed { "yes" } else { "no" }).or_default() += 1;
        match self.model.verdict(at, &question, before, after) {
            Verdict::Yes => assert!(allowed, "a good question was refused: {answer} {request:?} at {before}"),
            Verdict::No => assert!(!allowed, "yes where it must be no: {question:?} {request:?} at {before}"),
            Verdict::Either => {}
        }
    }

    async fn actions(&mut self) {
        let Some(at) = self.some_request() else { return };
        let request = self.model.requests[at].clone();
        let Some(grant) = request.grant.clone() else { return };
        let now = self.now().await;
        let mut actions = Vec::new();
        let mut expected = Vec::new();
        for _ in 0..=self.dice.roll(4) {
            let question = self.question(&request);
            self.number += 1;
            let id = if self.dice.chance(10) { "again".to_owned() } else { format!("a-{}", self.number) };
            // Not near the five minutes that a reported time may lie ahead: the clock goes on until the server looks.
            let seconds = Some(self.dice.roll(7_200) as i64 - 6_600).filter(|s| !(280..320).contains(s)).unwrap_or(400);
            let time = now + TimeDelta::seconds(seconds);
            expected.push(self.model.action(at, &id, &question, time, now));
            actions.push(
                json!({"id": id, "time": time, "engineer_id": question.engineer, "operation": question.operation,
                "target": question.target, "outcome": "success"}),
            );
        }
        let body = json!({"actions": actions});
        let (status, answer) = self.provider("POST", &format!("/provider/v1/grants/{grant}/actions"), &body).await;
        assert_eq!(status, 200, "{answer}");
        for (number, expected) in expected.into_iter().enumerate() {
            let (action, told) = (&actions[number], &answer["results"][number]["result"]);
            // An action on another environment can't be told from one on the right one: it names none.
            assert!(expected.contains(&told.as_str().unwrap()), "{action} was {told}, not {expected:?}: {request:?}");
        }
    }

    async fn end(&mut self, what: &str) {
        let Some(at) = self.some_request() else { return };
        let request = self.model.requests[at].clone();
        let before = self.now().await;
        let (status, answer) = if what == "revoke" {
            let path = format!("/api/v1/lockbox-requests/{}/revoke", request.id);
            self.side.call(Some(request.organization), "POST", &path, "", &json!({"justification": "Enough."})).await
        } else {
            let path = format!("/provider/v1/access-requests/{}/{what}", request.id);
            self.provider("POST", &path, &json!({"engineer_id": request.engineer})).await
        };
        let after = self.now().await;
        self.model.ended(at, what, status, &answer, before, after);
    }

    async fn close_ticket(&mut self) {
        let index = self.dice.roll(2);
        let ticket = self.tickets[index].clone();
        let before = self.now().await;
        let (status, answer) = if self.dice.chance(50) {
            let path = format!("/provider/v1/organizations/{}/service-requests/{ticket}", customer(index).id);
            let body = json!({"title": "Slow", "severity": "high", "closed": true});
            self.provider("PUT", &path, &body).await
        } else {
            let path = format!("/api/v1/service-requests/{ticket}/close");
            self.side.call(Some(index), "POST", &path, "", &json!({})).await
        };
        assert_eq!(status, 200, "{answer}");
        self.model.ticket_closed(&ticket, before);
        self.open_ticket(index).await;
    }

    async fn policy(&mut self) {
        let index = self.dice.roll(2);
        let (_, setting) = self.side.call(Some(index), "GET", "/api/v1/lockbox", "", &Value::Null).await;
        let enabled = self.dice.chance(85);
        let scope = ["some", "some", "all", "none"][self.dice.roll(4)];
        let ids = if scope == "some" { vec![customer(index).protected] } else { vec![] };
        let body = json!({"enabled": enabled, "policy": {"scope": scope, "environment_ids": ids}, "reason": "Try."});
        let version = format!("\"{}\"", setting["version"]);
        let (status, answer) = self.side.call(Some(index), "PUT", "/api/v1/lockbox", &version, &body).await;
        assert_eq!(status, 200, "{answer}");
        self.model.policies[index] = (enabled, scope);
    }

    async fn clock(&mut self) {
        let seconds = match self.dice.roll(10) {
            0 => -(self.dice.roll(100_000) as i64),
            1 => 3_600 * self.dice.roll(100) as i64,
            _ => self.dice.roll(1_800) as i64,
        };
        let before = self.now().await;
        self.side.jump(seconds).await;
        let after = self.now().await;
        assert!(after >= before + TimeDelta::seconds(seconds), "{seconds} s after {before} it is {after}");
        // The job looks twice a second; a check in between must not need it. What has just lapsed is asked for as it was
        // granted: nothing but the time says no.
        let lapsed =
            |request: &Request| request.ended.is_none() && request.lapses.is_some_and(|at| before < at && at <= after);
        let all = self.model.requests.iter().enumerate().rev().take(RECENT);
        let lapsed: Vec<usize> = all.filter(|(_, request)| lapsed(request)).map(|(at, _)| at).take(3).collect();
        for at in lapsed {
            let request = &self.model.requests[at];
            let question = Question {
                engineer: request.engineer.clone(),
                environment: request.environment.clone(),
                operation: OPERATIONS[0].to_owned(),
                target: TARGETS[0].to_owned(),
            };
            *self.counts.entry("lapsed, not swept").or_default() += 1;
            self.ask(at, question).await;
        }
        if self.dice.chance(50) {
            self.side.sweep().await;
        }
    }
}

async fn run<S: Side>(side: S, seed: u64, steps: u64) {
    let begin = Instant::now();
    let mut run = Run::new(side, seed).await;
    for step in 0..steps {
        // A test that fails shows what it printed: the seed is in every line.
        if step % 10_000 == 0 {
            println!("seed {seed}: step {step}, {} requests, {:?}", run.model.requests.len(), begin.elapsed());
        }
        run.step().await;
    }
    run.side.sweep().await;
    let faults = run.side.faults();
    assert!(faults.is_empty(), "{faults:?}");
    run.side.log_bears_out(&run.model);
    println!("seed {seed}: {steps} steps in {:?}: {:?}", begin.elapsed(), run.counts);
    assert!(run.counts["lapsed, not swept"] > steps / 500, "{:?}", run.counts);
    assert!(run.counts["yes"] > steps / 50 && run.counts["no"] > steps / 50, "both answers were met: {:?}", run.counts);
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect(name))
}

/// The history that everybody's run goes through; others by their seed.
fn seed() -> u64 {
    number("LOCKBOX_CHECKER_SEED", 20_261_122)
}

#[tokio::test]
async fn a_hundred_thousand_steps_and_never_a_yes_that_should_be_a_no() {
    run(InProcess::new().await, seed(), number("LOCKBOX_CHECKER_STEPS", STEPS)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_over_http_with_processes_that_are_killed() {
    run(OverHttp::new().await, seed() + 1, number("LOCKBOX_CHECKER_STEPS", STEPS_OVER_HTTP).min(STEPS_OVER_HTTP)).await;
}
