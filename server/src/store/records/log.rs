//! What the log answers besides events.

use lockbox_api::{Time, ids::EventId};

/// How one event is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum EventPlace {
    /// By its place in the log.
    Sequence(u64),
    /// By its id.
    Id(EventId),
}

/// An event as it is exported: what stands in the table, borrowed for as long as the row is looked at.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the fields of lockbox_api::events::Event, which says what they mean")]
pub struct LogRow<'r> {
    pub id: &'r str,
    pub sequence: u64,
    pub time: Time,
    pub category: &'r str,
    pub operation: &'r str,
    pub friendly_name: Option<&'r str>,
    pub actor_id: &'r str,
    pub actor_name: &'r str,
    pub actor_kind: &'r str,
    pub environment_id: Option<&'r str>,
    pub request_id: Option<&'r str>,
    pub service_request_id: Option<&'r str>,
    pub grant_id: Option<&'r str>,
    pub outcome: &'r str,
    pub client_ip: Option<&'r str>,
    pub correlation_id: &'r str,
    /// JSON text.
    pub details: &'r str,
}

/// Counts over the log, and how long a bar of its histogram is to be at least.
#[derive(Clone, Debug, PartialEq)]
pub struct LogTally {
    /// How many; at least so many where `exact` is false.
    pub total: u64,
    /// Whether everything was counted.
    pub exact: bool,
    /// Where not: the oldest event that was counted.
    pub counted_from: Option<Time>,
    /// By category.
    pub categories: [u64; 2],
    /// By outcome: success, failure, refused.
    pub outcomes: [u64; 3],
    /// By operation: wire name, label, count; most first.
    pub operations: LogValues,
    /// By actor.
    pub actors: LogValues,
    /// By environment; the label is empty.
    pub environments: LogValues,
    /// Length of a bar, seconds.
    pub bucket_seconds: i64,
    /// Bars without a hole: begin (seconds since 1970), then success, failure, refused.
    pub buckets: Vec<(i64, [u64; 3])>,
}

/// The most frequent values of a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogValues {
    /// The values, most first.
    pub items: Vec<LogValue>,
    /// How many different ones there are.
    pub distinct: u64,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub struct LogValue {
    /// Wire name or id.
    pub value: String,
    /// Friendly name or name; empty where there is none.
    pub label: String,
    /// With actors: what kind; else empty.
    pub kind: String,
    /// How many events.
    pub count: u64,
}
