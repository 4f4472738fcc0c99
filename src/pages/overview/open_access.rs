//! Access that is open at this moment: who, where, until when, and the way to end it.

use crate::{
    api::{self, Pending},
    components::{CountdownTo, EndAccess},
    paths,
    state::{Remote, show, use_live},
    ui::{Card, Icon, SkeletonBlock, dynamic, each},
};
use leptos::prelude::*;
use lockbox_api::{
    page::{LIMIT_DEFAULT, RequestPage},
    requests::{LockboxRequestSummary, RequestView},
};

pub(super) fn open_access() -> AnyView {
    let changed = use_live().requests();
    let remote = Remote::new(move || {
        changed.track();
        Box::pin(api::requests::list_view(RequestView::Active, LIMIT_DEFAULT)) as Pending<RequestPage>
    });
    let body = show(
        remote,
        "The open access could not be read",
        || view! { <div class="c-card__body"><SkeletonBlock lines=2 /></div> }.into_any(),
        move |page| {
            let rows = move || page.with(|page| page.items.clone());
            view! {
                {dynamic(move || {
                    rows()
                        .is_empty()
                        .then(|| {
                            view! {
                                <p class="c-rows__none">{Icon::LockClosed.view()} <span>"Nobody has access to a protected environment."</span></p>
                            }
                        })
                })}
                <ul class="c-rows">
                    {each(rows, |row| format!("{} {}", row.id, row.version), move |found| row(found, remote))}
                </ul>
                {super::rest(page, paths::requests_of_view(RequestView::Active))}
            }
            .into_any()
        },
    );
    view! { <Card title="Access that is open now" flush=true>{body}</Card> }.into_any()
}

fn row(row: LockboxRequestSummary, remote: Remote<RequestPage>) -> AnyView {
    let href = paths::request(&row.id);
    let until = row.access.expires_at;
    view! {
        <li class="c-rows__row c-rows__row--open">
            {Icon::LockOpen.view()}
            <div class="l-grow">
                <p>
                    <a class="c-table__link u-strong" href=href>{row.environment_name.clone()}</a> " " <span>{row.engineer_name.clone()}</span>
                </p>
                <p class="u-small u-soft">{row.operations.join(", ")}</p>
            </div>
            <p class="c-rows__clock">
                {until.map(|until| view! { <CountdownTo until=until over="Lapsed" /> <span class="u-small u-soft u-screen">"left"</span> })}
            </p>
            <EndAccess
                id=row.id
                engineer=row.engineer_name
                environment=row.environment_name
                environment_id=row.environment_id
                on_ended=Callback::new(move |_| remote.reload())
            />
        </li>
    }
    .into_any()
}
