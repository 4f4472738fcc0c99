//! The timeline of a request: its events of the log as sentences for people.
//!
//! Every sentence stands alone and names who acted, so that a screen reader and a printed page need nothing else.
//! Free text that somebody wrote is set in quotation marks at the end.

use chrono::{DateTime, Utc};
use lockbox_api::{
    Time,
    events::{Activity, Category, Event, Outcome},
    jit::EvaluationOutcome,
    provider::{ActionOutcome, RefusalReason},
    requests::{StatusReason, TimelineAction, TimelineEntry, TimelineKind},
};

use crate::{window, words};

/// The steps that the events tell, oldest first. An action stands at the time at which it happened, as the provider
/// says; everything else at the time at which it was recorded. Events that are no step in a request's life are left out.
#[must_use]
pub fn timeline(events: &[Event]) -> Vec<TimelineEntry> {
    let mut steps: Vec<(u64, TimelineEntry)> =
        events.iter().filter_map(|event| Some((event.sequence, entry(event)?))).collect();
    steps.sort_by_key(|(sequence, entry)| (entry.at, *sequence));
    steps.into_iter().map(|(_, entry)| entry).collect()
}

/// Puts in when the engineer first did something that the access covered: before that action, which a long timeline leaves out.
pub fn note_first_use(timeline: &mut Vec<TimelineEntry>, engineer: &str, at: Time) {
    let step = TimelineEntry {
        at,
        kind: TimelineKind::FirstUse,
        actor: engineer.to_owned(),
        text: format!("{engineer} used the access for the first time."),
        action: None,
    };
    let later = |entry: &TimelineEntry| entry.at > at || entry.at == at && entry.action.is_some();
    let place = timeline.iter().position(later).unwrap_or(timeline.len());
    timeline.insert(place, step);
}

fn entry(event: &Event) -> Option<TimelineEntry> {
    match event.category {
        Category::DataAccess => Some(action(event)),
        // An attempt is no step: nothing came of it. The log has it. That the provider refused the request is one.
        Category::Activity if event.outcome == Outcome::Refused && event.operation != Activity::Rejection.as_str() => {
            None
        }
        Category::Activity => {
            let (kind, text) = step(event)?;
            Some(TimelineEntry { at: event.time, kind, actor: event.actor.name.clone(), text, action: None })
        }
    }
}

fn step(event: &Event) -> Option<(TimelineKind, String)> {
    let who = &event.actor.name;
    Some(match Activity::parse(&event.operation)? {
        Activity::Create => (TimelineKind::Raised, raised(event)),
        Activity::Evaluate => (TimelineKind::Evaluated, evaluated(event)),
        Activity::InternalApprovalRequest => (TimelineKind::Internal, asked_inside(event)),
        Activity::InternalApproval => (
            TimelineKind::Internal,
            quoted(event, "justification", format!("{} let the request go on.", in_role(event))),
        ),
        Activity::Rejection => (TimelineKind::Internal, rejected(event)),
        Activity::AccessWithoutRequest => (TimelineKind::NotRequired, not_required(event)),
        Activity::Notify => (TimelineKind::Notified, notified(event)),
        Activity::MailFailure => {
            (TimelineKind::Notified, "An e-mail about the request could not be delivered.".to_owned())
        }
        Activity::Acknowledge => {
            (TimelineKind::Viewed, quoted(event, "comment", format!("{who} acknowledged the access.")))
        }
        Activity::View => (TimelineKind::Viewed, format!("{who} looked at the request.")),
        Activity::Approve => (TimelineKind::Decided, approved(event)),
        Activity::Deny => (TimelineKind::Decided, quoted(event, "justification", format!("{who} denied the request."))),
        Activity::Expiry => (TimelineKind::Ended, expired(event)),
        Activity::Cancel => (TimelineKind::Ended, cancelled(event)),
        Activity::Revoke => (TimelineKind::Ended, quoted(event, "justification", format!("{who} ended the access."))),
        Activity::Lapse => (TimelineKind::Ended, "The access time was over: the access lapsed.".to_owned()),
        Activity::Completion => (TimelineKind::Ended, completed(event)),
        Activity::Enable
        | Activity::Disable
        | Activity::PolicyUpdate
        | Activity::RoleChange
        | Activity::NotificationUpdate
        | Activity::Export
        | Activity::SignIn
        | Activity::SignOut
        | Activity::TokenCreate
        | Activity::TokenRevoke
        | Activity::ClientCreate
        | Activity::ClientUpdate
        | Activity::ClientRotate
        | Activity::ClientRevoke
        | Activity::LeaseKeyRotate
        | Activity::WebhookUpdate
        | Activity::WebhookFailure
        | Activity::EnvironmentUpdate
        | Activity::ServiceRequestCreate
        | Activity::ServiceRequestMessage
        | Activity::OrganizationUpdate
        | Activity::ServiceRequestUpdate
        | Activity::ServiceRequestClose
        | Activity::ExportStart
        | Activity::LogRead
        | Activity::LogViewUpdate => return None,
    })
}

fn raised(event: &Event) -> String {
    let mut text = format!("{} asked for access", event.actor.name);
    let (operations, friendly) = (texts(event, "operations"), texts(event, "friendly_names"));
    // Where the catalog had words for people, those are the ones to read.
    if friendly.is_empty() && !operations.is_empty() {
        text.push_str(&format!(" with {}", words::list(&operations)));
    }
    // Before what was asked for was kept apart, the minutes were those after every rule.
    let (left, asked) = (minutes(event, "access_minutes"), minutes(event, "asked_minutes"));
    match (asked, left) {
        (Some(asked), Some(left)) if asked != left => {
            let rules = match texts(event, "shortened_by").as_slice() {
                [] => String::new(),
                [rule] => format!(" by the rule {rule}"),
                rules => format!(" by the rules {}", words::list(rules)),
            };
            text.push_str(&format!(" for {asked}, shortened to {left}{rules}"));
        }
        (_, Some(minutes)) => text.push_str(&format!(" for {minutes}")),
        _ => {}
    }
    if !friendly.is_empty() {
        text.push_str(&format!(": {}", friendly.join("; ")));
    }
    text.push('.');
    text
}

fn evaluated(event: &Event) -> String {
    let judged = match text(event, "outcome").and_then(EvaluationOutcome::parse) {
        Some(EvaluationOutcome::Rejected) => "The just-in-time service rejected the request",
        Some(EvaluationOutcome::InternalApprovalRequired) => {
            "The just-in-time service asked for an approval inside the provider first"
        }
        Some(EvaluationOutcome::Continued) => "The just-in-time service let the request go on",
        None => "The just-in-time service judged the request",
    };
    match texts(event, "rules").as_slice() {
        [] => format!("{judged}."),
        [rule] => format!("{judged} (rule {rule})."),
        rules => format!("{judged} (rules {}).", words::list(rules)),
    }
}

fn asked_inside(event: &Event) -> String {
    let roles: Vec<String> = texts(event, "roles").into_iter().map(small_role).collect();
    match roles.as_slice() {
        [] => "Somebody inside the provider was asked to approve first.".to_owned(),
        [role] => format!("Inside the provider, the {role} was asked to approve first."),
        roles => format!("Inside the provider, {} were asked to approve first, each of them.", words::list(roles)),
    }
}

fn expired(event: &Event) -> String {
    let inside = event.details.get("inside").and_then(|value| value.as_bool()) == Some(true);
    let who = if inside { "Nobody inside the provider" } else { "Nobody" };
    format!("{who} decided in time: the request expired.")
}

fn rejected(event: &Event) -> String {
    match text(event, "rule") {
        Some(rule) => format!("The request was rejected by the provider's rule {rule}."),
        None => quoted(event, "justification", format!("{} rejected the request.", in_role(event))),
    }
}

fn not_required(event: &Event) -> String {
    let reason = text(event, "reason").and_then(StatusReason::parse).map(StatusReason::label);
    let told = match reason {
        Some(reason) => format!("Access opened without asking. {reason}"),
        None => "Access opened without asking.".to_owned(),
    };
    quoted(event, "exclusion_reason", told)
}

fn notified(event: &Event) -> String {
    match event.details.get("recipients").and_then(|value| value.as_u64()) {
        Some(0) => "Nobody could be told by e-mail: there are no recipients.".to_owned(),
        // At this moment it waits to be sent; that it could not be is a step of its own.
        Some(1) => "E-mail to 1 address was queued.".to_owned(),
        Some(number) => format!("E-mail to {number} addresses was queued."),
        None => "E-mail to the customer was queued.".to_owned(),
    }
}

fn approved(event: &Event) -> String {
    let period = minutes(event, "access_minutes").map_or(String::new(), |minutes| format!(" for {minutes}"));
    quoted(event, "justification", format!("{} approved the request: access opened{period}.", event.actor.name))
}

fn cancelled(event: &Event) -> String {
    let told = match text(event, "cause").and_then(StatusReason::parse) {
        Some(StatusReason::ServiceRequestClosed) => {
            "The support request was closed: the request was cancelled.".to_owned()
        }
        Some(StatusReason::EnvironmentDeleted) => {
            "The provider deleted the environment: the request was cancelled.".to_owned()
        }
        _ => format!("{} withdrew the request.", event.actor.name),
    };
    quoted(event, "note", told)
}

fn completed(event: &Event) -> String {
    let told = match text(event, "cause").and_then(StatusReason::parse) {
        Some(StatusReason::ServiceRequestClosed) => "The support request was closed: the access ended.".to_owned(),
        Some(StatusReason::EnvironmentDeleted) => "The provider deleted the environment: the access ended.".to_owned(),
        _ => format!("{} completed the work: the access ended.", event.actor.name),
    };
    quoted(event, "note", told)
}

fn action(event: &Event) -> TimelineEntry {
    let friendly_name = event.friendly_name.clone().unwrap_or_else(|| event.operation.clone());
    let target = text(event, "target");
    let refused = event.outcome == Outcome::Refused;
    let failed = event.outcome == Outcome::Failure;
    let refused_reason = text(event, "refused_reason")
        .map(|word| RefusalReason::parse(word).map_or_else(|| word.to_owned(), |reason| reason.label().to_owned()));

    let on = target.map_or(String::new(), |target| format!(" on {target}"));
    let who = &event.actor.name;
    let reported = text(event, "reported_outcome").and_then(ActionOutcome::parse);
    let fault = text(event, "report_fault");
    let mut told = match (event.outcome, reported) {
        (Outcome::Success, _) => format!("{who} did: {friendly_name}{on}."),
        (Outcome::Failure, _) => format!("{who} tried and failed: {friendly_name}{on}."),
        (Outcome::Refused, _) if fault.is_some() => format!("A faulty report about {who}: {friendly_name}{on}."),
        (Outcome::Refused, Some(ActionOutcome::Success)) => {
            format!("{who} did, although it was not allowed: {friendly_name}{on}.")
        }
        (Outcome::Refused, Some(ActionOutcome::Failure)) => {
            format!("{who} tried, although it was not allowed, and failed: {friendly_name}{on}.")
        }
        (Outcome::Refused, _) => format!("{who} was refused: {friendly_name}{on}."),
    };
    let done_outside = refused && fault.is_none() && reported == Some(ActionOutcome::Success);
    let failed = failed || refused && reported == Some(ActionOutcome::Failure);
    // What stands beside the action on a page, too.
    let refused_reason = refused_reason.map(|reason| match fault {
        Some(fault) => format!("{reason} ({fault})"),
        None if done_outside => format!("{reason} The provider reports it as done."),
        None => reason,
    });
    if event.details.get("reported_after_end").and_then(|value| value.as_bool()) == Some(true) {
        told.push_str(" It was reported after the access had ended.");
    }
    if let (true, Some(reason)) = (refused, &refused_reason) {
        told = format!("{told} {reason}");
    }
    TimelineEntry {
        at: happened_at(event).unwrap_or(event.time),
        kind: if refused { TimelineKind::Refused } else { TimelineKind::Action },
        actor: who.clone(),
        text: told,
        action: Some(TimelineAction {
            operation: event.operation.clone(),
            friendly_name,
            target: target.map(str::to_owned),
            statement: text(event, "statement").map(str::to_owned),
            rows: event.details.get("rows").and_then(|value| value.as_u64()),
            refused,
            refused_reason: refused_reason.filter(|_| refused),
            failed,
            done_outside,
            faulty: fault.is_some(),
        }),
    }
}

fn happened_at(event: &Event) -> Option<Time> {
    DateTime::parse_from_rfc3339(text(event, "happened_at")?).ok().map(|time| time.with_timezone(&Utc))
}

/// The actor with the role in which they acted and their team, where they are known.
fn in_role(event: &Event) -> String {
    let known: Vec<String> =
        text(event, "role").map(small_role).into_iter().chain(text(event, "team").map(str::to_owned)).collect();
    if known.is_empty() { event.actor.name.clone() } else { format!("{} ({})", event.actor.name, known.join(", ")) }
}

/// A role in the middle of a sentence; the capitals of an abbreviation stay.
fn small_role(role: &str) -> String {
    let called = words::approval_role(role);
    if called.starts_with("DevOps") { called } else { crate::letters::small(&called) }
}

/// The sentence, followed by what somebody wrote, where they did.
fn quoted(event: &Event, field: &str, sentence: String) -> String {
    match text(event, field).map(str::trim).filter(|text| !text.is_empty()) {
        Some(words) => format!("{sentence} “{words}”"),
        None => sentence,
    }
}

fn minutes(event: &Event, field: &str) -> Option<String> {
    let minutes = event.details.get(field).and_then(|value| value.as_u64())?;
    u32::try_from(minutes).ok().map(window::minutes_in_words)
}

fn text<'a>(event: &'a Event, field: &str) -> Option<&'a str> {
    event.details.get(field).and_then(|value| value.as_str())
}

/// A list of words, or of objects that carry theirs as `id`.
fn texts<'a>(event: &'a Event, field: &str) -> Vec<&'a str> {
    let list = event.details.get(field).and_then(|value| value.as_array());
    list.into_iter().flatten().filter_map(|value| value.as_str().or_else(|| value.get("id")?.as_str())).collect()
}

#[cfg(test)]
mod tests;
