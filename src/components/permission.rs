//! Whether the signed-in person may do something, asked of the same rules that the server enforces. For the looks of things
//! only: the server decides.

use crate::{
    state::use_session,
    ui::{Empty, Icon, SkeletonBlock, dynamic, memo},
};
use leptos::prelude::*;
use lockbox_rules::permission::{Action, Principal, Subject, may};

/// Why the person may not do it; `None` when they may. While nobody knows yet who it is, nobody may.
pub fn why_not(action: Action) -> Signal<Option<String>> {
    let session = use_session().session;
    let reason = memo(move || {
        session.with(|session| match session {
            None => Some("Your roles are being read.".to_owned()),
            Some(session) => refusal(&Principal::from(session), action, &Subject::None),
        })
    });
    reason.into()
}

/// Why `principal` may not do `action` to `subject`.
pub fn refusal(principal: &Principal, action: Action, subject: &Subject<'_>) -> Option<String> {
    may(principal, action, subject).err().map(|denied| denied.message().to_owned())
}

/// What only those may see who may do `action`; others read why not and who can.
pub fn gate(action: Action, view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let known = use_session().session;
    let reason = why_not(action);
    let phase = memo(move || (known.with(Option::is_some), reason.get()));
    dynamic(move || match phase.get() {
        (false, _) => view! { <SkeletonBlock with_box=true /> }.into_any(),
        (true, None) => view(),
        (true, Some(reason)) => view! {
            <div class="c-table-wrap">
                <Empty icon=Icon::LockClosed title="Not for your roles" note=reason />
            </div>
        }
        .into_any(),
    })
}
