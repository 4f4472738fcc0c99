//! The mails that tell what came of a request.

use lockbox_api::{
    Time,
    requests::{AccessState, DecisionOutcome, LockboxRequest, Status},
};
use lockbox_rules::{window, words};

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
    /// The engineer tried things outside the grant, and was refused.
    RefusedActions {
        /// How many.
        count: u64,
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
        Outcome::RefusedActions { count, since } => refused(request, &environment, count, since, now),
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

fn refused(request: &LockboxRequest, environment: &str, count: u64, since: Option<Time>, now: Time) -> News {
    let (actions, when) = match since {
        Some(since) => (words::count(count, "more action"), format!("Since {}, the", plain::moment(since))),
        None => (words::count(count, "action"), "The".to_owned()),
    };
    News {
        tone: Tone::Warn,
        action: "See what was tried",
        ..tell(
            format!("Refused: {actions} outside the grant for {environment}"),
            format!(
                "{when} engineer tried {actions} that the request does not cover. The check said no; the log has it."
            ),
            open_until(request, now).into_iter().collect(),
        )
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
