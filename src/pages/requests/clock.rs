//! Part 4: the time left to decide.

use crate::{
    components::CountdownTo,
    state::use_clock,
    ui::{Card, Fact, Facts, dynamic, memo, time},
};
use leptos::prelude::*;
use lockbox_api::requests::LockboxRequest;
use lockbox_rules::window::duration_in_words;

/// The clock; nothing for a request that waits without an end.
pub fn to_decide(request: Signal<LockboxRequest>) -> AnyView {
    let coarse = use_clock().coarse;
    let until = memo(move || request.with(|request| request.decide_by));
    dynamic(move || {
        until.get().map(|until| {
            view! {
                <Card title="Time left to decide">
                    <div>
                        <CountdownTo until=until over="Expired" figure=true announce=true />
                        <p class="u-small u-soft">
                            {dynamic(move || duration_in_words(until - coarse.get()))} " left. Without a decision it expires and nothing is granted."
                        </p>
                    </div>
                    <details class="c-clock">
                        <summary>"Until " {time::absolute(until, false)}</summary>
                        <Facts>
                            <Fact name="Your time">{time::absolute(until, false)}</Fact>
                            <Fact name="UTC"><time datetime=time::iso(until)>{time::absolute(until, true)}</time></Fact>
                        </Facts>
                    </details>
                </Card>
            }
            .into_any()
        })
    })
}
