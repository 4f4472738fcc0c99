//! Part 6: what happened, and what was done against what was asked for.

use crate::{
    components::When,
    paths,
    ui::{
        Badge, Banner, BannerKind, Card, Copyable, Icon, LiveRegion, Timeline, TimelineItem, Tone, dynamic, each, memo,
        time,
    },
};
use leptos::prelude::*;
use lockbox_api::requests::{AccessState, LockboxRequest, TimelineAction, TimelineEntry, TimelineKind};
use lockbox_rules::{letters, lifecycle::State, refusals::Refusals, words};

/// The timeline, oldest first, live.
pub fn timeline(request: Signal<LockboxRequest>) -> AnyView {
    let entries = move || request.with(|request| request.timeline.iter().cloned().enumerate().collect::<Vec<_>>());
    view! {
        <Card title="What happened">
            {left_out(request)}
            <Timeline label="What happened">
                {each(entries, |(index, entry)| format!("{index} {}", entry.at), |(_, entry)| item(entry))}
            </Timeline>
        </Card>
    }
    .into_any()
}

/// The way to the log of the request, and how many actions are there alone.
fn left_out(request: Signal<LockboxRequest>) -> AnyView {
    dynamic(move || {
        let request = request.get();
        let left =
            request.timeline_left_out.map(|left| format!("{} in the log", words::count(left.actions, "more action")));
        let text = left.unwrap_or_else(|| "All of it in the log".to_owned());
        Some(view! { <p class="u-small"><a href=paths::logs_of_request(&request.id)>{text}</a></p> }.into_any())
    })
}

/// Says to screen readers what became of the request while the page is open; nothing of what was so when it was opened.
pub fn aloud(request: Signal<LockboxRequest>) -> AnyView {
    let state = memo(move || request.with(|request| State::new(request.status, request.access.state)));
    let first = state.get_untracked();
    let said = Signal::derive(move || if state.get() == first { String::new() } else { request.with_untracked(news) });
    view! { <LiveRegion text=said /> }.into_any()
}

fn news(request: &LockboxRequest) -> String {
    let access = &request.access;
    if let Some(by) = access.ended_by.as_ref().filter(|_| access.state == AccessState::Revoked) {
        return format!("{by} ended the access");
    }
    match (&request.decision, access.state) {
        (_, AccessState::Completed | AccessState::Lapsed) => format!("The access ended: {}", access.state.label()),
        (Some(decision), _) => format!("{} {} the request", decision.by, decision.outcome),
        (None, _) => format!("The request changed: {}", request.status.label()),
    }
}

fn item(entry: TimelineEntry) -> AnyView {
    let (icon, tone) = match entry.kind {
        TimelineKind::Raised => (Icon::Person, Tone::Muted),
        TimelineKind::Evaluated => (Icon::Gear, Tone::Muted),
        TimelineKind::Internal => (Icon::Shield, Tone::Muted),
        TimelineKind::NotRequired => (Icon::Info, Tone::Waiting),
        TimelineKind::Notified => (Icon::Mail, Tone::Waiting),
        TimelineKind::Viewed => (Icon::Eye, Tone::Muted),
        TimelineKind::Decided => (Icon::CheckCircle, Tone::Good),
        TimelineKind::FirstUse | TimelineKind::Action => (Icon::Play, Tone::Open),
        TimelineKind::Refused => (Icon::CrossCircle, Tone::Bad),
        TimelineKind::Ended => (Icon::LockClosed, Tone::Muted),
    };
    let at = entry.at;
    let actor = entry.actor;
    let when = move || view! { <When at=at /> " · " {actor.clone()} }.into_any();
    view! { <TimelineItem icon=icon tone=tone text=entry.text when=when /> }.into_any()
}

/// What the engineer did, anything refused on top; nothing before the first action.
pub fn done(request: Signal<LockboxRequest>) -> AnyView {
    let entries = memo(move || {
        request.with(|request| {
            let mut actions: Vec<(TimelineEntry, TimelineAction)> = request
                .timeline
                .iter()
                .filter_map(|entry| entry.action.clone().map(|action| (entry.clone(), action)))
                .collect();
            actions.reverse();
            // What nothing stopped above all else.
            actions.sort_by_key(|(_, action)| (!action.done_outside, !action.refused));
            actions
        })
    });
    dynamic(move || {
        let entries = entries.get();
        if entries.is_empty() {
            return ().into_any();
        }
        let beyond = request.with(|request| request.timeline_left_out.clone());
        let banner = request.with(refused);
        // What was used among the actions that are not here is not known.
        let unused = if beyond.is_none() { unused_operations(&request.get(), &entries) } else { Vec::new() };
        let rows = entries.into_iter().map(action).collect_view();
        view! {
            <Card title="What was done, against what was asked for" flush=true>
                {banner}
                <ul class="c-done">{rows}</ul>
                {beyond.is_some().then(|| view! { <div class="c-card__foot">{left_out(request)}</div> })}
                {(!unused.is_empty()).then(|| view! { <p class="c-card__foot u-small u-soft">"Asked for but not used: " {unused.join(", ")}</p> })}
            </Card>
        }
        .into_any()
    })
}

/// What lay outside: how many, and what became of them.
fn refused(request: &LockboxRequest) -> Option<AnyView> {
    let refusals = Refusals::of(request);
    let (title, meaning) = (refusals.title()?, refusals.meaning(request.decision.is_some()));
    Some(
        view! {
            <div class="c-done__refused">
                <Banner kind=BannerKind::Bad title=title><p>{meaning}</p></Banner>
            </div>
        }
        .into_any(),
    )
}

fn unused_operations(request: &LockboxRequest, done: &[(TimelineEntry, TimelineAction)]) -> Vec<String> {
    let used = |name: &str| done.iter().any(|(_, action)| action.operation == name && !action.refused);
    request.operation_words.iter().filter(|words| !used(&words.name)).map(|words| words.friendly_name.clone()).collect()
}

fn action((entry, action): (TimelineEntry, TimelineAction)) -> AnyView {
    let (tone, icon, word) = match &action {
        action if action.done_outside => (Tone::Bad, Icon::Warning, "Done without permission"),
        action if action.faulty => (Tone::Bad, Icon::Warning, "Faulty report"),
        action if action.refused => (Tone::Bad, Icon::CrossCircle, "Refused"),
        action if action.failed => (Tone::Muted, Icon::Warning, "Failed"),
        _ => (Tone::Good, Icon::Check, "Allowed"),
    };
    let state = view! { <Badge tone=tone icon=icon text=word /> };
    let rows = action.rows.map(|rows| format!(", {} rows", time::number(usize::try_from(rows).unwrap_or(usize::MAX))));
    let statement = action.statement.filter(|text| !text.is_empty()).map(|text| {
        view! {
            <div class="c-done__statement">
                <pre tabindex="0" dir="ltr">{letters::visible(&text)}</pre>
                <Copyable value=text what="statement" button_only=true />
            </div>
        }
    });
    view! {
        <li class="c-done__item">
            <p class="l-row">{state} <span class="u-strong">{action.friendly_name}</span> <code class="u-soft">{action.operation}</code></p>
            <p>
                {action.target.map(|target| view! { <code>{letters::visible(&target)}</code> })} {rows} <span class="u-soft">" · " <When at=entry.at /></span>
            </p>
            {action.refused_reason.map(|why| view! { <p class="c-done__why">{why}</p> })}
            {statement}
        </li>
    }
    .into_any()
}
