//! `lockbox webhook`: where the provider is told what becomes of requests.

use std::fmt::Write;

use lockbox_api::ids::{ApiClientId, WebhookId};
use serde_json::{Value, json};

use super::{
    client::{moment, object},
    explain, open,
};
use crate::{
    app::{
        Error,
        webhooks::{self, NewSecret},
    },
    config::{Config, ConfigError, WebhookCommand},
    start::StartError,
    store::{WebhookMessageRecord, WebhookRecord},
    webhooks::Guard,
};

/// Does something to webhooks; returns what to print.
///
/// # Errors
/// [`StartError`] as one line.
pub async fn webhook(command: &WebhookCommand) -> Result<String, StartError> {
    match command {
        WebhookCommand::Add { client, url, json, settings } => {
            let guard = Guard::new(&Config::of_process(settings)?.webhook_networks);
            let url = guard.address(url).map_err(|message| ConfigError::new("--url", message))?.to_string();
            let (store, env, origin) = open(settings).await?;
            let client = ApiClientId::from(client.as_str());
            let made = store.write(move |tx| webhooks::add(tx, &env, &origin, &client, url)).await;
            Ok(secret(&made.map_err(|error| explain(error, "--client: there is no such client"))?, *json))
        }
        WebhookCommand::List { json, settings } => {
            let (store, _, _) = open(settings).await?;
            let all = store.read(webhooks::list).await.map_err(told)?;
            Ok(if *json { object(&json!({"items": all.iter().map(wire).collect::<Vec<_>>()})) } else { table(&all) })
        }
        WebhookCommand::Rotate { id, overlap, json, settings } => {
            let (store, env, origin) = open(settings).await?;
            let (id, overlap) = (WebhookId::from(id.as_str()), *overlap);
            let made = store.write(move |tx| webhooks::rotate(tx, &env, &origin, &id, overlap)).await;
            Ok(secret(&made.map_err(told)?, *json))
        }
        WebhookCommand::Remove { id, settings } => {
            let (store, env, origin) = open(settings).await?;
            let id = WebhookId::from(id.as_str());
            store.write(move |tx| webhooks::remove(tx, &env, &origin, &id)).await.map_err(told)?;
            Ok("The webhook is removed.\n".to_owned())
        }
        WebhookCommand::Deliveries { webhook, limit, json, settings } => {
            let (store, _, _) = open(settings).await?;
            let (id, limit) = (webhook.as_deref().map(WebhookId::from), *limit);
            let all = store.read(move |tx| webhooks::messages(tx, id.as_ref(), limit)).await.map_err(told)?;
            Ok(if *json { object(&json!({"items": all.iter().map(message).collect::<Vec<_>>()})) } else { lines(&all) })
        }
    }
}

fn told(error: Error) -> StartError {
    explain(error, "there is no such webhook; lockbox webhook list shows all")
}

fn secret(made: &NewSecret, json: bool) -> String {
    let secret = made.secret.expose();
    if json { object(&json!({"webhook_id": made.webhook.id, "secret": secret})) } else { format!("{secret}\n") }
}

fn wire(webhook: &WebhookRecord) -> Value {
    json!({"id": webhook.id, "client_id": webhook.client_id, "url": webhook.url, "created_at": webhook.created_at})
}

fn table(all: &[WebhookRecord]) -> String {
    let mut text = String::new();
    for webhook in all {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}  {}  {}", webhook.id, webhook.client_id, webhook.url);
    }
    if all.is_empty() { "There are no webhooks; lockbox webhook add makes one.\n".to_owned() } else { text }
}

fn state(one: &WebhookMessageRecord) -> &'static str {
    match (one.delivered_at, one.failed_at) {
        (Some(_), _) => "delivered",
        (None, Some(_)) => "given_up",
        (None, None) => "waiting",
    }
}

fn message(one: &WebhookMessageRecord) -> Value {
    json!({
        "id": one.id, "webhook_id": one.webhook_id, "type": one.kind, "organization_id": one.organization_id,
        "request_id": one.request_id, "state": state(one), "created_at": one.created_at, "attempts": one.attempts,
        "delivered_at": one.delivered_at, "failed_at": one.failed_at, "last_status": one.last_status,
        "last_error": one.last_error,
        "next_attempt_at": (state(one) == "waiting").then_some(one.next_attempt_at),
    })
}

fn lines(all: &[WebhookMessageRecord]) -> String {
    let mut text = String::new();
    for one in all {
        let reason = one.last_error.as_deref().map_or_else(String::new, |reason| format!(": {reason}"));
        let _ = writeln!(
            text,
            "{}  {}  {:<9}  {} tries  {}  {}{reason}",
            one.id,
            moment(one.created_at),
            state(one),
            one.attempts,
            one.kind,
            one.request_id
        );
    }
    if all.is_empty() { "There are no messages.\n".to_owned() } else { text }
}
