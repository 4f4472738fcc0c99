//! The tab Lockbox: the switch, the policy, the hours to decide. Nothing holds until it has been reviewed and saved.

use super::{
    copies::copies,
    environments::EnvironmentChoice,
    proposal::{Proposal, in_words, refs},
    review::{Reviewing, review_card},
};
use crate::{
    api::{self, Pending},
    components::{When, permission::why_not},
    state::{Remote, show, use_live},
    ui::{
        Banner, BannerKind, Button, Card, Fact, Facts, RadioGroup, RadioOption, SkeletonBlock, Switch, TextField,
        dynamic, memo, watch,
    },
};
use leptos::prelude::*;
use lockbox_api::{
    environments::Environment,
    events::Activity,
    lockbox::{Lockbox, Scope},
};
use lockbox_rules::{
    catalog::QUEUE_HOURS_MAX,
    permission::Action,
    policy::{self, Setting},
};
use std::sync::Arc;

/// The answers of the group `Protected environments`.
fn scopes() -> Vec<RadioOption> {
    let option = |value: Scope, label, hint| RadioOption { value: value.as_str(), label, hint };
    vec![
        option(Scope::All, "All environments", "Every environment, also those that come later."),
        option(Scope::Some, "Some environments", "Those that you choose below. A copy of one is not protected."),
        option(Scope::None, "No environments", "Engineers need no consent. What they do is still logged."),
    ]
}

/// The tab.
pub fn tab() -> AnyView {
    let changed = use_live().revision(|change| {
        [Activity::Enable, Activity::Disable, Activity::PolicyUpdate].iter().any(|own| own.as_str() == change.operation)
    });
    let lockbox = Remote::new(move || {
        changed.track();
        Box::pin(api::lockbox::read_lockbox()) as Pending<Lockbox>
    });
    let places = use_live().revision(|change| change.operation == Activity::EnvironmentUpdate.as_str());
    let environments = Remote::new(move || {
        changed.track();
        places.track();
        Box::pin(api::environments::list_all_environments()) as Pending<Vec<Environment>>
    });
    let skeleton = || view! { <SkeletonBlock lines=4 with_box=true /> }.into_any();
    show(lockbox, "The Lockbox setting could not be read", skeleton, move |in_force| {
        show(environments, "The environments could not be read", skeleton, move |environments| {
            editor(lockbox, in_force, environments)
        })
    })
}

fn editor(remote: Remote<Lockbox>, in_force: Signal<Lockbox>, places: Signal<Vec<Environment>>) -> AnyView {
    let environments = places.get_untracked();
    let names = Arc::new(refs(&environments));
    let now = in_force.get_untracked();
    let (proposal, begun_from) = Proposal::new(now.clone());
    let reviewing = Reviewing::new(proposal, remote, environments.clone());
    let Reviewing { form, conflict, .. } = reviewing;
    if begun_from.is_some_and(|version| version != now.version) {
        conflict.set(Some(now));
    }
    let again = memo(move || begun_from.is_some() && proposal.is_touched() && conflict.with(Option::is_none));
    // Somebody else saved: an untouched form follows, a touched one is told. One's own save is neither.
    watch(move |_| {
        let latest = in_force.get();
        let newer = latest.version > proposal.base.with_untracked(|base| base.version);
        if !form.pending.get() && newer {
            if untrack(|| proposal.is_touched()) {
                conflict.set(Some(latest));
            } else {
                proposal.take(latest);
            }
        }
    });
    let off = why_not(Action::ChangeLockbox);
    let picked = memo(move || proposal.scope.with(|scope| scope == Scope::Some.as_str()));
    let wrong = form.error("/policy/environment_ids");
    let hint = format!(
        "Leave it empty for the catalog’s time (4 days or 12 hours, by service). From 1 to {QUEUE_HOURS_MAX}; it can only shorten that time."
    );
    view! {
        {dynamic(move || conflict.get().map(|fresh| changed_meanwhile(reviewing, fresh, Arc::clone(&names))))}
        {dynamic(move || again.get().then(|| chosen_before(proposal)))}
        {copies(places, proposal, off)}
        <div class="l-split">
            <Card title="Setting">
                <Switch
                    label="Lockbox"
                    checked=proposal.enabled
                    on_change=Callback::new(move |wanted| proposal.enabled.set(wanted))
                    disabled_reason=off
                />
                <p class="u-soft">
                    {dynamic(move || if proposal.enabled.get() {
                        "On: engineers of the provider reach a protected environment only after one of you has approved."
                    } else {
                        "Off: engineers of the provider need no consent anywhere. What they do is still logged."
                    })}
                </p>
                <RadioGroup label="Protected environments" value=proposal.scope options=scopes() disabled_reason=off />
                {dynamic(move || {
                    picked
                        .get()
                        .then(|| {
                            view! {
                                <EnvironmentChoice
                                    label="Environments"
                                    environments=environments.clone()
                                    chosen=proposal.chosen
                                    disabled_reason=off
                                    error=wrong
                                />
                                <Banner title="A copy is not protected by itself">
                                    <p>"Creating, copying, restoring or resetting an environment never changes this policy. To protect a copy of a protected environment, choose it here."</p>
                                </Banner>
                            }
                        })
                })}
                <div class="c-hours">
                    <TextField label="Hours to decide" kind="number" value=proposal.hours hint=hint error=form.error("/queue_hours") readonly=off />
                </div>
                <p class="u-small u-soft">{dynamic(move || last_change(&proposal.base.get()))}</p>
            </Card>
            <div class="l-split__aside">{review_card(reviewing)}</div>
        </div>
    }
    .into_any()
}

/// What was chosen before the session ended or the page was left is in the fields again.
fn chosen_before(proposal: Proposal) -> AnyView {
    let take = Callback::new(move |()| proposal.take(proposal.base.get_untracked()));
    view! {
        <Banner title="What you chose before is here again">
            <p>"It is not saved. Review the changes, or begin again with what is in force."</p>
            <p><Button label="Take what is in force" on_press=take /></p>
        </Banner>
    }
    .into_any()
}

/// Which version is in force, by whom and since when.
fn last_change(base: &Lockbox) -> AnyView {
    let by = base.updated_by.clone().map(|by| format!(" by {by}"));
    view! { "Version " {base.version} ", saved" {by} " " <When at=base.updated_at /> }.into_any()
}

/// Somebody was faster: who, what is in force now, what one chose, and both ways on.
fn changed_meanwhile(
    reviewing: Reviewing,
    fresh: Lockbox,
    names: Arc<Vec<lockbox_api::lockbox::EnvironmentRef>>,
) -> AnyView {
    let Reviewing { proposal, conflict, .. } = reviewing;
    let who = fresh.updated_by.clone().unwrap_or_else(|| "Somebody".to_owned());
    let (theirs, at, version) = (in_words(&fresh, &names), fresh.updated_at, fresh.version);
    let mine = {
        let (fresh, names) = (fresh.clone(), Arc::clone(&names));
        move || {
            let update = proposal.update();
            let chosen = Lockbox {
                enabled: update.enabled,
                policy: update.policy,
                queue_hours: update.queue_hours,
                ..fresh.clone()
            };
            in_words(&chosen, &names)
        }
    };
    let against = Setting::from(&fresh);
    let differences = move || {
        let list = policy::changes(&against, &proposal.setting(), &names);
        if list.is_empty() {
            return view! { <p>"What you chose is in force already."</p> }.into_any();
        }
        let lines = list.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
        view! { <p>"Saving yours now would mean:"</p><ul class="c-list">{lines}</ul> }.into_any()
    };
    let (again, theirs_again) = (fresh.clone(), fresh);
    view! {
        <Banner kind=BannerKind::Warn title="Somebody changed the setting while you were editing" alert=true>
            <div class="l-stack l-stack--tight">
            <p>{who} " saved version " {version} " " <When at=at /> ". Nothing of yours has been saved; what you chose is kept."</p>
            <Facts>
                <Fact name="In force now">{theirs}</Fact>
                <Fact name="You chose">{mine}</Fact>
            </Facts>
            {dynamic(differences)}
            <p class="l-row">
                <Button label="Review again" on_press=Callback::new(move |()| {
                    proposal.base.set(again.clone());
                    conflict.set(None);
                    reviewing.review();
                }) />
                <Button label="Take what is in force" on_press=Callback::new(move |()| {
                    proposal.take(theirs_again.clone());
                    conflict.set(None);
                }) />
            </p>
            </div>
        </Banner>
    }
    .into_any()
}
