//! R23: the process is killed at any instant. What was acknowledged is there, with its event, and nothing is half.
//!
//! SIGKILL leaves the operating system's cache alone; that `synchronous=FULL` also survives a power cut is SQLite's
//! promise and not tested here.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    database::{Picture, faults, open},
    process::{Http, Server},
    world::{KEY, MERIDIAN, ask},
};

const KILLS: u32 = 100;
const CLIENTS: u64 = 4;
/// Ready again after a kill, at most.
const READY: Duration = Duration::from_secs(3);

/// What the server had acknowledged about one request when it was killed, in the words of the log.
type Acknowledged = BTreeMap<String, BTreeSet<&'static str>>;

/// One client: raises requests and does something with each, until the server is gone.
fn client(address: SocketAddr, token: &str, seed: u64) -> Acknowledged {
    let mut acknowledged = Acknowledged::new();
    // Ends with an error when the connection breaks; until then every answer must be a good one.
    let ended: io::Result<()> = (|| {
        let mut http = Http::connect(address)?;
        let bearer = format!("Bearer {token}");
        let key = format!("Bearer {KEY}");
        let json_type = ("content-type", "application/json");
        let mut round = seed;
        loop {
            round += 1;
            let mut provider = |path: &str, body: Value, good: u16| -> io::Result<Value> {
                let (status, answer) = http.call("POST", path, &[("authorization", &key), json_type], Some(&body))?;
                assert_eq!(status, good, "{path}: {answer}");
                Ok(answer)
            };
            let request = provider("/provider/v1/access-requests", ask(MERIDIAN), 201)?;
            let id = request["id"].as_str().unwrap().to_owned();
            let told = acknowledged.entry(id.clone()).or_default();
            told.extend(["Create Lockbox Request", "Notify Lockbox Request"]);
            let version = format!("\"{}\"", request["version"]);
            let engineer = json!({"engineer_id": "eng-417"});
            if round.is_multiple_of(5) {
                provider(&format!("/provider/v1/access-requests/{id}/cancel"), engineer, 200)?;
                told.insert("Cancel Lockbox Request");
                continue;
            }
            let mut decide = |what: &str| -> io::Result<Value> {
                let headers =
                    [("authorization", bearer.as_str()), json_type, ("x-lockbox-request", "1"), ("if-match", &version)];
                let body = json!({"justification": "Checked."});
                let path = format!("/api/v1/lockbox-requests/{id}/{what}");
                let (status, answer) = http.call("POST", &path, &headers, Some(&body))?;
                assert_eq!(status, 200, "{what}: {answer}");
                Ok(answer)
            };
            if round % 5 == 1 {
                decide("deny")?;
                told.insert("Deny Lockbox Request");
                continue;
            }
            let access = decide("approve")?["access"].clone();
            let grant = access["grant_id"].as_str().unwrap().to_owned();
            told.insert("Approve Lockbox Request");
            if round % 5 == 2 {
                decide("revoke")?;
                told.insert("Revoke Lockbox Access");
                continue;
            }
            let mut provider = |path: &str, body: Value| -> io::Result<()> {
                let (status, answer) = http.call("POST", path, &[("authorization", &key), json_type], Some(&body))?;
                assert_eq!(status, 200, "{path}: {answer}");
                Ok(())
            };
            let action = json!({"id": "a-1", "time": access["starts_at"], "engineer_id": "eng-417",
                "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "outcome": "success"});
            provider(&format!("/provider/v1/grants/{grant}/actions"), json!({"actions": [action]}))?;
            told.insert("an action");
            if round % 5 == 3 {
                provider(&format!("/provider/v1/access-requests/{id}/complete"), engineer)?;
                told.insert("Lockbox Access Completion");
            }
        }
    })();
    assert!(ended.is_err());
    acknowledged
}

/// Every acknowledgement that the database does not bear out.
fn lost(picture: &Picture, acknowledged: &Acknowledged) -> Vec<String> {
    let mut lost = Vec::new();
    for (id, told) in acknowledged {
        let Some(row) = picture.rows.get(id) else {
            lost.push(format!("{id} is gone; acknowledged were {told:?}"));
            continue;
        };
        for event in told {
            let there = if *event == "an action" { row.has_actions() } else { picture.count(id, event) == 1 };
            if !there {
                lost.push(format!("{id}: {event} is gone: {row:?}"));
            }
        }
    }
    lost
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_in_100_kills() {
    let begin = Instant::now();
    let app = TestApp::new().await;
    let token = app.token(&MERIDIAN.person("admin")).await.1;
    let folder = Arc::clone(&app.folder);
    drop(app);
    let test = tokio::task::spawn_blocking(move || {
        let mut all = Acknowledged::new();
        let mut slowest = Duration::ZERO;
        let mut server = Server::start(folder.path());
        for kill in 0..KILLS {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|number| {
                    let (address, token) = (server.address, token.clone());
                    let seed = u64::from(kill) * CLIENTS + number;
                    std::thread::spawn(move || client(address, &token, seed))
                })
                .collect();
            // Another instant every time, from just after the start to well under way.
            std::thread::sleep(Duration::from_millis(10 + u64::from(kill) * 37 % 211));
            server.kill();
            let mut acknowledged = Acknowledged::new();
            for client in clients {
                acknowledged.extend(client.join().unwrap());
            }
            server = Server::start(folder.path());
            slowest = slowest.max(server.ready_after);
            assert!(server.ready_after < READY, "ready only after {:?}", server.ready_after);
            let connection = open(folder.path());
            let faults = faults(&connection);
            assert!(faults.is_empty(), "after kill {kill}: {faults:#?}");
            let lost = lost(&Picture::take(&connection), &acknowledged);
            assert!(lost.is_empty(), "after kill {kill}: {lost:#?}");
            all.extend(acknowledged);
        }
        server.kill();
        let picture = Picture::take(&open(folder.path()));
        let lost = lost(&picture, &all);
        assert!(lost.is_empty(), "at the end: {lost:#?}");
        (all.len(), picture.rows.len(), slowest)
    });
    let (acknowledged, requests, slowest) = test.await.unwrap();
    println!(
        "{KILLS} kills: {acknowledged} requests acknowledged, {requests} in the database, ready again after {slowest:?} \
         at most; {:?}",
        begin.elapsed()
    );
    assert!(acknowledged > 500, "there was a load: {acknowledged}");
}

/// A refused sign-in is answered before it is in the log: a stop at that moment loses none.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_no_refused_sign_in_out_of_the_log() {
    let app = TestApp::new().await;
    let folder = Arc::clone(&app.folder);
    drop(app);
    let server = Server::start(folder.path());
    let mut http = Http::connect(server.address).unwrap();
    let headers = [("content-type", "application/json"), ("x-lockbox-request", "1")];
    for name in ["admin", "approver", "nobody", "reader", "member"] {
        let body = json!({"email": format!("{name}@{}.example", MERIDIAN.short), "password": "wrong"});
        assert_eq!(http.call("POST", "/api/v1/session", &headers, Some(&body)).unwrap().0, 401);
    }
    server.stop();
    let failures = "SELECT count(*) FROM events WHERE operation = 'Sign-in' AND outcome = 'failure'";
    let count: i64 = open(folder.path()).query_row(failures, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 4);
}
