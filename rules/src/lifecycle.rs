//! The life of a request: one table of state and event to the next state or a refusal.
//!
//! Nothing else in Lockbox decides what may follow what. The server applies [`next`] inside the transaction that
//! writes, to the state that [`at`] gives for the clock read in that transaction; the portal shows the same refusals.

use lockbox_api::{
    Time,
    requests::{AccessState, Status},
};

use crate::window::is_over;

/// Where a request and the access it led to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The request.
    pub status: Status,
    /// The access.
    pub access: AccessState,
}

impl State {
    /// A state from its two parts.
    #[must_use]
    pub const fn new(status: Status, access: AccessState) -> Self {
        Self { status, access }
    }

    /// True while somebody, inside the provider or at the customer, can still decide.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        is_pending(self.status)
    }

    /// Why the customer can't decide now; absent when they can.
    #[must_use]
    pub const fn why_no_decision(self) -> Option<Refusal> {
        match next(Some(self), Event::Approve) {
            Ok(_) => None,
            Err(refusal) => Some(refusal),
        }
    }

    /// True while the customer can decide.
    #[must_use]
    pub const fn can_be_decided(self) -> bool {
        self.why_no_decision().is_none()
    }

    /// True while there is access that the customer can end.
    #[must_use]
    pub const fn can_be_ended(self) -> bool {
        next(Some(self), Event::Revoke).is_ok()
    }

    /// True when nothing can follow any more: decided or ended, and no access open.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !self.is_pending() && !matches!(self.access, AccessState::Active)
    }
}

/// True while somebody, inside the provider or at the customer, can still decide. The customer can decide
/// `customer_notified` alone.
#[must_use]
pub const fn is_pending(status: Status) -> bool {
    matches!(status, Status::AwaitingInternalApproval | Status::CustomerNotified)
}

/// True when nothing can follow any more: decided or ended, and no access open.
#[must_use]
pub const fn is_final(state: State) -> bool {
    state.is_final()
}

/// What can happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A JIT rule rejects it as it is raised.
    Reject,
    /// A JIT rule wants somebody inside the provider to decide first.
    RequireInternalApproval,
    /// The Lockbox check needs no consent: access opens.
    NotRequired,
    /// The customer is asked.
    Notify,
    /// Somebody inside the provider rejects it.
    InternalReject,
    /// The customer approves: access opens.
    Approve,
    /// The customer denies.
    Deny,
    /// Nobody decided in time.
    Expire,
    /// The engineer withdraws it.
    Cancel,
    /// The engineer has done the work.
    Complete,
    /// The customer ends the access.
    Revoke,
    /// The access time is over.
    Lapse,
    /// The support request that it is for is closed.
    CloseServiceRequest,
    /// The provider deletes the environment that it is for.
    DeleteEnvironment,
}

impl Event {
    /// Every event, in the order of declaration.
    pub const ALL: &'static [Self] = &[
        Self::Reject,
        Self::RequireInternalApproval,
        Self::NotRequired,
        Self::Notify,
        Self::InternalReject,
        Self::Approve,
        Self::Deny,
        Self::Expire,
        Self::Cancel,
        Self::Complete,
        Self::Revoke,
        Self::Lapse,
        Self::CloseServiceRequest,
        Self::DeleteEnvironment,
    ];
}

/// Why an event can't follow a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{}", self.message())]
pub enum Refusal {
    /// The request has come to its end: the first decision stands.
    AlreadyDecided(Status),
    /// The event ends an access, and none is open.
    AccessNotOpen(AccessState),
    /// The event does not fit the stage that the request is in.
    NotPossible {
        /// What was tried.
        event: Event,
        /// Where the request stands.
        status: Status,
    },
    /// There is no request yet.
    NotRaised,
}

impl Refusal {
    /// Why, as a sentence for people.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self {
            Self::AlreadyDecided(Status::Approved) => "The request has already been approved.",
            Self::AlreadyDecided(Status::Denied) => "The request has already been denied.",
            Self::AlreadyDecided(Status::Expired) => "Nobody decided in time: the request has expired.",
            Self::AlreadyDecided(Status::Cancelled) => "The request has been cancelled.",
            Self::AlreadyDecided(Status::Rejected) => "The provider rejected the request before you were asked.",
            Self::AlreadyDecided(Status::NotRequired) => "No consent was required, so there is nothing to decide.",
            Self::AlreadyDecided(Status::AwaitingInternalApproval | Status::CustomerNotified) => {
                "The request is still waiting for a decision."
            }
            Self::AccessNotOpen(AccessState::None) => "No access has been opened for this request.",
            Self::AccessNotOpen(AccessState::Completed) => "The access has already ended: the work was completed.",
            Self::AccessNotOpen(AccessState::Lapsed) => "The access has already ended: its time was over.",
            Self::AccessNotOpen(AccessState::Revoked) => "The access has already been ended by the customer.",
            Self::AccessNotOpen(AccessState::Active) => "The access is open.",
            Self::NotPossible { event: Event::Approve | Event::Deny, .. } => {
                "The provider has not finished its own approval: there is nothing to decide yet."
            }
            Self::NotPossible { status: Status::AwaitingInternalApproval, .. } => {
                "This is not possible while the request waits for the provider's own approval."
            }
            Self::NotPossible { status: Status::CustomerNotified, .. } => {
                "This is not possible while the request waits for the customer's decision."
            }
            Self::NotPossible { .. } => "This is not possible after the request has been raised.",
            Self::NotRaised => "The request has not been raised.",
        }
    }
}

/// The table: the state after `event` happens in `from`, where `None` stands for a request that is not raised yet.
///
/// # Errors
/// A [`Refusal`] where the event can't follow; nothing changes then.
pub const fn next(from: Option<State>, event: Event) -> Result<State, Refusal> {
    use AccessState as Access;

    let Some(State { status, access }) = from else {
        return match event {
            Event::Reject => Ok(State::new(Status::Rejected, Access::None)),
            Event::RequireInternalApproval => Ok(State::new(Status::AwaitingInternalApproval, Access::None)),
            Event::NotRequired => Ok(State::new(Status::NotRequired, Access::Active)),
            Event::Notify => Ok(State::new(Status::CustomerNotified, Access::None)),
            _ => Err(Refusal::NotRaised),
        };
    };
    match (status, access, event) {
        // The provider's own approval.
        (Status::AwaitingInternalApproval, Access::None, Event::Notify) => {
            Ok(State::new(Status::CustomerNotified, Access::None))
        }
        (Status::AwaitingInternalApproval, Access::None, Event::NotRequired) => {
            Ok(State::new(Status::NotRequired, Access::Active))
        }
        (Status::AwaitingInternalApproval, Access::None, Event::InternalReject) => {
            Ok(State::new(Status::Rejected, Access::None))
        }

        // The customer's decision.
        (Status::CustomerNotified, Access::None, Event::Approve) => Ok(State::new(Status::Approved, Access::Active)),
        (Status::CustomerNotified, Access::None, Event::Deny) => Ok(State::new(Status::Denied, Access::None)),

        // Either of them comes to nothing.
        (Status::AwaitingInternalApproval | Status::CustomerNotified, Access::None, Event::Expire) => {
            Ok(State::new(Status::Expired, Access::None))
        }
        (
            Status::AwaitingInternalApproval | Status::CustomerNotified,
            Access::None,
            Event::Cancel | Event::CloseServiceRequest | Event::DeleteEnvironment,
        ) => Ok(State::new(Status::Cancelled, Access::None)),

        // Open access ends, whatever opened it; the status keeps saying what did.
        (_, Access::Active, Event::Complete | Event::CloseServiceRequest | Event::DeleteEnvironment) => {
            Ok(State::new(status, Access::Completed))
        }
        (_, Access::Active, Event::Revoke) => Ok(State::new(status, Access::Revoked)),
        (_, Access::Active, Event::Lapse) => Ok(State::new(status, Access::Lapsed)),

        // Everything else is refused; what follows only chooses the reason.
        (_, _, Event::Complete | Event::Revoke | Event::Lapse) => Err(Refusal::AccessNotOpen(access)),
        (_, _, Event::Reject | Event::RequireInternalApproval) => Err(Refusal::NotPossible { event, status }),
        (Status::AwaitingInternalApproval | Status::CustomerNotified, _, _) => {
            Err(Refusal::NotPossible { event, status })
        }
        (
            _,
            Access::Completed | Access::Lapsed | Access::Revoked,
            Event::CloseServiceRequest | Event::DeleteEnvironment,
        ) => Err(Refusal::AccessNotOpen(access)),
        (_, _, _) => Err(Refusal::AlreadyDecided(status)),
    }
}

/// What the state really is at `now`, whatever has been written so far: a late sweep neither leaves a request open
/// after `decide_by` nor an access after `access_expires_at`. Both ends are exclusive: at the instant itself it is over.
///
/// A pending request without `decide_by` keeps waiting. Access without an end is never valid and counts as lapsed.
#[must_use]
pub fn at(state: State, decide_by: Option<Time>, access_expires_at: Option<Time>, now: Time) -> State {
    let mut state = state;
    if state.is_pending() && decide_by.is_some_and(|decide_by| is_over(decide_by, now)) {
        state = next(Some(state), Event::Expire).unwrap_or(state);
    }
    if state.access == AccessState::Active && access_expires_at.is_none_or(|expires_at| is_over(expires_at, now)) {
        state = next(Some(state), Event::Lapse).unwrap_or(state);
    }
    state
}

/// The events that can follow `state`.
pub fn possible(state: State) -> impl Iterator<Item = Event> {
    Event::ALL.iter().copied().filter(move |event| next(Some(state), *event).is_ok())
}

#[cfg(test)]
mod tests;
