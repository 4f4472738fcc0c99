//! Protection at a glance: on or off, and which environments are covered and which are not.

use crate::{
    api::{self, Pending},
    paths,
    state::{Remote, show, use_live},
    ui::{Badge, Card, Icon, SkeletonBlock, Tone, dynamic, time},
};
use leptos::prelude::*;
use lockbox_api::{
    environments::Environment,
    lockbox::{Lockbox, Scope},
};

/// Operations in the log after which protection may be another.
fn concerns(operation: &str) -> bool {
    operation.contains("Lockbox Policy") || operation.ends_with("able Lockbox") || operation.starts_with("Environment")
}

pub(super) fn protection() -> AnyView {
    let changed = use_live().revision(|change| concerns(&change.operation));
    let setting = Remote::new(move || {
        changed.track();
        Box::pin(api::lockbox::read_lockbox()) as Pending<Lockbox>
    });
    let environments = Remote::new(move || {
        changed.track();
        Box::pin(api::environments::list_all_environments()) as Pending<Vec<Environment>>
    });
    let skeleton = || view! { <SkeletonBlock lines=3 /> }.into_any();
    let state = show(setting, "The Lockbox setting could not be read", skeleton, |setting| {
        dynamic(move || on_or_off(&setting.get()))
    });
    let covered = show(environments, "The environments could not be read", skeleton, |found| {
        dynamic(move || found.with(|found| lists(found)))
    });
    let change = || view! { <a href=paths::ADMINISTRATION>"Policy"</a> }.into_any();
    view! { <Card title="Protection" tools=change>{state} {covered}</Card> }.into_any()
}

fn on_or_off(setting: &Lockbox) -> AnyView {
    let (badge, words) = if setting.enabled {
        let words = match setting.policy.scope {
            Scope::All => "Every environment is protected, also those that come later.",
            Scope::Some => "Some environments are protected.",
            Scope::None => "Lockbox is on, but the policy protects no environment.",
        };
        (view! { <Badge tone=Tone::Good icon=Icon::Shield text="Lockbox is on" /> }.into_any(), words)
    } else {
        let words = "Engineers of the provider need no consent. Every access is still logged.";
        (view! { <Badge tone=Tone::Waiting icon=Icon::Warning text="Lockbox is off" /> }.into_any(), words)
    };
    view! {
        <div class="l-stack l-stack--tight">
            <p>{badge}</p>
            <p class="u-soft">{words}</p>
        </div>
    }
    .into_any()
}

fn lists(environments: &[Environment]) -> AnyView {
    let here = environments.iter().filter(|environment| environment.deleted_at.is_none());
    let (covered, bare): (Vec<&Environment>, Vec<&Environment>) = here.partition(|environment| environment.protected);
    view! { {list("Protected", Icon::LockClosed, &covered)} {list("Not protected", Icon::LockOpen, &bare)} }.into_any()
}

/// Environments that a list names at once; the others open on demand.
const NAMED: usize = 20;

fn list(title: &'static str, icon: Icon, environments: &[&Environment]) -> AnyView {
    if environments.is_empty() {
        return ().into_any();
    }
    let items = |some: &[&Environment]| {
        let items = some.iter().map(|environment| item(environment, icon)).collect_view();
        view! { <ul class="c-places">{items}</ul> }.into_any()
    };
    let (first, others) = environments.split_at(environments.len().min(NAMED));
    let more = (!others.is_empty()).then(|| {
        view! {
            <details>
                <summary class="c-places__more">{time::number(first.len())} " of " {time::number(environments.len())} " shown. Show all"</summary>
                {items(others)}
            </details>
        }
    });
    view! {
        <div>
            <h3 class="u-small u-soft">{title} " (" {environments.len()} ")"</h3>
            {items(first)} {more}
        </div>
    }
    .into_any()
}

fn item(environment: &Environment, icon: Icon) -> AnyView {
    let (name, service) = (environment.name.clone(), environment.service_name.clone());
    let copy = environment
        .unprotected_copy_of
        .is_some()
        .then(|| view! { " " <span class="u-small c-places__copy">"holds a copy of protected data"</span> });
    view! { <li class="c-places__item">{icon.view()} <span>{name} " " <span class="u-small u-soft">{service}</span> {copy}</span></li> }
        .into_any()
}
