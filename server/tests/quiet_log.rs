//! R29: the server's log holds ids and nobody's words. The real binary, as talkative as an operator can make it, through a
//! whole story in which every word that people write, and every secret, is looked for in the log afterwards.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    process::{Http, Server},
    world::{KEY, MERIDIAN, PASSWORD, ask, with},
};

/// Stands in everything that anybody writes in the story, and in nothing else.
const WORD: &str = "heron";
const SMTP_PASSWORD: &str = "smtp correct horse";

/// A mail server that takes some mail, puts some off and knows some people not, and repeats addresses as real ones do.
fn mail_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever hangs up in the middle is done.
            std::thread::spawn(move || drop(talk(stream.unwrap())));
        }
    });
    address
}

fn talk(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut say = |text: String| stream.write_all(format!("{text}\r\n").as_bytes());
    say("220 mail.example".to_owned())?;
    while let Some(line) = lines.next().transpose()? {
        let address = line.split(['<', '>']).nth(1).unwrap_or_default().to_lowercase();
        let said = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-mail.example\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME".to_owned(),
            "AUTH" => "235 2.7.0 Welcome".to_owned(),
            "RCPT" if address.starts_with("desk@") => format!("550 5.1.1 <{address}>: no such mailbox"),
            "RCPT" if address.starts_with("admin@") => format!("451 4.3.0 <{address}>: try again later"),
            "DATA" => {
                say("354 Go on".to_owned())?;
                for line in lines.by_ref() {
                    if line? == "." {
                        break;
                    }
                }
                "250 2.0.0 Taken".to_owned()
            }
            "QUIT" => return say("221 2.0.0 Bye".to_owned()),
            _ => "250 2.1.0 OK".to_owned(),
        };
        say(said)?;
    }
    Ok(())
}

/// What people and services do, over one connection.
struct Story {
    address: SocketAddr,
    http: Http,
    /// Everything that must not be found, besides the word.
    secrets: Vec<String>,
}

impl Story {
    fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> (u16, Value) {
        let mut all =
            vec![("user-agent", "heron/1.0"), ("content-type", "application/json"), ("x-lockbox-request", "1")];
        all.extend(headers);
        self.http.call(method, path, &all, body).unwrap()
    }

    #[track_caller]
    fn provider(&mut self, method: &str, path: &str, body: &Value, good: u16) -> Value {
        let bearer = format!("Bearer {KEY}");
        let (status, answer) =
            self.call(method, &format!("/provider/v1{path}"), &[("authorization", &bearer)], Some(body));
        assert_eq!(status, good, "{path}: {answer}");
        answer
    }

    /// A customer's person, by the cookie.
    #[track_caller]
    fn person(&mut self, cookie: &str, method: &str, path: &str, etag: &str, body: &Value, good: u16) -> Value {
        let body = (method != "GET").then_some(body);
        let (status, answer) =
            self.call(method, &format!("/api/v1{path}"), &[("cookie", cookie), ("if-match", etag)], body);
        assert_eq!(status, good, "{path}: {answer}");
        answer
    }

    fn sign_in(&mut self, who: &str) -> String {
        let (status, answer) =
            self.call("POST", "/api/v1/session", &[], Some(&json!({"email": who, "password": PASSWORD})));
        assert_eq!(status, 200, "{answer}");
        let cookie = self.http.cookie.clone().unwrap();
        self.secrets.push(cookie.split('=').nth(1).unwrap().to_owned());
        cookie
    }

    fn raise(&mut self, changes: Value) -> Value {
        let engineer = json!({"id": "eng-417", "name": "Ada Heron", "team": "Heron support", "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true});
        let said = json!({"engineer": engineer, "justification": "The heron needs it.", "targets": ["heron.dbo.*"]});
        self.provider("POST", "/access-requests", &with(with(ask(MERIDIAN), said), changes), 201)
    }

    /// The customer's own people: accounts, settings, support requests, views, tokens.
    fn customer(&mut self, admin: &str, member: &str) {
        let empty = json!({});
        let wrong = [("admin@meridian.example", "heron wrong"), ("heron@meridian.example", "heron")];
        for (email, password) in wrong {
            let (status, _) =
                self.call("POST", "/api/v1/session", &[], Some(&json!({"email": email, "password": password})));
            assert_eq!(status, 401);
        }
        let ticket = json!({"title": "The heron is slow", "description": "Ask Mr Heron.", "severity": "high",
            "environment_id": MERIDIAN.protected});
        let ticket = self.person(member, "POST", "/service-requests", "", &ticket, 201)["id"].clone();
        let ticket = format!("/service-requests/{}", ticket.as_str().unwrap());
        self.person(member, "POST", &format!("{ticket}/messages"), "", &json!({"text": "Heron says hello."}), 201);
        self.person(member, "POST", &format!("{ticket}/close"), "", &empty, 200);
        let view = json!({"name": "Heron's", "filter": "actor:heron", "shared": true});
        self.person(admin, "POST", "/logs/views", "", &view, 201);
        let token = json!({"name": "Heron's reports", "expires_in_days": 30});
        let token = self.person(admin, "POST", "/tokens", "", &token, 201)["secret"].as_str().unwrap().to_owned();
        let bearer = format!("Bearer {token}");
        assert_eq!(self.call("GET", "/api/v1/lockbox", &[("authorization", &bearer)], None).0, 200);
        self.secrets.push(token);
        let addresses = json!({"addresses": ["heron@meridian.example", "desk@meridian.example"]});
        self.person(admin, "PUT", "/notifications", "\"2\"", &addresses, 200);
        let member = json!({"roles": ["lockbox_reader"], "approver_environment_ids": null});
        self.person(admin, "PUT", "/members/per_meridian_member", "\"1\"", &member, 200);
        let lockbox = json!({"enabled": true, "policy": {"scope": "some", "environment_ids": [MERIDIAN.protected]},
            "reason": "Heron asked for it."});
        self.person(admin, "PUT", "/lockbox", "\"2\"", &lockbox, 200);
        for path in [
            "/logs?q=heron",
            "/logs?actor=Ada%20Heron",
            "/logs/export?format=csv&q=heron",
            "/logs?heron=1",
            "/lockbox-requests?q=heron",
            "/lockbox-requests/lbx_heron",
            "/members",
            "/history",
            "/heron",
        ] {
            let (status, _) = self.call("GET", &format!("/api/v1{path}"), &[("cookie", admin)], None);
            assert!(matches!(status, 200 | 404 | 422), "{path}: {status}");
            // A file comes in pieces, which are not read here.
            self.http = Http::connect(self.address).unwrap();
        }
    }

    /// The provider's side: its data, requests that end in every way, what is done under a grant.
    fn provider_side(&mut self, admin: &str, lead: &str) {
        let justified = json!({"justification": "Heron agrees."});
        self.provider("PUT", &format!("/organizations/{}", MERIDIAN.id), &json!({"name": "Heron Ltd"}), 200);
        let environment = json!({"name": "Heron payroll", "service": "azure-sql-database", "region": "Heron",
            "has_database": true});
        self.provider("PUT", &format!("/organizations/{}/environments/env_new", MERIDIAN.id), &environment, 201);
        let ticket = json!({"title": "Heron", "description": "Heron!", "severity": "high", "messages": [{"id": "m-1",
            "author": "provider", "author_name": "Robin Heron", "at": "2026-11-20T08:00:00Z", "text": "Heron?"}]});
        self.provider("PUT", &format!("/organizations/{}/service-requests/2611", MERIDIAN.id), &ticket, 201);

        let approved = self.raise(json!({}));
        let path = format!("/lockbox-requests/{}", approved["id"].as_str().unwrap());
        let etag = format!("\"{}\"", approved["version"]);
        let seen = self.person(admin, "GET", &path, "", &Value::Null, 200).to_string();
        assert!(seen.contains("The heron needs it.") && seen.contains("Ada Heron"), "the story is told: {seen}");
        self.person(admin, "POST", &format!("{path}/approve"), "\"99\"", &justified, 412);
        let open = self.person(admin, "POST", &format!("{path}/approve"), &etag, &justified, 200);
        self.person(admin, "POST", &format!("{path}/deny"), "\"3\"", &justified, 409);
        let grant = format!("/grants/{}", open["access"]["grant_id"].as_str().unwrap());
        let question = json!({"engineer_id": "eng-417", "environment_id": MERIDIAN.protected,
            "operation": "ExecuteSqlViaLockbox", "target": "heron.dbo.Pay", "lease": true});
        let answer = self.provider("POST", &format!("{grant}/check"), &question, 200);
        assert_eq!(answer["allowed"], true);
        self.secrets.push(answer["lease"]["token"].as_str().or(answer["lease"].as_str()).unwrap().to_owned());
        let action = |id: &str, operation: &str| {
            json!({"id": id, "time": open["access"]["starts_at"],
            "engineer_id": "eng-417", "operation": operation, "target": "heron.dbo.Pay",
            "statement": "SELECT * FROM heron", "rows": 3, "outcome": "success"})
        };
        let actions = json!({"actions": [action("a-1", "ExecuteSqlViaLockbox"), action("a-2", "HeronOperation"),
            action("", "ExecuteSqlViaLockbox")]});
        let results = self.provider("POST", &format!("{grant}/actions"), &actions, 200)["results"].to_string();
        assert!(["recorded", "refused", "invalid"].iter().all(|what| results.contains(what)), "{results}");
        self.person(admin, "POST", &format!("{path}/revoke"), "", &justified, 200);

        let denied = self.raise(json!({}));
        let path = format!("/lockbox-requests/{}/deny", denied["id"].as_str().unwrap());
        self.person(admin, "POST", &path, &format!("\"{}\"", denied["version"]), &justified, 200);
        let withdrawn = self.raise(json!({}));
        let path = format!("/access-requests/{}/cancel", withdrawn["id"].as_str().unwrap());
        self.provider("POST", &path, &json!({"engineer_id": "eng-417", "note": "Heron knows."}), 200);
        let emergency = self.raise(json!({"exclusion": {"kind": "emergency", "reason": "The heron is down."}}));
        let path = format!("/lockbox-requests/{}/acknowledge", emergency["id"].as_str().unwrap());
        self.person(admin, "POST", &path, "", &json!({"comment": "Heron has seen it."}), 200);
        for inside in [true, false] {
            let request = self.raise(json!({"permission_level": "delete"}));
            let id = request["id"].as_str().unwrap();
            if inside {
                let path = format!("/internal-approvals/{id}/approve");
                self.person(lead, "POST", &path, &format!("\"{}\"", request["version"]), &justified, 200);
            } else {
                let body = json!({"approve": false, "approver_id": "lead-1", "approver_name": "Lee Heron",
                    "role": "support_lead", "team": "Heron team", "justification": "Heron, no."});
                self.provider("POST", &format!("/access-requests/{id}/internal-decision"), &body, 200);
            }
        }
        let wrong = with(ask(MERIDIAN), json!({"heron": "heron", "permission_level": "heron"}));
        self.provider("POST", "/access-requests", &wrong, 422);
        let absent = with(ask(MERIDIAN), json!({"organization_id": "org_heron"}));
        self.provider("POST", "/access-requests", &absent, 404);
        let stranger = self.call("GET", "/provider/v1/catalog", &[("authorization", "Bearer lbk_heron")], None);
        assert_eq!(stranger.0, 401);
    }
}

/// What is no HTTP, no JSON, or nobody's path.
fn noise(address: SocketAddr) {
    for text in [
        "HERON heron HERON\r\n\r\n",
        "GET /heron.js?heron HTTP/1.1\r\nHost: heron.example\r\nX-Heron: heron\r\n\r\n",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Lockbox-Request: 1\r\n\
         Content-Length: 8\r\n\r\n{\"heron\"",
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\nheron",
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // However it answers: it has read the whole when it hangs up.
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    }
}

/// A webhook whose address holds a secret; returns the secrets of both.
fn webhook(folder: &Path, networks: &(&str, &str)) -> Vec<String> {
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{gone}/hook/heron?key=heron");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockbox"));
    command.args(["webhook", "add", "--client", "cli_all", "--url", &url, "--data-dir"]).arg(folder);
    let made = command.env(networks.0, networks.1).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    vec![String::from_utf8(made.stdout).unwrap().trim().to_owned()]
}

/// The log of the whole story, and the secrets of it.
fn log_of_a_story(folder: &Path, format: &str) -> (String, Vec<String>) {
    let smtp = mail_server();
    let log = folder.join("log");
    let port = smtp.port().to_string();
    let networks = ("LOCKBOX_WEBHOOK_NETWORKS", "127.0.0.0/8");
    let secrets = webhook(folder, &networks);
    let settings = [
        ("LOCKBOX_LOG_LEVEL", "trace"),
        ("LOCKBOX_LOG_FORMAT", format),
        ("LOCKBOX_SMTP_HOST", "127.0.0.1"),
        ("LOCKBOX_SMTP_PORT", &port),
        ("LOCKBOX_SMTP_TLS", "none"),
        ("LOCKBOX_SMTP_USER", "heron-mailer"),
        ("LOCKBOX_SMTP_PASSWORD", SMTP_PASSWORD),
        networks,
    ];
    let server = Server::with(folder, &settings, Stdio::from(File::create(&log).unwrap()));
    let mut story = Story { address: server.address, http: Http::connect(server.address).unwrap(), secrets };
    let admin = story.sign_in("admin@meridian.example");
    let member = story.sign_in("Member@Meridian.example");
    let lead = story.sign_in("lead@provider.example");
    let mut stream = Http::connect(server.address).unwrap();
    stream.open_stream("/api/v1/stream", &[("cookie", &admin), ("x-lockbox-request", "1")]).unwrap();
    story.provider_side(&admin, &lead);
    story.customer(&admin, &member);
    noise(server.address);
    story.person(&admin, "DELETE", "/session", "", &json!({}), 204);
    let read = || std::fs::read_to_string(&log).unwrap();
    let begin = Instant::now();
    let awaited =
        ["a mail did not go", "the mail server said 550", "the mail server said 451", "a message was not taken"];
    while !awaited.iter().all(|line| read().contains(line)) {
        assert!(begin.elapsed() < Duration::from_secs(30), "never told all of {awaited:?}: {}", read());
        std::thread::sleep(Duration::from_millis(20));
    }
    server.kill();
    (read(), story.secrets)
}

#[tokio::test]
async fn a_whole_story_at_the_most_talkative_level_leaves_nobodys_words_in_the_log() {
    for format in ["text", "json"] {
        let app = TestApp::new().await;
        let folder = std::sync::Arc::clone(&app.folder);
        drop(app);
        let told = tokio::task::spawn_blocking(move || log_of_a_story(folder.path(), format));
        let (log, mut secrets) = told.await.unwrap();
        // It is the log of that story, and it is talkative.
        for line in ["TRACE", "DEBUG", "/api/v1/lockbox-requests/{id}/approve answered 200", "answered 401", "req_"] {
            assert!(log.contains(line), "{format}: {line}: {log}");
        }
        assert!(log.lines().count() > 100, "{log}");
        secrets.extend([WORD, PASSWORD, KEY, SMTP_PASSWORD, "meridian approver", "Deadlocks"].map(str::to_owned));
        secrets.extend(["@meridian", "@provider", "%40"].map(str::to_owned));
        secrets.push(STANDARD.encode(format!("\0heron-mailer\0{SMTP_PASSWORD}")));
        assert!(secrets.len() > 12, "{secrets:?}");
        for secret in secrets {
            let found: Vec<&str> =
                log.lines().filter(|line| line.to_lowercase().contains(&secret.to_lowercase())).collect();
            assert!(
                found.is_empty(),
                "{format}: {secret:?} in {} lines: {:#?}",
                found.len(),
                &found[..found.len().min(5)]
            );
        }
    }
}
