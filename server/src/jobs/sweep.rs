//! Writes expiry and lapse down soon after they happen. Being late harms nobody: see `app::sweep`.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;

use crate::{
    app::{self, Origin},
    state::AppState,
};

/// Between two looks at what is due.
const EVERY: Duration = Duration::from_millis(500);
/// How old the clock's mark may become while anything is open: what a start of the machine with a wall clock that was set
/// back may cost.
const MARK_AGE: TimeDelta = TimeDelta::seconds(1);
/// Looks between two rounds of forgetting what has outlived its use.
const HOUSEKEEPING: u32 = 600;

pub(super) async fn run(state: AppState, mut stopped: watch::Receiver<bool>) {
    let mut round = 0_u32;
    while !*stopped.borrow() {
        let env = state.env.clone();
        // Looking costs a read; the disk is only written to when there is something to write.
        let due = state
            .store
            .read(move |tx| {
                let now = env.now();
                let due = !tx.requests_due(now, 1)?.is_empty()
                    || !tx.grants_due(now, 1)?.is_empty()
                    || !tx.disclosures_due(now, 1)?.is_empty()
                    || !app::alerts::due(tx, now, 1)?.is_empty();
                let open = env.clock.since_mark().is_none_or(|age| age >= MARK_AGE) && tx.anything_open()?;
                Ok::<_, app::Error>((due, open))
            })
            .await;
        if matches!(due, Ok((_, true)))
            && let Err(error) = app::time::keep(&state.store, &state.env.clock, false).await
        {
            tracing::error!(%error, "the time could not be written down and will be tried again");
        }
        if matches!(due, Ok((true, _))) || round.is_multiple_of(HOUSEKEEPING) {
            let env = state.env.clone();
            let origin = Origin { correlation_id: env.random.prefixed("job_", env.now()), client_ip: None };
            match state.store.write(move |tx| app::sweep::sweep(tx, &env, &origin)).await {
                Ok(0) => {}
                Ok(written) => tracing::info!(requests.written = written, "wrote {written} expiries and lapses down"),
                Err(error) => tracing::error!(%error, "the sweep failed and will be tried again"),
            }
        } else if let Err(error) = due {
            tracing::error!(%error, "the sweep could not look and will try again");
        }
        round = round.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => {}
        }
    }
    // Nothing is answered any more.
    if let Err(error) = app::time::keep(&state.store, &state.env.clock, true).await {
        tracing::warn!(%error, "the time could not be written down at the end");
    }
}
