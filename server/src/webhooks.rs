//! How a webhook message leaves: signed as Standard Webhooks says, and never to where it must not go.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use lockbox_api::Time;
use reqwest::{
    Certificate, Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::CONTENT_TYPE,
    redirect::Policy,
};
use ring::hmac;

use crate::{
    app::webhooks::SECRET_PREFIX,
    config::{ConfigError, Network},
    secret::Secret,
    store::{WebhookMessageRecord, WebhookRecord},
};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an attempt may take in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says where messages may go: to public addresses, and to the networks that a setting names.
#[derive(Clone, Debug)]
pub struct Guard(Arc<[Network]>);

impl Guard {
    /// With the networks of the setting `webhook_networks`.
    #[must_use]
    pub fn new(networks: &[Network]) -> Self {
        Self(networks.into())
    }

    /// Whether messages may go to this address.
    #[must_use]
    pub fn allows(&self, ip: IpAddr) -> bool {
        is_public(ip) || self.0.iter().any(|network| network.contains(ip))
    }

    /// Reads an address to send to: https, or http on this machine; no user, no fragment; not to where messages may not go,
    /// as far as that can be seen without asking for names.
    ///
    /// # Errors
    /// One sentence.
    pub fn address(&self, text: &str) -> Result<Url, String> {
        let url = Url::parse(text).map_err(|error| format!("{text:?} is no URL: {error}"))?;
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let local = host == "localhost" || literal.is_some_and(|ip| ip.is_loopback());
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            _ => return Err(format!("{text:?}: messages go to https, or to http on this machine")),
        }
        if host.is_empty() || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(format!("{text:?}: a host, and neither user nor fragment"));
        }
        match literal {
            Some(ip) if !self.allows(ip) => Err(refused(ip)),
            _ => Ok(url),
        }
    }
}

fn refused(ip: IpAddr) -> String {
    format!("{ip} is not a public address; the setting webhook_networks can allow it")
}

/// Whether an address is one of the internet's, and not of this machine, its networks, or a form that hides such a one.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => public_v6(ip),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let assignments = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || benchmarks
        || assignments)
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    let inner = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        // What translates to IPv4 is as public as that.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inner(high, low),
        [0x2002, high, low, ..] => inner(high, low),
        // Teredo, benchmarks, ORCHID, documentation.
        [0x2001, 0 | 2 | 0x10..=0x2f, ..] | [0x2001, 0xdb8, ..] | [0x3fff, ..=0x0fff, ..] => false,
        // Global unicast, and nothing else: no loopback, no unique local, no link local, no multicast.
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

/// Asks for names and hands out allowed addresses alone; one that is not allowed spoils the whole answer, so that nobody
/// can mix them. The connection goes to the very address that was looked at.
struct Names(Guard);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Some(bad) = found.iter().find(|address| !guard.allows(address.ip())) {
                return Err(refused(bad.ip()).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Sends messages. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sender {
    guard: Guard,
    client: Client,
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// The status that was answered, if any was.
    pub status: Option<u16>,
    /// What happened; nothing of what was answered.
    pub reason: String,
}

impl Sender {
    /// A sender that keeps to `guard`. Certificates of receivers must come from an authority that the system knows, or from
    /// one in `ca_file` (setting `webhook_ca_file`).
    ///
    /// # Errors
    /// When the file or the certificates of the system can't be used.
    pub fn new(guard: Guard, ca_file: Option<&Path>) -> Result<Self, ConfigError> {
        let authorities = ca_file.map(authorities).transpose()?.unwrap_or_default();
        // Somebody else may have installed the same one before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .user_agent(concat!("Lockbox/", env!("CARGO_PKG_VERSION")))
            // A proxy would look names up itself.
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .dns_resolver(Arc::new(Names(guard.clone())))
            .tls_certs_merge(authorities)
            .build()
            .map_err(|error| {
                ConfigError::new("webhook_ca_file", format!("webhooks can't be sent over TLS: {}", chain(&error)))
            })?;
        Ok(Self { guard, client })
    }

    /// One attempt. `secrets`: those that sign now; `at`: the wall clock's time.
    ///
    /// # Errors
    /// [`NotTaken`], unless it was answered with 2xx.
    pub async fn send(
        &self,
        webhook: &WebhookRecord,
        message: &WebhookMessageRecord,
        secrets: &[Secret],
        at: Time,
    ) -> Result<u16, NotTaken> {
        let none = |reason: String| NotTaken { status: None, reason };
        // Settings may have changed since it was added.
        let url = self.guard.address(&webhook.url).map_err(none)?;
        let at = at.timestamp();
        let signatures: Vec<String> =
            secrets.iter().filter_map(|secret| sign(secret, &message.id.0, at, &message.body)).collect();
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &message.id.0)
            .header("webhook-timestamp", at)
            .header("webhook-signature", signatures.join(" "))
            .body(message.body.clone());
        let answer = request.send().await.map_err(|error| none(chain(&error.without_url())))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(status.as_u16());
        }
        let followed = if status.is_redirection() { "; redirects are not followed" } else { "" };
        Err(NotTaken { status: Some(status.as_u16()), reason: format!("answered {}{followed}", status.as_u16()) })
    }
}

/// The certificates in a PEM file, at least one.
fn authorities(file: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let wrong = |what: String| ConfigError::new("webhook_ca_file", format!("{} {what}", file.display()));
    let pem = std::fs::read(file).map_err(|error| wrong(format!("can't be read: {error}")))?;
    // A file without any is valid PEM; trusting nobody else is not what was meant.
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(wrong("holds no certificate in PEM form".to_owned())),
    }
}

/// `v1,` and the signature; none for a secret that is not whole.
#[must_use]
pub fn sign(secret: &Secret, id: &str, at: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.expose().strip_prefix(SECRET_PREFIX)?).ok()?;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), format!("{id}.{at}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(tag)))
}

/// The whole chain of causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests;
