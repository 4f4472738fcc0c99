//! Watches that somebody can give every approval that the JIT rules may demand. A role that nobody has is found out when a
//! request has waited for it in vain, unless the operator is told before.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    app::{Error, internal},
    state::AppState,
};

/// Between two looks: accounts are changed by commands of their own.
const EVERY: Duration = Duration::from_secs(60);

pub(super) async fn run(state: AppState, mut stopped: watch::Receiver<bool>) {
    let mut told = Vec::new();
    while !*stopped.borrow() {
        if let Some(unheld) = look(&state).await.filter(|unheld| *unheld != told) {
            warn(&unheld);
            told = unheld;
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Looks now, as after a change of the rules.
pub(super) async fn tell(state: &AppState) {
    if let Some(unheld) = look(state).await.filter(|unheld| !unheld.is_empty()) {
        warn(&unheld);
    }
}

/// Sets the figure, and gives the roles that no account approves as; `None` where that could not be found out.
async fn look(state: &AppState) -> Option<Vec<String>> {
    let rules = state.env.book.rules();
    match state.store.read(move |tx| internal::unheld_roles(tx, &rules)).await {
        Ok(unheld) => {
            state.metrics.unheld_roles(&unheld);
            Some(unheld)
        }
        Err(error) => {
            let error: Error = error;
            tracing::error!(?error, "the internal approvers could not be looked at");
            None
        }
    }
}

fn warn(unheld: &[String]) {
    if unheld.is_empty() {
        tracing::info!("an account approves for every role that the JIT rules demand");
    } else {
        let roles = unheld.join(", ");
        tracing::warn!(roles, "JIT rules demand an approval that no account can give: {roles}");
    }
}
