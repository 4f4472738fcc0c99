//! What an engineer did under a grant becomes `data_access` events.

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    events::{Category, Outcome},
    ids::GrantId,
    provider::{
        ActionInput, ActionOutcome, ActionResult, ActionResultKind, GrantActions, GrantActionsInput, RefusalReason,
    },
};
use lockbox_rules::{
    grants::{self, Ask},
    validate,
};
use serde_json::json;

use super::{Client, Env, Error, Result, alerts, grants as grant_cases, record};
use crate::store::{GrantRecord, NewEvent, RequestRecord, WriteTx};

/// Most actions in one batch.
pub const BATCH_MAX: usize = 1_000;
/// How far a reported time may lie ahead of Lockbox's clock: clocks differ, futures don't happen.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

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
    input: &GrantActionsInput,
) -> Result<GrantActions> {
    let grant = grant_cases::of_client(tx.reader(), client, id)?;
    if input.actions.is_empty() || input.actions.len() > BATCH_MAX {
        return Err(Error::field("/actions", format!("Send 1 to {BATCH_MAX} actions at a time.")));
    }
    let request = tx.request(&grant.organization_id, &grant.request_id)?.ok_or(Error::NotFound)?;
    let now = env.now();
    let mut batch =
        Batch { request: &request, grant: &grant, now, first: None, last: None, actions: 0, refused: 0, rows: 0 };
    let mut results = Vec::with_capacity(input.actions.len());
    for action in &input.actions {
        results.push(batch.record(tx, env, client, action)?);
    }
    if batch.actions > 0 {
        tx.count_actions(id, batch.first.zip(batch.last), batch.actions, batch.refused, batch.rows)?;
    }
    if batch.refused > 0 {
        alerts::refused(tx, env, &request, grant.refused_actions + batch.refused, now)?;
    }
    let accepted = u32::try_from(batch.actions).unwrap_or(u32::MAX);
    Ok(GrantActions { accepted, results })
}

struct Batch<'a> {
    request: &'a RequestRecord,
    grant: &'a GrantRecord,
    now: Time,
    first: Option<Time>,
    last: Option<Time>,
    actions: u64,
    refused: u64,
    rows: u64,
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
        if let Some(message) = validate::action(action) {
            return Ok(result(ActionResultKind::Invalid, Some(message)));
        }
        if action.time > self.now + AHEAD {
            return Ok(result(ActionResultKind::Invalid, Some("time: lies in the future.".to_owned())));
        }
        if tx.has_action_id(&self.grant.id, &action.id)? {
            return Ok(result(ActionResultKind::Duplicate, None));
        }
        let refusal = self.refusal(action);
        let event = self.event(env, client, action, refusal);
        let sequence = record::place(tx, &self.grant.organization_id, Some(self.request), event)?;
        tx.add_action_id(&self.grant.id, &action.id, sequence)?;
        self.actions += 1;
        match refusal {
            Some(reason) => {
                self.refused += 1;
                Ok(result(ActionResultKind::Refused, Some(reason.label().to_owned())))
            }
            None => {
                self.rows = self.rows.saturating_add(action.rows.unwrap_or(0));
                self.first = Some(self.first.map_or(action.time, |first| first.min(action.time)));
                self.last = Some(self.last.map_or(action.time, |last| last.max(action.time)));
                Ok(result(ActionResultKind::Recorded, None))
            }
        }
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

    fn event(&self, env: &Env, client: &Client, action: &ActionInput, refusal: Option<RefusalReason>) -> NewEvent {
        let words = self.request.operation_words.iter().find(|words| words.name == action.operation);
        let mut actor = record::engineer(self.request);
        if action.engineer_id != self.request.engineer.id {
            // Somebody else under this grant: never name the engineer who was approved.
            actor.id.clone_from(&action.engineer_id);
            actor.name.clone_from(&action.engineer_id);
        }
        NewEvent {
            id: env.id(self.now),
            time: self.now,
            category: Category::DataAccess,
            operation: action.operation.clone(),
            friendly_name: words.map(|words| words.friendly_name.clone()),
            actor,
            environment_id: Some(self.grant.environment_id.clone()),
            request_id: Some(self.grant.request_id.clone()),
            service_request_id: Some(self.request.service_request_id.clone()),
            grant_id: Some(self.grant.id.clone()),
            outcome: match (refusal, action.outcome) {
                (Some(_), _) => Outcome::Refused,
                (None, ActionOutcome::Failure) => Outcome::Failure,
                (None, _) => Outcome::Success,
            },
            client_ip: client.origin.client_ip.clone(),
            correlation_id: client.origin.correlation_id.clone(),
            details: record::details(json!({
                "action_id": action.id, "happened_at": action.time, "target": action.target,
                "statement": action.statement, "rows": action.rows, "refused_reason": refusal,
            })),
        }
    }
}
