//! Asking the log: filters, counts, exports and saved views.

use chrono::{DateTime, Utc};

use crate::{
    events::{ActorKind, Category, Outcome},
    ids::{EnvironmentId, ExportId, GrantId, LogViewId, PersonId, RequestId, ServiceRequestId},
};

/// Most values of one filter in one call.
pub const FILTER_VALUES_MAX: usize = 50;
/// Most texts that one call leaves out.
pub const NOT_TEXTS_MAX: usize = 10;
/// Most beginnings of words that one call searches for or leaves out: for each, the places of every word that begins so are put
/// together, however many these are.
pub const BEGINNINGS_MAX: usize = 4;

/// The filters of the log, and whatever else a call takes. All filters hold together; several values of one filter
/// are alternatives; `not_…` leaves out what has any of its values.
macro_rules! filtered {
    ($($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $type:ty,)* })+) => {
        $(
            query! {
                $(#[$meta])*
                pub struct $name {
                    /// Activity or data access; repeatable, any of them.
                    #[serde(default)]
                    pub category: Vec<Category>,
                    /// Operations by their wire name; repeatable, any of them. Where none is called so: those in whose wire
                    /// name or friendly name a word begins so, in small or capital letters, at most 50.
                    #[serde(default)]
                    pub operation: Vec<String>,
                    /// Actors by id or name; repeatable, any of them. Where none is called so: those in whose name a word
                    /// begins so, in small or capital letters, at most 50.
                    #[serde(default)]
                    pub actor: Vec<String>,
                    /// Environments by id or name; repeatable, any of them. Where none is called so: those in whose name a
                    /// word begins so, in small or capital letters, at most 50.
                    #[serde(default)]
                    pub environment_id: Vec<EnvironmentId>,
                    /// Lockbox requests; repeatable, any of them.
                    #[serde(default)]
                    pub request_id: Vec<RequestId>,
                    /// Support requests; repeatable, any of them.
                    #[serde(default)]
                    pub service_request_id: Vec<ServiceRequestId>,
                    /// Grants; repeatable, any of them.
                    #[serde(default)]
                    pub grant_id: Vec<GrantId>,
                    /// Calls: everything that one call caused has the same; repeatable, any of them.
                    #[serde(default)]
                    pub correlation_id: Vec<String>,
                    /// Outcomes; repeatable, any of them.
                    #[serde(default)]
                    pub outcome: Vec<Outcome>,
                    /// Not these categories.
                    #[serde(default)]
                    pub not_category: Vec<Category>,
                    /// Not these operations, found in the same way.
                    #[serde(default)]
                    pub not_operation: Vec<String>,
                    /// Not these actors, found in the same way.
                    #[serde(default)]
                    pub not_actor: Vec<String>,
                    /// Not these environments, found in the same way; events of no environment stay.
                    #[serde(default)]
                    pub not_environment_id: Vec<EnvironmentId>,
                    /// Not these Lockbox requests.
                    #[serde(default)]
                    pub not_request_id: Vec<RequestId>,
                    /// Not these support requests.
                    #[serde(default)]
                    pub not_service_request_id: Vec<ServiceRequestId>,
                    /// Not these grants.
                    #[serde(default)]
                    pub not_grant_id: Vec<GrantId>,
                    /// Not these calls.
                    #[serde(default)]
                    pub not_correlation_id: Vec<String>,
                    /// Not these outcomes.
                    #[serde(default)]
                    pub not_outcome: Vec<Outcome>,
                    /// Recorded at or after: RFC 3339, or relative as `now-7d` (units `m`, `h`, `d`).
                    pub from: Option<String>,
                    /// Recorded before; the same forms.
                    pub to: Option<String>,
                    /// Words that occur in the event, all of them; at most 200 characters. `payr*` stands for every word that begins
                    /// so: at least three letters stand before the `*`, and `q` and all `not_q` together have at most 4 of them.
                    pub q: Option<String>,
                    /// Texts to leave out, written as those of `q`; repeatable: no event that has all words of any of them. At most
                    /// 10, each of at most 200 characters and none empty.
                    #[serde(default)]
                    pub not_q: Vec<String>,
                    $($(#[$fmeta])* pub $field: $type,)*
                }
            }

            impl $name {
                /// The filters alone.
                #[must_use]
                pub fn filter(&self) -> LogFilter {
                    LogFilter {
                        category: self.category.clone(),
                        operation: self.operation.clone(),
                        actor: self.actor.clone(),
                        environment_id: self.environment_id.clone(),
                        request_id: self.request_id.clone(),
                        service_request_id: self.service_request_id.clone(),
                        grant_id: self.grant_id.clone(),
                        correlation_id: self.correlation_id.clone(),
                        outcome: self.outcome.clone(),
                        not_category: self.not_category.clone(),
                        not_operation: self.not_operation.clone(),
                        not_actor: self.not_actor.clone(),
                        not_environment_id: self.not_environment_id.clone(),
                        not_request_id: self.not_request_id.clone(),
                        not_service_request_id: self.not_service_request_id.clone(),
                        not_grant_id: self.not_grant_id.clone(),
                        not_correlation_id: self.not_correlation_id.clone(),
                        not_outcome: self.not_outcome.clone(),
                        from: self.from.clone(),
                        to: self.to.clone(),
                        q: self.q.clone(),
                        not_q: self.not_q.clone(),
                    }
                }
            }
        )+
    };
}

filtered! {
    /// Which events: what every call on the log has in common, and what a saved view and the typed filter line say.
    LogFilter {}
    /// A page of the log, newest first.
    LogQuery {
        /// Rows, 1 to 200, default 50.
        limit: Option<u32>,
        /// Where the last page ended.
        cursor: Option<String>,
    }
    /// Counts over the log.
    LogSummaryQuery {}
    /// The log as a file, oldest first.
    LogExportQuery {
        /// What kind of file. Required, unless `continues` names an export.
        #[cfg_attr(feature = "openapi", param(example = "csv"))]
        format: Option<ExportFormat>,
        /// Only events from this sequence on: an export that was cut off goes on after the last one that came.
        from_sequence: Option<u64>,
        /// Only events up to this sequence, at most the newest when the export began.
        to_sequence: Option<u64>,
        /// Goes on with an export that was cut off: the `Lockbox-Export-Id` of one that the caller began, or went on with. The
        /// file is of the same format, up to the same sequence, and of the same events, whatever the names in the filter stand
        /// for by now. Only `from_sequence` is to be given with it; no filter may be, and `format` and `to_sequence` only as they
        /// were.
        continues: Option<ExportId>,
    }
}

words! {
    /// What kind of file.
    ExportFormat {
        /// Comma-separated values with a head line (RFC 4180); no cell is taken for a formula.
        Csv = "csv",
        /// One JSON object a line, the same as in the list of events.
        Ndjson = "ndjson",
        /// Apache Parquet with typed columns, compressed with zstd.
        Parquet = "parquet",
    }
}

/// Never what a caller gets: it must be said.
impl Default for ExportFormat {
    fn default() -> Self {
        Self::ALL[0]
    }
}

words! {
    /// How far an export has come.
    ExportState {
        /// It is being sent.
        Running = "running",
        /// Everything was handed to the connection.
        Complete = "complete",
        /// Whoever asked for it went away before its end.
        Cancelled = "cancelled",
        /// It failed, or the server ended before it did.
        Failed = "failed",
    }
}

answer! {
    /// Counts of the events that a filter lets through, and when they happened.
    pub struct LogSummary {
        /// How many; at least so many when `exact` is false.
        pub total: u64,
        /// True when every event was counted. False: the filter could not be answered from what is counted in
        /// advance, and counting event by event stopped; every figure is then what was found down to `counted_from`.
        pub exact: bool,
        /// When `exact` is false: only events at or after this moment were counted, newest first.
        pub counted_from: Option<DateTime<Utc>>,
        /// The newest event of the log when this was counted.
        pub last_sequence: u64,
        /// By category, most first. These and the values of the other fields are counted without what the filter asks of
        /// their own field: they tell what else it could ask.
        pub categories: LogCounts,
        /// By operation, most first.
        pub operations: LogCounts,
        /// By actor, most first; `value` is the id.
        pub actors: LogCounts,
        /// By environment, most first; events of no environment are not among them.
        pub environments: LogCounts,
        /// By outcome, most first.
        pub outcomes: LogCounts,
        /// Over time.
        pub histogram: LogHistogram,
    }

    /// The values of one field with their counts, without what the filter asks of this field.
    pub struct LogCounts {
        /// The most frequent values, at most 100.
        pub items: Vec<LogCount>,
        /// How many different values there are.
        pub distinct: u64,
        /// True when every event was counted. False: each value has at least so many, and there may be others.
        pub exact: bool,
    }

    /// One value.
    pub struct LogCount {
        /// As filters take it.
        pub value: String,
        /// As people read it.
        pub label: String,
        /// With actors: what kind.
        pub kind: Option<ActorKind>,
        /// How many events.
        pub count: u64,
    }

    /// Events over time.
    pub struct LogHistogram {
        /// Length of a bar, seconds. Bars begin at multiples of it since 1970 (UTC); those of seven days on Mondays.
        pub bucket_seconds: u64,
        /// Every bar from the first to the last moment of the range without a hole, oldest first. The first and the
        /// last may reach beyond the range; only what is in the range is counted.
        pub buckets: Vec<LogBucket>,
    }

    /// One bar.
    pub struct LogBucket {
        /// Its beginning.
        pub start: DateTime<Utc>,
        /// Successes.
        pub success: u64,
        /// Failures.
        pub failure: u64,
        /// Refusals.
        pub refused: u64,
    }

    /// One export: what left, and how to check the file.
    pub struct LogExport {
        /// Its id, the `Lockbox-Export-Id` header of the answer.
        pub id: ExportId,
        /// How far it has come.
        pub state: ExportState,
        /// The export that it goes on with, if it does.
        pub continues: Option<ExportId>,
        /// What kind of file.
        pub format: ExportFormat,
        /// Which events: the typed filter line, with relative times resolved.
        pub filter: String,
        /// First sequence that it may hold.
        pub from_sequence: u64,
        /// Last sequence that it may hold: the newest event when it began.
        pub to_sequence: u64,
        /// Who took it.
        pub person_id: PersonId,
        /// Their name.
        pub person: String,
        /// When it began.
        pub started_at: DateTime<Utc>,
        /// When it ended.
        pub ended_at: Option<DateTime<Utc>>,
        /// Events sent.
        pub rows: Option<u64>,
        /// Size of the file, bytes.
        pub bytes: Option<u64>,
        /// SHA-256 of the file, hexadecimal; of what was sent, where it is not complete.
        pub sha256: Option<String>,
    }

    /// A saved view of the log.
    pub struct LogView {
        /// Stable id.
        pub id: LogViewId,
        /// Its name.
        pub name: String,
        /// The typed filter line, in its plain form.
        pub filter: String,
        /// True when everybody of the organisation who may read the log sees it.
        pub shared: bool,
        /// True when it is the caller's start page of the log.
        pub start: bool,
        /// True when the caller made it: only they change it.
        pub mine: bool,
        /// Who made it.
        pub owner: String,
        /// When.
        pub created_at: DateTime<Utc>,
        /// When it was changed last.
        pub updated_at: DateTime<Utc>,
        /// Grows with every change; the ETag for changing it.
        pub version: u64,
    }

    /// The saved views that a person sees: their own by name, then those shared by others.
    pub struct LogViews {
        /// The views.
        pub items: Vec<LogView>,
    }
}

input! {
    /// A view to save, or what becomes of one.
    pub struct LogViewInput {
        /// Its name, 1 to 80 characters; each person's names differ from one another.
        pub name: String,
        /// The typed filter line.
        pub filter: String,
        /// True to let everybody of the organisation who may read the log see it.
        pub shared: bool,
    }

    /// Which view the log opens with.
    pub struct LogStartInput {
        /// One of the views that the person sees; null for the log without a filter.
        pub view_id: Option<LogViewId>,
    }
}
