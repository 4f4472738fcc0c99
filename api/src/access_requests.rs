//! Access requests as the provider lists them: across organisations, with what its scripts and engineers need.

use chrono::{DateTime, Utc};

use crate::{
    ids::{EnvironmentId, OrganizationId, RequestId, ServiceRequestId},
    page::Page,
    requests::{Access, AccessState, Status, StatusReason},
};

answer! {
    /// One request, as the provider's list shows it.
    pub struct AccessRequestSummary {
        /// Stable id.
        pub id: RequestId,
        /// Whose data.
        pub organization_id: OrganizationId,
        /// Where it lives.
        pub environment_id: EnvironmentId,
        /// The support request it is for.
        pub service_request_id: ServiceRequestId,
        /// The provider's id for the engineer who asks.
        pub engineer_id: String,
        /// Their name.
        pub engineer_name: String,
        /// Wire names of the operations.
        pub operations: Vec<String>,
        /// Where it stands.
        pub status: Status,
        /// What led there, where the status alone does not say.
        pub status_reason: Option<StatusReason>,
        /// When it was raised.
        pub requested_at: DateTime<Utc>,
        /// Until when it can be decided; absent where nobody is asked.
        pub decide_by: Option<DateTime<Utc>>,
        /// Minutes asked for or granted.
        pub access_minutes: u32,
        /// The access it led to.
        pub access: Access,
        /// Grows with every change.
        pub version: u64,
    }
}

/// Page of access requests.
pub type AccessRequestPage = Page<AccessRequestSummary>;

query! {
    /// Which requests to list, newest first. All given filters hold together.
    pub struct AccessRequestQuery {
        /// One organisation.
        pub organization_id: Option<OrganizationId>,
        /// One environment.
        pub environment_id: Option<EnvironmentId>,
        /// One support request.
        pub service_request_id: Option<ServiceRequestId>,
        /// One engineer, by the provider's id.
        pub engineer_id: Option<String>,
        /// One status.
        pub status: Option<Status>,
        /// One state of the access that it led to: `active` lists what is open now.
        pub access_state: Option<AccessState>,
        /// Rows, 1 to 200, default 50.
        pub limit: Option<u32>,
        /// Where the last page ended.
        pub cursor: Option<String>,
    }
}
