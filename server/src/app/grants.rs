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

use super::{Client, Env, Error, Result};
use crate::store::{GrantRecord, ReadTx};

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
    let grant = tx.grant(id)?.ok_or(Error::NotFound)?;
    client.may_speak_of(&grant.organization_id)?;
    Ok(grant)
}

/// Answers at this instant, by the clock and not by what a sweep has written. Permissions: an API client that speaks
/// of the organisation.
///
/// # Errors
/// [`Error::NotFound`] for a grant that is unknown or outside the client's scope, [`Error::Fields`].
pub fn check(tx: &dyn ReadTx, env: &Env, client: &Client, id: &GrantId, input: &GrantCheckInput) -> Result<GrantCheck> {
    let grant = of_client(tx, client, id)?;
    Error::unless_valid(validate::grant_check(input))?;
    Ok(answer(&grant, input, env.now()))
}

fn answer(grant: &GrantRecord, input: &GrantCheckInput, now: Time) -> GrantCheck {
    debug_assert!(grant.state != AccessState::None, "a grant is never without access");
    let ask = Ask {
        engineer_id: &input.engineer_id,
        environment_id: Some(&input.environment_id),
        operation: &input.operation,
        target: input.target.as_deref(),
    };
    match grants::check(&facts(grant), &ask, now) {
        Ok(until) => GrantCheck { allowed: true, until: Some(until), reason: None },
        Err(reason) => GrantCheck { allowed: false, until: None, reason: Some(reason) },
    }
}
