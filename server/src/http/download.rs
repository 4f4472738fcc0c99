//! A file on its way: read in parts as fast as it is taken, never more than two parts ahead. Whoever goes away stops it.

use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use lockbox_api::logs::ExportState;
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;

use crate::{
    app::{
        Env, Error, Who,
        exports::{self, Begun, Sent},
    },
    export::{self, EncodeError, Encoder},
    store::Store,
};

/// A part ends with the row that makes it this long, bytes.
const PART: usize = 512 << 10;

/// What went wrong on the way; the connection is cut, so that nobody takes the beginning for the whole.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    App(#[from] Error),
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    #[error("the reader of a part ended")]
    Reader,
}

/// Some rows, encoded.
struct Part {
    encoder: Box<dyn Encoder>,
    bytes: Vec<u8>,
    rows: u64,
    /// Where the next part begins; none after the last.
    next: Option<u64>,
}

struct Download {
    store: Store,
    env: Env,
    who: Who,
    begun: Begun,
    /// The part that is being made while the one before it is taken.
    ahead: Option<JoinHandle<Result<Part, Fault>>>,
    digest: Sha256,
    rows: u64,
    bytes: u64,
    ended: bool,
}

/// The body of an export that has begun.
///
/// # Errors
/// When the format can't begin.
pub(crate) fn body(store: Store, env: Env, who: Who, begun: Begun) -> Result<Body, EncodeError> {
    let encoder = export::encoder(begun.record.format)?;
    let mut download =
        Download { store, env, who, begun, ahead: None, digest: Sha256::new(), rows: 0, bytes: 0, ended: false };
    let first = download.begun.record.from_sequence;
    download.ahead = Some(download.read(encoder, first));
    let parts = stream::unfold(Some(download), |download| async move {
        let mut download = download?;
        match download.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(download))),
            Ok(None) => None,
            Err(error) => {
                tracing::error!(export = %download.begun.record.id, %error, "an export failed");
                Some((Err(error), None))
            }
        }
    });
    // Whoever compresses it asks once more after the end.
    Ok(Body::from_stream(parts.fuse()))
}

impl Download {
    /// Begins to read the part from a sequence on.
    fn read(&self, mut encoder: Box<dyn Encoder>, from: u64) -> JoinHandle<Result<Part, Fault>> {
        let (store, who) = (self.store.clone(), self.who.clone());
        let organization = self.begun.organization_id.clone();
        let mut filter = self.begun.filter.clone();
        filter.from_sequence = Some(from);
        tokio::spawn(async move {
            store
                .read(move |tx| {
                    exports::may_go_on(tx, &who)?;
                    let (mut bytes, mut rows, mut next) = (Vec::with_capacity(PART + PART / 4), 0, None);
                    let mut fault = None;
                    tx.export_events(&organization, &filter, &mut |row| {
                        if let Err(error) = encoder.row(row, &mut bytes) {
                            fault = Some(error);
                            return false;
                        }
                        rows += 1;
                        // Formats that gather rows put nothing out for long; the reader is not to be held for all of them.
                        let full = bytes.len() >= PART || rows >= 20_000;
                        next = full.then_some(row.sequence + 1);
                        !full
                    })?;
                    if let Some(fault) = fault {
                        return Err(Fault::Encode(fault));
                    }
                    if next.is_none() {
                        encoder.end(&mut bytes)?;
                    }
                    Ok(Part { encoder, bytes, rows, next })
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
                self.ahead = Some(self.read(part.encoder, next));
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
        let digest = self.digest.clone().finalize();
        let sha256 = digest.iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"));
        Sent { state, rows: self.rows, bytes: self.bytes, sha256 }
    }

    async fn end(&mut self, state: ExportState) -> Result<(), Fault> {
        self.ended = true;
        let (env, origin, record, sent) =
            (self.env.clone(), self.who.origin.clone(), self.begun.record.clone(), self.sent(state));
        self.store.write(move |tx| exports::end(tx, &env, &origin, &record, &sent)).await.map_err(Fault::App)
    }
}

impl Drop for Download {
    /// Nobody takes the rest: no further part is read, and the log says so.
    fn drop(&mut self) {
        if let Some(ahead) = self.ahead.take() {
            ahead.abort();
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.ended {
            return;
        }
        let (store, env, origin) = (self.store.clone(), self.env.clone(), self.who.origin.clone());
        let (record, sent) = (self.begun.record.clone(), self.sent(ExportState::Cancelled));
        runtime.spawn(async move {
            let id = record.id.clone();
            if let Err(error) = store.write(move |tx| exports::end(tx, &env, &origin, &record, &sent)).await {
                // The next start closes it.
                tracing::error!(export = %id, %error, "the end of an export could not be logged");
            }
        });
    }
}
