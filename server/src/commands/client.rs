//! `lockbox client`: API clients of the provider, their scopes and keys.

use std::fmt::Write;

use lockbox_api::{Time, clients::ClientScopes, ids::ApiClientId};
use serde_json::{Value, json};

use super::{explain, open};
use crate::{
    app::{
        Error,
        clients::{self, NewKey, Terms},
    },
    config::ClientCommand,
    start::StartError,
    store::{ApiClientRecord, ClientKeyRecord},
};

/// Does something to an API client; returns what to print.
///
/// # Errors
/// [`StartError`] as one line.
pub async fn client(command: &ClientCommand) -> Result<String, StartError> {
    match command {
        ClientCommand::Add { name, organization, scope, json, settings } => {
            let (store, env, origin) = open(settings).await?;
            let organizations: Vec<_> = organization.iter().map(|id| id.as_str().into()).collect();
            let terms = Terms {
                name: name.clone(),
                organization_ids: (!organizations.is_empty()).then_some(organizations),
                scopes: if scope.is_empty() { ClientScopes::all() } else { scope.iter().copied().collect() },
            };
            let key = store.write(move |tx| clients::add(tx, &env, &origin, terms)).await.map_err(told)?;
            Ok(if *json { object(&new_key(&key)) } else { format!("{}\n", key.key) })
        }
        ClientCommand::List { json, settings } => {
            let (store, env, _) = open(settings).await?;
            let all = store.read(clients::list).await.map_err(told)?;
            let now = env.now();
            Ok(if *json {
                object(&json!({"items": all.iter().map(wire).collect::<Vec<_>>()}))
            } else {
                table(&all, now)
            })
        }
        ClientCommand::Update { id, name, organization, all_organizations, scope, settings } => {
            let (store, env, origin) = open(settings).await?;
            let id = ApiClientId::from(id.as_str());
            let organizations: Vec<_> = organization.iter().map(|id| id.as_str().into()).collect();
            let (name, all, scopes) = (name.clone(), *all_organizations, scope.clone());
            let done = store.write(move |tx| {
                let present = tx.api_client(&id)?.ok_or(Error::NotFound)?;
                let terms = Terms {
                    name: name.unwrap_or(present.name),
                    organization_ids: match (all, organizations.is_empty()) {
                        (true, _) => None,
                        (false, true) => present.organization_ids,
                        (false, false) => Some(organizations),
                    },
                    scopes: if scopes.is_empty() { present.scopes } else { scopes.into_iter().collect() },
                };
                clients::update(tx, &env, &origin, &id, terms)
            });
            done.await.map_err(told)?;
            Ok("The client is changed.\n".to_owned())
        }
        ClientCommand::Rotate { id, overlap, json, settings } => {
            let (store, env, origin) = open(settings).await?;
            let (id, overlap) = (ApiClientId::from(id.as_str()), *overlap);
            let rotated = store.write(move |tx| clients::rotate(tx, &env, &origin, &id, overlap)).await;
            let (key, end) = rotated.map_err(told)?;
            if *json {
                let mut all = new_key(&key);
                all["earlier_keys_end_at"] = json!(end);
                return Ok(object(&all));
            }
            Ok(format!("{}\n", key.key))
        }
        ClientCommand::Revoke { id, settings } => {
            let (store, env, origin) = open(settings).await?;
            let id = ApiClientId::from(id.as_str());
            store.write(move |tx| clients::revoke(tx, &env, &origin, &id)).await.map_err(told)?;
            Ok("The client is revoked: its keys are taken no more.\n".to_owned())
        }
    }
}

fn told(error: Error) -> StartError {
    explain(error, "there is no such client; lockbox client list shows all")
}

fn new_key(key: &NewKey) -> Value {
    json!({"client_id": key.client_id, "key_id": key.id, "key": key.key})
}

/// One line of JSON.
pub(super) fn object(value: &Value) -> String {
    format!("{value}\n")
}

fn wire((client, keys): &(ApiClientRecord, Vec<ClientKeyRecord>)) -> Value {
    let used = keys.iter().filter_map(|key| key.last_used_at).max();
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            json!({"id": key.id, "created_at": key.created_at, "ends_at": key.ends_at, "last_used_at": key.last_used_at})
        })
        .collect();
    json!({
        "id": client.id, "name": client.name, "organization_ids": client.organization_ids,
        "scopes": client.scopes.iter().collect::<Vec<_>>(), "created_at": client.created_at, "last_used_at": used,
        "revoked_at": client.revoked_at, "keys": keys,
    })
}

fn table(all: &[(ApiClientRecord, Vec<ClientKeyRecord>)], now: Time) -> String {
    let mut text = String::new();
    for (client, keys) in all {
        let organizations = client.organization_ids.as_ref().map_or_else(
            || "all organisations".to_owned(),
            |ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        );
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}  {}", client.id, client.name);
        let _ = writeln!(text, "  speaks of  {organizations}");
        let _ = writeln!(text, "  may        {}", client.scopes);
        if let Some(at) = client.revoked_at {
            let _ = writeln!(text, "  revoked    {}", moment(at));
        }
        for key in keys {
            let used =
                key.last_used_at.map_or_else(|| "never used".to_owned(), |at| format!("last used {}", moment(at)));
            let end = match key.ends_at {
                Some(at) if at <= now => format!(", ended {}", moment(at)),
                Some(at) => format!(", ends {}", moment(at)),
                None => String::new(),
            };
            let _ = writeln!(text, "  key        {}  made {}, {used}{end}", key.id, moment(key.created_at));
        }
    }
    if all.is_empty() { "There are no API clients; lockbox client add makes one.\n".to_owned() } else { text }
}

pub(super) fn moment(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
