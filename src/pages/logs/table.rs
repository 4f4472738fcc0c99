//! The table of events. However many have been loaded, only those near the screen are in the page.

use super::{
    Logs,
    events::EventList,
    rows::{Look, Rows},
    window::{self, Place},
};
use crate::{
    paths,
    state::use_clock,
    ui::{Button, Icon, Pager, dynamic, memo, time::number, told, watch},
};
use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_location;
use std::ops::Range;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The columns, in order.
pub const COLUMNS: [&str; 6] = ["Time", "Event", "Actor", "Environment", "Support request ID", "Outcome"];

/// Rows left below the screen at which the next part is asked for.
const SOON: usize = 100;

/// The rows that are in the page, with the list and its newest row as they were then.
type Shown = ((u32, Option<u64>), Range<usize>);

/// The table.
pub fn view(logs: Logs, list: EventList) -> AnyView {
    let body = NodeRef::<html::Tbody>::new();
    let pathname = use_location().pathname;
    let place = RwSignal::new(Place { above: 0.0, screen: 900.0, row: 32.0, open: None, up: false });
    let total = memo(move || list.rows.with(Vec::len));
    let opened = memo(move || {
        let open = logs.open.get();
        open.and_then(|open| list.rows.with(|rows| rows.iter().position(|event| event.id.0 == open)))
    });
    let placed = memo(move || {
        let mut place = place.get();
        place.open = opened.get().map(|index| (index, place.open.map_or(0.0, |(_, height)| height)));
        place
    });
    let window = memo(move || window::window(total.get(), placed.get()));
    // In the page now; a new list begins with what is on the screen. New ones at the top come all at once: the others keep their
    // place in the page, and who reads one of them keeps it.
    let frame = RwSignal::new(0_u32);
    let shown = Memo::new(move |before: Option<&Shown>| {
        frame.track();
        let top = list.top.get();
        let next = window.with_untracked(|window| match before {
            Some((before, there)) if *before == top => window::next(there, window),
            Some(((begun, _), _)) if *begun == top.0 => window.rows.clone(),
            _ => window.seen.clone(),
        });
        (top, next)
    });
    // Rows come and go once in a frame: each time the browser lays the table out.
    let waits = StoredValue::new(false);
    watch(move |_| {
        if shown.with(|(_, shown)| window.with(|window| *shown != window.rows)) && !waits.get_value() {
            waits.set_value(true);
            request_animation_frame(move || {
                waits.try_set_value(false);
                frame.try_update(|frame| *frame = frame.wrapping_add(1));
            });
        }
    });
    let shown = memo(move || shown.with(|(_, shown)| shown.clone()));
    // The focus came into the table by the keyboard.
    let keyed = RwSignal::new(false);
    let measure = move || {
        if let Some(body) = body.try_get_untracked().flatten() {
            let seen = look(&body, place.get_untracked());
            // On the way to another page the place stays what it was.
            if pathname.with_untracked(|path| path == paths::LOGS) {
                list.above.set_value(seen.above);
            }
            if seen != place.get_untracked() {
                place.set(seen);
            }
            let focus = document().active_element().filter(|focused| body.contains(Some(focused)));
            let focused = focus.is_some();
            let by_keys = focus.is_some_and(|focused| focused.matches(":focus-visible").unwrap_or_default());
            if keyed.get_untracked() != by_keys {
                keyed.set(by_keys);
            }
            let rests = seen.above < seen.row && opened.get_untracked().is_none() && !focused;
            if list.at_rest.get_untracked() != rests {
                list.at_rest.set(rests);
            }
        }
    };
    for event in
        [window_event_listener(ev::scroll, move |_| measure()), window_event_listener(ev::resize, move |_| measure())]
    {
        on_cleanup(move || event.remove());
    }
    // Not when rows come in at the end: they move nothing, and to measure makes the browser lay the page out once more.
    watch(move |_| {
        body.track();
        list.top.track();
        opened.track();
        request_animation_frame(measure);
    });
    // Back where one was: after the page's first frame, in which its heading took the focus, and when the rows have their height.
    if let Some(above) = list.back_to.try_update_value(Option::take).flatten() {
        request_animation_frame(move || {
            request_animation_frame(move || {
                if let Some(body) = body.try_get_untracked().flatten() {
                    let top =
                        body.get_bounding_client_rect().top() + leptos::prelude::window().scroll_y().unwrap_or(0.0);
                    leptos::prelude::window().scroll_to_with_x_and_y(0.0, top + above);
                }
            });
        });
    }
    // Who only looks at the newest rows needs no more of them.
    let soon = memo(move || if place.with(|place| place.above > 0.0) { SOON } else { 0 });
    watch(move |_| {
        if window.with(|window| window.rows.end) + soon.get() >= total.get() && list.cursor.with(Option::is_some) {
            list.load_more();
        }
    });
    let room = memo(move || shown.with(|shown| window::room(total.get(), placed.get(), shown)));
    let rows = StoredValue::new_local(Rows::empty());
    on_cleanup(move || {
        // Otherwise the details would be dropped together with `rows`, while what holds all signals is being changed.
        rows.try_update_value(Rows::close);
    });
    let now = use_clock().coarse;
    let look = move || Look { logs, zone: logs.zone.get(), now: now.get() };
    watch(move |_| {
        let Some(body) = body.get() else { return };
        let (Range { start, end }, open, room) = (shown.get(), logs.open.get(), room.get());
        list.rows.with(|events| {
            let wanted = events.get(start..end.min(events.len())).unwrap_or_default();
            untrack(|| {
                rows.update_value(|rows| {
                    rows.show(&body, wanted, start, &look());
                    rows.open(&body, open.as_deref(), logs);
                    rows.leave_room(&body, room);
                });
            });
        });
    });
    watch(move |_| {
        let look = look();
        rows.update_value(|rows| rows.tell_time(&look));
    });
    watch(move |_| {
        logs.environments.value.track();
        rows.with_value(|rows| untrack(|| rows.name_environments(logs)));
    });
    let open = move |event: ev::MouseEvent| {
        let link = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = link.and_then(|target| target.closest("button.c-table__link").ok().flatten());
        if let Some(id) = link.and_then(|link| rows.with_value(|rows| rows.id_at(&link))) {
            logs.toggle.run(id);
        }
    };
    let [time, others @ ..] = COLUMNS;
    let zone = memo(move || logs.zone.get().name());
    let others = others.map(|label| view! { <th scope="col">{label}</th> }).collect_view();
    let heads = view! {
        <th scope="col">{time} {dynamic(move || zone.get().map(|name| format!(" ({name})")))}</th>
        {others}
    };
    let arrived = memo(move || list.waiting.with(Vec::len));
    let more = memo(move || list.cursor.with(Option::is_some));
    // Parts that are read ahead of whoever scrolls are no business of the button.
    let pending = memo(move || list.pending.get() && window.with(|window| window.rows.end) >= total.get());
    let count = move || if more.get() { "-1".to_owned() } else { (total.get() + 1).to_string() };
    // Only the rows near the screen are in the page, and on paper.
    let on_paper = move || {
        let (shown, total) = (shown.get(), total.get());
        let (first, last) = ((shown.start + 1).min(total), shown.end.min(total));
        let more = if (last + 1).saturating_sub(first) < total || more.get() { " Export has all of them." } else { "" };
        format!("Events {} to {} of this filter, newest first.{more}", number(first), number(last))
    };
    view! {
        {dynamic(move || {
            (arrived.get() > 0)
                .then(|| {
                    let label = format!("Show {}", lockbox_rules::words::count(arrived.get() as u64, "new event"));
                    view! {
                        <div class="c-logs__new">
                            <Button label=label icon=Icon::Refresh on_press=Callback::new(move |()| to_the_top(list)) />
                        </div>
                    }
                })
        })}
        <p class="u-paper">{dynamic(on_paper)}</p>
        <table class="c-table c-table--dense c-logs" data-zoned=told(move || zone.get().map(|_| "true")) data-keyed=told(move || keyed.get().then_some("true")) aria-rowcount=count on:focusin=move |_| request_animation_frame(measure) on:focusout=move |_| request_animation_frame(measure)>
            <caption class="u-hidden">"Events"</caption>
            <thead>
                <tr aria-rowindex="1">{heads}</tr>
            </thead>
            <tbody node_ref=body on:click=open></tbody>
        </table>
        <Pager
            shown=total
            more=more
            pending=pending
            words=("event", "events")
            on_more=Callback::new(move |()| list.load_more())
        />
    }
    .into_any()
}

/// Where one is now, as the page has it.
fn look(body: &web_sys::HtmlTableSectionElement, before: Place) -> Place {
    let height = |selector: &str| {
        let element =
            body.query_selector(selector).ok().flatten().and_then(|element| element.dyn_into::<HtmlElement>().ok());
        element.map(|element| element.get_bounding_client_rect().height()).filter(|height| *height > 0.0)
    };
    let above = (-body.get_bounding_client_rect().top()).max(0.0);
    Place {
        above,
        up: above < before.above || (before.up && above <= before.above),
        screen: window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(before.screen),
        row: height("tr.c-logs__row").unwrap_or(before.row),
        open: height("tr.c-logs__details").map(|height| (0, height)).or(before.open),
    }
}

/// Shows what has arrived, where it is: at the top.
fn to_the_top(list: EventList) {
    list.show_waiting();
    if let Some(table) = document().query_selector("table.c-logs").ok().flatten() {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        if table.get_bounding_client_rect().top() < 0.0 {
            options.set_block(web_sys::ScrollLogicalPosition::Start);
        }
        table.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
