//! Sends what is in the outbox. A mail leaves the queue only after the server took it, so a crash in between sends it
//! twice with the same Message-ID, and never loses it.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use lockbox_api::Time;
use tokio::sync::watch;

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
/// Pause before the first second copy of a mail of which could not be written that it went; it doubles ten times.
const UNWRITTEN: Duration = Duration::from_secs(2);
/// First pause before a second attempt.
const FIRST_RETRY: TimeDelta = TimeDelta::seconds(5);
/// Longest pause between attempts.
const LONGEST_RETRY: TimeDelta = TimeDelta::hours(1);
/// How long a mail is tried at all.
const GIVE_UP: TimeDelta = TimeDelta::hours(75);

pub(super) async fn run(state: AppState, mailer: Arc<Mailer>, mut stopped: watch::Receiver<bool>) {
    let mut unwritten = 0_u32;
    let mut commits = state.changes.commits();
    while !*stopped.borrow() {
        let env = state.env.clone();
        let look = state.store.read(move |tx| {
            let now = env.now();
            let waits = tx.oldest_unsent_mail()?.map_or(TimeDelta::zero(), |oldest| now - oldest);
            Ok::<_, Error>((tx.mails_due(now, BATCH)?, waits))
        });
        let look = look.await;
        if let Ok((_, waits)) = &look {
            state.metrics.outbox_age(waits.to_std().unwrap_or_default());
        }
        match look {
            Ok((mails, _)) if !mails.is_empty() => {
                for mail in mails {
                    if *stopped.borrow() {
                        return;
                    }
                    if !deliver(&state, &mailer, mail).await {
                        // The same mail is still due. Without a pause it would go out as fast as the server takes it.
                        unwritten = (unwritten + 1).min(10);
                        break;
                    }
                    unwritten = 0;
                }
                if unwritten == 0 {
                    continue;
                }
                tokio::select! {
                    () = tokio::time::sleep(UNWRITTEN * 2_u32.pow(unwritten)) => {}
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

/// False where what became of it could not be written down.
async fn deliver(state: &AppState, mailer: &Mailer, record: MailRecord) -> bool {
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
    written.is_ok()
}

/// When to try again: pauses double from 5 seconds to an hour, shifted by the id so that many mails don't come at once.
fn retry_at(record: &MailRecord, error: &SendError, now: Time) -> Option<Time> {
    if error.permanent || now - record.created_at >= GIVE_UP {
        return None;
    }
    let pause = FIRST_RETRY * 2_i32.saturating_pow(record.attempts.min(10));
    let shift = record.id.0.bytes().fold(0_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(i64::from(byte))) & 0xfff;
    Some(now + pause.min(LONGEST_RETRY) + TimeDelta::milliseconds(shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(attempts: u32, created_at: Time) -> MailRecord {
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
            attempts,
        }
    }

    #[test]
    fn pauses_grow_to_an_hour_and_end_after_three_days() {
        let now = Time::from_timestamp(1_800_000_000, 0).unwrap();
        let later = SendError { permanent: false, reason: "down".to_owned() };
        let pauses: Vec<i64> = (0..14)
            .map(|attempts| (retry_at(&record(attempts, now), &later, now).unwrap() - now).num_seconds())
            .collect();
        assert!(pauses.is_sorted() && pauses[0] >= 5 && pauses[0] < 10 && pauses[13] <= 3_605, "{pauses:?}");
        assert_eq!(retry_at(&record(3, now - GIVE_UP), &later, now), None);
        assert_eq!(retry_at(&record(0, now), &SendError { permanent: true, ..later }, now), None);
    }
}
