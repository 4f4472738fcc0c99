//! The address leads: what is searched for stands in it, and Back undoes it.

use crate::ui::watch;
use gloo_timers::callback::Timeout;
use leptos::prelude::*;

/// How long typing rests before the address follows, milliseconds.
const REST_MS: u32 = 250;

/// A text field that follows `address` and, once typing rests, calls `go` with what was typed.
pub fn text_of_address(address: Memo<String>, go: impl Fn(String) + 'static) -> RwSignal<String> {
    let go = StoredValue::new_local(go);
    let text = RwSignal::new(address.get_untracked());
    watch(move |_| {
        let now = address.get();
        if text.with_untracked(|text| text.trim() != now) {
            text.set(now);
        }
    });
    let resting = StoredValue::new_local(None::<Timeout>);
    watch(move |first| {
        let wanted = text.with(|text| text.trim().to_owned());
        resting.set_value(None);
        if !first && wanted != address.get_untracked() {
            resting.set_value(Some(Timeout::new(REST_MS, move || {
                go.try_with_value(|go| go(wanted));
            })));
        }
    });
    text
}
