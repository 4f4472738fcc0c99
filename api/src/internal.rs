//! Approval inside the provider: what its internal approvers see, and what they decide. Nothing here tells what the
//! customer decided, did or set.

use chrono::{DateTime, Utc};

use crate::{
    ids::{RequestId, ServiceRequestId},
    jit::{Evaluation, PermissionLevel, ReasonCode},
    requests::{DataStoreWords, Engineer, Exclusion, InternalDecision, OperationWords},
};

words! {
    /// How far the provider's own approval is.
    InternalState {
        /// Somebody inside the provider has to decide.
        Waiting = "waiting",
        /// Everybody who had to has approved; it went on.
        Approved = "approved",
        /// Somebody inside the provider, or a rule, rejected it.
        Rejected = "rejected",
        /// Nobody decided in time.
        Expired = "expired",
        /// It was withdrawn, or its support request was closed, before everybody had decided.
        Cancelled = "cancelled",
    }
}

impl InternalState {
    /// The words that people see.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Approval needed",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
        }
    }
}

words! {
    /// Ready-made selections of requests that need an approval inside the provider.
    InternalView {
        /// What can still be decided, soonest expiry first.
        Waiting = "waiting",
        /// Raised in the last 28 days, newest first.
        Recent = "recent",
    }
}

answer! {
    /// A page of requests that need an approval of one of the person's roles.
    pub struct InternalApprovalPage {
        /// The rows, in the list's order.
        pub items: Vec<InternalApprovalSummary>,
        /// Opaque; pass it back as `cursor` for the rows that follow. Absent on the last page.
        pub next_cursor: Option<String>,
        /// The roles of the rules for which the person approves.
        pub your_roles: Vec<String>,
    }

    /// One request, as the queue shows it.
    pub struct InternalApprovalSummary {
        /// Stable id.
        pub id: RequestId,
        /// Whose data.
        pub organization_name: String,
        /// Where it lives.
        pub environment_name: String,
        /// Who asks.
        pub engineer_name: String,
        /// Friendly names of the operations.
        pub operations: Vec<String>,
        /// Why, in the engineer's words.
        pub justification: String,
        /// How far the approval is.
        pub state: InternalState,
        /// The roles whose approval is still missing.
        pub waits_for: Vec<String>,
        /// True when the person's own decision is one of those that are missing.
        pub waits_for_you: bool,
        /// When it was raised.
        pub requested_at: DateTime<Utc>,
        /// Until when it can be decided, while it waits.
        pub decide_by: Option<DateTime<Utc>>,
        /// Grows with every change while it waits; 0 after that.
        pub version: u64,
    }

    /// One request, with all that is needed to decide inside the provider.
    pub struct InternalApproval {
        /// Stable id.
        pub id: RequestId,
        /// Whose data.
        pub organization_name: String,
        /// Where it lives.
        pub environment_name: String,
        /// The service's name in the catalog.
        pub service_name: String,
        /// The support request it is for.
        pub service_request_id: ServiceRequestId,
        /// Who asks.
        pub engineer: Engineer,
        /// The operations asked for, with the catalog's words.
        pub operation_words: Vec<OperationWords>,
        /// Data stores asked for.
        pub data_stores: Vec<String>,
        /// The same with the catalog's words, and with those that the catalog names for the operations asked for; empty with
        /// requests from before this was kept.
        #[serde(default)]
        pub data_store_words: Vec<DataStoreWords>,
        /// Patterns of what may be touched; empty: anything in the environment.
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
        /// The ground on which the customer will not be asked.
        pub exclusion: Option<Exclusion>,
        /// How far the approval is.
        pub state: InternalState,
        /// When it was raised.
        pub requested_at: DateTime<Utc>,
        /// Until when it can be decided, while it waits.
        pub decide_by: Option<DateTime<Utc>>,
        /// How the JIT service judged it.
        pub evaluation: Evaluation,
        /// What was decided inside so far, oldest first, with the names that colleagues know.
        pub decisions: Vec<InternalDecision>,
        /// The roles whose approval is still missing.
        pub waits_for: Vec<String>,
        /// The roles of the rules for which the person approves.
        pub your_roles: Vec<String>,
        /// True when the person has approved it already, in one of their roles.
        pub approved_by_you: bool,
        /// Grows with every change while it waits; 0 after that. The ETag.
        pub version: u64,
    }
}

input! {
    /// Approve or reject inside the provider. `If-Match` required.
    pub struct InternalApprovalInput {
        /// Why: 1 to 2,000 characters. The customer reads it.
        pub justification: String,
        /// For which role of the rules, where the person approves for several that are missing.
        #[serde(default)]
        pub role: Option<String>,
    }
}

query! {
    /// Which requests to list.
    pub struct InternalApprovalQuery {
        /// Ready-made selection; default `waiting`.
        pub view: Option<InternalView>,
        /// Rows, 1 to 200, default 50.
        pub limit: Option<u32>,
        /// Where the last page ended.
        pub cursor: Option<String>,
    }
}
