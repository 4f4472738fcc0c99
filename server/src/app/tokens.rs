//! Personal access tokens: a person's own key to the REST API. It may do what its person may do.

use chrono::TimeDelta;
use lockbox_api::{
    administration::{Token, TokenCreate, TokenCreated, Tokens},
    events::Activity,
    ids::TokenId,
};
use lockbox_rules::{
    permission::{Action, Subject},
    validate,
};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who,
    record::{Entry, log},
    session::hash,
};
use crate::store::{ReadTx, TokenRecord, WriteTx};

/// What secrets of tokens begin with, so that a scanner can find one that leaked.
pub const TOKEN_PREFIX: &str = "lbt_";
/// Valid tokens that a person may have.
pub const LIVE_MAX: usize = 20;

/// The person's tokens. Permissions: [`Action::OwnTokens`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn list(tx: &dyn ReadTx, who: &Who) -> Result<Tokens> {
    let me = Me::load(tx, who)?;
    me.may(Action::OwnTokens, &Subject::None)?;
    Ok(Tokens { items: tx.tokens(&me.person.id)?.into_iter().map(token).collect() })
}

/// Makes a token; its secret is in this answer and nowhere else. Permissions: [`Action::OwnTokens`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`], [`Error::WrongState`] for more than [`LIVE_MAX`].
pub fn create(tx: &mut dyn WriteTx, env: &Env, who: &Who, input: &TokenCreate) -> Result<TokenCreated> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::OwnTokens, &Subject::None)?;
    let now = env.now();
    Error::unless_valid(validate::token_create(input))?;
    let live = tx.tokens(&me.person.id)?.iter().filter(|one| one.revoked_at.is_none() && one.expires_at > now).count();
    if live >= LIVE_MAX {
        return Err(Error::WrongState(format!("{LIVE_MAX} tokens are valid already. Revoke one that is not needed.")));
    }
    let secret = env.random.secret(TOKEN_PREFIX);
    let record = TokenRecord {
        id: env.id(now),
        organization_id: me.organization_id().clone(),
        person_id: me.person.id.clone(),
        name: input.name.trim().to_owned(),
        secret_hash: hash(&secret),
        created_at: now,
        expires_at: now + TimeDelta::days(i64::from(input.expires_in_days)),
        last_used_at: None,
        revoked_at: None,
    };
    tx.put_token(&record)?;
    let details = json!({"token": record.id, "name": record.name, "expires_at": record.expires_at});
    log(tx, env, &who.origin, me.organization_id(), now, Entry::general(Activity::TokenCreate, me.actor(), details))?;
    Ok(TokenCreated { token: token(record), secret })
}

/// Revokes a token at once. Permissions: [`Action::OwnTokens`].
///
/// # Errors
/// [`Error::NotFound`] for a token that is not the person's.
pub fn revoke(tx: &mut dyn WriteTx, env: &Env, who: &Who, id: &TokenId) -> Result<()> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::OwnTokens, &Subject::None)?;
    let now = env.now();
    let mut record = tx.tokens(&me.person.id)?.into_iter().find(|token| &token.id == id).ok_or(Error::NotFound)?;
    record.revoked_at = Some(now);
    tx.put_token(&record)?;
    let details = json!({"token": record.id, "name": record.name});
    log(tx, env, &who.origin, me.organization_id(), now, Entry::general(Activity::TokenRevoke, me.actor(), details))?;
    Ok(())
}

fn token(record: TokenRecord) -> Token {
    Token {
        id: record.id,
        name: record.name,
        created_at: record.created_at,
        expires_at: record.expires_at,
        last_used_at: record.last_used_at,
    }
}
