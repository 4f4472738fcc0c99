//! What must hold, said once more and otherwise: times as numbers, states as two flags, no code of the product.

use chrono::TimeDelta;
use lockbox_api::Time;
use serde_json::Value;

use crate::support::events::Dice;

/// After an end, a yes may be under way for so long (R12).
const GRACE: TimeDelta = TimeDelta::seconds(1);

impl Dice {
    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    /// One of the choices, each as often as its weight says.
    pub fn weighted(&mut self, choices: &[(&'static str, usize)]) -> &'static str {
        let mut left = self.roll(choices.iter().map(|one| one.1).sum());
        for (name, weight) in choices {
            if left < *weight {
                return name;
            }
            left -= weight;
        }
        unreachable!()
    }
}

/// What is asked of a grant.
#[derive(Clone, Debug)]
pub struct Question {
    pub engineer: String,
    pub environment: String,
    pub operation: String,
    pub target: String,
}

/// What the answer must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes,
    No,
    /// The question fell into an end: both are right for a moment.
    Either,
}

/// One request as the model knows it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub id: String,
    pub organization: usize,
    pub ticket: String,
    pub engineer: String,
    pub environment: String,
    pub protected: bool,
    pub excluded: bool,
    pub rejected: bool,
    pub internal: bool,
    pub minutes: i64,
    /// Waits for the customer or for somebody inside, until then.
    pub waits_until: Option<Time>,
    pub asked: bool,
    /// Consent or a recorded reason.
    pub ground: bool,
    pub grant: Option<String>,
    pub begins: Option<Time>,
    /// When its time is over.
    pub lapses: Option<Time>,
    /// When somebody ended it.
    pub ended: Option<Time>,
    pub over: bool,
}

/// Everything that happened.
pub struct Model {
    pub requests: Vec<Request>,
    /// Enabled, scope.
    pub policies: [(bool, &'static str); 2],
    /// By grant and id: who did what to which target.
    actions: std::collections::BTreeMap<(String, String), [String; 3]>,
}

impl Default for Model {
    fn default() -> Self {
        Self { requests: Vec::new(), policies: [(true, "some"); 2], actions: Default::default() }
    }
}

fn time(value: &Value) -> Option<Time> {
    value.as_str().map(|text| text.parse().unwrap())
}

impl Request {
    /// Takes over what an answer says of the access; it must say what the model expects.
    fn opened(&mut self, answer: &Value, minutes: i64, before: Time, after: Time) {
        assert!(self.grant.is_none(), "opened twice: {self:?}");
        let access = &answer["access"];
        assert_eq!(access["state"], "active", "{answer}");
        let begins = time(&access["starts_at"]).unwrap();
        assert!(before <= begins && begins <= after, "{begins} is not between {before} and {after}");
        self.grant = Some(access["grant_id"].as_str().unwrap().to_owned());
        self.begins = Some(begins);
        self.lapses = Some(begins + TimeDelta::minutes(minutes));
        self.waits_until = None;
    }

    /// Whether it still waits in the whole span, in none of it, or in a part.
    fn waits(&self, before: Time, after: Time) -> Verdict {
        match self.waits_until.filter(|_| !self.over && self.grant.is_none()) {
            None => Verdict::No,
            Some(until) if after < until => Verdict::Yes,
            Some(until) if before >= until => Verdict::No,
            Some(_) => Verdict::Either,
        }
    }

    /// Whether access is open in the whole span, in none of it, or in a part. `grace`: an end counts so much later.
    fn open(&self, before: Time, after: Time) -> Verdict {
        let (Some(_), Some(lapses)) = (&self.grant, self.lapses) else { return Verdict::No };
        let end = self.ended.map_or(lapses, |ended| ended.min(lapses));
        if self.ended.is_some() || before >= end {
            Verdict::No
        } else if after < end {
            Verdict::Yes
        } else {
            Verdict::Either
        }
    }
}

impl Model {
    fn consent_needed(&self, request: &Request) -> bool {
        let (enabled, scope) = self.policies[request.organization];
        enabled && !request.excluded && (scope == "all" || scope == "some" && request.protected)
    }

    /// What the customer is asked, or access that opens with a reason.
    fn pass(&self, request: &mut Request, answer: &Value, before: Time, after: Time) {
        let minutes = answer["access_minutes"].as_i64().unwrap();
        assert!(minutes <= request.minutes);
        request.minutes = minutes;
        if self.consent_needed(request) {
            assert_eq!(answer["status"], "customer_notified", "consent is needed: {answer}");
            assert!(answer["access"]["grant_id"].is_null(), "a grant without consent: {answer}");
            request.asked = true;
            request.waits_until = time(&answer["decide_by"]);
            assert!(request.waits_until.unwrap() > after);
        } else {
            assert_eq!(answer["status"], "not_required", "{answer}");
            assert!(answer["status_reason"].is_string(), "a grant without a reason: {answer}");
            request.ground = true;
            request.opened(answer, minutes, before, after);
        }
    }

    pub fn raised(&mut self, mut request: Request, answer: &Value, before: Time, after: Time) {
        // Deny wins; and what a rule holds back inside has no access, whatever the rule.
        assert!(!request.rejected || answer["status"] == "rejected", "{answer}");
        assert!(!request.internal || request.rejected || answer["status"] == "awaiting_internal_approval", "{answer}");
        if answer["status"] == "rejected" {
            assert!(answer["access"]["grant_id"].is_null(), "{answer}");
            request.over = true;
        } else if answer["status"] == "awaiting_internal_approval" {
            assert!(answer["access"]["grant_id"].is_null(), "{answer}");
            request.internal = true;
            request.waits_until = time(&answer["decide_by"]);
            request.minutes = request.minutes.min(answer["access_minutes"].as_i64().unwrap());
        } else {
            self.pass(&mut request, answer, before, after);
        }
        self.requests.push(request);
    }

    pub fn decided(
        &mut self,
        at: usize,
        approve: bool,
        minutes: Option<i64>,
        status: u16,
        answer: &Value,
        (before, after): (Time, Time),
    ) {
        let request = &mut self.requests[at];
        let waits = if request.asked { request.waits(before, after) } else { Verdict::No };
        let done = status == 200;
        match waits {
            Verdict::Yes => assert!(done, "a decision in time was refused: {answer} {request:?}"),
            Verdict::No => assert!(!done, "decided what can't be: {answer} {request:?}"),
            Verdict::Either => {}
        }
        if !done {
            assert!(matches!(status, 409 | 412), "{status} {answer}");
            return;
        }
        if approve {
            request.ground = true;
            let minutes = minutes.unwrap_or(request.minutes);
            request.opened(answer, minutes, before, after);
        } else {
            assert_eq!(answer["status"], "denied");
            request.over = true;
        }
    }

    pub fn decided_inside(&mut self, at: usize, approve: bool, status: u16, answer: &Value, before: Time, after: Time) {
        let mut request = self.requests[at].clone();
        let waits = if request.internal && !request.asked { request.waits(before, after) } else { Verdict::No };
        let done = status == 200;
        match waits {
            Verdict::Yes => assert!(done, "{answer} {request:?}"),
            Verdict::No => assert!(!done, "decided inside what can't be: {answer} {request:?}"),
            Verdict::Either => {}
        }
        if !done {
            return;
        }
        if !approve {
            assert_eq!(answer["status"], "rejected");
            request.over = true;
        } else if answer["status"] != "awaiting_internal_approval" {
            request.waits_until = None;
            self.pass(&mut request, answer, before, after);
        }
        self.requests[at] = request;
    }

    pub fn ended(&mut self, at: usize, what: &str, status: u16, answer: &Value, before: Time, after: Time) {
        let request = &mut self.requests[at];
        let can = if what == "cancel" { request.waits(before, after) } else { request.open(before, after) };
        let done = status == 200;
        match can {
            Verdict::Yes => assert!(done, "{what} was refused: {status} {answer} {request:?}"),
            Verdict::No => assert!(!done, "{what} of what can't be: {answer} {request:?}"),
            Verdict::Either => {}
        }
        if done && what == "cancel" {
            request.over = true;
        } else if done {
            request.ended = time(&answer["access"]["ended_at"]);
            assert!(request.ended.is_some_and(|ended| before <= ended && ended <= after), "{answer}");
        }
    }

    pub fn ticket_closed(&mut self, ticket: &str, before: Time) {
        for request in self.requests.iter_mut().filter(|request| request.ticket == ticket) {
            if request.grant.is_none() {
                request.over = true;
            } else if request.ended.is_none() && request.lapses.is_some_and(|lapses| lapses > before) {
                request.ended = Some(before);
            }
        }
    }

    fn covered(request: &Request, question: &Question, with_environment: bool) -> bool {
        question.engineer == request.engineer
            && (!with_environment || question.environment == request.environment)
            && question.operation == super::OPERATIONS[0]
            && question.target.to_lowercase().starts_with("payroll.")
    }

    pub fn verdict(&self, at: usize, question: &Question, before: Time, after: Time) -> Verdict {
        let request = &self.requests[at];
        if !request.ground || !Self::covered(request, question, true) {
            return Verdict::No;
        }
        match request.open(before, after) {
            // A check that began before the end may be answered by what held then, for a second.
            Verdict::Either if request.lapses.is_some_and(|lapses| before < lapses && after < lapses + GRACE) => {
                Verdict::Either
            }
            Verdict::Either => Verdict::No,
            clear => clear,
        }
    }

    /// What may become of a reported action.
    pub fn action(&mut self, at: usize, id: &str, question: &Question, time: Time, now: Time) -> Vec<&'static str> {
        let request = &self.requests[at];
        let grant = request.grant.clone().unwrap();
        if time > now + TimeDelta::minutes(5) {
            return vec!["invalid"];
        }
        let said = [&question.engineer, &question.operation, &question.target].map(Clone::clone);
        if let Some(known) = self.actions.get(&(grant.clone(), id.to_owned())) {
            return vec![if *known == said { "duplicate" } else { "invalid" }];
        }
        self.actions.insert((grant, id.to_owned()), said);
        let end = request.ended.map_or(request.lapses, |ended| request.lapses.map(|lapses| lapses.min(ended)));
        let inside = request.begins.is_some_and(|begins| time >= begins) && end.is_some_and(|end| time < end);
        let edge = end.is_some_and(|end| (time - end).abs() < GRACE);
        match (Self::covered(request, question, false), inside) {
            (true, _) if edge => vec!["recorded", "refused"],
            (true, true) => vec!["recorded"],
            _ => vec!["refused"],
        }
    }
}
