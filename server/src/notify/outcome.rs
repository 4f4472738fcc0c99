//! The mails that tell what came of a request.

use lockbox_api::{
    Time,
    requests::{AccessState, DecisionOutcome, LockboxRequest, Status},
};
use lockbox_rules::{lockbox_check::exclusion_reason, window, words};

use super::{
    Content,
    letter::{self, Fact, Letter, Tone},
    plain,
};

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The request was decided or ended, or its access ended: where it stands now says it all.
    Changed,
    /// Access was given without asking.
    AccessWithoutRequest,
    /// A request that was kept from the customer is disclosed; it has not come to an access.
    DisclosedWithoutAccess,
    /// The engineer tried or did things outside the grant.
    RefusedActions {
        /// How many.
        count: u64,
        /// How many of them the provider reported as done.
        done: u64,
        /// Of how many the report was faulty.
        faulty: u64,
        /// When people were told of such things before, where they were.
        since: Option<Time>,
    },
}

/// Tells the people who were asked, or who ought to know.
#[must_use]
pub fn render_outcome_mail(
    request: &LockboxRequest,
    organization_name: &str,
    provider_name: &str,
    outcome: Outcome,
    now: Time,
) -> Content {
    let environment = letter::name(&request.environment_name);
    let provider = letter::name(provider_name);
    let news = match outcome {
        Outcome::Changed => changed(request, &environment, &provider, now),
        Outcome::AccessWithoutRequest => without_request(request, &environment, &provider, now),
        Outcome::DisclosedWithoutAccess => disclosed(request, &environment, &provider),
        Outcome::RefusedActions { count, done, faulty, since } => {
            refused(request, &environment, &provider, [count, done, faulty], since, now)
        }
    };
    let mut facts = news.facts;
    facts.extend([
        letter::engineer(request, provider_name),
        letter::operations(request),
        letter::environment(request),
        letter::reason(request),
        letter::service_request(request),
    ]);
    let id = letter::name(request.service_request_id.as_str());
    Letter {
        tone: news.tone,
        subject: format!("{} ({id})", news.title),
        heading: news.title,
        opening: news.opening,
        facts,
        action: news.action,
        link: request.url.clone(),
        closing: format!(
            "This link grants nothing by itself: it leads to the request, for people of {} who have signed in.",
            plain::line(organization_name)
        ),
    }
    .content()
}

struct News {
    tone: Tone,
    title: String,
    opening: String,
    facts: Vec<Fact>,
    action: &'static str,
}

fn tell(title: String, opening: impl Into<String>, facts: Vec<Fact>) -> News {
    News { tone: Tone::Tell, title, opening: opening.into(), facts, action: "Open the request" }
}

fn changed(request: &LockboxRequest, environment: &str, provider: &str, now: Time) -> News {
    match request.access.state {
        AccessState::Active => opened(request, environment, now),
        AccessState::Completed | AccessState::Lapsed | AccessState::Revoked => ended(request, environment),
        AccessState::None => match request.status {
            Status::Denied => tell(
                format!("Denied: access to {environment}"),
                format!("The request was denied. {provider} gets no access."),
                decision(request),
            ),
            Status::Expired => tell(
                format!("Expired: access to {environment}"),
                format!("Nobody decided in time, so the request has expired. {provider} gets no access."),
                request.decide_by.map(|at| Fact::new("Expired", plain::moment(at))).into_iter().collect(),
            ),
            Status::Cancelled => tell(
                format!("Withdrawn: access to {environment}"),
                "The request was withdrawn before a decision. Nothing is left to decide.",
                request.status_reason.map(|reason| Fact::new("Reason", reason.label())).into_iter().collect(),
            ),
            status => tell(
                format!("{}: access to {environment}", status.label()),
                "The request has changed.",
                request.status_reason.map(|reason| Fact::new("Reason", reason.label())).into_iter().collect(),
            ),
        },
    }
}

fn opened(request: &LockboxRequest, environment: &str, now: Time) -> News {
    let mut facts = decision(request);
    facts.extend(open_until(request, now));
    News {
        action: "Follow the access, or end it",
        ..tell(
            format!("Approved: access to {environment}"),
            "The request was approved and the access is open. You can end it at any moment.",
            facts,
        )
    }
}

fn ended(request: &LockboxRequest, environment: &str) -> News {
    let access = &request.access;
    let ended = access.ended_at.map_or_else(|| "Ended".to_owned(), plain::moment);
    let mut facts = vec![
        Fact::new("Ended", ended)
            .with(access.end_reason.as_deref().map(plain::lines))
            .with(access.ended_by.as_deref().map(|by| format!("By {}", plain::line(by)))),
    ];
    if let (Some(start), Some(end)) = (access.starts_at, access.ended_at) {
        let length = window::duration_in_words(end - start);
        facts.push(Fact::new("Was open", format!("{length}, since {}", plain::moment(start))));
    }
    tell(format!("Access ended: {environment}"), "The engineer can't reach the data any more.", facts)
}

fn without_request(request: &LockboxRequest, environment: &str, provider: &str, now: Time) -> News {
    let reason = request.status_reason.map_or("No reason was given.", |reason| reason.label());
    let written = request.exclusion.as_ref().map(|exclusion| plain::lines(&exclusion.reason));
    let mut facts = vec![Fact::new("Not asked because", reason).with(written)];
    facts.extend(open_until(request, now));
    News {
        tone: Tone::Warn,
        ..tell(
            format!("Access without a request: {environment}"),
            format!("{provider} reached this environment without asking you. It is on the record, with the reason."),
            facts,
        )
    }
}

fn disclosed(request: &LockboxRequest, environment: &str, provider: &str) -> News {
    let became = match request.status {
        Status::AwaitingInternalApproval => {
            format!("It waits for an approval inside {provider}. No data was reached; you are told if access opens.")
        }
        Status::Expired => format!("Nobody inside {provider} approved it in time. No access was given."),
        Status::Cancelled => "It was withdrawn. No access was given.".to_owned(),
        _ => format!("{provider} itself rejected it. No access was given."),
    };
    let written = request.exclusion.as_ref().map(|exclusion| plain::lines(&exclusion.reason));
    let reason =
        request.exclusion.as_ref().map_or("No reason was given.", |exclusion| exclusion_reason(exclusion.kind).label());
    let mut facts = vec![Fact::new("Kept from you because", reason).with(written)];
    facts.push(Fact::new("Asked", plain::moment(request.requested_at)));
    tell(
        format!("Disclosed: a request for access to {environment}"),
        format!("Access to this environment was asked for, and you could not be told before now. {became}"),
        facts,
    )
}

/// `counts`: all, those reported as done, those whose report was faulty.
fn refused(
    request: &LockboxRequest,
    environment: &str,
    provider: &str,
    counts: [u64; 3],
    since: Option<Time>,
    now: Time,
) -> News {
    let [count, done, faulty] = counts;
    let (noun, when) = match since {
        Some(since) => ("more action", format!("Since {}, the", plain::moment(since))),
        None => ("action", "The".to_owned()),
    };
    let title = if done > 0 {
        format!("Done without permission: {} outside the grant for {environment}", words::count(done, noun))
    } else {
        format!("Refused: {} outside the grant for {environment}", words::count(count, noun))
    };
    let mut opening = match count - faulty.min(count) {
        0 => format!("{when} provider's reports were faulty."),
        outside => format!("{when} engineer tried {} that the request does not cover.", words::count(outside, noun)),
    };
    opening.push_str(&match done {
        // What was never judged is neither.
        0 if faulty >= count => String::new(),
        0 => format!(" {provider} reports none of them as done."),
        1 if count - faulty == 1 => format!(" {provider} reports it as done: nothing stopped it."),
        done if done == count - faulty => format!(" {provider} reports them as done: nothing stopped them."),
        1 => format!(" {provider} reports 1 of them as done: nothing stopped it."),
        done => format!(" {provider} reports {done} of them as done: nothing stopped them."),
    });
    if faulty > 0 {
        let reports = words::count(faulty, "report");
        opening.push_str(&format!(" {reports} had faults, so that what was done can't be judged."));
    }
    opening.push_str(" The log has each of them.");
    News {
        tone: Tone::Warn,
        action: "See what was tried",
        ..tell(title, opening, open_until(request, now).into_iter().collect())
    }
}

fn decision(request: &LockboxRequest) -> Vec<Fact> {
    let Some(decision) = &request.decision else { return Vec::new() };
    let label = match decision.outcome {
        DecisionOutcome::Approved => "Approved by",
        DecisionOutcome::Denied => "Denied by",
    };
    vec![
        Fact::new(label, format!("{}, {}", plain::line(&decision.by), plain::moment(decision.at))),
        Fact::new("Justification", plain::lines(&decision.justification)),
    ]
}

fn open_until(request: &LockboxRequest, now: Time) -> Option<Fact> {
    let expires_at = request.access.expires_at.filter(|_| request.access.state == AccessState::Active)?;
    Some(letter::until("Open until", expires_at, now))
}
