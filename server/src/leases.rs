//! Leases: signed answers to one question that hold for some seconds, so that a data plane can verify them offline.
//!
//! A lease is a JWT (RFC 7519) signed with Ed25519 (RFC 8037). It names grant, organisation, environment, engineer,
//! operation and target, and ends after [`LONGEST`] or with the access, whichever comes first. Its times are those of the
//! machine's own clock, because others compare them with theirs; where Lockbox's clock runs ahead of it (it never goes
//! back), a lease would otherwise hold for longer than it says.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use lockbox_api::{
    Time,
    ids::GrantId,
    provider::{GrantCheckInput, Lease, LeaseKey, LeaseKeys},
};
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};

use crate::{
    app::{Env, Error, Result},
    store::{LeaseKeyRecord, Store, StoreError},
};

/// Longest life of a lease.
pub const LONGEST: TimeDelta = TimeDelta::seconds(30);
/// What the head of a lease calls it, so that no other token of the same key can be taken for one.
pub const TYPE: &str = "lockbox-lease+jwt";
/// How long the keys are kept in memory before they are read again.
const KEPT: Duration = Duration::from_secs(1);

/// Signs leases. Cheap to clone.
#[derive(Clone, Default)]
pub struct Leases(Arc<Mutex<Option<Kept>>>);

/// Keys that were read a moment ago.
#[derive(Clone)]
struct Kept {
    read: Instant,
    ring: Arc<Ring>,
}

impl std::fmt::Debug for Leases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Leases")
    }
}

/// The keys as they were read.
struct Ring(Vec<(LeaseKeyRecord, Ed25519KeyPair)>);

impl Ring {
    /// The key that signs at `now`: of those that may, the one that began last.
    fn signer(&self, now: Time) -> Option<&(LeaseKeyRecord, Ed25519KeyPair)> {
        let may = |key: &LeaseKeyRecord| key.signs_from <= now && key.ends_at.is_none_or(|end| now < end);
        self.0.iter().filter(|(key, _)| may(key)).max_by_key(|(key, _)| key.signs_from)
    }
}

/// What is leased.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The grant.
    pub grant: &'a GrantId,
    /// Whose data.
    pub organization: &'a str,
    /// The question that was answered with yes.
    pub question: &'a GrantCheckInput,
    /// Until when the access lasts at most.
    pub until: Time,
    /// When the question was answered, by Lockbox's clock.
    pub now: Time,
}

impl Leases {
    /// Signs a lease; none where no whole second of the access is left.
    ///
    /// # Errors
    /// When the keys can't be read, or there is none.
    pub async fn sign(&self, store: &Store, env: &Env, terms: Terms<'_>) -> Result<Option<Lease>> {
        let ring = self.ring(store).await?;
        let (key, pair) = ring.signer(terms.now).ok_or_else(|| corrupt("no key signs leases"))?;
        let Some((issued, end)) = times(terms.now, env.clock.wall(), terms.until) else { return Ok(None) };
        let head = json!({"alg": "EdDSA", "typ": TYPE, "kid": key.id});
        let mut claims = json!({
            "iss": &*env.public_url, "jti": env.random.prefixed("lse_", terms.now),
            "iat": issued.timestamp(), "exp": end.timestamp(), "sub": terms.question.engineer_id,
            "grant_id": terms.grant, "organization_id": terms.organization,
            "environment_id": terms.question.environment_id, "operation": terms.question.operation,
        });
        if let Some(target) = &terms.question.target {
            claims["target"] = json!(target);
        }
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes()));
        Ok(Some(Lease { token: format!("{signed}.{signature}"), until: end }))
    }

    /// The public keys, as verifiers read them: every key that signs, will sign or has signed lately.
    ///
    /// # Errors
    /// When the keys can't be read.
    pub async fn published(&self, store: &Store, now: Time) -> Result<LeaseKeys> {
        let ring = self.ring(store).await?;
        let live = ring.0.iter().map(|(key, _)| key).filter(|key| key.ends_at.is_none_or(|end| now < end));
        let keys = live.map(|key| LeaseKey {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: "EdDSA".to_owned(),
            usage: "sig".to_owned(),
            kid: key.id.clone(),
            x: URL_SAFE_NO_PAD.encode(key.public_key),
        });
        Ok(LeaseKeys { keys: keys.collect() })
    }

    async fn ring(&self, store: &Store) -> Result<Arc<Ring>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.read.elapsed() < KEPT) {
            return Ok(kept.ring);
        }
        let read = Instant::now();
        let records = store.read(|tx| Ok::<_, Error>(tx.lease_keys()?)).await?;
        let pairs = records.into_iter().map(|key| {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&key.seed, &key.public_key)
                .map_err(|_| corrupt("a key that signs leases is not whole"))?;
            Ok((key, pair))
        });
        let ring = Arc::new(Ring(pairs.collect::<Result<_>>()?));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept { read, ring: Arc::clone(&ring) });
        Ok(ring)
    }
}

fn corrupt(what: &str) -> Error {
    Error::Store(StoreError::Corrupt(what.to_owned()))
}

/// From when and until when, in whole seconds of the wall clock; none where nothing would be left.
fn times(now: Time, wall: Time, until: Time) -> Option<(Time, Time)> {
    let issued = wall.min(now);
    let end = issued + (until - now).min(LONGEST);
    let (issued, end) = (whole(issued)?, whole(end)?);
    (end > issued).then_some((issued, end))
}

/// Cut to the second: JWTs count in those.
fn whole(time: Time) -> Option<Time> {
    Time::from_timestamp(time.timestamp(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_never_outlives_30_seconds_the_access_or_the_wall_clock() {
        let base = Time::from_timestamp(1_800_000_000, 0).unwrap();
        let ms = TimeDelta::milliseconds;
        for now in [0, 1, 499, 999] {
            let now = base + ms(now);
            for left in [1, 900, 1_000, 1_500, 29_999, 30_000, 30_001, 4_000_000] {
                for behind in [-2_000, 0, 1, 4_000, 3_600_000] {
                    let wall = now - ms(behind);
                    let Some((issued, end)) = times(now, wall, now + ms(left)) else {
                        assert!(left < 2_000, "{left} ms were left");
                        continue;
                    };
                    assert!(issued <= wall.min(now) && end - issued <= LONGEST + TimeDelta::seconds(1));
                    assert!(end <= wall.min(now) + LONGEST.min(ms(left)), "{left} ms left, {behind} ms behind");
                }
            }
        }
    }
}
