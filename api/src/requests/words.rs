//! The closed sets of words in which a request tells where it stands.

words! {
    /// Where a request stands. People see [`Status::label`].
    Status {
        /// A JIT rule refused it.
        Rejected = "rejected",
        /// Waits for somebody inside the provider.
        AwaitingInternalApproval = "awaiting_internal_approval",
        /// No consent was needed; `status_reason` says why.
        NotRequired = "not_required",
        /// Waits for the customer: action needed.
        CustomerNotified = "customer_notified",
        /// The customer approved.
        Approved = "approved",
        /// The customer denied.
        Denied = "denied",
        /// Nobody decided in time.
        Expired = "expired",
        /// Withdrawn before a decision.
        Cancelled = "cancelled",
    }
}

impl Status {
    /// The words that people see.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Rejected => "Rejected by the provider",
            Self::AwaitingInternalApproval => "With the provider",
            Self::NotRequired => "Not required",
            Self::CustomerNotified => "Action needed",
            Self::Approved => "Approved",
            Self::Denied => "Denied",
            Self::Expired => "Expired",
            Self::Cancelled => "Cancelled",
        }
    }
}

words! {
    /// Why no consent was needed, or what else led to the status.
    StatusReason {
        /// Lockbox is off for the organisation.
        LockboxDisabled = "lockbox_disabled",
        /// The policy does not cover the environment.
        EnvironmentNotProtected = "environment_not_protected",
        /// The catalog does not mark any data store that is asked for as protectable.
        DataStoreOutOfScope = "data_store_out_of_scope",
        /// No direct access to customer data is asked for.
        NoCustomerData = "no_customer_data",
        /// Exclusion: emergency outside standard procedures.
        Emergency = "emergency",
        /// Exclusion: exposed by accident while troubleshooting the platform.
        IncidentalExposure = "incidental_exposure",
        /// Exclusion: legal demand from outside.
        LegalDemand = "legal_demand",
        /// Exclusion: peer-reviewed maintenance script.
        ReviewedMaintenanceScript = "reviewed_maintenance_script",
        /// A JIT rule rejected it; the evaluation names the rule.
        JitRule = "jit_rule",
        /// Somebody inside the provider rejected it.
        InternalRejection = "internal_rejection",
        /// Nobody inside the provider decided in time.
        InternalApprovalExpired = "internal_approval_expired",
        /// Its support request was closed before a decision.
        ServiceRequestClosed = "service_request_closed",
        /// The provider deleted its environment before a decision.
        EnvironmentDeleted = "environment_deleted",
        /// The engineer withdrew it.
        Withdrawn = "withdrawn",
    }
}

impl StatusReason {
    /// The reason as a sentence for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LockboxDisabled => "Lockbox is off for this organisation.",
            Self::EnvironmentNotProtected => "The policy does not protect this environment.",
            Self::DataStoreOutOfScope => "Lockbox does not cover the data store that was asked for.",
            Self::NoCustomerData => "No direct access to customer data was asked for.",
            Self::Emergency => "The provider declared an emergency outside standard procedures.",
            Self::IncidentalExposure => "Exposure to data was incidental to work on the platform.",
            Self::LegalDemand => "An external legal demand applies.",
            Self::ReviewedMaintenanceScript => "A peer-reviewed maintenance script was run.",
            Self::JitRule => "A rule of the provider's just-in-time service rejected it.",
            Self::InternalRejection => "The provider's internal approver rejected it.",
            Self::InternalApprovalExpired => "Nobody inside the provider decided in time. You were not asked.",
            Self::ServiceRequestClosed => "The support request was closed.",
            Self::EnvironmentDeleted => "The provider deleted the environment.",
            Self::Withdrawn => "The engineer withdrew it.",
        }
    }
}

words! {
    /// Whether the engineer can reach the data.
    AccessState {
        /// Never opened (so far).
        None = "none",
        /// Open now.
        Active = "active",
        /// Ended because the work was done.
        Completed = "completed",
        /// Ended because its time was over.
        Lapsed = "lapsed",
        /// Ended by the customer.
        Revoked = "revoked",
    }
}

impl AccessState {
    /// The words that people see.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::None => "No access",
            Self::Active => "Access open",
            Self::Completed => "Completed",
            Self::Lapsed => "Lapsed",
            Self::Revoked => "Ended by the customer",
        }
    }
}

words! {
    /// How a person of the customer decided.
    DecisionOutcome {
        /// Access was granted.
        Approved = "approved",
        /// Access was refused.
        Denied = "denied",
    }
}

words! {
    /// Grounds on which consent is not asked for. Each use is told to the customer.
    ExclusionKind {
        /// Outside standard procedures, to restore a service.
        Emergency = "emergency",
        /// Exposed by accident while troubleshooting.
        IncidentalExposure = "incidental_exposure",
        /// External legal demand.
        LegalDemand = "legal_demand",
        /// Peer-reviewed script that keeps the infrastructure healthy.
        ReviewedMaintenanceScript = "reviewed_maintenance_script",
    }
}

words! {
    /// Kinds of steps on a timeline.
    TimelineKind {
        /// The engineer asked.
        Raised = "raised",
        /// The JIT service judged it.
        Evaluated = "evaluated",
        /// Somebody inside the provider decided.
        Internal = "internal",
        /// Access opened without consent, with the reason.
        NotRequired = "not_required",
        /// The customer was told.
        Notified = "notified",
        /// Somebody who may decide looked at it.
        Viewed = "viewed",
        /// The customer decided.
        Decided = "decided",
        /// The engineer used the access for the first time.
        FirstUse = "first_use",
        /// The engineer did something.
        Action = "action",
        /// The engineer tried something outside the grant.
        Refused = "refused",
        /// The request or the access ended.
        Ended = "ended",
    }
}

words! {
    /// Ready-made selections of requests.
    RequestView {
        /// What can still be decided, soonest expiry first.
        Pending = "pending",
        /// Raised in the last 28 days, newest first.
        Recent = "recent",
        /// Everything, newest first.
        All = "all",
        /// Access that is open now, soonest end first.
        Active = "active",
        /// Access that was given without asking, newest first.
        WithoutRequest = "without_request",
        /// Access without a request, on the ground of an exclusion, that nobody has acknowledged yet, oldest first.
        Unacknowledged = "unacknowledged",
        /// Access without a request that somebody of the customer has acknowledged, newest first.
        Acknowledged = "acknowledged",
        /// What the customer was asked about, newest first.
        Asked = "asked",
        /// What the customer decided, newest first.
        Decided = "decided",
        /// What led to access, with or without asking, newest first.
        Opened = "opened",
        /// What an engineer did something under, be it refused, newest first.
        Used = "used",
        /// What an engineer did something under that was refused, newest first.
        Refused = "refused",
        /// What the customer was not asked about and opened nothing, newest first.
        Inside = "inside",
    }
}
