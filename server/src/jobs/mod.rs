//! Work that nobody waits for. Its state is in the database, so that it goes on after any end of the process; each job
//! may run twice without harm.

mod approvers;
mod book;
pub mod last_use;
mod outbox;
pub mod refused_sign_ins;
pub mod retry;
pub mod sweep;
pub mod webhooks;

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle};

use crate::{notify::Mailer, state::AppState, webhooks::Sender};

/// How long what has begun may go on after the stop.
const PATIENCE: Duration = Duration::from_secs(5);

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
            tokio::spawn(approvers::run(state.clone(), stopped.clone())),
            tokio::spawn(last_use::run(state.clone(), stopped.clone())),
            tokio::spawn(refused_sign_ins::run(state.clone(), stopped.clone())),
            tokio::spawn(outbox::run(state.clone(), mailer, stopped.clone())),
            tokio::spawn(webhooks::run(state.clone(), sender, stopped)),
        ];
        Self { stop, tasks }
    }

    /// Begins nothing more and lets what has begun finish, for [`PATIENCE`] at most: mail and webhooks go out at least
    /// once, so what is cut off goes out again after the next start.
    pub async fn stop(self) {
        // Nobody listening means that all have ended already.
        let _ = self.stop.send(true);
        let deadline = tokio::time::Instant::now() + PATIENCE;
        for mut task in self.tasks {
            match tokio::time::timeout_at(deadline, &mut task).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a job ended badly"),
                Err(_) => {
                    task.abort();
                    tracing::warn!("a mail or a webhook took too long to end; it goes out again after the next start");
                }
            }
        }
    }
}
