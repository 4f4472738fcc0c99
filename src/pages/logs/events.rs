//! The events that have been loaded, and the ones that arrive while one looks on.

use super::{
    anchor::{self, Anchor},
    filter::Filter,
    kept::Kept,
};
use crate::{
    api::{self, Failure, Pending},
    state::{Remote, use_live, use_toasts},
    ui::{memo, watch},
};
use gloo_timers::{callback::Timeout, future::sleep};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    events::Event,
    logs::LogFilter,
    page::{EventPage, LIMIT_MAX},
};
use std::{sync::Arc, time::Duration};

/// Rows that a list begins with.
const FIRST: u32 = 50;
/// Rows of a part after that. Scrolling asks for the next one before the end is reached, and whoever scrolls should not notice
/// that it is read: a larger one takes longer than a frame on a slow machine.
const PART: u32 = 25;
/// Rows that are read at most to find the reader's place again under another filter.
const DEEP: usize = 2_000;
/// How long new events are gathered before they are fetched, milliseconds.
const GATHER_MS: u32 = 700;

/// A little more than a frame.
const FRAME: Duration = Duration::from_millis(20);

/// The rows that a filter begins with. Shared, since every reader of a signal gets a copy.
#[derive(Clone, Debug)]
pub struct Begin {
    of: LogFilter,
    rows: Vec<Arc<Event>>,
    cursor: Option<String>,
}

/// The rows.
#[derive(Clone, Copy)]
pub struct EventList {
    /// The first part, with its states for `show`
    pub first: Remote<Begin>,
    /// Every row so far, newest first
    pub rows: RwSignal<Vec<Arc<Event>>>,
    /// What the rows were asked for by; `None` before there are any
    pub of: RwSignal<Option<LogFilter>>,
    /// How many lists have begun so far: another number, another list
    pub begun: RwSignal<u32>,
    /// The number of the list, and its newest row: as long as both stay, every row stays at its index
    pub top: Memo<(u32, Option<u64>)>,
    /// Where the next part begins; `None` when there is none
    pub cursor: RwSignal<Option<String>>,
    /// The next part has been asked for
    pub pending: RwSignal<bool>,
    /// New events that wait because showing them would move what one reads
    pub waiting: RwSignal<Vec<Arc<Event>>>,
    /// Where to go on after the waiting ones, when so many came that others lie between them and the rows
    gap: RwSignal<Option<Option<String>>>,
    /// What is said aloud
    pub said: RwSignal<String>,
    /// One looks at the newest rows, and nothing there is open or focused: new ones may come in by themselves
    pub at_rest: RwSignal<bool>,
    /// How much of the rows has left the screen at the top, pixels
    pub above: StoredValue<f64>,
    /// Where the table is to be put when it shows again, pixels
    pub back_to: StoredValue<Option<f64>>,
    query: Memo<LogFilter>,
}

impl EventList {
    /// Reads the first part now and whenever the filter changes, the first time as it was `kept`; follows new events while the
    /// filter says so.
    pub fn new(filter: Memo<Filter>, kept: Option<Kept>) -> Self {
        let query = memo(move || filter.with(|filter| filter.query.clone()));
        let back_to = kept.as_ref().map(|kept| kept.above).filter(|above| *above > 0.0);
        let kept = StoredValue::new(kept);
        let place = StoredValue::new(None::<Anchor>);
        let above = StoredValue::new(0.0);
        let first = Remote::new(move || {
            let query = query.get();
            // Where nothing was scrolled there is no place to keep, and to look for one would make the browser lay the page out.
            let reads_at = if above.get_value() > 0.0 { anchor::of_screen() } else { None };
            place.set_value(reads_at);
            match kept.try_update_value(Option::take).flatten() {
                Some(Kept { rows, cursor, .. }) => {
                    Box::pin(std::future::ready(Ok(Begin { of: query, rows, cursor }))) as Pending<Begin>
                }
                None => Box::pin(async move {
                    let EventPage { items, next_cursor: cursor, .. } =
                        read_down_to(query.clone(), reads_at.map(|anchor| anchor.sequence)).await?;
                    Ok(Begin { of: query, rows: items.into_iter().map(Arc::new).collect(), cursor })
                }),
            }
        });
        let (rows, begun) = (RwSignal::new(Vec::<Arc<Event>>::new()), RwSignal::new(0));
        let top = memo(move || (begun.get(), rows.with(|rows| rows.first().map(|event| event.sequence))));
        let list = Self {
            first,
            rows,
            of: RwSignal::new(None),
            begun,
            top,
            cursor: RwSignal::new(None),
            pending: RwSignal::new(false),
            waiting: RwSignal::new(Vec::new()),
            gap: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            at_rest: RwSignal::new(true),
            above,
            back_to: StoredValue::new(back_to),
            query,
        };
        // In step with the first part before anything that shows the rows is drawn.
        Effect::new_isomorphic(move |_| {
            if let Some(begin) = first.value.get() {
                list.begin(begin);
                if let Some(anchor) = place.try_update_value(Option::take).flatten() {
                    let index = list.rows.with_untracked(|rows| {
                        let index = rows.partition_point(|event| event.sequence > anchor.sequence);
                        (index < rows.len()).then_some(index)
                    });
                    anchor::put(anchor, index);
                }
            }
        });
        list.follow(memo(move || filter.with(|filter| filter.live)));
        list
    }

    fn begin(self, Begin { of, rows, cursor }: Begin) {
        self.of.set(Some(of));
        self.begun.update(|begun| *begun = begun.wrapping_add(1));
        self.pending.set(false);
        self.rows.set(rows);
        self.cursor.set(cursor);
        self.waiting.set(Vec::new());
        self.gap.set(None);
    }

    /// Ends when the rows of the present filter have been painted: the counts around them come second. Not by the browser's
    /// frames: it makes none for a page that nobody sees.
    pub async fn rows_first(self) {
        while self.first.loading.try_get_untracked() == Some(true) {
            sleep(FRAME).await;
        }
        sleep(2 * FRAME).await;
    }

    /// Asks for the next part. A failure is said in a message; the button stays.
    pub fn load_more(self) {
        let Some(cursor) = self.cursor.get_untracked() else { return };
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        let toasts = use_toasts();
        let (query, list) = (self.query.get_untracked(), self.begun.get_untracked());
        spawn_local(async move {
            let answer = api::logs::list_events(query, PART, Some(cursor.clone())).await;
            // Another list has begun: this part belongs nowhere.
            if self.begun.try_get_untracked() != Some(list) {
                return;
            }
            match answer {
                // Unless so many new ones were let in that others lie between them and this part.
                Ok(page) if self.cursor.try_get_untracked().flatten().as_ref() == Some(&cursor) => {
                    self.rows.update(|rows| rows.extend(page.items.into_iter().map(Arc::new)));
                    self.cursor.set(page.next_cursor);
                }
                Ok(_) => {}
                Err(failure) => toasts.fail(failure.sentence()),
            }
            self.pending.try_set(false);
        });
    }

    /// Lets the waiting events in.
    pub fn show_waiting(self) {
        let fresh = std::mem::take(&mut *self.waiting.write());
        if let Some(cursor) = self.gap.get_untracked() {
            self.gap.set(None);
            self.cursor.set(cursor);
            self.rows.set(fresh);
        } else {
            self.rows.update(|rows| {
                rows.splice(0..0, fresh);
            });
        }
    }

    fn follow(self, live: Memo<bool>) {
        let stream = use_live();
        let gathering = StoredValue::new_local(None::<Timeout>);
        watch(move |_| {
            stream.latest.track();
            stream.gaps.track();
            if !live.get() {
                gathering.set_value(None);
            } else if gathering.with_value(Option::is_none) {
                gathering.set_value(Some(Timeout::new(GATHER_MS, move || {
                    gathering.try_set_value(None);
                    self.catch_up();
                })));
            }
        });
        watch(move |_| {
            if self.at_rest.get() && self.waiting.with(|waiting| !waiting.is_empty()) {
                self.show_waiting();
            }
        });
    }

    /// Fetches what is newer than the newest row.
    fn catch_up(self) {
        let query = self.query.get_untracked();
        self.said.set(String::new());
        spawn_local(async move {
            // A failure is no news: the banner of the connection says it, and the next change asks again.
            let Ok(page) = api::logs::list_events(query.clone(), LIMIT_MAX, None).await else { return };
            if self.query.try_get_untracked().as_ref() == Some(&query) {
                self.arrived(page);
            }
        });
    }

    fn arrived(self, page: EventPage) {
        let newest = |rows: &Vec<Arc<Event>>| rows.first().map(|event| event.sequence);
        let known = self.waiting.with_untracked(newest).or_else(|| self.rows.with_untracked(newest)).unwrap_or(0);
        let fetched = page.items.len();
        let fresh: Vec<_> = page.items.into_iter().take_while(|event| event.sequence > known).map(Arc::new).collect();
        if fresh.is_empty() {
            return;
        }
        let count = fresh.len();
        self.said.set(if count == 1 { "1 new event".to_owned() } else { format!("{count} new events") });
        if count == fetched && page.next_cursor.is_some() {
            self.gap.set(Some(page.next_cursor));
            self.waiting.set(fresh);
        } else {
            self.waiting.update(|waiting| {
                waiting.splice(0..0, fresh);
            });
        }
    }
}

/// The newest events, down to the one with this sequence where that is not too far.
async fn read_down_to(query: LogFilter, sequence: Option<u64>) -> Result<EventPage, Failure> {
    let mut all = api::logs::list_events(query.clone(), FIRST, None).await?;
    let Some(sequence) = sequence else { return Ok(all) };
    while all.items.len() < DEEP && all.items.last().is_some_and(|last| last.sequence > sequence) {
        let Some(cursor) = all.next_cursor.clone() else { break };
        let part = api::logs::list_events(query.clone(), LIMIT_MAX, Some(cursor)).await?;
        all.items.extend(part.items);
        all.next_cursor = part.next_cursor;
    }
    Ok(all)
}
