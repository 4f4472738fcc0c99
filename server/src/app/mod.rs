//! Use cases: what can be done, as functions of an actor, an input and a store transaction.
//!
//! Nothing here knows HTTP or SQL. The first thing a use case does is to ask whether the actor may do it. Time and
//! randomness come from [`Env`]; the clock is read inside the transaction, after the write lock is held, so that a
//! decision that waited for the lock is dated when it was made and not when it was sent.

pub mod acknowledge;
pub mod actions;
mod actor;
pub mod alerts;
pub mod clients;
pub mod decide;
pub mod end;
pub mod environments;
mod error;
pub mod exports;
pub mod grants;
pub mod history;
pub mod internal;
pub mod internal_approvals;
pub mod leases;
pub mod lockbox;
pub mod log_views;
pub mod logs;
pub mod members;
mod notify;
pub mod outbox;
mod present;
pub mod provider;
pub mod provision;
pub mod raise;
mod record;
pub mod reported;
pub mod requests;
pub mod service_requests;
pub mod session;
pub mod setup;
mod state;
pub mod sweep;
pub mod time;
pub mod tokens;
pub mod webhooks;

use std::sync::Arc;

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    clients::ClientScope,
    ids::{OrganizationId, PersonId},
};

use crate::{
    catalog::Book,
    clock::Clock,
    random::{NewId, Random},
    store::{ApiClientRecord, ReadTx},
};

pub use actor::Me;
pub use error::{Error, Result};

/// What every use case needs besides its transaction.
#[derive(Clone)]
pub struct Env {
    /// Tells the time; never backwards.
    pub clock: Clock,
    /// Makes ids and secrets.
    pub random: Random,
    /// What the provider runs, and its rules.
    pub book: Book,
    /// Where people reach the portal, without a slash at the end.
    pub public_url: Arc<str>,
    /// Whether what happens is told by mail. Off only while the demo's past is made.
    pub mail: bool,
    /// After which an unused session ends.
    pub session_idle: TimeDelta,
    /// After which every session ends.
    pub session_length: TimeDelta,
    /// How long an idempotency key is remembered.
    pub idempotency_retention: TimeDelta,
    /// How long a request waits for an approval inside the provider.
    pub internal_approval: TimeDelta,
    /// Whether customers see the names of internal approvers, besides role and team.
    pub internal_approver_names: bool,
}

impl Env {
    /// Now, by Lockbox's clock.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// A new id, ordered by time.
    #[must_use]
    pub fn id<T: NewId>(&self, now: Time) -> T {
        self.random.id(now)
    }
}

/// Where a call comes from: kept with every event it causes.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Id of the exchange.
    pub correlation_id: String,
    /// Address of the caller.
    pub client_ip: Option<String>,
}

/// A person who calls. Their roles are read inside the transaction, so that a change holds at once.
#[derive(Clone, Debug)]
pub struct Who {
    /// Who.
    pub person_id: PersonId,
    /// From where.
    pub origin: Origin,
}

/// An API client of the provider that calls.
#[derive(Clone, Debug)]
pub struct Client {
    /// Which.
    pub record: ApiClientRecord,
    /// What it came with; none where Lockbox itself acts for the provider.
    pub key: Option<PresentedKey>,
    /// From where.
    pub origin: Origin,
}

/// A key as it came with a call, and what the call needs.
#[derive(Clone)]
pub struct PresentedKey {
    /// Its hash.
    pub hash: [u8; 32],
    /// The scope that the call needs.
    pub scope: ClientScope,
    /// Says whether the key still holds.
    pub clock: Clock,
}

impl std::fmt::Debug for PresentedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresentedKey").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Client {
    /// The client as it is now. It is read inside the transaction: a key that ended, a client that was revoked and a scope
    /// that was taken away while the call's body was on its way, or while the call waited, do nothing.
    ///
    /// # Errors
    /// [`Error::NotAuthenticated`], [`Error::InsufficientScope`].
    pub fn present(&self, tx: &dyn ReadTx) -> Result<ApiClientRecord> {
        let Some(key) = &self.key else { return Ok(self.record.clone()) };
        let record = clients::authenticate(tx, &key.hash, key.clock.now())?;
        clients::may(record.scopes, key.scope)?;
        Ok(record)
    }

    /// Refuses organisations that the client does not speak of, exactly as if they did not exist.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the client does not speak of the organisation; as [`Client::present`].
    pub fn may_speak_of(&self, tx: &dyn ReadTx, organization: &OrganizationId) -> Result<()> {
        self.own(tx, Some(organization), |organization| organization).map(drop)
    }

    /// What was looked for, unless there is none or the client does not speak of its organisation. Both run the same statements:
    /// the time that the answer takes does not tell them apart either.
    ///
    /// # Errors
    /// [`Error::NotFound`]; as [`Client::present`].
    pub fn own<T>(&self, tx: &dyn ReadTx, found: Option<T>, of: impl Fn(&T) -> &OrganizationId) -> Result<T> {
        let organizations = self.present(tx)?.organization_ids;
        let speaks = |one: &T| organizations.as_ref().is_none_or(|ids| ids.contains(of(one)));
        found.filter(speaks).ok_or(Error::NotFound)
    }
}
