//! `lockbox request wait`: holds until a request is decided, and says meanwhile what it waits for.
//!
//! On a terminal one line counts down; elsewhere there is a line for every change, so that a log of it can be read.

use std::{
    cell::RefCell,
    io::{self, IsTerminal, Write},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use lockbox_api::{
    Time,
    ids::RequestId,
    requests::{AccessState, LockboxRequest, Status},
};
use lockbox_client::{Client, Error, News};
use lockbox_rules::{window, words as plain_words};

use super::{NOT_DECIDED, Outcome, code_of, done, failed, words};
use crate::{clock::Clock, config::Remote};

/// Back to the first column, and the line is empty.
const CLEAR: &str = "\r\x1b[2K";

/// Waits, and prints the request as it is then, or its grant alone.
pub(super) async fn wait(
    client: &Client,
    id: &RequestId,
    patience: Option<Duration>,
    quiet: bool,
    remote: &Remote,
) -> Outcome {
    let live = io::stderr().is_terminal();
    let clock = Clock::starting_at(None);
    let now = || server_time(client.server_date()).unwrap_or_else(|| clock.now());
    let shown = RefCell::new(Shown::default());
    let waiting = client.wait_with(id, patience, |news| {
        if let Some(line) = shown.borrow_mut().take_in(news, now()) {
            say(&line, live);
        }
    });
    tokio::pin!(waiting);
    let mut every_second = tokio::time::interval(Duration::from_secs(1));
    let waited = loop {
        tokio::select! {
            waited = &mut waiting => break waited,
            _ = every_second.tick(), if live => shown.borrow().draw(now()),
        }
    };
    if live {
        let _ = write!(io::stderr(), "{CLEAR}");
    }
    let told = |request: &LockboxRequest| match &request.access.grant_id {
        // A grant that opens nothing any more is of no use to what reads this.
        Some(grant) if quiet && request.access.state == AccessState::Active => format!("{grant}\n"),
        _ if quiet => String::new(),
        _ => words::request(request),
    };
    match waited {
        Ok(request) => Ok(done(remote, code_of(&request), &request, || told(&request))),
        Err(Error::NotDecided(request)) => {
            say("Not decided within the time that was given.", false);
            Ok(done(remote, NOT_DECIDED, &request, || told(&request)))
        }
        Err(error) => Err(failed(remote)(error)),
    }
}

/// One line for the person who waits; `live`: in place of the countdown.
pub(super) fn say(line: &str, live: bool) {
    let clear = if live { CLEAR } else { "" };
    // Whoever closed standard error does not want to read it.
    let _ = writeln!(io::stderr(), "{clear}{}", words::plain(line));
}

/// What the person who waits was told.
#[derive(Default)]
struct Shown {
    /// Waits for whom; `None` in it: Lockbox is out of reach.
    told: Option<Option<Status>>,
    decide_by: Option<Time>,
}

impl Shown {
    /// The line that is to be said, where there is something new.
    fn take_in(&mut self, news: News<'_>, now: Time) -> Option<String> {
        let (told, decide_by, line) = match news {
            News::Request(request) => (Some(request.status), request.decide_by, sentence(request, now)),
            News::Lost(error) => (None, None, format!("Lockbox {error}; trying again.")),
        };
        self.decide_by = decide_by;
        let new = self.told != Some(told);
        self.told = Some(told);
        new.then_some(line)
    }

    fn draw(&self, now: Time) {
        let left = self.decide_by.map(|at| countdown(at, now)).unwrap_or_default();
        let mut out = io::stderr();
        let _ = write!(out, "{CLEAR}{left}");
        let _ = out.flush();
    }
}

fn sentence(request: &LockboxRequest, now: Time) -> String {
    let whom = match request.status {
        Status::AwaitingInternalApproval => {
            let roles: Vec<String> = request.evaluation.approval_roles().into_iter().map(plain_words::plain).collect();
            format!("internal approval ({})", plain_words::list(&roles))
        }
        _ => "the customer's decision".to_owned(),
    };
    let until = request.decide_by.map(|at| {
        let left = window::duration_in_words((at - now).max(TimeDelta::zero()));
        format!(" until {} ({left})", words::time(at))
    });
    format!("Waiting for {whom} on {}{}.", request.id, until.unwrap_or_default())
}

/// Lockbox's time: what an answer's `Date` said, and what has gone by since. The clock of the machine on which somebody
/// waits may be hours off.
fn server_time(date: Option<(String, Duration)>) -> Option<Time> {
    let (date, ago) = date?;
    let told = DateTime::parse_from_rfc2822(&date).ok()?.with_timezone(&Utc);
    told.checked_add_signed(TimeDelta::from_std(ago).ok()?)
}

/// `95:59:12 left`.
fn countdown(at: Time, now: Time) -> String {
    let left = (at - now).num_seconds().max(0);
    format!("{}:{:02}:{:02} left", left / 3_600, left / 60 % 60, left % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_the_servers_and_goes_on_between_answers() {
        let told = |date: &str, ago| server_time(Some((date.to_owned(), Duration::from_secs(ago))));
        let at = Time::from_timestamp(1_795_347_195, 0).unwrap();
        assert_eq!(told("Sun, 22 Nov 2026 11:33:15 GMT", 0), Some(at));
        assert_eq!(told("Sun, 22 Nov 2026 11:33:15 GMT", 65), Some(at + TimeDelta::seconds(65)));
        assert_eq!((told("yesterday", 0), server_time(None)), (None, None));
    }

    #[test]
    fn counts_down_to_nothing_and_not_below() {
        let at = Time::from_timestamp(1_000_000, 0).unwrap();
        let before = |seconds| countdown(at, at - TimeDelta::seconds(seconds));
        assert_eq!(before(345_552), "95:59:12 left");
        assert_eq!(
            (before(59), before(0), before(-5)),
            ("0:00:59 left".into(), "0:00:00 left".into(), "0:00:00 left".into())
        );
    }
}
