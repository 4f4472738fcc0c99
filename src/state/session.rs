//! Who is signed in.

use super::{clock, draft, storage};
use crate::api::{self, Failure};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::session::Session;
use lockbox_rules::permission::{self, Action, Principal, Subject};
use std::cell::Cell;

thread_local! {
    /// The app's session context, so that any call that is refused for want of a session can end it.
    static CURRENT: Cell<Option<SessionContext>> = const { Cell::new(None) };
}

/// Under which the tab knows whose drafts it keeps.
const OWNER: &str = "lockbox-person";

/// Who is signed in, and how that is known.
#[derive(Clone, Copy)]
pub struct SessionContext {
    /// The session; `None` while it is not known or when there is none
    pub session: RwSignal<Option<Session>>,
    /// The server has said that nobody is signed in
    pub signed_out: RwSignal<bool>,
    /// The person has signed out: whoever comes next is not led to where this one was
    pub left: RwSignal<bool>,
    /// Why the session could not be read, where that is not the reason
    pub failure: RwSignal<Option<Failure>>,
}

impl SessionContext {
    /// Reads the session from the server.
    pub fn load(self) {
        self.failure.set(None);
        spawn_local(async move {
            match api::session::read_session().await {
                Ok(session) => self.begin(session),
                Err(failure) if failure.is_signed_out() => {}
                Err(failure) => self.failure.set(Some(failure)),
            }
        });
    }

    /// Whether somebody was signed in in this tab before and has not signed out.
    pub fn was_begun() -> bool {
        storage::tab().is_some_and(|tab| tab.get_item(OWNER).ok().flatten().is_some())
    }

    /// Somebody has signed in. What another person left in this tab goes.
    pub fn begin(self, session: Session) {
        if let Some(tab) = storage::tab() {
            let before = tab.get_item(OWNER).ok().flatten();
            if before.is_some_and(|before| before != session.person.id.0) {
                draft::drop_all();
            }
            let _ = tab.set_item(OWNER, &session.person.id.0);
        }
        clock::heard_exactly(session.server_time);
        self.failure.set(None);
        self.session.set(Some(session));
        self.left.set(false);
        self.signed_out.set(false);
    }

    /// The person wants to leave.
    pub fn end(self) {
        draft::drop_all();
        self.left.set(true);
        self.session.set(None);
        self.signed_out.set(true);
    }

    /// Why the signed-in person may not do this, in the words of the rules; `None` when they may, or while nobody is known.
    /// For the looks of things only: the server decides.
    pub fn why_not(self, action: Action, subject: &Subject<'_>) -> Option<String> {
        self.session.with(|session| {
            let principal = Principal::from(session.as_ref()?);
            permission::may(&principal, action, subject).err().map(|denied| denied.message().to_owned())
        })
    }
}

impl SessionContext {
    /// Whether the person sees only what belongs to support requests that they opened.
    pub fn sees_own_only(self) -> bool {
        self.session.with(|session| session.as_ref().is_some_and(|session| Principal::from(session).sees_own_only()))
    }
}

/// Makes the session known to the app. Nothing is read yet.
pub fn provide_session() -> SessionContext {
    let context = SessionContext {
        session: RwSignal::new(None),
        signed_out: RwSignal::new(false),
        left: RwSignal::new(false),
        failure: RwSignal::new(None),
    };
    CURRENT.set(Some(context));
    provide_context(context);
    context
}

/// Who is signed in.
pub fn use_session() -> SessionContext {
    use_context().or_else(|| CURRENT.get()).unwrap_or_else(provide_session)
}

/// A call was refused because nobody is signed in (any more). Drafts stay.
pub fn ended() {
    if let Some(context) = CURRENT.get() {
        context.session.set(None);
        context.signed_out.set(true);
    }
}
