//! What single settings mean. The errors are the second half of a line: `--listen: "x" is not …`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use lettre::message::Mailbox;

use super::{LogFormat, SmtpTls};

pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("{text:?} is not an address with a port, for example 127.0.0.1:8080 or [::1]:8080"))
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("{text:?} is neither true nor false")),
    }
}

/// A length of time: `90s`, `15m`, `2h`, `1d`; a number alone is seconds.
pub(super) fn length(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3_600),
        Some((at, 'd')) => (&text[..at], 86_400),
        _ => (text, 1),
    };
    let seconds = number.parse::<u32>().ok().and_then(|number| u64::from(number).checked_mul(unit));
    seconds.map(Duration::from_secs).ok_or_else(|| "write a length of time as in 90s, 15m, 2h or 1d".to_owned())
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(PathBuf::from(text)) }
}

/// Any text but the empty one. Its value is never repeated in an error: it may be a secret.
pub(super) fn text(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port != 0).ok_or_else(|| format!("{text:?} is not a port from 1 to 65535"))
}

pub(super) fn host(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if !text.is_empty() && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not a host name or address"))
    }
}

/// `sqlite:PATH`. The address of another database may carry a password, so only its kind is repeated.
pub(super) fn database_url(text: &str) -> Result<PathBuf, String> {
    let Some(path) = text.strip_prefix("sqlite:") else {
        let kind = text.split(':').next().filter(|kind| kind.chars().all(|c| c.is_ascii_alphanumeric()));
        return Err(format!("only SQLite is built in (sqlite:PATH), not {:?}", kind.unwrap_or("this")));
    };
    let path = path.strip_prefix("//").unwrap_or(path);
    match path {
        "" => Err("sqlite: needs the path of a file after it".to_owned()),
        ":memory:" => Err("a database in memory would lose the log; name a file".to_owned()),
        path if path.contains('?') => Err("options after ? are not supported; give the path alone".to_owned()),
        path => Ok(PathBuf::from(path)),
    }
}

pub(super) fn smtp_tls(text: &str) -> Result<SmtpTls, String> {
    match text {
        "starttls" => Ok(SmtpTls::StartTls),
        "tls" => Ok(SmtpTls::Tls),
        "none" => Ok(SmtpTls::None),
        _ => Err(format!("{text:?} is not one of starttls, tls, none")),
    }
}

pub(super) fn mailbox(text: &str) -> Result<Mailbox, String> {
    let wrong = || format!("{text:?} is not an e-mail address such as Lockbox <lockbox@example.com>");
    // The mail library takes control characters in a name and gives up when it has to write them.
    if text.chars().any(char::is_control) { Err(wrong()) } else { text.parse().map_err(|_| wrong()) }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("{text:?} is not one of text, json")),
    }
}

/// `info`, or `info,lockbox_server=debug`. The filter library would take a misspelt level for the name of a target.
pub(super) fn log_level(text: &str) -> Result<String, String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let is_target = |target: &str| {
        !target.is_empty() && target.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
    };
    let fits = text.split(',').all(|part| match part.split_once('=') {
        Some((target, level)) => is_target(target) && LEVELS.contains(&level),
        None => LEVELS.contains(&part),
    });
    if fits {
        Ok(text.to_owned())
    } else {
        Err(format!("{text:?} is not a level ({}) or a list such as info,lockbox_server=debug", LEVELS.join(", ")))
    }
}
