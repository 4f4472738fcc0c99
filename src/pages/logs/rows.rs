//! The rows that are in the page, made by hand: each is a copy of a template, whose texts are filled in, and follows nothing by
//! itself. Scrolling makes some five of them in every frame, and a row of views and effects costs a multiple of one that is
//! copied (`bench logs --part browser`). Rows that have left the page are filled in again: what is thrown away has to be
//! collected, which takes longer than a frame.

use super::{Logs, bar::outcome_words, event, table::COLUMNS, zone::Zone};
use crate::ui::{Badge, Icon, Tone, dynamic, time};
use chrono::{DateTime, Utc};
use leptos::{
    mount::mount_to,
    prelude::*,
    reactive::owner::{Owner, WeakOwner},
};
use lockbox_api::events::{Event, Outcome};
use lockbox_rules::letters;
use serde_json::Value;
use std::{any::Any, cell::RefCell, collections::VecDeque, sync::Arc};
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Element, HtmlElement, Node};

/// Rows kept to be filled in again, at most: those of a large screen.
const SPARE: usize = 100;

/// What all rows are shown by.
pub struct Look {
    /// The page: names of environments, and what an opened row needs
    pub logs: Logs,
    /// How times are shown
    pub zone: Zone,
    /// The server's clock
    pub now: DateTime<Utc>,
}

/// The rows between the two spacers.
pub struct Rows {
    /// Under which an opened row's details live: longer than a run of the effect that opens it
    owner: Option<WeakOwner>,
    above: Spacer,
    rows: Vec<Row>,
    /// Rows that have left the page
    spare: Vec<Row>,
    opened: Option<Opened>,
    below: Spacer,
}

/// A row.
struct Row {
    event: Arc<Event>,
    element: Element,
    time: Element,
    /// The words on its button
    words: Node,
    target: Option<Node>,
    actor: Node,
    environment: Node,
    ticket: Node,
    /// Place in the list
    index: usize,
    /// What its time says now
    said: String,
}

/// The details below a row.
struct Opened {
    sequence: u64,
    element: Element,
    /// Ends the details when dropped
    _view: Box<dyn Any>,
}

/// The room of rows that are not in the page.
struct Spacer {
    element: Element,
    height: f64,
}

impl Rows {
    /// No rows yet. The present owner is that of the details.
    pub fn empty() -> Self {
        Self {
            owner: Owner::current().map(|owner| owner.downgrade()),
            above: Spacer::new(),
            rows: Vec::new(),
            spare: Vec::new(),
            opened: None,
            below: Spacer::new(),
        }
    }

    /// Shows these, of which the first has this place in the list. A row that is there already stays the same element, so
    /// that it keeps the focus.
    pub fn show(&mut self, body: &Element, wanted: &[Arc<Event>], first: usize, look: &Look) {
        let is = |row: &Row, event: &Arc<Event>| row.event.sequence == event.sequence;
        let stays = |sequence: u64| wanted.iter().any(|event| event.sequence == sequence);
        if self.opened.as_ref().is_some_and(|opened| !stays(opened.sequence)) {
            self.close();
        }
        let mut there = VecDeque::with_capacity(self.rows.len());
        for row in self.rows.drain(..) {
            if stays(row.event.sequence) {
                there.push_back(row);
            } else {
                row.element.remove();
                if self.spare.len() < SPARE {
                    self.spare.push(row);
                }
            }
        }
        for (index, event) in (first..).zip(wanted) {
            let moved = |there: &mut VecDeque<Row>| {
                let at = there.iter().position(|row| is(row, event))?;
                Some((there.remove(at)?, at > 0))
            };
            let (mut row, goes) = moved(&mut there).unwrap_or_else(|| (Row::of(event, look, &mut self.spare), true));
            row.take_place(index);
            if goes {
                let next = there.front().map(|next| &next.element).or_else(|| self.below.in_page());
                put(body, &row.element, next.map(AsRef::as_ref));
                if let Some(opened) = self.opened.as_ref().filter(|opened| opened.sequence == event.sequence) {
                    put(body, &opened.element, next.map(AsRef::as_ref));
                }
            }
            self.rows.push(row);
        }
    }

    /// Opens the row of this event, if it is there; closes any other.
    pub fn open(&mut self, body: &Element, id: Option<&str>, logs: Logs) {
        let wanted = self.rows.iter().find(|row| Some(row.event.id.0.as_str()) == id);
        let sequence = wanted.map(|row| row.event.sequence);
        if self.opened.as_ref().map(|opened| opened.sequence) == sequence {
            return;
        }
        let make = wanted.map(|row| (Arc::clone(&row.event), row.element.clone()));
        self.close();
        let owner = self.owner.as_ref().and_then(WeakOwner::upgrade);
        let (Some((event, row)), Some(owner)) = (make, owner) else { return };
        let details_id = format!("details-{}", event.id.0);
        set(&row, "data-current", "true");
        if let Some(button) = button_of(&row) {
            set(&button, "aria-expanded", "true");
            set(&button, "aria-controls", &details_id);
        }
        let element = new_element("tr");
        element.set_class_name("c-logs__details");
        let sequence = event.sequence;
        let details = move || {
            view! { <td colspan="6" id=details_id>{dynamic(move || event::opened(logs, &event))}</td> }
        };
        let parent = element.clone().unchecked_into::<HtmlElement>();
        let view: Box<dyn Any> = Box::new(owner.with(|| mount_to(parent, details)));
        put(body, &element, row.next_sibling().as_ref());
        self.opened = Some(Opened { sequence, element, _view: view });
    }

    /// Takes the details away.
    pub fn close(&mut self) {
        let Some(opened) = self.opened.take() else { return };
        opened.element.remove();
        if let Some(row) = self.row(opened.sequence) {
            // An attribute that is not there is no fault.
            let _ = row.element.remove_attribute("data-current");
            if let Some(button) = button_of(&row.element) {
                set(&button, "aria-expanded", "false");
                let _ = button.remove_attribute("aria-controls");
            }
        }
    }

    /// Leaves room for the rows that are not in the page, pixels.
    pub fn leave_room(&mut self, body: &Element, (above, below): (f64, f64)) {
        let first = self.rows.first().map(|row| &row.element).or_else(|| self.below.in_page()).cloned();
        self.above.be(body, above, first.as_ref());
        self.below.be(body, below, None);
    }

    /// Shows times as they are now.
    pub fn tell_time(&mut self, look: &Look) {
        for row in &mut self.rows {
            row.tell_time(look);
        }
    }

    /// Shows the names of environments as they are known now.
    pub fn name_environments(&self, logs: Logs) {
        for row in &self.rows {
            row.name_environment(logs);
        }
    }

    /// The id of the event in whose row an element is.
    pub fn id_at(&self, element: &Element) -> Option<String> {
        let row = element.closest("tr.c-logs__row").ok()??;
        let row = self.rows.iter().find(|other| other.element == row)?;
        Some(row.event.id.0.clone())
    }

    fn row(&self, sequence: u64) -> Option<&Row> {
        self.rows.iter().find(|row| row.event.sequence == sequence)
    }
}

impl Row {
    /// The row of an event: one that has left the page, or a new one.
    fn of(event: &Arc<Event>, look: &Look, spare: &mut Vec<Self>) -> Self {
        let target = target_of(event);
        let fits = |row: &Self| row.event.outcome == event.outcome && row.target.is_some() == target.is_some();
        let mut row = match spare.iter().rposition(fits) {
            Some(at) => spare.swap_remove(at),
            None => Self::new(event, target.is_some()),
        };
        row.event = Arc::clone(event);
        set(&row.element, "data-sequence", &event.sequence.to_string());
        set(&row.time, "datetime", &time::iso(event.time));
        set(&row.time, "data-absolute", &time::both(event.time));
        let words = letters::visible(event.friendly_name.as_ref().unwrap_or(&event.operation));
        row.words.set_text_content(Some(&words));
        if let (Some(target), Some(place)) = (target, &row.target) {
            place.set_text_content(Some(&letters::visible(target)));
        }
        row.actor.set_text_content(Some(&letters::visible(&event.actor.name)));
        let ticket = event.service_request_id.as_ref().map(|id| letters::visible(id.as_str()));
        row.ticket.set_text_content(ticket.as_deref());
        row.tell_time(look);
        row.name_environment(look.logs);
        row
    }

    fn new(event: &Arc<Event>, target: bool) -> Self {
        let element = copy_of_template(event.outcome, target);
        // By what Leptos itself calls of the browser: every other call costs bytes in the first view.
        let mut cells =
            std::iter::successors(element.first_child(), Node::next_sibling).filter_map(|cell| cell.first_child());
        // The template has them all.
        let mut next = || cells.next().unwrap_or_else(|| new_element("span").into());
        let [time, button, actor, environment, ticket] = [next(), next(), next(), next(), next()];
        let time = time.unchecked_into();
        let words = button.first_child().unwrap_or_else(|| button.clone());
        let target = target.then(|| words.next_sibling()).flatten();
        let event = Arc::clone(event);
        let (index, said) = (usize::MAX, String::new());
        Self { event, element, time, words, target, actor, environment, ticket, index, said }
    }

    fn take_place(&mut self, index: usize) {
        if self.index != index {
            self.index = index;
            // Counted from one, and the first is the head.
            set(&self.element, "aria-rowindex", &(index + 2).to_string());
        }
    }

    fn tell_time(&mut self, look: &Look) {
        let words = look.zone.in_row(self.event.time, look.now);
        if self.said != words {
            self.time.set_text_content(Some(&words));
            self.said = words;
        }
    }

    fn name_environment(&self, logs: Logs) {
        let name = self.event.environment_id.as_ref().map(|id| logs.name_of(id));
        self.environment.set_text_content(name.as_deref());
    }
}

/// What the event was about, where it names that.
fn target_of(event: &Event) -> Option<&str> {
    event.details.get("target").and_then(Value::as_str)
}

impl Spacer {
    fn new() -> Self {
        let element = new_element("tr");
        element.set_class_name("c-logs__spacer");
        set(&element, "aria-hidden", "true");
        Self { element, height: 0.0 }
    }

    fn in_page(&self) -> Option<&Element> {
        (self.height > 0.0).then_some(&self.element)
    }

    fn be(&mut self, body: &Element, height: f64, before: Option<&Element>) {
        if self.height.to_bits() == height.to_bits() {
            return;
        }
        if height > 0.0 {
            // By the property: the content security policy lets no attribute set a style.
            let _ = self.element.unchecked_ref::<HtmlElement>().style().set_property("height", &format!("{height}px"));
            if self.height <= 0.0 {
                put(body, &self.element, before.map(AsRef::as_ref));
            }
        } else {
            self.element.remove();
        }
        self.height = height;
    }
}

fn put(body: &Element, element: &Element, before: Option<&Node>) {
    // Fails only where `before` is no child of the table's body, and then there is no place to put it.
    let _ = body.insert_before(element, before);
}

fn set(element: &Element, name: &str, value: &str) {
    // Fails only for a name that no attribute can have.
    let _ = element.set_attribute(name, value);
}

fn new_element(name: &str) -> Element {
    // Fails only for a name that no element can have.
    document().create_element(name).unwrap_throw()
}

fn button_of(row: &Element) -> Option<Element> {
    row.query_selector("button.c-table__link").ok().flatten()
}

thread_local! {
    /// Templates by outcome and by whether a target is named.
    static TEMPLATES: RefCell<Vec<((Outcome, bool), Element)>> = const { RefCell::new(Vec::new()) };
}

fn copy_of_template(outcome: Outcome, target: bool) -> Element {
    let template = TEMPLATES.with_borrow_mut(|templates| {
        let known = templates.iter().find(|(kind, _)| *kind == (outcome, target)).map(|(_, row)| row.clone());
        known.unwrap_or_else(|| {
            let row = new_template(outcome, target);
            templates.push(((outcome, target), row.clone()));
            row
        })
    });
    template.clone_node_with_deep(true).map_or_else(|_| new_template(outcome, target), Node::unchecked_into)
}

fn new_template(outcome: Outcome, target: bool) -> Element {
    let [when, what, who, place, ticket, ended] = COLUMNS;
    let row = move || {
        view! {
            <tr class="c-logs__row" aria-rowindex="0" data-sequence="0">
                <td data-label=when><time class="c-time" datetime="" data-absolute=""></time></td>
                <th scope="row" data-label=what>
                    <button type="button" class="c-table__link" aria-expanded="false">
                        {"-"}
                        {target.then(|| view! { <bdi class="c-logs__target"></bdi> })}
                    </button>
                </th>
                <td data-label=who><bdi></bdi></td>
                <td data-label=place><bdi></bdi></td>
                <td data-label=ticket class="u-mono"><bdi></bdi></td>
                <td data-label=ended>{outcome_view(outcome)}</td>
            </tr>
        }
    };
    let parent = new_element("tbody");
    let view = mount_to(parent.clone().unchecked_into::<HtmlElement>(), row);
    let made = parent.first_child().and_then(|row| row.clone_node_with_deep(true).ok());
    drop(view);
    made.map_or_else(|| new_element("tr"), Node::unchecked_into)
}

fn outcome_view(outcome: Outcome) -> AnyView {
    match outcome {
        Outcome::Success => {
            view! { <span class="c-word u-soft">{Icon::Check.view()} {outcome_words(outcome)}</span> }.into_any()
        }
        Outcome::Failure => view! { <Badge icon=Icon::Warning text=outcome_words(outcome) /> }.into_any(),
        Outcome::Refused => {
            view! { <Badge tone=Tone::Bad icon=Icon::CrossCircle text=outcome_words(outcome) /> }.into_any()
        }
    }
}
