//! What the store keeps, as plain records. Wire types are used where the stored thing is the same thing.
//!
//! Length: over 400 lines because it is a list of plain structs with a line for every field.

mod filters;
mod log;
mod webhooks;

use lockbox_api::{
    Time,
    clients::ClientScopes,
    events::{Activity, Actor, Category, Event, Outcome},
    ids::{
        ApiClientId, ClientKeyId, EnvironmentId, EventId, GrantId, MailId, OrganizationId, PersonId, RequestId,
        ServiceRequestId, TokenId,
    },
    jit::{Evaluation, PermissionLevel, ReasonCode},
    requests::{
        AccessState, Acknowledgement, DataStoreWords, Decision, Engineer, Exclusion, InternalDecision, OperationWords,
        Status, StatusReason,
    },
    service_requests::Severity,
    session::Role,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use filters::{AccessRequestFilter, InternalFilter, LogFilter, LogTerms, Order, RequestFilter, RequestKey};
pub use log::{
    EventPlace, ExportMeaning, ExportRecord, HistoryGrant, HistoryRow, LogRow, LogTally, LogValue, LogValues,
    LogViewRecord, Story, StoryLimit,
};
pub use webhooks::{WebhookAttempt, WebhookMessageRecord, WebhookRecord, WebhookSecretRecord};

/// How far Lockbox's clock had come when this was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockMark {
    /// Its time then.
    pub time: Time,
    /// No answer was given at a later time than this by what ran then.
    pub until: Time,
    /// Where the machine stood, if it says so.
    pub moment: Option<MachineMoment>,
}

/// A moment as the machine counts: it goes on while processes come and go, whatever the wall clock is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineMoment {
    /// Another one after each start of the machine.
    pub boot_id: String,
    /// Microseconds since that start.
    pub uptime: i64,
}

/// What a clock that starts has to be later than.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HighWater {
    /// The time of the newest event of all organisations.
    pub newest_event: Option<Time>,
    /// What was written down of the clock last.
    pub mark: Option<ClockMark>,
}

/// A customer organisation, or the provider's own.
#[derive(Clone, Debug, PartialEq)]
pub struct OrganizationRecord {
    /// Given by the provider.
    pub id: OrganizationId,
    /// Display name.
    pub name: String,
    /// True for the provider's own.
    pub is_provider: bool,
}

/// An environment.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvironmentRecord {
    /// Given by the provider.
    pub id: EnvironmentId,
    /// Display name.
    pub name: String,
    /// Service id in the catalog.
    pub service: String,
    /// Where it runs.
    pub region: String,
    /// Whether it has a database.
    pub has_database: bool,
    /// What it was copied from.
    pub copied_from: Option<EnvironmentId>,
    /// Whose backup was restored into it.
    pub restored_from: Option<EnvironmentId>,
    /// When it was removed.
    pub deleted_at: Option<Time>,
}

/// A person with an account.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonRecord {
    /// Stable id.
    pub id: PersonId,
    /// Their organisation.
    pub organization_id: OrganizationId,
    /// Unique over all organisations, compared without case.
    pub email: String,
    /// Display name.
    pub name: String,
    /// argon2id; absent: no local sign-in.
    pub password_hash: Option<String>,
    /// What they may do.
    pub roles: Vec<Role>,
    /// Limits an approver; absent: all environments.
    pub approver_environment_ids: Option<Vec<EnvironmentId>>,
    /// The ids under which the provider's service knows them as an engineer.
    pub engineer_ids: Vec<String>,
    /// Last sign-in.
    pub last_sign_in_at: Option<Time>,
    /// Grows with every change.
    pub version: u64,
}

/// A signed-in session.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRecord {
    /// SHA-256 of the cookie's secret.
    pub token_hash: [u8; 32],
    /// Whose.
    pub person_id: PersonId,
    /// Their organisation.
    pub organization_id: OrganizationId,
    /// When it began.
    pub created_at: Time,
    /// Last use, to the minute.
    pub last_seen_at: Time,
    /// When it ends at the latest.
    pub ends_at: Time,
}

/// A personal access token.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRecord {
    /// Stable id.
    pub id: TokenId,
    /// Their organisation.
    pub organization_id: OrganizationId,
    /// Whose.
    pub person_id: PersonId,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
    /// When it was made.
    pub created_at: Time,
    /// When it ends.
    pub expires_at: Time,
    /// Last use.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// An API client of the provider.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiClientRecord {
    /// Stable id.
    pub id: ApiClientId,
    /// What it is.
    pub name: String,
    /// Which organisations it may speak of; absent: all.
    pub organization_ids: Option<Vec<OrganizationId>>,
    /// What it may do.
    pub scopes: ClientScopes,
    /// When it was added.
    pub created_at: Time,
    /// When it was revoked, with all its keys.
    pub revoked_at: Option<Time>,
}

/// One key of an API client.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientKeyRecord {
    /// Stable id; not the key.
    pub id: ClientKeyId,
    /// Whose.
    pub client_id: ApiClientId,
    /// SHA-256 of the key.
    pub key_hash: [u8; 32],
    /// When it was made.
    pub created_at: Time,
    /// From when on it is not taken any more, where another one takes over.
    pub ends_at: Option<Time>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<Time>,
}

/// A key with which leases are signed.
#[derive(Clone, PartialEq)]
pub struct LeaseKeyRecord {
    /// Stable id, as leases and the published keys name it.
    pub id: String,
    /// Seed of the private key.
    pub seed: [u8; 32],
    /// The public key.
    pub public_key: [u8; 32],
    /// When it was made.
    pub created_at: Time,
    /// From when on it signs; it is published before.
    pub signs_from: Time,
    /// From when on it is published no more, where another one takes over.
    pub ends_at: Option<Time>,
}

impl std::fmt::Debug for LeaseKeyRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the seed.
        write!(f, "LeaseKeyRecord({})", self.id)
    }
}

/// What people were told of refused actions under a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusedAlertRecord {
    /// When they were told last.
    pub told_at: Time,
    /// Of how many in all.
    pub told: u64,
    /// How many of these were reported as done.
    pub told_done: u64,
    /// Of how many of these the report was faulty.
    pub told_faulty: u64,
    /// Whether more were refused since.
    pub waiting: bool,
}

/// A support request.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRequestRecord {
    /// The provider's number.
    pub id: ServiceRequestId,
    /// Title.
    pub title: String,
    /// What is wrong.
    pub description: String,
    /// How bad.
    pub severity: Severity,
    /// Which environment.
    pub environment_id: Option<EnvironmentId>,
    /// Who opened it, where it was a person with an account.
    pub opened_by_id: Option<PersonId>,
    /// Name of who opened it.
    pub opened_by: String,
    /// When.
    pub opened_at: Time,
    /// When it was closed.
    pub closed_at: Option<Time>,
    /// Latest change.
    pub updated_at: Time,
    /// Grows with every change.
    pub version: u64,
}

/// A request with everything that is stored of it, and its access.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRecord {
    /// Stable id.
    pub id: RequestId,
    /// Whose data.
    pub organization_id: OrganizationId,
    /// Where.
    pub environment_id: EnvironmentId,
    /// The environment's present name.
    pub environment_name: String,
    /// For which support request.
    pub service_request_id: ServiceRequestId,
    /// Its present title.
    pub service_request_title: Option<String>,
    /// Who opened that support request, where it was a person with an account.
    pub service_request_opened_by_id: Option<PersonId>,
    /// Service id in the catalog.
    pub service: String,
    /// Service name when it was raised.
    pub service_name: String,
    /// Who asks.
    pub engineer: Engineer,
    /// Wire names.
    pub operations: Vec<String>,
    /// The catalog's words when it was raised.
    pub operation_words: Vec<OperationWords>,
    /// Data stores.
    pub data_stores: Vec<String>,
    /// The catalog's words for these and for those of the operations when it was raised; empty where they were not kept.
    pub data_store_words: Vec<DataStoreWords>,
    /// Patterns.
    pub targets: Vec<String>,
    /// How deep.
    pub permission_level: PermissionLevel,
    /// Direct access to customer data.
    pub direct_data_access: bool,
    /// Why, as a code.
    pub reason_code: ReasonCode,
    /// Why, in words.
    pub justification: String,
    /// Minutes of access at most: what was asked for, after caps.
    pub access_minutes: u32,
    /// Minutes asked for, before caps; `None` where that was not kept.
    pub asked_minutes: Option<u32>,
    /// Exclusion claimed.
    pub exclusion: Option<Exclusion>,
    /// Hours to wait at most, as the catalog and the organisation said when it was raised.
    pub queue_hours: u32,
    /// The JIT evaluation.
    pub evaluation: Evaluation,
    /// Status as last written; see `rules::lifecycle::at` for what it is now.
    pub status: Status,
    /// Reason for it.
    pub status_reason: Option<StatusReason>,
    /// When it was raised.
    pub requested_at: Time,
    /// When the customer was asked.
    pub notified_at: Option<Time>,
    /// Until when it can be decided.
    pub decide_by: Option<Time>,
    /// What was decided inside the provider, oldest first.
    pub internal_decisions: Vec<DecidedInside>,
    /// The customer's decision.
    pub decision: Option<Decision>,
    /// Id of the person behind `decision.by`.
    pub decided_by_id: Option<PersonId>,
    /// True until a legal demand may be disclosed: nothing of it is visible to the customer.
    pub hidden: bool,
    /// Who of the customer acknowledged an access without a request.
    pub acknowledgement: Option<Acknowledgement>,
    /// Grows with every change.
    pub version: u64,
    /// The access, where there is any.
    pub grant: Option<GrantRecord>,
}

/// A decision inside the provider, with who made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecidedInside {
    /// The provider's id of the person: nobody decides in two roles.
    pub approver_id: String,
    /// Their name, where colleagues see another than the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As the customer sees it.
    pub decision: InternalDecision,
}

/// What a person of the provider approves inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalApproverRecord {
    /// Who.
    pub person_id: PersonId,
    /// For which roles of the rules.
    pub roles: Vec<String>,
    /// Their team, as customers see it.
    pub team: Option<String>,
}

/// Access that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantRecord {
    /// Stable id.
    pub id: GrantId,
    /// Whose data.
    pub organization_id: OrganizationId,
    /// From which request.
    pub request_id: RequestId,
    /// Who.
    pub engineer_id: String,
    /// Where.
    pub environment_id: EnvironmentId,
    /// What.
    pub operations: Vec<String>,
    /// On what.
    pub targets: Vec<String>,
    /// From when.
    pub starts_at: Time,
    /// Until when at the latest.
    pub expires_at: Time,
    /// State as last written; see `rules::lifecycle::at`.
    pub state: AccessState,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Why, a sentence.
    pub end_reason: Option<String>,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// First action under it.
    pub first_action_at: Option<Time>,
    /// Last action under it.
    pub last_action_at: Option<Time>,
    /// Actions recorded, refused ones included.
    pub actions: u64,
    /// Refused ones.
    pub refused_actions: u64,
    /// Those of the refused ones that the provider reported as done.
    pub done_outside: u64,
    /// Those of the refused ones whose report was faulty.
    pub faulty_reports: u64,
}

/// What a reported action says: the beginning of a digest, by which it is known from another one.
pub type ActionContent = [u8; 16];

/// What a batch of actions adds to its grant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionCounts {
    /// When the first and the last allowed one happened.
    pub span: Option<(Time, Time)>,
    /// All that went into the log.
    pub actions: u64,
    /// The refused ones of them.
    pub refused: u64,
    /// Those of the refused ones that the provider reported as done.
    pub done_outside: u64,
    /// Those of the refused ones whose report was faulty.
    pub faulty: u64,
    /// Rows touched by what was done, inside the grant and outside.
    pub rows: u64,
}

/// What a grant check needs, of the client that asks and of the grant.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyedGrant {
    /// Which organisations the client may speak of; absent: all.
    pub client_organizations: Option<Vec<OrganizationId>>,
    /// What the client may do.
    pub client_scopes: ClientScopes,
    /// True when the client was revoked.
    pub client_revoked: bool,
    /// From when on the key is not taken any more.
    pub key_ends_at: Option<Time>,
    /// The grant; absent where there is none with the id, of whichever organisation.
    pub grant: Option<GrantTerms>,
}

/// What was granted, to whom, and whether it was ended: the part of a [`GrantRecord`] that a check compares.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantTerms {
    /// Whose data.
    pub organization_id: OrganizationId,
    /// Who.
    pub engineer_id: String,
    /// Where.
    pub environment_id: EnvironmentId,
    /// What.
    pub operations: Vec<String>,
    /// On what.
    pub targets: Vec<String>,
    /// From when.
    pub starts_at: Time,
    /// Until when at the latest.
    pub expires_at: Time,
    /// State as last written; see `rules::lifecycle::at`.
    pub state: AccessState,
    /// When it ended.
    pub ended_at: Option<Time>,
}

/// An event before it has a place in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    /// Time-ordered id.
    pub id: EventId,
    /// When; the store moves it forward where the log is ahead already.
    pub time: Time,
    /// Activity or data access.
    pub category: Category,
    /// What.
    pub operation: String,
    /// Friendly name, with data access.
    pub friendly_name: Option<String>,
    /// Who.
    pub actor: Actor,
    /// Where.
    pub environment_id: Option<EnvironmentId>,
    /// Which request.
    pub request_id: Option<RequestId>,
    /// Which support request.
    pub service_request_id: Option<ServiceRequestId>,
    /// Which grant.
    pub grant_id: Option<GrantId>,
    /// How it ended.
    pub outcome: Outcome,
    /// From where.
    pub client_ip: Option<String>,
    /// The call that caused it.
    pub correlation_id: String,
    /// More.
    pub details: Map<String, Value>,
}

impl NewEvent {
    /// The event with its place in the log.
    #[must_use]
    pub fn placed(self, sequence: u64, time: Time) -> Event {
        Event {
            id: self.id,
            sequence,
            time,
            category: self.category,
            operation: self.operation,
            friendly_name: self.friendly_name,
            actor: self.actor,
            environment_id: self.environment_id,
            request_id: self.request_id,
            service_request_id: self.service_request_id,
            grant_id: self.grant_id,
            outcome: self.outcome,
            client_ip: self.client_ip,
            correlation_id: self.correlation_id,
            details: self.details,
        }
    }

    /// Names the activity.
    #[must_use]
    pub fn is(&self, activity: Activity) -> bool {
        self.operation == activity.as_str()
    }
}

/// A mail to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct MailRecord {
    /// Stable id; the Message-ID is made of it, so a duplicate is recognisable.
    pub id: MailId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// About which request.
    pub request_id: Option<RequestId>,
    /// To whom; one mail per recipient.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// The one link.
    pub link: Option<String>,
    /// When it was written.
    pub created_at: Time,
    /// Attempts so far.
    pub attempts: u32,
    /// Until when the request that it is about can be decided, while it waits; read with the mail, never written with it.
    pub decide_by: Option<Time>,
}
