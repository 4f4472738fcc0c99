//! The guard against requests that a foreign page makes a browser send.
//!
//! Whatever changes something under `/api` must say that it is JSON and carry a header of ours. A foreign page can do
//! neither without a preflight, which this server never grants. What browsers say about where a request comes from must
//! fit as well. Calls with a personal access token carry the same: one rule for all callers is easier to keep.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
};
use lockbox_api::CSRF_HEADER;

use crate::{config::PublicUrl, error::ApiError, http::extract::is_json};

/// Why a call is refused that a foreign page could have sent; `None` for every other one.
pub(super) fn refusal(request: &Request, public_url: &PublicUrl) -> Option<ApiError> {
    if is_guarded(request.method(), request.uri().path()) { check(request.headers(), public_url).err() } else { None }
}

fn is_guarded(method: &Method, path: &str) -> bool {
    let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    changes && (path == "/api" || path.starts_with("/api/"))
}

fn check(headers: &HeaderMap, public_url: &PublicUrl) -> Result<(), ApiError> {
    if !is_json(headers) {
        return Err(ApiError::UnsupportedMediaType);
    }
    if headers.get(CSRF_HEADER).is_none_or(|value| value != "1") {
        return Err(ApiError::ForgeryGuard("Calls that change something carry the header X-Lockbox-Request: 1."));
    }
    let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return Err(ApiError::ForgeryGuard("The call comes from another site."));
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    match (origins.next().map(|origin| origin.to_str().unwrap_or_default()), origins.next()) {
        (None, _) => Ok(()),
        (Some(origin), None) if origin == public_url.as_str() || is_own_loopback(origin, headers) => Ok(()),
        _ => Err(ApiError::ForgeryGuard("The call comes from another origin.")),
    }
}

/// `http://127.0.0.1:8080` for a server that calls itself `http://localhost:8080`: another name of this machine, and
/// the one under which it was called. Not any name that the caller put into `Host`: that could be rebound to here.
fn is_own_loopback(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    origin.strip_prefix("http://") == Some(host) && PublicUrl::parse(origin).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn verdict(changes: &[(&str, Option<&str>)]) -> Result<(), ApiError> {
        let mut headers = HeaderMap::new();
        let good = [
            ("content-type", "application/json"),
            ("x-lockbox-request", "1"),
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://lockbox.example"),
            ("host", "lockbox.example"),
        ];
        for (name, value) in good {
            headers.insert(name, value.parse().unwrap());
        }
        for (name, value) in changes {
            headers.remove(*name);
            if let Some(value) = value {
                headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
        }
        check(&headers, &PublicUrl::parse("https://lockbox.example").unwrap())
    }

    #[test]
    fn own_pages_and_programs_pass() {
        for changes in [
            &[][..],
            &[("sec-fetch-site", None), ("origin", None)],
            &[("sec-fetch-site", Some("none")), ("origin", None)],
            &[("origin", Some("http://127.0.0.1:8080")), ("host", Some("127.0.0.1:8080"))],
            &[("origin", Some("http://localhost:8080")), ("host", Some("localhost:8080"))],
        ] {
            assert_eq!(verdict(changes), Ok(()), "{changes:?}");
        }
    }

    #[test]
    fn without_any_one_part_it_is_refused() {
        for changes in [
            [("content-type", None)],
            [("content-type", Some("text/plain"))],
            [("content-type", Some("application/x-www-form-urlencoded"))],
            [("content-type", Some("multipart/form-data"))],
        ] {
            assert_eq!(verdict(&changes), Err(ApiError::UnsupportedMediaType), "{changes:?}");
        }
        for changes in [
            &[("x-lockbox-request", None)][..],
            &[("x-lockbox-request", Some("true"))],
            &[("sec-fetch-site", Some("cross-site"))],
            &[("sec-fetch-site", Some("same-site"))],
            &[("origin", Some("https://evil.example"))],
            &[("origin", Some("null"))],
            &[("origin", Some("http://lockbox.example"))],
            &[("origin", Some("https://lockbox.example.evil.example"))],
            &[("origin", Some("http://evil.example")), ("host", Some("evil.example"))],
            &[("origin", Some("http://localhost:8080")), ("host", Some("localhost:9090"))],
        ] {
            assert!(matches!(verdict(changes), Err(ApiError::ForgeryGuard(_))), "{changes:?}");
        }
    }

    #[test]
    fn reading_is_free_and_everything_else_is_guarded() {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::from_bytes(b"MOVE").unwrap()] {
            assert!(is_guarded(&method, "/api/v1/lockbox"), "{method}");
            assert!(!is_guarded(&method, "/provider/v1/access-requests"), "{method}");
        }
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert!(!is_guarded(&method, "/api/v1/lockbox"), "{method}");
        }
    }
}
