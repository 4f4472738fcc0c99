//! What the log says, and what it never says.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::fmt::MakeWriter;

use super::*;
use crate::http::middleware::report_panics;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[tokio::test]
async fn one_line_with_id_and_nothing_personal() {
    let server = server(|_| {}).await;
    let app = app(&server);
    // A place in the code that logs for the first time on another test's thread, which has no log, is taken for silent
    // until the next log is set up: so everything that is looked at below has been passed once before.
    let _ = send(&app, portal_call(APPROVE, GOOD)).await;
    for path in ["/api/v1/long", "/api/v1/fault", "/api/v1/panic", "/missing.js"] {
        let _ = get_path(&app, path).await;
    }
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE).with_writer(lines.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    tracing::callsite::rebuild_interest_cache();

    let mut request = portal_call("/api/v1/lockbox-requests/canary1/approve", r#"{"justification":"canary2"}"#);
    request.headers_mut().insert("cookie", "lockbox=canary3".parse().unwrap());
    request.headers_mut().insert("authorization", "Bearer canary4".parse().unwrap());
    let (status, headers, _) = send(&app, request).await;
    assert_eq!(status, StatusCode::OK);
    let id = headers["x-request-id"].to_str().unwrap();
    let text = lines.text();
    let ours: Vec<&str> = text.lines().filter(|line| line.contains(id)).collect();
    let [line] = ours.as_slice() else { panic!("one line: {text}") };
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["fields"]["message"], "POST /api/v1/lockbox-requests/{id}/approve answered 200");
    assert_eq!(line["fields"]["http.status"], 200);

    for (path, level) in [
        ("/api/v1/long?canary5=canary6", "INFO"),
        ("/api/v1/fault?canary7", "ERROR"),
        ("/api/v1/panic", "ERROR"),
        ("/canary8.js", "DEBUG"),
    ] {
        let before = std::panic::take_hook();
        report_panics();
        // A place that another test's thread was just making known when this log was set up.
        tracing::callsite::rebuild_interest_cache();
        let (_, headers, _) = get_path(&app, path).await;
        std::panic::set_hook(before);
        let id = headers["x-request-id"].to_str().unwrap().to_owned();
        let text = lines.text();
        let own = |line: &&str| line.contains(&id) && line.contains("http.status");
        let ours: Vec<&str> = text.lines().filter(own).collect();
        assert_eq!(ours.len(), 1, "{path}: {text}");
        assert!(ours[0].contains(&format!("\"level\":\"{level}\"")), "{path}: {}", ours[0]);
    }
    let text = lines.text();
    assert!(text.contains("select secret_column from t"), "the cause of a fault is in the log");
    assert!(text.contains("panic at server/src/http/tests.rs:") && text.contains("text withheld"), "{text}");
    assert!(!text.contains("canary") && !text.contains("personal"), "{text}");
}
