//! The tab Members: who may do what.

use super::{member::MemberDialog, role_words};
use crate::{
    api::{self, Pending},
    components::{When, permission::why_not},
    state::{Remote, show, use_live, use_session},
    ui::{Badge, Button, Column, Empty, Icon, SkeletonRows, Table, dynamic, each, memo},
};
use leptos::prelude::*;
use lockbox_api::{
    administration::{Member, Members},
    environments::Environment,
    events::Activity,
    session::Role,
};
use lockbox_rules::permission::Action;

const COLUMNS: [&str; 6] = ["Name", "E-mail", "Roles", "Approves for", "Last sign-in", "Change"];

/// The tab.
pub fn tab() -> AnyView {
    let changed = use_live().revision(|change| change.operation == Activity::RoleChange.as_str());
    let members = Remote::new(move || {
        changed.track();
        Box::pin(api::administration::list_members()) as Pending<Members>
    });
    let environments =
        Remote::new(|| Box::pin(api::environments::list_all_environments()) as Pending<Vec<Environment>>);
    show(
        members,
        "The members could not be read",
        || view! { <SkeletonRows columns=6 /> }.into_any(),
        move |found| ready(members, environments, found),
    )
}

fn ready(remote: Remote<Members>, environments: Remote<Vec<Environment>>, found: Signal<Members>) -> AnyView {
    let editing = RwSignal::new(None::<Member>);
    let none = memo(move || found.with(|found| found.items.is_empty()));
    let row = move |member: Member| row(member, environments, editing);
    view! {
        <div class="c-table-wrap">
            {dynamic(move || {
                if none.get() {
                    view! { <Empty icon=Icon::Person title="No member" note="People appear here when they are given an account." /> }.into_any()
                } else {
                    view! {
                        <Table caption="Members" columns=COLUMNS.map(Column::words).to_vec() cards=true>
                            {each(move || found.with(|found| found.items.clone()), |member| format!("{} {}", member.id, member.version), row)}
                        </Table>
                    }
                    .into_any()
                }
            })}
        </div>
        <MemberDialog editing=editing environments=environments members=remote />
    }
    .into_any()
}

fn row(member: Member, environments: Remote<Vec<Environment>>, editing: RwSignal<Option<Member>>) -> AnyView {
    let [name, email, roles, approves, last, change] = COLUMNS;
    let reason = why_not(Action::ChangeMembers);
    let me = use_session().session;
    let id = member.id.clone();
    let is_me = move || me.with(|me| me.as_ref().is_some_and(|me| me.person.id == id));
    let held = member.roles.iter().map(|role| view! { <li><Badge text=role_words(*role).0 /></li> }).collect_view();
    let no_role = member.roles.is_empty().then_some("None: may do nothing");
    let limit = member.approver_environment_ids.clone();
    let is_approver = member.roles.contains(&Role::LockboxApprover);
    let is_administrator = member.roles.contains(&Role::GlobalAdministrator);
    let last_sign_in = member.last_sign_in_at;
    let pressed = member.clone();
    let spoken = format!("Edit {}", member.name);
    view! {
        <tr>
            <th scope="row" data-label=name>
                <span>{member.name.clone()} {dynamic(move || is_me().then(|| view! { <span class="u-soft">" (you)"</span> }))}</span>
            </th>
            <td data-label=email>{member.email}</td>
            <td data-label=roles><ul class="c-names">{held} {no_role}</ul></td>
            <td data-label=approves>
                {dynamic(move || match (is_approver, &limit) {
                    _ if is_administrator => "All environments".to_owned(),
                    (false, _) => "–".to_owned(),
                    (true, None) => "All environments".to_owned(),
                    (true, Some(ids)) => environments.value.with(|all| names(ids, all.as_deref().unwrap_or_default())),
                })}
            </td>
            <td data-label=last>{match last_sign_in {
                Some(at) => view! { <When at=at /> }.into_any(),
                None => "Never".into_any(),
            }}</td>
            <td data-label=change>
                <span class="c-reasoned--at-end">
                    <Button
                        label=Signal::stored("Edit".to_owned())
                        name=spoken
                        disabled_reason=reason
                        on_press=Callback::new(move |()| editing.set(Some(pressed.clone())))
                    />
                </span>
            </td>
        </tr>
    }
    .into_any()
}

/// The names of environments; ids where a name is not known.
pub fn names(ids: &[lockbox_api::ids::EnvironmentId], all: &[Environment]) -> String {
    let name = |id: &lockbox_api::ids::EnvironmentId| {
        all.iter().find(|found| found.id == *id).map_or_else(|| id.to_string(), |found| found.name.clone())
    };
    lockbox_rules::words::list(&ids.iter().map(name).collect::<Vec<_>>())
}
