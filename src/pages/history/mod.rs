//! `/history`: what happened in a period and in the one before, for executives and auditors; on paper as well.

pub mod breakdown;
pub mod chart;
pub mod decided;
pub mod figures;
pub mod period;

use crate::{
    api::{self, Pending},
    components::{
        Page,
        permission::{gate, why_not},
    },
    state::{Remote, clock, show, use_live, use_session},
    ui::{Button, ButtonKind, Card, Empty, Icon, PageHeader, SkeletonBlock, download, dynamic, memo, time, watch},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use lockbox_api::history::History;
use lockbox_rules::permission::Action;
use period::Asked;

/// `/history`.
pub struct HistoryPage;

#[lazy_route]
impl LazyRoute for HistoryPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

fn page() -> AnyView {
    let period = period::of_address();
    let report = RwSignal::new(None::<History>);
    let nothing =
        Signal::derive(move || report.with(Option::is_none).then(|| "The figures are not there yet.".to_owned()));
    let print = Callback::new(|()| {
        // A browser without printing has nothing to say about it either.
        let _ = window().print();
    });
    let session = use_session().session;
    let organization = move || {
        session.with(|session| session.as_ref().map(|session| session.organization.name.clone()).unwrap_or_default())
    };
    // The server writes the file while the browser saves it: however many requests there were.
    let take = Callback::new(move |()| {
        if let Ok(period) = period.get_untracked() {
            download::follow(&api::history::table_path(period.query()));
        }
    });
    let connection = use_live().why_not();
    let not_allowed = why_not(Action::ExportLogs);
    let may_not = Signal::derive(move || {
        let unread = period.with(Result::is_err).then(|| "The period can’t be read.".to_owned());
        not_allowed.get().or_else(|| connection.get()).or(unread)
    });
    view! {
        <Page title="History" on_paper=true>
            <PageHeader title="History" note=|| "Who asked to reach your data, what you decided, and what came of it.">
                <Button label="Print" icon=Icon::Print disabled_reason=nothing on_press=print />
                <Button label="Download CSV" icon=Icon::Download kind=ButtonKind::Primary disabled_reason=may_not on_press=take />
            </PageHeader>
            {gate(Action::ReadHistory, move || {
                let readable = memo(move || period.with(Result::is_ok));
                view! {
                    {paper_head(report, organization)}
                    {period::picker(period, report)}
                    {dynamic(move || if readable.get() { figures(period, report) } else { unreadable(report) })}
                }
                    .into_any()
            })}
        </Page>
    }
    .into_any()
}

fn figures(period: Memo<Asked>, report: RwSignal<Option<History>>) -> AnyView {
    let remote = Remote::new(move || match period.get() {
        Ok(period) => Box::pin(api::history::read_history(period.query())) as Pending<History>,
        // This view is about to go.
        Err(_) => Box::pin(std::future::pending()),
    });
    watch(move |_| report.set(remote.value.get()));
    show(
        remote,
        "The figures could not be read",
        || view! { <SkeletonBlock lines=4 with_box=true /> }.into_any(),
        ready,
    )
}

/// In the place of figures that nobody asked for.
fn unreadable(report: RwSignal<Option<History>>) -> AnyView {
    report.set(None);
    view! {
        <div class="c-table-wrap">
            <Empty icon=Icon::Warning title="This period can't be read" note="What is wrong stands at the fields above. Put it right to see the figures." />
        </div>
    }
    .into_any()
}

/// What only the printed report carries: whose it is, for which time, and when it was made.
fn paper_head(report: RwSignal<Option<History>>, organization: impl Fn() -> String + Send + Sync + 'static) -> AnyView {
    let made = move || report.with(Option::is_some).then(|| time::absolute(clock::server_now(), false));
    view! {
        <p class="u-paper">
            <strong>{dynamic(organization)}</strong>
            " · "
            {dynamic(move || report.with(|report| report.as_ref().map(period::in_words)))}
            " · made "
            {dynamic(made)}
        </p>
    }
    .into_any()
}

fn ready(found: Signal<History>) -> AnyView {
    dynamic(move || {
        let found = found.get();
        let current = &found.current;
        if current.requests + current.without_request + current.inside == 0 {
            return view! {
                <div class="c-table-wrap">
                    <Empty icon=Icon::History title="Nothing happened in this period" note="Nobody asked for access, and no access was opened without asking. Choose a longer period to look further back." />
                </div>
            }
            .into_any();
        }
        let (outcomes, times, decided) = (chart::outcomes(&found), chart::times(&found), decided::view(&found));
        view! {
            {figures::view(&found)}
            <div class="c-halves">
                <Card title="Requests by outcome">{outcomes}</Card>
                <Card title="Time to decide">{times}</Card>
            </div>
            {breakdown::view(&found)}
            <Card title="Decided requests" flush=true>{decided}</Card>
        }
        .into_any()
    })
}
