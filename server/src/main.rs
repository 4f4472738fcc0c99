//! The `lockbox` binary: reads the command line, starts, stops.

use std::{
    io::{self, IsTerminal, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use clap::{CommandFactory, Parser, error::ErrorKind};
use lockbox_server::{
    build_app,
    commands::{self, Done, Failed},
    config::{Cli, Command, Config, ConfigError, Log, LogFormat, Shell, Side},
    demo,
    http::{middleware::report_panics, openapi, serve::serve},
    live::Stop,
    start::StartError,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Exit code for wrong flags, variables and files.
const WRONG_SETTINGS: u8 = 2;
/// How long the health check waits.
const HEALTH_PATIENCE: Duration = Duration::from_secs(3);

/// Why the process ends early: one line for the person who started it.
enum Failure {
    Settings(ConfigError),
    Remote(Box<Failed>),
    Other(String),
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Config(error) => Self::Settings(error),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Settings(error)
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli.command) {
        Ok(code) => ExitCode::from(code),
        Err(Failure::Settings(error)) => {
            say(&format!("lockbox: {error}"));
            ExitCode::from(WRONG_SETTINGS)
        }
        Err(Failure::Remote(failed)) => {
            say(&failed.to_string());
            ExitCode::from(failed.code)
        }
        Err(Failure::Other(line)) => {
            say(&format!("lockbox: {line}"));
            ExitCode::FAILURE
        }
    }
}

/// Help and version as they are; a mistake as one line.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) {
        // Whoever closed the pipe does not want to read it.
        let _ = error.print();
        return ExitCode::from(if error.use_stderr() { WRONG_SETTINGS } else { 0 });
    }
    let text = error.render().to_string();
    let mut lines = text.lines();
    let mut line = lines.next().unwrap_or_default().to_owned();
    // What is missing stands on lines of its own.
    if line.ends_with(':') {
        let named: Vec<&str> = lines.map_while(|line| line.strip_prefix("  ")).map(str::trim).collect();
        line = format!("{line} {}", named.join(", "));
    }
    say(&format!("lockbox: {} (see lockbox --help)", line.strip_prefix("error: ").unwrap_or(&line)));
    ExitCode::from(WRONG_SETTINGS)
}

/// One line on standard error, before the log is set up and for commands without one.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Does it; returns the exit code.
fn run(command: Command) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Other(format!("the runtime can't be started: {error}")))?;
    match command {
        Command::Serve(settings) => runtime.block_on(start(Config::of_process(&settings)?)),
        Command::Openapi { api } => print_openapi(api),
        Command::Healthcheck(settings) => runtime.block_on(healthcheck(Config::of_process(&settings)?.listen)),
        Command::Account(command) => print(&runtime.block_on(commands::account(&command))?),
        Command::Client(command) => print(&runtime.block_on(commands::client(&command))?),
        Command::Webhook(command) => print(&runtime.block_on(commands::webhook(&command))?),
        Command::Keys(command) => print(&runtime.block_on(commands::keys(&command))?),
        Command::Jit(command) => {
            let (text, code) = commands::jit(&command)?;
            print(&text)?;
            return Ok(code);
        }
        Command::Request(command) => return answer(runtime.block_on(commands::request(&command))),
        Command::Grant(command) => return answer(runtime.block_on(commands::grant(&command))),
        Command::Catalog { service, remote } => {
            return answer(runtime.block_on(commands::catalog(service.as_deref(), &remote)));
        }
        Command::Organization(command) => return answer(runtime.block_on(commands::organization(&command))),
        Command::Environment(command) => return answer(runtime.block_on(commands::environment(&command))),
        Command::ServiceRequest(command) => return answer(runtime.block_on(commands::service_request(&command))),
        Command::Provision(command) => print(&runtime.block_on(commands::provision(&command))?),
        Command::Completion { shell } => print_completion(shell),
    }?;
    Ok(0)
}

/// Prints what a running Lockbox answered.
fn answer(done: Result<Done, Failed>) -> Result<u8, Failure> {
    let done = done.map_err(|failed| Failure::Remote(Box::new(failed)))?;
    print(&done.text)?;
    Ok(done.code)
}

/// Starts the server and returns when it has stopped.
async fn start(config: Config) -> Result<(), Failure> {
    set_up_log(&config.log)?;
    report_panics();
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure::Other(format!("--listen: {} can't be listened on: {error}", config.listen)))?;
    let bound = listener.local_addr().map_err(|error| Failure::Other(format!("--listen: {error}")))?;

    let started = lockbox_server::start::start(&config, bound).await?;
    let stop = started.state.stop.clone();
    stop_on_signal(stop.clone())?;
    let mut out = io::stdout();
    // Whoever started the server waits for this line; it stands first, alone.
    let _ = writeln!(out, "listening on http://{bound}");
    if config.demo {
        let _ = writeln!(out, "{}", demo::welcome(&started.state.env.public_url));
    }
    let (stopping, jobs) = (stop.clone(), started.jobs);
    let jobs = async move {
        stopping.begun().await;
        jobs.stop().await;
    };
    let (whole, ()) = tokio::join!(serve(listener, build_app(started.state.clone()), stop), jobs);
    // Calls may have ended after the jobs.
    lockbox_server::jobs::refused_sign_ins::write(&started.state).await;
    if whole {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped; calls that took too long were cut off");
    }
    Ok(())
}

fn set_up_log(log: &Log) -> Result<(), Failure> {
    let filter: Targets = log.level.parse().map_err(|error| Failure::Other(format!("--log-level: {error}")))?;
    // Colours are for people at a terminal, not for files.
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let layer = match log.format {
        LogFormat::Text => layer.with_target(false).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(layer).with(filter).init();
    Ok(())
}

/// Begins the stop at SIGTERM or SIGINT. A second signal ends the process at once.
fn stop_on_signal(stop: Stop) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Other(format!("signals can't be watched: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    tokio::spawn(async move {
        for already in [false, true] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if already {
                std::process::exit(1);
            }
            tracing::info!("stopping: no new calls are taken, those under way are finished");
            stop.begin();
        }
    });
    Ok(())
}

fn print_openapi(api: Option<Side>) -> Result<(), Failure> {
    let text = match api {
        None => openapi::text(),
        Some(Side::Customer) => openapi::text_of(openapi::Side::Customer),
        Some(Side::Provider) => openapi::text_of(openapi::Side::Provider),
    };
    print(&text.map_err(|error| Failure::Other(format!("the document: {error}")))?)
}

fn print_completion(shell: Shell) -> Result<(), Failure> {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
    };
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lockbox", &mut text);
    print(&String::from_utf8_lossy(&text))
}

fn print(text: &str) -> Result<(), Failure> {
    write!(io::stdout(), "{text}").map_err(|error| Failure::Other(format!("standard output: {error}")))
}

/// Asks `/healthz` of the server that listens on `listen`.
async fn healthcheck(listen: SocketAddr) -> Result<(), Failure> {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let address = SocketAddr::new(ip, listen.port());
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(64 * 1024).read_to_end(&mut answer).await?;
        Ok::<_, io::Error>(answer.starts_with(b"HTTP/1.1 200 "))
    };
    match timeout(HEALTH_PATIENCE, ask).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Failure::Other(format!("{address} is not healthy"))),
        Ok(Err(error)) => Err(Failure::Other(format!("{address} does not answer: {error}"))),
        Err(_) => Err(Failure::Other(format!("{address} does not answer in time"))),
    }
}
