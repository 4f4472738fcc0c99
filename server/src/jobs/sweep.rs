//! Writes expiry and lapse down soon after they happen, and how far the clock has come. Being late harms nobody: see
//! `app::sweep`.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;

use crate::{
    app::{self, Env, Origin, sweep},
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
        let looked = state
            .store
            .read(move |tx| {
                let due = !sweep::due(tx, env.now(), 1)?.is_empty();
                let open = env.clock.since_mark().is_none_or(|age| age >= MARK_AGE) && tx.anything_open()?;
                Ok::<_, app::Error>((due, open))
            })
            .await;
        if matches!(looked, Ok((_, true)))
            && let Err(error) = app::time::keep(&state.store, &state.env.clock, false).await
        {
            tracing::error!(%error, "the time could not be written down and will be tried again");
        }
        match looked {
            Ok((due, _)) if due || round.is_multiple_of(HOUSEKEEPING) => once(&state).await,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the sweep could not look and will try again"),
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

/// Writes down what is due: all of it together, or, where something of it can't be written, one after the other, so that a
/// damaged row holds up nothing but itself.
pub async fn once(state: &AppState) {
    let (env, origin) = (state.env.clone(), job_origin(&state.env));
    match state.store.write(move |tx| sweep::sweep(tx, &env, &origin)).await {
        Ok(0) => return,
        Ok(written) => return tracing::info!(requests.written = written, "wrote {written} expiries and lapses down"),
        Err(error) => tracing::error!(%error, "the sweep failed; what is due is tried one by one"),
    }
    let env = state.env.clone();
    let all = match state.store.read(move |tx| sweep::all_due(tx, env.now())).await {
        Ok(all) => all,
        Err(error) => return tracing::error!(%error, "the sweep could not look and will try again"),
    };
    for due in all {
        let (env, origin, job) = (state.env.clone(), job_origin(&state.env), due.clone());
        if let Err(error) = state.store.write(move |tx| sweep::one(tx, &env, &origin, &job)).await {
            tracing::error!(%error, request.id = %due.request(), "what is due can't be written and will be tried again");
        }
    }
    let env = state.env.clone();
    if let Err(error) = state.store.write(move |tx| sweep::housekeeping(tx, &env)).await {
        tracing::error!(%error, "what has outlived its use could not be forgotten");
    }
}

fn job_origin(env: &Env) -> Origin {
    Origin { correlation_id: env.random.prefixed("job_", env.now()), client_ip: None }
}
