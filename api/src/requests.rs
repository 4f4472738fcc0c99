//! Lockbox requests: what an engineer asks, how it was judged, what was decided and what came of it.

mod words;

use chrono::{DateTime, Utc};

use crate::{
    ids::{EnvironmentId, GrantId, OrganizationId, PersonId, RequestId, ServiceRequestId},
    jit::{Evaluation, PermissionLevel, ReasonCode},
};

pub use words::{AccessState, DecisionOutcome, ExclusionKind, RequestView, Status, StatusReason, TimelineKind};

answer! {
    /// Where the engineer's office is and where they physically are, ISO 3166-1 alpha-2.
    #[serde(deny_unknown_fields)]
    pub struct Location {
        /// Country of the office.
        pub office_country: Option<String>,
        /// Country where the person is.
        pub physical_country: Option<String>,
    }

    /// Who asks.
    #[serde(deny_unknown_fields)]
    pub struct Engineer {
        /// The provider's id for the person.
        pub id: String,
        /// Name, as the provider lets the customer see it.
        pub name: String,
        /// Team.
        #[serde(default)]
        pub team: Option<String>,
        /// Role in the JIT service.
        pub jit_role: String,
        /// Works from an identity that exists for this work only.
        pub isolated_identity: bool,
        /// Signed in with more than one factor.
        pub mfa: bool,
        /// Where the person is.
        #[serde(default)]
        pub location: Option<Location>,
    }

    /// Why consent is not asked for.
    #[serde(deny_unknown_fields)]
    pub struct Exclusion {
        /// The ground.
        pub kind: ExclusionKind,
        /// The written reason, 1 to 2,000 characters.
        pub reason: String,
        /// With `legal_demand` alone: before this moment the customer must not be told. Until then nothing of the request
        /// is visible to the customer; at that moment it is disclosed, whole.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub disclose_at: Option<DateTime<Utc>>,
        /// With `reviewed_maintenance_script`, and only there: which script, and who reviewed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub script: Option<ReviewedScript>,
    }

    /// A maintenance script that somebody else than the engineer has reviewed.
    #[serde(deny_unknown_fields)]
    pub struct ReviewedScript {
        /// The provider's id for the script and its version.
        pub id: String,
        /// Who reviewed it; never the engineer.
        pub reviewer: String,
    }

    /// That a person of the customer has seen an access without a request.
    pub struct Acknowledgement {
        /// Name of the person.
        pub by: String,
        /// When.
        pub at: DateTime<Utc>,
        /// What they say to it.
        pub comment: String,
    }

    /// An operation with the words that the catalog had for it when the request was raised.
    pub struct OperationWords {
        /// Wire name, as in the log.
        pub name: String,
        /// Friendly name.
        pub friendly_name: String,
        /// What data it reaches.
        pub reaches: String,
        /// What it can't reach, where the catalog says so.
        pub does_not_reach: Option<String>,
    }

    /// A data store with the words that the catalog had for it when the request was raised.
    pub struct DataStoreWords {
        /// Id, as requests name it.
        pub id: String,
        /// Display name.
        pub name: String,
        /// Whether Lockbox protects it.
        pub protectable: bool,
    }

    /// The decision, made once.
    pub struct Decision {
        /// Approved or denied.
        pub outcome: DecisionOutcome,
        /// Name of the person who decided.
        pub by: String,
        /// When.
        pub at: DateTime<Utc>,
        /// Why, in the person's words.
        pub justification: String,
        /// With an approval: minutes granted, at most what was asked for.
        pub access_minutes: Option<u32>,
    }

    /// What somebody inside the provider decided before the customer was asked.
    pub struct InternalDecision {
        /// True: it went on.
        pub approved: bool,
        /// The person, as the provider lets the customer see them.
        pub by: String,
        /// Their role.
        pub role: String,
        /// Their team, where the provider tells it.
        #[serde(default)]
        pub team: Option<String>,
        /// When.
        pub at: DateTime<Utc>,
        /// Why.
        pub justification: String,
    }

    /// The access that a request led to.
    pub struct Access {
        /// Whether the engineer can reach the data now.
        pub state: AccessState,
        /// The grant to ask about; absent while there is none.
        pub grant_id: Option<GrantId>,
        /// When it opened.
        pub starts_at: Option<DateTime<Utc>>,
        /// When it ends by itself.
        pub expires_at: Option<DateTime<Utc>>,
        /// When it ended.
        pub ended_at: Option<DateTime<Utc>>,
        /// Why it ended, as a sentence.
        pub end_reason: Option<String>,
        /// Name of the person who ended it, where a person did.
        pub ended_by: Option<String>,
    }

    /// One step in the life of a request, oldest first.
    pub struct TimelineEntry {
        /// When.
        pub at: DateTime<Utc>,
        /// What kind of step, one of [`TimelineKind`].
        pub kind: TimelineKind,
        /// Who did it.
        pub actor: String,
        /// What happened, as a sentence.
        pub text: String,
        /// With an action: friendly name, wire name, target, statement and the like.
        pub action: Option<TimelineAction>,
    }

    /// What an engineer did under the grant.
    pub struct TimelineAction {
        /// Wire name of the operation.
        pub operation: String,
        /// Friendly name, where the catalog has one.
        pub friendly_name: String,
        /// Database, table or file.
        pub target: Option<String>,
        /// The statement, or its digest.
        pub statement: Option<String>,
        /// Rows touched.
        pub rows: Option<u64>,
        /// True when it lay outside what was granted.
        pub refused: bool,
        /// Why it was refused.
        pub refused_reason: Option<String>,
        /// True when the provider reported that it failed.
        pub failed: bool,
        /// True when it lay outside what was granted and the provider reported it as done all the same.
        #[serde(default)]
        pub done_outside: bool,
        /// True when the report of it had a fault, so that it can't be judged; `refused` is true as well.
        #[serde(default)]
        pub faulty: bool,
    }

    /// What the timeline of a request with many actions leaves out.
    pub struct TimelineLeftOut {
        /// Actions that are in the log and not in the timeline.
        pub actions: u64,
        /// Refused ones among them.
        pub refused_actions: u64,
        /// Those of the refused ones that the provider reported as done.
        #[serde(default)]
        pub done_outside: u64,
        /// Those of the refused ones whose report was faulty.
        #[serde(default)]
        pub faulty_reports: u64,
    }

    /// One request, whole.
    pub struct LockboxRequest {
        /// Stable id.
        pub id: RequestId,
        /// Whose data.
        pub organization_id: OrganizationId,
        /// Where the data lives.
        pub environment_id: EnvironmentId,
        /// The environment's name.
        pub environment_name: String,
        /// The service's name in the catalog.
        pub service_name: String,
        /// The support request it is for.
        pub service_request_id: ServiceRequestId,
        /// The support request's title, where the provider has sent it.
        pub service_request_title: Option<String>,
        /// Who asks.
        pub engineer: Engineer,
        /// Wire names of the operations asked for.
        pub operations: Vec<String>,
        /// The same with the catalog's words.
        pub operation_words: Vec<OperationWords>,
        /// Data stores asked for.
        pub data_stores: Vec<String>,
        /// The same with the catalog's words, and with those that the catalog names for the operations asked for; empty with
        /// requests from before this was kept.
        #[serde(default)]
        pub data_store_words: Vec<DataStoreWords>,
        /// Patterns of what may be touched (`*` stands for anything); empty: anything in the environment.
        pub targets: Vec<String>,
        /// How deep.
        pub permission_level: PermissionLevel,
        /// Whether customer data is reached directly.
        pub direct_data_access: bool,
        /// Why, as a code.
        pub reason_code: ReasonCode,
        /// Why, in the engineer's words.
        pub justification: String,
        /// Minutes that access lasts at most: what was asked for, after what the rules shortened.
        pub access_minutes: u32,
        /// Minutes asked for (the service's usual time, where the request named none), before the rules shortened them; absent with
        /// requests from before this was kept.
        #[serde(default)]
        pub asked_minutes: Option<u32>,
        /// The ground on which consent is not asked for.
        pub exclusion: Option<Exclusion>,
        /// Where it stands.
        pub status: Status,
        /// What led there, where the status alone does not say.
        pub status_reason: Option<StatusReason>,
        /// When it was raised.
        pub requested_at: DateTime<Utc>,
        /// Until when it can be decided; absent where nobody is asked.
        pub decide_by: Option<DateTime<Utc>>,
        /// Its page in the portal.
        pub url: String,
        /// How the JIT service judged it.
        pub evaluation: Evaluation,
        /// What somebody inside the provider decided; the latest, where several had to.
        pub internal_decision: Option<InternalDecision>,
        /// Everything that was decided inside the provider, oldest first. `evaluation.internal_approval_roles` says whose
        /// approvals are needed.
        #[serde(default)]
        pub internal_decisions: Vec<InternalDecision>,
        /// The access it led to.
        pub access: Access,
        /// The customer's decision.
        pub decision: Option<Decision>,
        /// True for an access without a request, on the ground of an exclusion, that nobody has acknowledged yet.
        #[serde(default)]
        pub needs_acknowledgement: bool,
        /// Who of the customer has seen the access without a request.
        #[serde(default)]
        pub acknowledgement: Option<Acknowledgement>,
        /// What happened, oldest first: every step, and of the actions the newest and the newest refused ones, about a
        /// hundred of them.
        pub timeline: Vec<TimelineEntry>,
        /// How many actions the timeline leaves out; null while it has them all. `GET /api/v1/logs?request_id=…` pages
        /// through every one.
        #[serde(default)]
        pub timeline_left_out: Option<TimelineLeftOut>,
        /// Grows with every change; the ETag.
        pub version: u64,
    }

    /// One request, as lists show it.
    pub struct LockboxRequestSummary {
        /// Stable id.
        pub id: RequestId,
        /// The support request it is for.
        pub service_request_id: ServiceRequestId,
        /// Where the data lives.
        pub environment_id: EnvironmentId,
        /// The environment's name.
        pub environment_name: String,
        /// Who asks.
        pub engineer_name: String,
        /// Friendly names of the operations.
        pub operations: Vec<String>,
        /// Why, in the engineer's words.
        pub justification: String,
        /// Where it stands.
        pub status: Status,
        /// What led there.
        pub status_reason: Option<StatusReason>,
        /// When it was raised ("Requested").
        pub requested_at: DateTime<Utc>,
        /// Until when it can be decided ("Request expiration").
        pub decide_by: Option<DateTime<Utc>>,
        /// Minutes asked for or granted ("Access period").
        pub access_minutes: u32,
        /// The access it led to; `expires_at` is "Access expiration".
        pub access: Access,
        /// The customer's decision.
        pub decision: Option<Decision>,
        /// With an exclusion: the written reason for it.
        #[serde(default)]
        pub exclusion_reason: Option<String>,
        /// True for an access without a request, on the ground of an exclusion, that nobody has acknowledged yet.
        #[serde(default)]
        pub needs_acknowledgement: bool,
        /// Who of the customer has seen the access without a request.
        #[serde(default)]
        pub acknowledgement: Option<Acknowledgement>,
        /// Grows with every change.
        pub version: u64,
    }
}

input! {
    /// Approve, deny or end access. `If-Match` required.
    pub struct DecisionInput {
        /// Why: 1 to 2,000 characters. Kept for ever and shown to everybody who reads the request.
        pub justification: String,
        /// With approve: grant fewer minutes than were asked for.
        #[serde(default)]
        pub access_minutes: Option<u32>,
    }

    /// Acknowledge an access without a request.
    pub struct AcknowledgeInput {
        /// What there is to say to it: 1 to 2,000 characters.
        pub comment: String,
    }

    /// Deny a request, or end its access. `If-Match` required for deny.
    pub struct JustificationInput {
        /// Why: 1 to 2,000 characters.
        pub justification: String,
    }
}

/// Days that the view `recent` reaches back.
pub const RECENT_DAYS: i64 = 28;

query! {
    /// Filters of the list. All given ones hold together.
    pub struct RequestQuery {
        /// Ready-made selection; default `all`.
        pub view: Option<RequestView>,
        /// One status.
        pub status: Option<Status>,
        /// One environment.
        pub environment_id: Option<EnvironmentId>,
        /// One support request.
        pub service_request_id: Option<ServiceRequestId>,
        /// One service, by its id in the catalog.
        pub service: Option<String>,
        /// One reason code.
        pub reason_code: Option<ReasonCode>,
        /// One reason why nobody was asked.
        pub status_reason: Option<StatusReason>,
        /// One team of engineers; empty: engineers without a team.
        pub team: Option<String>,
        /// Decided by one person.
        pub decided_by: Option<PersonId>,
        /// Raised at or after.
        pub from: Option<DateTime<Utc>>,
        /// Raised before.
        pub to: Option<DateTime<Utc>>,
        /// Part of an id, an engineer's name, an environment's name or the justification.
        pub q: Option<String>,
        /// Also say how many there are in all (`total`).
        pub with_total: Option<bool>,
        /// Rows, 1 to 200, default 50.
        pub limit: Option<u32>,
        /// Where the last page ended.
        pub cursor: Option<String>,
    }
}
