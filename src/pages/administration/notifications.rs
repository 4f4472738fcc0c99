//! The tab Approvers and notifications: who is told because of a role, and further addresses.

use super::role_words;
use crate::{
    api::{self, Pending},
    components::permission::why_not,
    state::{
        Form, Remote,
        draft::{keep, kept, use_draft},
        show, use_live, use_toasts,
    },
    ui::{
        Banner, BannerKind, Button, ButtonKind, Card, Column, Empty, Icon, SkeletonBlock, Table, TextField, dynamic,
        each, watch,
    },
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    administration::{Member, Notifications, NotificationsUpdate},
    events::Activity,
    problem::{FieldError, ProblemType},
    session::Role,
};
use lockbox_rules::{
    permission::Action,
    validate::{self, ADDRESSES_MAX},
};
use serde::{Deserialize, Serialize};

/// The tab.
pub fn tab() -> AnyView {
    let changed = use_live().revision(|change| {
        [Activity::NotificationUpdate, Activity::RoleChange].iter().any(|own| own.as_str() == change.operation)
    });
    let remote = Remote::new(move || {
        changed.track();
        Box::pin(api::administration::read_notifications()) as Pending<Notifications>
    });
    show(
        remote,
        "Who is told could not be read",
        || view! { <SkeletonBlock lines=4 with_box=true /> }.into_any(),
        move |told| {
            view! {
                <div class="l-stack">
                    <Card title="Told because of their role" flush=true>
                        {dynamic(move || by_role(told.with(|told| told.approvers.clone())))}
                    </Card>
                    {addresses(remote, told)}
                </div>
            }
            .into_any()
        },
    )
}

fn by_role(people: Vec<Member>) -> AnyView {
    if people.is_empty() {
        return view! {
            <Empty icon=Icon::Warning title="Nobody is told because of a role" note="Give somebody the role Approver under Members." />
        }
        .into_any();
    }
    const COLUMNS: [&str; 4] = ["Name", "E-mail", "Role", "Told about"];
    let rows = people
        .into_iter()
        .map(|person| {
            let [name, email, role, about] = COLUMNS;
            let administrator = person.roles.contains(&Role::GlobalAdministrator);
            let held = [Role::GlobalAdministrator, Role::LockboxApprover]
                .into_iter()
                .filter(|held| person.roles.contains(held));
            let roles = held.map(|held| role_words(held).0).collect::<Vec<_>>().join(", ");
            let limit = person.approver_environment_ids.filter(|_| !administrator);
            view! {
                <tr>
                    <th scope="row" data-label=name>{person.name}</th>
                    <td data-label=email>{person.email}</td>
                    <td data-label=role>{roles}</td>
                    <td data-label=about>
                        {limit.map_or_else(
                            || "Every protected environment".to_owned(),
                            |ids| format!("{} only", lockbox_rules::words::count(ids.len() as u64, "environment")),
                        )}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Told because of their role" columns=COLUMNS.map(Column::words).to_vec() cards=true>
            {rows}
        </Table>
    }
    .into_any()
}

/// The name under which the changed list is kept.
const DRAFT: &str = "notifications:list";

/// The changed list, and the version that it was begun from.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u64,
    addresses: Vec<String>,
}

/// The addresses under change, and the version they started from.
#[derive(Clone, Copy)]
struct Editor {
    remote: Remote<Notifications>,
    list: RwSignal<Vec<String>>,
    base: RwSignal<Notifications>,
    typed: RwSignal<String>,
    typed_fault: RwSignal<Option<String>>,
    conflict: RwSignal<Option<Notifications>>,
    form: Form,
}

impl Editor {
    /// Begins with what was changed before and not saved, such as before the session ended; else with what is in force.
    fn new(remote: Remote<Notifications>, told: Notifications) -> Self {
        let before = kept::<Kept>(DRAFT);
        let (now, begun_from) = (told.version, before.as_ref().map_or(told.version, |before| before.version));
        let list = RwSignal::new(before.map_or_else(|| told.addresses.clone(), |before| before.addresses));
        let touched = list.with_untracked(|list| *list != told.addresses);
        let editor = Self {
            remote,
            list,
            conflict: RwSignal::new((begun_from != now && touched).then(|| told.clone())),
            base: RwSignal::new(told),
            typed: use_draft("notifications:typed".to_owned()),
            typed_fault: RwSignal::new(None),
            form: Form::new(move || validate::notifications_update(&NotificationsUpdate { addresses: list.get() })),
        };
        keep(DRAFT.to_owned(), move || {
            // Until it is put against another version, it is against the one that it was begun from.
            let base = editor.base.with(|base| base.version);
            let version = if base == now { begun_from } else { base };
            editor.is_touched().then(|| Kept { version, addresses: list.get() })
        });
        editor
    }

    fn is_touched(self) -> bool {
        self.list.with(|list| self.base.with(|base| *list != base.addresses))
    }

    fn take(self, told: Notifications) {
        self.list.set(told.addresses.clone());
        self.base.set(told);
    }

    /// Adds what was typed: one address, or several with commas, semicolons or spaces between them.
    fn add(self) {
        let fresh = split(&self.typed.get_untracked());
        let mut all = self.list.get_untracked();
        all.extend(fresh.iter().cloned());
        let known = self.list.with_untracked(Vec::len);
        match first_fault(&validate::notifications_update(&NotificationsUpdate { addresses: all.clone() }), known) {
            Some(fault) => self.typed_fault.set(Some(fault)),
            None if fresh.is_empty() => {
                self.typed_fault.set(Some("Write an e-mail address as in name@example.com.".to_owned()))
            }
            None => {
                self.typed_fault.set(None);
                self.typed.set(String::new());
                self.list.set(all);
            }
        }
    }

    fn save(self) {
        if !self.form.begin() {
            return;
        }
        let toasts = use_toasts();
        let version = self.base.with_untracked(|base| base.version);
        let update = NotificationsUpdate { addresses: self.list.get_untracked() };
        spawn_local(async move {
            match api::administration::change_notifications(version, &update).await {
                Ok(told) => {
                    self.take(told.clone());
                    self.remote.put(told);
                    self.form.done();
                    toasts.say("Notification addresses saved");
                }
                Err(failure) if failure.is(ProblemType::VersionConflict) => {
                    match api::administration::read_notifications().await {
                        Ok(fresh) => {
                            self.form.done();
                            self.conflict.try_set(Some(fresh));
                        }
                        Err(failure) => self.form.fail(failure),
                    }
                }
                Err(failure) => self.form.fail(failure),
            }
        });
    }
}

fn split(typed: &str) -> Vec<String> {
    let parts = typed.split(|letter: char| letter.is_whitespace() || letter == ',' || letter == ';');
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The first fault among those that the new addresses, from `known` on, bring with them.
fn first_fault(faults: &[FieldError], known: usize) -> Option<String> {
    let concerns = |fault: &&FieldError| match fault.pointer.rsplit('/').next().and_then(|at| at.parse::<usize>().ok())
    {
        Some(at) => at >= known,
        None => true,
    };
    faults.iter().find(concerns).map(|fault| fault.message.clone())
}

fn addresses(remote: Remote<Notifications>, told: Signal<Notifications>) -> AnyView {
    let editor = Editor::new(remote, told.get_untracked());
    let Editor { list, typed, conflict, form, .. } = editor;
    watch(move |_| {
        let latest = told.get();
        if !form.pending.get() && latest.version > editor.base.with_untracked(|base| base.version) {
            if untrack(|| editor.is_touched()) {
                conflict.set(Some(latest));
            } else {
                editor.take(latest);
            }
        }
    });
    let reason = why_not(Action::ChangeNotifications);
    let off = Signal::derive(move || reason.with(Option::is_some));
    let wrong = form.error("/addresses");
    let why_not_save = Signal::derive(move || {
        reason.get().or_else(|| (!editor.is_touched()).then(|| "Nothing has been changed yet.".to_owned()))
    });
    let row = move |address: String| {
        let own = address.clone();
        let remove = Callback::new(move |()| list.update(|list| list.retain(|known| *known != own)));
        view! {
            <li class="c-address">
                {Icon::Mail.view()} <span class="l-grow">{address.clone()}</span>
                <Button
                    kind=ButtonKind::Quiet
                    icon=Icon::Cross
                    label="Remove"
                    name=format!("Remove {address}")
                    disabled_reason=reason
                    on_press=remove
                />
            </li>
        }
        .into_any()
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !off.get_untracked() {
            editor.add();
        }
    };
    view! {
        <Card title="Notification addresses">
            <p class="u-soft">"Also told about every request, for example a group of yours. Their readers still need a role to decide. Up to " {ADDRESSES_MAX} "."</p>
            {dynamic(move || conflict.get().map(|fresh| changed_meanwhile(editor, fresh)))}
            {dynamic(move || list.with(Vec::is_empty).then(|| view! { <p>"No further address."</p> }))}
            <ul class="c-addresses" aria-label="Notification addresses">
                {each(move || list.get(), String::clone, row)}
            </ul>
            <form class="c-filters" on:submit=add novalidate=true>
                <TextField label="Address" kind="email" value=typed error=editor.typed_fault readonly=reason />
                <Button label="Add address" icon=Icon::Plus submit=true disabled_reason=reason />
            </form>
            {dynamic(move || wrong.get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <p class="l-row">
                <Button
                    kind=ButtonKind::Primary
                    label="Save"
                    pending=form.pending
                    disabled_reason=why_not_save
                    on_press=Callback::new(move |()| editor.save())
                />
                {dynamic(move || editor.is_touched().then(|| view! { <span class="u-small u-soft" role="status">"Changed, not saved yet"</span> }))}
            </p>
        </Card>
    }
    .into_any()
}

fn changed_meanwhile(editor: Editor, fresh: Notifications) -> AnyView {
    let theirs = if fresh.addresses.is_empty() { "none".to_owned() } else { fresh.addresses.join(", ") };
    let (keep, take) = (fresh.clone(), fresh);
    view! {
        <Banner kind=BannerKind::Warn title="Somebody changed the addresses while you were editing" alert=true>
            <p>"Now in force: " {theirs} ". Yours below are kept and not saved."</p>
            <p class="l-row">
                <Button
                    label="Keep mine, then save"
                    on_press=Callback::new(move |()| {
                        editor.base.set(keep.clone());
                        editor.conflict.set(None);
                    })
                />
                <Button
                    label="Take what is in force"
                    on_press=Callback::new(move |()| {
                        editor.take(take.clone());
                        editor.conflict.set(None);
                    })
                />
            </p>
        </Banner>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_addresses_can_be_pasted_at_once() {
        assert_eq!(
            split(" a@b.example,c@d.example; e@f.example\ng@h.example "),
            ["a@b.example", "c@d.example", "e@f.example", "g@h.example"]
        );
        assert!(split(" , ").is_empty());
    }

    #[test]
    fn only_faults_of_what_is_new_stand_against_adding() {
        let faults = |addresses: &[&str]| {
            validate::notifications_update(&NotificationsUpdate {
                addresses: addresses.iter().map(|one| (*one).to_owned()).collect(),
            })
        };
        assert_eq!(first_fault(&faults(&["wrong", "a@b.example"]), 1), None);
        assert!(first_fault(&faults(&["a@b.example", "wrong"]), 1).is_some());
        assert!(first_fault(&faults(&["a@b.example", "A@b.example"]), 1).is_some());
        let many: Vec<String> = (0..=ADDRESSES_MAX).map(|at| format!("a{at}@b.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(first_fault(&faults(&many), ADDRESSES_MAX).is_some());
    }
}
