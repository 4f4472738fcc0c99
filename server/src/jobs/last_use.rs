//! Writes down when keys of API clients were used last.

use std::time::Duration;

use tokio::sync::watch;

use crate::{app::Error, last_use::LastUses, state::AppState, store::Store};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(state: AppState, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
        write(&state.store, &state.last_uses).await;
    }
}

/// Writes down what has not been, in one transaction; nothing where nothing was used.
pub async fn write(store: &Store, uses: &LastUses) {
    let new = uses.unwritten();
    if new.is_empty() {
        return;
    }
    let written = {
        let new = new.clone();
        store.write(move |tx| Ok::<_, Error>(tx.touch_client_keys(&new)?)).await
    };
    match written {
        Ok(()) => uses.written(&new),
        Err(error) => tracing::error!(%error, "the last uses of keys could not be written and will be again"),
    }
}
