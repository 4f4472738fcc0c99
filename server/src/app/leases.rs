//! The keys with which leases are signed.
//!
//! A new key is published [`AHEAD`] before it signs, so that everybody who verifies has it by then, and the one before it
//! stays published [`TAIL`] longer than its last lease can hold.

use chrono::TimeDelta;
use lockbox_api::{Time, events::Activity};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;

use super::{
    Env, Error, Origin, Result, clients,
    record::{Entry, log},
    setup::operator,
};
use crate::store::{LeaseKeyRecord, ReadTx, StoreError, WriteTx};

/// How long a key is published before it signs.
pub const AHEAD: TimeDelta = TimeDelta::minutes(10);
/// How long a key is published after another one has begun to sign.
pub const TAIL: TimeDelta = TimeDelta::minutes(10);

/// All keys, oldest first. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// Only when the database fails.
pub fn list(tx: &dyn ReadTx) -> Result<Vec<LeaseKeyRecord>> {
    Ok(tx.lease_keys()?)
}

/// Makes the first key where there is none. Permissions: Lockbox itself.
///
/// # Errors
/// Only when the database fails.
pub fn ensure(tx: &mut dyn WriteTx, env: &Env) -> Result<()> {
    if tx.lease_keys()?.iter().any(|key| key.ends_at.is_none()) {
        return Ok(());
    }
    let now = env.now();
    tx.put_lease_key(&new_key(env, now, now)?)?;
    Ok(())
}

/// Makes another key. It signs after [`AHEAD`], or at once where the present ones are not to be trusted any more: those
/// then end at once. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// Only when the database fails.
pub fn rotate(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, at_once: bool) -> Result<LeaseKeyRecord> {
    let now = env.now();
    let signs_from = if at_once { now } else { now + AHEAD };
    let end = if at_once { now } else { signs_from + TAIL };
    for mut key in tx.lease_keys()? {
        if key.ends_at.is_none_or(|ends_at| ends_at > end) {
            key.ends_at = Some(end);
            tx.put_lease_key(&key)?;
        }
    }
    tx.sweep_lease_keys(now)?;
    let key = new_key(env, now, signs_from)?;
    tx.put_lease_key(&key)?;
    let provider = clients::provider(tx, env, now)?;
    let details = json!({"key": key.id, "signs_from": signs_from, "earlier_keys_end_at": end});
    log(tx, env, origin, &provider, now, Entry::general(Activity::LeaseKeyRotate, operator(), details))?;
    Ok(key)
}

fn new_key(env: &Env, now: Time, signs_from: Time) -> Result<LeaseKeyRecord> {
    let seed = env.random.bytes32();
    let wrong = |what: &str| Error::Store(StoreError::Corrupt(format!("a lease key could not be made: {what}")));
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| wrong(&error.to_string()))?;
    let public_key = pair.public_key().as_ref().try_into().map_err(|_| wrong("its length"))?;
    Ok(LeaseKeyRecord {
        id: env.random.prefixed("lky_", now),
        seed,
        public_key,
        created_at: now,
        signs_from,
        ends_at: None,
    })
}
