//! Mail through a real mail server: aiosmtpd, started by each test with a certificate of its own.
//!
//! `LOCKBOX_TEST_PYTHON` names a Python that has aiosmtpd; `cargo xtask test` sets it. Without it the tests fail.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on must stop")]
#![allow(unreachable_pub, clippy::allow_attributes, reason = "the certificates are made for other tests as well")]

#[path = "support/certificates.rs"]
mod certificates;

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use lockbox_api::ids::MailId;
use lockbox_server::{
    config::{Config, PublicUrl, Settings, Smtp, SmtpTls},
    notify::{Mail, Mailer, SendError},
    secret::Secret,
};
use mailparse::MailHeaderMap as _;
use serde_json::Value;

const SCRIPT: &str = include_str!("smtp/server.py");
const TEXT: &str = "Engineer 417 asks.\n.\nQUIT\n..\nZoë ünal 山田";

struct MailServer {
    process: Child,
    folder: tempfile::TempDir,
    authority: PathBuf,
    ports: Value,
}

impl MailServer {
    fn start() -> Self {
        let python = std::env::var_os("LOCKBOX_TEST_PYTHON").expect(
            "LOCKBOX_TEST_PYTHON must name a Python with aiosmtpd 1.4.6: run `cargo xtask test`, which installs one, or \
             set it to target/mail-server/bin/python",
        );
        let folder = tempfile::tempdir().unwrap();
        let authority = certificates::authority(folder.path());
        let pair = certificates::certificate(folder.path(), "localhost");
        let script = folder.path().join("server.py");
        std::fs::write(&script, SCRIPT).unwrap();
        let mut process = Command::new(&python)
            .arg(&script)
            .args([folder.path(), &pair.certificate, &pair.key])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Refused handshakes are what some tests want; their tracebacks are of interest only when the start fails.
            .stderr(File::create(folder.path().join("server.log")).unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("LOCKBOX_TEST_PYTHON ({}) can't be run: {error}", python.display()));
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ports = serde_json::from_str(&line).unwrap_or_else(|_| {
            let log = std::fs::read_to_string(folder.path().join("server.log")).unwrap_or_default();
            panic!("the mail server did not start (has {} aiosmtpd 1.4.6?):\n{log}", python.display())
        });
        Self { process, folder, authority, ports }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings that work, for one of the three ways.
    fn settings(&self, tls: SmtpTls) -> Smtp {
        let name = match tls {
            SmtpTls::StartTls => "starttls",
            SmtpTls::Tls => "tls",
            SmtpTls::None => "none",
        };
        Smtp {
            host: "localhost".to_owned(),
            port: u16::try_from(self.ports[name].as_u64().unwrap()).unwrap(),
            tls,
            credentials: (tls != SmtpTls::None).then(|| ("lockbox".to_owned(), Secret::new("correct horse"))),
            ca_file: (tls != SmtpTls::None).then(|| self.authority.clone()),
        }
    }

    /// The mails that have arrived, each with its envelope, oldest first.
    fn arrived(&self) -> Vec<(Vec<u8>, Value)> {
        (1..)
            .map_while(|number| {
                let about = std::fs::read_to_string(self.path(&format!("{number}.json"))).ok()?;
                Some((
                    std::fs::read(self.path(&format!("{number}.eml"))).unwrap(),
                    serde_json::from_str(&about).unwrap(),
                ))
            })
            .collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It ends by itself when its input is closed; this is quicker, and sure.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

async fn send(settings: &Smtp, to: &str) -> Result<(), SendError> {
    send_by(&mailer(settings), to).await
}

fn mailer(settings: &Smtp) -> Mailer {
    let none = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let mut config = Config::load(&Settings::default(), &|_| None, &none).unwrap();
    config.smtp = Some(settings.clone());
    Mailer::new(&config, &PublicUrl::parse("https://lockbox.example").unwrap()).unwrap()
}

async fn send_by(mailer: &Mailer, to: &str) -> Result<(), SendError> {
    let mail = Mail {
        id: MailId::from("eml_01kax"),
        to: to.to_owned(),
        subject: "Action needed: access to Zoë".to_owned(),
        text: TEXT.to_owned(),
        html: "<p>Zoë</p>".to_owned(),
        created_at: "2026-11-22T03:00:00Z".parse().unwrap(),
    };
    mailer.send(&mail).await
}

/// The error is of the kind that is tried again, and says neither to whom nor what.
fn delayed(result: Result<(), SendError>, says: &str) {
    match result {
        Err(SendError { permanent: false, reason: text, .. }) => {
            assert!(text.contains(says), "{text}");
            assert!(!text.contains('@') && !text.contains("Zoë") && !text.contains("correct horse"), "{text}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mail_arrives_whole_over_starttls_and_over_tls_with_credentials() {
    let server = MailServer::start();
    for tls in [SmtpTls::StartTls, SmtpTls::Tls] {
        send(&server.settings(tls), "ada@meridian.example").await.unwrap();
    }
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 2);
    for (bytes, about) in arrived {
        assert_eq!(about["from"], "lockbox@lockbox.example");
        assert_eq!(about["to"], serde_json::json!(["ada@meridian.example"]));
        assert_eq!((&about["tls"], &about["user"]), (&Value::Bool(true), &Value::from("lockbox")));
        let mail = mailparse::parse_mail(&bytes).unwrap();
        let header = |name: &str| mail.headers.get_first_value(name).unwrap();
        assert_eq!(header("Message-ID"), "<eml_01kax@lockbox.example>");
        assert_eq!(header("Subject"), "Action needed: access to Zoë");
        assert_eq!(header("Auto-Submitted"), "auto-generated");
        assert_eq!(mail.subparts[0].get_body().unwrap().replace("\r\n", "\n"), TEXT, "dots and all");
        assert_eq!(mail.subparts[1].get_body().unwrap(), "<p>Zoë</p>");
    }
}

#[tokio::test]
async fn without_tls_only_where_that_is_set() {
    let server = MailServer::start();
    send(&server.settings(SmtpTls::None), "ada@meridian.example").await.unwrap();
    assert_eq!(server.arrived()[0].1["tls"], Value::Bool(false));
    let mut settings = server.settings(SmtpTls::StartTls);
    settings.port = server.settings(SmtpTls::None).port;
    delayed(send(&settings, "ada@meridian.example").await, "the mail server");
    assert_eq!(server.arrived().len(), 1, "a server without STARTTLS gets nothing");
}

#[tokio::test]
async fn what_is_put_off_arrives_later_as_the_same_mail() {
    let server = MailServer::start();
    let transport = mailer(&server.settings(SmtpTls::StartTls));
    delayed(send_by(&transport, "later@meridian.example").await, "451");
    assert_eq!(server.arrived().len(), 0);
    send_by(&transport, "later@meridian.example").await.unwrap();
    send_by(&transport, "later@meridian.example").await.unwrap();
    let ids: Vec<Option<String>> = server
        .arrived()
        .iter()
        .map(|(bytes, _)| mailparse::parse_mail(bytes).unwrap().headers.get_first_value("Message-ID"))
        .collect();
    assert_eq!(ids, [Some("<eml_01kax@lockbox.example>".to_owned()), Some("<eml_01kax@lockbox.example>".to_owned())]);
}

#[tokio::test]
async fn a_mailbox_that_is_gone_is_given_up() {
    let server = MailServer::start();
    match send(&server.settings(SmtpTls::StartTls), "gone@meridian.example").await {
        Err(SendError { permanent: true, reason: text, .. }) => assert_eq!(text, "the mail server said 550"),
        other => panic!("{other:?}"),
    }
    send(&server.settings(SmtpTls::StartTls), "ada@meridian.example").await.unwrap();
}

#[tokio::test]
async fn wrong_settings_delay_and_lose_nothing() {
    let server = MailServer::start();
    let right = server.settings(SmtpTls::StartTls);
    let mut password = right.clone();
    password.credentials = Some(("lockbox".to_owned(), Secret::new("wrong horse")));
    delayed(send(&password, "ada@meridian.example").await, "535");
    let mut anonymous = right.clone();
    anonymous.credentials = None;
    delayed(send(&anonymous, "ada@meridian.example").await, "530");
    for tls in [SmtpTls::StartTls, SmtpTls::Tls] {
        let mut stranger = server.settings(tls);
        stranger.ca_file = None;
        delayed(send(&stranger, "ada@meridian.example").await, "certificate");
        let mut renamed = server.settings(tls);
        renamed.host = "127.0.0.1".to_owned();
        delayed(send(&renamed, "ada@meridian.example").await, "certificate");
    }
    assert_eq!(server.arrived().len(), 0);
    send(&right, "ada@meridian.example").await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_down_delays() {
    let server = MailServer::start();
    let mut settings = server.settings(SmtpTls::StartTls);
    drop(server);
    settings.ca_file = None;
    delayed(send(&settings, "ada@meridian.example").await, "no connection");
}
