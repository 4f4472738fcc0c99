//! Work that nobody waits for. Its state is in the database, so that it goes on after any end of the process; each job
//! may run twice without harm.

mod book;
pub mod last_use;
mod outbox;
mod sweep;
pub mod webhooks;

use std::sync::Arc;

use tokio::{sync::watch, task::JoinHandle};

use crate::{notify::Mailer, state::AppState, webhooks::Sender};

/// The running jobs.
#[derive(Debug)]
pub struct Jobs {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Jobs {
    /// Starts all jobs.
    #[must_use]
    pub fn start(state: &AppState, mailer: Arc<Mailer>, sender: Sender) -> Self {
        let (stop, stopped) = watch::channel(false);
        let tasks = vec![
            tokio::spawn(sweep::run(state.clone(), stopped.clone())),
            tokio::spawn(book::run(state.clone(), stopped.clone())),
            tokio::spawn(last_use::run(state.clone(), stopped.clone())),
            tokio::spawn(outbox::run(state.clone(), mailer, stopped.clone())),
            tokio::spawn(webhooks::run(state.clone(), sender, stopped)),
        ];
        Self { stop, tasks }
    }

    /// Lets what has begun finish, and begins nothing more.
    pub async fn stop(self) {
        // Nobody listening means that all have ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a job ended badly");
            }
        }
    }
}
