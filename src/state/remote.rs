//! Something that lives on the server, as a view sees it: loading, failed, or ready; and ready stays ready while it is read again.
//!
//! Not `LocalResource` with `Transition`: these views keep their DOM (open dialogs, focus, typed text) when live updates arrive,
//! so the ready view is built once and then fed by a signal.

use crate::{
    api::{Failure, Pending},
    ui::{Banner, BannerKind, Button, ErrorView, dynamic, memo, watch},
};
use leptos::{prelude::*, task::spawn_local};
use std::{future::Future, pin::Pin};

/// Something on the server, of which the latest answer is kept.
pub struct Remote<T: Send + Sync + 'static> {
    /// The latest answer
    pub value: RwSignal<Option<T>>,
    /// Why the latest try failed
    pub failure: RwSignal<Option<Failure>>,
    /// A call is under way
    pub loading: RwSignal<bool>,
    again: RwSignal<u32>,
    /// Which call counts: the latest, and none that began before an answer came another way
    turn: StoredValue<u32>,
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

/// Which of the views shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Loading,
    Failed,
    Ready,
}

impl<T: Clone + Send + Sync + 'static> Remote<T> {
    /// Reads now, and again whenever a signal that `fetch` reads has changed. Only the latest call counts.
    pub fn new(fetch: impl Fn() -> Pending<T> + 'static) -> Self {
        let remote = Self {
            value: RwSignal::new(None),
            failure: RwSignal::new(None),
            loading: RwSignal::new(true),
            again: RwSignal::new(0),
            turn: StoredValue::new(0),
        };
        let start = move || {
            let call = fetch();
            let arrival: Arrival = Box::pin(async move {
                let answer = call.await;
                let store: Store = Box::new(move || match answer {
                    Ok(value) => {
                        remote.value.try_set(Some(value));
                        None
                    }
                    Err(failure) => Some(failure),
                });
                store
            });
            arrival
        };
        drive(Box::new(start), remote.failure, remote.loading, remote.again, remote.turn);
        remote
    }

    /// Reads again.
    pub fn reload(self) {
        self.again.try_update(|again| *again = again.wrapping_add(1));
    }

    /// Takes an answer that came another way, such as with a change. A call that is under way may bring what was before it.
    pub fn put(self, value: T) {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.loading.set(false);
        self.value.set(Some(value));
        self.failure.set(None);
    }
}

/// Puts an answer where it belongs, or returns why there is none.
type Store = Box<dyn FnOnce() -> Option<Failure>>;
/// A call under way.
type Arrival = Pin<Box<dyn Future<Output = Store>>>;

/// What is the same for every type: when to ask, and which answer counts.
fn drive(
    start: Box<dyn Fn() -> Arrival>,
    failure: RwSignal<Option<Failure>>,
    loading: RwSignal<bool>,
    again: RwSignal<u32>,
    turn: StoredValue<u32>,
) {
    watch(move |_| {
        again.track();
        let call = start();
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        loading.set(true);
        spawn_local(async move {
            let store = call.await;
            // The view may be gone, or may have asked for something else meanwhile.
            if turn.try_get_value() != Some(mine) {
                return;
            }
            loading.try_set(false);
            match store() {
                None => {
                    failure.try_set(None);
                }
                // The way to sign-in is under way already: what is shown may stay until then.
                Some(wrong) if wrong.is_signed_out() => {}
                Some(wrong) => {
                    failure.try_set(Some(wrong));
                }
            }
        });
    });
}

/// The states of something on the server: `skeleton`, a failure with retry, and `ready`, which is built once and then follows its
/// signal. (The fourth, empty, is `ready`'s.) A failure while something is shown already stands above it. `title` says what failed.
pub fn show<T: Clone + Send + Sync + 'static>(
    remote: Remote<T>,
    title: &'static str,
    skeleton: fn() -> AnyView,
    ready: impl Fn(Signal<T>) -> AnyView + Send + 'static,
) -> AnyView {
    let known = Signal::derive(move || remote.value.with(Option::is_some));
    let retry = Callback::new(move |()| remote.reload());
    let view = move || {
        let Some(first) = remote.value.get_untracked() else { return ().into_any() };
        let value = RwSignal::new(first);
        watch(move |_| {
            if let Some(latest) = remote.value.get() {
                value.set(latest);
            }
        });
        ready(value.into())
    };
    phases(known, remote.failure, title, skeleton, retry, Box::new(view))
}

fn phases(
    known: Signal<bool>,
    failure: RwSignal<Option<Failure>>,
    title: &'static str,
    skeleton: fn() -> AnyView,
    retry: Callback<()>,
    ready: Box<dyn Fn() -> AnyView + Send>,
) -> AnyView {
    let phase = memo(move || match (known.get(), failure.with(Option::is_some)) {
        (true, _) => Phase::Ready,
        (false, true) => Phase::Failed,
        (false, false) => Phase::Loading,
    });
    dynamic(move || match phase.get() {
        Phase::Loading => skeleton(),
        Phase::Failed => failure.get_untracked().map(|failure| failed(title, failure, retry)).into_any(),
        Phase::Ready => {
            let note = dynamic(move || failure.get().map(|failure| stale(failure, retry)).into_any());
            vec![note, ready()].into_any()
        }
    })
}

/// A failure in the place of what could not be read.
pub fn failed(title: &'static str, failure: Failure, retry: Callback<()>) -> AnyView {
    let title = if failure.status == 404 { failure.title } else { title.to_owned() };
    view! { <ErrorView title=title detail=failure.detail request_id=failure.request_id on_retry=retry /> }.into_any()
}

/// The id under which the server knows a call that failed; nothing where no answer came.
pub fn call_id(id: String) -> Option<AnyView> {
    (!id.is_empty()).then(|| view! { <p class="u-small u-soft">"Id of this call: " {id}</p> }.into_any())
}

fn stale(failure: Failure, retry: Callback<()>) -> AnyView {
    view! {
        <Banner kind=BannerKind::Warn title="This may be out of date: it could not be read again">
            <p>{failure.detail}</p>
            {call_id(failure.request_id)}
            <div>
                <Button label="Try again" on_press=retry />
            </div>
        </Banner>
    }
    .into_any()
}
