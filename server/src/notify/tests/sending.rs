//! How mails leave: files, and a scripted SMTP server.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    config::{Smtp, SmtpTls},
    secret::Secret,
};

fn content() -> Content {
    render_request_mail(&request(), "Meridian", "Contoso", at("2026-11-22T09:00:00Z"))
}

#[tokio::test]
async fn files_are_whole_and_the_same_mail_is_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = mailer(dir.path());
    let mail = mail(content(), "approver@meridian.example");
    mailer.send(&mail).await.unwrap();
    mailer.send(&mail).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(mailer.folder().unwrap()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(files, [dir.path().join("mail/eml_01kaaaaaaaaaaaaaaaaaaaaaaa.eml")]);
    let raw = std::fs::read(&files[0]).unwrap();
    assert_eq!(parse_mail(&raw).unwrap().headers.get_first_value("To").unwrap(), "approver@meridian.example");
}

#[tokio::test]
async fn an_id_can_not_name_another_file() {
    let dir = tempfile::tempdir().unwrap();
    let mail = Mail { id: "../../evil".into(), ..mail(content(), "a@b.example") };
    mailer(dir.path()).send(&mail).await.unwrap();
    assert!(dir.path().join("mail/evil.eml").exists());
}

#[tokio::test]
async fn a_folder_that_is_gone_is_tried_again_later() {
    let dir = tempfile::tempdir().unwrap();
    let mailer = mailer(dir.path());
    std::fs::remove_dir(dir.path().join("mail")).unwrap();
    assert!(!mailer.send(&mail(content(), "a@b.example")).await.unwrap_err().permanent);
}

/// A mail server on loopback: refuses what its script names, keeps what it takes.
struct Server {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
}

/// Command prefix → answer, where it is not the usual one.
type Script = &'static [(&'static str, &'static str)];

impl Server {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&taken);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, script, Arc::clone(&kept)));
            }
        });
        Self { port, taken }
    }

    fn mailer(&self, tls: SmtpTls, credentials: Option<(&str, &str)>) -> Mailer {
        let mut config = defaults();
        let smtp = Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls,
            credentials: credentials.map(|(user, password)| (user.to_owned(), Secret::new(password))),
            ca_file: None,
        };
        config.smtp = Some(smtp);
        Mailer::new(&config, &PublicUrl::parse("https://lockbox.example").unwrap()).unwrap()
    }
}

async fn talk(mut stream: TcpStream, script: Script, taken: Arc<Mutex<Vec<String>>>) {
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let greeting = script.iter().find(|(command, _)| command.is_empty()).map_or("220 ready", |(_, answer)| answer);
    let _ = write.write_all(format!("{greeting}\r\n").as_bytes()).await;
    let mut message: Option<String> = None;
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(text) = &mut message {
            if line != "." {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            taken.lock().unwrap().extend(message.take());
        }
        let scripted = script.iter().find(|(command, _)| !command.is_empty() && line.starts_with(command));
        let answer = match scripted {
            Some((_, answer)) => answer,
            None if line.starts_with("EHLO") => "250-hello\r\n250 AUTH PLAIN",
            None if line.starts_with("AUTH") => "235 in",
            None if line == "DATA" => {
                message = Some(String::new());
                "354 go"
            }
            None => "250 ok",
        };
        let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
    }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let server = Server::start(&[]).await;
    let mailer = server.mailer(SmtpTls::None, Some(("user", "password")));
    let mut written = mail(content(), "approver@meridian.example");
    written.subject = "Ärger mit der Nachtverarbeitung".to_owned();
    mailer.send(&written).await.unwrap();
    let taken = server.taken.lock().unwrap().clone();
    let [message] = taken.as_slice() else { panic!("one message") };
    let parsed = parse_mail(message.as_bytes()).unwrap();
    assert_eq!(parsed.headers.get_first_value("Subject").unwrap(), written.subject);
    assert_eq!(joined(&parts(&parsed).0), joined(&written.text));
}

#[tokio::test]
async fn only_a_dead_mailbox_is_final() {
    for (script, permanent) in [
        (&[("RCPT", "550 5.1.1 no such mailbox")][..], true),
        (&[("RCPT", "553 no")], true),
        (&[("RCPT", "451 later")], false),
        (&[("RCPT", "554 policy")], false),
        (&[("", "554 no service")], false),
        (&[("", "421 busy")], false),
        (&[("AUTH", "535 wrong password")], false),
        (&[("MAIL", "530 log in first")], false),
        (&[("EHLO", "nonsense")], false),
    ] {
        let server = Server::start(script).await;
        let mailer = server.mailer(SmtpTls::None, Some(("user", "hunter2")));
        let error = mailer.send(&mail(content(), "approver@meridian.example")).await.unwrap_err();
        assert_eq!(error.permanent, permanent, "{script:?}: {error}");
        assert!(!error.reason.contains("hunter2") && !error.reason.contains("approver"), "{error}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let server = Server::start(&[]).await;
    let error = server.mailer(SmtpTls::StartTls, None).send(&mail(content(), "a@b.example")).await.unwrap_err();
    assert!(!error.permanent, "{error}");
    assert!(server.taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_is_down_delays() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let server = Server { port, taken: Arc::default() };
    let error = server.mailer(SmtpTls::None, None).send(&mail(content(), "a@b.example")).await.unwrap_err();
    assert!(!error.permanent, "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_delays() {
    // Accepts, greets, and then is silent: the library's own limit does not cover that.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server { port: listener.local_addr().unwrap().port(), taken: Arc::default() };
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"220 ready\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let mailer = server.mailer(SmtpTls::None, None);
    let sending = tokio::spawn(async move { mailer.send(&mail(content(), "a@b.example")).await });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    tokio::time::pause();
    let begin = tokio::time::Instant::now();
    let error = sending.await.unwrap().unwrap_err();
    assert!(!error.permanent && begin.elapsed().as_secs() <= 30, "{error} after {:?}", begin.elapsed());
}

#[test]
fn a_file_without_certificates_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("ca.pem");
    for content in ["", "no certificate"] {
        std::fs::write(&file, content).unwrap();
        let mut config = defaults();
        let smtp = Smtp {
            host: "127.0.0.1".to_owned(),
            port: 25,
            tls: SmtpTls::Tls,
            credentials: None,
            ca_file: Some(file.clone()),
        };
        config.smtp = Some(smtp);
        let error = Mailer::new(&config, &PublicUrl::localhost(1)).err().unwrap();
        assert_eq!(error.setting, "smtp.ca_file", "{error}");
    }
}
