//! The queue: what waits for the provider's own approval, over all customers; which selection is in the address.

use super::{roles, state_badge};
use crate::{
    api,
    components::{CountdownTo, Page, When, permission::gate},
    paths,
    state::{Paged, show, use_live},
    ui::{Column, Empty, Icon, LinkTabs, PageHeader, Pager, SkeletonRows, TabLink, Table, dynamic, each, memo, told},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use lockbox_api::{
    internal::{InternalApprovalQuery, InternalApprovalSummary, InternalState, InternalView},
    page::Page as Part,
};
use lockbox_rules::{
    permission::Action,
    words::{approval_role, list as in_words},
};

/// The tabs: value in the address, words.
const TABS: [(InternalView, &str); 2] =
    [(InternalView::Waiting, "Waiting"), (InternalView::Recent, "Recent (28 days)")];

/// The columns, in order.
const COLUMNS: [&str; 6] =
    ["Customer and environment", "What is asked", "State", "Waits for", "Requested", "Decide by"];

fn address_of(view: InternalView) -> String {
    let word = if view == InternalView::Waiting { "" } else { view.as_str() };
    paths::Query::new().add("view", word).onto(paths::INTERNAL_APPROVALS)
}

/// The page.
pub fn page() -> AnyView {
    view! {
        <Page title="Internal approvals">
            <PageHeader
                title="Internal approvals"
                note=|| "What engineers ask and a rule wants somebody inside the provider to decide first. The customer is asked after that, and sees what you decide."
            />
            {gate(Action::ReadInternalApprovals, queue)}
        </Page>
    }
    .into_any()
}

fn queue() -> AnyView {
    let address = use_query_map();
    let view = memo(move || {
        let word = address.with(|address| address.get("view"));
        word.and_then(|word| InternalView::parse(&word)).unwrap_or(InternalView::Waiting)
    });
    // What changed is not told to people of the provider, only that something did.
    let changed = use_live().revision(|_| true);
    let own = RwSignal::new(Vec::<String>::new());
    let select = move || {
        changed.track();
        view.get()
    };
    let list = Paged::new(select, move |view, limit, cursor| {
        let query = InternalApprovalQuery { view: Some(view), limit: Some(limit), cursor };
        Box::pin(async move {
            let page = api::internal::list_internal_approvals(query).await?;
            own.try_set(page.your_roles);
            Ok(Part { items: page.items, next_cursor: page.next_cursor, total: None })
        })
    });
    let tabs = Signal::derive(move || {
        TABS.map(|(one, label)| TabLink {
            href: address_of(one),
            label: label.to_owned(),
            current: view.get() == one,
            count: None,
        })
        .to_vec()
    });
    let table = show(
        list.first,
        "The queue could not be read",
        || view! { <SkeletonRows columns=6 /> }.into_any(),
        move |_| {
            let none = memo(move || list.rows.with(Vec::is_empty));
            view! {
                <div class="c-table-wrap" aria-busy=told(move || list.first.loading.get().then_some("true"))>
                    {dynamic(move || if none.get() { empty(view.get(), own) } else { ready(list, own) })}
                </div>
            }
            .into_any()
        },
    );
    view! {
        <LinkTabs label="Which requests" tabs=tabs />
        {dynamic(move || own.with(|own| (!own.is_empty()).then(|| view! { <p class="u-soft">"You approve as: " {roles(own)} "."</p> })))}
        {table}
    }
    .into_any()
}

fn ready(list: Paged<InternalApprovalSummary>, own: RwSignal<Vec<String>>) -> AnyView {
    view! {
        <Table caption="Internal approvals" columns=COLUMNS.map(Column::words).to_vec() cards=true>
            {each(move || list.rows.get(), |row| format!("{} {} {}", row.id, row.version, row.state), move |found| row(found, own))}
        </Table>
        <Pager
            shown=Signal::derive(move || list.rows.with(Vec::len))
            more=Signal::derive(move || list.cursor.with(Option::is_some))
            pending=list.pending
            words=("request", "requests")
            on_more=Callback::new(move |()| list.load_more())
        />
    }
    .into_any()
}

fn row(row: InternalApprovalSummary, own: RwSignal<Vec<String>>) -> AnyView {
    let [place, asked, state, waits_for, requested, decide_by] = COLUMNS;
    let href = paths::internal_approval(&row.id);
    let what = row.operations.join(", ");
    let name = format!("{}, {}: {what}", row.organization_name, row.environment_name);
    let mine = |role: &String| row.waits_for_you && own.with_untracked(|own| own.contains(role));
    let waits: Vec<String> = row
        .waits_for
        .iter()
        .map(|role| format!("{}{}", approval_role(role), if mine(role) { " (you)" } else { "" }))
        .collect();
    let waits = if waits.is_empty() { dash() } else { view! { <span>{in_words(&waits)}</span> }.into_any() };
    let end = row.decide_by.map(|until| {
        if row.state == InternalState::Waiting {
            view! { <CountdownTo until=until over="Expired" /> }.into_any()
        } else {
            view! { <When at=until end=true /> }.into_any()
        }
    });
    view! {
        <tr>
            <th scope="row" data-label=place>
                <span>
                    <a class="c-table__link u-strong" href=href aria-label=name>{row.organization_name}</a>
                    <span class="c-requests__who">{row.environment_name}</span>
                </span>
            </th>
            <td data-label=asked><span>{what} <span class="c-requests__who">{row.engineer_name}</span></span></td>
            <td data-label=state><span>{state_badge(row.state)}</span></td>
            <td data-label=waits_for>{waits}</td>
            <td data-label=requested><When at=row.requested_at /></td>
            <td data-label=decide_by>{end.unwrap_or_else(dash)}</td>
        </tr>
    }
    .into_any()
}

/// Nothing to say here, also aloud.
fn dash() -> AnyView {
    view! { <span><span aria-hidden="true" class="u-soft">"–"</span> <span class="u-hidden">"none"</span></span> }
        .into_any()
}

fn empty(view: InternalView, own: RwSignal<Vec<String>>) -> AnyView {
    let (title, note) = if own.with(Vec::is_empty) {
        (
            "You approve for no role yet",
            "Rules ask for the approval of roles such as support lead. Whoever operates Lockbox says for which of them you approve.",
        )
    } else if view == InternalView::Waiting {
        (
            "Nothing waits inside the provider",
            "When a rule asks for your approval, the request appears here by itself and you get an e-mail.",
        )
    } else {
        ("No request in the last 28 days", "No rule has asked for an approval of your roles.")
    };
    view! { <Empty icon=Icon::Shield title=title note=note /> }.into_any()
}
