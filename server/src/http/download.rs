//! A file on its way: read in parts as fast as it is taken, never more than two parts ahead. Whoever goes away stops it.

mod log;
mod requests;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use lockbox_api::logs::ExportState;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::{
    app::{
        Env, Error, Who,
        exports::{self, Sent},
    },
    export::EncodeError,
    hex::hex,
    http::auth::Caller,
    state::AppState,
    store::{ReadTx, WriteTx},
};

pub(crate) use log::LogFile;
pub(crate) use requests::RequestsFile;

/// A part ends with the row that makes it this long, bytes. Each part asks the index anew.
const PART: usize = 512 << 10;

/// What went wrong on the way; the connection is cut, so that nobody takes the beginning for the whole.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    App(#[from] Error),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("the reader of a part ended")]
    Reader,
}

/// What a file is made of, and what is written down when it ends.
pub(crate) trait Source: Send + Sync + 'static {
    /// Where a part begins, and what the parts before it left behind.
    type Place: Send + 'static;

    /// Puts a part behind `out`; its rows, and where the next part begins: nowhere after the last.
    fn part(&self, tx: &dyn ReadTx, place: Self::Place, out: &mut Vec<u8>)
    -> Result<(u64, Option<Self::Place>), Fault>;

    /// Puts the end on record.
    fn end(&self, tx: &mut dyn WriteTx, env: &Env, who: &Who, sent: &Sent) -> Result<(), Error>;

    /// How long a part gets, bytes.
    fn length(&self) -> usize {
        PART
    }

    /// What the operator's log calls it.
    fn name(&self) -> String;
}

/// Some rows, encoded.
struct Part<P> {
    bytes: Vec<u8>,
    rows: u64,
    next: Option<P>,
}

struct Download<S: Source> {
    state: AppState,
    caller: Caller,
    source: Arc<S>,
    /// The part that is being made while the one before it is taken.
    ahead: Option<JoinHandle<Result<Part<S::Place>, Fault>>>,
    digest: Sha256,
    rows: u64,
    bytes: u64,
    ended: bool,
}

/// The body of a file whose beginning is on record; its first part begins at `place`.
pub(crate) fn body<S: Source>(state: AppState, caller: Caller, source: S, place: S::Place) -> Body {
    let (source, digest) = (Arc::new(source), Sha256::new());
    let mut download = Download { state, caller, source, ahead: None, digest, rows: 0, bytes: 0, ended: false };
    download.ahead = Some(download.read(place));
    let parts = stream::unfold(Some(download), |download| async move {
        let mut download = download?;
        match download.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(download))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(export = %download.source.name(), %error, "an export failed");
                Some((Err(error), None))
            }
        }
    });
    // Whoever compresses it asks once more after the end.
    Body::from_stream(parts.fuse())
}

impl<S: Source> Download<S> {
    /// Begins to read the part at a place.
    fn read(&self, place: S::Place) -> JoinHandle<Result<Part<S::Place>, Fault>> {
        let (state, caller, source) = (self.state.clone(), self.caller.clone(), Arc::clone(&self.source));
        tokio::spawn(async move {
            if !caller.still_holds(&state).await {
                return Err(Fault::App(Error::NotAuthenticated));
            }
            state
                .store
                .read(move |tx| {
                    exports::may_go_on(tx, &caller.who)?;
                    // Formats that gather rows put out many at once: what they grow to without being moved.
                    let mut bytes = Vec::with_capacity(2 * source.length());
                    let (rows, next) = source.part(tx, place, &mut bytes)?;
                    Ok(Part { bytes, rows, next })
                })
                .await
        })
    }

    /// The next bytes; the end of the file is only told after it is in the log.
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        while let Some(ahead) = &mut self.ahead {
            let part = ahead.await.map_err(|_| Fault::Reader).and_then(|part| part);
            self.ahead = None;
            let part = match part {
                Ok(part) => part,
                Err(fault) => {
                    self.end(ExportState::Failed).await?;
                    return Err(fault);
                }
            };
            if let Some(next) = part.next {
                self.ahead = Some(self.read(next));
            }
            self.rows += part.rows;
            if !part.bytes.is_empty() {
                self.digest.update(&part.bytes);
                self.bytes += part.bytes.len() as u64;
                return Ok(Some(part.bytes.into()));
            }
        }
        self.end(ExportState::Complete).await?;
        Ok(None)
    }

    fn sent(&self, state: ExportState) -> Sent {
        let sha256 = hex(&self.digest.clone().finalize());
        Sent { state, rows: self.rows, bytes: self.bytes, sha256 }
    }

    async fn end(&mut self, state: ExportState) -> Result<(), Fault> {
        self.ended = true;
        let (env, who) = (self.state.env.clone(), self.caller.who.clone());
        let (source, sent) = (Arc::clone(&self.source), self.sent(state));
        self.state.store.write(move |tx| source.end(tx, &env, &who, &sent)).await.map_err(Fault::App)
    }
}

impl<S: Source> Drop for Download<S> {
    /// Nobody takes the rest: no further part is read, and the log says so.
    fn drop(&mut self) {
        if let Some(ahead) = self.ahead.take() {
            ahead.abort();
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.ended {
            return;
        }
        let (store, env, who) = (self.state.store.clone(), self.state.env.clone(), self.caller.who.clone());
        let (source, sent) = (Arc::clone(&self.source), self.sent(ExportState::Cancelled));
        runtime.spawn(async move {
            let name = source.name();
            if let Err(error) = store.write(move |tx| source.end(tx, &env, &who, &sent)).await {
                // The next start closes what is kept as running.
                tracing::error!(export = %name, %error, "the end of an export could not be logged");
            }
        });
    }
}
