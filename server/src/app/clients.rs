//! API clients of the provider: who they are, what they may do, and the keys that prove it. They are kept at the machine
//! alone; there is no way to these over the network except to use a key.
//!
//! Every change is an event in the provider's own log, and in the log of every organisation that is named for the client
//! before or after it. A client of all organisations names none: its changes are in the provider's log.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    clients::{ClientScope, ClientScopes},
    events::Activity,
    ids::{ApiClientId, ClientKeyId, OrganizationId},
};
use serde_json::{Value, json};

use super::{
    Env, Error, Origin, Result,
    record::{Entry, log},
    session::{CLIENT_KEY_PREFIX, hash},
    setup::{PROVIDER_ORGANIZATION, operator},
};
use crate::store::{ApiClientRecord, ClientKeyRecord, OrganizationRecord, ReadTx, WriteTx};

/// Longest time for which an old key is taken beside a new one.
pub const OVERLAP_MAX: TimeDelta = TimeDelta::days(90);
/// Longest name, characters.
const NAME_MAX: usize = 200;

/// A client to add, or what one is to become.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// What it is, 1 to 200 characters.
    pub name: String,
    /// Which organisations it may speak of; absent: all, also those to come.
    pub organization_ids: Option<Vec<OrganizationId>>,
    /// What it may do.
    pub scopes: ClientScopes,
}

/// A new key. It is kept nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewKey {
    /// Whose.
    pub client_id: ApiClientId,
    /// The key's id, which may be told.
    pub id: ClientKeyId,
    /// The key itself.
    pub key: String,
}

/// The client that a key belongs to, if both hold at `now`. Permissions: none; it says who asks.
///
/// # Errors
/// [`Error::NotAuthenticated`].
pub fn authenticate(tx: &dyn ReadTx, key_hash: &[u8; 32], now: Time) -> Result<ApiClientRecord> {
    let (client, key) = tx.client_of_key(key_hash)?.ok_or(Error::NotAuthenticated)?;
    holds(client.revoked_at.is_some(), key.ends_at, now)?;
    Ok(client)
}

/// Whether a key is taken at `now`.
///
/// # Errors
/// [`Error::NotAuthenticated`].
pub(super) fn holds(client_revoked: bool, key_ends_at: Option<Time>, now: Time) -> Result<()> {
    if client_revoked || key_ends_at.is_some_and(|end| now >= end) {
        return Err(Error::NotAuthenticated);
    }
    Ok(())
}

/// Refuses what a client's scopes don't cover.
///
/// # Errors
/// [`Error::InsufficientScope`].
pub fn may(scopes: ClientScopes, scope: ClientScope) -> Result<()> {
    if scopes.has(scope) { Ok(()) } else { Err(Error::InsufficientScope(scope)) }
}

/// All clients with their keys, oldest first. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// Only when the database fails.
pub fn list(tx: &dyn ReadTx) -> Result<Vec<(ApiClientRecord, Vec<ClientKeyRecord>)>> {
    tx.api_clients()?.into_iter().map(|client| Ok((client.clone(), tx.client_keys(&client.id)?))).collect()
}

/// Adds a client with its first key. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::Fields`] for a name that is none, no scope, or an organisation that does not exist.
pub fn add(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, terms: Terms) -> Result<NewKey> {
    let now = env.now();
    let terms = checked(tx.reader(), terms)?;
    let client = ApiClientRecord {
        id: env.id(now),
        name: terms.name,
        organization_ids: terms.organization_ids,
        scopes: terms.scopes,
        created_at: now,
        revoked_at: None,
    };
    tx.put_api_client(&client)?;
    let key = new_key(tx, env, &client.id, now)?;
    let details = json!({"key": key.id, "scopes": words(client.scopes)});
    tell(tx, env, origin, Activity::ClientCreate, &[&client], details, now)?;
    Ok(key)
}

/// Changes name, organisations and scopes. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`] for a revoked client, [`Error::Fields`] as [`add`].
pub fn update(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, id: &ApiClientId, terms: Terms) -> Result<()> {
    let before = live(tx.reader(), id)?;
    let now = env.now();
    let terms = checked(tx.reader(), terms)?;
    let after = ApiClientRecord {
        name: terms.name,
        organization_ids: terms.organization_ids,
        scopes: terms.scopes,
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    tx.put_api_client(&after)?;
    let details = json!({
        "name_before": (before.name != after.name).then_some(&before.name),
        "scopes_before": words(before.scopes), "scopes": words(after.scopes),
    });
    tell(tx, env, origin, Activity::ClientUpdate, &[&after, &before], details, now)
}

/// Makes another key, valid at once; the present ones are taken until the overlap is over.
/// Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`] for a revoked client, [`Error::Fields`] for an overlap that is too long.
pub fn rotate(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    id: &ApiClientId,
    overlap: TimeDelta,
) -> Result<(NewKey, Time)> {
    let client = live(tx.reader(), id)?;
    let now = env.now();
    if overlap < TimeDelta::zero() || overlap > OVERLAP_MAX {
        return Err(Error::field("/overlap", format!("From 0 to {} days.", OVERLAP_MAX.num_days())));
    }
    let end = now + overlap;
    for mut key in tx.client_keys(id)? {
        // One that ends sooner is not given more time.
        if key.ends_at.is_none_or(|ends_at| ends_at > end) {
            key.ends_at = Some(end);
            tx.put_client_key(&key)?;
        }
    }
    let key = new_key(tx, env, id, now)?;
    let details = json!({"key": key.id, "earlier_keys_end_at": end});
    tell(tx, env, origin, Activity::ClientRotate, &[&client], details, now)?;
    Ok((key, end))
}

/// Ends a client with all its keys at once. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongState`] where that was done before.
pub fn revoke(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, id: &ApiClientId) -> Result<()> {
    let mut client = live(tx.reader(), id)?;
    let now = env.now();
    client.revoked_at = Some(now);
    tx.put_api_client(&client)?;
    tell(tx, env, origin, Activity::ClientRevoke, &[&client], json!({}), now)
}

pub(super) fn live(tx: &dyn ReadTx, id: &ApiClientId) -> Result<ApiClientRecord> {
    let client = tx.api_client(id)?.ok_or(Error::NotFound)?;
    match client.revoked_at {
        Some(at) => {
            Err(Error::WrongState(format!("The client was revoked on {}.", at.format("%-d %B %Y at %H:%M UTC"))))
        }
        None => Ok(client),
    }
}

fn checked(tx: &dyn ReadTx, mut terms: Terms) -> Result<Terms> {
    terms.name = terms.name.trim().to_owned();
    let length = terms.name.chars().count();
    if length == 0 || length > NAME_MAX || terms.name.chars().any(char::is_control) {
        return Err(Error::field("/name", format!("1 to {NAME_MAX} characters, none of them a control character.")));
    }
    if terms.scopes == ClientScopes::default() {
        return Err(Error::field("/scopes", "A client without a scope may do nothing."));
    }
    if let Some(ids) = &mut terms.organization_ids {
        let distinct: BTreeSet<_> = ids.drain(..).collect();
        for id in &distinct {
            if tx.organization(id)?.is_none_or(|organization| organization.is_provider) {
                return Err(Error::field("/organization_ids", format!("There is no customer organisation {id}.")));
            }
        }
        if distinct.is_empty() {
            return Err(Error::field("/organization_ids", "Name an organisation, or leave the list out for all."));
        }
        ids.extend(distinct);
    }
    Ok(terms)
}

fn new_key(tx: &mut dyn WriteTx, env: &Env, client: &ApiClientId, now: Time) -> Result<NewKey> {
    let key = env.random.secret(CLIENT_KEY_PREFIX);
    let record = ClientKeyRecord {
        id: env.id(now),
        client_id: client.clone(),
        key_hash: hash(&key),
        created_at: now,
        ends_at: None,
        last_used_at: None,
    };
    tx.put_client_key(&record)?;
    Ok(NewKey { client_id: client.clone(), id: record.id, key })
}

fn words(scopes: ClientScopes) -> Vec<ClientScope> {
    scopes.iter().collect()
}

/// Writes the change down wherever it concerns somebody. `states`: the client as it is now, and as it was where its
/// organisations may have changed.
pub(super) fn tell(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    activity: Activity,
    states: &[&ApiClientRecord],
    details: Value,
    now: Time,
) -> Result<()> {
    let Some(client) = states.first() else { return Ok(()) };
    let with = |more: Value| {
        let mut all = json!({"client": client.id, "name": client.name});
        for part in [&details, &more] {
            if let (Some(all), Some(part)) = (all.as_object_mut(), part.as_object()) {
                all.extend(part.clone());
            }
        }
        all
    };
    let provider = provider(tx, env, now)?;
    // Which organisations it speaks of is the provider's affair: one customer never reads of another.
    let more = json!({"organizations": client.organization_ids.clone()});
    log(tx, env, origin, &provider, now, Entry::general(activity, operator(), with(more)))?;
    let named: BTreeSet<_> = states.iter().filter_map(|state| state.organization_ids.as_ref()).flatten().collect();
    for organization in named {
        let speaks = client.organization_ids.as_ref().is_none_or(|ids| ids.contains(organization));
        let more = json!({"speaks_of_you": speaks});
        log(tx, env, origin, organization, now, Entry::general(activity, operator(), with(more)))?;
    }
    Ok(())
}

/// The provider's own organisation, which the first need of it brings into being.
pub(super) fn provider(tx: &mut dyn WriteTx, env: &Env, now: Time) -> Result<OrganizationId> {
    if let Some(known) = tx.provider()? {
        return Ok(known.id);
    }
    let name = env.book.catalog().provider.clone();
    let record = OrganizationRecord { id: PROVIDER_ORGANIZATION.into(), name, is_provider: true };
    tx.put_organization(&record, now)?;
    Ok(record.id)
}
