//! Environments to choose from: searchable checkboxes that say what each one is.

use crate::ui::{SearchField, dynamic, told, unique_id};
use leptos::prelude::*;
use lockbox_api::{
    environments::Environment,
    ids::EnvironmentId,
    lockbox::{Policy, Scope},
};
use lockbox_rules::{letters, lockbox_check::unprotected_copy_of};
use std::{collections::BTreeSet, sync::Arc};

/// The list. Removed environments stand in it only while they are chosen.
#[component]
pub fn EnvironmentChoice(
    /// Its name
    #[prop(into)]
    label: String,
    /// Everything there is
    environments: Vec<Environment>,
    /// What is chosen
    chosen: RwSignal<BTreeSet<EnvironmentId>>,
    /// Why it can't be changed now
    #[prop(optional, into)]
    disabled_reason: Signal<Option<String>>,
    /// What is wrong with the choice
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let at_start = chosen.get_untracked();
    let mut environments = environments;
    environments.retain(|found| found.deleted_at.is_none() || at_start.contains(&found.id));
    let total = environments.len();
    let names = environments.iter().map(|found| (found.id.clone(), found.name.clone())).collect::<Vec<_>>();
    let count = move || format!("{} of {total} chosen", chosen.with(BTreeSet::len));
    let heading = unique_id("environments");
    let (labelled_by, error_id) = (heading.clone(), unique_id("error"));
    let describes = error_id.clone();
    let origins: Arc<[Origins]> = environments.iter().map(origins).collect();
    let why = unique_id("why");
    let why_id = why.clone();
    let rows = environments
        .into_iter()
        .map(|found| {
            let (origins, why) = (Arc::clone(&origins), why.clone());
            let words = describe(&found, &names);
            let hay = letters::small(&format!("{} {} {} {}", found.name, found.id, found.service_name, found.region));
            let matches = move || text.with(|text| hay.contains(&letters::small(text.trim())));
            row(found, words, origins, chosen, (disabled_reason, why), matches)
        })
        .collect_view();
    view! {
        <div
            role="group"
            class="c-field"
            aria-labelledby=labelled_by
            aria-invalid=told(move || error.with(Option::is_some).then_some("true"))
            aria-describedby=told(move || error.with(Option::is_some).then(|| describes.clone()))
            tabindex="-1"
        >
            <p class="l-row l-row--spread">
                <span class="c-field__label" id=heading>{label}</span>
                <span class="u-small u-soft" role="status">{dynamic(count)}</span>
            </p>
            {(total > 6).then(|| view! { <SearchField label="Search environments" value=text /> })}
            <div class="c-choose">{rows}</div>
            {dynamic(move || disabled_reason.get().map(|why| view! { <span class="u-hidden" id=why_id.clone()>{why}</span> }))}
            {dynamic(move || error.get().map(|error| view! { <p class="c-field__error" id=error_id.clone()>{error}</p> }))}
        </div>
    }
    .into_any()
}

/// What an environment is, and what one would not guess about it.
fn describe(found: &Environment, names: &[(EnvironmentId, String)]) -> String {
    let mut parts = vec![found.service_name.clone(), found.region.clone()];
    parts.push(if found.has_database { "has a database" } else { "no database" }.to_owned());
    let origins = [("copied from", &found.copied_from), ("restored from", &found.restored_from)];
    for (how, source) in origins.into_iter().filter_map(|(how, source)| Some((how, source.as_ref()?))) {
        let name =
            names.iter().find(|(id, _)| id == source).map_or_else(|| source.to_string(), |(_, name)| name.clone());
        parts.push(format!("{how} {name}"));
    }
    if found.deleted_at.is_some() {
        parts.push("removed by the provider".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// An environment, and what it was copied or restored from.
type Origins = (EnvironmentId, Vec<EnvironmentId>);

fn origins(found: &Environment) -> Origins {
    (found.id.clone(), found.copied_from.iter().chain(&found.restored_from).cloned().collect())
}

fn row(
    found: Environment,
    words: String,
    known: Arc<[Origins]>,
    chosen: RwSignal<BTreeSet<EnvironmentId>>,
    (disabled_reason, why): (Signal<Option<String>>, String),
    matches: impl Fn() -> bool + Send + Sync + 'static,
) -> AnyView {
    let (id, own) = (found.id.clone(), found.id.clone());
    // A copy of something protected that is not protected itself: what people get wrong most.
    let surprising = move || {
        let environment_ids = chosen.with(|chosen| chosen.iter().cloned().collect());
        let origins =
            |id: &EnvironmentId| known.iter().find(|(one, _)| one == id).map_or_else(Vec::new, |(_, of)| of.clone());
        unprotected_copy_of(true, &Policy { scope: Scope::Some, environment_ids }, &own, &origins).is_some()
    };
    let hint = unique_id("hint");
    let described_by = {
        let hint = hint.clone();
        move || if disabled_reason.with(Option::is_some) { format!("{why} {hint}") } else { hint.clone() }
    };
    let is_chosen = {
        let id = found.id.clone();
        move || chosen.with(|chosen| chosen.contains(&id))
    };
    let change = move |event| {
        let wanted = event_target_checked(&event);
        chosen.update(|chosen| {
            if wanted {
                chosen.insert(id.clone());
            } else {
                chosen.remove(&id);
            }
        });
    };
    view! {
        <label class="c-choice" hidden=told(move || !matches())>
            <input
                type="checkbox"
                aria-describedby=told(described_by)
                aria-disabled=told(move || disabled_reason.with(Option::is_some).then_some("true"))
                prop:checked=is_chosen
                on:click=move |event| {
                    if disabled_reason.with_untracked(Option::is_some) {
                        event.prevent_default();
                    }
                }
                on:change=change
            />
            <span>{found.name}</span>
            <span class="c-choice__hint" id=hint aria-hidden="true">
                {words} {dynamic(move || surprising().then(|| view! { <span class="c-choose__copy">" · This copy is not protected"</span> }))}
            </span>
        </label>
    }
    .into_any()
}
