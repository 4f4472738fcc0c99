//! Icons and the mark. An enum, so that an icon that does not exist cannot be written; drawn inline, so that no request is made.

use leptos::prelude::*;

/// Every icon of the portal. All are decoration: the word beside it carries the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Action needed: time is running
    Hourglass,
    /// A tick without a ring
    Check,
    /// Approved, passed
    CheckCircle,
    /// Close, remove
    Cross,
    /// Denied, refused, failed
    CrossCircle,
    /// Expired, a time
    Clock,
    /// Cancelled
    DashCircle,
    /// Access is open
    LockOpen,
    /// Access has ended, or a place is protected
    LockClosed,
    /// Page: Overview
    Overview,
    /// Page: Requests
    Requests,
    /// Page: Support requests
    Support,
    /// Page: Logs
    Logs,
    /// Page: History
    History,
    /// Page: Administration
    Administration,
    /// Search
    Search,
    /// Copy to the clipboard
    Copy,
    /// Something runs out or deserves care
    Warning,
    /// A remark
    Info,
    /// More entries
    More,
    /// Forwards, opens to the side
    ChevronRight,
    /// Opens downwards
    ChevronDown,
    /// Go there
    ArrowRight,
    /// A person
    Person,
    /// Protection
    Shield,
    /// Mail, a notification
    Mail,
    /// First use
    Play,
    /// Seen
    Eye,
    /// Add
    Plus,
    /// Kept under a name
    Star,
    /// Save as a file
    Download,
    /// Print
    Print,
    /// Filter
    Filter,
    /// Data, an environment
    Database,
    /// Sign out
    SignOut,
    /// Keys
    Keyboard,
    /// The connection is gone
    Unplugged,
    /// Load again
    Refresh,
    /// Machine, the JIT service
    Gear,
    /// A token, a key
    Key,
}

impl Icon {
    /// The outline in a square of 16 units.
    fn path(self) -> &'static str {
        match self {
            Self::Hourglass => "M4 2h8M4 14h8M5 2v2.6L8 8l3-3.4V2M5 14v-2.6L8 8l3 3.4V14",
            Self::Check => "M3 8.5 6.5 12 13 4.5",
            Self::CheckCircle => "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0ZM5.25 8.25l2 2 3.5-4",
            Self::Cross => "m4 4 8 8m0-8-8 8",
            Self::CrossCircle => {
                "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0ZM5.75 5.75l4.5 4.5m0-4.5-4.5 4.5"
            }
            Self::Clock => "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0ZM8 4.5V8l2.25 1.75",
            Self::DashCircle => "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0ZM5 8h6",
            Self::LockOpen => "M3.5 7.25h9v6.5h-9ZM5.5 7.25V4.5A2.5 2.5 0 0 1 10.4 3.7M8 9.75v1.5",
            Self::LockClosed => "M3.5 7.25h9v6.5h-9ZM5.5 7.25V4.75a2.5 2.5 0 0 1 5 0v2.5M8 9.75v1.5",
            Self::Overview => "M2.5 2.5H7v5H2.5ZM9 2.5h4.5v3H9ZM9 7.5h4.5v6H9ZM2.5 9.5H7v4H2.5Z",
            Self::Requests => "m2.25 9 2-6.25h7.5L13.75 9v4.25H2.25Zm0 0h3.5l.75 1.75h3L10.25 9h3.5",
            Self::Support => "M2.25 3h11.5v8H7.5l-3 2.5V11H2.25ZM5 6h6M5 8h4",
            Self::Logs => "M2.5 4h.01M5.5 4h8M2.5 8h.01M5.5 8h8M2.5 12h.01M5.5 12h8",
            Self::History => "M2.5 13.5h11M4 11V8.5M8 11V3.5M12 11V6.5",
            Self::Administration => {
                "M2.5 5h6M11.5 5h2M2.5 11h2M7.5 11h6M11.5 5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0ZM7.5 11a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0Z"
            }
            Self::Search => "M11.75 7a4.75 4.75 0 1 1-9.5 0 4.75 4.75 0 0 1 9.5 0ZM10.5 10.5l3.25 3.25",
            Self::Copy => "M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3",
            Self::Warning => "m8 2.25 6.25 11.25H1.75ZM8 6.5v3M8 11.5v.01",
            Self::Info => "M14.25 8a6.25 6.25 0 1 1-12.5 0 6.25 6.25 0 0 1 12.5 0ZM8 7.25V11M8 5v.01",
            Self::More => "M3 8h.01M8 8h.01M13 8h.01",
            Self::ChevronRight => "M6 3.5 10.5 8 6 12.5",
            Self::ChevronDown => "M3.5 6 8 10.5 12.5 6",
            Self::ArrowRight => "M2.5 8h11m-4-4 4 4-4 4",
            Self::Person => {
                "M10.75 5.25a2.75 2.75 0 1 1-5.5 0 2.75 2.75 0 0 1 5.5 0ZM2.75 13.75c.6-2.6 2.7-4 5.25-4s4.65 1.4 5.25 4"
            }
            Self::Shield => "m8 1.75 5.25 2v4c0 3.2-2.1 5.4-5.25 6.5-3.15-1.1-5.25-3.3-5.25-6.5v-4Z",
            Self::Mail => "M2 3.5h12v9H2ZM2 4.5 8 9l6-4.5",
            Self::Play => "m5 3 8 5-8 5Z",
            Self::Eye => {
                "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM9.75 8a1.75 1.75 0 1 1-3.5 0 1.75 1.75 0 0 1 3.5 0Z"
            }
            Self::Plus => "M8 3v10M3 8h10",
            Self::Star => "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5Z",
            Self::Download => "M8 2.5V11M4.5 7.5 8 11l3.5-3.5M2.5 13.5h11",
            Self::Print => "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7Z",
            Self::Filter => "M2.5 4h11M4.5 8h7M6.5 12h3",
            Self::Database => {
                "M13 4c0 1.1-2.2 2-5 2S3 5.1 3 4s2.2-2 5-2 5 .9 5 2ZM3 4v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2"
            }
            Self::SignOut => "M6.5 2.5h-4v11h4M6 8h7.5m-3-3 3 3-3 3",
            Self::Keyboard => "M1.75 4h12.5v8H1.75ZM4.5 6.5h.01M7 6.5h.01M9.5 6.5h.01M12 6.5h.01M5 9.5h6",
            Self::Unplugged => {
                "m2 2 12 12M5.2 8.2a4 4 0 0 1 2.3-1.1M2.6 5.4A8 8 0 0 1 4.3 4.2M7 3.1a8.2 8.2 0 0 1 6.4 2.3M8 12.5v.01"
            }
            Self::Refresh => "M13.5 8a5.5 5.5 0 1 1-1.6-3.9L13.5 5.5M13.5 2.5v3h-3",
            Self::Gear => {
                "M8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4M10.25 8a2.25 2.25 0 1 1-4.5 0 2.25 2.25 0 0 1 4.5 0Z"
            }
            Self::Key => "M9.5 9.5A3.5 3.5 0 1 0 6.7 8.3L2.5 12.5v1.25h2.25v-1.5h1.5v-1.5ZM11 5v.01",
        }
    }

    /// The icon as an element, hidden from assistive technology.
    pub fn view(self) -> AnyView {
        view! { <svg class="c-icon" viewBox="0 0 16 16" aria-hidden="true"><path d=self.path()></path></svg> }
            .into_any()
    }
}

/// The mark: a padlock whose shackle is a door frame, the door ajar.
pub fn mark() -> AnyView {
    view! {
        <svg class="c-mark" viewBox="0 0 24 24" aria-hidden="true">
            <path d="M6.5 11V2.75h11V11" fill="none" stroke="currentColor" stroke-width="2"></path>
            <path d="M7.5 3.5 13 5.75V11" fill="none" stroke="currentColor" stroke-width="1.25"></path>
            <path
                d="M5.5 10.5h13a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM12 13.6a1.5 1.5 0 0 0-.75 2.8v2h1.5v-2a1.5 1.5 0 0 0-.75-2.8Z"
                fill="currentColor"
                fill-rule="evenodd"
            ></path>
        </svg>
    }
    .into_any()
}
