//! Says so when the connection is gone, how old the page is, and what is done about it.

use crate::{
    state::{live::PATIENCE, use_clock, use_live},
    ui::{Button, Icon, dynamic, memo, time},
};
use leptos::prelude::*;

/// The banner; nothing while all is well.
#[component]
pub fn ConnectionBanner() -> impl IntoView {
    let live = use_live();
    let now = use_clock().now;
    let lost = memo(move || live.lost_since.get().filter(|since| now.get() - *since >= PATIENCE));
    let again = Callback::new(move |()| live.retry.update(|retry| *retry = retry.wrapping_add(1)));
    move || {
        lost.get().map(|since| {
            let age = move || time::span(now.get() - since);
            view! {
                <div class="c-banner c-banner--warn c-banner--floating">
                    {Icon::Unplugged.view()}
                    <div class="c-banner__body">
                        <p class="c-banner__title" role="status">"Connection lost"</p>
                        <p>"What you see is " {dynamic(age)} " old. Trying again; what you have typed is kept."</p>
                    </div>
                    <Button label="Try now" on_press=again />
                </div>
            }
            .into_any()
        })
    }
}
