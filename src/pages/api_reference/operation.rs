//! One call, whole: who may, what it takes, what it answers, and how it is made.

use super::{
    Asked,
    document::Operation,
    schema::{self, Field},
};
use crate::{
    api::description::Value,
    ui::{Column, Copyable, Table, watch},
};
use leptos::prelude::*;
use lockbox_rules::letters;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// Everything below the line of a call.
pub fn details(document: &Value, one: &Operation) -> AnyView {
    let origin = window().location().origin().unwrap_or_default();
    let call = one.call(document, &origin);
    let name = one.id.clone();
    let more = one.whole.text_of("description").map(|words| view! { <p class="c-prose">{prose(words)}</p> }.into_any());
    view! {
        <div class="c-call__details">
            {more}
            <dl class="c-facts">
                <dt class="c-facts__name">"Who may"</dt>
                <dd class="c-facts__value">{prose(&letter_first(&one.permissions))}</dd>
                <dt class="c-facts__name">"Let in by"</dt>
                <dd class="c-facts__value">{prose(&way_in(one))}</dd>
                <dt class="c-facts__name">"Name for programs"</dt>
                <dd class="c-facts__value"><Copyable value=name what="the name of the call" /></dd>
            </dl>
            <section class="l-stack l-stack--tight">
                <div class="l-row l-row--spread">
                    <h4>"Example"</h4>
                    <span class="u-screen"><Copyable value=call.clone() what=format!("the example of {}", one.id) button_only=true /></span>
                </div>
                <pre class="c-code" tabindex="0" aria-label=format!("Example of {}", one.id) role="group">{call}</pre>
            </section>
            {parameters(document, one)}
            {body(document, one)}
            {answers(document, one)}
        </div>
    }
    .into_any()
}

/// With a capital at its beginning.
fn letter_first(words: &str) -> String {
    let mut rest = words.chars();
    let first = rest.next().map(|first| letters::capital(&first.to_string())).unwrap_or_default();
    first + rest.as_str()
}

fn way_in(one: &Operation) -> String {
    let way = one.let_in();
    match way.as_str() {
        "" => "Nothing: it answers everybody.".to_owned(),
        "session or token" => "The cookie of a session, or a personal access token as bearer.".to_owned(),
        _ => format!("The {way} of an API client, as bearer."),
    }
}

fn parameters(document: &Value, one: &Operation) -> Option<AnyView> {
    const PLACES: [(&str, &str); 3] = [("path", "In the path"), ("query", "In the query"), ("header", "As headers")];
    let groups = PLACES.into_iter().filter_map(|(place, words)| {
        let fields: Vec<_> = one
            .parameters()
            .iter()
            .filter(|parameter| parameter.text_of("in") == Some(place))
            .map(|parameter| schema::parameter(document, parameter))
            .collect();
        (!fields.is_empty()).then(|| {
            let caption = format!("{words}, {}", one.id);
            view! { <section class="l-stack l-stack--tight"><h4>{words}</h4>{table(&caption, "Required", fields)}</section> }.into_any()
        })
    });
    (!one.parameters().is_empty()).then(|| groups.collect_view().into_any())
}

fn body(document: &Value, one: &Operation) -> Option<AnyView> {
    let schema = one.body()?.get("schema")?;
    let about = schema::line(document, "", schema, true).words;
    let table = table(&format!("Body, {}", one.id), "Required", schema::fields(document, schema));
    Some(
        view! {
            <section class="l-stack l-stack--tight">
                <h4>"Body"</h4>
                {(!about.is_empty()).then(|| view! { <p class="u-soft">{prose(&about)}</p> }.into_any())}
                {table}
            </section>
        }
        .into_any(),
    )
}

fn answers(document: &Value, one: &Operation) -> AnyView {
    one.answers()
        .map(|(status, answer)| {
            let kinds = answer.get("content").map(Value::members).unwrap_or_default();
            let named: Vec<_> = kinds.iter().map(|(kind, _)| kind.as_str()).collect();
            let words = answer.text_of("description").unwrap_or_default();
            let fields = kinds
                .first()
                .and_then(|(_, content)| content.get("schema"))
                .map(|schema| schema::fields(document, schema));
            let headers: Vec<_> = answer
                .get("headers")
                .map(Value::members)
                .unwrap_or_default()
                .iter()
                .map(|(name, header)| Field {
                    required: true,
                    words: header.text_of("description").unwrap_or_default().to_owned(),
                    ..schema::line(document, name, header.get("schema").unwrap_or(&Value::Null), true)
                })
                .collect();
            let caption = format!("Answer {status}, {}", one.id);
            let beside = if named.is_empty() { words.to_owned() } else { format!("{words}: {}", named.join(", ")) };
            view! {
                <section class="l-stack l-stack--tight">
                    <h4>"Answer " {status.clone()} " " <span class="c-call__kind">{beside}</span></h4>
                    {(!headers.is_empty()).then(|| table(&format!("Headers, {caption}"), "Always", headers))}
                    {fields.filter(|fields| !fields.is_empty()).map(|fields| table(&caption, "Always", fields))}
                </section>
            }
            .into_any()
        })
        .collect_view()
        .into_any()
}

/// Fields as a table. `must` heads the column that says whether one has to be there.
pub fn table(caption: &str, must: &'static str, fields: Vec<Field>) -> AnyView {
    let rows = fields
        .into_iter()
        .map(|field| {
            let choices = (!field.choices.is_empty()).then(|| {
                let choices = field
                    .choices
                    .iter()
                    .map(|choice| view! { <code>{choice.clone()}</code> " " }.into_any())
                    .collect_view();
                view! { <p class="c-fields__choices">"One of " {choices}</p> }.into_any()
            });
            let limits = (!field.limits.is_empty())
                .then(|| view! { <p class="u-soft u-small">{prose(&field.limits.join(", "))}</p> }.into_any());
            let example = field.example.map(|example| {
                view! { <p class="u-soft u-small">"For example " <code>{example}</code></p> }.into_any()
            });
            view! {
                <tr>
                    <th scope="row"><code>{dots(&field.name)}</code></th>
                    <td class="c-fields__kind">{field.kind}</td>
                    <td class="c-fields__must" data-label=must>{if field.required { "Yes" } else { "No" }}</td>
                    <td class="c-fields__words">
                        {(!field.words.is_empty()).then(|| view! { <p>{prose(&field.words)}</p> }.into_any())}
                        {choices} {limits} {example}
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect_view();
    let columns = vec![Column::words("Name"), Column::words("Type"), Column::words(must), Column::words("Meaning")];
    view! { <div class="c-fields"><Table caption=caption dense=true columns=columns>{rows}</Table></div> }.into_any()
}

/// A name that may be broken after its dots.
fn dots(name: &str) -> AnyView {
    let mut parts = name.split_inclusive('.').map(str::to_owned);
    let first = parts.next();
    let rest = parts.map(|part| view! { <wbr />{part} }.into_any()).collect_view();
    view! { {first}{rest} }.into_any()
}

/// Words of the description: what stands between backticks is code, links of its sources lead nowhere here.
pub fn prose(words: &str) -> AnyView {
    let words = words.replace("[`", "`").replace("`]", "`").replace('\n', " ");
    words
        .split('`')
        .enumerate()
        .map(|(index, part)| {
            let part = part.to_owned();
            if index % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect_view()
        .into_any()
}

/// Keeps the line of a call that is opened in sight; where the address of a fresh page names it, it is scrolled to.
pub fn bring_into_sight(open: Memo<bool>, asked: Memo<Asked>, element: &str) {
    let element = element.to_owned();
    watch(move |first| {
        if !open.get() || asked.with_untracked(|asked| asked.open == super::ALL) {
            return;
        }
        let element = element.clone();
        request_animation_frame(move || {
            let found = document().query_selector(&format!("#{element} > .c-call__head")).ok().flatten();
            let options = ScrollIntoViewOptions::new();
            options.set_block(if first { ScrollLogicalPosition::Start } else { ScrollLogicalPosition::Nearest });
            if let Some(found) = found {
                found.scroll_into_view_with_scroll_into_view_options(&options);
            }
        });
    });
}
