//! Part 6: what happened, and what was done against what was asked for.

use crate::{
    components::When,
    paths,
    ui::{Badge, Banner, BannerKind, Card, Copyable, Icon, Timeline, TimelineItem, Tone, dynamic, each, memo, time},
};
use leptos::prelude::*;
use lockbox_api::requests::{LockboxRequest, TimelineAction, TimelineEntry, TimelineKind};
use lockbox_rules::{letters, words};

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

/// How many actions are in the log alone, and the way to them; nothing while everything is here.
fn left_out(request: Signal<LockboxRequest>) -> AnyView {
    dynamic(move || {
        let request = request.get();
        let number = request.timeline_left_out?.actions;
        let text = format!("{} in the log", words::count(number, "more action"));
        Some(view! { <p class="u-small"><a href=paths::logs_of_request(&request.id)>{text}</a></p> }.into_any())
    })
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
        TimelineKind::Action => (Icon::Play, Tone::Open),
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
            actions.sort_by_key(|(_, action)| !action.refused);
            actions
        })
    });
    dynamic(move || {
        let entries = entries.get();
        if entries.is_empty() {
            return ().into_any();
        }
        let beyond = request.with(|request| request.timeline_left_out.clone());
        let refused = entries.iter().filter(|(_, action)| action.refused).count() as u64
            + beyond.as_ref().map_or(0, |beyond| beyond.refused_actions);
        // What was used among the actions that are not here is not known.
        let unused = if beyond.is_none() { unused_operations(&request.get(), &entries) } else { Vec::new() };
        let rows = entries.into_iter().map(action).collect_view();
        view! {
            <Card title="What was done, against what was asked for" flush=true>
                {(refused > 0)
                    .then(|| {
                        let title = if refused == 1 { "1 action was refused".to_owned() } else { format!("{refused} actions were refused") };
                        view! {
                            <div class="c-done__refused">
                                <Banner kind=BannerKind::Bad title=title>
                                    <p>"It lay outside of what you approved. It was stopped and is in the log."</p>
                                </Banner>
                            </div>
                        }
                    })}
                <ul class="c-done">{rows}</ul>
                {beyond.is_some().then(|| view! { <div class="c-card__foot">{left_out(request)}</div> })}
                {(!unused.is_empty()).then(|| view! { <p class="c-card__foot u-small u-soft">"Asked for but not used: " {unused.join(", ")}</p> })}
            </Card>
        }
        .into_any()
    })
}

fn unused_operations(request: &LockboxRequest, done: &[(TimelineEntry, TimelineAction)]) -> Vec<String> {
    let used = |name: &str| done.iter().any(|(_, action)| action.operation == name && !action.refused);
    request.operation_words.iter().filter(|words| !used(&words.name)).map(|words| words.friendly_name.clone()).collect()
}

fn action((entry, action): (TimelineEntry, TimelineAction)) -> AnyView {
    let state = if action.refused {
        view! { <Badge tone=Tone::Bad icon=Icon::CrossCircle text="Refused" /> }.into_any()
    } else if action.failed {
        view! { <Badge icon=Icon::Warning text="Failed" /> }.into_any()
    } else {
        view! { <Badge tone=Tone::Good icon=Icon::Check text="Allowed" /> }.into_any()
    };
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
