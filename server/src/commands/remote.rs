//! Commands that speak to a running Lockbox over the provider API, for engineers and scripts.
//!
//! What was asked for stands on standard output, everything else on standard error: a script can take the first as it is.

mod grant;
mod keep;
mod raise;
mod request;
mod wait;
mod words;

use std::{fmt, path::Path};

use lockbox_api::requests::{AccessState, LockboxRequest, Status};
use lockbox_client::{Client, Error};
use serde::{Serialize, de::DeserializeOwned};

use super::jit::{read, told};
use crate::{config::Remote, http::extract::parse_json};

pub use grant::grant;
pub use keep::{catalog, environment, organization, service_request};
pub use request::request;

/// The check says no, or a report was not taken whole.
const NO: u8 = 1;
/// Wrong flags or files.
const WRONG: u8 = 2;
/// Lockbox refused the call.
const REFUSED: u8 = 3;
/// Lockbox can't be reached, or something else answered.
const UNREACHABLE: u8 = 4;
/// Inside the provider, a rule or a person said no.
const REJECTED: u8 = 13;
/// Waited in vain.
const NOT_DECIDED: u8 = 14;
/// Access was open and is not any more.
const ENDED: u8 = 15;

/// What to print, and the exit code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// For standard output.
    pub text: String,
    /// Exit code.
    pub code: u8,
}

/// Why there is nothing to print. Prints as one line, or as the problem+json that Lockbox sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    line: String,
    /// Exit code.
    pub code: u8,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl Failed {
    fn wrong(setting: &str, message: impl fmt::Display) -> Self {
        Self { line: words::plain(&format!("lockbox: {setting}: {message}")), code: WRONG }
    }
}

type Outcome = Result<Done, Failed>;

/// The client that the flags and variables describe.
fn connect(remote: &Remote) -> Result<Client, Failed> {
    let Some(url) = remote.url.as_deref().filter(|url| !url.is_empty()) else {
        return Err(Failed::wrong("--url", "say where Lockbox is, with --url or LOCKBOX_URL"));
    };
    let (called, key) = match &remote.key_file {
        Some(file) => {
            let name = format!("--key-file: {}", file.display());
            let key = std::fs::read_to_string(file);
            let key = key.map_err(|error| Failed::wrong(&name, format_args!("can't be read: {error}")))?;
            (name, key)
        }
        None => {
            let key = std::env::var("LOCKBOX_KEY").unwrap_or_default();
            if key.is_empty() {
                return Err(Failed::wrong("--key-file", "give the key in a file, or in the variable LOCKBOX_KEY"));
            }
            ("LOCKBOX_KEY".to_owned(), key)
        }
    };
    Client::builder(url, &key).allow_plain_http(remote.allow_http).build().map_err(|error| match error {
        lockbox_client::SetupError::Key(message) => Failed::wrong(&called, message),
        lockbox_client::SetupError::Url(message) => Failed::wrong("--url", format_args!("{url:?}: {message}")),
        other => Failed::wrong("--url", other),
    })
}

/// An error of the client as a line, or as the problem that it is.
fn failed(remote: &Remote) -> impl Fn(Error) -> Failed + '_ {
    move |error| {
        let code = match &error {
            Error::Refused { .. } => REFUSED,
            Error::NoId => WRONG,
            Error::NotDecided(_) => NOT_DECIDED,
            _ => UNREACHABLE,
        };
        let line = match &error {
            Error::Refused { problem, .. } if remote.json => serde_json::to_string_pretty(problem).unwrap_or_default(),
            Error::Refused { problem, .. } => words::problem(problem),
            Error::NoId => format!("lockbox: {error}"),
            other => format!("lockbox: {}: {other}", remote.url.as_deref().unwrap_or_default()),
        };
        let line = if remote.json && code == REFUSED { line } else { words::plain(&line) };
        Failed { line, code }
    }
}

/// The answer as JSON where that was asked for, else in words.
fn done(remote: &Remote, code: u8, answer: &impl Serialize, in_words: impl FnOnce() -> String) -> Done {
    Done { text: if remote.json { json(answer) } else { in_words() }, code }
}

fn json(answer: &impl Serialize) -> String {
    serde_json::to_string_pretty(answer).unwrap_or_default() + "\n"
}

/// What stands in a file, as JSON of one type; `-` is standard input.
fn from_file<T: DeserializeOwned + Serialize>(file: &Path) -> Result<T, Failed> {
    let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    let text = read(file).map_err(|error| Failed::wrong(&name, format_args!("can't be read: {error}")))?;
    parse_json(&text).map_err(|error| Failed::wrong(&name, told(&error)))
}

/// The exit code that tells how a request ended: 0 only while its access is open.
fn code_of(request: &LockboxRequest) -> u8 {
    match request.status {
        Status::Approved | Status::NotRequired if request.access.state == AccessState::Active => 0,
        Status::Approved | Status::NotRequired => ENDED,
        Status::Denied => 10,
        Status::Expired => 11,
        Status::Cancelled => 12,
        Status::Rejected => REJECTED,
        Status::CustomerNotified | Status::AwaitingInternalApproval => NOT_DECIDED,
    }
}
