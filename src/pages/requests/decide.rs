//! Part 5: the decision. Never optimistic: the page changes when the server has answered.

use super::rest::{Part, Rest};
use crate::{
    api::{self, Failure},
    components::{CountdownTo, end_access::justification_fault, words},
    state::{Remote, draft, remote, use_clock, use_session, use_toasts},
    ui::{
        Banner, BannerKind, Button, ButtonKind, Card, ConfirmDialog, Select, SelectOption, TextArea, dynamic, memo,
        time, watch,
    },
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    JUSTIFICATION_MAX,
    problem::ProblemType,
    requests::{DecisionInput, DecisionOutcome, JustificationInput, LockboxRequest},
};
use lockbox_rules::{
    permission::{Action, Subject},
    window::{access_choices, expires_at, is_over, minutes_in_words},
};
use wasm_bindgen::JsCast;

/// The fields that show what the server says of them.
const FIELDS: [&str; 2] = ["/justification", "/access_minutes"];

/// What is typed and chosen, and what became of the last try.
#[derive(Clone, Copy)]
pub struct Form {
    request: Signal<LockboxRequest>,
    remote: Remote<LockboxRequest>,
    justification: RwSignal<String>,
    minutes: RwSignal<String>,
    tried: RwSignal<bool>,
    pending: RwSignal<bool>,
    failure: RwSignal<Option<Failure>>,
    approving: RwSignal<bool>,
    denying: RwSignal<bool>,
}

/// The form, until the time is up.
pub fn decision(
    request: Signal<LockboxRequest>,
    remote: Remote<LockboxRequest>,
    failure: RwSignal<Option<Failure>>,
    rest: Rest,
) -> AnyView {
    let first = request.get_untracked();
    let minutes = draft::use_draft(minutes_draft_name(&first));
    if minutes.with_untracked(String::is_empty) {
        minutes.set(first.access_minutes.to_string());
    }
    let form = Form {
        request,
        remote,
        justification: draft::use_draft(draft_name(&first)),
        minutes,
        tried: RwSignal::new(false),
        pending: RwSignal::new(false),
        failure,
        approving: RwSignal::new(false),
        denying: RwSignal::new(false),
    };
    let now = use_clock().now;
    let expired =
        memo(move || request.with(|request| request.decide_by.is_some_and(|until| is_over(until, now.get()))));
    // What the server says about it: also the state that others see.
    watch(move |_| {
        if expired.get() {
            remote.reload();
        }
    });
    dynamic(move || if expired.get() { rest.show(Part::TimeIsUp(request)) } else { fields(form, rest) })
}

fn draft_name(request: &LockboxRequest) -> String {
    format!("decide:{}", request.id)
}

fn minutes_draft_name(request: &LockboxRequest) -> String {
    format!("decide-minutes:{}", request.id)
}

/// The time to decide is over.
pub fn time_is_up(request: Signal<LockboxRequest>) -> AnyView {
    let when = request.with_untracked(|request| request.decide_by.map(|until| time::absolute(until, false)));
    view! {
        <Banner kind=BannerKind::Warn title="The time to decide is over" alert=true>
            <p>"It ended at " {when} ". Nothing was granted. If access is still needed, the engineer has to ask again."</p>
        </Banner>
    }
    .into_any()
}

fn fields(form: Form, rest: Rest) -> AnyView {
    let session = use_session();
    let why_not = Signal::derive(move || {
        form.request.with(|request| {
            let subject = Subject::Request {
                environment: &request.environment_id,
                engineer_id: &request.engineer.id,
                opened_by_me: false,
            };
            session.why_not(Action::DecideRequest, &subject)
        })
    });
    let error = Signal::derive(move || {
        let told = form.failure.with(|failure| failure.as_ref().and_then(|failure| failure.field("/justification")));
        told.or_else(|| justification_fault(&form.justification.get()).filter(|_| form.tried.get()))
    });
    let minutes_error = Signal::derive(move || {
        form.failure.with(|failure| failure.as_ref().and_then(|failure| failure.field("/access_minutes")))
    });
    let (most, asked) = form.request.with_untracked(|request| (request.access_minutes, request.asked_minutes));
    let shortened = asked.is_some_and(|asked| asked > most);
    let choices: Vec<SelectOption> = access_choices(most)
        .into_iter()
        .rev()
        .map(|minutes| {
            let words = minutes_in_words(minutes);
            SelectOption::new(
                minutes.to_string(),
                match minutes {
                    whole if whole < most => words,
                    _ if shortened => format!("{words}, as long as the rules allow"),
                    _ => format!("{words}, as asked for"),
                },
            )
        })
        .collect();
    let ask = move |dialog: RwSignal<bool>| {
        Callback::new(move |()| {
            form.tried.set(true);
            if justification_fault(&form.justification.get_untracked()).is_some() {
                focus_justification();
            } else {
                form.failure.set(None);
                dialog.set(true);
            }
        })
    };
    view! {
        <Card title="Your decision">
            <div class="l-stack" id="decision">
                <TextArea
                    label="Justification"
                    value=form.justification
                    error=error
                    required=true
                    limit=JUSTIFICATION_MAX
                    hint="Kept with the request for ever."
                />
                <Select label="Access period" value=form.minutes options=choices error=minutes_error hint="You may grant less than was asked for." />
            </div>
            <div class="c-decision__bar">
                {dynamic(move || {
                    form.request
                        .with(|request| request.decide_by)
                        .map(|until| view! { <span class="c-decision__left"><CountdownTo until=until over="Expired" /> " left"</span> })
                })}
                <Button kind=ButtonKind::Danger label="Deny" shortcut="d" disabled_reason=why_not on_press=ask(form.denying) />
                <Button kind=ButtonKind::Primary label="Approve" shortcut="a" disabled_reason=why_not on_press=ask(form.approving) />
            </div>
        </Card>
        {rest.show(Part::Confirm(form, why_not))}
    }
    .into_any()
}

/// The dialogs that say what a decision will mean, and make it. Whoever may decide has looked at the request by then: that is noted.
pub fn confirm(form: Form, why_not: Signal<Option<String>>) -> AnyView {
    let session = use_session().session;
    let noted = StoredValue::new(false);
    watch(move |_| {
        let may = why_not.with(Option::is_none) && session.with(Option::is_some);
        if may && !noted.get_value() {
            noted.set_value(true);
            let id = form.request.with_untracked(|request| request.id.clone());
            // Nobody waits for it: where it fails, the next look is noted.
            spawn_local(async move { drop(api::requests::note_view(&id).await) });
        }
    });
    view! {
        {approve_dialog(form)}
        {deny_dialog(form)}
    }
    .into_any()
}

/// What went wrong at the last try, kindly. Stands apart from the form, which is gone when somebody else was faster.
pub fn trouble(failure: RwSignal<Option<Failure>>) -> AnyView {
    let now = use_clock().coarse;
    dynamic(move || {
        // What belongs to a field of the form stands there.
        let failure = failure.get().filter(|failure| !FIELDS.iter().any(|field| failure.field(field).is_some()))?;
        if let Some(decision) = failure.decision {
            let did = match decision.outcome {
                DecisionOutcome::Approved => "approved",
                DecisionOutcome::Denied => "denied",
            };
            let title = format!("{} {did} this request {}", decision.by, time::relative(decision.at, now.get()));
            return Some(view! { <Banner title=title alert=true><p class="u-words">"“" {decision.justification} "”"</p></Banner> }.into_any());
        }
        let title = if failure.is(ProblemType::VersionConflict) {
            "The request changed while you were reading. It is shown as it is now: look again, then decide.".to_owned()
        } else {
            failure.title
        };
        let id = remote::call_id(failure.request_id);
        Some(
            view! { <Banner kind=BannerKind::Warn title=title alert=true><p>{failure.detail}</p> {id}</Banner> }
                .into_any(),
        )
    })
}

fn focus_justification() {
    let area = document().query_selector("#decision textarea").ok().flatten();
    if let Some(area) = area.and_then(|area| area.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = area.focus();
    }
}

fn chosen_minutes(form: Form) -> u32 {
    let asked = form.request.with(|request| request.access_minutes);
    form.minutes.with(|minutes| minutes.parse().unwrap_or(asked))
}

fn approve_dialog(form: Form) -> AnyView {
    let now = use_clock().now;
    let consequence = move || {
        form.request.with(|request| {
            let minutes = chosen_minutes(form);
            let end = expires_at(now.get(), minutes);
            format!(
                "{} can {} in {} from now until {} ({}).",
                request.engineer.name,
                words::operations(&request.operation_words),
                request.environment_name,
                time::short_with_zone(end),
                minutes_in_words(minutes),
            )
        })
    };
    let confirm = Callback::new(move |()| submit(form, true));
    view! {
        <ConfirmDialog
            title="Approve access"
            open=form.approving
            confirm="Approve access"
            kind=ButtonKind::Primary
            pending=form.pending
            on_confirm=confirm
        >
            <p>{dynamic(consequence)}</p>
            <p class="u-soft">"Everything they do is written to the log. You can end the access at any moment."</p>
        </ConfirmDialog>
    }
    .into_any()
}

fn deny_dialog(form: Form) -> AnyView {
    let consequence = move || {
        form.request.with(|request| {
            format!(
                "{} gets no access to {}. To ask again, they have to raise a new request.",
                request.engineer.name, request.environment_name
            )
        })
    };
    let confirm = Callback::new(move |()| submit(form, false));
    view! {
        <ConfirmDialog
            title="Deny request"
            open=form.denying
            confirm="Deny request"
            kind=ButtonKind::DangerSolid
            pending=form.pending
            on_confirm=confirm
        >
            <p>{dynamic(consequence)}</p>
            <p class="u-soft">"The decision is final. The engineer reads your justification."</p>
        </ConfirmDialog>
    }
    .into_any()
}

fn submit(form: Form, approve: bool) {
    let request = form.request.get_untracked();
    let justification = form.justification.get_untracked().trim().to_owned();
    let minutes = chosen_minutes(form);
    let toasts = use_toasts();
    form.pending.set(true);
    spawn_local(async move {
        let answer = if approve {
            let input = DecisionInput { justification, access_minutes: Some(minutes) };
            api::requests::approve_request(&request.id, request.version, &input).await
        } else {
            api::requests::deny_request(&request.id, request.version, &JustificationInput { justification }).await
        };
        form.pending.try_set(false);
        form.approving.try_set(false);
        form.denying.try_set(false);
        match answer {
            Ok(decided) => {
                draft::drop_draft(&draft_name(&request));
                draft::drop_draft(&minutes_draft_name(&request));
                toasts.say(if approve { "Access approved" } else { "Request denied" });
                form.remote.put(decided);
            }
            Err(failure) => {
                let changed = failure.is(ProblemType::AlreadyDecided)
                    || failure.is(ProblemType::VersionConflict)
                    || failure.is(ProblemType::WrongState);
                form.failure.try_set(Some(failure));
                if changed {
                    form.remote.reload();
                }
            }
        }
    });
}
