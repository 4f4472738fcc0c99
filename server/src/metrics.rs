//! Figures for operators, in the Prometheus text form. No label names a person or an organisation.

use std::{fmt, sync::Arc, sync::atomic::AtomicU64, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use crate::{catalog::Wrong, clock::Clock};

/// Upper bounds of the latency histogram, seconds.
const LATENCIES_S: [f64; 11] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Labels of a request: the route's pattern, never the path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CategoryLabels {
    category: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

/// Where a data file is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WrongLabels {
    file: String,
    line: String,
    field: String,
}

/// A role of the JIT rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RoleLabels {
    role: String,
}

type LatencyFamily = Family<RouteLabels, Histogram, fn() -> Histogram>;

/// What became of an attempt to hand a mail or a message over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// Taken.
    Sent,
    /// To be tried again.
    Delayed,
    /// Given up.
    Failed,
}

impl HandOver {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delayed => "delayed",
            Self::Failed => "failed",
        }
    }
}

/// All figures. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latency: LatencyFamily,
    outbox_age: Gauge<f64, AtomicU64>,
    events: Family<CategoryLabels, Counter>,
    mails: Family<ResultLabels, Counter>,
    webhooks: Family<ResultLabels, Counter>,
    webhooks_age: Gauge<f64, AtomicU64>,
    streams: Gauge,
    backward_jumps: Counter,
    wrong_files: Family<WrongLabels, Gauge>,
    unheld_roles: Family<RoleLabels, Gauge>,
    clock: Clock,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// No requests yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        let mut registry = Registry::with_prefix("lockbox");
        let requests = Family::default();
        registry.register("http_requests", "Requests answered, by route pattern and status", requests.clone());
        let latency = LatencyFamily::new_with_constructor(|| Histogram::new(LATENCIES_S));
        let help = "Time from the request to the head of the answer";
        registry.register_with_unit("http_latency", help, Unit::Seconds, latency.clone());
        let outbox_age = Gauge::default();
        let help = "Age of the oldest mail that waits to be sent; 0 when none waits";
        registry.register_with_unit("outbox_age", help, Unit::Seconds, outbox_age.clone());
        let events = Family::default();
        registry.register("events_written", "Events written to the log", events.clone());
        let mails = Family::default();
        registry.register("mails", "Attempts to hand a mail over, by result", mails.clone());
        let webhooks = Family::default();
        registry.register("webhooks", "Attempts to hand a message over to a webhook, by result", webhooks.clone());
        let webhooks_age = Gauge::default();
        let help = "Age of the oldest message that waits for a webhook; 0 when none waits";
        registry.register_with_unit("webhooks_age", help, Unit::Seconds, webhooks_age.clone());
        let streams = Gauge::default();
        registry.register("event_streams", "Open event streams", streams.clone());
        let backward_jumps = Counter::default();
        let help = "How often the wall clock was found more than 5 s behind";
        registry.register("clock_backward_jumps", help, backward_jumps.clone());
        let wrong_files = Family::default();
        let help = "1 while a changed catalog or rules file is wrong and the one before it stays in force";
        registry.register("data_file_wrong", help, wrong_files.clone());
        let unheld_roles = Family::default();
        let help = "1 for a role whose approval the JIT rules demand and that no account approves as";
        registry.register("internal_approval_role_unheld", help, unheld_roles.clone());
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", build);
        Self(Arc::new(Inner {
            registry,
            requests,
            latency,
            outbox_age,
            events,
            mails,
            webhooks,
            webhooks_age,
            streams,
            backward_jumps,
            wrong_files,
            unheld_roles,
            clock,
        }))
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, latency: Duration) {
        let route = route.to_owned();
        self.0.latency.get_or_create(&RouteLabels { route: route.clone() }).observe(latency.as_secs_f64());
        self.0.requests.get_or_create(&RequestLabels { method, route, status }).inc();
    }

    /// Age of the oldest waiting mail; zero when none waits.
    pub fn outbox_age(&self, age: Duration) {
        self.0.outbox_age.set(age.as_secs_f64());
    }

    /// Counts an event of the log.
    pub fn event_written(&self, category: lockbox_api::events::Category) {
        self.0.events.get_or_create(&CategoryLabels { category: category.as_str().to_owned() }).inc();
    }

    /// Counts an attempt to hand a mail over.
    pub fn mail(&self, result: HandOver) {
        self.0.mails.get_or_create(&ResultLabels { result: result.as_str() }).inc();
    }

    /// Counts an attempt to hand a message over to a webhook.
    pub fn webhook(&self, result: HandOver) {
        self.0.webhooks.get_or_create(&ResultLabels { result: result.as_str() }).inc();
    }

    /// Age of the oldest message that waits for a webhook; zero when none waits.
    pub fn webhooks_age(&self, age: Duration) {
        self.0.webhooks_age.set(age.as_secs_f64());
    }

    /// A changed data file is wrong; what was in force before it stays so.
    pub(crate) fn data_files_wrong(&self, wrong: &Wrong) {
        self.0.wrong_files.clear();
        let line = wrong.line.map_or_else(String::new, |line| line.to_string());
        let labels = WrongLabels { file: wrong.file.clone(), line, field: wrong.field.clone() };
        self.0.wrong_files.get_or_create(&labels).set(1);
    }

    /// The data files are in force as they are.
    pub(crate) fn data_files_right(&self) {
        self.0.wrong_files.clear();
    }

    /// The roles of the JIT rules that no account approves as; all others have somebody.
    pub(crate) fn unheld_roles(&self, roles: &[String]) {
        self.0.unheld_roles.clear();
        for role in roles {
            self.0.unheld_roles.get_or_create(&RoleLabels { role: role.clone() }).set(1);
        }
    }

    /// An event stream opened (`1`) or ended (`-1`).
    pub(crate) fn streams(&self, change: i64) {
        self.0.streams.inc_by(change);
    }

    /// The text that Prometheus reads.
    #[must_use]
    pub fn text(&self) -> String {
        let jumps = &self.0.backward_jumps;
        jumps.inc_by(self.0.clock.backward_jumps().saturating_sub(jumps.get()));
        let mut text = String::new();
        // Writing into a string fails only when a metric is made wrongly; then what was written so far is the best there is.
        if encode(&mut text, &self.0.registry).is_err() {
            tracing::error!("the metrics could not be written whole");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockbox_api::events::Category;

    #[test]
    fn everything_that_operators_watch_is_there() {
        let metrics = Metrics::new(Clock::starting_at(None));
        metrics.answered("GET", "/api/v1/logs", 200, Duration::from_millis(3));
        metrics.answered("GET", "/api/v1/logs", 200, Duration::from_millis(30));
        metrics.outbox_age(Duration::from_millis(1500));
        metrics.event_written(Category::Activity);
        metrics.mail(HandOver::Delayed);
        metrics.webhook(HandOver::Failed);
        metrics.webhooks_age(Duration::from_millis(2500));
        metrics.unheld_roles(&["night_lead".to_owned()]);
        metrics.unheld_roles(&["support_lead".to_owned()]);
        metrics.streams(2);
        metrics.streams(-1);
        let text = metrics.text();
        assert!(!text.contains("night_lead"), "somebody approves for it now: {text}");
        for line in [
            "lockbox_http_requests_total{method=\"GET\",route=\"/api/v1/logs\",status=\"200\"} 2",
            "lockbox_http_latency_seconds_count{route=\"/api/v1/logs\"} 2",
            "lockbox_http_latency_seconds_bucket{le=\"0.005\",route=\"/api/v1/logs\"} 1",
            "lockbox_outbox_age_seconds 1.5",
            "lockbox_internal_approval_role_unheld{role=\"support_lead\"} 1",
            "lockbox_events_written_total{category=\"activity\"} 1",
            "lockbox_mails_total{result=\"delayed\"} 1",
            "lockbox_webhooks_total{result=\"failed\"} 1",
            "lockbox_webhooks_age_seconds 2.5",
            "lockbox_event_streams 1",
            "lockbox_clock_backward_jumps_total 0",
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
        assert!(text.contains("lockbox_build_info{version=\"") && text.ends_with("# EOF\n"), "{text}");
    }
}
