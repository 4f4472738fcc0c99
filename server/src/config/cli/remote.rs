//! Subcommands that speak to a running Lockbox over the provider API.

use std::path::PathBuf;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use lockbox_api::{
    Time,
    jit::{PermissionLevel, ReasonCode},
    provider::ActionOutcome,
    requests::{AccessState, Status},
    service_requests::Severity,
};

/// Takes one word of a closed set, and lists them in the help and to the shell.
macro_rules! word {
    ($type:ty) => {
        PossibleValuesParser::new(<$type>::ALL.iter().map(|word| word.as_str()))
            .try_map(|word| <$type>::parse(&word).ok_or("not one of the words"))
    };
}

/// Where Lockbox is, and how to answer.
#[derive(Debug, Clone, Args)]
pub struct Remote {
    /// Address of Lockbox, as in https://lockbox.example.com
    #[arg(long, env = "LOCKBOX_URL", value_name = "URL", help_heading = "Connection")]
    pub url: Option<String>,
    /// File that holds the API client's key; without it the variable LOCKBOX_KEY is read. There is no flag for the key
    /// itself, because other people on the machine can read flags
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    pub key_file: Option<PathBuf>,
    /// Send the key over plain http to another machine, too
    #[arg(long, help_heading = "Connection")]
    pub allow_http: bool,
    /// Print JSON, as the provider API has it; what Lockbox refuses comes as problem+json on standard error
    #[arg(long)]
    pub json: bool,
}

/// What can be done with access requests.
#[derive(Debug, Subcommand)]
pub enum RequestCommand {
    /// Raise a request. Prints its id and where it stands.
    #[command(after_help = WAIT_CODES)]
    Raise(Box<Raise>),
    /// Show one request: where it stands, the decision, the access, its timeline.
    Show {
        /// The request (lbx_…).
        id: String,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
    /// Wait until a request is decided, with a countdown on a terminal.
    #[command(after_help = WAIT_CODES)]
    Wait {
        /// The request (lbx_…).
        id: String,
        /// Give up after this time (90s, 15m, 2h, 1d) [default: when the request expires]
        #[arg(long, value_name = "TIME", value_parser = super::super::parse::length)]
        timeout: Option<std::time::Duration>,
        /// Print only the id of the grant, where there is one
        #[arg(short, long, conflicts_with = "json")]
        quiet: bool,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
    /// Withdraw a request before it is decided.
    Cancel(End),
    /// Give the access back: the work is done.
    Complete(End),
    /// Decide inside the provider, where a JIT rule asks for it.
    Decide {
        /// The request (lbx_…).
        id: String,
        /// Let it go on.
        #[arg(long, required_unless_present = "reject", conflicts_with = "reject")]
        approve: bool,
        /// Reject it.
        #[arg(long)]
        reject: bool,
        /// The provider's id for the person who decides; never the engineer who asked.
        #[arg(long, value_name = "ID")]
        approver: String,
        /// Their name, as the customer may see it.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Their role, as the rule names it (support_lead).
        #[arg(long, value_name = "ROLE")]
        role: String,
        /// Their team, which the customer sees beside the role [default: that of their account, if they have one]
        #[arg(long, value_name = "TEAM")]
        team: Option<String>,
        /// Why, 1 to 2,000 characters.
        #[arg(long, value_name = "TEXT")]
        justification: String,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
    /// List requests, newest first.
    List {
        /// Of one organisation.
        #[arg(long, value_name = "ID")]
        organization: Option<String>,
        /// For one environment.
        #[arg(long, value_name = "ID")]
        environment: Option<String>,
        /// For one support request.
        #[arg(long, value_name = "ID")]
        service_request: Option<String>,
        /// Of one engineer.
        #[arg(long, value_name = "ID")]
        engineer: Option<String>,
        /// In one status.
        #[arg(long, value_name = "STATUS", value_parser = word!(Status))]
        status: Option<Status>,
        /// With access in one state: active lists what is open now.
        #[arg(long, value_name = "STATE", value_parser = word!(AccessState))]
        access_state: Option<AccessState>,
        /// Rows at most; 0 lists all.
        #[arg(long, value_name = "NUMBER", default_value_t = 50)]
        limit: u32,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
}

/// What a request says. Flags stand over the file.
#[derive(Debug, Args)]
pub struct Raise {
    /// File with the request, in the JSON that POST /provider/v1/access-requests takes, whole or in part; - reads standard
    /// input. What a flag says stands over it.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Whose data.
    #[arg(long, value_name = "ID", help_heading = "Request")]
    pub organization: Option<String>,
    /// Where it lives.
    #[arg(long, value_name = "ID", help_heading = "Request")]
    pub environment: Option<String>,
    /// The support request it is for.
    #[arg(long, value_name = "ID", help_heading = "Request")]
    pub service_request: Option<String>,
    /// File with the engineer who asks, in JSON (id, name, jit_role, isolated_identity, mfa, team, location).
    #[arg(long, value_name = "FILE", help_heading = "Request")]
    pub engineer_file: Option<PathBuf>,
    /// Operation by wire name; may be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Request")]
    pub operation: Vec<String>,
    /// Data store; may be given several times.
    #[arg(long, value_name = "ID", help_heading = "Request")]
    pub data_store: Vec<String>,
    /// Pattern of what may be touched, * stands for anything; may be given several times.
    #[arg(long, value_name = "PATTERN", help_heading = "Request")]
    pub target: Vec<String>,
    /// How deep.
    #[arg(long, value_name = "LEVEL", value_parser = word!(PermissionLevel), help_heading = "Request")]
    pub permission: Option<PermissionLevel>,
    /// Whether customer data is reached directly.
    #[arg(long, value_name = "BOOL", help_heading = "Request")]
    pub direct_data_access: Option<bool>,
    /// Why, as a code.
    #[arg(long, value_name = "CODE", value_parser = word!(ReasonCode), help_heading = "Request")]
    pub reason: Option<ReasonCode>,
    /// Why, in words: 1 to 2,000 characters. The customer reads them.
    #[arg(long, value_name = "TEXT", help_heading = "Request")]
    pub justification: Option<String>,
    /// Minutes of access [default: the catalog's]
    #[arg(long, value_name = "MINUTES", help_heading = "Request")]
    pub minutes: Option<u32>,
    /// Raise nothing; say what would come of it.
    #[arg(long)]
    pub dry_run: bool,
    /// Wait until it is decided, as `lockbox request wait` does.
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,
    /// With --wait: give up after this time (90s, 15m, 2h, 1d)
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = super::super::parse::length)]
    pub timeout: Option<std::time::Duration>,
    /// Raised once under this key within 24 hours, however often the command is run [default: a new key each time]
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Print only the id of the request; with --wait that of the grant, where there is one
    #[arg(short, long, conflicts_with = "json")]
    pub quiet: bool,
    /// Connection.
    #[command(flatten)]
    pub remote: Remote,
}

/// How a request or its access ends.
#[derive(Debug, Args)]
pub struct End {
    /// The request (lbx_…).
    pub id: String,
    /// The engineer who asked.
    #[arg(long, value_name = "ID")]
    pub engineer: String,
    /// A closing note, up to 2,000 characters.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Connection.
    #[command(flatten)]
    pub remote: Remote,
}

/// What can be done with grants.
#[derive(Debug, Subcommand)]
pub enum GrantCommand {
    /// Ask whether an engineer may do something, now. Exit code 0: yes; 1: no. Any other exit code means no as well.
    #[command(after_help = CODES)]
    Check {
        /// The grant (grt_…).
        id: String,
        /// Who.
        #[arg(long, value_name = "ID")]
        engineer: String,
        /// Where.
        #[arg(long, value_name = "ID")]
        environment: String,
        /// What, by wire name.
        #[arg(long, value_name = "NAME")]
        operation: String,
        /// On what: database, table, file.
        #[arg(long, value_name = "TARGET")]
        target: Option<String>,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
    /// Report what was done: from a file, or one action by flags. Exit code 0: all of it is in the log; 1: something was
    /// refused (outside the grant; it is in the log as that) or is invalid (it is in the log as a faulty report; mend it and send it again).
    #[command(after_help = CODES)]
    Actions(Box<Actions>),
}

/// What was done.
#[derive(Debug, Args)]
pub struct Actions {
    /// The grant (grt_…).
    pub id: String,
    /// File with the actions: JSON as POST …/actions takes it, or a list, of any length; - reads standard input.
    #[arg(value_name = "FILE", required_unless_present = "engineer")]
    pub file: Option<PathBuf>,
    /// One action: who.
    #[arg(long, value_name = "ID", requires = "operation", conflicts_with = "file", help_heading = "One action")]
    pub engineer: Option<String>,
    /// What, by wire name.
    #[arg(long, value_name = "NAME", requires = "engineer", help_heading = "One action")]
    pub operation: Option<String>,
    /// On what.
    #[arg(long, value_name = "TARGET", requires = "engineer", help_heading = "One action")]
    pub target: Option<String>,
    /// The statement, or its digest.
    #[arg(long, value_name = "TEXT", requires = "engineer", help_heading = "One action")]
    pub statement: Option<String>,
    /// Rows touched.
    #[arg(long, value_name = "NUMBER", requires = "engineer", help_heading = "One action")]
    pub rows: Option<u64>,
    /// How it ended.
    #[arg(long, value_name = "OUTCOME", value_parser = word!(ActionOutcome), default_value = "success", help_heading = "One action")]
    pub outcome: ActionOutcome,
    /// When (RFC 3339) [default: now]
    #[arg(long, value_name = "TIME", requires = "engineer", help_heading = "One action")]
    pub time: Option<Time>,
    /// The provider's id for it, unique within the grant [default: a new one]
    #[arg(long, value_name = "ID", requires = "engineer", help_heading = "One action")]
    pub action: Option<String>,
    /// Connection.
    #[command(flatten)]
    pub remote: Remote,
}

/// What can be done with organisations.
#[derive(Debug, Subcommand)]
pub enum OrganizationCommand {
    /// Put a customer organisation: adds it, or changes its name. A new one begins with Lockbox off.
    Put {
        /// Its id (org_…).
        id: String,
        /// Display name.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
}

/// What can be done with environments.
#[derive(Debug, Subcommand)]
pub enum EnvironmentCommand {
    /// Put an environment: adds it, or replaces all that is known of it. The customer's policy stays as it is.
    Put {
        /// Its id (env_…).
        id: String,
        /// The organisation it belongs to.
        #[arg(long, value_name = "ID")]
        organization: String,
        /// Display name.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Id of its service in the catalog.
        #[arg(long, value_name = "ID")]
        service: String,
        /// Where it runs.
        #[arg(long, value_name = "REGION", default_value = "")]
        region: String,
        /// It has a database.
        #[arg(long)]
        database: bool,
        /// The environment that it was copied from; without it, what was said before stays.
        #[arg(long, value_name = "ID")]
        copied_from: Option<String>,
        /// The environment whose backup was restored into it; without it, what was said before stays.
        #[arg(long, value_name = "ID")]
        restored_from: Option<String>,
        /// It is gone: access to it ends, and what waits for one is cancelled.
        #[arg(long)]
        deleted: bool,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
    /// Mark an environment as gone. What it was stays known, and the customer's policy stays as it is.
    Delete {
        /// Its id (env_…).
        id: String,
        /// The organisation it belongs to.
        #[arg(long, value_name = "ID")]
        organization: String,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
}

/// What can be done with support requests.
#[derive(Debug, Subcommand)]
pub enum ServiceRequestCommand {
    /// Put a support request: adds it, or replaces all that is known of it. Messages that are known stay as they are.
    Put {
        /// The provider's number.
        id: String,
        /// The organisation it belongs to.
        #[arg(long, value_name = "ID")]
        organization: String,
        /// Title.
        #[arg(long, value_name = "TEXT")]
        title: String,
        /// What is wrong.
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: String,
        /// How bad it is.
        #[arg(long, value_name = "SEVERITY", value_parser = word!(Severity))]
        severity: Severity,
        /// The environment it is about.
        #[arg(long, value_name = "ID")]
        environment: Option<String>,
        /// It is closed: the access given for it ends.
        #[arg(long)]
        closed: bool,
        /// File with messages, a JSON list of {id, author, author_name, at, text}; - reads standard input.
        #[arg(long, value_name = "FILE")]
        messages: Option<PathBuf>,
        /// Connection.
        #[command(flatten)]
        remote: Remote,
    },
}

const CODES: &str = "\
Exit codes: 0 and 1 as above; 2 wrong flags or files; 3 Lockbox refused the call; 4 Lockbox can't be reached.";

const WAIT_CODES: &str = "\
Exit codes: 0 access is open (approved, or no consent was needed), or raised without --wait; 2 wrong flags or files; \
3 Lockbox refused the call; 4 Lockbox can't be reached; 10 denied; 11 expired; 12 cancelled; 13 rejected inside the provider; \
14 not decided within --timeout.";
