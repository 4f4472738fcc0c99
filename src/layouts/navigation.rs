//! Where one can go: a sidebar on a wide screen, a bar at the bottom on a phone.

use crate::{
    components::keyboard::Openers,
    layouts::person::PersonMenu,
    paths,
    state::{
        pending::{PendingRequests, count, use_pending},
        use_session,
    },
    ui::{Icon, Menu, dynamic, mark, memo, told},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use lockbox_rules::permission::Action;

/// One place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its name, everywhere
    pub name: &'static str,
    /// Its name where there is little room; part of `name`
    pub short: &'static str,
    /// Where it is
    pub path: &'static str,
    /// Its icon
    pub icon: Icon,
    /// What one must be allowed to do for it to be of use
    pub needs: Option<Action>,
}

/// Every place, in order.
pub const PLACES: [Place; 7] = [
    Place { name: "Overview", short: "Overview", path: paths::OVERVIEW, icon: Icon::Overview, needs: None },
    Place {
        name: "Internal approvals",
        short: "Approvals",
        path: paths::INTERNAL_APPROVALS,
        icon: Icon::Shield,
        needs: Some(Action::ReadInternalApprovals),
    },
    Place {
        name: "Requests",
        short: "Requests",
        path: paths::REQUESTS,
        icon: Icon::Requests,
        needs: Some(Action::ReadRequests),
    },
    Place {
        name: "Support requests",
        short: "Support",
        path: paths::SERVICE_REQUESTS,
        icon: Icon::Support,
        needs: Some(Action::ReadServiceRequests),
    },
    Place { name: "Logs", short: "Logs", path: paths::LOGS, icon: Icon::Logs, needs: Some(Action::ReadLogs) },
    Place {
        name: "History",
        short: "History",
        path: paths::HISTORY,
        icon: Icon::History,
        needs: Some(Action::ReadHistory),
    },
    Place {
        name: "Administration",
        short: "Administration",
        path: paths::ADMINISTRATION,
        icon: Icon::Administration,
        needs: Some(Action::ReadLockbox),
    },
];

/// How many places a phone's bar shows beside More.
const IN_BAR: usize = 4;

/// Whether a path is a place's own or one below it; access without a request is a tab of Requests with a path of its own.
fn is_at(place: &str, path: &str) -> bool {
    path == place
        || (place == paths::REQUESTS && path == paths::WITHOUT_REQUEST)
        || (place != paths::OVERVIEW && path.starts_with(place) && path.as_bytes().get(place.len()) == Some(&b'/'))
}

/// The places that the signed-in person may use.
fn places() -> Memo<Vec<Place>> {
    let session = use_session().session;
    memo(move || {
        PLACES
            .into_iter()
            .filter(|place| {
                session.with(|session| session.as_ref().is_some_and(|session| super::may_see(session, place)))
            })
            .collect()
    })
}

/// Links to `places`; the one that one is at says so.
fn links(places: Vec<Place>, class: &'static str, short: bool, closes: bool) -> AnyView {
    let path = use_location().pathname;
    let pending = use_pending();
    places
        .into_iter()
        .map(|place| {
            // The numbers describe the link, they are not part of its name: names stay what tests and people know.
            let numbered = place.path == paths::REQUESTS;
            let badges = numbered.then(|| dynamic(move || badges(pending)));
            view! {
                <li>
                    <a
                        class=class
                        href=place.path
                        aria-label=short.then_some(place.name)
                        aria-current=told(move || is_at(place.path, &path.get()).then_some("page"))
                        title=told(move || numbered.then(|| in_words(pending)).filter(|words| !words.is_empty()))
                        data-close=closes.then_some("")
                    >
                        {place.icon.view()}
                        <span>{if short { place.short } else { place.name }}</span>
                        {badges}
                    </a>
                </li>
            }
            .into_any()
        })
        .collect_view()
        .into_any()
}

/// What waits: how many of each, and in words.
fn waiting(pending: PendingRequests) -> [(u64, &'static str, &'static str); 2] {
    let known = |remote| count(remote).unwrap_or(0);
    [
        (known(pending.to_decide), "l-nav__count", "waiting for a decision"),
        (known(pending.to_acknowledge), "l-nav__count l-nav__count--seen", "to acknowledge"),
    ]
}

fn badges(pending: PendingRequests) -> AnyView {
    let some = waiting(pending).into_iter().filter(|(count, ..)| *count > 0);
    let badges = some.map(|(count, class, _)| view! { <span class=class>{count}</span> }.into_any()).collect_view();
    view! { <span class="l-nav__counts" aria-hidden="true">{badges}</span> }.into_any()
}

fn in_words(pending: PendingRequests) -> String {
    let some = waiting(pending).into_iter().filter(|(count, ..)| *count > 0);
    some.map(|(count, _, words)| format!("{count} {words}")).collect::<Vec<_>>().join(", ")
}

fn brand() -> AnyView {
    let session = use_session().session;
    let organization =
        move || session.with(|session| session.as_ref().map(|session| session.organization.name.clone()));
    view! {
        <a class="l-brand" href=paths::OVERVIEW aria-label="Lockbox, to Overview">
            {mark()} <span>"Lockbox" <span class="l-brand__org">{organization}</span></span>
        </a>
    }
    .into_any()
}

/// The sidebar of a wide screen.
#[component]
pub fn Sidebar(
    /// What its foot opens
    openers: Openers,
) -> impl IntoView {
    let places = places();
    view! {
        <aside class="l-side" aria-label="Lockbox">
            <div class="l-side__brand">{brand()}</div>
            <nav aria-label="Main">
                <ul class="l-nav__list">{dynamic(move || links(places.get(), "l-nav__link", false, false))}</ul>
            </nav>
            <div class="l-side__foot">
                <button type="button" class="l-nav__link" on:click=move |_| openers.palette.set(true)>
                    {Icon::Search.view()} <span>"Find"</span> <span class="l-grow"></span> <kbd>"Ctrl K"</kbd>
                </button>
                <PersonMenu openers=openers sheet_class="c-menu--person" />
            </div>
        </aside>
    }
    .into_any()
}

/// The top line of a phone.
#[component]
pub fn TopLine(
    /// What it opens
    openers: Openers,
) -> impl IntoView {
    view! {
        <header class="l-top">
            {brand()} <span class="l-grow"></span>
            <button type="button" class="c-button c-button--quiet c-button--icon" aria-label="Find" on:click=move |_| openers.palette.set(true)>
                {Icon::Search.view()}
            </button>
            <PersonMenu openers=openers sheet_class="c-menu--top" compact=true />
        </header>
    }
    .into_any()
}

/// The bar at the bottom of a phone: at most five entries.
#[component]
pub fn BottomBar() -> impl IntoView {
    let places = places();
    let first = move || places.get().into_iter().take(IN_BAR).collect::<Vec<_>>();
    let rest = memo(move || places.get().into_iter().skip(IN_BAR).collect::<Vec<_>>());
    let more = || view! { {Icon::More.view()} <span>"More"</span> }.into_any();
    view! {
        <nav class="l-bar" aria-label="Main">
            <ul class="l-bar__list">
                {dynamic(move || links(first(), "l-bar__link", true, false))}
                {dynamic(move || {
                    let rest = rest.get();
                    (!rest.is_empty())
                        .then(|| {
                            view! {
                                <li>
                                    <Menu button_class="l-bar__link" sheet_class="c-menu--more" button=more>
                                        <ul class="l-nav__list">{links(rest, "c-menu__item", false, true)}</ul>
                                    </Menu>
                                </li>
                            }
                        })
                })}
            </ul>
        </nav>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_current_with_everything_below_it() {
        assert!(is_at("/requests", "/requests"));
        assert!(is_at("/requests", "/requests/lbx_1"));
        assert!(!is_at("/requests", "/requests-of-others"));
        assert!(!is_at("/requests", "/service-requests"));
        assert!(is_at("/requests", "/access-without-request"));
        assert!(!is_at("/logs", "/access-without-request"));
        assert!(is_at("/", "/"));
        assert!(!is_at("/", "/requests"));
    }
}
