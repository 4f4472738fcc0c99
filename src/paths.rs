//! Every link of the portal is built here, and nowhere else.

use chrono::SecondsFormat;
use lockbox_api::{
    Time,
    events::{Category, Outcome},
    ids::{EnvironmentId, RequestId, ServiceRequestId},
    requests::RequestView,
};

/// Overview.
pub const OVERVIEW: &str = "/";
/// Requests, on the tab Pending.
pub const REQUESTS: &str = "/requests";
/// Access without a request, all of it.
pub const WITHOUT_REQUEST: &str = "/access-without-request";
/// Support requests.
pub const SERVICE_REQUESTS: &str = "/service-requests";
/// Logs, unfiltered.
pub const LOGS: &str = "/logs";
/// History.
pub const HISTORY: &str = "/history";
/// Administration, on its first tab.
pub const ADMINISTRATION: &str = "/administration";
/// What waits for an approval inside the provider.
pub const INTERNAL_APPROVALS: &str = "/internal-approvals";
/// Sign-in.
pub const SIGN_IN: &str = "/sign-in";
/// The demo's mailbox.
pub const DEMO_MAIL: &str = "/demo/mail";
/// What the API says of itself.
pub const API_REFERENCE: &str = "/api-reference";

/// Whether a page is for everybody, also for those who are not signed in.
pub fn is_open(path: &str) -> bool {
    [SIGN_IN, DEMO_MAIL, API_REFERENCE].contains(&path)
}

/// One Lockbox request: the decision page.
pub fn request(id: &RequestId) -> String {
    format!("{REQUESTS}/{}", encode(id.as_str()))
}

/// One request on its page for internal approvers.
pub fn internal_approval(id: &RequestId) -> String {
    format!("{INTERNAL_APPROVALS}/{}", encode(id.as_str()))
}

/// Every request for one environment.
pub fn requests_of_environment(id: &EnvironmentId) -> String {
    Query::new().add("view", "all").add("environment", id.as_str()).onto(REQUESTS)
}

/// Every request for one support request.
pub fn requests_of_ticket(id: &ServiceRequestId) -> String {
    Query::new().add("view", "all").add("service_request_id", id.as_str()).onto(REQUESTS)
}

/// Access without a request that nobody has acknowledged yet.
pub fn requests_to_acknowledge() -> String {
    Query::new().add("view", RequestView::Unacknowledged.as_str()).onto(WITHOUT_REQUEST)
}

/// The requests of one view.
pub fn requests_of_view(view: RequestView) -> String {
    Query::new().add("view", view.as_str()).onto(REQUESTS)
}

/// The page that lists a view: access without a request has one of its own, with the reasons.
pub fn list_of(view: RequestView) -> &'static str {
    if view == RequestView::WithoutRequest { WITHOUT_REQUEST } else { REQUESTS }
}

/// The requests of one view that were raised in a period, to be narrowed further.
pub fn requests_of_period(view: RequestView, from: Time, to: Time) -> Query {
    Query::new().add("view", view.as_str()).add("from", &exact(from)).add("to", &exact(to))
}

/// To the last digit: a second cut off would lose the requests in it.
pub fn exact(at: Time) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// One support request.
pub fn service_request(id: &ServiceRequestId) -> String {
    format!("{SERVICE_REQUESTS}/{}", encode(id.as_str()))
}

/// Support requests with the form that opens a new one.
pub fn open_service_request() -> String {
    Query::new().add("new", "1").onto(SERVICE_REQUESTS)
}

/// One tab of Administration.
pub fn administration(tab: &str) -> String {
    Query::new().add("tab", tab).onto(ADMINISTRATION)
}

/// The log of one request.
pub fn logs_of_request(id: &RequestId) -> String {
    Query::new().add("request_id", id.as_str()).onto(LOGS)
}

/// Every event with one value of a filter of the log: `grant_id`, `correlation_id`.
pub fn logs_with(parameter: &str, value: &str) -> String {
    Query::new().add(parameter, value).onto(LOGS)
}

/// What was done under access in a period, with one outcome or any.
pub fn data_access_of_period(from: Time, to: Time, outcome: Option<Outcome>) -> String {
    let period = Query::new().add("category", Category::DataAccess.as_str()).add("from", &exact(from));
    period.add("to", &exact(to)).add("outcome", outcome.map_or("", |outcome| outcome.as_str())).onto(LOGS)
}

/// Sign-in that comes back to `return_to`.
pub fn sign_in(return_to: &str) -> String {
    if return_to == OVERVIEW { SIGN_IN.to_owned() } else { Query::new().add("return_to", return_to).onto(SIGN_IN) }
}

/// Where to go after sign-in: `wanted` if it is a path of this portal, else Overview. Anything that a browser could read as
/// another host is not a path of this portal: `//host`, `/\host`, a scheme, control characters, and steps (`/..//host`) that
/// a browser takes out before it looks.
pub fn safe_return_to(wanted: &str) -> &str {
    let path = wanted.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let own_path =
        path.starts_with('/') && !path.contains("//") && !path.starts_with("/%2f") && !path.starts_with("/%5c");
    let steps = path.contains("/.") || path.contains("%2e");
    let odd = wanted.chars().any(|letter| letter == '\\' || letter.is_control());
    let sign_in = path.strip_prefix(SIGN_IN).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if own_path && !steps && !odd && !sign_in { wanted } else { OVERVIEW }
}

/// A query string under construction; empty values are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(String);

impl Query {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more parameter, unless its value is empty.
    #[must_use]
    pub fn add(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.with(name, value) }
    }

    /// With one more parameter, whose empty value says something.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push(if self.0.is_empty() { '?' } else { '&' });
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(&encode(value));
        self
    }

    /// With one more parameter, where there is a value; an empty one says something.
    #[must_use]
    pub fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The path with this query.
    pub fn onto(&self, path: &str) -> String {
        format!("{path}{}", self.0)
    }
}

/// Percent-encodes everything but unreserved characters (RFC 3986, section 2.3).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
            out.push('%');
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_as_the_portal_promises() {
        assert_eq!(request(&RequestId::from("lbx_01a")), "/requests/lbx_01a");
        assert_eq!(requests_of_environment(&EnvironmentId::from("env_a")), "/requests?view=all&environment=env_a");
        assert_eq!(internal_approval(&RequestId::from("lbx_1")), "/internal-approvals/lbx_1");
        assert_eq!(requests_to_acknowledge(), "/access-without-request?view=unacknowledged");
        assert_eq!(service_request(&ServiceRequestId::from("2611/5 ü")), "/service-requests/2611%2F5%20%C3%BC");
        assert_eq!(open_service_request(), "/service-requests?new=1");
        assert_eq!(administration("members"), "/administration?tab=members");
        assert!(is_open("/sign-in") && is_open("/api-reference") && !is_open("/") && !is_open("/administration"));
        assert_eq!(logs_of_request(&RequestId::from("lbx_1")), "/logs?request_id=lbx_1");
        assert_eq!(logs_with("grant_id", "grant 1"), "/logs?grant_id=grant%201");
        assert_eq!(sign_in("/"), "/sign-in");
        assert_eq!(sign_in("/requests/lbx_1?a=b"), "/sign-in?return_to=%2Frequests%2Flbx_1%3Fa%3Db");
        assert_eq!(Query::new().with("team", "").maybe("x", None).maybe("y", Some("")).onto("/p"), "/p?team=&y=");
        assert_eq!(Query::new().add("q", "").add("a", "1&2").add("b", "x").onto("/p"), "/p?a=1%262&b=x");
    }

    #[test]
    fn return_to_never_leaves_the_portal() {
        for inside in ["/", "/requests/lbx_1?x=1", "/logs?q=a%2Fb"] {
            assert_eq!(safe_return_to(inside), inside);
        }
        for outside in [
            "",
            "//evil.example",
            "/..//evil.example",
            "/a/.%2E//evil.example",
            "/%2F%2Fevil.example/..//evil.example",
            "/%5Cevil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "requests",
            "/a\n/b",
            "/sign-in",
            "/sign-in?return_to=/",
        ] {
            assert_eq!(safe_return_to(outside), "/", "{outside:?}");
        }
    }
}
