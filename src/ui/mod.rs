//! The parts that every page is made of. They know no router, no server and nothing of Lockbox: only words, shapes and signals.

pub mod badge;
pub mod banner;
pub mod button;
pub mod card;
pub mod chart;
pub mod choice;
pub mod copy;
pub mod dialog;
pub mod download;
pub mod facts;
pub mod field;
pub mod icon;
pub mod line_chart;
pub mod menu;
pub mod page_header;
pub mod pager;
pub mod reactive;
pub mod scale;
pub mod select;
pub mod skeleton;
pub mod state;
pub mod table;
pub mod tabs;
pub mod time;
pub mod timeline;
pub mod toast;

pub use badge::{Badge, Tone};
pub use banner::{Banner, BannerKind};
pub use button::{Button, ButtonKind, IconButton};
pub use card::{Card, Figure};
pub use chart::{Bar, Fill, Series, StackedBars, TwinRow, twin};
pub use choice::{Checkbox, RadioGroup, RadioOption, Switch};
pub use copy::Copyable;
pub use dialog::{ConfirmDialog, Dialog, Panel};
pub use facts::{Fact, Facts};
pub use field::{PasswordField, SearchField, TextArea, TextField};
pub use icon::{Icon, mark};
pub use line_chart::{Line, Slot, SpanLines, sparkline};
pub use menu::{Menu, Segments};
pub use page_header::PageHeader;
pub use pager::Pager;
pub use reactive::{dynamic, each, memo, told, watch};
pub use select::{Select, SelectOption};
pub use skeleton::{SkeletonBlock, SkeletonRows};
pub use state::{Empty, ErrorView};
pub use table::{Column, Table};
pub use tabs::{LinkTabs, TabLink, Tabs};
pub use time::{Countdown, Time};
pub use timeline::{Timeline, TimelineItem};
pub use toast::{LiveRegion, Toast, Toasts};

use std::sync::atomic::{AtomicU32, Ordering};

/// An id for an element of this page, to tie labels, hints and errors to what they belong to.
pub fn unique_id(prefix: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("{prefix}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
