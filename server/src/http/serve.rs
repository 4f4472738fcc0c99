//! Accepting connections, and letting them end.
//!
//! This is axum's own loop with three things added: a time limit for the head of a request, so that a caller who
//! never finishes one does not hold a connection for ever; a limit for connections; and a limit for the time that
//! stopping takes.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpListener,
    sync::Semaphore,
    time::{sleep, timeout},
};
use tower::ServiceExt;

use crate::live::Stop;

/// How long the head of a request may take.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// How long calls may go on after the stop began.
const STOP_PATIENCE: Duration = Duration::from_secs(9);
/// Connections at a time. Each one costs memory; beyond this callers wait in the system's queue.
const CONNECTIONS_MAX: usize = 4_096;

/// Serves until the stop begins, then takes no new connections and waits for the calls that are under way. True when
/// all of them ended by themselves.
pub async fn serve(listener: TcpListener, app: Router, stop: Stop) -> bool {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let connections = GracefulShutdown::new();
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            () = stop.begun() => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    refused(&error).await;
                    continue;
                }
            },
            () = stop.begun() => break,
        };
        // Without it small answers wait for the acknowledgement of earlier ones. Where it can't be set, they do.
        let _ = stream.set_nodelay(true);
        let app = app.clone().map_request(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            request.map(axum::body::Body::new)
        });
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let _slot = slot;
            if let Err(error) = connection.await {
                tracing::debug!("a connection broke: {error}");
            }
        });
    }
    drop(listener);
    timeout(STOP_PATIENCE, connections.shutdown()).await.is_ok()
}

/// Accepting failed: a caller that has gone already is nothing; without free file handles, wait for some.
async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!("no connection can be accepted: {error}");
        sleep(Duration::from_secs(1)).await;
    }
}
