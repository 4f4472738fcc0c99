//! `lockbox grant`.

use std::path::Path;

use lockbox_api::{
    ids::GrantId,
    provider::{ActionInput, ActionResultKind, GrantActions, GrantCheckInput},
};
use serde_json::Value;

use super::{Failed, NO, Outcome, connect, done, failed, from_file, words};
use crate::{
    clock::Clock,
    config::{Actions, GrantCommand},
    random::Random,
};

/// Runs the command.
///
/// # Errors
/// [`Failed`], as one line.
pub async fn grant(command: &GrantCommand) -> Outcome {
    match command {
        GrantCommand::Check { id, engineer, environment, operation, target, remote } => {
            let question = GrantCheckInput {
                engineer_id: engineer.clone(),
                environment_id: environment.as_str().into(),
                operation: operation.clone(),
                target: target.clone(),
                lease: false,
            };
            let answer = connect(remote)?.check(&GrantId::from(id.as_str()), &question).await;
            let answer = answer.map_err(failed(remote))?;
            let code = if answer.allowed { 0 } else { NO };
            Ok(done(remote, code, &answer, || words::check(&answer)))
        }
        GrantCommand::Actions(actions) => report(actions).await,
    }
}

async fn report(actions: &Actions) -> Outcome {
    let remote = &actions.remote;
    let all = match &actions.file {
        Some(file) => from_list(file)?,
        None => vec![one(actions)],
    };
    let (client, grant) = (connect(remote)?, GrantId::from(actions.id.as_str()));
    let mut answer = GrantActions { accepted: 0, results: Vec::new() };
    for batch in lockbox_client::batches(&all) {
        let part = client.report(&grant, batch.to_vec()).await.map_err(|error| {
            let failure = failed(remote)(error);
            // What arrived before is in the log; whoever repeats the whole doubles nothing.
            let sent = answer.results.len();
            if sent == 0 { failure } else { Failed { line: format!("{failure} (after {sent} actions)"), ..failure } }
        })?;
        answer.accepted += part.accepted;
        answer.results.extend(part.results);
    }
    let whole =
        answer.results.iter().all(|one| matches!(one.result, ActionResultKind::Recorded | ActionResultKind::Duplicate));
    Ok(done(remote, if whole { 0 } else { NO }, &answer, || words::actions(&answer)))
}

/// The body of the call, or its list alone.
fn from_list(file: &Path) -> Result<Vec<ActionInput>, Failed> {
    let value: Value = from_file(file)?;
    let (value, prefix) = match value {
        Value::Object(mut body) if body.len() == 1 && body.contains_key("actions") => {
            (body.remove("actions").unwrap_or_default(), "/actions")
        }
        other => (other, ""),
    };
    let text = value.to_string();
    let name = file.display().to_string();
    let actions: Vec<ActionInput> = crate::http::extract::parse_json(text.as_bytes())
        .map_err(|error| Failed::wrong(&name, format_args!("{prefix}{}", super::told(&error))))?;
    if actions.is_empty() {
        return Err(Failed::wrong(&name, "there is no action in it"));
    }
    Ok(actions)
}

fn one(actions: &Actions) -> ActionInput {
    let now = Clock::starting_at(None).now();
    ActionInput {
        id: actions.action.clone().unwrap_or_else(|| Random::system().prefixed("act_", now)),
        time: actions.time.unwrap_or(now),
        engineer_id: actions.engineer.clone().unwrap_or_default(),
        operation: actions.operation.clone().unwrap_or_default(),
        target: actions.target.clone(),
        statement: actions.statement.clone(),
        rows: actions.rows,
        outcome: actions.outcome,
    }
}
