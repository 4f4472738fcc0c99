//! The command line.

mod client;
mod keys;
mod remote;
mod webhook;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lockbox_api::session::Role;

pub use client::ClientCommand;
pub use keys::KeysCommand;
pub use remote::{
    Actions, End, EnvironmentCommand, GrantCommand, OrganizationCommand, Raise, Remote, RequestCommand,
    ServiceRequestCommand,
};
pub use webhook::WebhookCommand;

/// Lockbox: nobody of the provider reaches a customer's data without that customer's consent.
#[derive(Debug, Parser)]
#[command(name = "lockbox", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: REST API and portal.
    #[command(after_help = AFTER_HELP)]
    Serve(Settings),
    /// Print the OpenAPI document of this version.
    Openapi {
        /// Only the calls of one side.
        #[arg(long, value_name = "SIDE")]
        api: Option<Side>,
    },
    /// Ask the server that runs with these settings whether it is alive; exit code 0 or 1.
    Healthcheck(Settings),
    /// Accounts of people. Works on the data folder, also while the server runs.
    #[command(subcommand)]
    Account(AccountCommand),
    /// API clients of the provider. Works on the data folder, also while the server runs.
    #[command(subcommand)]
    Client(ClientCommand),
    /// The keys that sign leases. Works on the data folder, also while the server runs.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Where the provider is told what becomes of requests. Works on the data folder, also while the server runs.
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// The rules of the just-in-time service.
    #[command(subcommand)]
    Jit(JitCommand),
    /// Access requests: raise, wait for the answer, end. Speaks to a running Lockbox.
    #[command(subcommand)]
    Request(RequestCommand),
    /// Grants: ask whether something is allowed, report what was done. Speaks to a running Lockbox.
    #[command(subcommand)]
    Grant(GrantCommand),
    /// Show the services that Lockbox knows, or what an engineer can ask for in one of them.
    Catalog {
        /// Id of a service.
        service: Option<String>,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
    /// Customer organisations. Speaks to a running Lockbox.
    #[command(subcommand)]
    Organization(OrganizationCommand),
    /// Environments. Speaks to a running Lockbox.
    #[command(subcommand)]
    Environment(EnvironmentCommand),
    /// Support requests. Speaks to a running Lockbox.
    #[command(subcommand)]
    ServiceRequest(ServiceRequestCommand),
    /// Put organisations, environments, support requests and people from one file, all or nothing. May be run again and
    /// again: what is there as the file says stays as it is, and what the file does not name, too. Works on the data
    /// folder, also while the server runs.
    Provision(Box<Provision>),
    /// Print what a shell needs to complete these commands.
    #[command(after_help = COMPLETION)]
    Completion {
        /// The shell.
        shell: Shell,
    },
}

/// What to put.
#[derive(Debug, Args)]
pub struct Provision {
    /// The file (TOML).
    pub file: PathBuf,
    /// Change nothing; print what would be changed.
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Settings.
    #[command(flatten)]
    pub settings: Settings,
}

/// Shells that can complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Whose calls to describe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// The customer's people.
    Customer,
    /// The provider's just-in-time service.
    Provider,
}

const COMPLETION: &str = "\
bash: lockbox completion bash > ~/.local/share/bash-completion/completions/lockbox
zsh:  lockbox completion zsh > a folder of $fpath/_lockbox
fish: lockbox completion fish > ~/.config/fish/completions/lockbox.fish";

/// What can be done with the rules.
#[derive(Debug, Subcommand)]
pub enum JitCommand {
    /// Try a request on the catalog and rules of these settings, without a server and without raising it. Exit code 0: it
    /// goes on; 10: somebody inside the provider decides first; 11: a rule rejects it; 2: a file is wrong.
    Check {
        /// File with the request, in the JSON that POST /provider/v1/access-requests takes; - reads standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Service of the environment in the catalog; needed where several services have the operations.
        #[arg(long, value_name = "ID")]
        service: Option<String>,
        /// When it would be raised (RFC 3339) [default: now].
        #[arg(long, value_name = "TIME")]
        at: Option<lockbox_api::Time>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
}

/// What can be done to accounts.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Add an account; the password is read from standard input (one line).
    Add {
        /// Organisation that the provider has sent, or org_provider for the provider's own staff.
        #[arg(long, value_name = "ID")]
        organization: String,
        /// Address to sign in with.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Name that others see.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What the person may do; may be given several times.
        #[arg(long, value_name = "ROLE", required = true, value_parser = role)]
        role: Vec<Role>,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Say for which roles of the JIT rules a person of the provider approves inside, instead of those said before. The
    /// person has the role internal_approver.
    InternalApprover {
        /// Address of the account.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// A role of the rules, such as support_lead or devops_manager; may be given several times. None: for no role.
        #[arg(long, value_name = "ROLE")]
        approves_as: Vec<String>,
        /// Their team, as customers see it.
        #[arg(long, value_name = "TEAM")]
        team: Option<String>,
        /// The id under which the just-in-time service knows the same person as an engineer, so that they don't approve what
        /// they asked for; may be given several times. None: as it was.
        #[arg(long, value_name = "ID")]
        engineer_id: Vec<String>,
        /// They are no engineer (any more).
        #[arg(long, conflicts_with = "engineer_id")]
        no_engineer_id: bool,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
    /// Set a new password, read from standard input (one line), end the person's sessions and revoke their tokens.
    Password {
        /// Address of the account.
        #[arg(long, value_name = "ADDRESS")]
        email: String,
        /// Settings.
        #[command(flatten)]
        settings: Settings,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("one of {}", all.join(", "))
    })
}

const AFTER_HELP: &str = "\
Every setting can be given as a flag (--smtp-host), as an environment variable (LOCKBOX_SMTP_HOST) or in the TOML file \
(host in the table [smtp]); a flag beats the variable, the variable beats the file. An empty variable counts as absent. \
The mail server's password has no flag, because other people on the machine can read flags: use LOCKBOX_SMTP_PASSWORD, \
--smtp-password-file or the file.";

/// The settings as flags. All of them are text here; what they mean is checked in one place for all sources.
#[derive(Debug, Default, Clone, Args)]
pub struct Settings {
    /// TOML file with settings
    #[arg(long, value_name = "FILE")]
    pub config: Option<String>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Folder for everything that the server writes [default: ./data, with --demo ./data/demo]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Database [default: sqlite:DATA_DIR/lockbox.db]
    #[arg(long, value_name = "sqlite:PATH")]
    database_url: Option<String>,
    /// Address under which people reach the server [default: http://localhost:PORT]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Set up and serve the demo: invented organisations and accounts, loopback only
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    demo: Option<String>,
    /// Serve the portal from this folder instead of the one in the binary
    #[arg(long, value_name = "DIR")]
    portal_dir: Option<String>,
    /// Service catalog (TOML) instead of the one in the binary
    #[arg(long, value_name = "FILE")]
    catalog: Option<String>,
    /// JIT rules (TOML) instead of those in the binary
    #[arg(long, value_name = "FILE")]
    jit_rules: Option<String>,
    /// Mail server; without one, mail is written to files in DATA_DIR/mail
    #[arg(long, value_name = "HOST")]
    smtp_host: Option<String>,
    /// Port of the mail server [default: 587, with tls 465, with none 25]
    #[arg(long, value_name = "PORT")]
    smtp_port: Option<String>,
    /// Protection of the connection: starttls, tls or none [default: starttls]
    #[arg(long, value_name = "HOW")]
    smtp_tls: Option<String>,
    /// User name at the mail server
    #[arg(long, value_name = "NAME")]
    smtp_user: Option<String>,
    /// File that holds the password at the mail server
    #[arg(long, value_name = "FILE")]
    smtp_password_file: Option<String>,
    /// Certificate authorities (PEM) to trust for the mail server besides the system's
    #[arg(long, value_name = "FILE")]
    smtp_ca_file: Option<String>,
    /// Sender of every mail [default: Lockbox <lockbox@HOST_OF_PUBLIC_URL>]
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Form of the log: text or json [default: text]
    #[arg(long, value_name = "FORM")]
    log_format: Option<String>,
    /// How much to log: error, warn, info, debug, trace, or levels by target [default: info]
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Minutes without a call after which a session ends [default: 15]
    #[arg(long, value_name = "MINUTES")]
    session_idle_minutes: Option<String>,
    /// Hours after which a session ends in any case [default: 12]
    #[arg(long, value_name = "HOURS")]
    session_absolute_hours: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, with commas between them
    #[arg(long, value_name = "LIST")]
    trusted_proxies: Option<String>,
    /// Clients that may read /metrics: addresses or networks [default: loopback]
    #[arg(long, value_name = "LIST")]
    metrics_clients: Option<String>,
    /// Hours for which an Idempotency-Key is remembered [default: 24]
    #[arg(long, value_name = "HOURS")]
    idempotency_hours: Option<String>,
    /// Networks besides the internet to which webhooks may go: addresses or networks [default: none, not even loopback]
    #[arg(long, value_name = "LIST")]
    webhook_networks: Option<String>,
    /// Certificates (PEM) of authorities that webhook receivers may have theirs from, besides the system's
    #[arg(long, value_name = "FILE")]
    webhook_ca_file: Option<String>,
    /// Hours for which a request waits for an approval inside the provider [default: 12]
    #[arg(long, value_name = "HOURS")]
    internal_approval_hours: Option<String>,
    /// Whether customers see the names of the provider's internal approvers, besides role and team [default: false]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    internal_approver_names: Option<String>,
}

impl Settings {
    /// The flags that were given, under the names of the settings.
    pub(super) fn given(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("listen", &self.listen),
            ("data_dir", &self.data_dir),
            ("database_url", &self.database_url),
            ("public_url", &self.public_url),
            ("demo", &self.demo),
            ("portal_dir", &self.portal_dir),
            ("catalog", &self.catalog),
            ("jit_rules", &self.jit_rules),
            ("smtp.host", &self.smtp_host),
            ("smtp.port", &self.smtp_port),
            ("smtp.tls", &self.smtp_tls),
            ("smtp.user", &self.smtp_user),
            ("smtp.password_file", &self.smtp_password_file),
            ("smtp.ca_file", &self.smtp_ca_file),
            ("mail_from", &self.mail_from),
            ("log.format", &self.log_format),
            ("log.level", &self.log_level),
            ("session.idle_minutes", &self.session_idle_minutes),
            ("session.absolute_hours", &self.session_absolute_hours),
            ("trusted_proxies", &self.trusted_proxies),
            ("metrics_clients", &self.metrics_clients),
            ("idempotency_hours", &self.idempotency_hours),
            ("webhook_networks", &self.webhook_networks),
            ("webhook_ca_file", &self.webhook_ca_file),
            ("internal_approval_hours", &self.internal_approval_hours),
            ("internal_approver_names", &self.internal_approver_names),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}
