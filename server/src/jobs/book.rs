//! Takes over what the provider writes into the files of its catalog and rules.

use std::time::Duration;

use tokio::sync::watch;

use crate::{catalog::Refresh, state::AppState};

/// Between two looks. What is written is in force after two of them.
const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(state: AppState, mut stopped: watch::Receiver<bool>) {
    if !state.env.book.has_files() {
        return;
    }
    while !*stopped.borrow() {
        let book = state.env.book.clone();
        // Files may lie on a slow disk: reading them must not hold up calls.
        match tokio::task::spawn_blocking(move || book.refresh()).await {
            Ok(Refresh::Same) => {}
            Ok(Refresh::Taken(catalog, rules)) => {
                state.metrics.data_files_right();
                tracing::info!(
                    catalog.version = catalog,
                    rules.version = rules,
                    "catalog {catalog} and rules {rules} are in force"
                );
            }
            Ok(Refresh::Kept(wrong)) => {
                state.metrics.data_files_wrong(&wrong);
                tracing::error!("what was in force is kept: {wrong}");
            }
            Err(error) => tracing::error!(%error, "catalog and rules could not be looked at"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}
