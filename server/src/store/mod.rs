//! The store: domain verbs over transactions. SQL stands below this folder alone.
//!
//! [`Store`] hands a use case a transaction: [`ReadTx`] for a consistent view, [`WriteTx`] to change something. One
//! writer at a time; a write is durable when [`Store::write`] returns. Every verb names the organisation it works for.
//! A second database is a second implementation of [`Engine`] and the two transaction traits; no use case changes.

pub mod records;
pub mod sqlite;
mod tx;

use std::sync::Arc;

use lockbox_api::{
    ids::{GrantId, OrganizationId},
    stream::Change,
};
use tokio::sync::oneshot;

pub use records::*;
pub use tx::{ReadTx, ServiceRequestFilter, WriteTx};

/// Something is wrong with the database itself. The text is for the operator's log, never for a caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused a statement, or could not be read or written.
    #[error("database: {0}")]
    Database(String),
    /// A stored value can't be understood.
    #[error("stored value: {0}")]
    Corrupt(String),
    /// Too much waits already; nothing was done.
    #[error("too much waits for the database")]
    Busy,
    /// The beginning of a word stands for more values than a filter may have.
    #[error("{parameter}: too many fit {value}")]
    FitsTooMany {
        /// The filter, as queries call it.
        parameter: &'static str,
        /// What was asked for.
        value: String,
    },
    /// The values of a filter stand for more environments together than it may have.
    #[error("{parameter}: stands for too many")]
    StandsForTooMany {
        /// The filter, as queries call it.
        parameter: &'static str,
    },
    /// The store has been shut down.
    #[error("the store is closed")]
    Closed,
}

/// Result of a store verb.
pub type StoreResult<T> = Result<T, StoreError>;

/// A job on a read transaction.
pub type ReadJob = Box<dyn FnOnce(StoreResult<&dyn ReadTx>) + Send>;
/// A job on a write transaction: true commits, false rolls back.
pub type WriteJob = Box<dyn FnOnce(&mut dyn WriteTx) -> bool + Send>;
/// Told after the attempt: the changes that were committed, or why not. `None`: rolled back as the job wished.
pub type WriteDone = Box<dyn FnOnce(StoreResult<Option<Vec<(OrganizationId, Change)>>>) + Send>;

/// A database that runs jobs in transactions.
pub trait Engine: Send + Sync + 'static {
    /// Runs a job on a consistent view.
    fn read(&self, job: ReadJob);
    /// Runs a job on a consistent view, on the calling thread: for a few keyed reads that every call begins with, which
    /// cost less than handing them to another thread.
    ///
    /// # Errors
    /// When no transaction can be had.
    fn read_here(&self, job: &mut dyn FnMut(&dyn ReadTx)) -> StoreResult<()>;
    /// The API client with this key, and the grant, as of the last commit. Runs on the calling thread: it is one keyed
    /// read, asked constantly, and handing it to another thread would cost several times the read itself.
    ///
    /// # Errors
    /// When the database can't be read.
    fn grant_of_key(&self, key_hash: &[u8; 32], id: &GrantId) -> StoreResult<Option<KeyedGrant>>;
    /// Runs a job on the one write transaction; calls `done` after the commit is durable.
    fn write(&self, job: WriteJob, done: WriteDone);
}

/// Called once with what a commit changed, after it is durable; not for a commit that no log tells of.
pub type OnCommit = Arc<dyn Fn(&[(OrganizationId, Change)]) + Send + Sync>;

/// Handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<dyn Engine>,
    on_commit: OnCommit,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// A store over an engine; `on_commit` hears of every commit.
    pub fn new(engine: impl Engine, on_commit: OnCommit) -> Self {
        Self { engine: Arc::new(engine), on_commit }
    }

    /// The same database, with another listener for what this handle commits.
    #[must_use]
    pub fn telling(&self, on_commit: OnCommit) -> Self {
        Self { engine: Arc::clone(&self.engine), on_commit }
    }

    /// Runs `job` on a consistent view.
    ///
    /// # Errors
    /// Whatever the job returns, and [`StoreError`] where no transaction could be had.
    pub async fn read<T, E>(&self, job: impl FnOnce(&dyn ReadTx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        self.engine.read(Box::new(move |tx| {
            let result = tx.map_err(E::from).and_then(job);
            // The caller may have gone away; then nobody needs the answer.
            let _ = send.send(result);
        }));
        receive.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Runs `job` on a consistent view, on the calling thread: for a few keyed reads and nothing longer, because nothing
    /// else runs on this thread meanwhile.
    ///
    /// # Errors
    /// Whatever the job returns, and [`StoreError`] where no transaction could be had.
    pub fn read_here<T, E: From<StoreError>>(&self, job: impl FnOnce(&dyn ReadTx) -> Result<T, E>) -> Result<T, E> {
        let (mut job, mut result) = (Some(job), None);
        self.engine.read_here(&mut |tx| result = job.take().map(|job| job(tx)))?;
        result.unwrap_or_else(|| Err(StoreError::Closed.into()))
    }

    /// The API client with this key, and the grant, as of the last commit; `None` for a key that nobody has. A key that
    /// was revoked is found: the caller says no to it.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn grant_of_key(&self, key_hash: &[u8; 32], id: &GrantId) -> StoreResult<Option<KeyedGrant>> {
        self.engine.grant_of_key(key_hash, id)
    }

    /// Runs `job` on the write transaction; commits when it returns `Ok`, rolls back when it returns `Err`.
    /// When this returns `Ok`, what was written is on disk.
    ///
    /// # Errors
    /// Whatever the job returns, and [`StoreError`] where the transaction could not be begun or committed.
    pub async fn write<T, E>(&self, job: impl FnOnce(&mut dyn WriteTx) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        let (keep, kept) = std::sync::mpsc::channel();
        let on_commit = Arc::clone(&self.on_commit);
        self.engine.write(
            Box::new(move |tx| {
                let result = job(tx);
                let commit = result.is_ok();
                commit & keep.send(result).is_ok()
            }),
            Box::new(move |done| {
                let result = match (done, kept.try_recv()) {
                    (Ok(Some(changes)), Ok(result)) => {
                        if !changes.is_empty() {
                            on_commit(&changes);
                        }
                        result
                    }
                    (Ok(None), Ok(result)) => result,
                    (Err(error), _) => Err(error.into()),
                    (_, Err(_)) => Err(StoreError::Closed.into()),
                };
                let _ = send.send(result);
            }),
        );
        receive.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}
