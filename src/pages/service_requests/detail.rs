//! `/service-requests/:id`: one support request: what is wrong, who said what, and what access was asked for because of it.

use super::{conversation::Conversation, raised::Raised, severity};
use crate::{
    api::{self, Pending},
    components::{Page, When, permission::refusal},
    paths,
    state::{Form, Remote, show, use_live, use_session, use_toasts},
    ui::{
        Badge, Button, ButtonKind, Card, ConfirmDialog, Copyable, Fact, Facts, Icon, PageHeader, SkeletonBlock, Tone,
        dynamic, memo,
    },
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{LazyRoute, hooks::use_params_map, lazy_route};
use lockbox_api::{ids::ServiceRequestId, service_requests::ServiceRequest};
use lockbox_rules::permission::{Action, Principal, Subject};

/// One support request.
pub struct ServiceRequestPage;

#[lazy_route]
impl LazyRoute for ServiceRequestPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

fn page() -> AnyView {
    let address = use_params_map();
    let id = memo(move || ServiceRequestId(address.with(|address| address.get("id").unwrap_or_default())));
    let changed =
        use_live().revision(|change| change.request_id.is_some() || change.operation.contains("Support Request"));
    let remote = Remote::new(move || {
        changed.track();
        Box::pin(api::service_requests::read_service_request(id.get())) as Pending<ServiceRequest>
    });
    let title = Signal::derive(move || {
        remote.value.with(|value| match value {
            Some(found) => found.summary.title.clone(),
            None => format!("Support request {}", id.get()),
        })
    });
    let body = show(
        remote,
        "The support request could not be read",
        || view! { <SkeletonBlock lines=4 with_box=true /> }.into_any(),
        move |found| ready(remote, found),
    );
    view! {
        <Page title=title>
            <PageHeader title=title above=|| view! { <a href=paths::SERVICE_REQUESTS>"Support requests"</a> }.into_any()>
                {dynamic(move || remote.value.with(Option::is_some).then(|| view! { <Close remote=remote /> }))}
            </PageHeader>
            {body}
        </Page>
    }
    .into_any()
}

fn ready(remote: Remote<ServiceRequest>, found: Signal<ServiceRequest>) -> AnyView {
    let description = move || found.with(|found| found.description.clone());
    view! {
        <div class="l-split">
            <div class="l-stack">
                <Card title="Description">
                    <p class="u-words c-prose">{dynamic(description)}</p>
                </Card>
                <Conversation remote=remote found=found />
            </div>
            <div class="l-stack l-split__aside">
                <Card title="About">{dynamic(move || facts(&found.get()))}</Card>
                <Raised found=found />
            </div>
        </div>
    }
    .into_any()
}

fn facts(found: &ServiceRequest) -> AnyView {
    let summary = found.summary.clone();
    let environment = summary.environment_name.or(summary.environment_id.map(|id| id.0));
    let closed = summary.closed_at;
    view! {
        <Facts>
            <Fact name="ID"><Copyable value=summary.id.0 what="support request id" /></Fact>
            <Fact name="Status">
                {match closed {
                    Some(_) => view! { <Badge icon=Icon::CheckCircle text="Closed" /> },
                    None => view! { <Badge tone=Tone::Open icon=Icon::Support text="Open" /> },
                }}
            </Fact>
            <Fact name="Severity">{severity(summary.severity)}</Fact>
            <Fact name="Environment">{environment.unwrap_or_else(|| "None in particular".to_owned())}</Fact>
            <Fact name="Opened by">{summary.opened_by}</Fact>
            <Fact name="Opened"><When at=summary.opened_at end=true /></Fact>
            {closed.map(|at| view! { <Fact name="Closed"><When at=at end=true /></Fact> })}
            <Fact name="Last change"><When at=summary.updated_at end=true /></Fact>
        </Facts>
    }
    .into_any()
}

/// Why the signed-in person may not do `action` to this support request.
pub fn why_not_here(action: Action, found: Signal<Option<ServiceRequest>>) -> Signal<Option<String>> {
    let session = use_session().session;
    let reason = memo(move || {
        session.with(|session| {
            let session = session.as_ref()?;
            let principal = Principal::from(session);
            let own = found.with(|found| found.as_ref().is_some_and(|found| found.opened_by_me));
            refusal(&principal, action, &Subject::ServiceRequest { opened_by: own.then_some(&session.person.id) })
        })
    });
    reason.into()
}

/// The button that closes it, and the question before.
#[component]
fn Close(remote: Remote<ServiceRequest>) -> impl IntoView {
    let open = RwSignal::new(false);
    let form = Form::new(Vec::new);
    let toasts = use_toasts();
    let value = Signal::derive(move || remote.value.get());
    let reason = why_not_here(Action::CloseServiceRequest, value);
    let closed =
        memo(move || remote.value.with(|found| found.as_ref().is_some_and(|found| found.summary.closed_at.is_some())));
    let confirm = Callback::new(move |()| {
        let Some(id) = remote.value.with_untracked(|found| found.as_ref().map(|found| found.summary.id.clone())) else {
            return;
        };
        if !form.begin() {
            return;
        }
        spawn_local(async move {
            match api::service_requests::close_service_request(&id).await {
                Ok(found) => {
                    form.done();
                    open.try_set(false);
                    remote.put(found);
                    toasts.say("Support request closed");
                }
                Err(failure) => form.fail(failure),
            }
        });
    });
    let consequence = move || remote.value.with(|found| found.as_ref().map(touched).unwrap_or_default());
    move || {
        (!closed.get()).then(|| {
            view! {
                <Button
                    kind=ButtonKind::Danger
                    label="Close support request"
                    disabled_reason=reason
                    on_press=Callback::new(move |()| open.set(true))
                />
                <ConfirmDialog
                    title="Close this support request?"
                    open=open
                    confirm="Close support request"
                    kind=ButtonKind::DangerSolid
                    pending=form.pending
                    failed=form.sentence()
                    on_confirm=confirm
                >
                    <p>"This ends every access given for it and withdraws what still waits."</p>
                    <p class="u-soft">{dynamic(consequence)}</p>
                </ConfirmDialog>
            }
            .into_any()
        })
    }
}

/// What closing would touch at this moment.
fn touched(found: &ServiceRequest) -> String {
    match (found.access_open, found.waiting) {
        (0, 0) => "At this moment no access is open and nothing waits. A closed support request can't be opened again."
            .to_owned(),
        (open, waiting) => format!(
            "Access open now: {open}. Waiting for a decision: {waiting}. A closed support request can't be opened again."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(access_open: u32, waiting: u32) -> ServiceRequest {
        let whole = json!({"id": "1", "title": "T", "severity": "high", "opened_by": "P", "opened_at": "2026-11-01T00:00:00Z", "closed_at": null,
            "environment_id": null, "environment_name": null, "lockbox_requests": 300, "updated_at": "2026-11-01T00:00:00Z",
            "description": "D", "messages": [], "requests": [], "access_open": access_open, "waiting": waiting, "version": 1});
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn the_question_counts_what_it_would_end_also_what_is_not_shown() {
        assert!(touched(&found(0, 0)).contains("no access is open"));
        assert!(touched(&found(2, 1)).starts_with("Access open now: 2. Waiting for a decision: 1."));
        assert!(touched(&found(1, 0)).starts_with("Access open now: 1. Waiting for a decision: 0."));
    }
}
