//! Signals into views and effects, boxed: one copy of the machinery for all of them instead of one per closure. The portal
//! loads over a phone's line; every view that goes through here instead of its own type saves one to eight KiB.

use leptos::prelude::*;

/// A part of a view that follows the signals it reads; `None` shows nothing.
pub fn dynamic<V: IntoAny>(mut part: impl FnMut() -> V + Send + 'static) -> AnyView {
    dynamic_boxed(Box::new(move || part().into_any()))
}

#[inline(never)]
fn dynamic_boxed(part: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    part.into_any()
}

/// What an attribute can be told to say.
pub trait Said {
    /// The attribute's text; `None` leaves it out.
    fn said(self) -> Option<String>;
}

impl Said for bool {
    fn said(self) -> Option<String> {
        self.then(String::new)
    }
}

impl Said for &'static str {
    fn said(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Said for String {
    fn said(self) -> Option<String> {
        Some(self)
    }
}

impl<T: Said> Said for Option<T> {
    fn said(self) -> Option<String> {
        self.and_then(T::said)
    }
}

/// What an attribute says, following the signals that it reads.
pub fn told<V: Said>(mut words: impl FnMut() -> V + Send + 'static) -> Box<dyn FnMut() -> Option<String> + Send> {
    Box::new(move || words().said())
}

/// A value worked out of signals, told on only when it has become another.
pub fn memo<T: PartialEq + Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    memo_boxed(Box::new(value))
}

#[inline(never)]
fn memo_boxed<T: PartialEq + Send + Sync + 'static>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
    Memo::new(move |_| value())
}

/// Runs `act` now and whenever a signal that it read has changed; it is told whether this is the first time. To reach
/// outside (title, focus, storage, server), never to compute a value.
pub fn watch(act: impl FnMut(bool) + 'static) {
    watch_boxed(Box::new(act));
}

fn watch_boxed(mut act: Box<dyn FnMut(bool)>) {
    Effect::new(move |before: Option<()>| act(before.is_none()));
}

/// A row that is made when it first appears.
struct Row {
    key: String,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

/// Rows that keep their place in the page as long as their key stays: what a row shows has to be in its key.
pub fn each<T: Send + 'static>(
    items: impl Fn() -> Vec<T> + Send + Sync + 'static,
    key: fn(&T) -> String,
    row: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static,
) -> AnyView {
    rows(Box::new(move || {
        let make = |item: T| {
            let (key, row) = (key(&item), row.clone());
            Row { key, make: Box::new(move || row(item)) }
        };
        items().into_iter().map(make).collect()
    }))
}

fn rows(rows: Box<dyn Fn() -> Vec<Row> + Send + Sync>) -> AnyView {
    view! { <For each=rows key=|row| row.key.clone() children=|row: Row| (row.make)() /> }.into_any()
}
