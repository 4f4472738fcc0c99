//! Times by the app's clock.

use crate::{
    state::use_clock,
    ui::{Countdown, Time},
};
use leptos::prelude::*;
use lockbox_api::Time as Instant;

/// A time in words, the absolute one on hover and focus.
#[component]
pub fn When(
    /// When
    at: Instant,
    /// The tooltip opens towards the other side
    #[prop(optional)]
    end: bool,
) -> impl IntoView {
    view! { <Time at=at now=use_clock().coarse end=end /> }
}

/// The time left, ticking.
#[component]
pub fn CountdownTo(
    /// The end
    until: Instant,
    /// Shown instead of zero
    #[prop(into)]
    over: String,
    /// Large
    #[prop(optional)]
    figure: bool,
    /// Says thresholds aloud; one per page at most
    #[prop(optional)]
    announce: bool,
) -> impl IntoView {
    view! { <Countdown until=until now=use_clock().now over=over figure=figure announce=announce /> }
}
