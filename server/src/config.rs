//! The settings of the server: flags, then environment variables, then one TOML file, then defaults.
//!
//! Everything is checked before anything is started. What is wrong is said in one line that names the setting in the
//! form in which it was given: `--listen`, `LOCKBOX_LISTEN` or `listen in /etc/lockbox.toml`.

mod cli;
mod layers;
mod network;
mod parse;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use lettre::message::Mailbox;

pub use cli::{
    AccountCommand, Actions, Cli, ClientCommand, Command, End, EnvironmentCommand, GrantCommand, JitCommand,
    KeysCommand, OrganizationCommand, Provision, Raise, Remote, RequestCommand, ServiceRequestCommand, Settings, Shell,
    Side, WebhookCommand,
};
pub use network::{Network, PublicUrl};

use crate::secret::Secret;
use layers::Layers;

/// A setting that stops the start. Prints as one line, whatever the values contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The setting, in the form in which it was given.
    pub setting: String,
    /// What is wrong with it, and what is allowed.
    pub message: String,
}

impl ConfigError {
    /// `setting` is wrong because of `message`.
    #[must_use]
    pub fn new(setting: impl Into<String>, message: impl Into<String>) -> Self {
        Self { setting: setting.into(), message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = format!("{}: {}", self.setting, self.message);
        line.chars().try_for_each(|c| write!(f, "{}", if c.is_control() { ' ' } else { c }))
    }
}

impl std::error::Error for ConfigError {}

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and port to listen on; port 0 lets the system choose.
    pub listen: SocketAddr,
    /// Folder for everything that the server writes.
    pub data_dir: PathBuf,
    /// The SQLite database file.
    pub database: PathBuf,
    /// Whether the demo is set up and served.
    pub demo: bool,
    /// Serve the portal from this folder instead of the embedded one.
    pub portal_dir: Option<PathBuf>,
    /// Service catalog; absent: the embedded one.
    pub catalog: Option<PathBuf>,
    /// JIT rules; absent: the embedded ones.
    pub jit_rules: Option<PathBuf>,
    /// How mail leaves. Absent: it is written as `.eml` files below the data folder.
    pub smtp: Option<Smtp>,
    /// How the log is written.
    pub log: Log,
    /// How long sessions last.
    pub session: SessionTimes,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Clients that may read `/metrics`.
    pub metrics_clients: Vec<Network>,
    /// Networks besides the internet to which webhooks may go.
    pub webhook_networks: Vec<Network>,
    /// PEM file with certificates of authorities that webhook receivers may have theirs from, besides the system's.
    pub webhook_ca_file: Option<PathBuf>,
    /// How long an idempotency key is remembered.
    pub idempotency_retention: Duration,
    /// How long a request waits for an approval inside the provider.
    pub internal_approval: Duration,
    /// Whether customers see the names of internal approvers.
    pub internal_approver_names: bool,
    public_url: Option<PublicUrl>,
    mail_from: Option<Mailbox>,
    /// What was given, by name, as whoever gave it knows it.
    given: BTreeMap<&'static str, String>,
}

/// How to reach the mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection of the connection.
    pub tls: SmtpTls,
    /// User name and password, where the server asks for them.
    pub credentials: Option<(String, Secret)>,
    /// Certificate authorities (PEM) to trust in addition to those of the system.
    pub ca_file: Option<PathBuf>,
}

/// Protection of the connection to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Plain first, then STARTTLS; without it nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// None: only for a mail server on the same machine or a closed network.
    None,
}

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Lines for people or for machines.
    pub format: LogFormat,
    /// A level (`info`), or levels by target (`info,lockbox_server=debug`).
    pub level: String,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimes {
    /// Without any call.
    pub idle: Duration,
    /// In any case.
    pub absolute: Duration,
}

impl Config {
    /// Reads the settings of this process: `flags` over its environment over the file that they name.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn of_process(flags: &Settings) -> Result<Self, ConfigError> {
        Self::load(flags, &|name| std::env::var_os(name), &|path| std::fs::read_to_string(path))
    }

    /// Reads the settings; what lies outside the process is passed in.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn load(
        flags: &Settings,
        env: &dyn Fn(&str) -> Option<OsString>,
        read: &dyn Fn(&Path) -> std::io::Result<String>,
    ) -> Result<Self, ConfigError> {
        let layers = Layers::read(flags, env, read)?;
        let listen = layers.get("listen", parse::listen)?.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let demo = layers.get("demo", parse::boolean)?.unwrap_or(false);
        if demo && !listen.ip().is_loopback() {
            let message = format!("the demo has public passwords and listens on loopback only, not on {}", listen.ip());
            return Err(layers.wrong(if layers.has("listen") { "listen" } else { "demo" }, message));
        }
        let default_dir = if demo { "./data/demo" } else { "./data" };
        let data_dir = layers.get("data_dir", parse::path)?.unwrap_or_else(|| default_dir.into());
        let database = layers.get("database_url", parse::database_url)?.unwrap_or_else(|| data_dir.join("lockbox.db"));
        let portal_dir = layers.get("portal_dir", parse::path)?;
        if portal_dir.as_deref().is_some_and(|dir| !dir.is_dir()) {
            return Err(layers.wrong("portal_dir", "there is no such folder"));
        }
        let smtp = smtp(&layers, read)?;
        let session = SessionTimes {
            idle: Duration::from_secs(60 * layers.number("session.idle_minutes", 1..=1440, 15)?),
            absolute: Duration::from_secs(3600 * layers.number("session.absolute_hours", 1..=168, 12)?),
        };
        if session.idle > session.absolute {
            return Err(layers.wrong("session.idle_minutes", "must not be longer than session.absolute_hours"));
        }
        Ok(Self {
            public_url: layers.get("public_url", PublicUrl::parse)?,
            mail_from: layers.get("mail_from", parse::mailbox)?,
            catalog: layers.get("catalog", parse::path)?,
            jit_rules: layers.get("jit_rules", parse::path)?,
            log: Log {
                format: layers.get("log.format", parse::log_format)?.unwrap_or(LogFormat::Text),
                level: layers.get("log.level", parse::log_level)?.unwrap_or_else(|| "info".to_owned()),
            },
            trusted_proxies: layers.get("trusted_proxies", Network::parse_list)?.unwrap_or_default(),
            metrics_clients: match layers.get("metrics_clients", Network::parse_list)? {
                Some(networks) => networks,
                None => Network::loopback(),
            },
            webhook_networks: layers.get("webhook_networks", Network::parse_list)?.unwrap_or_default(),
            webhook_ca_file: layers.get("webhook_ca_file", parse::path)?,
            idempotency_retention: Duration::from_secs(3600 * layers.number("idempotency_hours", 1..=720, 24)?),
            internal_approval: Duration::from_secs(3600 * layers.number("internal_approval_hours", 1..=168, 12)?),
            internal_approver_names: layers.get("internal_approver_names", parse::boolean)?.unwrap_or(false),
            listen,
            data_dir,
            database,
            demo,
            portal_dir,
            smtp,
            session,
            given: layers.called(),
        })
    }

    /// A setting as it was given: `--catalog`, `LOCKBOX_CATALOG` or `catalog in /etc/lockbox.toml`; as a flag where it was not.
    #[must_use]
    pub fn called(&self, name: &str) -> String {
        self.given.get(name).cloned().unwrap_or_else(|| layers::flag(name))
    }

    /// An error that names a setting by its name, naming it as it was given.
    #[must_use]
    pub fn as_given(&self, error: ConfigError) -> ConfigError {
        ConfigError { setting: self.called(&error.setting), ..error }
    }

    /// The address under which people reach the server: the one that was set, or `http://localhost` with the port
    /// that was really bound.
    #[must_use]
    pub fn public_url(&self, bound: SocketAddr) -> PublicUrl {
        self.public_url.clone().unwrap_or_else(|| PublicUrl::localhost(bound.port()))
    }

    /// The sender of every mail: the one that was set, or `lockbox@` the host of the public address.
    #[must_use]
    pub fn mail_from(&self, public_url: &PublicUrl) -> Mailbox {
        self.mail_from.clone().unwrap_or_else(|| public_url.default_sender())
    }
}

fn smtp(layers: &Layers, read: &dyn Fn(&Path) -> std::io::Result<String>) -> Result<Option<Smtp>, ConfigError> {
    let tls = layers.get("smtp.tls", parse::smtp_tls)?.unwrap_or(SmtpTls::StartTls);
    let default_port = match tls {
        SmtpTls::StartTls => 587,
        SmtpTls::Tls => 465,
        SmtpTls::None => 25,
    };
    let port = layers.get("smtp.port", parse::port)?.unwrap_or(default_port);
    let user = layers.get("smtp.user", parse::text)?;
    let ca_file = layers.get("smtp.ca_file", parse::path)?;
    let password = match (layers.get("smtp.password", parse::text)?, layers.get("smtp.password_file", parse::path)?) {
        (Some(_), Some(_)) => {
            return Err(layers.wrong("smtp.password_file", "give smtp.password or smtp.password_file, not both"));
        }
        (Some(password), None) => Some(password),
        (None, Some(file)) => {
            let text = read(&file).map_err(|error| {
                layers.wrong("smtp.password_file", format!("{} can't be read: {error}", file.display()))
            })?;
            Some(text.trim_end_matches(['\r', '\n']).to_owned())
        }
        (None, None) => None,
    };
    let Some(host) = layers.get("smtp.host", parse::host)? else {
        let others = ["smtp.tls", "smtp.port", "smtp.user", "smtp.password", "smtp.password_file", "smtp.ca_file"];
        return match others.into_iter().find(|name| layers.has(name)) {
            Some(name) => Err(layers.wrong(name, "needs smtp.host as well; without it mail is written to files")),
            None => Ok(None),
        };
    };
    let credentials = match (user, password) {
        (Some(user), Some(password)) => Some((user, Secret::new(password))),
        (None, None) => None,
        (Some(_), None) => return Err(layers.wrong("smtp.user", "needs smtp.password or smtp.password_file as well")),
        (None, Some(_)) => return Err(layers.wrong("smtp.password", "needs smtp.user as well")),
    };
    if tls == SmtpTls::None && credentials.is_some() && !network::is_loopback_host(&host) {
        return Err(layers.wrong("smtp.tls", "with none, the password would cross the network in plain text"));
    }
    Ok(Some(Smtp { host, port, tls, credentials, ca_file }))
}
