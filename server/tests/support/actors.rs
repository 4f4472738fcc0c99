//! Who calls: one type per kind of caller, all with the same verbs.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Request},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::{Answer, TestApp};

/// Nobody.
#[derive(Clone)]
pub struct Anonymous(pub TestApp);
/// A person with a session cookie.
#[derive(Clone)]
pub struct Person(pub TestApp, pub String);
/// A person's access token.
#[derive(Clone)]
pub struct Token(pub TestApp, pub String);
/// An API client of the provider.
#[derive(Clone)]
pub struct Key(pub TestApp, pub String);

/// Somebody who calls.
pub trait Caller: Send + Sync {
    /// The server.
    fn app(&self) -> &TestApp;
    /// How they say who they are.
    fn proof(&self) -> Option<(&'static str, String)>;

    /// A call with the headers that a well-behaved client sends, changed by `headers` (an empty value takes one away).
    fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> impl Future<Output = Answer> + Send {
        let mut all: Vec<(String, String)> = Vec::new();
        if !matches!(method, "GET" | "HEAD") {
            all.push(("content-type".to_owned(), "application/json".to_owned()));
            all.push(("x-lockbox-request".to_owned(), "1".to_owned()));
        }
        all.extend(self.proof().map(|(name, value)| (name.to_owned(), value)));
        for (name, value) in headers {
            all.retain(|(known, _)| known != name);
            if !value.is_empty() {
                all.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
        for (name, value) in all {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request = request.header(name.parse::<HeaderName>().unwrap(), value);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).unwrap();
        let router = self.app().router.clone();
        async move {
            let response = router.oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            // An event stream goes on for as long as somebody listens.
            let endless = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
            let body = if endless { Body::empty() } else { body };
            let bytes = body.collect().await.unwrap().to_bytes();
            // A Parquet file is none.
            let text = String::from_utf8_lossy(&bytes).into_owned();
            Answer { status: parts.status, headers: parts.headers, text, bytes: bytes.to_vec() }
        }
    }

    /// Reads.
    fn get(&self, path: &str) -> impl Future<Output = Answer> + Send {
        self.call("GET", path, &[], None)
    }

    /// Posts JSON.
    fn post(&self, path: &str, body: Value) -> impl Future<Output = Answer> + Send {
        self.call("POST", path, &[], Some(body.to_string()))
    }

    /// Posts JSON about the version that was read.
    fn post_version(&self, path: &str, etag: &str, body: Value) -> impl Future<Output = Answer> + Send {
        async move { self.call("POST", path, &[("if-match", etag)], Some(body.to_string())).await }
    }

    /// Puts JSON about the version that was read; an empty `etag` sends none.
    fn put(&self, path: &str, etag: &str, body: Value) -> impl Future<Output = Answer> + Send {
        async move { self.call("PUT", path, &[("if-match", etag)], Some(body.to_string())).await }
    }

    /// Deletes.
    fn delete(&self, path: &str) -> impl Future<Output = Answer> + Send {
        self.call("DELETE", path, &[], None)
    }
}

macro_rules! callers {
    ($($type:ident: |$this:ident| $proof:expr;)+) => {
        $(impl Caller for $type {
            fn app(&self) -> &TestApp {
                &self.0
            }

            fn proof(&self) -> Option<(&'static str, String)> {
                let $this = self;
                $proof
            }
        })+
    };
}

callers! {
    Anonymous: |_this| None;
    Person: |this| Some(("cookie", format!("lockbox={}", this.1)));
    Token: |this| Some(("authorization", format!("Bearer {}", this.1)));
    Key: |this| Some(("authorization", format!("Bearer {}", this.1)));
}
