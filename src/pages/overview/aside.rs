//! What stands at the side of Overview, in a file of its own that comes once the page is shown: nobody decides by it, and no other
//! page then loads what only it needs to read the setting, the environments and the figures.

use super::{figures, protection};
use crate::ui::{Card, SkeletonBlock, dynamic};
use leptos::{prelude::*, task::spawn_local};

/// A part of it.
#[derive(Clone, Copy)]
pub enum Part {
    /// Protection at a glance.
    Protection,
    /// The last 28 days in a line.
    LastDays,
}

/// Makes a part.
type Make = fn(Part) -> AnyView;

/// A part: its frame until the file is there.
pub fn show(part: Part) -> AnyView {
    let loaded = RwSignal::new(None::<Make>);
    spawn_local(async move {
        let make = overview_aside().await;
        loaded.try_set(Some(make));
    });
    dynamic(move || loaded.get().map_or_else(|| frame(part), |make| make(part)))
}

fn frame(part: Part) -> AnyView {
    let (title, lines) = match part {
        Part::Protection => ("Protection", 5),
        Part::LastDays => ("Last 28 days", 2),
    };
    view! { <Card title=title><SkeletonBlock lines=lines /></Card> }.into_any()
}

/// Named in `preload.toml`: what the page has brought along already is not in this file again.
#[lazy]
fn overview_aside() -> Make {
    make
}

fn make(part: Part) -> AnyView {
    match part {
        Part::Protection => protection::protection(),
        Part::LastDays => figures::last_days(),
    }
}
