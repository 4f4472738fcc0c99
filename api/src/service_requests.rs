//! Support requests ("service requests"): the tickets that access is asked for.

use chrono::{DateTime, Utc};

use crate::{
    ids::{EnvironmentId, MessageId, ServiceRequestId},
    requests::LockboxRequestSummary,
};

words! {
    /// How bad it is.
    Severity {
        /// Business stands still.
        Critical = "critical",
        /// Business is hampered.
        High = "high",
        /// Business goes on with trouble.
        Moderate = "moderate",
        /// A question or a small thing.
        Minimal = "minimal",
    }
}

impl Severity {
    /// The words that people see.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Moderate => "Moderate",
            Self::Minimal => "Minimal",
        }
    }
}

words! {
    /// Which side wrote a message.
    Author {
        /// Somebody of the customer.
        Customer = "customer",
        /// Somebody of the provider.
        Provider = "provider",
    }
}

answer! {
    /// A support request, as lists show it.
    pub struct ServiceRequestSummary {
        /// The provider's number.
        pub id: ServiceRequestId,
        /// Title.
        pub title: String,
        /// How bad it is.
        pub severity: Severity,
        /// Name of the person who opened it.
        pub opened_by: String,
        /// When.
        pub opened_at: DateTime<Utc>,
        /// When it was closed.
        pub closed_at: Option<DateTime<Utc>>,
        /// The environment it is about.
        pub environment_id: Option<EnvironmentId>,
        /// That environment's name.
        pub environment_name: Option<String>,
        /// How many Lockbox requests were raised for it.
        pub lockbox_requests: u32,
        /// Latest change.
        pub updated_at: DateTime<Utc>,
    }

    /// A support request, whole.
    pub struct ServiceRequest {
        /// What lists show.
        #[serde(flatten)]
        pub summary: ServiceRequestSummary,
        /// What is wrong, in the words of the person who opened it.
        pub description: String,
        /// The conversation, oldest first.
        pub messages: Vec<Message>,
        /// The Lockbox requests that were raised for it, newest first: up to 200 of `lockbox_requests`.
        /// `GET /api/v1/lockbox-requests?service_request_id=…` pages through every one.
        pub requests: Vec<LockboxRequestSummary>,
        /// How many of all of them wait for a decision, with the customer or inside the provider.
        #[serde(default)]
        pub waiting: u32,
        /// How many of all of them have access open.
        #[serde(default)]
        pub access_open: u32,
        /// Whether the person who reads opened it.
        #[serde(default)]
        pub opened_by_me: bool,
        /// Grows with every change; the ETag.
        pub version: u64,
    }

    /// One message of the conversation.
    pub struct Message {
        /// Stable id.
        pub id: MessageId,
        /// Which side.
        pub author: Author,
        /// Name of the person.
        pub author_name: String,
        /// When.
        pub at: DateTime<Utc>,
        /// What.
        pub text: String,
    }
}

input! {
    /// Open a support request.
    pub struct ServiceRequestCreate {
        /// Title, 1 to 200 characters.
        pub title: String,
        /// What is wrong, 1 to 20,000 characters.
        pub description: String,
        /// How bad it is.
        pub severity: Severity,
        /// The environment it is about.
        #[serde(default)]
        pub environment_id: Option<EnvironmentId>,
    }

    /// Add a message.
    pub struct MessageCreate {
        /// What, 1 to 20,000 characters.
        pub text: String,
    }
}

words! {
    /// Open or closed.
    ServiceRequestState {
        /// Being worked on.
        Open = "open",
        /// Done.
        Closed = "closed",
    }
}

query! {
    /// Filters of the list; newest first.
    pub struct ServiceRequestQuery {
        /// Open or closed; absent: both.
        pub state: Option<ServiceRequestState>,
        /// Part of a number or title.
        pub q: Option<String>,
        /// Rows, 1 to 200, default 50.
        pub limit: Option<u32>,
        /// Where the last page ended.
        pub cursor: Option<String>,
    }
}
