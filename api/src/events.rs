//! The log: append-only events, dense and ordered per organisation.

use chrono::{DateTime, Utc};

use crate::ids::{EnvironmentId, EventId, GrantId, RequestId, ServiceRequestId};

words! {
    /// What kind of event.
    Category {
        /// What people and the system did to Lockbox.
        Activity = "activity",
        /// What an engineer did under a grant.
        DataAccess = "data_access",
    }
}

words! {
    /// How it ended.
    Outcome {
        /// It was done.
        Success = "success",
        /// It did not work.
        Failure = "failure",
        /// It was not allowed.
        Refused = "refused",
    }
}

words! {
    /// Who acted.
    ActorKind {
        /// A person of the customer.
        Person = "person",
        /// A person of the provider.
        Engineer = "engineer",
        /// The provider's JIT service or another API client.
        Client = "client",
        /// Lockbox itself.
        System = "system",
    }
}

words! {
    /// Names of `activity` events. `data_access` events carry the wire name of the operation instead.
    Activity {
        /// A request was raised (whatever became of it).
        Create = "Create Lockbox Request",
        /// The JIT service judged it.
        Evaluate = "Evaluate Lockbox Request",
        /// A rule wants somebody inside the provider to approve first.
        InternalApprovalRequest = "Internal Approval Request",
        /// Somebody inside the provider let it go on.
        InternalApproval = "Internal Approval",
        /// A rule or somebody inside the provider rejected it.
        Rejection = "Lockbox Request Rejection",
        /// Access was given without asking.
        AccessWithoutRequest = "Access Without Request",
        /// A person of the customer has seen an access without a request.
        Acknowledge = "Acknowledge Access Without Request",
        /// The customer was told.
        Notify = "Notify Lockbox Request",
        /// Somebody who may decide looked at it.
        View = "View Lockbox Request",
        /// The customer approved.
        Approve = "Approve Lockbox Request",
        /// The customer denied.
        Deny = "Deny Lockbox Request",
        /// Nobody decided in time.
        Expiry = "Lockbox Request Expiry",
        /// Withdrawn.
        Cancel = "Cancel Lockbox Request",
        /// The customer ended the access.
        Revoke = "Revoke Lockbox Access",
        /// The access time was over.
        Lapse = "Lockbox Access Lapse",
        /// The work was done.
        Completion = "Lockbox Access Completion",
        /// Lockbox was switched on.
        Enable = "Enable Lockbox",
        /// Lockbox was switched off.
        Disable = "Disable Lockbox",
        /// The policy or the queue time was changed.
        PolicyUpdate = "Lockbox Policy Update",
        /// A person's roles were changed.
        RoleChange = "Role Change",
        /// Notification addresses were changed.
        NotificationUpdate = "Notification Update",
        /// Log or history left the system as a file, or was to: it says how many rows, and whether all of them.
        Export = "Export",
        /// Log or history began to leave the system as a file.
        ExportStart = "Export Start",
        /// Somebody read the log of data access, or what one person did.
        LogRead = "Read Audit Log",
        /// A view of the log that others see was shared, changed or taken away.
        LogViewUpdate = "Log View Update",
        /// Somebody signed in, or tried to.
        SignIn = "Sign-in",
        /// Somebody signed out.
        SignOut = "Sign-out",
        /// A personal access token was made.
        TokenCreate = "Token Creation",
        /// A personal access token was revoked.
        TokenRevoke = "Token Revocation",
        /// An API client of the provider was added.
        ClientCreate = "API Client Creation",
        /// What an API client is called, may do or may speak of was changed.
        ClientUpdate = "API Client Update",
        /// An API client got another key.
        ClientRotate = "API Client Key Rotation",
        /// An API client may do nothing any more.
        ClientRevoke = "API Client Revocation",
        /// Leases are to be signed with another key.
        LeaseKeyRotate = "Lease Key Rotation",
        /// Where the provider is told what becomes of requests was added, changed or removed.
        WebhookUpdate = "Webhook Update",
        /// The provider could not be told what became of a request.
        WebhookFailure = "Webhook Failure",
        /// The provider added, changed or removed an environment.
        EnvironmentUpdate = "Environment Update",
        /// A support request was opened.
        ServiceRequestCreate = "Create Support Request",
        /// A message was added to a support request.
        ServiceRequestMessage = "Support Request Message",
        /// The provider gave an organisation its name.
        OrganizationUpdate = "Organization Update",
        /// The provider changed a support request or added to its conversation.
        ServiceRequestUpdate = "Support Request Update",
        /// A support request was closed.
        ServiceRequestClose = "Close Support Request",
        /// An e-mail could not be delivered for good.
        MailFailure = "Notification Failure",
    }
}

answer! {
    /// Who acted.
    pub struct Actor {
        /// Person, engineer, client id, or `system`.
        pub id: String,
        /// Name for people.
        pub name: String,
        /// What kind.
        pub kind: ActorKind,
    }

    /// One event.
    pub struct Event {
        /// Time-ordered and unique.
        pub id: EventId,
        /// 1, 2, 3 … without holes, per organisation.
        pub sequence: u64,
        /// When it was recorded, UTC, microseconds. Never before the event with the preceding sequence.
        pub time: DateTime<Utc>,
        /// Activity or data access.
        pub category: Category,
        /// What was done: the name of an [`Activity`], or the wire name of a catalog operation.
        pub operation: String,
        /// With data access: the operation's friendly name.
        pub friendly_name: Option<String>,
        /// Who.
        pub actor: Actor,
        /// Where.
        pub environment_id: Option<EnvironmentId>,
        /// For which request.
        pub request_id: Option<RequestId>,
        /// For which support request.
        pub service_request_id: Option<ServiceRequestId>,
        /// Under which grant.
        pub grant_id: Option<GrantId>,
        /// How it ended.
        pub outcome: Outcome,
        /// From which address, where a connection was involved.
        pub client_ip: Option<String>,
        /// The same for everything that one call caused; the `X-Request-Id` of that call.
        pub correlation_id: String,
        /// More, by operation. With data access: `target`, `statement`, `rows`, `action_id`, `happened_at`,
        /// `refused_reason`; of what was refused also `reported_outcome`, of a faulty report `report_fault`.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        pub details: serde_json::Map<String, serde_json::Value>,
    }
}

/// Writes a text as JSON, with its quotation marks. It stands here because the shipped server is compiled for size and this crate
/// for speed: most of what a page of events costs is its texts.
///
/// # Errors
/// In truth none: it is written into memory.
#[inline(never)]
pub fn put_text(text: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, text)
}
