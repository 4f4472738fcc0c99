//! The signed-in person: who it is, how the portal looks, and the way out.

use crate::{
    api,
    components::keyboard::Openers,
    paths,
    state::{SessionContext, theme::Theme, use_session, use_toasts},
    ui::{Icon, Menu, Segments, dynamic},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_rules::letters;

/// First letters of the first and last word of a name.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    letters::capital(&first.into_iter().chain(words.next_back()).collect::<String>())
}

/// The button with the person on it, and its sheet.
#[component]
pub fn PersonMenu(
    /// What the sheet opens
    openers: Openers,
    /// Places the sheet
    sheet_class: &'static str,
    /// Only the initials on the button
    #[prop(optional)]
    compact: bool,
) -> impl IntoView {
    let session = use_session();
    let theme = use_context::<Theme>().map(|theme| theme.0);
    let name = move || {
        session.session.with(|session| session.as_ref().map(|session| session.person.name.clone()).unwrap_or_default())
    };
    let email = move || session.session.with(|session| session.as_ref().map(|session| session.person.email.clone()));
    let demo = move || session.session.with(|session| session.as_ref().is_some_and(|session| session.demo));
    let button = move || {
        view! {
            <span class="c-person__initials" aria-hidden="true">{dynamic(move || initials(&name()))}</span>
            {(!compact).then(|| view! { <span class="c-person__name">{dynamic(name)}</span> })}
        }
        .into_any()
    };
    let leave = move |_| sign_out(session);
    let class = if compact { "c-button c-button--quiet c-button--icon" } else { "c-person" };
    view! {
        <Menu button_class=class sheet_class=sheet_class label="You and settings" button=button>
            <div class="c-menu__group">
                <p class="u-strong">{dynamic(name)}</p>
                <p class="u-small u-soft">{dynamic(email)}</p>
            </div>
            {theme
                .map(|theme| {
                    view! {
                        <div class="c-menu__group">
                            <Segments
                                label="Theme"
                                options=vec![("light", "Light"), ("dark", "Dark"), ("system", "System")]
                                value=theme
                                on_change=Callback::new(move |wanted| theme.set(wanted))
                            />
                        </div>
                    }
                })}
            <a class="c-menu__item" href=paths::administration("tokens") data-close="">{Icon::Key.view()} "API access"</a>
            <a class="c-menu__item" href=paths::API_REFERENCE data-close="">{Icon::Logs.view()} "API reference"</a>
            {dynamic(move || {
                demo()
                    .then(|| view! { <a class="c-menu__item" href=paths::DEMO_MAIL data-close="">{Icon::Mail.view()} "Demo mail"</a> }.into_any())
            })}
            <button type="button" class="c-menu__item" data-close="" on:click=move |_| openers.shortcuts.set(true)>
                {Icon::Keyboard.view()}
                "Keyboard shortcuts"
            </button>
            <button type="button" class="c-menu__item" data-close="" on:click=leave>
                {Icon::SignOut.view()}
                "Sign out"
            </button>
        </Menu>
    }
    .into_any()
}

/// Signs out; says so when that did not work, because then one is still signed in.
pub fn sign_out(session: SessionContext) {
    let toasts = use_toasts();
    spawn_local(async move {
        match api::session::sign_out().await {
            Ok(()) => session.end(),
            Err(failure) if failure.is_signed_out() => session.end(),
            Err(failure) => toasts.fail(format!("You are still signed in. {}", failure.sentence())),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ana Maria Silva"), "AS");
        assert_eq!(initials("ana"), "A");
        assert_eq!(initials(""), "");
    }
}
