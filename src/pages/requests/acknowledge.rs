//! Access without a request: on which ground nobody was asked, and that somebody of the customer has seen it.

use crate::{
    api,
    components::When,
    state::{Form, Remote, draft, use_session, use_toasts},
    ui::{Banner, BannerKind, Button, ButtonKind, Card, Fact, Facts, TextArea, dynamic, memo},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    JUSTIFICATION_MAX,
    requests::{AcknowledgeInput, Exclusion, LockboxRequest, Status},
};
use lockbox_rules::{
    permission::{Action, Subject},
    validate,
};

/// The card; nothing for a request that was asked about, or that the policy did not ask about.
pub fn without_request(request: Signal<LockboxRequest>, remote: Remote<LockboxRequest>) -> AnyView {
    let concerned = memo(move || request.with(on_an_exclusion));
    dynamic(move || concerned.get().then(|| card(request, remote)))
}

/// Whether the exclusion is what opened the access.
pub(super) fn on_an_exclusion(request: &LockboxRequest) -> bool {
    request.status == Status::NotRequired && (request.needs_acknowledgement || request.acknowledgement.is_some())
}

fn card(request: Signal<LockboxRequest>, remote: Remote<LockboxRequest>) -> AnyView {
    let open = memo(move || request.with(|request| request.needs_acknowledgement));
    let now = request.get_untracked();
    let ground = now.status_reason.map(|reason| reason.label());
    view! {
        <Card title="Access without a request">
            <Facts stacked=true>
                <Fact name="Why nobody was asked">{ground}</Fact>
                {now.exclusion.map(grounds)}
                {dynamic(move || request.with(|request| request.acknowledgement.clone()).map(|done| view! {
                    <Fact name="Acknowledged">{done.by} ", " <When at=done.at /></Fact>
                    <Fact name="Comment"><span class="u-words">{done.comment}</span></Fact>
                }))}
            </Facts>
            {dynamic(move || open.get().then(|| form(request, remote)))}
        </Card>
    }
    .into_any()
}

fn grounds(exclusion: Exclusion) -> AnyView {
    let script = exclusion.script.map(|script| {
        view! {
            <Fact name="Script"><code>{script.id}</code></Fact>
            <Fact name="Reviewed by">{script.reviewer}</Fact>
        }
    });
    let kept = exclusion.disclose_at.map(|at| view! { <Fact name="Not to be told before"><When at=at /></Fact> });
    view! {
        <Fact name="Reason, in the provider’s words"><span class="u-words">{exclusion.reason}</span></Fact>
        {script}
        {kept}
    }
    .into_any()
}

fn form(request: Signal<LockboxRequest>, remote: Remote<LockboxRequest>) -> AnyView {
    let now = request.get_untracked();
    let draft_name = format!("acknowledge:{}", now.id);
    let comment = draft::use_draft(draft_name.clone());
    let input = move || AcknowledgeInput { comment: comment.get() };
    let form = Form::new(move || validate::acknowledge(&input()));
    let (session, toasts) = (use_session(), use_toasts());
    let subject = now.clone();
    let why_not = Signal::derive(move || {
        let subject = Subject::Request {
            environment: &subject.environment_id,
            engineer_id: &subject.engineer.id,
            opened_by_me: false,
        };
        session.why_not(Action::AcknowledgeAccess, &subject)
    });
    let send = Callback::new(move |()| {
        if !form.begin() {
            return;
        }
        let (id, draft_name, input) = (now.id.clone(), draft_name.clone(), untrack(input));
        spawn_local(async move {
            match api::requests::acknowledge_request(&id, &input).await {
                Ok(seen) => {
                    form.done();
                    draft::drop_draft(&draft_name);
                    toasts.say("Access acknowledged");
                    remote.put(seen);
                }
                Err(failure) => {
                    // Somebody was faster: the page shows who, when and with which comment.
                    if failure.status == 409 {
                        draft::drop_draft(&draft_name);
                        toasts.fail(failure.sentence());
                        remote.reload();
                    }
                    form.fail(failure);
                }
            }
        });
    });
    view! {
        <p class="u-soft">"Nobody of you has acknowledged it yet. It stays on Overview until one of you has."</p>
        <TextArea
            label="Comment"
            value=comment
            error=form.error("/comment")
            required=true
            limit=JUSTIFICATION_MAX
            hint="Kept with the access for ever; the provider reads it, too."
        />
        {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
        <Button kind=ButtonKind::Primary label="Acknowledge" class="c-button--wide" pending=form.pending disabled_reason=why_not on_press=send />
    }
    .into_any()
}
