//! `/administration`: what administrators set, in tabs; which tab is in the address. Who may only read sees the same, with the
//! controls off and the reason beside them.

pub mod copies;
pub mod environments;
pub mod lockbox;
pub mod member;
pub mod members;
pub mod notifications;
pub mod proposal;
pub mod review;
pub mod tokens;
pub mod versions;

use crate::{
    components::{
        Page,
        permission::{gate, why_not},
    },
    paths,
    ui::{Banner, LinkTabs, PageHeader, TabLink, dynamic, memo},
};
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use lockbox_api::session::Role;
use lockbox_rules::permission::Action;

/// `/administration`.
pub struct AdministrationPage;

#[lazy_route]
impl LazyRoute for AdministrationPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        page()
    }
}

/// The tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Lockbox,
    Notifications,
    Members,
    Tokens,
    Versions,
}

/// Every tab: its word in the address, its words.
const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Lockbox, "", "Lockbox"),
    (Tab::Notifications, "notifications", "Approvers and notifications"),
    (Tab::Members, "members", "Members"),
    (Tab::Tokens, "tokens", "API access"),
    (Tab::Versions, "versions", "Versions"),
];

fn page() -> AnyView {
    let address = use_query_map();
    let tab = memo(move || {
        let word = address.with(|address| address.get("tab").unwrap_or_default());
        TABS.into_iter().find(|(_, own, _)| *own == word).map_or(Tab::Lockbox, |(tab, ..)| tab)
    });
    let tabs = Signal::derive(move || {
        let link = |(own, word, label): (Tab, &str, &str)| TabLink {
            href: paths::administration(word),
            label: label.to_owned(),
            current: tab.get() == own,
            count: None,
        };
        TABS.map(link).to_vec()
    });
    let body = move || match tab.get() {
        Tab::Lockbox => readable(Action::ReadLockbox, Action::ChangeLockbox, lockbox::tab),
        Tab::Notifications => readable(Action::ReadNotifications, Action::ChangeNotifications, notifications::tab),
        Tab::Members => readable(Action::ReadMembers, Action::ChangeMembers, members::tab),
        Tab::Tokens => gate(Action::OwnTokens, tokens::tab),
        Tab::Versions => gate(Action::ReadLockbox, versions::tab),
    };
    let title = Signal::derive(move || {
        let words = TABS.into_iter().find(|(own, ..)| *own == tab.get()).map_or("", |(.., words)| words);
        format!("{words}, Administration")
    });
    view! {
        <Page title=title>
            <PageHeader title="Administration" />
            <LinkTabs label="What to administer" tabs=tabs />
            {dynamic(body)}
        </Page>
    }
    .into_any()
}

/// A tab for those who may `read`; who may not `change` is told once, at the top.
fn readable(read: Action, change: Action, view: fn() -> AnyView) -> AnyView {
    gate(read, move || {
        let reason = why_not(change);
        view! {
            <div class="l-stack">
                {dynamic(move || reason.get().map(|reason| view! { <Banner title="You can look, but not change anything here"><p>{reason}</p></Banner> }))}
                {view()}
            </div>
        }
        .into_any()
    })
}

/// What a role is called, and what it is for.
pub fn role_words(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::GlobalAdministrator => (
            "Global administrator",
            "Switches Lockbox on and off, edits the policy, gives roles; may also decide requests.",
        ),
        Role::LockboxApprover => ("Approver", "Is told about requests, approves, denies and ends access."),
        Role::LockboxReader => ("Reader", "Reads requests, logs and history; decides and changes nothing."),
        Role::Member => ("Member", "Opens support requests and follows the ones they opened."),
        Role::SupportEngineer => ("Support engineer", "Works for the provider."),
        Role::InternalApprover => ("Internal approver", "Decides first inside the provider."),
    }
}
