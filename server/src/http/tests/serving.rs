//! Real connections: starting, slow callers, stopping.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    http::{
        serve::serve,
        stream::{StreamSource, stream},
    },
    live::Stop,
};

struct Running {
    address: SocketAddr,
    stop: Stop,
    ended: tokio::task::JoinHandle<bool>,
}

async fn start() -> Running {
    let server = server(|_| {}).await;
    let state = server.state.clone();
    let (stop, live) = (state.stop.clone(), state.live.clone());
    let routes = Router::new()
        .route(
            "/api/v1/slow",
            get(async || {
                tokio::time::sleep(Duration::from_millis(600)).await;
                Json("done")
            }),
        )
        .route(
            "/api/v1/stream",
            get(async move || {
                let source = StreamSource {
                    after: Box::new(|_, _| Box::pin(async { None })),
                    still_valid: Box::new(|| Box::pin(async { true })),
                    told: Arc::new(Clone::clone),
                };
                stream(live.subscribe(&"org_a".into()).unwrap(), None, source)
            }),
        )
        .route("/api/v1/whoami", get(async |ClientIp(ip): ClientIp| Json(ip.map(|ip| ip.to_string()))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ended = tokio::spawn(serve(listener, with_edge(routes, state), stop.clone()));
    Running { address, stop, ended }
}

async fn connect(address: SocketAddr, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn rest(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

const SLOW: &str = "GET /api/v1/slow HTTP/1.1\r\nhost: x\r\n\r\n";
const STREAM: &str = "GET /api/v1/stream HTTP/1.1\r\nhost: x\r\n\r\n";

#[tokio::test]
async fn the_peer_is_known() {
    let running = start().await;
    let head = "GET /api/v1/whoami HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = rest(&mut connect(running.address, head).await).await;
    assert!(answer.ends_with("\"127.0.0.1\""), "{answer}");
}

#[tokio::test]
async fn stopping_finishes_calls_and_ends_streams() {
    let running = start().await;
    let mut slow = connect(running.address, SLOW).await;
    let mut news = connect(running.address, STREAM).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    let mut head = [0; 16];
    news.read_exact(&mut head).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    let begin = Instant::now();
    running.stop.begin();
    let stream_end = rest(&mut news).await;
    assert!(stream_end.ends_with("0\r\n\r\n"), "ended properly: {stream_end}");
    assert!(begin.elapsed() < Duration::from_millis(400), "the stream ended first: {:?}", begin.elapsed());
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("\"done\""), "{answer}");
    assert!(running.ended.await.unwrap(), "nothing was cut");
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(rest(&mut idle).await, "");
    assert!(TcpStream::connect(running.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_caller_who_never_finishes_is_let_go() {
    let running = start().await;
    tokio::time::pause();
    let mut stream = connect(running.address, "GET /api/v1/slow HTTP/1.1\r\nhost: x\r\nx-half: ").await;
    let begin = tokio::time::Instant::now();
    let _ = rest(&mut stream).await;
    let waited = begin.elapsed().as_secs();
    assert!((14..=40).contains(&waited), "{waited} s");
}
