//! Figures over a period, for executives and auditors.

use chrono::{DateTime, Utc};

use crate::requests::LockboxRequestSummary;

query! {
    /// The period: requests that were raised at or after `from` and before `to`.
    pub struct HistoryQuery {
        /// Begin: RFC 3339, or relative as `now-28d`. Default `now-28d`.
        pub from: Option<String>,
        /// End, the same forms. Default `now`.
        pub to: Option<String>,
    }
}

answer! {
    /// Figures for a period and for the one of the same length before it.
    pub struct History {
        /// Begin of the period.
        pub from: DateTime<Utc>,
        /// End of the period.
        pub to: DateTime<Utc>,
        /// The period's figures.
        pub current: HistoryFigures,
        /// Those of the period before.
        pub previous: HistoryFigures,
        /// Requests that asked the customer, by day (UTC) and outcome, oldest first, every day of the period.
        pub by_day: Vec<HistoryDay>,
        /// How long decisions took, by the day (UTC) on which the requests were raised; by the week, from its Monday, where the
        /// period touches more than 45 days. Oldest first, without gaps.
        #[serde(default)]
        pub decision_times: Vec<HistoryTimes>,
        /// Requests that asked the customer, by environment, most first.
        pub by_environment: Vec<HistoryCount>,
        /// The same by service, most first.
        pub by_service: Vec<HistoryCount>,
        /// The same by reason code, most first.
        pub by_reason: Vec<HistoryCount>,
        /// The same by the engineer's team, most first; the key of engineers without a team is empty.
        #[serde(default)]
        pub by_team: Vec<HistoryCount>,
        /// Decided requests by who decided, most first; the key is the person's id.
        #[serde(default)]
        pub by_decider: Vec<HistoryCount>,
        /// Access without a request by reason, most first.
        pub without_request: Vec<HistoryCount>,
        /// The period's decided requests, newest first, at most 200. The others are in the list of Lockbox requests with
        /// `view=decided` and the same `from` and `to`.
        pub decided: Vec<LockboxRequestSummary>,
        /// True when there are more decided requests (`current.approved` + `current.denied`) than are listed.
        pub decided_truncated: bool,
        /// Then: where that list goes on, its cursor.
        #[serde(default)]
        pub decided_next: Option<String>,
    }

    /// Figures of one period. Each counts requests that were raised in it; hours, actions and rows are those under the
    /// access that these requests led to. Every request is in one of `requests`, `without_request` and `inside`.
    #[derive(Default)]
    pub struct HistoryFigures {
        /// Requests that asked the customer: these five together.
        pub requests: u64,
        /// Of these: approved.
        pub approved: u64,
        /// Denied.
        pub denied: u64,
        /// Expired.
        pub expired: u64,
        /// Cancelled.
        pub cancelled: u64,
        /// Still waiting.
        pub pending: u64,
        /// Approved ÷ (approved + denied), 0 to 1; absent when nothing was decided.
        pub approval_rate: Option<f64>,
        /// Expired ÷ (approved + denied + expired), 0 to 1; absent when none of these happened.
        pub expired_share: Option<f64>,
        /// Median time from asking the customer to the decision, seconds.
        pub median_seconds_to_decide: Option<f64>,
        /// 95th percentile of the same, seconds.
        pub p95_seconds_to_decide: Option<f64>,
        /// Hours of access granted.
        pub hours_granted: f64,
        /// Hours for which access was really open: until its end or the end of the period's knowledge, "now".
        pub hours_open: f64,
        /// Hours from the first to the last action under each access.
        pub hours_used: f64,
        /// Actions recorded under these requests.
        pub actions: u64,
        /// Of these: refused.
        pub refused_actions: u64,
        /// Rows that the engineers' tools reported for actions that were not refused.
        #[serde(default)]
        pub rows_touched: u64,
        /// Accesses without a request.
        pub without_request: u64,
        /// Requests that the customer was not asked about and that opened nothing: rejected, or expired, withdrawn or still
        /// waiting inside the provider.
        #[serde(default)]
        pub inside: u64,
    }

    /// How long the decisions on the requests of one day or week took.
    pub struct HistoryTimes {
        /// The day, or the Monday of the week, `YYYY-MM-DD`, UTC.
        pub day: String,
        /// Decisions.
        pub decided: u64,
        /// Median time from asking the customer to the decision, seconds; absent where nothing was decided.
        pub median_seconds: Option<f64>,
        /// 95th percentile of the same, seconds.
        pub p95_seconds: Option<f64>,
    }

    /// One day.
    #[derive(Default)]
    pub struct HistoryDay {
        /// The day, `YYYY-MM-DD`, UTC.
        pub day: String,
        /// Approved.
        pub approved: u64,
        /// Denied.
        pub denied: u64,
        /// Expired.
        pub expired: u64,
        /// Cancelled.
        pub cancelled: u64,
        /// Still waiting.
        pub pending: u64,
    }

    /// One slice.
    pub struct HistoryCount {
        /// Key to filter by.
        pub key: String,
        /// Words for people.
        pub label: String,
        /// How many requests.
        pub count: u64,
        /// Of these approved.
        pub approved: u64,
        /// Hours granted.
        pub hours_granted: f64,
    }
}
