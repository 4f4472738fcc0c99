//! Writes refused sign-ins into the log, soon after they were answered.

use std::time::Duration;

use tokio::sync::watch;

use crate::state::AppState;

/// Between two tries while nothing can be written.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(state: AppState, mut stopped: watch::Receiver<bool>) {
    let mut failed = false;
    while !*stopped.borrow() {
        tokio::select! {
            () = state.refused_sign_ins.came(), if !failed => {}
            () = tokio::time::sleep(PAUSE), if failed => {}
            _ = stopped.changed() => {}
        }
        failed = !write(&state).await;
    }
}

/// Writes what waits; false where it can't be written.
pub async fn write(state: &AppState) -> bool {
    let written = state.refused_sign_ins.write_down(&state.store, &state.env).await;
    if let Err(error) = &written {
        tracing::error!(%error, "refused sign-ins could not be written into the log and will be again");
    }
    written.is_ok()
}
