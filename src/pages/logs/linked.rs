//! The event that the address has open, where it is not among the newest ones that the table begins with: a link to an old event
//! shows it all the same.

use super::{Logs, event, events::EventList};
use crate::{
    api::{self, Pending},
    state::{Remote, show},
    ui::{Button, Card, SkeletonBlock, dynamic, memo},
};
use leptos::prelude::*;
use lockbox_api::events::Event;

/// The event above the table; nothing while the table has it.
pub fn view(logs: Logs, list: EventList) -> AnyView {
    // Decided when the first rows are in the list or another event is opened: what is loaded later must not move the page.
    let wanted = memo(move || {
        let id = logs.open.get().filter(|_| list.begun.get() > 0)?;
        list.rows.with_untracked(|rows| rows.iter().all(|event| event.id.0 != id)).then_some(id)
    });
    dynamic(move || wanted.get().map(|id| one(logs, id)))
}

fn one(logs: Logs, id: String) -> AnyView {
    let own = id.clone();
    let remote = Remote::new(move || Box::pin(api::logs::read_event(own.clone())) as Pending<Event>);
    let body = show(
        remote,
        "The event could not be read",
        || view! { <SkeletonBlock lines=4 /> }.into_any(),
        move |event| dynamic(move || event.with(|event| event::opened(logs, event))),
    );
    let close = Callback::new(move |()| logs.toggle.run(id.clone()));
    let tools = move || view! { <Button label="Close event" on_press=close /> }.into_any();
    view! { <Card title="The event of this address" tools=tools>{body}</Card> }.into_any()
}
