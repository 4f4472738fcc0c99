//! What an engineer did under a grant becomes `data_access` events.

use lockbox_api::{
    Time,
    events::{Category, Outcome},
    ids::GrantId,
    provider::{ActionInput, ActionOutcome, ActionResult, ActionResultKind, GrantActions, RefusalReason},
};
use lockbox_rules::{
    grants::{self, Ask},
    validate,
};
use serde_json::json;

use super::{
    Client, Env, Error, Result, alerts, grants as grant_cases, record,
    reported::{FaultyReport, Readable, Reported},
    session,
};
use crate::{
    hex::hex,
    store::{ActionContent, ActionCounts, GrantRecord, NewEvent, RequestRecord, WriteTx},
};

/// Most actions in one batch.
pub const BATCH_MAX: usize = 1_000;

/// Why an action is not believed any more.
const TOO_LATE: &str =
    "time: the access ended more than 24 hours ago; what is reported so late of the time before can't be judged.";

/// Why an action is not the one that its id names.
const ANOTHER: &str =
    "id: another action under this grant was reported with this id. Give every action an id of its own.";

/// What an action says, in few bytes. Its time is left out: whoever reports a second time may take the time anew.
fn content(action: &ActionInput) -> ActionContent {
    let ActionInput { id: _, time: _, engineer_id, operation, target, statement, rows, outcome } = action;
    let said = (engineer_id, operation, target, statement, rows, outcome);
    // Strings and a number: writing them can't fail.
    short(&serde_json::to_string(&said).unwrap_or_default())
}

fn short(text: &str) -> ActionContent {
    let mut content = ActionContent::default();
    for (to, from) in content.iter_mut().zip(session::hash(text)) {
        *to = from;
    }
    content
}

/// Records a batch. Every action gets its own result; a wrong one does not stop the others.
/// Permissions: an API client that speaks of the organisation.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Fields`] for a batch that is empty or too long.
pub fn report(
    tx: &mut dyn WriteTx,
    env: &Env,
    client: &Client,
    id: &GrantId,
    actions: &[Reported],
) -> Result<GrantActions> {
    let grant = grant_cases::of_client(tx.reader(), client, id)?;
    if actions.is_empty() || actions.len() > BATCH_MAX {
        return Err(Error::field("/actions", format!("Send 1 to {BATCH_MAX} actions at a time.")));
    }
    let request = tx.request(&grant.organization_id, &grant.request_id)?.ok_or(Error::NotFound)?;
    let now = env.now();
    let mut batch = Batch { request: &request, grant: &grant, now, counts: ActionCounts::default() };
    let mut results = Vec::with_capacity(actions.len());
    for action in actions {
        results.push(match action {
            Reported::Action(action) => batch.record(tx, env, client, action)?,
            Reported::Faulty(report) => batch.without_form(tx, env, client, report)?,
        });
    }
    let counts = batch.counts;
    if counts != ActionCounts::default() {
        tx.count_actions(id, &counts)?;
    }
    if counts.refused > 0 {
        let refused = alerts::Refused {
            all: grant.refused_actions + counts.refused,
            done: grant.done_outside + counts.done_outside,
            faulty: grant.faulty_reports + counts.faulty,
        };
        alerts::refused(tx, env, &request, refused, now)?;
    }
    let taken = |one: &&ActionResult| matches!(one.result, ActionResultKind::Recorded | ActionResultKind::Refused);
    let accepted = u32::try_from(results.iter().filter(taken).count()).unwrap_or(u32::MAX);
    Ok(GrantActions { accepted, results })
}

/// What goes into the log of an action or of a faulty report.
struct Said<'a> {
    id: &'a str,
    time: Option<Time>,
    engineer_id: &'a str,
    operation: &'a str,
    target: Option<&'a str>,
    statement: Option<&'a str>,
    rows: Option<u64>,
    outcome: Option<ActionOutcome>,
}

struct Batch<'a> {
    request: &'a RequestRecord,
    grant: &'a GrantRecord,
    now: Time,
    counts: ActionCounts,
}

impl Batch<'_> {
    fn record(
        &mut self,
        tx: &mut dyn WriteTx,
        env: &Env,
        client: &Client,
        action: &ActionInput,
    ) -> Result<ActionResult> {
        let result = |result, detail: Option<String>| ActionResult { id: action.id.clone(), result, detail };
        let ahead = || (action.time > self.now + grants::REPORT_AHEAD).then(|| "time: lies in the future.".to_owned());
        if let Some(message) = validate::action(action).or_else(ahead) {
            self.faulty(tx, env, client, &action.into(), content(action), &message)?;
            return Ok(result(ActionResultKind::Invalid, Some(message)));
        }
        let content = content(action);
        if let Some(known) = tx.known_action(&self.grant.id, &action.id)? {
            if known.is_none_or(|known| known == content) {
                return Ok(result(ActionResultKind::Duplicate, None));
            }
            // Nobody hides an action behind the id of a harmless one.
            self.faulty(tx, env, client, &action.into(), content, ANOTHER)?;
            return Ok(result(ActionResultKind::Invalid, Some(ANOTHER.to_owned())));
        }
        let refusal = self.refusal(action);
        let end = grants::end(&grant_cases::facts(self.grant));
        if refusal.is_none() && self.now > end + grants::REPORT_AFTER_END {
            // Its own time is all that speaks for it, and nobody could have seen it till now.
            self.faulty(tx, env, client, &action.into(), content, TOO_LATE)?;
            return Ok(result(ActionResultKind::Invalid, Some(TOO_LATE.to_owned())));
        }
        let said = Said {
            id: &action.id,
            time: Some(action.time),
            engineer_id: &action.engineer_id,
            operation: &action.operation,
            target: action.target.as_deref(),
            statement: action.statement.as_deref(),
            rows: action.rows,
            outcome: Some(action.outcome),
        };
        let mut event = self.event(env, client, &said, refusal);
        if refusal.is_none() && self.now >= end {
            event.details.insert("reported_after_end".to_owned(), json!(true));
        }
        let sequence = record::place(tx, &self.grant.organization_id, Some(self.request), event)?;
        tx.add_action(&self.grant.id, &action.id, sequence, &content)?;
        let counts = &mut self.counts;
        counts.actions += 1;
        let done = action.outcome == ActionOutcome::Success;
        if done || refusal.is_none() {
            counts.rows = counts.rows.saturating_add(action.rows.unwrap_or(0));
        }
        if let Some(reason) = refusal {
            counts.refused += 1;
            counts.done_outside += u64::from(done);
            return Ok(result(ActionResultKind::Refused, Some(reason.label().to_owned())));
        }
        let (first, last) = counts.span.unwrap_or((action.time, action.time));
        counts.span = Some((first.min(action.time), last.max(action.time)));
        Ok(result(ActionResultKind::Recorded, None))
    }

    /// What has not the form of an action.
    fn without_form(
        &mut self,
        tx: &mut dyn WriteTx,
        env: &Env,
        client: &Client,
        report: &FaultyReport,
    ) -> Result<ActionResult> {
        self.faulty(tx, env, client, &report.readable, short(&report.sent), &report.fault)?;
        Ok(ActionResult {
            id: report.readable.id.clone().unwrap_or_default(),
            result: ActionResultKind::Invalid,
            detail: Some(report.fault.clone()),
        })
    }

    /// What was reported so that it can't be judged is in the log all the same, with what can be read of it: nobody hides
    /// an action behind a fault in its report. Once for each fault; what is sent again with the same id after it was mended
    /// is an action like any other.
    fn faulty(
        &mut self,
        tx: &mut dyn WriteTx,
        env: &Env,
        client: &Client,
        action: &Readable,
        content: ActionContent,
        fault: &str,
    ) -> Result<()> {
        let id = action.id.as_deref().unwrap_or_default();
        // Any number of actions may claim one id, or none: each of them is told.
        let which = if fault == ANOTHER || id.is_empty() { hex(&content) } else { String::new() };
        // A valid id never contains a control character: nobody's id is taken away.
        let known = format!("\u{1}{}", hex(&session::hash(&format!("{id}\u{1}{fault}{which}"))));
        if tx.known_action(&self.grant.id, &known)?.is_some() {
            return Ok(());
        }
        let kept = action.kept();
        let said = Said {
            id: kept.id.as_deref().unwrap_or_default(),
            time: kept.time,
            engineer_id: kept.engineer_id.as_deref().unwrap_or_default(),
            operation: kept.operation.as_deref().unwrap_or_default(),
            target: kept.target.as_deref(),
            statement: kept.statement.as_deref(),
            rows: kept.rows,
            outcome: kept.outcome,
        };
        let mut event = self.event(env, client, &said, Some(RefusalReason::FaultyReport));
        event.details.insert("report_fault".to_owned(), json!(fault));
        if let Some(whole) = action.statement.as_ref().filter(|whole| kept.statement.as_ref() != Some(whole)) {
            event.details.insert("statement_sha256".to_owned(), json!(hex(&session::hash(whole))));
        }
        let sequence = record::place(tx, &self.grant.organization_id, Some(self.request), event)?;
        tx.add_action(&self.grant.id, &known, sequence, &content)?;
        self.counts.actions += 1;
        self.counts.refused += 1;
        self.counts.faulty += 1;
        Ok(())
    }

    fn refusal(&self, action: &ActionInput) -> Option<RefusalReason> {
        let ask = Ask {
            engineer_id: &action.engineer_id,
            environment_id: None,
            operation: &action.operation,
            target: action.target.as_deref(),
        };
        grants::check_action(&grant_cases::facts(self.grant), &ask, action.time)
            .err()
            .or((action.outcome == ActionOutcome::Refused).then_some(RefusalReason::StoppedByProvider))
    }

    fn event(&self, env: &Env, client: &Client, action: &Said<'_>, refusal: Option<RefusalReason>) -> NewEvent {
        let words = self.request.operation_words.iter().find(|words| words.name == action.operation);
        let mut actor = record::engineer(self.request);
        if action.engineer_id != self.request.engineer.id {
            // Somebody else under this grant: never name the engineer who was approved.
            action.engineer_id.clone_into(&mut actor.id);
            action.engineer_id.clone_into(&mut actor.name);
        }
        NewEvent {
            id: env.id(self.now),
            time: self.now,
            category: Category::DataAccess,
            operation: action.operation.to_owned(),
            friendly_name: words.map(|words| words.friendly_name.clone()),
            actor,
            environment_id: Some(self.grant.environment_id.clone()),
            request_id: Some(self.grant.request_id.clone()),
            service_request_id: Some(self.request.service_request_id.clone()),
            grant_id: Some(self.grant.id.clone()),
            outcome: match (refusal, action.outcome) {
                (Some(_), _) => Outcome::Refused,
                (None, Some(ActionOutcome::Failure)) => Outcome::Failure,
                (None, _) => Outcome::Success,
            },
            client_ip: client.origin.client_ip.clone(),
            correlation_id: client.origin.correlation_id.clone(),
            details: record::details(json!({
                "action_id": action.id, "happened_at": action.time, "target": action.target,
                "statement": action.statement, "rows": action.rows, "refused_reason": refusal,
                // Whether it was done all the same.
                "reported_outcome": refusal.and(action.outcome),
            })),
        }
    }
}
