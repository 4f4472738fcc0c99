//! One environment to choose, or none. Where there are more than come at once, a search asks the server for the others.

use crate::{
    api::{self, Pending},
    state::Remote,
    ui::{Icon, Select, SelectOption, dynamic, memo, time, watch},
};
use gloo_timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    environments::Environment,
    page::{EnvironmentPage, LIMIT_MAX},
};

/// How long typing rests before the server is asked, milliseconds.
const REST_MS: u32 = 250;

/// A choice of one environment.
#[derive(Clone, Copy)]
pub struct Choice {
    /// The id of the one that is chosen; empty for none
    value: RwSignal<String>,
    /// What stands there for none
    none: &'static str,
    /// Its service stands beside its name
    with_service: bool,
    /// What the list offers now
    options: RwSignal<Vec<SelectOption>>,
}

/// Fills a choice's list and returns its search.
pub type Fill = fn(Choice) -> AnyView;

impl Choice {
    /// A list that offers none, and what is chosen; [`fill`] makes it whole.
    pub fn new(value: RwSignal<String>, none: &'static str, with_service: bool) -> Self {
        let mut options = vec![SelectOption::new("", none)];
        let chosen = value.get_untracked();
        if !chosen.is_empty() {
            options.push(SelectOption::new(chosen.clone(), chosen));
        }
        Self { value, none, with_service, options: RwSignal::new(options) }
    }

    /// The select `Environment`.
    pub fn select(self, error: Signal<Option<String>>) -> AnyView {
        view! { <Select label="Environment" value=self.value options=self.options error=error /> }.into_any()
    }

    fn option(self, found: &Environment) -> SelectOption {
        let words =
            if self.with_service { format!("{} ({})", found.name, found.service_name) } else { found.name.clone() };
        SelectOption::new(found.id.0.clone(), words)
    }
}

/// Reads the environments into the list; the view is the search, where not all of them come at once.
pub fn fill(choice: Choice) -> AnyView {
    let Choice { value, none, options, .. } = choice;
    let first =
        Remote::new(|| Box::pin(api::environments::find_environments("", LIMIT_MAX)) as Pending<EnvironmentPage>);
    // What the list is made of: the first ones, or what was searched for; nothing until they are known.
    let found = RwSignal::new(None::<Vec<SelectOption>>);
    let missing = memo(move || {
        let value = value.get();
        let absent = !value.is_empty()
            && found.with(|found| found.as_ref().is_some_and(|found| found.iter().all(|one| one.value != value)));
        absent.then_some(value)
    });
    // What is chosen may come from the address, and stay chosen while something else is searched for: its name is asked for.
    let known = RwSignal::new(None::<SelectOption>);
    watch(move |_| {
        let Some(id) = missing.get() else { return };
        spawn_local(async move {
            let Ok(page) = api::environments::find_environments(&id, LIMIT_MAX).await else { return };
            known.try_set(page.items.iter().find(|found| found.id.0 == id).map(|found| choice.option(found)));
        });
    });
    watch(move |_| {
        let Some(found) = found.get() else { return };
        let mut all = vec![SelectOption::new("", none)];
        // What is chosen always stands there, by its id where nothing else is known of it.
        all.extend(missing.get().map(|id| {
            known.get().filter(|known| known.value == id).unwrap_or_else(|| SelectOption::new(id.clone(), id))
        }));
        all.extend(found);
        options.set(all);
    });
    watch(move |_| {
        first.value.with(|page| {
            if let Some(page) = page {
                found.set(Some(page.items.iter().map(|found| choice.option(found)).collect()));
            }
        });
    });
    let many = memo(move || first.value.with(|page| page.as_ref().is_some_and(|page| page.next_cursor.is_some())));
    dynamic(move || many.get().then(|| search(choice, first, found)))
}

fn search(choice: Choice, first: Remote<EnvironmentPage>, found: RwSignal<Option<Vec<SelectOption>>>) -> AnyView {
    let text = RwSignal::new(String::new());
    // What stands in the list: of how many, and whether they were searched for.
    let said = RwSignal::new(String::new());
    let show = move |page: &EnvironmentPage, searched: bool| {
        let (shown, total) = (page.items.len(), page.total.and_then(|total| usize::try_from(total).ok()).unwrap_or(0));
        let (count, all) = (time::number(shown), time::number(total));
        said.try_set(match (searched, shown < total) {
            (false, _) => format!("{count} of {all} environments listed. Search for the others."),
            (true, true) => format!("{count} of {all} that match listed. Type more to find the others."),
            (true, false) if shown == 1 => "1 environment matches.".to_owned(),
            (true, false) => format!("{count} environments match."),
        });
        found.try_set(Some(page.items.iter().map(|found| choice.option(found)).collect()));
    };
    let turn = StoredValue::new(0_u32);
    let resting = StoredValue::new_local(None::<Timeout>);
    watch(move |_| {
        let wanted = text.with(|text| text.trim().to_owned());
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        resting.set_value(None);
        if wanted.is_empty() {
            first.value.with_untracked(|page| page.iter().for_each(|page| show(page, false)));
            return;
        }
        resting.set_value(Some(Timeout::new(REST_MS, move || {
            spawn_local(async move {
                let answer = api::environments::find_environments(&wanted, LIMIT_MAX).await;
                if turn.try_get_value() != Some(mine) {
                    return;
                }
                match answer {
                    Ok(page) => show(&page, true),
                    Err(failure) => {
                        said.try_set(failure.sentence());
                    }
                }
            });
        })));
    });
    view! {
        <div class="c-find">
            // No landmark of its own: it narrows one field, and the page has its search.
            <div class="c-search">
                {Icon::Search.view()}
                <input
                    class="c-input"
                    type="search"
                    aria-label="Search environments"
                    placeholder="Search environments"
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                />
            </div>
            <p class="u-small u-soft" role="status">{dynamic(move || said.get())}</p>
        </div>
    }
    .into_any()
}
