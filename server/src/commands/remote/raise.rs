//! `lockbox request raise`.

use lockbox_api::{provider::AccessRequestCreate, requests::Status};
use lockbox_rules::{jit, words as plain_words};
use serde_json::{Map, Value, json};

use super::{Failed, Outcome, REJECTED, connect, done, failed, from_file, told, wait, words};
use crate::{config::Raise, http::extract::parse_json};

/// Runs the command.
pub(super) async fn raise(raise: &Raise) -> Outcome {
    let remote = &raise.remote;
    let input = input(raise)?;
    let client = connect(remote)?;
    if raise.dry_run {
        let tried = client.try_out(&input).await.map_err(failed(remote))?;
        let code = if tried.status == Status::Rejected { REJECTED } else { 0 };
        return Ok(done(remote, code, &tried, || {
            let reason = tried.status_reason.map(|reason| format!(" {}", reason.label())).unwrap_or_default();
            let access = jit::period_in_words(tried.access_minutes, tried.asked_minutes, &tried.evaluation);
            let rules: Vec<&str> = tried.evaluation.rules.iter().map(|rule| rule.id.as_str()).collect();
            let rules = if rules.is_empty() { "none".to_owned() } else { plain_words::list(&rules) };
            format!(
                "It would stand at: {}.{reason} Access for {access}. Rules that match: {rules}. Nothing was raised.\n",
                words::status(tried.status)
            )
        }));
    }
    let raised = match &raise.idempotency_key {
        Some(key) => client.raise_once(&input, key).await,
        None => client.raise(&input).await,
    };
    let request = raised.map_err(failed(remote))?.request;
    if raise.wait {
        // Whoever waits and is interrupted finds the request again by this.
        wait::say(&format!("Raised {}.", request.id), false);
        return wait::wait(&client, &request.id, raise.timeout, raise.quiet, remote).await;
    }
    let code = if request.status == Status::Rejected { REJECTED } else { 0 };
    Ok(done(
        remote,
        code,
        &request,
        || {
            if raise.quiet { format!("{}\n", request.id) } else { words::request(&request) }
        },
    ))
}

/// The file's request with what the flags say over it.
fn input(raise: &Raise) -> Result<AccessRequestCreate, Failed> {
    let mut body: Map<String, Value> = raise.file.as_deref().map(from_file).transpose()?.unwrap_or_default();
    let texts = [
        ("organization_id", &raise.organization),
        ("environment_id", &raise.environment),
        ("service_request_id", &raise.service_request),
        ("justification", &raise.justification),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            body.insert(name.to_owned(), json!(text));
        }
    }
    let lists = [("operations", &raise.operation), ("data_stores", &raise.data_store), ("targets", &raise.target)];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        body.insert(name.to_owned(), json!(list));
    }
    let others = [
        ("permission_level", raise.permission.map(|word| json!(word))),
        ("direct_data_access", raise.direct_data_access.map(|yes| json!(yes))),
        ("reason_code", raise.reason.map(|word| json!(word))),
        ("access_minutes", raise.minutes.map(|minutes| json!(minutes))),
        ("engineer", raise.engineer_file.as_deref().map(from_file::<Value>).transpose()?),
    ];
    for (name, value) in others {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    }
    let text = Value::Object(body).to_string();
    parse_json(text.as_bytes()).map_err(|error| Failed::wrong("the request", told(&error)))
}
