//! Delivers what is queued for webhooks. A message leaves the queue only after it was answered with 2xx, so a crash in
//! between sends it twice with the same id, and never loses it. Messages about one request go to one place one after
//! another; a place that is slow or down holds up nobody else.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use lockbox_api::{
    Time,
    ids::{RequestId, WebhookId},
};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    app::{Error, webhooks},
    metrics::HandOver,
    state::AppState,
    store::{WebhookAttempt, WebhookMessageRecord, WebhookRecord},
    webhooks::{NotTaken, Sender},
};

/// Attempts at one place at the same time.
const PER_PLACE: u32 = 4;
/// Longest pause between two looks.
const IDLE: Duration = Duration::from_secs(1);
/// First pause before a second attempt.
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(5);
/// Longest pause between attempts.
const LONGEST_RETRY: TimeDelta = TimeDelta::hours(1);
/// How long a message is tried at all.
pub const GIVE_UP: TimeDelta = TimeDelta::hours(75);

/// Of messages about one request, one at a time is under way to one place.
type Lane = (WebhookId, RequestId);

/// Works until it is told to stop, then lets what is under way finish.
pub async fn run(state: AppState, sender: Sender, mut stopped: watch::Receiver<bool>) {
    let mut commits = state.changes.commits();
    let mut under_way: JoinSet<Lane> = JoinSet::new();
    let mut lanes: BTreeSet<Lane> = BTreeSet::new();
    while !*stopped.borrow() {
        match look(&state).await {
            Ok(due) => {
                for (webhook, messages) in due {
                    let busy = lanes.iter().filter(|(id, _)| *id == webhook.id).count();
                    let room = (PER_PLACE as usize).saturating_sub(busy);
                    let lane = |message: &WebhookMessageRecord| (webhook.id.clone(), message.request_id.clone());
                    let free: Vec<_> =
                        messages.into_iter().filter(|one| !lanes.contains(&lane(one))).take(room).collect();
                    for message in free {
                        let lane = lane(&message);
                        lanes.insert(lane.clone());
                        let (state, sender, webhook) = (state.clone(), sender.clone(), webhook.clone());
                        under_way.spawn(async move {
                            deliver(&state, &sender, &webhook, message).await;
                            lane
                        });
                    }
                }
            }
            Err(error) => tracing::error!(%error, "the queue of webhooks could not be read and will be read again"),
        }
        tokio::select! {
            () = tokio::time::sleep(IDLE) => {}
            _ = stopped.changed() => {}
            // Something was committed, perhaps with a message.
            _ = commits.changed() => {}
            Some(done) = under_way.join_next() => match done {
                Ok(lane) => {
                    lanes.remove(&lane);
                }
                // Which one it was is not told: its lane stays closed until the next start, and the log says so.
                Err(error) => tracing::error!(%error, "a delivery ended badly"),
            },
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn look(state: &AppState) -> Result<Vec<(WebhookRecord, Vec<WebhookMessageRecord>)>, Error> {
    let env = state.env.clone();
    let (due, waits) = state
        .store
        .read(move |tx| {
            let now = env.now();
            let waits = tx.oldest_waiting_webhook_message()?.map_or(TimeDelta::zero(), |oldest| now - oldest);
            // Twice the room: some of them may be under way already.
            Ok::<_, Error>((webhooks::due(tx, now, 2 * PER_PLACE)?, waits))
        })
        .await?;
    state.metrics.webhooks_age(waits.to_std().unwrap_or_default());
    Ok(due)
}

async fn deliver(state: &AppState, sender: &Sender, webhook: &WebhookRecord, message: WebhookMessageRecord) {
    let (env, id) = (state.env.clone(), webhook.id.clone());
    let secrets = match state.store.read(move |tx| webhooks::secrets(tx, &id, env.now())).await {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(%error, "the secrets of a webhook could not be read; its message will be tried again");
            return;
        }
    };
    let sent = sender.send(webhook, &message, &secrets, state.env.clock.wall()).await;
    let now = state.env.now();
    let attempt = match sent {
        Ok(status) => WebhookAttempt { status: Some(status), error: None, retry_at: None },
        Err(NotTaken { status, reason }) => {
            WebhookAttempt { status, error: Some(reason), retry_at: retry_at(&message, now) }
        }
    };
    let result = match (&attempt.error, attempt.retry_at) {
        (None, _) => HandOver::Sent,
        (Some(_), Some(_)) => HandOver::Delayed,
        (Some(_), None) => HandOver::Failed,
    };
    state.metrics.webhook(result);
    if let Some(reason) = &attempt.error {
        let attempts = message.attempts + 1;
        if result == HandOver::Failed {
            tracing::error!(webhook.id = %webhook.id, message.id = %message.id, attempts, reason, "a message is given up");
        } else {
            tracing::warn!(webhook.id = %webhook.id, message.id = %message.id, attempts, reason, "a message was not taken");
        }
    }
    let env = state.env.clone();
    let written = state.store.write(move |tx| webhooks::attempted(tx, &env, &message, &attempt)).await;
    if let Err(error) = written {
        tracing::error!(%error, "what became of a message could not be written; it will be sent again");
    }
}

/// When to try again: pauses double from 5 seconds to an hour, shifted by the id so that many don't come at once.
fn retry_at(message: &WebhookMessageRecord, now: Time) -> Option<Time> {
    if now - message.created_at >= GIVE_UP {
        return None;
    }
    let pause = FIRST_RETRY * 2_i32.saturating_pow(message.attempts.min(10));
    let shift =
        message.id.0.bytes().fold(0_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte))) & 0xfff;
    Some(now + pause.min(LONGEST_RETRY) + TimeDelta::milliseconds(shift))
}
