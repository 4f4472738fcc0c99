//! What the decision page needs only once it can be read, in a file of its own that comes while people read: how it
//! was judged, what happened, what was done, how it came out, and what the buttons open.

use super::{access, acknowledge, case, decide, story, ticket};
use crate::{
    api::Failure,
    state::{Remote, use_clock, use_session},
    ui::{dynamic, time},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::requests::LockboxRequest;

/// A part of the page that comes later.
#[derive(Clone, Copy)]
pub enum Part {
    /// What only paper carries at the top.
    Paper,
    /// What the engineer did.
    Done(Signal<LockboxRequest>),
    /// How the JIT service judged it.
    Judgement(Signal<LockboxRequest>),
    /// What happened.
    Timeline(Signal<LockboxRequest>),
    /// The dialogs that confirm a decision; why the person may not make it.
    Confirm(decide::Form, Signal<Option<String>>),
    /// Nobody decided in time.
    TimeIsUp(Signal<LockboxRequest>),
    /// What went wrong at the last try to decide.
    Trouble(RwSignal<Option<Failure>>),
    /// Access is open, and the way to end it.
    Open(Signal<LockboxRequest>, Remote<LockboxRequest>),
    /// How it came out; access without a request with the way to acknowledge it.
    Outcome(Signal<LockboxRequest>, Remote<LockboxRequest>),
    /// The support request at the side, and whether it is open.
    Ticket(Signal<LockboxRequest>, RwSignal<bool>),
}

/// What makes a part.
type Make = fn(Part) -> AnyView;

/// The parts, as soon as they are there.
#[derive(Clone, Copy)]
pub struct Rest(RwSignal<Option<Make>>);

impl Rest {
    /// Begins to load them.
    pub fn load() -> Self {
        let rest = Self(RwSignal::new(None));
        spawn_local(async move {
            let loaded = request_rest().await;
            rest.0.try_set(Some(loaded));
        });
        rest
    }

    /// Whether they are there.
    pub fn is_there(self) -> bool {
        self.0.with(Option::is_some)
    }

    /// A part; nothing until it is there.
    pub fn show(self, part: Part) -> AnyView {
        dynamic(move || self.0.get().map(|make| make(part)))
    }
}

/// Named in `preload.toml`: what the page has brought along already is not in this file again.
#[lazy]
fn request_rest() -> Make {
    make
}

fn make(part: Part) -> AnyView {
    match part {
        Part::Paper => paper(),
        Part::Done(request) => story::done(request),
        Part::Judgement(request) => case::judgement(request),
        Part::Timeline(request) => story::timeline(request),
        Part::Confirm(form, why_not) => decide::confirm(form, why_not),
        Part::TimeIsUp(request) => decide::time_is_up(request),
        Part::Trouble(failure) => decide::trouble(failure),
        Part::Open(request, remote) => access::open(request, remote),
        Part::Outcome(request, remote) => {
            view! { {story::aloud(request)} {acknowledge::without_request(request, remote)} {access::outcome(request)} }
                .into_any()
        }
        Part::Ticket(request, open) => ticket::panel(request, open),
    }
}

/// Whose it is, and when it was printed.
fn paper() -> AnyView {
    let session = use_session().session;
    let organization =
        move || session.with(|session| session.as_ref().map(|session| session.organization.name.clone()));
    let now = use_clock().coarse;
    view! {
        <p class="u-paper">
            <strong>{dynamic(organization)}</strong>
            " · made "
            {dynamic(move || time::absolute(now.get(), false))}
        </p>
    }
    .into_any()
}
