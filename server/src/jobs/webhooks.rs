//! Delivers what is queued for webhooks. A message leaves the queue only after it was answered with 2xx, so a crash in
//! between sends it twice with the same id, and never loses it. Messages about one request go to one place one after
//! another; a place that is slow or down holds up nobody else.

use std::{collections::BTreeMap, time::Duration};

use chrono::TimeDelta;
use lockbox_api::{Time, ids::WebhookId};
use tokio::{
    sync::watch,
    task::{self, JoinSet},
};

use super::retry::{self, Unwritten};
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
/// Of messages about one request, one at a time is under way to one place. However its delivery ends, its lane is free
/// again.
#[derive(Default)]
struct Lanes(BTreeMap<task::Id, WebhookMessageRecord>);

impl Lanes {
    fn busy(&self, webhook: &WebhookId) -> usize {
        self.0.values().filter(|message| message.webhook_id == *webhook).count()
    }

    fn is_free(&self, next: &WebhookMessageRecord) -> bool {
        !self.0.values().any(|one| one.webhook_id == next.webhook_id && one.request_id == next.request_id)
    }

    fn take(&mut self, task: task::Id, message: WebhookMessageRecord) {
        self.0.insert(task, message);
    }

    fn free(&mut self, task: task::Id) -> Option<WebhookMessageRecord> {
        self.0.remove(&task)
    }
}

/// A delivery that ended by a fault of ours counts as an attempt that failed: it is tried again after a pause.
/// False where that could not be written down.
async fn ended_badly(state: &AppState, message: WebhookMessageRecord) -> bool {
    let attempt = WebhookAttempt {
        status: None,
        error: Some("the delivery ended badly".to_owned()),
        retry_at: retry_at(&message, state.env.now()),
    };
    written(state, message, attempt).await
}

/// Writes down what became of an attempt; false where that failed.
async fn written(state: &AppState, message: WebhookMessageRecord, attempt: WebhookAttempt) -> bool {
    let env = state.env.clone();
    let written = state.store.write(move |tx| webhooks::attempted(tx, &env, &message, &attempt)).await;
    if let Err(error) = &written {
        tracing::error!(%error, "what became of a message could not be written; it will be sent again");
    }
    written.is_ok()
}

/// Works until it is told to stop, then lets what is under way finish.
pub async fn run(state: AppState, sender: Sender, mut stopped: watch::Receiver<bool>) {
    let mut commits = state.changes.commits();
    // Each says whether what became of its message was written down.
    let mut under_way: JoinSet<bool> = JoinSet::new();
    let mut unwritten = Unwritten::default();
    let mut lanes = Lanes::default();
    while !*stopped.borrow() {
        match look(&state, unwritten.count()).await {
            Ok(due) => {
                for (webhook, messages) in due {
                    let room = (PER_PLACE as usize).saturating_sub(lanes.busy(&webhook.id));
                    let may_go = |one: &WebhookMessageRecord| lanes.is_free(one) && !unwritten.holds(&one.id.0);
                    let free: Vec<_> = messages.into_iter().filter(may_go).take(room).collect();
                    for message in free {
                        let (state, sender, webhook) = (state.clone(), sender.clone(), webhook.clone());
                        let kept = message.clone();
                        let task = under_way.spawn(async move { deliver(&state, &sender, &webhook, message).await });
                        lanes.take(task.id(), kept);
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
            Some(done) = under_way.join_next_with_id() => match done {
                Ok((task, written)) => {
                    if let Some(message) = lanes.free(task) {
                        unwritten.note(&message.id.0, written);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "a delivery ended badly");
                    if let Some(message) = lanes.free(error.id()) {
                        let id = message.id.clone();
                        unwritten.note(&id.0, ended_badly(&state, message).await);
                    }
                }
            },
        }
    }
    while under_way.join_next().await.is_some() {}
}

async fn look(state: &AppState, unwritten: u32) -> Result<Vec<(WebhookRecord, Vec<WebhookMessageRecord>)>, Error> {
    let env = state.env.clone();
    let (due, waits) = state
        .store
        .read(move |tx| {
            let now = env.now();
            let waits = tx.oldest_waiting_webhook_message()?.map_or(TimeDelta::zero(), |oldest| now - oldest);
            // Twice the room: some of them may be under way already.
            Ok::<_, Error>((webhooks::due(tx, now, (2 * PER_PLACE).saturating_add(unwritten))?, waits))
        })
        .await?;
    state.metrics.webhooks_age(waits.to_std().unwrap_or_default());
    Ok(due)
}

/// False where what became of it could not be written down.
async fn deliver(state: &AppState, sender: &Sender, webhook: &WebhookRecord, message: WebhookMessageRecord) -> bool {
    let (env, id) = (state.env.clone(), webhook.id.clone());
    let secrets = match state.store.read(move |tx| webhooks::secrets(tx, &id, env.now())).await {
        Ok(secrets) => secrets,
        Err(error) => {
            tracing::error!(%error, "the secrets of a webhook could not be read; its message will be tried again");
            return false;
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
    written(state, message, attempt).await
}

fn retry_at(message: &WebhookMessageRecord, now: Time) -> Option<Time> {
    retry::at(&message.id.0, message.attempts, message.created_at + retry::GIVE_UP, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(webhook: &str, request: &str) -> WebhookMessageRecord {
        let at = Time::from_timestamp(1_800_000_000, 0).unwrap();
        WebhookMessageRecord {
            id: "whm_1".into(),
            webhook_id: webhook.into(),
            organization_id: "org_meridian".into(),
            request_id: request.into(),
            kind: "request.approved".to_owned(),
            body: "{}".to_owned(),
            created_at: at,
            next_attempt_at: at,
            attempts: 0,
            delivered_at: None,
            failed_at: None,
            last_status: None,
            last_error: None,
        }
    }

    /// Found: the lane of a delivery that panicked stayed closed until the next start.
    #[tokio::test]
    async fn however_a_delivery_ends_its_lane_is_free_again() {
        let (mut tasks, mut lanes) = (JoinSet::new(), Lanes::default());
        let good = tasks.spawn(async {});
        lanes.take(good.id(), message("wh_1", "lbx_1"));
        let bad = tasks.spawn(async { panic!("a fault of ours") });
        lanes.take(bad.id(), message("wh_1", "lbx_2"));
        assert_eq!((lanes.busy(&"wh_1".into()), lanes.busy(&"wh_2".into())), (2, 0));
        assert!(!lanes.is_free(&message("wh_1", "lbx_1")) && !lanes.is_free(&message("wh_1", "lbx_2")));
        assert!(lanes.is_free(&message("wh_2", "lbx_1")) && lanes.is_free(&message("wh_1", "lbx_3")));
        while let Some(done) = tasks.join_next_with_id().await {
            let freed = match done {
                Ok((task, ())) => lanes.free(task),
                Err(error) => lanes.free(error.id()).filter(|message| message.request_id.0 == "lbx_2"),
            };
            assert!(freed.is_some());
        }
        assert!(lanes.is_free(&message("wh_1", "lbx_1")) && lanes.is_free(&message("wh_1", "lbx_2")));
    }
}
