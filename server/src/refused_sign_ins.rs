//! Refused sign-ins on their way into the log. The answer does not wait for the disk: only a known account has a log that
//! its failure belongs in, and a write that one of two equal answers waits for tells by its time which accounts there are.
//!
//! Whoever tries takes a place before the password is looked at and keeps it until what is to be written is written. So
//! what waits has a bound; while nothing can be written, nobody can guess any further; and a stop leaves nothing behind.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lockbox_api::{Time, ids::PersonId};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{
    app::{self, Env, Origin},
    store::Store,
};

/// Attempts that may be under way or waiting to be written.
const PLACES: usize = 1_024;
/// Written in one transaction.
const BATCH: usize = 128;

/// What was refused and is not written yet. Cheap to clone; all clones are one queue.
#[derive(Clone, Debug)]
pub struct RefusedSignIns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: Arc<Semaphore>,
    waiting: Mutex<VecDeque<Waiting>>,
    writing: tokio::sync::Mutex<()>,
    came: Notify,
}

/// A place for one attempt; free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    _held: OwnedSemaphorePermit,
}

#[derive(Debug)]
struct Waiting {
    refused: Refused,
    _place: Place,
}

#[derive(Clone, Debug)]
struct Refused {
    /// Whose account; of an unknown one nothing is kept.
    person: Option<PersonId>,
    origin: Origin,
    at: Time,
}

impl Default for RefusedSignIns {
    fn default() -> Self {
        Self::holding(PLACES)
    }
}

impl RefusedSignIns {
    /// With so many places.
    #[must_use]
    pub fn holding(places: usize) -> Self {
        Self(Arc::new(Inner {
            places: Arc::new(Semaphore::new(places)),
            waiting: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            came: Notify::new(),
        }))
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for an attempt that begins; none while too much waits to be written.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        Arc::clone(&self.0.places).try_acquire_owned().ok().map(|_held| Place { _held })
    }

    /// Keeps a refusal for the log. For an unknown account (`None`) the same is done here, and nothing is written later.
    pub fn note(&self, place: Place, person: Option<PersonId>, origin: Origin, at: Time) {
        self.waiting().push_back(Waiting { refused: Refused { person, origin, at }, _place: place });
        self.0.came.notify_one();
    }

    /// Returns when something was noted since this was asked last.
    pub async fn came(&self) {
        self.0.came.notified().await;
    }

    /// Writes down everything that waits. What could not be written stays.
    ///
    /// # Errors
    /// When the database can't be written.
    pub async fn write_down(&self, store: &Store, env: &Env) -> Result<(), app::Error> {
        // One at a time: nothing is written twice.
        let _writing = self.0.writing.lock().await;
        loop {
            let batch: Vec<Refused> = self.waiting().iter().take(BATCH).map(|one| one.refused.clone()).collect();
            let taken = batch.len();
            if taken == 0 {
                return Ok(());
            }
            if batch.iter().any(|one| one.person.is_some()) {
                let env = env.clone();
                store
                    .write(move |tx| {
                        for Refused { person, origin, at } in &batch {
                            if let Some(person) = person {
                                app::session::failed(tx, &env, origin, person, *at)?;
                            }
                        }
                        Ok::<_, app::Error>(())
                    })
                    .await?;
            }
            self.waiting().drain(..taken);
        }
    }
}
