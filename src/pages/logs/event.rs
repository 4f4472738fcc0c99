//! Everything that was recorded of an event, as it stands below its row.

use super::{
    Logs,
    bar::{category_words, outcome_words, value_words},
    copied,
    filter::{self as page, Filter, Part},
};
use crate::{
    paths,
    ui::{Copyable, time, told},
};
use chrono::TimeDelta;
use leptos::prelude::*;
use lockbox_api::events::{ActorKind, Category, Event};
use lockbox_rules::{
    letters,
    log_filter::{self, Field},
};
use serde_json::Value;

/// How far around an event one looks for what else happened.
const AROUND: TimeDelta = TimeDelta::minutes(5);

/// Everything about an event.
pub fn opened(logs: Logs, event: &Event) -> AnyView {
    let kind = match event.actor.kind {
        ActorKind::Person => "person",
        ActorKind::Engineer => "engineer of the provider",
        ActorKind::Client => "API client",
        ActorKind::System => "Lockbox itself",
    };
    let only = |field, value: &str| Some(only_this(logs, Part::value(field, value), true));
    let json = serde_json::to_string_pretty(event).unwrap_or_default();
    let origin = window().location().origin().unwrap_or_default();
    let place = event.environment_id.as_ref().map(|id| untrack(|| logs.name_of(id)));
    let at = event.time;
    let utc = logs.zone.get_untracked().is_utc();
    let environment = event.environment_id.clone().map(|id| {
        let part = only(Field::Environment, id.as_str());
        fact("Environment", logs.name_of(&id).into_any(), Some(id.0), part)
    });
    let request = event.request_id.clone().map(|id| {
        let link = view! { <a class="u-mono" href=paths::request(&id)>{id.0.clone()}</a> }.into_any();
        let part = only(Field::Request, id.as_str());
        fact("Lockbox request", link, Some(id.0), part)
    });
    let ticket = event.service_request_id.clone().map(|id| {
        let link = view! { <a class="u-mono" href=paths::service_request(&id)>{id.0.clone()}</a> }.into_any();
        let part = only(Field::ServiceRequest, id.as_str());
        fact("Support request ID", link, Some(id.0), part)
    });
    let grant = event.grant_id.as_ref().map(|id| {
        let link = all_with(Field::Grant, id.as_str());
        fact("Grant", link, Some(id.0.clone()), only(Field::Grant, id.as_str()))
    });
    let plain =
        |name: &'static str, value: Option<String>| value.map(|value| fact(name, mono(&value), Some(value), None));
    let address = event
        .client_ip
        .as_ref()
        .map(|address| fact("Address", mono(address), Some(address.clone()), words_in(logs, address)));
    // The same action in the words that requests and approvals use for it.
    let friendly = event
        .friendly_name
        .as_ref()
        .map(|name| fact("In words", view! { <bdi>{letters::visible(name)}</bdi> }.into_any(), None, None));
    let more = event.details.iter().map(|(name, value)| detail(logs, event.category, name, value, utc)).collect_view();
    let operation =
        fact("Event", mono(&event.operation), Some(event.operation.clone()), only(Field::Operation, &event.operation));
    let ended =
        fact("Outcome", outcome_words(event.outcome).into_any(), None, only(Field::Outcome, event.outcome.as_str()));
    let category = category_words(event.category).into_any();
    let category = fact("Category", category, None, only(Field::Category, event.category.as_str()));
    let both = view! { <span>{time::both(at).replace('\n', " · ")}</span> }.into_any();
    let around = Part::of(
        page::Field::Time,
        format!("{}..{}", time::iso(at - AROUND), time::iso(at + AROUND + TimeDelta::seconds(1))),
    );
    let when = fact("Time", both, Some(at.to_rfc3339()), Some(only_this(logs, around, true)));
    let actor = &event.actor;
    let who =
        view! { <span><bdi>{letters::visible(&actor.name)}</bdi> <span class="u-soft">" (" {kind} ", " {mono(&actor.id)} ")"</span></span> }
            .into_any();
    let who = fact("Actor", who, Some(actor.id.clone()), only(Field::Actor, &actor.id));
    let correlation = &event.correlation_id;
    // Everything that one call caused carries its id.
    let call = fact(
        "Correlation id",
        all_with(Field::Correlation, correlation),
        Some(correlation.clone()),
        only(Field::Correlation, correlation),
    );
    view! {
        <dl class="c-logs__facts">
            {operation}
            {friendly}
            {ended}
            {category}
            {when}
            {who}
            {environment}
            {request}
            {ticket}
            {grant}
            {address}
            {call}
            {plain("Event id", Some(event.id.0.clone()))}
            {plain("Sequence", Some(event.sequence.to_string()))}
            {more}
            <div class="c-logs__fact c-logs__fact--wide">
                <dt>"Whole event"</dt>
                <dd>
                    <details class="c-logs__json">
                        <summary>"As JSON"</summary>
                        <pre class="c-code" tabindex="0" dir="ltr">{letters::visible(&json)}</pre>
                    </details>
                    <Copyable value=json what="whole event" button_only=true />
                </dd>
            </div>
            // The buttons are enough: what they copy stands above in other words.
            <div class="c-logs__fact u-screen">
                <dt>"Copy the event"</dt>
                <dd>
                    "Link " <Copyable value=copied::link(&origin, event) what="link" button_only=true />
                    "cURL " <Copyable value=copied::curl(&origin, event) what="as cURL" button_only=true />
                    "Markdown " <Copyable value=copied::markdown(&origin, event, place.as_deref()) what="as Markdown" button_only=true />
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

fn mono(text: &str) -> AnyView {
    view! { <bdi class="u-mono">{letters::visible(text)}</bdi> }.into_any()
}

/// A value that leads to every event that has it, whatever else is filtered by.
fn all_with(field: Field, value: &str) -> AnyView {
    view! { <a class="u-mono" href=paths::logs_with(field.parameter(), value)>{value.to_owned()}</a> }.into_any()
}

/// One name with its value, a button that copies it, and one that filters by it.
fn fact(name: &'static str, value: AnyView, copy: Option<String>, only: Option<AnyView>) -> AnyView {
    view! {
        <div class="c-logs__fact">
            <dt>{name}</dt>
            <dd>
                {value}
                {copy.map(|copy| view! { <Copyable value=copy what=letters::small(name) button_only=true /> })}
                {only}
            </dd>
        </div>
    }
    .into_any()
}

/// The filter with a piece, in one way or another; or why there is none.
type Change = fn(&Filter, &Part) -> Result<Filter, String>;

/// Buttons that narrow the log: to what has this value or these words, to what has not, to what happened around it. What has not
/// is offered only where the piece says it `whole`.
fn only_this(logs: Logs, part: Part, whole: bool) -> AnyView {
    let button = |words: &'static str, wanted: Change| {
        let (own, spoken) = (part.clone(), part.clone());
        let label = move || format!("{words} {}: {}", letters::small(spoken.field.label()), value_words(logs, &spoken));
        let press = move |_| logs.narrow(|filter| wanted(filter, &own));
        view! { <button type="button" class="c-logs__only u-screen" aria-label=told(label) on:click=press>{words}</button> }
            .into_any()
    };
    let only: Change = |filter, part| Ok(filter.only(part));
    let not: Change = |filter, part| filter.try_with(&part.clone().negated());
    match part.field {
        page::Field::Time => button("Around this", only),
        page::Field::Text => view! {
            {button("Only with these words", only)}
            {whole.then(|| button("Not with these words", not))}
        }
        .into_any(),
        page::Field::Value(_) => view! {
            {button("Only this", only)}
            {button("Not this", not)}
        }
        .into_any(),
    }
}

/// Buttons that narrow the log to what has the words of a text, or to what has not.
fn words_in(logs: Logs, text: &str) -> Option<AnyView> {
    let words = log_filter::words_of(text)?;
    Some(only_this(logs, Part::of(page::Field::Text, words.search), words.whole))
}

/// One of an event's details. A statement stands as it was, over the whole width.
fn detail(logs: Logs, category: Category, name: &str, value: &Value, utc: bool) -> AnyView {
    let label = lockbox_rules::words::plain(name);
    let moment = value.as_str().filter(|_| name.ends_with("_at")).and_then(|text| text.parse().ok());
    let text = moment.map_or_else(|| in_words(value), |at| time::absolute(at, utc));
    if text.is_empty() {
        return ().into_any();
    }
    let wide = name == "statement" || text.contains('\n') || text.len() > 120;
    let mono = wide || (category == Category::DataAccess && name == "target") || matches!(value, Value::Object(_));
    let copy = letters::small(&label);
    // Numbers and moments are not among what the index has words for.
    let words = value.as_str().filter(|_| moment.is_none()).and_then(|text| words_in(logs, text));
    let shown = if wide {
        view! { <pre class="c-code" tabindex="0" dir="ltr">{letters::visible(&text)}</pre> }.into_any()
    } else {
        view! { <bdi class=mono.then_some("u-mono")>{letters::visible(&text)}</bdi> }.into_any()
    };
    view! {
        <div class=if wide { "c-logs__fact c-logs__fact--wide" } else { "c-logs__fact" }>
            <dt>{label}</dt>
            <dd>{shown} <Copyable value=text what=copy button_only=true /> {words}</dd>
        </div>
    }
    .into_any()
}

/// A JSON value as people read it.
fn in_words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "Yes" } else { "No" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(|value| !value.is_object() && !value.is_array()) => {
            values.iter().map(in_words).collect::<Vec<_>>().join("\n")
        }
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn details_read_as_words() {
        assert_eq!(in_words(&json!(null)), "");
        assert_eq!(in_words(&json!(true)), "Yes");
        assert_eq!(in_words(&json!(42)), "42");
        assert_eq!(in_words(&json!(["a", 2])), "a\n2");
        assert_eq!(in_words(&json!({"a": 1})), "{\n  \"a\": 1\n}");
        assert_eq!(in_words(&json!([{"a": 1}])), "[\n  {\n    \"a\": 1\n  }\n]");
    }
}
