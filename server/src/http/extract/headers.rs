//! Headers that handlers look at, and who is calling.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use crate::{config::Network, error::ApiError};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const IDEMPOTENCY_KEY_MAX: usize = 200;

/// The version that the caller read: `If-Match: "17"`.
///
/// `W/"17"` counts as well: compressing proxies turn the tag into that form, and the number names a version of the
/// thing, not of its bytes. `*` and lists are refused: whoever changes something has read one version of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub u64);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut values = parts.headers.get_all(header::IF_MATCH).iter();
        let Some(value) = values.next() else { return Err(ApiError::PreconditionRequired) };
        let version = value.to_str().ok().filter(|_| values.next().is_none()).and_then(|text| {
            let text = text.trim();
            let digits = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?.strip_suffix('"')?;
            digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        });
        version.map(Self).ok_or_else(|| {
            ApiError::parameter(
                "If-Match",
                "Must be the one ETag of what was read, for example \"17\" with its quotes.",
            )
        })
    }
}

/// The caller's key for "the same request again".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let fits = |text: &&str| !text.trim().is_empty() && text.len() <= IDEMPOTENCY_KEY_MAX;
        match value.to_str().ok().filter(fits) {
            Some(text) if values.next().is_none() => Ok(Some(Self(text.to_owned()))),
            _ => {
                Err(ApiError::parameter("Idempotency-Key", "Must be one text of 1 to 200 printable ASCII characters."))
            }
        }
    }
}

/// Where a reconnecting event stream ended: `Last-Event-ID`. One that this server never sent counts as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEventId(pub Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let value = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
        Ok(Self(value.and_then(|text| text.trim().parse().ok())))
    }
}

/// The address of the caller: the peer's, or the one that trusted proxies name. Absent where there is no connection
/// (a call inside the process). The middleware [`crate::http::middleware::exchange`] finds it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientIp(pub Option<IpAddr>);

impl ClientIp {
    /// As text, for events.
    #[must_use]
    pub fn text(self) -> Option<String> {
        self.0.map(|ip| ip.to_string())
    }

    /// Finds the caller: from the peer backwards through `X-Forwarded-For` for as long as the hop is a trusted proxy.
    /// What a proxy did not write itself is not believed.
    pub(crate) fn find(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let Some(peer) = peer else { return Self(None) };
        let mut caller = peer.to_canonical();
        let hops: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in hops.iter().rev() {
            if !trusted.iter().any(|network| network.contains(caller)) {
                break;
            }
            let hop = hop.trim();
            let ip = hop.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()));
            match ip.or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok()) {
                Some(ip) => caller = IpAddr::to_canonical(&ip),
                None => break,
            }
        }
        Self(Some(caller))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientIp {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = || parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        Ok(parts.extensions.get().copied().unwrap_or_else(|| Self(peer())))
    }
}

/// The id of the exchange: in the answer's `X-Request-Id`, in the log, and in every event that the call causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorrelationId(pub String);

impl<S: Send + Sync> FromRequestParts<S> for CorrelationId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get().cloned().ok_or_else(|| ApiError::internal("the exchange middleware is missing"))
    }
}
