//! The decision inside the provider. Never optimistic: the page changes when the server has answered.

use crate::{
    api::{self, Failure},
    components::When,
    state::{Form, Remote, draft, use_clock, use_session, use_toasts},
    ui::{Button, ButtonKind, Card, ConfirmDialog, Select, SelectOption, TextArea, dynamic, memo, watch},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    JUSTIFICATION_MAX,
    internal::{InternalApproval, InternalApprovalInput},
};
use lockbox_rules::{
    inside::{Case, may_decide},
    permission::Principal,
    validate,
    window::{is_over, minutes_in_words},
    words::approval_role,
};

/// What is typed and chosen.
#[derive(Clone, Copy)]
struct Decision {
    found: Signal<InternalApproval>,
    remote: Remote<InternalApproval>,
    /// Told above the form, which is gone when somebody else was faster
    failure: RwSignal<Option<Failure>>,
    justification: RwSignal<String>,
    role: RwSignal<String>,
    form: Form,
    approving: RwSignal<bool>,
    rejecting: RwSignal<bool>,
}

/// The form.
pub fn decision(
    found: Signal<InternalApproval>,
    remote: Remote<InternalApproval>,
    failure: RwSignal<Option<Failure>>,
) -> AnyView {
    let justification = draft::use_draft(draft_name(&found.get_untracked()));
    let form = Form::new(move || validate::justification("/justification", &justification.get()));
    let it = Decision {
        found,
        remote,
        failure,
        justification,
        role: RwSignal::new(String::new()),
        form,
        approving: RwSignal::new(false),
        rejecting: RwSignal::new(false),
    };
    let now = use_clock().now;
    let expired = memo(move || found.with(|found| found.decide_by.is_some_and(|until| is_over(until, now.get()))));
    // What the server says about it: also the state that others see.
    watch(move |_| {
        if expired.get() {
            remote.reload();
        }
    });
    dynamic(move || (!expired.get()).then(|| fields(it)))
}

fn draft_name(found: &InternalApproval) -> String {
    format!("internal:{}", found.id)
}

/// The roles that the person could decide for now.
fn choices(found: &InternalApproval) -> Vec<String> {
    found.waits_for.iter().filter(|role| found.your_roles.contains(role)).cloned().collect()
}

fn why_not(it: Decision) -> Option<String> {
    let texts = |list: &[String]| list.to_vec();
    let (engineer, own, missing, approved_by_me) = it.found.with(|found| {
        (found.engineer.id.clone(), texts(&found.your_roles), texts(&found.waits_for), found.approved_by_you)
    });
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let missing: Vec<&str> = missing.iter().map(String::as_str).collect();
    let case = Case { engineer_id: &engineer, own: &own, missing: &missing, approved_by_me };
    use_session().session.with(|session| {
        let principal = Principal::from(session.as_ref()?);
        may_decide(&principal, &case).err().map(|refused| refused.message().to_owned())
    })
}

fn fields(it: Decision) -> AnyView {
    let why_not = Signal::derive(move || why_not(it));
    let several = memo(move || it.found.with(choices));
    let ask = move |dialog: RwSignal<bool>| {
        Callback::new(move |()| {
            if it.form.begin() {
                it.form.pending.set(false);
                it.failure.set(None);
                dialog.set(true);
            }
        })
    };
    let by_role = move || {
        let roles = several.get();
        (roles.len() > 1).then(|| {
            it.role.set(roles[0].clone());
            let options: Vec<_> = roles.iter().map(|role| SelectOption::new(role.clone(), approval_role(role))).collect();
            view! { <Select label="Decide as" value=it.role options=options hint="For each role another person has to decide." /> }
        })
    };
    view! {
        <Card title="Your decision">
            <div class="l-stack">
                <TextArea
                    label="Justification"
                    value=it.justification
                    error=it.form.error("/justification")
                    required=true
                    limit=JUSTIFICATION_MAX
                    hint="Kept with the request for ever. The customer reads it, of a hidden legal demand from its disclosure on."
                />
                {dynamic(by_role)}
            </div>
            <div class="c-decision__bar">
                <Button kind=ButtonKind::Danger label="Reject" shortcut="d" disabled_reason=why_not on_press=ask(it.rejecting) />
                <Button kind=ButtonKind::Primary label="Approve" shortcut="a" disabled_reason=why_not on_press=ask(it.approving) />
            </div>
        </Card>
        {dialog(it, true)}
        {dialog(it, false)}
    }
    .into_any()
}

fn dialog(it: Decision, approve: bool) -> AnyView {
    let consequence = move || {
        it.found.with(|found| {
            let others = found.waits_for.len() > 1;
            let asked_next = found.exclusion.is_none();
            match (approve, others) {
                (true, true) => "The request waits for the approval of the other role after that.".to_owned(),
                (true, false) if !asked_next => format!(
                    "{} is not asked: access to {} opens at once, for {}.",
                    found.organization_name,
                    found.environment_name,
                    minutes_in_words(found.access_minutes)
                ),
                (true, false) => format!(
                    "{} is asked to decide, where their policy protects {}. Else the access opens at once.",
                    found.organization_name, found.environment_name
                ),
                (false, _) if !asked_next => format!(
                    "{} gets no access to {}. To ask again, they have to raise a new request.",
                    found.engineer.name, found.environment_name
                ),
                (false, _) => format!(
                    "{} gets no access to {}, and {} is not asked. To ask again, they have to raise a new request.",
                    found.engineer.name, found.environment_name, found.organization_name
                ),
            }
        })
    };
    let seen = move || it.found.with(seen_by_the_customer);
    let (title, open, kind) = if approve {
        ("Approve request", it.approving, ButtonKind::Primary)
    } else {
        ("Reject request", it.rejecting, ButtonKind::DangerSolid)
    };
    view! {
        <ConfirmDialog
            title=title
            open=open
            confirm=title
            kind=kind
            pending=it.form.pending
            on_confirm=Callback::new(move |()| submit(it, approve))
        >
            <p>{dynamic(consequence)}</p>
            <p class="u-soft">"The decision is final. " {dynamic(seen)}</p>
        </ConfirmDialog>
    }
    .into_any()
}

/// When the customer reads the decision.
fn seen_by_the_customer(found: &InternalApproval) -> AnyView {
    match found.exclusion.as_ref().and_then(|exclusion| exclusion.disclose_at) {
        Some(at) => view! { "The customer sees it from " <When at=at /> " on, with your role, your team and your justification." }.into_any(),
        None => "The customer sees it with your role, your team and your justification.".into_any(),
    }
}

fn submit(it: Decision, approve: bool) {
    let found = it.found.get_untracked();
    let role = it.role.get_untracked();
    let input = InternalApprovalInput {
        justification: it.justification.get_untracked().trim().to_owned(),
        role: Some(role).filter(|role| !role.is_empty()),
    };
    let toasts = use_toasts();
    it.form.pending.set(true);
    spawn_local(async move {
        let answer = api::internal::decide_internally(&found.id, found.version, approve, &input).await;
        it.approving.try_set(false);
        it.rejecting.try_set(false);
        match answer {
            Ok(decided) => {
                it.form.done();
                draft::drop_draft(&draft_name(&found));
                it.justification.try_set(String::new());
                toasts.say(if approve { "Request approved" } else { "Request rejected" });
                it.remote.put(decided);
            }
            Err(failure) => {
                if failure.status == 409 || failure.status == 412 {
                    it.remote.reload();
                }
                it.failure.try_set(Some(failure.clone()));
                it.form.fail(failure);
            }
        }
    });
}
