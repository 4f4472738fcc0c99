//! What the log answers besides events.

use lockbox_api::{
    Time,
    ids::{EnvironmentId, EventId, ExportId, LogViewId, OrganizationId, PersonId},
    jit::ReasonCode,
    logs::{ExportFormat, ExportState, LogFilter},
    requests::{AccessState, Status, StatusReason},
};
use serde::{Deserialize, Serialize};

use super::filters::LogTerms;

/// How one event is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum EventPlace {
    /// By its place in the log.
    Sequence(u64),
    /// By its id.
    Id(EventId),
}

/// A part of the story of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Story {
    /// What people and the system did, the provider's rejection among it; attempts that were refused are in the log alone.
    Steps,
    /// What was done under the grant, refused or not.
    Actions,
    /// The refused ones of these.
    RefusedActions,
}

/// How much of a part is wanted.
#[derive(Clone, Copy, Debug)]
pub struct StoryLimit {
    /// So many events at most.
    pub events: u32,
    /// So many bytes of details at most, unless the first alone has more.
    pub bytes: usize,
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

impl<'r> LogRow<'r> {
    /// Its texts after the id, in the order in which files have their columns.
    #[must_use]
    pub fn texts(&self) -> [Option<&'r str>; 14] {
        [
            Some(self.category),
            Some(self.operation),
            self.friendly_name,
            Some(self.actor_id),
            Some(self.actor_name),
            Some(self.actor_kind),
            self.environment_id,
            self.request_id,
            self.service_request_id,
            self.grant_id,
            Some(self.outcome),
            self.client_ip,
            Some(self.correlation_id),
            Some(self.details),
        ]
    }
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
    /// Whether all values were counted: of category, outcome, operation, actor, environment.
    pub fields_exact: [bool; 5],
    /// By category; these and the values of other fields without what the filter asks of their own field.
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

/// What figures need to know of a request: as it was written, before the clock is applied.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of RequestRecord and GrantRecord, which say what they mean")]
pub struct HistoryRow {
    pub status: Status,
    pub status_reason: Option<StatusReason>,
    pub requested_at: Time,
    pub notified_at: Option<Time>,
    pub decide_by: Option<Time>,
    pub decided_at: Option<Time>,
    /// Id and name.
    pub decider: Option<(String, String)>,
    /// Id and name.
    pub environment: (EnvironmentId, String),
    /// Id and name.
    pub service: (String, String),
    pub reason_code: ReasonCode,
    pub team: Option<String>,
    pub grant: Option<HistoryGrant>,
}

/// The access in a [`HistoryRow`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields of GrantRecord, which say what they mean")]
pub struct HistoryGrant {
    pub state: AccessState,
    pub starts_at: Time,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
    pub first_action_at: Option<Time>,
    pub last_action_at: Option<Time>,
    pub actions: u64,
    pub refused_actions: u64,
    /// Rows reported for actions that were not refused.
    pub rows_touched: u64,
}

/// One export of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportRecord {
    /// Stable id.
    pub id: ExportId,
    /// Whose log.
    pub organization_id: OrganizationId,
    /// Who took it.
    pub person_id: PersonId,
    /// Their present name.
    pub person: String,
    /// Which one it goes on with, if it does.
    pub continues: Option<ExportId>,
    /// What kind of file.
    pub format: ExportFormat,
    /// The filter as a line, with absolute times.
    pub filter: String,
    /// First sequence that it may hold.
    pub from_sequence: u64,
    /// Last sequence that it may hold.
    pub to_sequence: u64,
    /// When it began.
    pub started_at: Time,
    /// How far it has come.
    pub state: ExportState,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// Events sent; not known where the server ended before it did.
    pub rows: Option<u64>,
    /// Bytes sent.
    pub bytes: Option<u64>,
    /// SHA-256 of the bytes sent, hexadecimal.
    pub sha256: Option<String>,
}

/// What the filter of an export means: every part of the file is made by it, and whatever goes on with the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExportMeaning {
    /// Values and words, times absolute.
    pub values: LogFilter,
    /// What the values stand for.
    pub terms: LogTerms,
    /// Recorded at or after.
    pub from: Option<Time>,
    /// Recorded before.
    pub to: Option<Time>,
}

/// A saved view of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogViewRecord {
    /// Stable id.
    pub id: LogViewId,
    /// Whose log.
    pub organization_id: OrganizationId,
    /// Who saved it.
    pub owner_id: PersonId,
    /// Its name.
    pub name: String,
    /// The filter as a line.
    pub filter: String,
    /// Whether everybody of the organisation sees it.
    pub shared: bool,
    /// When it was saved.
    pub created_at: Time,
    /// When it was changed last.
    pub updated_at: Time,
    /// Grows with every change.
    pub version: u64,
}
