//! Lists: every list is paged by a cursor over a stable order, never by an offset.

use crate::{environments, events, requests, service_requests};

/// Rows of a page when the caller names no limit.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most rows of a page.
pub const LIMIT_MAX: u32 = 200;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// Opaque; pass it back as `cursor` for the rows that follow. Absent on the last page.
    pub next_cursor: Option<String>,
    /// How many rows there are in all, on this page, before it and after it. Only where it was asked for (`with_total`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Page of Lockbox requests.
pub type RequestPage = Page<requests::LockboxRequestSummary>;
/// Page of environments.
pub type EnvironmentPage = Page<environments::Environment>;
/// Page of events.
pub type EventPage = Page<events::Event>;
/// Page of support requests.
pub type ServiceRequestPage = Page<service_requests::ServiceRequestSummary>;
