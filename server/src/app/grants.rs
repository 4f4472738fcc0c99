//! "May this engineer do this here, now?": the question that is asked constantly.

use lockbox_api::{
    Time,
    ids::GrantId,
    provider::{GrantCheck, GrantCheckInput},
    requests::AccessState,
};
use lockbox_rules::{
    grants::{self, Ask, GrantFacts},
    validate,
};

use super::{Client, Error, Result, clients};
use crate::clock::Clock;
use crate::store::{GrantRecord, GrantTerms, KeyedGrant, ReadTx, Store};

/// The grant as the rules see it.
pub(super) fn facts(grant: &GrantRecord) -> GrantFacts<'_> {
    GrantFacts {
        engineer_id: &grant.engineer_id,
        environment_id: &grant.environment_id,
        operations: &grant.operations,
        targets: &grant.targets,
        starts_at: grant.starts_at,
        expires_at: grant.expires_at,
        state: grant.state,
        ended_at: grant.ended_at,
    }
}

/// The grant, if the client speaks of its organisation.
pub(super) fn of_client(tx: &dyn ReadTx, client: &Client, id: &GrantId) -> Result<GrantRecord> {
    client.own(tx, tx.grant(id)?, |grant| &grant.organization_id)
}

/// Answers at this instant, by the clock and not by what a sweep has written; of what was committed last, so that the
/// end of an access holds from the moment at which its caller was told. Permissions: an API client that speaks of the
/// organisation; [`client_of`] has found it.
///
/// # Errors
/// [`Error::NotFound`] for a grant that is unknown or outside the client's scope, [`Error::Fields`].
pub fn check(found: &KeyedGrant, input: &GrantCheckInput, now: Time) -> Result<GrantCheck> {
    let grant = found.grant.as_ref().ok_or(Error::NotFound)?;
    if found.client_organizations.as_ref().is_some_and(|ids| !ids.contains(&grant.organization_id)) {
        return Err(Error::NotFound);
    }
    Error::unless_valid(validate::grant_check(input))?;
    Ok(answer(grant, input, now))
}

/// The client that the key belongs to, with the grant that it asks about, and the time: one instant for both. What came
/// before (the body on its way) took its own time and counts for nothing. Permissions: none; it says who asks.
///
/// # Errors
/// [`Error::NotAuthenticated`] for a key that nobody has, that has ended or whose client was revoked.
pub fn client_of(store: &Store, clock: &Clock, key_hash: &[u8; 32], id: &GrantId) -> Result<(KeyedGrant, Time)> {
    let found = store.grant_of_key(key_hash, id)?.ok_or(Error::NotAuthenticated)?;
    let now = clock.now();
    clients::holds(found.client_revoked, found.key_ends_at, now)?;
    Ok((found, now))
}

fn answer(grant: &GrantTerms, input: &GrantCheckInput, now: Time) -> GrantCheck {
    debug_assert!(grant.state != AccessState::None, "a grant is never without access");
    let facts = GrantFacts {
        engineer_id: &grant.engineer_id,
        environment_id: &grant.environment_id,
        operations: &grant.operations,
        targets: &grant.targets,
        starts_at: grant.starts_at,
        expires_at: grant.expires_at,
        state: grant.state,
        ended_at: grant.ended_at,
    };
    let ask = Ask {
        engineer_id: &input.engineer_id,
        environment_id: Some(&input.environment_id),
        operation: &input.operation,
        target: input.target.as_deref(),
    };
    match grants::check(&facts, &ask, now) {
        Ok(until) => GrantCheck { allowed: true, until: Some(until), reason: None, lease: None },
        Err(reason) => GrantCheck { allowed: false, until: None, reason: Some(reason), lease: None },
    }
}
