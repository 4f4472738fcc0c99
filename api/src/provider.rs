//! The provider API, `/provider/v1`: what the provider's JIT service says and asks.

use chrono::{DateTime, Utc};

use crate::{
    ids::{EnvironmentId, GrantId, OrganizationId, RequestId, ServiceRequestId},
    jit::{Evaluation, PermissionLevel, ReasonCode, ResourceScope},
    requests::{Engineer, Exclusion, Status, StatusReason},
    service_requests::{Author, Severity},
};

/// Most actions in one batch.
pub const ACTIONS_MAX: usize = 1_000;
/// Largest batch of actions, bytes of its body: what is longer goes in several.
pub const ACTIONS_BODY_MAX: usize = 4 * 1024 * 1024;

input! {
    /// Keep a customer organisation in step.
    pub struct OrganizationPut {
        /// Display name, 1 to 200 characters.
        pub name: String,
    }

    /// Keep an environment in step. Never changes the policy.
    pub struct EnvironmentPut {
        /// Display name, 1 to 200 characters.
        pub name: String,
        /// Id of its service in the catalog.
        pub service: String,
        /// Where it runs, in the provider's words.
        #[serde(default)]
        pub region: String,
        /// Whether it has a database.
        #[serde(default)]
        pub has_database: bool,
        /// The environment that it was copied from: another one of the organisation. Without it, what was said before stays.
        #[serde(default)]
        pub copied_from: Option<EnvironmentId>,
        /// The environment whose backup was restored into it: another one of the organisation. Without it, what was said
        /// before stays.
        #[serde(default)]
        pub restored_from: Option<EnvironmentId>,
        /// True once the environment is gone: access to it ends, and requests that wait for one are cancelled.
        #[serde(default)]
        pub deleted: bool,
    }

    /// Keep a support request in step.
    pub struct ServiceRequestPut {
        /// Title, 1 to 200 characters.
        pub title: String,
        /// What is wrong, up to 20,000 characters.
        #[serde(default)]
        pub description: String,
        /// How bad it is.
        pub severity: Severity,
        /// The environment it is about.
        #[serde(default)]
        pub environment_id: Option<EnvironmentId>,
        /// True closes it, which ends the access given for it. A closed one stays closed.
        #[serde(default)]
        pub closed: bool,
        /// Messages so far; those already known by their `id` are left as they are.
        #[serde(default)]
        pub messages: Vec<ServiceRequestMessagePut>,
    }

    /// A message of the conversation, as the provider keeps it.
    pub struct ServiceRequestMessagePut {
        /// The provider's id for the message.
        pub id: String,
        /// Which side wrote it.
        pub author: Author,
        /// Name of the person who wrote it.
        pub author_name: String,
        /// When.
        pub at: DateTime<Utc>,
        /// What, 1 to 20,000 characters.
        pub text: String,
    }

    /// Ask for access.
    pub struct AccessRequestCreate {
        /// Whose data.
        pub organization_id: OrganizationId,
        /// Where it lives.
        pub environment_id: EnvironmentId,
        /// The support request it is for.
        pub service_request_id: ServiceRequestId,
        /// Who asks.
        pub engineer: Engineer,
        /// Wire names of the operations, from the catalog's entry of the environment's service; 1 to 50.
        pub operations: Vec<String>,
        /// Data stores, from the catalog's entry; up to 20.
        #[serde(default)]
        pub data_stores: Vec<String>,
        /// Patterns of what may be touched (`*` stands for anything); empty: anything in the environment; up to 50.
        #[serde(default)]
        pub targets: Vec<String>,
        /// How deep.
        pub permission_level: PermissionLevel,
        /// Whether customer data is reached directly.
        pub direct_data_access: bool,
        /// Why, as a code.
        pub reason_code: ReasonCode,
        /// Why, in words: 1 to 2,000 characters.
        pub justification: String,
        /// Minutes; absent: the catalog's default. At most the catalog's maximum.
        #[serde(default)]
        pub access_minutes: Option<u32>,
        /// The ground on which consent is not asked for.
        #[serde(default)]
        pub exclusion: Option<Exclusion>,
        /// How wide the credentials reach that the engineer would be given; absent: as wide as the targets. What reaches
        /// further than the targets is weighed by this, never by less than the targets say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub resource_scope: Option<ResourceScope>,
    }

    /// Decide inside the provider, before the customer is asked.
    pub struct InternalDecisionInput {
        /// True: go on; false: reject.
        pub approve: bool,
        /// The provider's id for the person who decides; never the engineer who asked. Where it is the id or the address of
        /// an account here, the account has to approve in that role.
        pub approver_id: String,
        /// Their name. Colleagues see it; customers where the provider's setting `internal_approver_names` says so.
        pub approver_name: String,
        /// Their role, as the rule names it.
        pub role: String,
        /// Their team, which the customer sees beside the role; absent: that of their account, where they have one.
        #[serde(default)]
        pub team: Option<String>,
        /// Why: 1 to 2,000 characters.
        pub justification: String,
    }

    /// Withdraw a request, or end the access because the work is done.
    pub struct EndInput {
        /// The engineer who asked.
        pub engineer_id: String,
        /// A closing note, up to 2,000 characters.
        #[serde(default)]
        pub note: Option<String>,
    }

    /// May this engineer do this here, now?
    pub struct GrantCheckInput {
        /// Who.
        pub engineer_id: String,
        /// Where.
        pub environment_id: EnvironmentId,
        /// What, by wire name.
        pub operation: String,
        /// On what; absent where the operation has no target.
        #[serde(default)]
        pub target: Option<String>,
        /// True: with a yes, also a lease, so that the same question can be answered for some seconds without asking.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        pub lease: bool,
    }

    /// What was done, in a batch of 1 to 1,000 and of 4 MiB at most.
    pub struct GrantActionsInput {
        /// The actions.
        pub actions: Vec<ActionInput>,
    }

    /// One thing that an engineer did or tried.
    pub struct ActionInput {
        /// The provider's id for it, unique within the grant: the same action again, whatever its time, is a duplicate,
        /// and another action with a known id a faulty report.
        pub id: String,
        /// When it happened. Actions may come in any order. More than 5 minutes ahead of Lockbox's clock is a fault; before
        /// the access began, at its end or after it, is recorded as refused. What was done under the access may be
        /// reported until 24 hours after its end, and is marked as reported after it; later it makes the report faulty.
        pub time: DateTime<Utc>,
        /// Who.
        pub engineer_id: String,
        /// What, by wire name.
        pub operation: String,
        /// On what: database, table, file.
        #[serde(default)]
        pub target: Option<String>,
        /// The statement or its digest, up to 20,000 characters. One that is longer or has control characters makes the
        /// report faulty.
        #[serde(default)]
        pub statement: Option<String>,
        /// Rows touched.
        #[serde(default)]
        pub rows: Option<u64>,
        /// How it ended.
        pub outcome: ActionOutcome,
    }
}

words! {
    /// How an action ended at the provider.
    ActionOutcome {
        /// It was done.
        Success = "success",
        /// It was tried and did not work.
        Failure = "failure",
        /// The provider's own gate stopped it.
        Refused = "refused",
    }
}

words! {
    /// Why a check says no.
    RefusalReason {
        /// The customer ended the access.
        Revoked = "revoked",
        /// The work was done or the support request closed.
        Completed = "completed",
        /// The time was over.
        Lapsed = "lapsed",
        /// The access has not begun at the time in question.
        NotStarted = "not_started",
        /// The grant is another engineer's.
        WrongEngineer = "wrong_engineer",
        /// The grant is for another environment.
        WrongEnvironment = "wrong_environment",
        /// The operation was not asked for.
        OperationNotGranted = "operation_not_granted",
        /// The target was not asked for.
        TargetNotGranted = "target_not_granted",
        /// The provider's own gate stopped it.
        StoppedByProvider = "stopped_by_provider",
        /// The report of the action has a fault, so that it can't be judged. Never the answer of a check.
        FaultyReport = "faulty_report",
    }
}

impl RefusalReason {
    /// The reason as a sentence for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Revoked => "Access had been ended by the customer.",
            Self::Completed => "The work had been completed.",
            Self::Lapsed => "The access time was over.",
            Self::NotStarted => "The access had not begun.",
            Self::WrongEngineer => "The access belongs to another engineer.",
            Self::WrongEnvironment => "The access is for another environment.",
            Self::OperationNotGranted => "The operation was not part of the request.",
            Self::TargetNotGranted => "The target was not part of the request.",
            Self::StoppedByProvider => "The provider's own gate stopped it.",
            Self::FaultyReport => "The provider's report of it has a fault, so that it can't be judged.",
        }
    }
}

words! {
    /// What became of a reported action.
    ActionResultKind {
        /// In the log.
        Recorded = "recorded",
        /// In the log as refused: outside the grant.
        Refused = "refused",
        /// Was in the log already.
        Duplicate = "duplicate",
        /// A field is wrong. Mend it and send the action again with the same id; until then the log has what could be read
        /// of it, as a faulty report that is refused.
        Invalid = "invalid",
    }
}

answer! {
    /// Yes until when, or no and why.
    pub struct GrantCheck {
        /// The answer at this instant.
        pub allowed: bool,
        /// With yes: until when at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub until: Option<DateTime<Utc>>,
        /// With no: why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub reason: Option<RefusalReason>,
        /// With yes, where one was asked for and enough of the access is left for one (a second at most is too little).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub lease: Option<Lease>,
    }

    /// A signed yes to one question, for some seconds.
    pub struct Lease {
        /// A JWT, signed with Ed25519 by one of the keys in `/.well-known/jwks.json`.
        pub token: String,
        /// Until when it holds: 30 seconds at most, and never beyond the access.
        pub until: DateTime<Utc>,
    }

    /// The keys with which leases are signed (RFC 7517).
    pub struct LeaseKeys {
        /// The one that signs, the next one, and the last one.
        pub keys: Vec<LeaseKey>,
    }

    /// A public key (RFC 8037).
    pub struct LeaseKey {
        /// `OKP`.
        pub kty: String,
        /// `Ed25519`.
        pub crv: String,
        /// `EdDSA`.
        pub alg: String,
        /// `sig`.
        #[serde(rename = "use")]
        pub usage: String,
        /// Names the key; the same as in the head of a lease.
        pub kid: String,
        /// The key, base64url without padding.
        pub x: String,
    }

    /// What became of a batch.
    pub struct GrantActions {
        /// How many are in the log now because of this call (recorded or refused).
        pub accepted: u32,
        /// One result per action, in the order given.
        pub results: Vec<ActionResult>,
    }

    /// What became of one action.
    pub struct ActionResult {
        /// The id given.
        pub id: String,
        /// What became of it.
        pub result: ActionResultKind,
        /// With refused or invalid: why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub detail: Option<String>,
    }

    /// What would come of a request if it were raised now.
    pub struct JitDryRun {
        /// Where it would stand: `rejected`, `awaiting_internal_approval`, `not_required` or `customer_notified`.
        pub status: Status,
        /// With `rejected` and `not_required`: why.
        pub status_reason: Option<StatusReason>,
        /// How the rules judge it, as it would be kept with the request.
        pub evaluation: Evaluation,
        /// Minutes of access that would be asked for, after every cap.
        pub access_minutes: u32,
        /// Minutes asked for (the service's usual time, where the request names none), before the rules shorten them.
        #[serde(default)]
        pub asked_minutes: Option<u32>,
        /// Hours that the customer would have to decide; with an internal approval, once that is given.
        pub queue_hours: u32,
    }

    /// A grant, as the provider sees it.
    pub struct GrantRef {
        /// The grant.
        pub id: GrantId,
        /// Its request.
        pub request_id: RequestId,
    }

    /// What the provider keeps in step was stored.
    pub struct Stored {
        /// True when it was new.
        pub created: bool,
    }

    /// Where a request stands, for the one who waits for it.
    pub struct RequestState {
        /// Where it stands.
        pub status: Status,
        /// What led there.
        pub status_reason: Option<StatusReason>,
    }
}

query! {
    /// Wait for a change.
    pub struct WaitQuery {
        /// Hold the answer until the state changes, for at most so many seconds (0 to 60).
        pub wait: Option<u32>,
    }
}
