//! A list that is loaded part by part and kept in step as a whole.

use super::{Remote, use_toasts};
use crate::{
    api::{Failure, Pending},
    ui::watch,
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::page::{LIMIT_DEFAULT, LIMIT_MAX, Page};
use std::rc::Rc;

/// Asks for a part of one selection: how many rows, and where the part before it ended.
type Fetch<T> = Rc<dyn Fn(u32, Option<String>) -> Pending<Page<T>>>;

/// The rows that have been loaded so far.
pub struct Paged<T: Send + Sync + 'static> {
    /// What has been read last, with its states for `show`
    pub first: Remote<Page<T>>,
    /// Every row so far
    pub rows: RwSignal<Vec<T>>,
    /// Where the next part begins; `None` when there is none
    pub cursor: RwSignal<Option<String>>,
    /// The next part has been asked for
    pub pending: RwSignal<bool>,
    fetch: StoredValue<Option<Fetch<T>>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Paged<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Paged<T> {}

impl<T: Clone + Send + Sync + 'static> Paged<T> {
    /// Reads the first part of what `select` selects now, and reads again whenever a signal that it reads has changed: as
    /// much as is shown while the selection stays, however much that is; another selection begins at its first part.
    pub fn new<Q: Clone + PartialEq + 'static>(
        select: impl Fn() -> Q + 'static,
        call: impl Fn(Q, u32, Option<String>) -> Pending<Page<T>> + 'static,
    ) -> Self {
        let rows = RwSignal::new(Vec::new());
        let cursor = RwSignal::new(None::<String>);
        let fetch = StoredValue::new_local(None::<Fetch<T>>);
        let before = StoredValue::new_local(None::<Q>);
        let call = Rc::new(call);
        let first = Remote::new(move || {
            let selected = select();
            let same = before.with_value(|before| before.as_ref() == Some(&selected));
            // Where all are shown, what comes in at the end is shown, too.
            let room = if cursor.with_untracked(Option::is_none) { LIMIT_DEFAULT as usize } else { 0 };
            let wanted = if same { rows.with_untracked(Vec::len) + room } else { 0 };
            before.set_value(Some(selected.clone()));
            let call = Rc::clone(&call);
            let part: Fetch<T> = Rc::new(move |limit, cursor| call(selected.clone(), limit, cursor));
            if !same {
                // The next part of what is still shown is no part of what is asked for now.
                cursor.set(None);
                fetch.set_value(Some(Rc::clone(&part)));
            }
            Box::pin(read_up_to(wanted.max(LIMIT_DEFAULT as usize), part)) as Pending<Page<T>>
        });
        // In step with what has been read before anything that shows the rows is drawn.
        watch(move |_| {
            if let Some(page) = first.value.get() {
                rows.set(page.items);
                cursor.set(page.next_cursor);
            }
        });
        Self { first, rows, cursor, pending: RwSignal::new(false), fetch }
    }

    /// Asks for the next part. A failure is said in a message; the button stays.
    pub fn load_more(self) {
        let Some(cursor) = self.cursor.get_untracked() else { return };
        let Some(fetch) = self.fetch.get_value().filter(|_| !self.pending.get_untracked()) else { return };
        self.pending.set(true);
        let toasts = use_toasts();
        let call = fetch(LIMIT_DEFAULT, Some(cursor.clone()));
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

/// Reads `wanted` rows from the start, or all where there are fewer: in as many parts as the server's limit makes of them.
async fn read_up_to<T>(wanted: usize, fetch: Fetch<T>) -> Result<Page<T>, Failure> {
    let mut all = Page { items: Vec::new(), next_cursor: None, total: None };
    loop {
        let left = u32::try_from(wanted.saturating_sub(all.items.len())).unwrap_or(LIMIT_MAX);
        let part = fetch(left.clamp(1, LIMIT_MAX), all.next_cursor.take()).await?;
        all.items.extend(part.items);
        all.next_cursor = part.next_cursor;
        if all.next_cursor.is_none() || all.items.len() >= wanted {
            return Ok(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        cell::RefCell,
        future::Future,
        pin::pin,
        task::{Context, Poll, Waker},
    };

    /// A list of so many rows, and what it was asked for.
    fn list(rows: usize) -> (Fetch<usize>, Rc<RefCell<Vec<u32>>>) {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let noted = Rc::clone(&asked);
        let fetch: Fetch<usize> = Rc::new(move |limit, cursor| {
            noted.borrow_mut().push(limit);
            let from = cursor.map_or(0, |cursor| cursor.parse().unwrap());
            let to = rows.min(from + limit as usize);
            let page =
                Page { items: (from..to).collect(), next_cursor: (to < rows).then(|| to.to_string()), total: None };
            Box::pin(std::future::ready(Ok(page)))
        });
        (fetch, asked)
    }

    fn read(wanted: usize, fetch: Fetch<usize>) -> Page<usize> {
        let mut reading = pin!(read_up_to(wanted, fetch));
        let Poll::Ready(page) = reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { panic!("waits") };
        page.unwrap()
    }

    #[test]
    fn more_than_the_servers_limit_is_read_in_parts_each_row_once() {
        let (fetch, asked) = list(1_000);
        let page = read(450, fetch);
        assert_eq!(page.items, (0..450).collect::<Vec<_>>());
        assert_eq!(page.next_cursor.as_deref(), Some("450"));
        assert_eq!(*asked.borrow(), [200, 200, 50]);
    }

    #[test]
    fn the_end_of_the_list_is_the_end() {
        let (fetch, asked) = list(230);
        let page = read(280, fetch);
        assert_eq!((page.items.len(), page.next_cursor), (230, None));
        assert_eq!(*asked.borrow(), [200, 80]);
        assert_eq!(read(50, list(0).0).items.len(), 0);
    }
}
