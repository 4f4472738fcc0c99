//! Receivers with certificates: from an authority that is trusted, from one that is not, and for another name.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
};

use lockbox_server::config::ConfigError;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use super::*;
use crate::support::certificates::{Pair, authority, certificate};

/// A receiver that speaks TLS: the bodies that it took, and how many handshakes or calls broke off.
#[derive(Clone, Default)]
struct Secured {
    taken: Arc<Mutex<Vec<String>>>,
    broken: Arc<Mutex<u32>>,
}

impl Secured {
    /// Listens with this certificate until the test ends; returns the port.
    fn listen(&self, pair: &Pair) -> u16 {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let chain = CertificateDer::pem_file_iter(&pair.certificate).unwrap().map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(&pair.key).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let receiver = self.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                match answer(StreamOwned::new(connection, stream.unwrap())) {
                    Ok(body) => receiver.taken.lock().unwrap().push(body),
                    Err(_) => *receiver.broken.lock().unwrap() += 1,
                }
            }
        });
        port
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

/// Reads one call and says 204.
fn answer(stream: StreamOwned<ServerConnection, std::net::TcpStream>) -> std::io::Result<String> {
    stream.sock.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut stream = BufReader::new(stream);
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| std::io::ErrorKind::InvalidData)?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")?;
    String::from_utf8(body).map_err(|_| std::io::ErrorKind::InvalidData.into())
}

/// The one message there is, once it was tried so often.
async fn tried(app: &TestApp, attempts: u32) -> WebhookMessageRecord {
    until("tried", async || messages(app).await.iter().any(|one| one.attempts == attempts)).await;
    let [one] = messages(app).await.try_into().unwrap();
    one
}

#[tokio::test]
async fn a_receiver_is_told_over_tls_once_its_authority_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = authority(folder.path());
    let receiver = Secured::default();
    let port = receiver.listen(&certificate(folder.path(), "localhost"));
    let app = TestApp::new().await;
    hook(&app, "cli_all", format!("https://localhost:{port}/hook")).await;
    let working = Working::on(&app);
    let request = raise(&app, MERIDIAN, json!({})).await;
    let refused = tried(&app, 1).await;
    assert!(refused.delivered_at.is_none() && refused.failed_at.is_none(), "{refused:?}");
    assert!(refused.next_attempt_at > app.now(), "it is tried again: {refused:?}");
    let reason = refused.last_error.unwrap();
    assert!(reason.contains("invalid peer certificate") && reason.contains("UnknownIssuer"), "{reason}");
    assert!(receiver.taken().is_empty(), "not a word went to whom nobody vouches for");
    working.kill();

    // The operator names the authority; the message that waits is delivered, whole.
    let _working = Working::trusting(&app, Some(&trusted));
    app.advance(TimeDelta::minutes(1));
    all_delivered(&app).await;
    let told = tried(&app, 2).await;
    assert_eq!((told.last_status, &told.last_error), (Some(204), &None));
    let [body] = receiver.taken().try_into().unwrap();
    assert_eq!(body, told.body);
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["data"]["request_id"], request["id"]);
    assert!(*receiver.broken.lock().unwrap() > 0, "the first attempt came as far as the certificate");
}

#[tokio::test]
async fn a_certificate_for_another_name_gets_nothing_whoever_signed_it() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = authority(folder.path());
    let receiver = Secured::default();
    let port = receiver.listen(&certificate(folder.path(), "elsewhere.example"));
    let app = TestApp::new().await;
    hook(&app, "cli_all", format!("https://localhost:{port}/hook")).await;
    let _working = Working::trusting(&app, Some(&trusted));
    raise(&app, MERIDIAN, json!({})).await;
    for attempts in 1..=2 {
        let refused = tried(&app, attempts).await;
        assert!(refused.delivered_at.is_none() && refused.next_attempt_at > app.now(), "{refused:?}");
        let reason = refused.last_error.unwrap();
        assert!(reason.contains("not valid for name") && reason.contains("localhost"), "{reason}");
        app.advance(TimeDelta::minutes(1));
    }
    assert!(receiver.taken().is_empty());
}

#[test]
fn a_file_without_a_certificate_is_told_by_the_name_of_the_setting() {
    let folder = tempfile::tempdir().unwrap();
    let of = |text: Option<&str>| -> ConfigError {
        let path = folder.path().join("ca.pem");
        text.map_or_else(|| drop(std::fs::remove_file(&path)), |text| std::fs::write(&path, text).unwrap());
        Sender::new(Guard::new(&[]), Some(&path)).unwrap_err()
    };
    let broken = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";
    for text in [None, Some(""), Some("nonsense"), Some(broken)] {
        let told = of(text).to_string();
        assert!(told.contains("webhook_ca_file") && !told.contains('\n'), "{text:?}: {told}");
    }
}
