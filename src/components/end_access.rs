//! Ending access that is open: one red button wherever it is shown, then a dialog that asks why.

use crate::{
    api::{self, Failure},
    state::{draft, use_session, use_toasts},
    ui::{Button, ButtonKind, ConfirmDialog, Icon, TextArea},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    JUSTIFICATION_MAX,
    ids::{EnvironmentId, RequestId},
    requests::JustificationInput,
};
use lockbox_rules::{
    permission::{Action, Subject},
    validate,
};

/// The button and its dialog.
#[component]
pub fn EndAccess(
    /// Which request's access
    id: RequestId,
    /// Who loses it
    engineer: String,
    /// Where
    environment: String,
    /// The same, for the question whether this person may
    environment_id: EnvironmentId,
    /// The engineer's id, for the same question
    #[prop(optional, into)]
    engineer_id: String,
    /// Across the whole width
    #[prop(optional)]
    wide: bool,
    /// Called when the server has said that it is ended
    #[prop(into)]
    on_ended: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let draft_name = format!("end:{id}");
    let justification = draft::use_draft(draft_name.clone());
    let tried = RwSignal::new(false);
    let toasts = use_toasts();
    let session = use_session();
    let why_not = Signal::derive(move || {
        let subject = Subject::Request { environment: &environment_id, engineer_id: &engineer_id, opened_by_me: false };
        session.why_not(Action::EndAccess, &subject)
    });
    let error = Signal::derive(move || {
        let wrong = justification_fault(&justification.get());
        failure
            .with(|failure| failure.as_ref().and_then(|failure| failure.field("/justification")))
            .or(wrong.filter(|_| tried.get()))
    });
    let confirm = Callback::new(move |()| {
        tried.set(true);
        if justification_fault(&justification.get_untracked()).is_some() {
            return;
        }
        pending.set(true);
        failure.set(None);
        let (id, draft_name) = (id.clone(), draft_name.clone());
        spawn_local(async move {
            let input = JustificationInput { justification: justification.get_untracked() };
            let answer = api::requests::revoke_request(&id, &input).await;
            pending.try_set(false);
            match answer {
                Ok(()) => {
                    draft::drop_draft(&draft_name);
                    justification.try_set(String::new());
                    open.try_set(false);
                    toasts.say("Access ended");
                    on_ended.run(());
                }
                Err(wrong) => {
                    failure.try_set(Some(wrong));
                }
            }
        });
    });
    let failed = Signal::derive(move || {
        failure.with(|failure| {
            failure.as_ref().filter(|failure| failure.field("/justification").is_none()).map(Failure::sentence)
        })
    });
    let consequence = StoredValue::new(format!(
        "{engineer} loses access to {environment} at once. What is running under it is stopped at its next step. This can't be undone: for more, a new request is needed."
    ));
    let class = if wide { "c-button--wide" } else { "" };
    view! {
        <Button
            kind=ButtonKind::Danger
            label="End access"
            icon=Icon::LockClosed
            class=class
            disabled_reason=why_not
            on_press=Callback::new(move |()| open.set(true))
        />
        <ConfirmDialog
            title="End access now"
            open=open
            confirm="End access now"
            kind=ButtonKind::DangerSolid
            pending=pending
            failed=failed
            on_confirm=confirm
        >
            <p>{consequence.get_value()}</p>
            <TextArea label="Justification" value=justification error=error required=true limit=JUSTIFICATION_MAX />
        </ConfirmDialog>
    }
    .into_any()
}

/// What is wrong with a justification, in the words of the rules.
pub fn justification_fault(text: &str) -> Option<String> {
    validate::justification("/justification", text).into_iter().next().map(|fault| fault.message)
}
