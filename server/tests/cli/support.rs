//! The demo, served by the real binary; a customer who decides; and the command line.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};

/// The key of the demo's provider.
pub const KEY: &str = "lbk_demo_provider";

/// The demo on a port and in a folder of its own.
pub struct Demo {
    child: Child,
    pub address: SocketAddr,
    pub folder: tempfile::TempDir,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Expects an exit code.
    #[track_caller]
    pub fn is(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert!(!self.out.contains(KEY) && !self.err.contains(KEY), "the key is shown");
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {}", self.out))
    }

    /// Expects one line on standard error that contains `words`, and nothing else.
    #[track_caller]
    pub fn says(self, code: i32, words: &[&str]) {
        let ran = self.is(code);
        assert!(ran.out.is_empty() && ran.err.lines().count() == 1, "{ran:?}");
        for word in words {
            assert!(ran.err.starts_with("lockbox: ") && ran.err.contains(word), "{word} is missing in {}", ran.err);
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary without anything that the machine's environment says to it.
pub fn lockbox() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockbox"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LOCKBOX_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Serves a folder; says where it listens.
fn serve(folder: &Path, listen: &str, more: &[&str]) -> (Child, SocketAddr) {
    let mut child = lockbox()
        .args(["serve", "--log-level", "error", "--listen", listen, "--data-dir"])
        .arg(folder)
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").expect(&line).parse().unwrap();
    (child, address)
}

impl Demo {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (child, address) = serve(folder.path(), "127.0.0.1:0", &["--demo"]);
        Self { child, address, folder }
    }

    /// No demo, but a server on a folder that is there already.
    pub fn on(data: &Path) -> Self {
        let (child, address) = serve(data, "127.0.0.1:0", &[]);
        Self { child, address, folder: tempfile::tempdir().unwrap() }
    }

    /// Ends the server; its folder stays.
    pub fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Serves the same folder at the same address.
    pub fn start_again(&mut self) {
        self.child = serve(self.folder.path(), &self.address.to_string(), &["--demo"]).0;
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `lockbox …` with address and key in the environment, not yet run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = lockbox();
        command.args(args).env("LOCKBOX_URL", self.url()).env("LOCKBOX_KEY", KEY);
        command
    }

    /// Runs `lockbox …`.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// A file in the demo's folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Raises a request that the customer is asked about; its id.
    pub fn raise(&self, more: &[&str]) -> String {
        let file = self.file("request.json", &request().to_string());
        let raised = self.run(&[&["request", "raise", text(&file), "--json"], more].concat()).is(0).json();
        raised["id"].as_str().unwrap().to_owned()
    }

    /// Decides as Meridian's approver: `approve` or `deny`.
    pub fn decide(&self, id: &str, how: &str) {
        decide(self.address, id, how);
    }

    /// Moves the server's clock.
    pub fn advance(&self, seconds: u64) {
        let body = json!({"advance_seconds": seconds});
        assert_eq!(call(self.address, "POST", "/test/clock", "", Some(&body)).0, 204);
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A request for the demo's protected environment.
pub fn request() -> Value {
    json!({
        "organization_id": "org_meridian", "environment_id": "env_payroll", "service_request_id": "2611210050001234",
        "engineer": {"id": "eng-417", "name": "Engineer 417", "team": "Database support", "jit_role": "support_engineer",
            "isolated_identity": true, "mfa": true, "location": {"office_country": "IE", "physical_country": "IE"}},
        "operations": ["ExecuteSqlViaLockbox"], "data_stores": ["sql"], "targets": ["payroll.dbo.*"],
        "permission_level": "read", "direct_data_access": true, "reason_code": "customer_initiated_support",
        "justification": "Deadlocks in the nightly run.", "access_minutes": 240
    })
}

/// Signs in as Meridian's approver and decides through the customer's API.
pub fn decide(address: SocketAddr, id: &str, how: &str) {
    let person = json!({"email": "approver@meridian.example", "password": "demo"});
    let (status, head, _) = call(address, "POST", "/api/v1/session", "", Some(&person));
    assert_eq!(status, 200);
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = format!("Cookie: {}\r\n", cookie.split(';').next().unwrap());
    let path = format!("/api/v1/lockbox-requests/{id}");
    let (_, head, _) = call(address, "GET", &path, &cookie, None);
    let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a request");
    let headers = format!("{cookie}If-Match: {etag}\r\n");
    let why = json!({"justification": "Checked with the owner."});
    let (status, _, body) = call(address, "POST", &format!("{path}/{how}"), &headers, Some(&why));
    assert_eq!(status, 200, "{body}");
}

/// One call over a connection of its own: status, head with lower-case names, body.
pub fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: Option<&Value>,
) -> (u16, String, String) {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         X-Lockbox-Request: 1\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.replace("\r\n", "\n"), body.to_owned())
}
