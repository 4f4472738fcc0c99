//! `/demo/mail`: the mail that the demo would have sent. Outside the demo the server has no such mailbox.

use crate::{
    api::{self, Pending},
    components::{Page, When},
    state::{Remote, show, use_live, use_session},
    ui::{Empty, Icon, PageHeader, SkeletonBlock, dynamic, each},
};
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use lockbox_api::mail::{DemoMail, DemoMailbox};
use web_sys::VisibilityState;

/// How often who is not signed in reads the mailbox, milliseconds.
const READ_AGAIN_MS: u32 = 2_000;

/// The demo's mailbox.
pub struct DemoMailPage;

#[lazy_route]
impl LazyRoute for DemoMailPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let changed = use_live().revision(|_| true);
        let remote = Remote::new(move || {
            changed.track();
            Box::pin(api::mail::read_demo_mailbox()) as Pending<DemoMailbox>
        });
        follow(remote);
        let body = show(
            remote,
            "The mailbox could not be read",
            || view! { <SkeletonBlock lines=3 with_box=true /> }.into_any(),
            |mailbox| {
                let mails = move || mailbox.with(|mailbox| mailbox.items.clone());
                view! {
                    {dynamic(move || {
                        mails()
                            .is_empty()
                            .then(|| view! { <Empty icon=Icon::Mail title="No mail yet" note="Raise a request: its mail appears here by itself." /> })
                    })}
                    <ul class="l-stack">
                        {each(mails, |mail| mail.id.0.clone(), one)}
                    </ul>
                }
                .into_any()
            },
        );
        let note = || "No mail server is set up, so nothing leaves this machine. This is what would have been sent.";
        view! {
            <Page title="Demo mail">
                <PageHeader title="Demo mail" note=note />
                {body}
            </Page>
        }
        .into_any()
    }
}

/// Who is not signed in hears of no changes: for them the mailbox is read again and again, while somebody looks at it.
fn follow(remote: Remote<DemoMailbox>) {
    let session = use_session().session;
    let again = Interval::new(READ_AGAIN_MS, move || {
        let signed_out = session.try_with_untracked(Option::is_none) == Some(true);
        if signed_out && document().visibility_state() == VisibilityState::Visible {
            remote.reload();
        }
    });
    // Ends with the page.
    StoredValue::new_local(again);
}

fn one(mail: DemoMail) -> AnyView {
    let link = mail.link.as_deref().and_then(path_of).map(|path| {
        view! { <p class="c-card__foot"><a class="c-button" href=path>"Follow the link in this mail"</a></p> }
    });
    view! {
        <li class="c-card">
            <div class="c-card__head">
                {Icon::Mail.view()} <h2 class="l-grow">{mail.subject}</h2> <span class="u-small u-soft"><When at=mail.at end=true /></span>
            </div>
            <div class="c-card__body">
                <p class="u-small u-soft">"To " {mail.to}</p>
                <p class="u-words">{mail.text}</p>
            </div>
            {link}
        </li>
    }
    .into_any()
}

/// The path of a link to this portal, whatever host it was made for.
fn path_of(link: &str) -> Option<String> {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let path = rest.find('/').map(|at| &rest[at..])?;
    Some(crate::paths::safe_return_to(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_link_keeps_its_path_only() {
        assert_eq!(path_of("http://localhost:8080/requests/lbx_1?x=2").as_deref(), Some("/requests/lbx_1?x=2"));
        assert_eq!(path_of("https://lockbox.example//evil.example").as_deref(), Some("/"));
        assert_eq!(path_of("https://lockbox.example"), None);
    }
}
