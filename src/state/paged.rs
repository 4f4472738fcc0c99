//! A list that is loaded part by part and kept in step as a whole.

use super::{Remote, use_toasts};
use crate::{api::Pending, ui::watch};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::page::{LIMIT_DEFAULT, LIMIT_MAX, Page};
use std::rc::Rc;

/// Asks for a part: how many rows, and where the part before it ended.
type Fetch<T> = Rc<dyn Fn(u32, Option<String>) -> Pending<Page<T>>>;

/// The rows that have been loaded so far.
pub struct Paged<T: Send + Sync + 'static> {
    /// The first part, with its states for `show`
    pub first: Remote<Page<T>>,
    /// Every row so far
    pub rows: RwSignal<Vec<T>>,
    /// Where the next part begins; `None` when there is none
    pub cursor: RwSignal<Option<String>>,
    /// The next part has been asked for
    pub pending: RwSignal<bool>,
    fetch: StoredValue<Fetch<T>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Paged<T> {}

impl<T: Clone + Send + Sync + 'static> Paged<T> {
    /// Reads the first part now, and as much as is shown whenever a signal that `fetch` reads has changed.
    pub fn new(fetch: impl Fn(u32, Option<String>) -> Pending<Page<T>> + 'static) -> Self {
        let fetch: Fetch<T> = Rc::new(fetch);
        let rows = RwSignal::new(Vec::new());
        let cursor = RwSignal::new(None::<String>);
        let again = Rc::clone(&fetch);
        let first = Remote::new(move || {
            // Where all are shown, what comes in at the end is shown, too.
            let room = if cursor.with_untracked(Option::is_none) { LIMIT_DEFAULT as usize } else { 0 };
            let shown = rows.with_untracked(Vec::len) + room;
            again(u32::try_from(shown).unwrap_or(LIMIT_MAX).clamp(LIMIT_DEFAULT, LIMIT_MAX), None)
        });
        // In step with the first part before anything that shows the rows is drawn.
        watch(move |_| {
            if let Some(page) = first.value.get() {
                rows.set(page.items);
                cursor.set(page.next_cursor);
            }
        });
        Self { first, rows, cursor, pending: RwSignal::new(false), fetch: StoredValue::new_local(fetch) }
    }

    /// Asks for the next part. A failure is said in a message; the button stays.
    pub fn load_more(self) {
        let Some(cursor) = self.cursor.get_untracked() else { return };
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        let toasts = use_toasts();
        let call = untrack(|| self.fetch.with_value(|fetch| fetch(LIMIT_DEFAULT, Some(cursor.clone()))));
        spawn_local(async move {
            let answer = call.await;
            self.pending.try_set(false);
            match answer {
                // Unless the list was read anew meanwhile: then this part belongs to another list.
                Ok(page) if self.cursor.try_get_untracked().flatten().as_ref() == Some(&cursor) => {
                    self.rows.update(|rows| rows.extend(page.items));
                    self.cursor.set(page.next_cursor);
                }
                Ok(_) => {}
                Err(failure) => toasts.fail(failure.sentence()),
            }
        });
    }
}
