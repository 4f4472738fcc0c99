//! How a call is made: same origin, JSON, the headers that the server asks for, one way to fail.

use super::{Failure, json};
use crate::state::{clock, live, session};
use gloo_net::http::{Method, RequestBuilder, Response};
use lockbox_api::{CSRF_HEADER, REQUEST_ID_HEADER, SEQUENCE_HEADER};
use serde::{Serialize, de::DeserializeOwned};
use std::future::Future;

/// The body of a call that has nothing to say. Not a map of values: those bring everything that prints a number along.
#[derive(Serialize)]
pub struct Nothing {}

/// Reads.
pub async fn get<T: DeserializeOwned>(path: String) -> Result<T, Failure> {
    parse(send(Method::GET, &path, None, None).await?)
}

/// Reads, and takes the answer apart only when `ready` says so: what it is drawn with may keep the browser from something that
/// people wait for.
pub async fn get_when<T: DeserializeOwned>(path: String, ready: impl Future<Output = ()>) -> Result<T, Failure> {
    let answer = send(Method::GET, &path, None, None).await?;
    ready.await;
    parse(answer)
}

/// Changes something. `version` is what the reader saw, for calls that need `If-Match`.
pub async fn change<T: DeserializeOwned>(
    method: Method,
    path: &str,
    body: &impl Serialize,
    version: Option<u64>,
) -> Result<T, Failure> {
    parse(send(method, path, Some(to_json(body)?), version).await?)
}

/// Changes something where the answer has no body, or none that matters.
pub async fn change_quietly(
    method: Method,
    path: &str,
    body: &impl Serialize,
    version: Option<u64>,
) -> Result<(), Failure> {
    send(method, path, Some(to_json(body)?), version).await.map(|_| ())
}

/// A body that has arrived.
struct Answer {
    status: u16,
    text: String,
    request_id: String,
}

fn to_json(body: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(body).map_err(|_| Failure::unreadable(0, String::new()))
}

fn parse<T: DeserializeOwned>(answer: Answer) -> Result<T, Failure> {
    json::read(&answer.text).ok_or_else(|| Failure::unreadable(answer.status, answer.request_id))
}

async fn send(method: Method, path: &str, body: Option<String>, version: Option<u64>) -> Result<Answer, Failure> {
    let mut request = RequestBuilder::new(path).method(method).header("Accept", "application/json");
    if let Some(version) = version {
        request = request.header("If-Match", &format!("\"{version}\""));
    }
    let sent = match body {
        Some(body) => {
            let request = request.header("Content-Type", "application/json").header(CSRF_HEADER, "1").body(body);
            request.map_err(|_| Failure::network())?.send().await
        }
        None => request.send().await,
    };
    let response = sent.map_err(|_| Failure::network())?;
    if let Some(date) = response.headers().get("Date") {
        clock::heard(&date);
    }
    if let Some(sequence) = response.headers().get(SEQUENCE_HEADER).and_then(|text| text.parse().ok()) {
        live::answered(sequence);
    }
    let (status, request_id) = (response.status(), request_id(&response));
    let text = response.text().await.map_err(|_| Failure::network())?;
    if response.ok() {
        return Ok(Answer { status, text, request_id });
    }
    let failure = Failure::from_answer(status, &text, request_id);
    if failure.is_signed_out() {
        session::ended();
    }
    Err(failure)
}

fn request_id(response: &Response) -> String {
    response.headers().get(REQUEST_ID_HEADER).unwrap_or_default()
}
