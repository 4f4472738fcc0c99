//! `/logs`: the log and its filters. The address holds every filter: a link shared with a colleague shows the same rows.

pub mod add;
pub mod anchor;
pub mod bar;
pub mod complete;
pub mod copied;
pub mod empty;
pub mod event;
pub mod events;
pub mod export;
pub mod filter;
pub mod histogram;
pub mod kept;
pub mod line;
pub mod linked;
pub mod received;
pub mod refused;
pub mod rows;
pub mod table;
pub mod taking;
pub mod time_range;
pub mod views;
pub mod window;
pub mod zone;

use crate::{
    api::{self, Pending},
    components::{Page, permission::gate},
    paths,
    state::{Remote, clock, remote, show, use_session, use_toasts},
    ui::{Empty, Icon, PageHeader, SkeletonRows, dynamic, memo, told, watch},
};
use events::EventList;
use filter::Filter;
use leptos::prelude::*;
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_location, use_navigate},
    lazy_route,
    location::{Location, State},
};
use lockbox_api::{environments::Environment, ids::EnvironmentId, logs::LogSummary};
use lockbox_rules::{letters, permission::Action};
use refused::Refused;
use std::time::Duration;
use zone::Zone;

/// `/logs`.
pub struct LogsPage;

#[lazy_route]
impl LazyRoute for LogsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! {
            <Page title="Logs">
                <PageHeader title="Logs" note=|| "What people and engineers did, newest first. Nothing can be changed or deleted." />
                {gate(Action::ReadLogs, logs)}
            </Page>
        }
        .into_any()
    }
}

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Logs {
    /// What the address asks for
    pub filter: Memo<Filter>,
    /// What the server refuses of it
    pub refused: RwSignal<Vec<Refused>>,
    /// The event that is open, by its id
    pub open: Memo<Option<String>>,
    /// Goes to another selection; `true`: without a step in the browser's history
    pub go: Callback<(Filter, bool)>,
    /// Opens or closes an event
    pub toggle: Callback<String>,
    /// Counts by value and over time
    pub summary: Remote<LogSummary>,
    /// How times are shown
    pub zone: RwSignal<Zone>,
    environments: Remote<Vec<Environment>>,
}

impl Logs {
    /// Whether the whole filter can be read and asked for.
    pub fn is_sound(self) -> bool {
        self.filter.with(|filter| filter.faults.is_empty()) && self.refused.with(Vec::is_empty)
    }

    /// Goes on to a filter that is made of the present one, or says why there is none.
    pub fn narrow(self, change: impl FnOnce(&Filter) -> Result<Filter, String>) {
        match self.filter.with_untracked(change) {
            Ok(filter) => self.go.run((filter, false)),
            Err(why) => use_toasts().fail(why),
        }
    }

    /// The environments that there are, once known.
    pub fn environments(self) -> Vec<Environment> {
        self.environments.value.get().unwrap_or_default()
    }

    /// The name of an actor; the id as long as that is not known.
    pub fn name_of_actor(self, id: &str) -> String {
        self.summary.value.with(|summary| {
            let found = summary.iter().flat_map(|summary| &summary.actors.items).find(|actor| actor.value == id);
            letters::visible(found.map_or(id, |actor| actor.label.as_str()))
        })
    }

    /// The name of an environment; its id as long as that is not known.
    pub fn name_of(self, id: &EnvironmentId) -> String {
        self.environments.value.with(|all| {
            let found = all.iter().flatten().find(|found| found.id == *id);
            letters::visible(found.map_or(id.as_str(), |found| found.name.as_str()))
        })
    }
}

/// What went wrong where there are no rows.
const NOT_READ: &str = "The log could not be read";

fn logs() -> AnyView {
    let Location { search, pathname, .. } = use_location();
    // Of this page's address only: on the way to another page the filter, and what is open, stay as they are.
    let leaving = move || pathname.with_untracked(|path| path != paths::LOGS);
    let filter = Memo::new(move |before: Option<&Filter>| {
        let read = search.with(|search| Filter::parse(search, clock::server_now()));
        before.filter(|_| leaving()).cloned().unwrap_or(read)
    });
    let open = Memo::new(move |before: Option<&Option<String>>| {
        let read = search.with(|search| filter::open_event(search));
        before.filter(|_| leaving()).cloned().unwrap_or(read)
    });
    let navigate = use_navigate();
    let move_to = navigate.clone();
    // The step of the browser's history that one stands on. Its number can be written when the address is there.
    let step = StoredValue::new(kept::step());
    let session = use_session();
    kept::forget_with(session);
    let person = session.session.with_untracked(|session| session.as_ref().map(|session| session.person.id.0.clone()));
    let person = person.unwrap_or_default();
    let was = step
        .get_value()
        .and_then(|step| kept::of(step, &person, &filter.with_untracked(|filter| filter.address(None))));
    watch(move |_| {
        search.track();
        let number = move || {
            if location().pathname().is_ok_and(|path| path == paths::LOGS) {
                step.try_set_value(kept::number_step());
            }
        };
        request_animation_frame(number);
        // The router writes an address when its page is there, which may take longer than a frame.
        set_timeout(number, Duration::from_secs(1));
    });
    let options = move |replace: bool| {
        let state = step.get_value().filter(|_| replace).map(kept::state_of);
        NavigateOptions { replace, scroll: false, state: State::new(state), ..NavigateOptions::default() }
    };
    let go = Callback::new(move |(wanted, quietly): (Filter, bool)| move_to(&wanted.address(None), options(quietly)));
    let toggle = Callback::new(move |id: String| {
        let next = Some(id).filter(|id| open.with_untracked(|open| open.as_ref() != Some(id)));
        navigate(&filter.with_untracked(|filter| filter.address(next.as_deref())), options(true));
    });
    let environments =
        Remote::new(|| Box::pin(api::environments::list_all_environments()) as Pending<Vec<Environment>>);
    let list = EventList::new(filter, was);
    on_cleanup(move || {
        // Rows of another filter, because those of this one have not come, are not what one would come back to.
        let right = filter.with_untracked(|filter| list.of.with_untracked(|of| of.as_ref() == Some(&filter.query)));
        if let Some(step) = step.get_value().filter(|_| right && !session.left.get_untracked()) {
            let kept = kept::Kept {
                person: person.clone(),
                search: filter.with_untracked(|filter| filter.address(None)),
                rows: list.rows.get_untracked(),
                cursor: list.cursor.get_untracked(),
                above: list.above.get_value(),
            };
            kept::keep(step, kept);
        }
    });
    let query = memo(move || filter.with(|filter| filter.query.clone()));
    // New rows that came in while one looks on are counted, too.
    let newest = memo(move || {
        let live = filter.with(|filter| filter.live);
        live.then(|| list.rows.with(|rows| rows.first().map(|event| event.sequence)))
    });
    let summary = Remote::new(move || {
        newest.track();
        Box::pin(api::logs::summarize_events(query.get(), list.rows_first())) as Pending<LogSummary>
    });
    let refused = refused_of(filter, list);
    let logs = Logs { filter, refused, open, go, toggle, summary, zone: zone::kept(), environments };
    let table = show(
        list.first,
        NOT_READ,
        || view! { <SkeletonRows rows=12 columns=6 /> }.into_any(),
        move |_| {
            let none = memo(move || list.rows.with(Vec::is_empty));
            view! {
                <div class="c-table-wrap" aria-busy=told(move || list.first.loading.get().then_some("true"))>
                    {dynamic(move || if none.get() { empty::view(logs) } else { table::view(logs, list) })}
                </div>
            }
            .into_any()
        },
    );
    let state = shown(logs, list);
    let retry = Callback::new(move |()| list.first.reload());
    let above = move || match state.get() {
        Shown::Rows => histogram::view(logs),
        Shown::Unreadable => unreadable(),
        Shown::Failed => {
            let failure = list.first.failure.get();
            failure.map(|failure| remote::failed(NOT_READ, failure, retry)).into_any()
        }
    };
    view! {
        <div class="l-stack">
            {bar::view(logs, list)}
            {dynamic(above)}
            <div class="l-stack" hidden=told(move || state.get() != Shown::Rows)>{linked::view(logs, list)} {table}</div>
        </div>
    }
    .into_any()
}

/// What the server refuses of the present filter. A refusal is taken from the list's failures: its place is at the chip.
fn refused_of(filter: Memo<Filter>, list: EventList) -> RwSignal<Vec<Refused>> {
    let refused = RwSignal::new(Vec::new());
    watch(move |_| {
        let found = list.first.failure.with(|failure| {
            failure.as_ref().map(|failure| filter.with_untracked(|filter| refused::pieces(failure, filter)))
        });
        match found {
            Some(found) if !found.is_empty() => {
                refused.set(found);
                list.first.failure.set(None);
            }
            // It failed by something else: what was refused before is not what stands in the way now.
            Some(_) => refused.set(Vec::new()),
            None => {}
        }
    });
    watch(move |_| {
        let parts = filter.with(Filter::parts);
        refused.update(|refused: &mut Vec<Refused>| refused.retain(|one| parts.contains(&one.part)));
    });
    // What has come was not refused.
    watch(move |_| {
        list.begun.track();
        refused.set(Vec::new());
    });
    refused
}

/// What stands below the bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Rows,
    /// Part of the filter can't be read or is refused
    Unreadable,
    /// The rows that there are belong to another filter, and those of this one could not be read
    Failed,
}

/// Never the rows of another filter in the place of those that were asked for.
fn shown(logs: Logs, list: EventList) -> Memo<Shown> {
    let query = memo(move || logs.filter.with(|filter| filter.query.clone()));
    let of_others = memo(move || query.with(|query| list.of.with(|of| of.as_ref() != Some(query))));
    memo(move || match (logs.is_sound(), list.first.failure.with(Option::is_some)) {
        (false, _) => Shown::Unreadable,
        (true, true) if list.begun.get() > 0 && of_others.get() => Shown::Failed,
        (true, _) => Shown::Rows,
    })
}

/// In the place of rows that nobody asked for: part of the filter can't be read or is refused, and the rest is another question.
fn unreadable() -> AnyView {
    view! {
        <Empty icon=Icon::Warning title="Part of this filter can't be read" note="The filters above say what is wrong. Take those away to see what the others let through." />
    }
    .into_any()
}
