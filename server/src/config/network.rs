//! Addresses: the public one of the server, and networks of clients.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use axum::http::Uri;
use lettre::{Address, message::Mailbox};

/// The address under which people reach the server: scheme, host and port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// `https://lockbox.example`, without a slash at the end: exactly what browsers send as `Origin`.
    origin: Arc<str>,
    host: Arc<str>,
}

impl PublicUrl {
    /// Reads an address such as `https://lockbox.example`.
    ///
    /// # Errors
    /// If it is not http(s), has more than scheme, host and port, or is plain http outside this machine (browsers
    /// would send the session over the network unprotected).
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address such as https://lockbox.example or http://localhost:8080");
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https")).ok_or_else(wrong)?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty()
            || text.contains('#')
            || !matches!(uri.path_and_query().map(|it| it.as_str()), None | Some("/"))
        {
            return Err(wrong());
        }
        let port = match authority.as_str().get(authority.host().len()..) {
            Some("") => default_port(scheme),
            Some(port) => {
                port.strip_prefix(':').and_then(|port| port.parse().ok()).filter(|port| *port != 0).ok_or_else(wrong)?
            }
            None => return Err(wrong()),
        };
        if scheme == "http" && !is_loopback_host(&host) {
            return Err(format!("{text:?} is plain http, which is for this machine only; use https"));
        }
        let shown = if port == default_port(scheme) { String::new() } else { format!(":{port}") };
        Ok(Self { origin: format!("{scheme}://{host}{shown}").into(), host: host.into() })
    }

    /// `http://localhost` with a port.
    #[must_use]
    pub fn localhost(port: u16) -> Self {
        let shown = if port == 80 { String::new() } else { format!(":{port}") };
        Self { origin: format!("http://localhost{shown}").into(), host: "localhost".into() }
    }

    /// The address without a slash at the end; equal to the `Origin` that browsers send from it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// Host name or address without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether browsers reach it over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// The address of a path (which begins with `/`).
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// `Lockbox <lockbox@HOST>`. A bare address as host gives `localhost`: mail has a form for addresses (`[192.0.2.1]`), but
    /// the builder of mails can't read it back, and then no mail would go at all.
    pub(super) fn default_sender(&self) -> Mailbox {
        let bare = self.host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        let domain = if bare { "localhost" } else { &*self.host };
        let address =
            Address::new("lockbox", domain).unwrap_or_else(|_| Address::new_dangerous("lockbox", "localhost"));
        Mailbox::new(Some("Lockbox".to_owned()), address)
    }
}

fn default_port(scheme: &str) -> u16 {
    if scheme == "https" { 443 } else { 80 }
}

/// Whether a host name or address means this machine.
pub(super) fn is_loopback_host(host: &str) -> bool {
    let literal = host.trim_matches(['[', ']']);
    host == "localhost" || host.ends_with(".localhost") || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// One address or a network in CIDR form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads a list with commas between the members.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an address or network such as 10.0.0.0/8 or 2001:db8::/32");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(wrong)?,
            None => most,
        };
        Ok(Self { address, bits })
    }

    /// 127.0.0.0/8 and ::1.
    pub(crate) fn loopback() -> Vec<Self> {
        vec![
            Self { address: Ipv4Addr::LOCALHOST.into(), bits: 8 },
            Self { address: Ipv6Addr::LOCALHOST.into(), bits: 128 },
        ]
    }

    /// Whether the network has this address. IPv4 addresses that come as IPv6 count as IPv4.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                same_prefix(network.to_bits().into(), ip.to_bits().into(), 32, self.bits)
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => same_prefix(network.to_bits(), ip.to_bits(), 128, self.bits),
            _ => false,
        }
    }
}

fn same_prefix(one: u128, other: u128, width: u8, bits: u8) -> bool {
    bits == 0 || (one ^ other) >> (width - bits) == 0
}
