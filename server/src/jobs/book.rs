//! Takes over what the provider writes into the files of its catalog and rules.

use std::time::Duration;

use lockbox_rules::catalog::service;
use tokio::sync::watch;

use super::approvers;
use crate::{catalog::Refresh, state::AppState};

/// Between two looks. What is written is in force after two of them.
const EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(state: AppState, mut stopped: watch::Receiver<bool>) {
    tell_of_missing_services(&state).await;
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
                tell_of_missing_services(&state).await;
                approvers::tell(&state).await;
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

/// A catalog may leave out what environments use, as where a service has ended; whoever did so by mistake hears of it here.
async fn tell_of_missing_services(state: &AppState) {
    let catalog = state.env.book.catalog();
    match state.store.read(|tx| tx.services_in_use()).await {
        Ok(used) => {
            for (id, environments) in used.iter().filter(|(id, _)| service(&catalog, id).is_none()) {
                tracing::warn!(
                    service.id = id,
                    environments,
                    "the catalog has no service {id}, which environments use ({environments}): nobody can ask for access to them"
                );
            }
        }
        Err(error) => tracing::error!(%error, "the services that environments use could not be read"),
    }
}
