//! Something that lives on the server, as a view sees it: loading, failed, or ready; and ready stays ready while it is read again.
//!
//! Not `LocalResource` with `Transition`: these views keep their DOM (open dialogs, focus, typed text) when live updates arrive,
//! so the ready view is built once and then fed by a signal.

use crate::{
    api::{Failure, Pending},
    ui::{Banner, BannerKind, Button, ErrorView},
};
use leptos::{prelude::*, task::spawn_local};

/// Something on the server, of which the latest answer is kept.
pub struct Remote<T: Send + Sync + 'static> {
    /// The latest answer
    pub value: RwSignal<Option<T>>,
    /// Why the latest try failed
    pub failure: RwSignal<Option<Failure>>,
    /// A call is under way
    pub loading: RwSignal<bool>,
    again: RwSignal<u32>,
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
        };
        let turn = StoredValue::new(0_u32);
        Effect::new(move |_| {
            remote.again.track();
            let call = fetch();
            turn.update_value(|turn| *turn = turn.wrapping_add(1));
            let mine = turn.get_value();
            remote.loading.set(true);
            spawn_local(async move {
                let answer = call.await;
                // The view may be gone, or may have asked for something else meanwhile.
                if turn.try_get_value() == Some(mine) {
                    remote.arrived(answer);
                }
            });
        });
        remote
    }

    /// Reads again.
    pub fn reload(self) {
        self.again.try_update(|again| *again = again.wrapping_add(1));
    }

    /// Takes an answer that came another way, such as with a change.
    pub fn put(self, value: T) {
        self.value.set(Some(value));
        self.failure.set(None);
    }

    fn arrived(self, answer: Result<T, Failure>) {
        self.loading.try_set(false);
        match answer {
            Ok(value) => {
                self.value.try_set(Some(value));
                self.failure.try_set(None);
            }
            // The way to sign-in is under way already: what is shown may stay until then.
            Err(failure) if failure.is_signed_out() => {}
            Err(failure) => {
                self.failure.try_set(Some(failure));
            }
        }
    }
}

/// The states of something on the server: `skeleton`, a failure with retry, and `ready`, which is built once and then follows its
/// signal. (The fourth, empty, is `ready`'s.) A failure while something is shown already stands above it. `title` says what failed.
pub fn show<T: Clone + Send + Sync + 'static>(
    remote: Remote<T>,
    title: &'static str,
    skeleton: impl Fn() -> AnyView + Send + 'static,
    ready: impl Fn(Signal<T>) -> AnyView + Send + 'static,
) -> AnyView {
    let phase = Memo::new(move |_| {
        if remote.value.with(Option::is_some) {
            Phase::Ready
        } else if remote.failure.with(Option::is_some) {
            Phase::Failed
        } else {
            Phase::Loading
        }
    });
    let retry = Callback::new(move |()| remote.reload());
    (move || match phase.get() {
        Phase::Loading => skeleton(),
        Phase::Failed => remote.failure.get_untracked().map(|failure| failed(title, failure, retry)).into_any(),
        Phase::Ready => remote
            .value
            .get_untracked()
            .map(|first| {
                let value = RwSignal::new(first);
                Effect::new(move |_| {
                    if let Some(latest) = remote.value.get() {
                        value.set(latest);
                    }
                });
                view! {
                    {move || remote.failure.get().map(|failure| stale(failure, retry))}
                    {ready(value.into())}
                }
                .into_any()
            })
            .into_any(),
    })
    .into_any()
}

/// A failure in the place of what could not be read.
pub fn failed(title: &'static str, failure: Failure, retry: Callback<()>) -> AnyView {
    let title = if failure.status == 404 { failure.title } else { title.to_owned() };
    view! { <ErrorView title=title detail=failure.detail request_id=failure.request_id on_retry=retry /> }.into_any()
}

fn stale(failure: Failure, retry: Callback<()>) -> AnyView {
    view! {
        <Banner kind=BannerKind::Warn title="This may be out of date: it could not be read again">
            <p>{failure.detail}</p>
            <div>
                <Button label="Try again" on_press=retry />
            </div>
        </Banner>
    }
    .into_any()
}
