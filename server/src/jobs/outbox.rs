//! Sends what is in the outbox. A mail leaves the queue only after the server took it, so a crash in between sends it
//! twice with the same Message-ID, and never loses it.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use chrono::TimeDelta;
use futures_util::{StreamExt, stream};
use lockbox_api::{Time, ids::MailId};
use tokio::sync::watch;

use super::retry::{self, Unwritten};
use crate::{
    app::{self, Error},
    metrics::HandOver,
    notify::{Mail, Mailer, SendError},
    state::AppState,
    store::MailRecord,
};

/// Mails per round.
const BATCH: u32 = 20;
/// Longest pause between two looks.
const IDLE: Duration = Duration::from_secs(1);
/// Mails on their way at a time: a slow one holds up no other.
const AT_A_TIME: usize = 4;
/// Pause after the mail server could not be reached.
const UNREACHABLE: Duration = Duration::from_secs(5);

pub(super) async fn run(state: AppState, mailer: Arc<Mailer>, mut stopped: watch::Receiver<bool>) {
    let mut unwritten = Unwritten::default();
    let mut commits = state.changes.commits();
    while !*stopped.borrow() {
        let env = state.env.clone();
        let most = BATCH.saturating_add(unwritten.count());
        let look = state.store.read(move |tx| {
            let now = env.now();
            let waits = tx.oldest_unsent_mail()?.map_or(TimeDelta::zero(), |oldest| now - oldest);
            Ok::<_, Error>((tx.mails_due(now, most)?, waits))
        });
        let look = look.await.map(|(mut mails, waits)| {
            mails.retain(|mail| !unwritten.holds(&mail.id.0));
            (mails, waits)
        });
        if let Ok((_, waits)) = &look {
            state.metrics.outbox_age(waits.to_std().unwrap_or_default());
        }
        match look {
            Ok((mails, _)) if !mails.is_empty() => {
                let reached = AtomicBool::new(true);
                // What has begun is finished: it may have been taken already.
                let go_on = |_: &MailRecord| ready(reached.load(Relaxed) && !*stopped.borrow());
                let sends = stream::iter(mails).take_while(go_on).map(|mail| deliver(&state, &mailer, mail, &reached));
                let mut sends = sends.buffer_unordered(AT_A_TIME);
                while let Some((id, written)) = sends.next().await {
                    unwritten.note(&id.0, written);
                }
                drop(sends);
                if reached.into_inner() {
                    continue;
                }
                // All mails go to the same server: the others would only wait for it as long.
                tokio::select! {
                    () = tokio::time::sleep(UNREACHABLE) => {}
                    _ = stopped.changed() => {}
                }
                continue;
            }
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "the outbox could not be read and will be read again"),
        }
        tokio::select! {
            () = tokio::time::sleep(IDLE) => {}
            _ = stopped.changed() => {}
            // Something was committed, perhaps with a mail.
            _ = commits.changed() => {}
        }
    }
}

/// Hands one over. False where what became of it could not be written down. Notes where the server was not reached.
async fn deliver(state: &AppState, mailer: &Mailer, record: MailRecord, reached: &AtomicBool) -> (MailId, bool) {
    let id = record.id.clone();
    let mail = Mail {
        id: record.id.clone(),
        to: record.recipient.clone(),
        subject: record.subject.clone(),
        text: record.text.clone(),
        html: record.html.clone(),
        created_at: record.created_at,
    };
    let result = mailer.send(&mail).await;
    let (env, now) = (state.env.clone(), state.env.now());
    state.metrics.mail(match &result {
        Ok(()) => HandOver::Sent,
        Err(error) if retry_at(&record, error, now).is_some() => HandOver::Delayed,
        Err(_) => HandOver::Failed,
    });
    if let Err(error) = &result {
        if error.unreachable {
            reached.store(false, Relaxed);
        }
        tracing::warn!(mail.id = %record.id, mail.attempts = record.attempts + 1, reason = %error, "a mail did not go");
    }
    let written = state
        .store
        .write(move |tx| {
            match result {
                Ok(()) => tx.mail_sent(&record.id, now)?,
                Err(error) => app::outbox::failed(tx, &env, &record, &error.reason, retry_at(&record, &error, now))?,
            }
            Ok::<_, Error>(())
        })
        .await;
    if let Err(error) = &written {
        tracing::error!(%error, "what became of a mail could not be written; it will be sent again");
    }
    (id, written.is_ok())
}

/// When to try again; what the server refuses for good is not tried again. As long as somebody can still decide, people are told.
fn retry_at(record: &MailRecord, error: &SendError, now: Time) -> Option<Time> {
    let give_up = (record.created_at + retry::GIVE_UP).max(record.decide_by.unwrap_or(record.created_at));
    retry::at(&record.id.0, record.attempts, give_up, now).filter(|_| !error.permanent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(created_at: Time) -> MailRecord {
        MailRecord {
            id: "eml_1".into(),
            organization_id: "org_a".into(),
            request_id: None,
            recipient: "a@example.org".to_owned(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            link: None,
            created_at,
            attempts: 0,
            decide_by: None,
        }
    }

    #[test]
    fn what_is_refused_for_good_is_not_tried_again() {
        let now = Time::from_timestamp(1_800_000_000, 0).unwrap();
        let later = SendError { permanent: false, unreachable: true, reason: "down".to_owned() };
        assert!(retry_at(&record(now), &later, now).is_some());
        assert_eq!(retry_at(&record(now), &SendError { permanent: true, ..later }, now), None);
    }

    #[test]
    fn nothing_is_given_up_while_somebody_can_still_decide() {
        let now = Time::from_timestamp(1_800_000_000, 0).unwrap();
        let down = SendError { permanent: false, unreachable: true, reason: "down".to_owned() };
        let waits = MailRecord { decide_by: Some(now + TimeDelta::hours(96)), ..record(now) };
        let at = |hours| now + TimeDelta::hours(hours);
        assert!(retry_at(&waits, &down, at(95)).is_some());
        assert_eq!(retry_at(&waits, &down, at(96)), None);
        let soon = MailRecord { decide_by: Some(at(4)), ..record(now) };
        for mail in [soon, record(now)] {
            assert!(retry_at(&mail, &down, at(74)).is_some());
            assert_eq!(retry_at(&mail, &down, at(75)), None);
        }
    }
}
