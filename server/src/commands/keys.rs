//! `lockbox keys`: what leases are signed with.

use std::fmt::Write;

use lockbox_api::Time;
use serde_json::{Value, json};

use super::{
    client::{moment, object},
    explain, open,
};
use crate::{app::leases, config::KeysCommand, start::StartError, store::LeaseKeyRecord};

/// Does something to the keys that sign leases; returns what to print.
///
/// # Errors
/// [`StartError`] as one line.
pub async fn keys(command: &KeysCommand) -> Result<String, StartError> {
    match command {
        KeysCommand::List { json, settings } => {
            let (store, env, _) = open(settings).await?;
            let all = store.read(leases::list).await.map_err(|error| explain(error, "the keys could not be read"))?;
            Ok(if *json {
                object(&json!({"items": all.iter().map(wire).collect::<Vec<_>>()}))
            } else {
                table(&all, env.now())
            })
        }
        KeysCommand::Rotate { at_once, json, settings } => {
            let (store, env, origin) = open(settings).await?;
            let at_once = *at_once;
            let key = store.write(move |tx| leases::rotate(tx, &env, &origin, at_once)).await;
            let key = key.map_err(|error| explain(error, "the key could not be made"))?;
            Ok(if *json { object(&wire(&key)) } else { format!("{} signs from {}.\n", key.id, moment(key.signs_from)) })
        }
    }
}

fn wire(key: &LeaseKeyRecord) -> Value {
    json!({"id": key.id, "created_at": key.created_at, "signs_from": key.signs_from, "ends_at": key.ends_at})
}

fn table(all: &[LeaseKeyRecord], now: Time) -> String {
    let mut text = String::new();
    for key in all {
        let end = key.ends_at.map_or_else(String::new, |at| format!(", published until {}", moment(at)));
        let begins = if key.signs_from > now { "signs from" } else { "signs since" };
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}  {begins} {}{end}", key.id, moment(key.signs_from));
    }
    if all.is_empty() { "There is no key yet; lockbox serve makes one.\n".to_owned() } else { text }
}
