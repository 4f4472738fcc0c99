//! Changing one member's roles, and the environments that an approver is limited to.

use super::{environments::EnvironmentChoice, members::names, role_words};
use crate::{
    api::{self, Failure},
    state::{
        Form, Remote,
        draft::{drop_draft, keep, kept},
        use_session, use_toasts,
    },
    ui::{Banner, BannerKind, Button, ButtonKind, Checkbox, Dialog, RadioGroup, RadioOption, dynamic, watch},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    administration::{Member, MemberUpdate, Members},
    environments::Environment,
    ids::EnvironmentId,
    problem::ProblemType,
    session::Role,
};
use lockbox_rules::validate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The roles that the customer's own people can have.
const ROLES: [Role; 4] = [Role::GlobalAdministrator, Role::LockboxApprover, Role::LockboxReader, Role::Member];

/// The dialog; open while somebody is being edited.
#[component]
pub fn MemberDialog(
    /// Who
    editing: RwSignal<Option<Member>>,
    /// To choose from
    environments: Remote<Vec<Environment>>,
    /// Takes the answer
    members: Remote<Members>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    watch(move |_| open.set(editing.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            // Whoever closes it does not want it; a session that ends closes nothing.
            if let Some(member) = editing.get_untracked() {
                drop_draft(&draft_name(&member));
            }
            editing.set(None);
        }
        now
    });
    let title = Signal::derive(move || {
        editing.with(|member| member.as_ref().map(|member| format!("Roles of {}", member.name)).unwrap_or_default())
    });
    view! {
        <Dialog title=title open=open large=true>
            {dynamic(move || editing.get_untracked().map(|member| view! { <MemberForm member=member open=open environments=environments members=members /> }))}
        </Dialog>
    }
}

/// What was chosen for a member, and the version that it was begun from.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u64,
    roles: Vec<bool>,
    limit: String,
    chosen: BTreeSet<EnvironmentId>,
}

fn draft_name(member: &Member) -> String {
    format!("member:{}", member.id)
}

#[derive(Clone, Copy)]
struct Fields {
    roles: [RwSignal<bool>; 4],
    limit: RwSignal<String>,
    chosen: RwSignal<BTreeSet<EnvironmentId>>,
}

impl Fields {
    fn of(member: &Member) -> Self {
        let limit = member.approver_environment_ids.as_ref();
        Self {
            roles: ROLES.map(|role| RwSignal::new(member.roles.contains(&role))),
            limit: RwSignal::new(if limit.is_some() { "some" } else { "all" }.to_owned()),
            chosen: RwSignal::new(limit.into_iter().flatten().cloned().collect()),
        }
    }

    /// Begins again with what was chosen before and not saved, such as before the session ended: the version that it was begun
    /// from. Keeps what is chosen from now on.
    fn keep_of(self, member: &Member, version: RwSignal<u64>) -> Option<u64> {
        let before = kept::<Kept>(&draft_name(member)).map(|before| {
            self.roles.into_iter().zip(before.roles).for_each(|(role, held)| role.set(held));
            self.limit.set(before.limit);
            self.chosen.set(before.chosen);
            before.version
        });
        let first = MemberUpdate {
            roles: ROLES.into_iter().filter(|role| member.roles.contains(role)).collect(),
            approver_environment_ids: member.approver_environment_ids.clone(),
        };
        keep(draft_name(member), move || {
            (self.update() != first).then(|| Kept {
                version: version.get(),
                roles: self.roles.iter().map(|held| held.get()).collect(),
                limit: self.limit.get(),
                chosen: self.chosen.get(),
            })
        });
        before
    }

    fn has(self, wanted: Role) -> bool {
        ROLES.into_iter().zip(self.roles).any(|(role, held)| role == wanted && held.get())
    }

    fn update(self) -> MemberUpdate {
        let limited = self.has(Role::LockboxApprover) && self.limit.with(|limit| limit == "some");
        MemberUpdate {
            roles: ROLES.into_iter().zip(self.roles).filter(|(_, held)| held.get()).map(|(role, _)| role).collect(),
            approver_environment_ids: limited.then(|| self.chosen.with(|chosen| chosen.iter().cloned().collect())),
        }
    }
}

#[component]
fn MemberForm(
    member: Member,
    open: RwSignal<bool>,
    environments: Remote<Vec<Environment>>,
    members: Remote<Members>,
) -> impl IntoView {
    let fields = Fields::of(&member);
    let all = environments.value.get_untracked().unwrap_or_default();
    let known: Vec<_> = all.iter().map(|found| found.id.clone()).collect();
    let form = Form::new(move || validate::member_update(&fields.update(), &known));
    let version = RwSignal::new(member.version);
    let before = fields.keep_of(&member, version);
    let conflict = RwSignal::new(before.filter(|before| *before != member.version).map(|_| member.clone()));
    let again = before.is_some() && conflict.with_untracked(Option::is_none);
    let id = member.id.clone();
    let toasts = use_toasts();
    let session = use_session();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        conflict.set(None);
        let (id, update) = (id.clone(), untrack(|| fields.update()));
        spawn_local(async move {
            match api::administration::change_member(&id, version.get_untracked(), &update).await {
                Ok(changed) => {
                    form.done();
                    toasts.say(format!("{}: roles saved", changed.name));
                    if session.session.with_untracked(|me| me.as_ref().is_some_and(|me| me.person.id == changed.id)) {
                        session.load();
                    }
                    members.reload();
                    open.try_set(false);
                }
                Err(failure) if failure.is(ProblemType::VersionConflict) => match current(&id).await {
                    Ok(fresh) => {
                        form.done();
                        version.try_set(fresh.version);
                        conflict.try_set(Some(fresh));
                        members.reload();
                    }
                    Err(failure) => form.fail(failure),
                },
                Err(failure) => form.fail(failure),
            }
        });
    };
    let roles = ROLES
        .into_iter()
        .zip(fields.roles)
        .map(|(role, held)| {
            let (label, hint) = role_words(role);
            view! { <Checkbox label=label hint=hint checked=held /> }
        })
        .collect_view();
    let names_of = all.clone();
    view! {
        <form on:submit=submit novalidate=true>
            <div class="c-dialog__body">
                {again.then(|| view! { <Banner title="What you chose before is here again"><p>"It is not saved."</p></Banner> })}
                <div role="group" aria-label="Roles" class="c-choices">{roles}</div>
                {dynamic(move || fields.has(Role::LockboxApprover).then(|| limits(fields, all.clone(), form)))}
                {dynamic(move || conflict.get().map(|fresh| changed_meanwhile(&fresh, &names_of)))}
                {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            </div>
            <div class="c-dialog__foot">
                <Button label="Cancel" on_press=Callback::new(move |()| open.set(false)) />
                <Button kind=ButtonKind::Primary label="Save" submit=true pending=form.pending />
            </div>
        </form>
    }
    .into_any()
}

fn limits(fields: Fields, all: Vec<Environment>, form: Form) -> AnyView {
    let options = vec![
        RadioOption { value: "all", label: "All environments", hint: "" },
        RadioOption {
            value: "some",
            label: "Some environments",
            hint: "Only requests for these: told about them, and may decide them.",
        },
    ];
    view! {
        <RadioGroup label="Approves for" value=fields.limit options=options />
        {dynamic(move || {
            fields
                .limit
                .with(|limit| limit == "some")
                .then(|| {
                    view! {
                        <EnvironmentChoice
                            label="Environments"
                            environments=all.clone()
                            chosen=fields.chosen
                            error=form.error("/approver_environment_ids")
                        />
                    }
                })
        })}
    }
    .into_any()
}

async fn current(id: &lockbox_api::ids::PersonId) -> Result<Member, Failure> {
    let members = api::administration::list_members().await?;
    members.items.into_iter().find(|member| member.id == *id).ok_or_else(|| Failure {
        title: "This member is gone".to_owned(),
        detail: "Somebody removed the account meanwhile.".to_owned(),
        ..Failure::network()
    })
}

fn changed_meanwhile(fresh: &Member, all: &[Environment]) -> AnyView {
    let held = fresh.roles.iter().map(|role| role_words(*role).0).collect::<Vec<_>>();
    let held = if held.is_empty() { "no role".to_owned() } else { lockbox_rules::words::list(&held) };
    let limit = fresh.approver_environment_ids.as_ref().map(|ids| format!(", limited to {}", names(ids, all)));
    view! {
        <Banner kind=BannerKind::Warn title="Somebody changed these roles while you were editing" alert=true>
            <p>"Now: " {held} {limit} ". What you chose is kept and not saved; save again to put it in place."</p>
        </Banner>
    }
    .into_any()
}
