//! The tab Versions: every earlier policy, who changed it, when, why, and what was different.

use super::proposal::{in_words, refs};
use crate::{
    api::{self, Pending, administration::Versions},
    components::When,
    state::{Remote, show, use_live},
    ui::{Badge, Column, Empty, Icon, SkeletonRows, Table, Tone, dynamic, each, memo},
};
use leptos::prelude::*;
use lockbox_api::{
    environments::Environment,
    events::Activity,
    lockbox::{EnvironmentRef, LockboxVersion},
};

const COLUMNS: [&str; 6] = ["Version", "Saved", "By", "What changed", "Setting", "Reason"];

/// The tab.
pub fn tab() -> AnyView {
    let changed = use_live().revision(|change| {
        [Activity::Enable, Activity::Disable, Activity::PolicyUpdate].iter().any(|own| own.as_str() == change.operation)
    });
    let versions = Remote::new(move || {
        changed.track();
        Box::pin(api::administration::list_versions()) as Pending<Versions>
    });
    // Only for the names: without them the ids stand there.
    let environments =
        Remote::new(|| Box::pin(api::environments::list_all_environments()) as Pending<Vec<Environment>>);
    let names = memo(move || environments.value.with(|all| refs(all.as_deref().unwrap_or_default())));
    show(
        versions,
        "The versions could not be read",
        || view! { <SkeletonRows columns=6 /> }.into_any(),
        move |found| {
            let none = memo(move || found.with(|found| found.items.is_empty()));
            let newest = memo(move || found.with(|found| found.items.first().map(|first| first.lockbox.version)));
            let row = move |version: LockboxVersion| row(version, names, newest);
            view! {
                <div class="c-table-wrap">
                    {dynamic(move || {
                        if none.get() {
                            view! { <Empty icon=Icon::History title="No version yet" note="Every change of the Lockbox setting appears here." /> }.into_any()
                        } else {
                            view! {
                                <Table caption="Versions of the Lockbox setting" columns=COLUMNS.map(Column::words).to_vec() cards=true>
                                    {each(move || found.with(|found| found.items.clone()), |version| version.lockbox.version.to_string(), row)}
                                </Table>
                            }
                            .into_any()
                        }
                    })}
                </div>
            }
            .into_any()
        },
    )
}

fn row(version: LockboxVersion, names: Memo<Vec<EnvironmentRef>>, newest: Memo<Option<u64>>) -> AnyView {
    let [number, saved, by, what, setting, why] = COLUMNS;
    let LockboxVersion { lockbox, reason, changes } = version;
    let own = lockbox.version;
    let at = lockbox.updated_at;
    let who = lockbox.updated_by.clone().unwrap_or_else(|| "The provider, at the start".to_owned());
    let lines = if changes.is_empty() {
        "–".into_any()
    } else {
        let lines = changes.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! { <ul class="c-plain">{lines}</ul> }.into_any()
    };
    let words = move || names.with(|names| in_words(&lockbox, names));
    view! {
        <tr>
            <th scope="row" data-label=number>
                <span class="u-nowrap">
                    {own} {dynamic(move || (newest.get() == Some(own)).then(|| view! { " " <Badge tone=Tone::Open icon=Icon::Check text="In force" /> }))}
                </span>
            </th>
            <td data-label=saved><When at=at /></td>
            <td data-label=by>{who}</td>
            <td data-label=what>{lines}</td>
            <td data-label=setting class="u-soft">{dynamic(words)}</td>
            <td data-label=why class="u-words">{reason.unwrap_or_else(|| "–".to_owned())}</td>
        </tr>
    }
    .into_any()
}
