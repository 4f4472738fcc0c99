//! The portal: files that were built beforehand, embedded in the binary or read from a folder.
//!
//! Everything below `assets` is named by its content and may be kept for ever; everything else is asked for again every
//! time, with a tag, so that a new version is there at the next visit. A release build packs the files (`.br`, `.gz`); they are sent
//! as they are, and unpacked only for callers that take neither.

use std::{
    borrow::Cow,
    io::Read,
    path::{Component, Path, PathBuf},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use rust_embed::Embed;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::middleware::content_security_policy;
use crate::{error::ApiError, hex::hex};

/// The page that every path leads to that is no file.
const INDEX: &str = "index.html";
/// What the page needs of the content security policy; for the server alone.
const CSP: &str = "csp.json";
/// Files below this folder are named by their content.
const HASHED: &str = "assets/";

#[derive(Embed)]
#[folder = "../dist"]
struct Embedded;

/// Where the portal is.
#[derive(Clone, Debug)]
pub enum Portal {
    /// In the binary.
    Embedded,
    /// In a folder, read anew for every request: while the portal is being written.
    Folder(PathBuf),
}

/// `csp.json`: what the build found to be inline.
#[derive(Default, Deserialize)]
struct Inline {
    #[serde(default, rename = "style-src")]
    styles: Vec<String>,
}

/// Whether a path belongs to the portal: not to an API, and to nothing that operators ask.
pub(crate) fn is_portal_path(path: &str) -> bool {
    let first = path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default();
    !matches!(first, "api" | "provider" | "healthz" | "readyz" | "metrics")
}

/// Whether a path with a dot in it is one of the portal's places all the same: something below a place (the number of a
/// support request may be `CASE-1.2`), while files stand at the root or below their folder.
fn is_place(path: &str) -> bool {
    path.split_once('/').is_some_and(|(first, rest)| {
        let is_name = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_name && first != HASHED.trim_end_matches('/') && !rest.is_empty()
    })
}

impl Portal {
    /// Answers a path that is no route: a file of the portal, or the page.
    pub async fn serve(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        if !is_portal_path(path) {
            return ApiError::NotFound.into_response();
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            let mut response = ApiError::MethodNotAllowed.into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let path = path.strip_prefix('/').unwrap_or(path);
        let name = if path.contains('.') && !is_place(path) { path } else { INDEX };
        if name == CSP || name.ends_with(".br") || name.ends_with(".gz") {
            return ApiError::NotFound.into_response();
        }
        match self.file(name, headers).await {
            Some(response) => response,
            None if name == INDEX => not_built(),
            None => ApiError::NotFound.into_response(),
        }
    }

    async fn file(&self, name: &str, headers: &HeaderMap) -> Option<Response> {
        let mut packed = None;
        for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
            if accepts(headers, encoding)
                && let Some(content) = self.read(&format!("{name}{suffix}")).await
            {
                packed = Some((Some(encoding), content));
                break;
            }
        }
        let (encoding, content) = match packed {
            Some(packed) => packed,
            None => (None, self.plain(name).await?),
        };
        let mut response = Response::new(Body::empty());
        let present = response.headers_mut();
        present.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if name.ends_with(".html") {
            // Also with "not modified": a browser puts the headers of that answer over those that it kept.
            let inline = self.inline().await;
            present.insert(header::CONTENT_SECURITY_POLICY, content_security_policy(&inline.styles));
        }
        if name.starts_with(HASHED) {
            let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
            present.insert(header::CACHE_CONTROL, forever);
        } else {
            present.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            let tag = tag(&content);
            let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
            let unchanged =
                known.flat_map(|value| value.split(',')).any(|known| known.trim().trim_start_matches("W/") == tag);
            if let Ok(tag) = HeaderValue::try_from(tag) {
                present.insert(header::ETAG, tag);
            }
            if unchanged {
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                return Some(response);
            }
        }
        if let Some(encoding) = encoding {
            present.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        present.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        *response.body_mut() = Body::from(content);
        Some(response)
    }

    async fn inline(&self) -> Inline {
        let text = self.plain(CSP).await;
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// A file as it was before it was packed.
    async fn plain(&self, name: &str) -> Option<Bytes> {
        if let Some(plain) = self.read(name).await {
            return Some(plain);
        }
        let packed = self.read(&format!("{name}.gz")).await?;
        let mut plain = Vec::new();
        // What the build packed is whole, or the folder is not one of its making.
        GzDecoder::new(packed.as_ref()).read_to_end(&mut plain).ok()?;
        Some(Bytes::from(plain))
    }

    async fn read(&self, name: &str) -> Option<Bytes> {
        match self {
            Self::Embedded => Some(match Embedded::get(name)?.data {
                Cow::Borrowed(content) => Bytes::from_static(content),
                Cow::Owned(content) => Bytes::from(content),
            }),
            Self::Folder(folder) => {
                let inside = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
                let hidden = name.split('/').any(|part| part.starts_with('.'));
                if !inside || hidden || name.contains(['\\', '\0', '%']) {
                    return None;
                }
                tokio::fs::read(folder.join(name)).await.ok().map(Bytes::from)
            }
        }
    }
}

/// Whether the caller takes an encoding: named, and not with `q=0`.
fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| {
        let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
        let weight = parameters.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(encoding) && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn tag(content: &[u8]) -> String {
    format!("\"{}\"", hex(&Sha256::digest(content)[..12]))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// What people see when the binary was built without the portal.
fn not_built() -> Response {
    const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Portal not built · Lockbox</title></head>\n\
<body><main><h1>The portal is not built</h1>\n\
<p>This server runs and its API answers, but it was compiled without the portal.</p>\n\
<p>Run <code>cargo xtask run</code> at the root of the repository: it builds the portal and the server and starts both. \
Or build the portal alone and start the server with <code>--portal-dir dist</code>.</p></main></body></html>\n";
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
        PAGE,
    )
        .into_response()
}
