//! What the palette offers for a text: places and actions at once, the rest from the server after a short rest.

use crate::{
    api,
    layouts::{may_see, navigation::PLACES},
    paths,
    state::use_session,
    ui::{Icon, memo, watch},
};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::{
    environments::Environment,
    requests::{LockboxRequestSummary, RequestQuery},
    service_requests::{ServiceRequestQuery, ServiceRequestSummary},
};
use lockbox_rules::letters;
use lockbox_rules::permission::{Action, Subject};

/// What an entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Goes somewhere
    Go(String),
    /// Changes the theme
    Theme(&'static str),
    /// Opens the sheet of shortcuts
    Shortcuts,
    /// Signs out
    SignOut,
}

/// One line of the palette.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) group: &'static str,
    pub(super) icon: Icon,
    pub(super) words: String,
    pub(super) note: String,
    pub(super) act: Act,
}

/// How long typing rests before the server is asked, milliseconds.
const REST_MS: u32 = 150;
/// Rows of one kind that the server is asked for.
const ROWS: u32 = 6;

/// The entries for what is typed, and whether the server could not be asked for all of them.
pub(super) fn entries(text: RwSignal<String>) -> (Memo<Vec<Entry>>, RwSignal<bool>) {
    let (asked, failed) = asked(text);
    let places = places_and_actions();
    let entries = memo(move || {
        let wanted = letters::small(text.get().trim());
        let fits = |entry: &Entry| wanted.split_whitespace().all(|word| letters::small(&entry.words).contains(word));
        let mut entries: Vec<Entry> = places.get().into_iter().filter(fits).collect();
        if !wanted.is_empty() {
            entries.extend(asked.get());
        }
        entries
    });
    (entries, failed)
}

/// What the server finds for the text, once typing rests. An answer to an older text is dropped.
fn asked(text: RwSignal<String>) -> (RwSignal<Vec<Entry>>, RwSignal<bool>) {
    let (found, failed) = (RwSignal::new(Vec::new()), RwSignal::new(false));
    let turn = StoredValue::new(0_u32);
    let session = use_session();
    watch(move |_| {
        let wanted = text.get().trim().to_owned();
        turn.update_value(|turn| *turn = turn.wrapping_add(1));
        let mine = turn.get_value();
        if wanted.chars().count() < 2 {
            found.set(Vec::new());
            failed.set(false);
            return;
        }
        let may = |action| session.why_not(action, &Subject::None).is_none();
        let (requests, tickets) = (may(Action::ReadRequests), may(Action::ReadServiceRequests));
        let environments = may(Action::ReadEnvironments);
        spawn_local(async move {
            TimeoutFuture::new(REST_MS).await;
            let current = || turn.try_get_value() == Some(mine);
            if !current() {
                return;
            }
            let (mut entries, mut wrong) = (Vec::new(), false);
            if environments {
                match api::environments::find_environments(&wanted, ROWS).await {
                    Ok(page) => entries.extend(page.items.iter().map(environment)),
                    Err(_) => wrong = true,
                }
            }
            if requests {
                let query = RequestQuery { q: Some(wanted.clone()), limit: Some(ROWS), ..RequestQuery::default() };
                match api::requests::list_requests(query).await {
                    Ok(page) => entries.extend(page.items.iter().map(request)),
                    Err(_) => wrong = true,
                }
            }
            if tickets {
                let query =
                    ServiceRequestQuery { q: Some(wanted), limit: Some(ROWS), ..ServiceRequestQuery::default() };
                match api::service_requests::list_service_requests(query).await {
                    Ok(page) => entries.extend(page.items.iter().map(ticket)),
                    Err(_) => wrong = true,
                }
            }
            if current() {
                found.try_set(entries);
                failed.try_set(wrong);
            }
        });
    });
    (found, failed)
}

fn places_and_actions() -> Memo<Vec<Entry>> {
    let whole = use_session();
    let session = whole.session;
    memo(move || {
        let may = |action| whole.why_not(action, &Subject::None).is_none();
        let entry =
            |group, icon, words: &str, act| Entry { group, icon, words: words.to_owned(), note: String::new(), act };
        let mut entries: Vec<Entry> = PLACES
            .into_iter()
            .filter(|place| session.with(|session| session.as_ref().is_some_and(|session| may_see(session, place))))
            .map(|place| entry("Go to", place.icon, place.name, Act::Go(place.path.to_owned())))
            .collect();
        if may(Action::ReadRequests) {
            let words = "Access without a request";
            entries.push(entry("Go to", Icon::Warning, words, Act::Go(paths::WITHOUT_REQUEST.to_owned())));
        }
        entries.push(entry("Go to", Icon::Key, "API reference", Act::Go(paths::API_REFERENCE.to_owned())));
        if session.with(|session| session.as_ref().is_some_and(|session| session.demo)) {
            entries.push(entry("Go to", Icon::Mail, "Demo mail", Act::Go(paths::DEMO_MAIL.to_owned())));
        }
        entries.extend([
            entry("Do", Icon::Keyboard, "Show keyboard shortcuts", Act::Shortcuts),
            entry("Do", Icon::Eye, "Use the light theme", Act::Theme("light")),
            entry("Do", Icon::Eye, "Use the dark theme", Act::Theme("dark")),
            entry("Do", Icon::Eye, "Use the theme of the system", Act::Theme("system")),
            entry("Do", Icon::SignOut, "Sign out", Act::SignOut),
        ]);
        entries
    })
}

fn environment(found: &Environment) -> Entry {
    Entry {
        group: "Environments",
        icon: Icon::Database,
        words: found.name.clone(),
        note: "its requests".to_owned(),
        act: Act::Go(paths::requests_of_environment(&found.id)),
    }
}

fn request(found: &LockboxRequestSummary) -> Entry {
    Entry {
        group: "Requests",
        icon: Icon::Requests,
        words: format!("{}, {}: {}", found.environment_name, found.engineer_name, found.operations.join(", ")),
        note: found.status.label().to_owned(),
        act: Act::Go(paths::request(&found.id)),
    }
}

fn ticket(found: &ServiceRequestSummary) -> Entry {
    Entry {
        group: "Support requests",
        icon: Icon::Support,
        words: format!("{} {}", found.id, found.title),
        note: if found.closed_at.is_some() { "closed" } else { "open" }.to_owned(),
        act: Act::Go(paths::service_request(&found.id)),
    }
}
