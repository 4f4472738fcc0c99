//! One call: how it is sent, what comes back, and when it is sent again.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use lockbox_api::{REQUEST_ID_HEADER, problem::PROBLEM_JSON};
use reqwest::{
    Method, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Client, Error, Result};

/// Pause before the first repetition; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// Longest pause that the server can ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A call that is about to be made.
pub(crate) struct Call<'a> {
    method: Method,
    path: &'a [&'a str],
    query: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    idempotency_key: Option<&'a str>,
    /// Whether saying it twice does it once.
    repeatable: bool,
    /// How long the server may hold the answer.
    held: Duration,
}

impl<'a> Call<'a> {
    /// A read.
    pub(crate) fn get(path: &'a [&'a str]) -> Self {
        Self {
            method: Method::GET,
            path,
            query: Vec::new(),
            body: None,
            idempotency_key: None,
            repeatable: true,
            held: Duration::ZERO,
        }
    }

    /// Something that is put: the same again changes nothing.
    pub(crate) fn put(path: &'a [&'a str], body: &impl Serialize) -> Self {
        Self { method: Method::PUT, body: serde_json::to_vec(body).ok(), ..Self::get(path) }
    }

    /// Something that is deleted: once more changes nothing.
    pub(crate) fn delete(path: &'a [&'a str]) -> Self {
        Self { method: Method::DELETE, ..Self::get(path) }
    }

    /// Something that is sent once.
    pub(crate) fn post(path: &'a [&'a str], body: &impl Serialize) -> Self {
        Self { method: Method::POST, body: serde_json::to_vec(body).ok(), repeatable: false, ..Self::get(path) }
    }

    /// Saying it twice does it once.
    pub(crate) fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }

    /// The same, because of a key.
    pub(crate) fn idempotent(self, key: &'a str) -> Self {
        Self { idempotency_key: Some(key), repeatable: true, ..self }
    }

    /// The fields of `query` that are given.
    pub(crate) fn query(mut self, query: &impl Serialize) -> Self {
        let fields = serde_json::to_value(query).unwrap_or_default();
        for (name, value) in fields.as_object().into_iter().flatten() {
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::String(text) => self.query.push((name.clone(), text.clone())),
                other => self.query.push((name.clone(), other.to_string())),
            }
        }
        self
    }

    /// The server may hold the answer for so long.
    pub(crate) fn held(self, held: Duration) -> Self {
        Self { held, ..self }
    }
}

impl Client {
    /// Makes the call, again where that is safe, and reads the answer.
    pub(crate) async fn send<T: DeserializeOwned>(&self, call: Call<'_>) -> Result<(T, HeaderMap)> {
        let url = self.address(&call)?;
        let mut tried = 0;
        loop {
            let error = match self.once(&call, url.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let again = error.was_never_sent() || (call.repeatable && error.is_transient());
            if !again || tried >= self.0.retries {
                return Err(error);
            }
            tokio::time::sleep(pause(tried, &error)).await;
            tried += 1;
        }
    }

    /// What the last answer said of the time (its `Date`, in whole seconds), and how long ago that was: a countdown to
    /// `decide_by` goes by Lockbox's clock, whatever this machine's says. `None` before the first answer.
    #[must_use]
    pub fn server_date(&self) -> Option<(String, Duration)> {
        let date = self.0.date.lock().unwrap_or_else(PoisonError::into_inner);
        date.as_ref().map(|(date, at)| (date.clone(), at.elapsed()))
    }

    fn address(&self, call: &Call<'_>) -> Result<Url> {
        // The library leaves these out of a path, and the call would go to another place.
        if call.path.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(Error::NoId);
        }
        let mut url = self.0.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["provider", "v1"]).extend(call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        Ok(url)
    }

    async fn once<T: DeserializeOwned>(&self, call: &Call<'_>, url: Url) -> Result<(T, HeaderMap)> {
        let mut request = self
            .0
            .http
            .request(call.method.clone(), url)
            .timeout(self.0.time_out + call.held)
            .header(AUTHORIZATION, self.0.authorization.clone());
        if let Some(body) = &call.body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        if let Some(key) = call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let response = request.send().await.map_err(|error| Error::of(&error))?;
        if let Some(date) = header(response.headers(), DATE.as_str()) {
            *self.0.date.lock().unwrap_or_else(PoisonError::into_inner) = Some((date, Instant::now()));
        }
        if response.status().is_success() {
            return read(response).await;
        }
        Err(refusal(response).await)
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<(T, HeaderMap)> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.map_err(|error| Error::of(&error))?;
    match serde_json::from_slice(&bytes) {
        Ok(answer) => Ok((answer, headers)),
        Err(error) => Err(Error::Foreign {
            status,
            exchange_id: header(&headers, REQUEST_ID_HEADER),
            detail: format!("it can't be understood: {error}"),
        }),
    }
}

/// An answer that is none of success.
async fn refusal(response: Response) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    let retry_after =
        header(&headers, RETRY_AFTER.as_str()).and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let is_problem = header(&headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with(PROBLEM_JSON));
    if is_problem
        && let Ok(bytes) = response.bytes().await
        && let Ok(problem) = serde_json::from_slice(&bytes)
    {
        return Error::Refused { problem: Box::new(problem), retry_after };
    }
    let detail = match header(&headers, LOCATION.as_str()) {
        Some(to) if status.is_redirection() => format!("it redirects to {to}, and the key is sent nowhere else"),
        _ => "it is no problem+json; a proxy may have answered".to_owned(),
    };
    Error::Foreign { status: status.as_u16(), exchange_id: header(&headers, REQUEST_ID_HEADER), detail }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// How long to leave the server alone: what it asks for, or longer with each time, with some chance in it so that many
/// clients don't come back at once.
fn pause(tried: u32, error: &Error) -> Duration {
    if let Error::Refused { retry_after: Some(asked), .. } = error {
        return (*asked).min(PAUSE_MAX);
    }
    let whole = PAUSE.saturating_mul(2_u32.saturating_pow(tried)).min(PAUSE_MAX);
    whole.mul_f64(rand::random_range(0.75..1.25))
}
