//! Where Lockbox is, and the key.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use reqwest::{Url, header::HeaderValue, redirect};
use rustls::crypto::{CryptoProvider, ring};

/// How long a call may take, held calls apart.
const TIME_OUT: Duration = Duration::from_secs(30);
/// How long a connection may take to be made.
const CONNECT_TIME_OUT: Duration = Duration::from_secs(10);
/// How often a call is tried again.
const RETRIES: u32 = 3;

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The address is none, or not one that the key may be sent to; a sentence.
    #[error("{0}")]
    Url(String),
    /// The key can't be one; a sentence that does not repeat it.
    #[error("{0}")]
    Key(String),
    /// The system's certificates can't be used.
    #[error("{0}")]
    Tls(String),
}

/// A connection to Lockbox with the key of one API client. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) http: reqwest::Client,
    /// With a path that ends before `/provider/v1`.
    pub(crate) base: Url,
    /// `Bearer …`, marked as sensitive.
    pub(crate) authorization: HeaderValue,
    pub(crate) time_out: Duration,
    pub(crate) retries: u32,
    /// `Date` of the last answer, and when it came.
    pub(crate) date: Mutex<Option<(String, Instant)>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.0.base.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the Lockbox at `url` (`https://lockbox.example.com`), with `key` (`lbk_…`).
    ///
    /// # Errors
    /// [`SetupError`] for an address or a key that can't be one.
    pub fn new(url: &str, key: &str) -> Result<Self, SetupError> {
        Self::builder(url, key).build()
    }

    /// The same, with other limits.
    #[must_use]
    pub fn builder(url: &str, key: &str) -> Builder {
        Builder {
            url: url.to_owned(),
            key: key.to_owned(),
            time_out: TIME_OUT,
            retries: RETRIES,
            allow_plain_http: false,
        }
    }

    /// Where Lockbox is.
    #[must_use]
    pub fn url(&self) -> &str {
        self.0.base.as_str()
    }
}

/// What a [`Client`] is made of.
#[derive(Clone)]
pub struct Builder {
    url: String,
    key: String,
    time_out: Duration,
    retries: u32,
    allow_plain_http: bool,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("time_out", &self.time_out).finish_non_exhaustive()
    }
}

impl Builder {
    /// How long a call may take; a held call may take the time for which it is held as well. Default: 30 seconds.
    #[must_use]
    pub fn time_out(mut self, time_out: Duration) -> Self {
        self.time_out = time_out;
        self
    }

    /// How often a call that may be repeated is tried again. Default: 3.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Sends the key over plain `http` to another machine as well: for a network that nobody else can read.
    #[must_use]
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`SetupError`] for an address or a key that can't be one.
    pub fn build(self) -> Result<Client, SetupError> {
        let base = base(&self.url, self.allow_plain_http)?;
        let authorization = authorization(&self.key)?;
        // The process may have chosen one already; whichever it is serves.
        if CryptoProvider::get_default().is_none() {
            let _ = ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder()
            .user_agent(concat!("lockbox-client/", env!("CARGO_PKG_VERSION")))
            // A redirect would carry the key to where nobody meant it to go.
            .redirect(redirect::Policy::none())
            // What is tried again is decided in one place, here.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIME_OUT.min(self.time_out))
            .build()
            .map_err(|error| SetupError::Tls(format!("the system's certificates can't be used: {error}")))?;
        Ok(Client(Arc::new(Inner {
            http,
            base,
            authorization,
            time_out: self.time_out,
            retries: self.retries,
            date: Mutex::default(),
        })))
    }
}

fn base(text: &str, allow_plain_http: bool) -> Result<Url, SetupError> {
    let wrong = |message: &str| SetupError::Url(message.to_owned());
    let text = text.trim();
    let url = Url::parse(text).map_err(|_| wrong("it must be an address as in https://lockbox.example.com"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it must be an address as in https://lockbox.example.com"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it must have no user name, password, query or fragment"));
    }
    if url.scheme() == "http" && !allow_plain_http && !is_this_machine(&url) {
        return Err(wrong("with http the key would cross the network in plain text: use https"));
    }
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn authorization(key: &str) -> Result<HeaderValue, SetupError> {
    let key = key.trim();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SetupError::Key("it must be one word of visible characters, as in lbk_…".to_owned()));
    }
    let mut value = HeaderValue::try_from(format!("Bearer {key}"))
        .map_err(|_| SetupError::Key("it must be one word of visible characters, as in lbk_…".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_goes_where_nobody_else_reads_it_and_is_never_shown() {
        for url in
            ["https://lockbox.example.com", "http://localhost:8080", "http://127.0.0.1:1/", "http://[::1]:8080/x/"]
        {
            let client = Client::new(url, "lbk_secret\n").unwrap();
            assert!(!format!("{client:?}{:?}", Client::builder(url, "lbk_secret")).contains("secret"));
            assert!(!format!("{:?}", client.0.authorization).contains("secret"));
        }
        for url in ["http://lockbox.example.com", "http://127.0.0.1.example.com", "http://10.0.0.7:8080"] {
            assert!(matches!(Client::new(url, "lbk_secret"), Err(SetupError::Url(_))), "{url}");
            assert!(Client::builder(url, "lbk_secret").allow_plain_http(true).build().is_ok(), "{url}");
        }
        for url in ["", "lockbox", "ftp://localhost", "https://u:p@localhost", "https://localhost/?a=b", "file:///etc"]
        {
            assert!(matches!(Client::new(url, "lbk_secret"), Err(SetupError::Url(_))), "{url}");
        }
        for key in ["", " ", "lbk_a b", "lbk_secret\r\nX: y", "lbk_ü"] {
            let error = Client::new("https://localhost", key).unwrap_err();
            assert!(matches!(&error, SetupError::Key(text) if !text.contains("secret")), "{error}");
        }
    }
}
