//! JSON bodies.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lockbox_api::problem::FieldError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::words;
use crate::error::ApiError;

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A JSON body, in and out. Coming in: unknown, missing, doubled and mistyped fields are refused, each by its name.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Serialize, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        parse_json(&json_body(request, state).await?).map(Self)
    }
}

/// For calls that take no body: nothing, or an empty object. What a caller sends beyond that is refused instead of
/// passed over, because it meant something by it.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

/// The empty object.
#[derive(Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let says_json = is_json(request.headers());
        let bytes = whole(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self);
        }
        if !says_json {
            return Err(ApiError::UnsupportedMediaType);
        }
        parse_json::<Empty>(&bytes).map(|_| Self)
    }
}

/// The body of a call that says that it is JSON.
pub(super) async fn json_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    if !is_json(request.headers()) {
        return Err(ApiError::UnsupportedMediaType);
    }
    whole(request, state).await
}

/// The body, which keeps to the limit that `DefaultBodyLimit` sets for the route and arrives in time.
async fn whole<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, ApiError> {
    match tokio::time::timeout(PATIENCE, Bytes::from_request(request, state)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(ApiError::BodyTooLarge),
        Ok(Err(_)) => Err(ApiError::MalformedBody("The body broke off.".to_owned())),
        Err(_) => Err(ApiError::MalformedBody("The body did not arrive in time.".to_owned())),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => {
                ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], bytes).into_response()
            }
            Err(error) => ApiError::internal(format_args!("an answer could not be written: {error}")).into_response(),
        }
    }
}

/// Whether the body says that it is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(|text| {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        (essence.trim().to_ascii_lowercase(), parameters.trim().to_ascii_lowercase())
    });
    // JSON is UTF-8; whoever says another charset means another text.
    essence.is_some_and(|(essence, parameters)| {
        essence == "application/json" && matches!(parameters.as_str(), "" | "charset=utf-8" | "charset=\"utf-8\"")
    })
}

/// Reads a JSON body.
///
/// # Errors
/// [`ApiError::MalformedBody`] for what is not JSON, [`ApiError::Fields`] for JSON that does not fit.
pub fn parse_json<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ApiError::MalformedBody(format!("Byte {} is not UTF-8.", error.valid_up_to() + 1)))?;
    if text.trim_ascii().is_empty() {
        return Err(ApiError::MalformedBody("The body is empty; a JSON object is expected.".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().clone();
        explain::<T>(text, &path, &error.into_inner())
    })?;
    deserializer.end().map_err(|error| not_json(&error))?;
    refuse_lists_as_objects(text, &value)?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> ApiError {
    ApiError::MalformedBody(format!("Not JSON at line {}, column {}.", error.line(), error.column()))
}

/// The error for JSON that does not fit.
fn explain<T: DeserializeOwned>(text: &str, path: &Path, error: &serde_json::Error) -> ApiError {
    // serde_json calls some mistakes of shape mistakes of syntax, and stops at the first of either kind.
    if let Err(error) = serde_json::from_str::<Value>(text) {
        return not_json(&error);
    }
    let mut pointer = pointer(path);
    let sentence = sentence(error);
    if let Some(field) = words::subject(&sentence, "missing field") {
        pointer = format!("{pointer}/{}", escape(field));
    }
    if let Some(field) = words::subject(&sentence, "duplicate field")
        && pointer.rsplit('/').next() != Some(escape(field).as_str())
    {
        pointer = format!("{pointer}/{}", escape(field));
    }
    let message = allowed_words::<T>(text, &pointer, &sentence).unwrap_or_else(|| words::plain(&sentence));
    ApiError::field(pointer, message)
}

/// A number where a word of a closed set belongs: serde names the words only for a wrong word, so it is shown one.
fn allowed_words<T: DeserializeOwned>(text: &str, pointer: &str, sentence: &str) -> Option<String> {
    if ["missing", "unknown", "duplicate"].iter().any(|start| sentence.starts_with(start)) {
        return None;
    }
    let mut changed: Value = serde_json::from_str(text).ok()?;
    *changed.pointer_mut(pointer)? = Value::String(String::new());
    let error = serde_json::from_value::<T>(changed).err()?.to_string();
    error.starts_with("unknown variant ``").then(|| words::plain(&error))
}

/// serde's sentence without the position that `serde_json` adds.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) if error.line() > 0 => text[..end].to_owned(),
        _ => text,
    }
}

fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } => format!("{pointer}/{}", escape(key)),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// serde reads a struct from a list as well, field by field. No caller means that: where a list was sent for what is
/// an object, it is a mistake.
fn refuse_lists_as_objects<T: Serialize>(text: &str, value: &T) -> Result<(), ApiError> {
    if !text.contains('[') {
        return Ok(());
    }
    let sent: Value = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let read = serde_json::to_value(value).map_err(ApiError::internal)?;
    let mut errors = Vec::new();
    compare(&sent, &read, "", &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(ApiError::Fields(errors)) }
}

fn compare(sent: &Value, read: &Value, pointer: &str, errors: &mut Vec<FieldError>) {
    match (sent, read) {
        (Value::Array(_), Value::Object(_)) => {
            errors.push(FieldError { pointer: pointer.to_owned(), message: words::plain(", expected a map") });
        }
        (Value::Array(sent), Value::Array(read)) => {
            for (index, (sent, read)) in sent.iter().zip(read).enumerate() {
                compare(sent, read, &format!("{pointer}/{index}"), errors);
            }
        }
        (Value::Object(sent), Value::Object(read)) => {
            for (key, sent) in sent {
                if let Some(read) = read.get(key) {
                    compare(sent, read, &format!("{pointer}/{}", escape(key)), errors);
                }
            }
        }
        _ => {}
    }
}
