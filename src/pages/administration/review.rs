//! What a change would do, asked of the server before anything is saved; then saving it.

use super::proposal::{Proposal, REASON_DRAFT};
use crate::{
    api,
    components::permission::why_not,
    paths,
    state::{Form, Remote, draft::drop_draft, use_toasts},
    ui::{Banner, BannerKind, Button, ButtonKind, Card, Icon, TextArea, dynamic, memo, time},
};
use leptos::{html, prelude::*, task::spawn_local};
use lockbox_api::{
    environments::Environment,
    lockbox::{EnvironmentRef, Lockbox, LockboxPreview, PendingEffect},
    problem::ProblemType,
};
use lockbox_rules::{permission::Action, policy::Setting, validate::REASON_MAX};

/// The editor's state beside its fields.
#[derive(Clone, Copy)]
pub struct Reviewing {
    /// The fields
    pub proposal: Proposal,
    /// The setting in force
    pub remote: Remote<Lockbox>,
    /// The latest try to review or to save
    pub form: Form,
    /// What somebody else saved meanwhile
    pub conflict: RwSignal<Option<Lockbox>>,
    /// What the server said, and to which setting
    answer: RwSignal<Option<(Setting, LockboxPreview)>>,
    result: NodeRef<html::Div>,
}

impl Reviewing {
    /// Nothing reviewed yet.
    pub fn new(proposal: Proposal, remote: Remote<Lockbox>, environments: Vec<Environment>) -> Self {
        Self {
            proposal,
            remote,
            form: Form::new(move || proposal.faults(&environments)),
            conflict: RwSignal::new(None),
            answer: RwSignal::new(None),
            result: NodeRef::new(),
        }
    }

    /// The preview, as long as it is one of what stands in the fields, against what is in force.
    fn current(self) -> Option<LockboxPreview> {
        if self.conflict.with(Option::is_some) {
            return None;
        }
        let setting = self.proposal.setting();
        self.answer.with(|answer| answer.as_ref().filter(|(of, _)| *of == setting).map(|(_, preview)| preview.clone()))
    }

    /// Asks what would change.
    pub fn review(self) {
        if !self.form.begin() {
            return;
        }
        let (update, setting) = untrack(|| (self.proposal.update(), self.proposal.setting()));
        spawn_local(async move {
            match api::administration::preview_lockbox(&update).await {
                Ok(preview) if preview.version != self.proposal.base.with_untracked(|base| base.version) => {
                    self.somebody_was_faster().await;
                }
                Ok(preview) => {
                    self.form.done();
                    self.answer.try_set(Some((setting, preview)));
                    request_animation_frame(move || {
                        if let Some(result) = self.result.try_get_untracked().flatten() {
                            let _ = result.focus();
                        }
                    });
                }
                Err(failure) => self.form.fail(failure),
            }
        });
    }

    fn save(self) {
        if !self.form.begin() {
            return;
        }
        let toasts = use_toasts();
        let update = untrack(|| self.proposal.update());
        let version = self.proposal.base.with_untracked(|base| base.version);
        spawn_local(async move {
            match api::administration::save_lockbox(version, &update).await {
                Ok(saved) => {
                    toasts.say(format!("Saved as version {}", saved.version));
                    drop_draft(REASON_DRAFT);
                    self.proposal.reason.try_set(String::new());
                    self.answer.try_set(None);
                    self.proposal.take(saved.clone());
                    self.remote.put(saved);
                    self.form.done();
                }
                Err(failure) if failure.is(ProblemType::VersionConflict) => self.somebody_was_faster().await,
                Err(failure) => self.form.fail(failure),
            }
        });
    }

    /// Reads what is in force now and shows it beside what was chosen.
    async fn somebody_was_faster(self) {
        match api::lockbox::read_lockbox().await {
            Ok(fresh) => {
                self.form.done();
                self.answer.try_set(None);
                self.conflict.try_set(Some(fresh));
            }
            Err(failure) => self.form.fail(failure),
        }
    }
}

/// The card beside the fields.
pub fn review_card(reviewing: Reviewing) -> AnyView {
    let Reviewing { proposal, form, .. } = reviewing;
    let reason = why_not(Action::ChangeLockbox);
    let touched = memo(move || proposal.is_touched());
    let preview = memo(move || reviewing.current());
    let why_not_review = Signal::derive(move || {
        let undecided = || {
            reviewing
                .conflict
                .with(Option::is_some)
                .then(|| "First say above what is to hold: yours or theirs.".to_owned())
        };
        reason.get().or_else(undecided).or_else(|| (!touched.get()).then(|| "Nothing has been changed yet.".to_owned()))
    });
    let body = move || {
        match preview.get() {
        Some(preview) => result(reviewing, preview),
        None => view! {
            <p class="u-soft">"Nothing holds before it is saved. First see what your changes would do: which environments gain or lose protection, and which waiting requests are touched."</p>
            {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <Button
                kind=ButtonKind::Primary
                label="Review changes"
                class="c-button--wide"
                pending=form.pending
                disabled_reason=why_not_review
                on_press=Callback::new(move |()| reviewing.review())
            />
        }
        .into_any(),
    }
    };
    view! { <Card title="Review">{dynamic(body)}</Card> }.into_any()
}

fn result(reviewing: Reviewing, preview: LockboxPreview) -> AnyView {
    let Reviewing { proposal, form, result, .. } = reviewing;
    let LockboxPreview { gaining, losing, pending, pending_total, changes, .. } = preview;
    let lines = changes.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        reviewing.save();
    };
    view! {
        <div class="l-stack" node_ref=result tabindex="-1" role="group" aria-label="What would change">
            <ul class="c-list">{lines}</ul>
            {places("Gain protection", Icon::LockClosed, "c-gain", gaining)}
            {places("Lose protection", Icon::LockOpen, "c-lose", losing)}
            {touched_requests(pending, pending_total)}
        </div>
        <form class="l-stack" on:submit=save novalidate=true>
            <TextArea
                label="Reason (optional)"
                value=proposal.reason
                hint="Kept in the log and in the list of versions."
                error=form.error("/reason")
                limit=REASON_MAX
            />
            {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <Button kind=ButtonKind::Primary label="Save" submit=true class="c-button--wide" pending=form.pending />
        </form>
    }
    .into_any()
}

fn places(title: &'static str, icon: Icon, class: &'static str, places: Vec<EnvironmentRef>) -> AnyView {
    if places.is_empty() {
        return ().into_any();
    }
    let count = places.len();
    let names =
        places.into_iter().map(|place| view! { <li class="c-word">{icon.view()} {place.name}</li> }).collect_view();
    view! {
        <div class=class>
            <h3>{title} " (" {count} ")"</h3>
            <ul class="c-names">{names}</ul>
        </div>
    }
    .into_any()
}

fn touched_requests(pending: Vec<PendingEffect>, total: u64) -> AnyView {
    if pending.is_empty() {
        return view! { <p class="u-soft">"No waiting request would have been treated differently."</p> }.into_any();
    }
    let (shown, total) = (pending.len(), usize::try_from(total).unwrap_or(usize::MAX));
    let rest = (shown < total).then(|| {
        view! {
            <p class="u-small">{time::number(shown)} " of " {time::number(total)} " shown, the soonest to expire. " <a href=paths::REQUESTS>"All that wait"</a></p>
        }
    });
    let rows = pending
        .into_iter()
        .map(|effect| {
            let href = paths::request(&effect.request_id);
            view! {
                <li>
                    <a href=href>{effect.environment.name} ", " <span class="u-mono">{effect.request_id.0}</span></a>
                    <span class="u-small u-soft c-block">{effect.effect}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div>
            <h3>"Waiting requests (" {time::number(total)} ")"</h3>
            <p class="u-small u-soft">"They stay as they are. Under the new setting:"</p>
            <ul class="c-list">{rows}</ul>
            {rest}
        </div>
    }
    .into_any()
}
