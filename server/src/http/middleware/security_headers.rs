//! Headers that tell browsers what not to do.

use axum::{
    http::{HeaderName, HeaderValue, header, header::Entry},
    response::Response,
};

use crate::config::PublicUrl;

/// One year, seconds.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), fullscreen=(self), \
     geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
     publickey-credentials-get=(self), usb=(), xr-spatial-tracking=()",
);

/// The headers of every answer, made once.
pub(super) struct SecurityHeaders(Box<[(HeaderName, HeaderValue)]>);

impl SecurityHeaders {
    /// The set for a server under this address.
    pub(super) fn new(public_url: &PublicUrl) -> Self {
        let fixed = HeaderValue::from_static;
        let mut headers = vec![
            (header::CONTENT_SECURITY_POLICY, content_security_policy(&[])),
            (HeaderName::from_static("cross-origin-opener-policy"), fixed("same-origin")),
            (HeaderName::from_static("cross-origin-embedder-policy"), fixed("require-corp")),
            (HeaderName::from_static("cross-origin-resource-policy"), fixed("same-origin")),
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
            (header::REFERRER_POLICY, fixed("no-referrer")),
            (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        ];
        // Over plain http browsers ignore it; on the machine's own name it would break other servers there.
        if public_url.is_https() {
            headers.push((header::STRICT_TRANSPORT_SECURITY, HSTS));
        }
        Self(headers.into())
    }

    /// Sets the headers that an answer does not have yet; answers of the API (`is_data`) are kept by nobody.
    pub(super) fn set(&self, response: &mut Response, is_data: bool) {
        let present = response.headers_mut();
        present.reserve(self.0.len() + 3);
        for (name, value) in self.0.iter() {
            if let Entry::Vacant(place) = present.entry(name) {
                place.insert(value.clone());
            }
        }
        if is_data && !present.contains_key(header::CACHE_CONTROL) {
            present.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

/// The content security policy, with the hashes of the page's inline styles. What is not a hash is left out, whatever
/// the portal's build says.
#[must_use]
pub fn content_security_policy(style_hashes: &[String]) -> HeaderValue {
    let hashes: String = style_hashes.iter().filter(|hash| is_hash(hash)).map(|hash| format!(" {hash}")).collect();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'{hashes}; img-src 'self'; \
         font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

fn is_hash(text: &str) -> bool {
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    let value = inner.and_then(|text| {
        text.strip_prefix("sha256-").or_else(|| text.strip_prefix("sha384-")).or_else(|| text.strip_prefix("sha512-"))
    });
    value.is_some_and(|value| {
        value.len() > 40 && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_takes_hashes_and_nothing_else() {
        let hash = format!("'sha256-{}='", "a".repeat(43));
        let policy = content_security_policy(&[
            hash.clone(),
            "'unsafe-inline'".to_owned(),
            "https://evil.example".to_owned(),
            format!("{hash}; script-src *"),
        ]);
        let policy = policy.to_str().unwrap();
        assert!(policy.contains(&format!("style-src 'self' {hash};")), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("evil") && !policy.contains('*'), "{policy}");
        let without: Vec<&str> = policy.split("; ").filter(|part| part.contains("unsafe")).collect();
        assert_eq!(without, ["script-src 'self' 'wasm-unsafe-eval'"]);
    }

    #[test]
    fn hsts_belongs_to_https() {
        let has = |url: &str| {
            let headers = SecurityHeaders::new(&PublicUrl::parse(url).unwrap());
            headers.0.iter().any(|(name, _)| name == header::STRICT_TRANSPORT_SECURITY)
        };
        assert!(has("https://lockbox.example"));
        assert!(!has("http://localhost:8080"));
    }
}
