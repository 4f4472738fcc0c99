//! The form that opens a support request. It is open while the address says `new`, and keeps what was typed until it is sent.

use crate::{
    api,
    components::environment_select::{Choice, fill},
    paths,
    state::{
        Form,
        draft::{drop_draft, use_draft},
        use_toasts,
    },
    ui::{Banner, BannerKind, Button, ButtonKind, Dialog, Select, SelectOption, TextArea, TextField, dynamic, watch},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use lockbox_api::{
    ids::EnvironmentId,
    service_requests::{ServiceRequestCreate, Severity},
};
use lockbox_rules::validate::{self, NAME_MAX, TEXT_MAX};

/// Under which names the fields are kept.
const DRAFTS: [&str; 4] =
    ["service-request:title", "service-request:description", "service-request:severity", "service-request:environment"];

/// The dialog.
#[component]
pub fn OpenDialog(
    /// The address asks for it
    open: Memo<bool>,
) -> impl IntoView {
    let navigate = use_navigate();
    let shown = RwSignal::new(false);
    watch(move |_| shown.set(open.get()));
    // Escape and Cancel close the dialog first; the address follows, so that Back does not open it again.
    Effect::new(move |before: Option<bool>| {
        let now = shown.get();
        if before == Some(true) && !now && open.get_untracked() {
            let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
            navigate(paths::SERVICE_REQUESTS, options);
        }
        now
    });
    view! {
        <Dialog title="Open a support request" open=shown large=true>
            <OpenForm shown=shown />
        </Dialog>
    }
}

fn severities() -> Vec<SelectOption> {
    let words = |severity| match severity {
        Severity::Critical => "business stands still",
        Severity::High => "business is hampered",
        Severity::Moderate => "business goes on with trouble",
        Severity::Minimal => "a question or a small thing",
    };
    let option = |severity: &Severity| {
        SelectOption::new(severity.as_str(), format!("{}: {}", severity.label(), words(*severity)))
    };
    Severity::ALL.iter().map(option).collect()
}

#[component]
fn OpenForm(shown: RwSignal<bool>) -> impl IntoView {
    let [title, description, severity, environment] = DRAFTS.map(|name| use_draft(name.to_owned()));
    if severity.with_untracked(String::is_empty) {
        severity.set(Severity::Moderate.to_string());
    }
    let input = move || ServiceRequestCreate {
        title: title.get(),
        description: description.get(),
        severity: Severity::parse(&severity.get()).unwrap_or(Severity::Moderate),
        environment_id: Some(environment.get()).filter(|id| !id.is_empty()).map(EnvironmentId),
    };
    let form = Form::new(move || validate::service_request_create(&input()));
    let navigate = use_navigate();
    let toasts = use_toasts();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let (input, navigate) = (untrack(input), navigate.clone());
        spawn_local(async move {
            match api::service_requests::open_service_request(&input).await {
                Ok(opened) => {
                    form.done();
                    for (name, field) in DRAFTS.iter().zip([title, description, severity, environment]) {
                        field.try_set(String::new());
                        drop_draft(name);
                    }
                    toasts.say(format!("Support request {} is open", opened.summary.id));
                    navigate(
                        &paths::service_request(&opened.summary.id),
                        NavigateOptions { replace: true, ..NavigateOptions::default() },
                    );
                }
                Err(failure) => form.fail(failure),
            }
        });
    };
    let by_environment = Choice::new(environment, "No particular environment", true);
    view! {
        <form on:submit=submit novalidate=true>
            <div class="c-dialog__body">
                <TextField label="Title" value=title error=form.error("/title") required=true limit=NAME_MAX autofocus=true />
                <TextArea
                    label="Description"
                    value=description
                    hint="What is wrong, since when, and what you have tried. Engineers read it, and approvers when access is asked for."
                    error=form.error("/description")
                    required=true
                    limit=TEXT_MAX
                />
                <div class="l-grid">
                    <Select label="Severity" value=severity options=severities() error=form.error("/severity") />
                    <div class="l-stack l-stack--tight">{fill(by_environment)} {by_environment.select(form.error("/environment_id"))}</div>
                </div>
                {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            </div>
            <div class="c-dialog__foot">
                <Button label="Cancel" on_press=Callback::new(move |()| shown.set(false)) />
                <Button kind=ButtonKind::Primary label="Open support request" submit=true pending=form.pending />
            </div>
        </form>
    }
    .into_any()
}
