//! What changes on the server while the portal is open. Every message is only a hint to read again, so that a lost or doubled
//! one can't show anything wrong; after a gap everything is read again.

use super::{clock, session::use_session};
use crate::ui::memo;
use crate::{
    api::{self, json},
    ui::watch,
};
use chrono::{DateTime, TimeDelta, Utc};
use gloo_timers::callback::Timeout;
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{ids::RequestId, stream::Change};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

thread_local! {
    /// The lowest sequence that an answer to this person was read at: from there on the stream must tell everything.
    static READ_AT: Cell<u64> = const { Cell::new(u64::MAX) };
    /// The stream that has been asked for with [`READ_AT`] as it was then.
    static ASKED: Cell<Option<Live>> = const { Cell::new(None) };
}

/// Takes note of the sequence that an answer was read at. The stream is opened after the first answers, and begins with what
/// changed since the lowest of them; an answer that is older still and comes later has everything read again.
pub fn answered(sequence: u64) {
    if sequence < READ_AT.get() {
        READ_AT.set(sequence);
        if let Some(live) = ASKED.get() {
            live.miss();
        }
    }
}

/// The stream and its state.
#[derive(Clone, Copy)]
pub struct Live {
    /// The latest change that was heard of
    pub latest: RwSignal<Option<Change>>,
    /// Grows when anything may have changed unheard: read everything again
    pub gaps: RwSignal<u32>,
    /// Since when the stream is down; `None` while it is up or has not been opened
    pub lost_since: RwSignal<Option<DateTime<Utc>>>,
    /// Grows to ask for another try at once
    pub retry: RwSignal<u32>,
}

/// A hiccup of the connection that is shorter is not worth a word.
pub const PATIENCE: TimeDelta = TimeDelta::milliseconds(1_000);

impl Live {
    /// Why what needs the server can't be done just now.
    pub fn why_not(self) -> Signal<Option<String>> {
        let now = clock::use_clock().now;
        let lost = memo(move || {
            let lost = self.lost_since.get().is_some_and(|since| now.get() - since >= PATIENCE);
            lost.then(|| "The connection is lost. This works again when it is back.".to_owned())
        });
        lost.into()
    }

    /// Grows with every change that `concerns` picks, and with every gap. Reading it in a `Remote` keeps that in step.
    pub fn revision(self, concerns: impl Fn(&Change) -> bool + 'static) -> Signal<u32> {
        let revision = RwSignal::new(0_u32);
        let gaps_seen = StoredValue::new(self.gaps.get_untracked());
        watch(move |first| {
            let gaps = self.gaps.get();
            // What was missed may have concerned this, whatever was heard last.
            let missed = gaps != gaps_seen.get_value();
            gaps_seen.set_value(gaps);
            // Who may not read the log hears that something changed, not what: it may concern anything.
            let concerned = self
                .latest
                .with(|latest| latest.as_ref().is_none_or(|change| change.operation.is_empty() || concerns(change)));
            if !first && (missed || concerned) {
                revision.update(|revision| *revision = revision.wrapping_add(1));
            }
        });
        revision.into()
    }

    /// Something may have changed unheard.
    fn miss(self) {
        self.gaps.update(|gaps| *gaps = gaps.wrapping_add(1));
    }

    /// Grows with every change that concerns any Lockbox request.
    pub fn requests(self) -> Signal<u32> {
        self.revision(|change| change.request_id.is_some())
    }

    /// Grows with every change that concerns this request.
    pub fn request(self, id: RequestId) -> Signal<u32> {
        self.revision(move |change| change.request_id.as_ref() == Some(&id))
    }
}

/// The stream.
pub fn use_live() -> Live {
    use_context().unwrap_or_else(|| Live {
        latest: RwSignal::new(None),
        gaps: RwSignal::new(0),
        lost_since: RwSignal::new(None),
        retry: RwSignal::new(0),
    })
}

/// Opens the stream while somebody is signed in, and keeps it open.
pub fn provide_live() {
    let live = Live {
        latest: RwSignal::new(None),
        gaps: RwSignal::new(0),
        lost_since: RwSignal::new(None),
        retry: RwSignal::new(0),
    };
    provide_context(live);
    let session = use_session().session;
    let person = memo(move || session.with(|session| session.as_ref().map(|session| session.person.id.clone())));
    let connection =
        Rc::new(Connection { live, open: RefCell::default(), waiting: RefCell::default(), tries: RefCell::default() });
    let opener = Rc::clone(&connection);
    watch(move |_| {
        live.retry.track();
        opener.close();
        if person.with(Option::is_some) {
            opener.open();
        } else {
            live.lost_since.set(None);
            // Whoever signs in next may read another log.
            READ_AT.set(u64::MAX);
        }
    });
    for event in ["online", "offline"] {
        let connection = Rc::clone(&connection);
        let handler = Closure::<dyn Fn()>::new(move || {
            if event == "offline" {
                connection.mark_lost();
            } else if live.lost_since.get_untracked().is_some() {
                live.retry.update(|retry| *retry = retry.wrapping_add(1));
            }
        });
        // Listening fails in no browser; without it the stream's own error says the same, later.
        let _ = window().add_event_listener_with_callback(event, handler.as_ref().unchecked_ref());
        handler.forget();
    }
}

/// The open stream with its handlers, which must live as long as it does.
struct Stream {
    source: EventSource,
    _opened: Closure<dyn Fn()>,
    _failed: Closure<dyn Fn()>,
    _changed: Closure<dyn Fn(MessageEvent)>,
    _reset: Closure<dyn Fn()>,
}

struct Connection {
    live: Live,
    open: RefCell<Option<Stream>>,
    waiting: RefCell<Option<Timeout>>,
    tries: RefCell<u32>,
}

impl Connection {
    fn open(self: &Rc<Self>) {
        let live = self.live;
        let mut address = "/api/v1/stream".to_owned();
        let from = READ_AT.get();
        // After a loss everything is read again anyhow.
        if from < u64::MAX && live.lost_since.get_untracked().is_none() {
            address.push_str(&format!("?after={from}"));
        }
        let Ok(source) = EventSource::new(&address) else { return self.later() };
        ASKED.set(Some(live));
        let this = Rc::clone(self);
        let opened = Closure::<dyn Fn()>::new(move || {
            *this.tries.borrow_mut() = 0;
            if live.lost_since.get_untracked().is_some() {
                live.lost_since.set(None);
                live.miss();
            }
        });
        let this = Rc::clone(self);
        let failed = Closure::<dyn Fn()>::new(move || {
            this.mark_lost();
            this.later();
            // A stream does not say why it ends. If the session is over, this call says so and leads to the sign-in.
            spawn_local(async { drop(api::session::read_session().await) });
        });
        let changed = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let change = event.data().as_string().and_then(|data| json::read::<Change>(&data));
            match change {
                Some(change) => live.latest.set(Some(change)),
                None => live.miss(),
            }
        });
        let reset = Closure::<dyn Fn()>::new(move || live.miss());
        source.set_onopen(Some(opened.as_ref().unchecked_ref()));
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        // Listening to a name can't fail on a fresh source.
        let _ = source.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
        let _ = source.add_event_listener_with_callback("reset", reset.as_ref().unchecked_ref());
        let stream = Stream { source, _opened: opened, _failed: failed, _changed: changed, _reset: reset };
        *self.open.borrow_mut() = Some(stream);
    }

    fn mark_lost(&self) {
        if self.live.lost_since.get_untracked().is_none() {
            self.live.lost_since.set(Some(clock::server_now()));
        }
    }

    /// Tries again after 1, 2, 4 … 30 seconds. The browser's own retry is not used: it gives up after an HTTP error.
    fn later(self: &Rc<Self>) {
        if let Some(stream) = self.open.borrow().as_ref() {
            stream.source.close();
        }
        let tries = *self.tries.borrow();
        *self.tries.borrow_mut() = tries.saturating_add(1);
        let pause_ms = 1_000_u32.saturating_mul(1 << tries.min(5)).min(30_000);
        let this = Rc::clone(self);
        let timeout = Timeout::new(pause_ms, move || {
            this.close();
            this.open();
        });
        *self.waiting.borrow_mut() = Some(timeout);
    }

    fn close(&self) {
        ASKED.set(None);
        self.waiting.borrow_mut().take();
        if let Some(stream) = self.open.borrow_mut().take() {
            stream.source.close();
        }
    }
}
