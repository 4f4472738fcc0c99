//! Signing in and out, and who a secret belongs to.

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    ids::PersonId,
    session::{Organization, Person, Session},
};
use lockbox_rules::window::is_over;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Env, Error, Me, Origin, Result, Who,
    record::{Entry, log},
};
use crate::store::{PersonRecord, ReadTx, SessionRecord, WriteTx};

/// What keys of API clients begin with.
pub const CLIENT_KEY_PREFIX: &str = "lbk_";
/// How often the use of a session is written down.
const TOUCH: TimeDelta = TimeDelta::minutes(1);

/// SHA-256 of a secret. Secrets have 256 random bits, so a fast hash is right for them.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// The person behind an address, for the password check. Permissions: none.
///
/// # Errors
/// Only when the database fails.
pub fn candidate(tx: &dyn ReadTx, email: &str) -> Result<Option<PersonRecord>> {
    Ok(tx.person_by_email(email)?)
}

/// Begins a session after the password was found right; returns the cookie's secret. Permissions: none.
///
/// # Errors
/// [`Error::SignInFailed`] when the account or its password changed meanwhile.
pub fn begin(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, proven: &PersonRecord) -> Result<(String, PersonId)> {
    let now = env.now();
    let mut person = tx
        .person(&proven.id)?
        .filter(|present| present.password_hash == proven.password_hash)
        .ok_or(Error::SignInFailed)?;
    let secret = env.random.secret("");
    tx.add_session(&SessionRecord {
        token_hash: hash(&secret),
        person_id: person.id.clone(),
        organization_id: person.organization_id.clone(),
        created_at: now,
        last_seen_at: now,
        ends_at: now + env.session_length,
    })?;
    person.last_sign_in_at = Some(now);
    tx.put_person(&person)?;
    let who = Who { person_id: person.id.clone(), origin: origin.clone() };
    let me = Me::load(tx.reader(), &who)?;
    log(
        tx,
        env,
        origin,
        me.organization_id(),
        now,
        Entry::general(Activity::SignIn, me.actor(), json!({"method": "password"})),
    )?;
    Ok((secret, person.id))
}

/// Keeps a sign-in to a known account that failed at this time in its organisation's log. Permissions: none.
///
/// # Errors
/// Only when the database fails.
pub fn failed(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, person: &PersonId, at: Time) -> Result<()> {
    let who = Who { person_id: person.clone(), origin: origin.clone() };
    let me = match Me::load(tx.reader(), &who) {
        // Gone meanwhile.
        Err(Error::NotAuthenticated) => return Ok(()),
        me => me?,
    };
    let mut entry = Entry::general(Activity::SignIn, me.actor(), json!({"method": "password"}));
    entry.outcome = Outcome::Failure;
    log(tx, env, origin, me.organization_id(), at, entry)?;
    Ok(())
}

/// Ends a session. Permissions: whoever holds its secret.
///
/// # Errors
/// Only when the database fails.
pub fn end(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, secret: &str) -> Result<()> {
    let token_hash = hash(secret);
    if let Some(session) = tx.session(&token_hash)? {
        let who = Who { person_id: session.person_id, origin: origin.clone() };
        tx.delete_session(&token_hash)?;
        if let Ok(me) = Me::load(tx.reader(), &who) {
            let entry = Entry::general(Activity::SignOut, me.actor(), json!({}));
            log(tx, env, origin, me.organization_id(), env.now(), entry)?;
        }
    }
    Ok(())
}

/// A session or a token that holds.
#[derive(Clone, Debug)]
pub struct Live {
    /// Whose.
    pub person_id: PersonId,
    /// When it ends without further use, or at all.
    pub expires_at: Time,
    /// True when its use should be written down.
    pub touch: bool,
}

/// Whose session a cookie's secret is, if it has not ended: idle and absolute end by the clock. Permissions: none.
///
/// # Errors
/// [`Error::NotAuthenticated`].
pub fn authenticate(tx: &dyn ReadTx, env: &Env, secret: &str) -> Result<Live> {
    let now = env.now();
    let session = tx.session(&hash(secret))?.ok_or(Error::NotAuthenticated)?;
    let idle_end = session.last_seen_at + env.session_idle;
    if is_over(session.ends_at, now) || is_over(idle_end, now) {
        return Err(Error::NotAuthenticated);
    }
    let renewed = now + env.session_idle;
    Ok(Live {
        person_id: session.person_id,
        expires_at: renewed.min(session.ends_at),
        touch: now - session.last_seen_at >= TOUCH,
    })
}

/// Writes down that a session was used. Permissions: whoever holds its secret.
///
/// # Errors
/// Only when the database fails.
pub fn touch(tx: &mut dyn WriteTx, env: &Env, secret: &str) -> Result<()> {
    Ok(tx.touch_session(&hash(secret), env.now())?)
}

/// Whose personal access token a secret is, if it has not ended. Permissions: none.
///
/// # Errors
/// [`Error::NotAuthenticated`].
pub fn authenticate_token(tx: &dyn ReadTx, env: &Env, secret: &str) -> Result<Live> {
    let now = env.now();
    let token = tx.token(&hash(secret))?.ok_or(Error::NotAuthenticated)?;
    if token.revoked_at.is_some() || is_over(token.expires_at, now) {
        return Err(Error::NotAuthenticated);
    }
    Ok(Live {
        person_id: token.person_id,
        expires_at: token.expires_at,
        touch: token.last_used_at.is_none_or(|last| now - last >= TOUCH),
    })
}

/// Writes down that a token was used. Permissions: whoever holds its secret.
///
/// # Errors
/// Only when the database fails.
pub fn touch_token(tx: &mut dyn WriteTx, env: &Env, secret: &str) -> Result<()> {
    Ok(tx.touch_token(&hash(secret), env.now())?)
}

/// Who is signed in. Permissions: any signed-in person.
///
/// # Errors
/// [`Error::NotAuthenticated`].
pub fn get(tx: &dyn ReadTx, env: &Env, who: &Who, expires_at: Time, demo: bool) -> Result<Session> {
    let me = Me::load(tx, who)?;
    Ok(Session {
        person: Person { id: me.person.id, name: me.person.name, email: me.person.email },
        organization: Organization {
            id: me.organization.id,
            name: me.organization.name,
            is_provider: me.organization.is_provider,
        },
        roles: me.person.roles,
        approver_environment_ids: me.person.approver_environment_ids,
        engineer_ids: me.person.engineer_ids,
        server_time: env.now(),
        expires_at,
        demo,
    })
}
