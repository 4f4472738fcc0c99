//! What to look for, and where the next page begins.

use lockbox_api::{
    Time,
    ids::{EnvironmentId, OrganizationId, PersonId, RequestId, ServiceRequestId},
    jit::ReasonCode,
    requests::{AccessState, RequestView, Status, StatusReason},
};
use serde::{Deserialize, Serialize};

/// Key of a row in a list of requests: where the next page begins.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestKey {
    /// The sort column's value.
    pub at: Time,
    /// Breaks ties.
    pub id: RequestId,
}

/// Which requests to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestFilter {
    /// Order and base selection.
    pub view: Option<RequestView>,
    /// Effective status at `now`.
    pub status: Option<Status>,
    /// One environment.
    pub environment_id: Option<EnvironmentId>,
    /// One support request.
    pub service_request_id: Option<ServiceRequestId>,
    /// One service, by its id.
    pub service: Option<String>,
    /// One reason code.
    pub reason_code: Option<ReasonCode>,
    /// One reason why nobody was asked.
    pub status_reason: Option<StatusReason>,
    /// One team of engineers; empty: engineers without a team.
    pub team: Option<String>,
    /// Decided by this person.
    pub decided_by: Option<PersonId>,
    /// Raised at or after.
    pub from: Option<Time>,
    /// Raised before.
    pub to: Option<Time>,
    /// Part of a text.
    pub q: Option<String>,
    /// Only those whose support request this person opened.
    pub opened_by: Option<PersonId>,
    /// Also legal demands that are not disclosed yet: for what Lockbox does by itself, never for an answer to a customer.
    pub with_hidden: bool,
    /// Begin after this row.
    pub after: Option<RequestKey>,
    /// Rows at most.
    pub limit: u32,
}

/// Which requests to list for the provider, newest first: by their ids, which are ordered by time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccessRequestFilter {
    /// Of these organisations; absent: of all.
    pub organization_ids: Option<Vec<OrganizationId>>,
    /// One environment.
    pub environment_id: Option<EnvironmentId>,
    /// One support request.
    pub service_request_id: Option<ServiceRequestId>,
    /// One engineer, by the provider's id.
    pub engineer_id: Option<String>,
    /// Effective status at `now`.
    pub status: Option<Status>,
    /// Effective state of the access at `now`.
    pub access_state: Option<AccessState>,
    /// Begin after this row.
    pub after: Option<RequestId>,
    /// Rows at most.
    pub limit: u32,
}

/// Which events: all conditions hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogFilter {
    /// Values and words; the times in it are told by `from` and `to`, what operations, actors and environments are meant by
    /// `terms`.
    pub values: lockbox_api::logs::LogFilter,
    /// What the values stand for.
    pub terms: LogTerms,
    /// Recorded at or after.
    pub from: Option<Time>,
    /// Recorded before.
    pub to: Option<Time>,
    /// Only this sequence and those above.
    pub from_sequence: Option<u64>,
    /// Only this sequence and those below.
    pub to_sequence: Option<u64>,
    /// Only sequences below this.
    pub before: Option<u64>,
    /// Rows at most; 0 is no limit.
    pub limit: u32,
}

/// What the operations, actors and environments in a filter stand for, as the numbers that the log gives to values when they
/// first occur. A number never stands for anything else: names are looked up once, and what comes of it means the same at any
/// later time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
// A field that comes later is empty in what was kept before.
#[serde(default)]
#[expect(missing_docs, reason = "the fields of lockbox_api::logs::LogFilter, which says what they mean")]
pub struct LogTerms {
    pub operation: Vec<u32>,
    pub not_operation: Vec<u32>,
    pub actor: Vec<u32>,
    pub not_actor: Vec<u32>,
    pub environment_id: Vec<u32>,
    pub not_environment_id: Vec<u32>,
}

/// From which end the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As people read it.
    NewestFirst,
    /// As files hold it.
    OldestFirst,
}

/// Which requests of all organisations that need an approval inside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InternalFilter {
    /// Those that ask for one of these roles; with none nothing is found.
    pub roles: Vec<String>,
    /// What still waits, soonest expiry first; else what was raised in the last 28 days, newest first.
    pub waiting: bool,
    /// Begin after this row.
    pub after: Option<RequestKey>,
    /// Rows at most.
    pub limit: u32,
}
