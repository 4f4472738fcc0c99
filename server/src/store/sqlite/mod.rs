//! The embedded store: SQLite in WAL mode, one writer, several readers, each with its own connection and thread.

mod access_requests;
mod accounts;
pub mod bulk;
mod clients;
mod clock;
mod convert;
mod counts;
mod derived;
mod environments;
mod events;
mod grants;
mod history;
mod internal;
mod lease_keys;
mod lockbox;
mod log_index;
mod log_kept;
mod log_terms;
#[cfg(feature = "test-hooks")]
pub mod meter;
mod outbox;
mod requests;
mod schema;
mod service_requests;
mod sieve;
mod story;
mod tally;
mod tx;
mod webhooks;

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use lockbox_api::ids::GrantId;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{Engine, KeyedGrant, ReadJob, ReadTx, StoreError, StoreResult, WriteDone, WriteJob};
use log_terms::Terms;
use tx::SqliteTx;

/// Statements kept prepared per connection.
const STATEMENT_CACHE: usize = 256;
/// Jobs that may wait for the writer; further ones are refused.
const WRITE_QUEUE: usize = 1_024;
/// How long nothing was to be written before the writer tidies up.
const QUIET: Duration = Duration::from_millis(500);
/// Jobs that may wait for the readers.
const READ_QUEUE: usize = 4_096;

/// The oldest SQLite that does not have the WAL-reset fault (3.51.3).
const SQLITE_MIN: i32 = 3_051_003;

/// The embedded database.
pub struct SqliteEngine {
    writer: Option<Sender<(WriteJob, WriteDone)>>,
    readers: Option<Sender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
    path: PathBuf,
    /// Connections for what is read on the calling thread; as many as were ever needed at the same time.
    idle: Mutex<Vec<Connection>>,
}

impl SqliteEngine {
    /// Opens (and where needed creates and migrates) the database at `path`.
    ///
    /// # Errors
    /// When the file can't be opened, is damaged, was made by a newer Lockbox, or the library is too old.
    pub fn open(path: &Path, reader_threads: usize) -> StoreResult<Self> {
        if rusqlite::version_number() < SQLITE_MIN {
            return Err(StoreError::Database(format!("SQLite {} is too old: 3.51.3 is needed", rusqlite::version())));
        }
        let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        make_durable(&writer)?;
        schema::migrate(&mut writer)?;
        log_index::set_up(&writer)?;
        #[cfg(feature = "test-hooks")]
        meter::watch(&mut writer, meter::Side::Writes, path)?;

        let (write_send, write_receive) = bounded::<(WriteJob, WriteDone)>(WRITE_QUEUE);
        let (read_send, read_receive) = bounded::<ReadJob>(READ_QUEUE);
        let mut threads = Vec::new();
        for number in 0..reader_threads.max(1) {
            let connection = connect_reader(path)?;
            let receive = read_receive.clone();
            threads.push(spawn(&format!("store-read-{number}"), move || read_loop(connection, &receive))?);
        }
        threads.push(spawn("store-write", move || write_loop(writer, &write_receive))?);
        let idle = Mutex::default();
        Ok(Self { writer: Some(write_send), readers: Some(read_send), threads, path: path.to_owned(), idle })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads on the calling thread.
    fn here<T>(&self, read: impl FnOnce(&mut Connection) -> StoreResult<T>) -> StoreResult<T> {
        let idle = self.idle().pop();
        let mut connection = idle.map_or_else(|| connect_reader(&self.path), Ok)?;
        let found = read(&mut connection);
        self.idle().push(connection);
        found
    }
}

impl Drop for SqliteEngine {
    /// Lets the queued jobs finish, then closes the connections.
    fn drop(&mut self) {
        self.writer = None;
        self.readers = None;
        // The writer leaves one tidy file behind only when nobody else has it open.
        self.idle().clear();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to finish. The engine may be dropped on one of its own threads.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl Engine for SqliteEngine {
    fn read(&self, job: ReadJob) {
        if let Some(readers) = &self.readers
            && let Err(error) = readers.try_send(job)
        {
            // Whoever calls is asynchronous and must not be held.
            let (reason, job) = refused(error);
            job(Err(reason));
        }
    }

    fn read_here(&self, job: &mut dyn FnMut(&dyn ReadTx)) -> StoreResult<()> {
        self.here(|connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(convert::database)?;
            job(&SqliteTx::new(&transaction));
            Ok(())
        })
    }

    fn grant_of_key(&self, key_hash: &[u8; 32], id: &GrantId) -> StoreResult<Option<KeyedGrant>> {
        // One statement is a view of its own, of what was committed last: no transaction is needed around it.
        self.here(|connection| grants::of_key(connection, key_hash, id))
    }

    fn write(&self, job: WriteJob, done: WriteDone) {
        if let Some(writer) = &self.writer
            && let Err(error) = writer.try_send((job, done))
        {
            let (reason, (_, done)) = refused(error);
            done(Err(reason));
        }
    }
}

/// Why a job was not taken, and the job.
fn refused<T>(error: TrySendError<T>) -> (StoreError, T) {
    match error {
        TrySendError::Full(job) => (StoreError::Busy, job),
        TrySendError::Disconnected(job) => (StoreError::Closed, job),
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> StoreResult<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StoreError::Database(format!("no thread: {error}")))
}

fn connect_reader(path: &Path) -> StoreResult<Connection> {
    #[cfg_attr(not(feature = "test-hooks"), expect(unused_mut, reason = "watched in tests only"))]
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    #[cfg(feature = "test-hooks")]
    meter::watch(&mut connection, meter::Side::Reads, path)?;
    connection.pragma_update(None, "query_only", true).map_err(convert::database)?;
    Ok(connection)
}

/// What was written is on disk when a commit returns. SQLite keeps quiet where a file system can't do it, so it is asked.
fn make_durable(writer: &Connection) -> StoreResult<()> {
    /// `synchronous = FULL`, as SQLite numbers it.
    const FULL: i64 = 2;
    let mode: String =
        writer.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(convert::database)?;
    writer.pragma_update(None, "synchronous", "FULL").map_err(convert::database)?;
    let level: i64 = writer.pragma_query_value(None, "synchronous", |row| row.get(0)).map_err(convert::database)?;
    if mode != "wal" || level != FULL {
        let found = format!("the database can't be made durable: journal_mode {mode}, synchronous {level}");
        return Err(StoreError::Database(found));
    }
    Ok(())
}

fn connect(path: &Path, flags: OpenFlags) -> StoreResult<Connection> {
    let path: PathBuf = path.to_owned();
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(convert::database)?;
    connection.busy_timeout(Duration::from_secs(5)).map_err(convert::database)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(convert::database)?;
    // Memory mapping would turn an I/O error into a crash.
    connection.pragma_update(None, "mmap_size", 0).map_err(convert::database)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(convert::database)?;
    // Without this, what `PRAGMA optimize` has learnt of the values makes SQLite parse and plan a prepared statement again each
    // time that another value is bound to it: a third of what a grant check costs. And plans stay what tests have counted.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(convert::database)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    Ok(connection)
}

fn read_loop(mut connection: Connection, receive: &Receiver<ReadJob>) {
    while let Ok(job) = receive.recv() {
        match connection.transaction_with_behavior(TransactionBehavior::Deferred) {
            // The transaction gives every read of the job the same view; dropping it ends it.
            Ok(transaction) => {
                let tx = SqliteTx::new(&transaction);
                // A job that panics must not take the reader down; its caller sees the channel closed.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(Ok(&tx))));
            }
            Err(error) => job(Err(convert::database(error))),
        }
    }
}

fn write_loop(mut connection: Connection, receive: &Receiver<(WriteJob, WriteDone)>) {
    let mut terms = Terms::default();
    // Whether the index may be in more pieces than it has to be.
    let mut in_pieces = true;
    loop {
        let next = if in_pieces { receive.recv_timeout(QUIET) } else { receive.recv().map_err(RecvTimeoutError::from) };
        match next {
            Ok((job, done)) => {
                done(write_once(&mut connection, &mut terms, job));
                in_pieces = true;
            }
            Err(RecvTimeoutError::Timeout) => in_pieces = join_while_quiet(&connection, receive),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    // Leaves one tidy file behind where nobody else has it open.
    let _ = connection.pragma_update(None, "wal_checkpoint", "TRUNCATE");
}

/// Joins pieces of the log's index until there are none left to join, or something is to be written. True where some may
/// be left.
fn join_while_quiet(connection: &Connection, receive: &Receiver<(WriteJob, WriteDone)>) -> bool {
    while receive.is_empty() {
        match log_index::join(connection) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => {
                // Searches only take a little longer; after the next event it is tried again.
                tracing::warn!(%error, "pieces of the log's index could not be joined");
                return false;
            }
        }
    }
    true
}

type Changes = Vec<(lockbox_api::ids::OrganizationId, lockbox_api::stream::Change)>;

fn write_once(connection: &mut Connection, known: &mut Terms, job: WriteJob) -> StoreResult<Option<Changes>> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(convert::database)?;
    // Only what is committed is remembered.
    let mut tx = SqliteTx::knowing(&transaction, std::mem::take(known));
    let commit = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(&mut tx))).unwrap_or(false);
    let (changes, derived, terms) = tx.into_parts();
    if commit {
        derived.write(&transaction)?;
        transaction.commit().map_err(convert::database)?;
        *known = terms;
        Ok(Some(changes))
    } else {
        transaction.rollback().map_err(convert::database)?;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn another_value_does_not_make_a_statement_be_planned_again() {
        let folder = tempfile::tempdir().unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = connect(&folder.path().join("lockbox.db"), flags).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE t (a TEXT, b); CREATE INDEX i ON t (a);
                 WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 500)
                 INSERT INTO t SELECT iif(v < 400, 'common', v), v FROM n; ANALYZE;",
            )
            .unwrap();
        let mut statement = connection.prepare("SELECT count(*) FROM t WHERE a = ?1 AND b > 7").unwrap();
        for value in ["common", "401", "402", "common"] {
            let _: i64 = statement.query_row([value], |row| row.get(0)).unwrap();
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }

    #[test]
    fn what_is_written_is_durable_or_the_database_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let connection = connect(
            &folder.path().join("lockbox.db"),
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        )
        .unwrap();
        make_durable(&connection).unwrap();
        assert_eq!(connection.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0)).unwrap(), "wal");
        // In memory there is no write-ahead log to have.
        let memory = Connection::open_in_memory().unwrap();
        assert!(make_durable(&memory).unwrap_err().to_string().contains("journal_mode memory"));
    }
}
