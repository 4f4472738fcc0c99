//! Filters that are kept under a name: one's own, and those that others share. One of them may be what the log opens with.

use super::{Logs, filter::Filter};
use crate::{
    api::{self, Pending},
    state::{Form, Remote, use_live, use_session, use_toasts},
    ui::{Banner, BannerKind, Button, ButtonKind, Checkbox, Icon, Panel, TextField, dynamic, memo, told},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    ids::LogViewId,
    logs::{LogStartInput, LogView, LogViewInput, LogViews},
    session::Role,
};
use lockbox_rules::{letters, log_filter, validate};

/// The views as they are known here.
#[derive(Clone, Copy)]
struct Views {
    logs: Logs,
    remote: Remote<LogViews>,
    open: RwSignal<bool>,
    /// The view that is being changed
    changing: RwSignal<Option<LogViewId>>,
    /// May take away what others share
    administrator: bool,
}

/// The menu. While the log has just been opened without a filter, the start view takes its place.
pub fn view(logs: Logs) -> AnyView {
    let remote = Remote::new(|| Box::pin(api::logs::list_views()) as Pending<LogViews>);
    let administrator = use_session().session.with_untracked(|session| {
        session.as_ref().is_some_and(|session| session.roles.contains(&Role::GlobalAdministrator))
    });
    let views = Views { logs, remote, open: RwSignal::new(false), changing: RwSignal::new(None), administrator };
    open_with_start(views);
    view! {
        <Button label="Views" icon=Icon::Star on_press=Callback::new(move |()| views.open.set(true)) />
        <Panel title="Saved views" open=views.open>
            <div class="l-stack">
                {dynamic(move || list(views))}
                <Save views=views />
            </div>
        </Panel>
    }
    .into_any()
}

/// Only when the page was come to without a filter, never when one takes the last filter away.
fn open_with_start(views: Views) {
    let asked = views.logs.filter.get_untracked();
    let open = views.logs.open.with_untracked(Option::is_some);
    if asked != Filter::default() || open {
        return;
    }
    let done = StoredValue::new(false);
    crate::ui::watch(move |_| {
        let start = views.remote.value.with(|known| {
            known.as_ref().map(|known| known.items.iter().find(|view| view.start).map(|view| view.filter.clone()))
        });
        let Some(start) = start.filter(|_| !done.get_value()) else { return };
        done.set_value(true);
        // Whoever has begun to filter meanwhile is not led elsewhere.
        let untouched = views.logs.filter.with_untracked(|filter| *filter == Filter::default());
        if let (true, Some(Ok(query))) = (untouched, start.map(|line| log_filter::parse(&line))) {
            views.logs.go.run((Filter::of(query), true));
        }
    });
}

fn list(views: Views) -> AnyView {
    let known = views.remote.value.get().map(|known| known.items).unwrap_or_default();
    if known.is_empty() {
        return view! { <p class="u-soft">"No view is saved yet. Filter the log, then give what you see a name."</p> }
            .into_any();
    }
    let items = known.into_iter().map(|one| item(views, one)).collect_view();
    view! { <ul class="c-views">{items}</ul> }.into_any()
}

fn item(views: Views, one: LogView) -> AnyView {
    let query = log_filter::parse(&one.filter).unwrap_or_default();
    let own = query.clone();
    let current = memo(move || views.logs.filter.with(|filter| filter.query == own));
    let href = Filter::of(query).address(None);
    let note = match (one.mine, one.shared) {
        (true, true) => "yours, shared".to_owned(),
        (true, false) => "yours".to_owned(),
        (false, _) => format!("by {}", one.owner),
    };
    let (id, started) = (one.id.clone(), one.start);
    let toggle_start = move |_| {
        let input = LogStartInput { view_id: (!started).then(|| id.clone()) };
        change(views, async move { api::logs::set_start(&input).await });
    };
    let own_id = one.id.clone();
    let is_changing = memo(move || views.changing.with(|changing| changing.as_ref() == Some(&own_id)));
    let edit = one.mine.then(|| {
        let id = one.id.clone();
        view! {
            <button
                type="button"
                class="c-button c-button--quiet"
                aria-label=format!("Change view {}", one.name)
                aria-expanded=told(move || if is_changing.get() { "true" } else { "false" })
                on:click=move |_| views.changing.update(|changing| *changing = (changing.as_ref() != Some(&id)).then(|| id.clone()))
            >
                "Change"
            </button>
        }
    });
    let whole = one.clone();
    let form = dynamic(move || is_changing.get().then(|| view! { <Change views=views one=whole.clone() /> }));
    // What others share an administrator can take away, and nobody but them change.
    let remove = (one.mine || views.administrator).then(|| {
        let (id, name) = (one.id.clone(), one.name.clone());
        view! {
            <button
                type="button"
                class="c-button c-button--quiet c-button--icon"
                aria-label=format!("Delete view {name}")
                title="Delete"
                on:click=move |_| {
                    let id = id.clone();
                    change(views, async move { api::logs::delete_view(&id).await });
                }
            >
                {Icon::Cross.view()}
            </button>
        }
    });
    view! {
        <li class="c-views__one">
            <a class="l-grow" href=href on:click=move |_| views.open.set(false) aria-current=told(move || current.get().then_some("true"))>
                {one.name.clone()}
            </a>
            <span class="u-small u-soft">{note}</span>
            <button
                type="button"
                class="c-button c-button--quiet"
                aria-pressed=if started { "true" } else { "false" }
                aria-label=format!("Open the log with {}", one.name)
                on:click=toggle_start
            >
                {if started { "Start view" } else { "Make start" }}
            </button>
            {edit}
            {remove}
            {form}
        </li>
    }
    .into_any()
}

/// Does something and reads the views again.
fn change(views: Views, work: impl Future<Output = Result<(), api::Failure>> + 'static) {
    let toasts = use_toasts();
    spawn_local(async move {
        match work.await {
            Ok(()) => views.remote.reload(),
            Err(failure) => toasts.fail(failure.sentence()),
        }
    });
}

/// Another name, another filter, or others who see it.
#[component]
fn Change(views: Views, one: LogView) -> impl IntoView {
    let name = RwSignal::new(one.name.clone());
    let (shared, as_shown) = (RwSignal::new(one.shared), RwSignal::new(false));
    let kept = one.filter.clone();
    let input = move || {
        let shown = || views.logs.filter.with(|filter| log_filter::print(&filter.query));
        let filter = if as_shown.get() { shown() } else { kept.clone() };
        LogViewInput { name: name.get().trim().to_owned(), filter, shared: shared.get() }
    };
    let wanted = input.clone();
    let form = Form::new(move || validate::log_view(&input()));
    let toasts = use_toasts();
    let (id, version) = (one.id.clone(), one.version);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let (input, id) = (untrack(&wanted), id.clone());
        spawn_local(async move {
            match api::logs::update_view(&id, &input, version).await {
                Ok(_) => {
                    form.done();
                    views.changing.try_set(None);
                    views.remote.reload();
                    toasts.say("View changed");
                }
                Err(failure) => form.fail(failure),
            }
        });
    };
    let sentence = form.sentence();
    let was = if one.filter.is_empty() { "the whole log".to_owned() } else { one.filter };
    view! {
        <form class="l-stack c-views__form" aria-label=format!("Change view {}", one.name) on:submit=submit novalidate=true>
            <TextField label="New name" value=name error=form.error("/name") required=true />
            <p class="u-soft">"The filter: " <code><bdi>{letters::visible(&was)}</bdi></code></p>
            <Checkbox label="Save what is shown over it" checked=as_shown />
            <Checkbox label="Shared" checked=shared hint="Everybody of your organisation who may read the log sees it." />
            {dynamic(move || sentence.get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <div class="l-row">
                <Button kind=ButtonKind::Primary label="Save changes" submit=true pending=form.pending />
                <Button label="Cancel" on_press=Callback::new(move |()| views.changing.set(None)) />
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Save(views: Views) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let connection = use_live().why_not();
    let (shared, start) = (RwSignal::new(false), RwSignal::new(false));
    let line = views.logs.filter.with_untracked(|filter| log_filter::print(&filter.query));
    let shown = if line.is_empty() { "the whole log".to_owned() } else { line.clone() };
    let input = move || LogViewInput { name: name.get().trim().to_owned(), filter: line.clone(), shared: shared.get() };
    let wanted = input.clone();
    let form = Form::new(move || validate::log_view(&input()));
    let toasts = use_toasts();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let (input, as_start) = (untrack(&wanted), start.get_untracked());
        spawn_local(async move {
            let saved = match api::logs::create_view(&input).await {
                Ok(view) if as_start => api::logs::set_start(&LogStartInput { view_id: Some(view.id) }).await,
                other => other.map(|_| ()),
            };
            match saved {
                Ok(()) => {
                    form.done();
                    views.remote.reload();
                    name.try_set(String::new());
                    toasts.say("View saved");
                }
                Err(failure) => form.fail(failure),
            }
        });
    };
    let sentence = form.sentence();
    view! {
        <form class="l-stack" on:submit=submit novalidate=true>
            <h3>"Save what is shown"</h3>
            <p class="u-soft">"The filter: " <code><bdi>{letters::visible(&shown)}</bdi></code></p>
            <TextField label="Name" value=name error=form.error("/name") required=true />
            <Checkbox label="Share it" checked=shared hint="Everybody of your organisation who may read the log sees it." />
            <Checkbox label="Open the log with it" checked=start />
            {dynamic(move || sentence.get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <div>
                <Button kind=ButtonKind::Primary label="Save view" submit=true pending=form.pending disabled_reason=connection />
            </div>
        </form>
    }
    .into_any()
}
