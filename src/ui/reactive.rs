//! Signals into views and effects, boxed: one copy of the machinery for all of them instead of one per closure. The portal
//! loads over a phone's line; every view that goes through here instead of its own type saves one to eight KiB.

use leptos::prelude::*;

/// A part of a view that follows the signals it reads; `None` shows nothing.
pub fn dynamic<V: Into<Option<AnyView>>>(mut part: impl FnMut() -> V + Send + 'static) -> AnyView {
    let part: Box<dyn FnMut() -> Option<AnyView> + Send> = Box::new(move || part().into());
    part.into_any()
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
