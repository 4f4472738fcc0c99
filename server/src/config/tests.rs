//! Tables of settings from every source, right and wrong.

use std::{
    collections::HashMap,
    ffi::OsString,
    io,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Parser;

use super::{Cli, Command, Config, ConfigError, LogFormat, Network, PublicUrl, SmtpTls};

/// Loads the settings of `lockbox serve FLAGS` with these variables; the file `/c.toml` holds `file`, `/secret` a password.
fn load(flags: &[&str], env: &[(&str, &str)], file: &str) -> Result<Config, ConfigError> {
    let cli = Cli::try_parse_from(["lockbox", "serve"].iter().chain(flags)).unwrap();
    let Command::Serve(settings) = cli.command else { panic!("not serve") };
    let env: HashMap<_, _> = env.iter().copied().collect();
    let read = |path: &Path| match path.to_str() {
        Some("/c.toml") => Ok(file.to_owned()),
        Some("/secret") => Ok("hunter2\n".to_owned()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    Config::load(&settings, &|name| env.get(name).map(OsString::from), &read)
}

fn load_file(file: &str) -> Result<Config, ConfigError> {
    load(&["--config", "/c.toml"], &[], file)
}

#[test]
fn defaults() {
    let config = load(&[], &[], "").unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.database, PathBuf::from("./data/lockbox.db"));
    assert_eq!(config.session.idle, Duration::from_secs(15 * 60));
    assert_eq!(config.session.absolute, Duration::from_secs(12 * 3600));
    assert_eq!(config.idempotency_retention, Duration::from_secs(24 * 3600));
    assert_eq!((config.internal_approval, config.internal_approver_names), (Duration::from_secs(12 * 3600), false));
    assert!(config.smtp.is_none() && !config.demo && config.trusted_proxies.is_empty());
    let url = config.public_url("127.0.0.1:4711".parse().unwrap());
    assert_eq!(url.as_str(), "http://localhost:4711");
    assert_eq!(config.mail_from(&url).to_string(), "Lockbox <lockbox@localhost>");
}

#[test]
fn flags_beat_variables_and_variables_beat_the_file() {
    let file = "listen = '127.0.0.1:1'\n[log]\nformat = 'json'\nlevel = 'warn'\n[session]\nidle_minutes = 5";
    let env = [("LOCKBOX_CONFIG", "/c.toml"), ("LOCKBOX_LISTEN", "127.0.0.1:2"), ("LOCKBOX_LOG_LEVEL", "debug")];
    let config = load(&["--listen", "127.0.0.1:3"], &env, file).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.log.level, "debug");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.session.idle, Duration::from_secs(300));
    assert_eq!(load(&[], &env, file).unwrap().listen.port(), 2);
    assert_eq!(load(&[], &[("LOCKBOX_LISTEN", "")], "").unwrap().listen.port(), 8080, "an empty variable is absent");
    let config = load(&["--demo=false", "--config", "/c.toml"], &[], "demo = true").unwrap();
    assert!(!config.demo);
    assert!(load(&["--demo"], &[], "").unwrap().demo);
}

#[test]
fn the_demo_keeps_to_itself() {
    assert_eq!(load(&["--demo"], &[], "").unwrap().data_dir, PathBuf::from("./data/demo"));
    for address in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
        let error = load(&["--demo", "--listen", address], &[], "").unwrap_err();
        assert_eq!(error.setting, "--listen", "{error}");
    }
    load(&["--demo", "--listen", "[::1]:0"], &[], "").unwrap();
}

#[test]
fn mail_settings() {
    let smtp = |file: &str| load_file(file).unwrap().smtp.unwrap();
    for (file, port, tls) in [
        ("[smtp]\nhost = 'mail'", 587, SmtpTls::StartTls),
        ("[smtp]\nhost = 'mail'\ntls = 'tls'", 465, SmtpTls::Tls),
        ("[smtp]\nhost = 'mail'\ntls = 'none'", 25, SmtpTls::None),
        ("[smtp]\nhost = 'mail'\nport = 2525", 2525, SmtpTls::StartTls),
    ] {
        assert_eq!((smtp(file).port, smtp(file).tls), (port, tls), "{file}");
    }
    for file in
        ["[smtp]\nhost='m'\nuser='u'\npassword='hunter2'", "[smtp]\nhost='m'\nuser='u'\npassword_file='/secret'"]
    {
        let (user, password) = smtp(file).credentials.unwrap();
        assert_eq!((user.as_str(), password.expose()), ("u", "hunter2"));
        assert!(!format!("{:?}", load_file(file)).contains("hunter2"));
    }
    smtp("[smtp]\nhost='127.0.0.1'\ntls='none'\nuser='u'\npassword='p'");
    let config = load(&["--mail-from", "Ops <ops@example.org>"], &[], "").unwrap();
    assert_eq!(config.mail_from(&PublicUrl::localhost(1)).email.to_string(), "ops@example.org");
}

#[test]
fn every_wrong_value_is_named_in_one_line() {
    for (flags, setting) in [
        (["--listen", "8080"], "--listen"),
        (["--listen", "localhost:8080"], "--listen"),
        (["--data-dir", ""], "--data-dir"),
        (["--database-url", "postgres://u:hunter2@h/db"], "--database-url"),
        (["--database-url", "lockbox.db"], "--database-url"),
        (["--database-url", "sqlite::memory:"], "--database-url"),
        (["--public-url", "lockbox.example"], "--public-url"),
        (["--public-url", "https://lockbox.example/portal"], "--public-url"),
        (["--public-url", "https://u@lockbox.example"], "--public-url"),
        (["--public-url", "http://lockbox.example"], "--public-url"),
        (["--public-url", "ftp://localhost"], "--public-url"),
        (["--public-url", "https://localhost:99999"], "--public-url"),
        (["--portal-dir", "/no/such/folder"], "--portal-dir"),
        (["--config", "/absent.toml"], "--config"),
        (["--smtp-host", "mail host"], "--smtp-host"),
        (["--smtp-port", "587"], "--smtp-port"),
        (["--mail-from", "not an address"], "--mail-from"),
        (["--mail-from", "a@b.example\r\nBcc: c@d.example"], "--mail-from"),
        (["--mail-from", "Lock\u{7}box <a@b.example>"], "--mail-from"),
        (["--mail-from", "Lock\nbox <a@b.example>"], "--mail-from"),
        (["--log-format", "xml"], "--log-format"),
        (["--log-level", "inof"], "--log-level"),
        (["--session-idle-minutes", "0"], "--session-idle-minutes"),
        (["--session-idle-minutes", "1440"], "--session-idle-minutes"),
        (["--session-absolute-hours", "soon"], "--session-absolute-hours"),
        (["--trusted-proxies", "10.0.0.0/33"], "--trusted-proxies"),
        (["--metrics-clients", "everybody"], "--metrics-clients"),
        (["--idempotency-hours", "-1"], "--idempotency-hours"),
    ] {
        let flags = [format!("{}={}", flags[0], flags[1])];
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        check(load(&flags, &[], ""), setting, &format!("{flags:?}"));
    }
    for (name, value) in [("LOCKBOX_LISTEN", "x"), ("LOCKBOX_DEMO", "yes"), ("LOCKBOX_SMTP_PASSWORD", "hunter2")] {
        check(load(&[], &[(name, value)], ""), name, name);
    }
    for (file, setting) in [
        ("listen = 8080", "listen in /c.toml"),
        ("lisen = '127.0.0.1:1'", "lisen in /c.toml"),
        ("[smtp]\nhots = 'mail'", "smtp.hots in /c.toml"),
        ("[other]\nkey = 1", "other.key in /c.toml"),
        ("demo = 1.5", "demo in /c.toml"),
        ("smtp = 'mail'", "smtp in /c.toml"),
        ("log.level = 'info'\nthis is no toml", "/c.toml line 2"),
        ("demo = true\ndemo = true", "/c.toml line 2"),
        ("[smtp]\npassword = 'hunter2'", "smtp.password in /c.toml"),
        ("[smtp]\nhost = 'm'\npassword = 'hunter2'", "smtp.password in /c.toml"),
        ("[smtp]\nhost = 'm'\nuser = 'u'", "smtp.user in /c.toml"),
        ("[smtp]\nhost = 'm'\ntls = 'maybe'", "smtp.tls in /c.toml"),
        ("[smtp]\nhost='m'\nuser='u'\npassword='hunter2'\npassword_file='/secret'", "smtp.password_file in /c.toml"),
        ("[smtp]\nhost = 'm'\nuser = 'u'\npassword_file = '/absent'", "smtp.password_file in /c.toml"),
        ("[smtp]\nhost = 'm'\ntls = 'none'\nuser = 'u'\npassword = 'hunter2'", "smtp.tls in /c.toml"),
    ] {
        check(load_file(file), setting, file);
    }
}

fn check(result: Result<Config, ConfigError>, setting: &str, case: &str) {
    let error = result.expect_err(case);
    assert_eq!(error.setting, setting, "{case}: {error}");
    let line = error.to_string();
    assert!(line.starts_with(setting) && !line.contains(['\n', '\r']), "{case}: {line}");
    assert!(!line.contains("hunter2"), "{case} gives the secret away: {line}");
}

#[test]
fn unknown_flags_are_refused() {
    assert!(Cli::try_parse_from(["lockbox", "serve", "--lisen", "x"]).is_err());
    assert!(Cli::try_parse_from(["lockbox", "serve", "--smtp-password", "x"]).is_err(), "flags can be read by others");
}

#[test]
fn public_urls() {
    for (text, origin, https) in [
        ("https://Lockbox.Example/", "https://lockbox.example", true),
        ("https://lockbox.example:443", "https://lockbox.example", true),
        ("https://lockbox.example:8443", "https://lockbox.example:8443", true),
        ("http://localhost:8080", "http://localhost:8080", false),
        ("http://127.0.0.1", "http://127.0.0.1", false),
        ("http://[::1]:80", "http://[::1]", false),
    ] {
        let url = PublicUrl::parse(text).unwrap();
        assert_eq!((url.as_str(), url.is_https()), (origin, https), "{text}");
    }
    for text in ["https://h/?q", "https://h/#f", "https://h:", "https://", "https:///", "http://10.0.0.1", "//h", ""] {
        assert!(PublicUrl::parse(text).is_err(), "{text}");
    }
    let at = |text: &str| load(&["--public-url", text], &[], "").unwrap();
    let sender = |text: &str| at(text).mail_from(&PublicUrl::parse(text).unwrap()).email.to_string();
    assert_eq!(sender("https://[2001:db8::1]"), "lockbox@localhost");
    assert_eq!(sender("http://127.0.0.1:8080"), "lockbox@localhost");
    assert_eq!(sender("https://lockbox.example:8443"), "lockbox@lockbox.example");
    let bound: SocketAddr = "127.0.0.1:1".parse().unwrap();
    assert_eq!(
        at("https://lockbox.example").public_url(bound).join("/requests/x"),
        "https://lockbox.example/requests/x"
    );
}

#[test]
fn networks() {
    let list = Network::parse_list("10.0.0.0/8, 192.0.2.7,2001:db8::/32 , 0.0.0.0/32").unwrap();
    let inside = |ip: &str| list.iter().any(|network| network.contains(ip.parse::<IpAddr>().unwrap()));
    for ip in ["10.1.2.3", "10.255.255.255", "192.0.2.7", "2001:db8:ffff::1", "::ffff:10.0.0.1"] {
        assert!(inside(ip), "{ip}");
    }
    for ip in ["11.0.0.0", "9.255.255.255", "192.0.2.8", "2001:db9::", "::1", "::ffff:192.0.2.6"] {
        assert!(!inside(ip), "{ip}");
    }
    let all = Network::parse_list("0.0.0.0/0,::/0").unwrap();
    assert!(all[0].contains("255.1.1.1".parse().unwrap()) && all[1].contains("ff::1".parse().unwrap()));
}
