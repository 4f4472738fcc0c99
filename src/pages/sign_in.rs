//! `/sign-in` with a local account; afterwards one is where the link pointed.

use crate::{
    api::{self, Pending},
    components::Page,
    paths,
    state::{Form, Remote, SessionContext, use_session},
    ui::{Banner, BannerKind, Button, ButtonKind, PasswordField, SkeletonBlock, TextField, dynamic, mark, watch},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    LazyRoute, NavigateOptions,
    hooks::{use_navigate, use_query_map},
    lazy_route,
};
use lockbox_api::{
    problem::{FieldError, ProblemType},
    session::{DemoAccount, SignIn, SignInOptions},
};

use lockbox_rules::permission::{Action, Subject};

/// The sign-in page.
pub struct SignInPage {
    options: Remote<SignInOptions>,
}

#[lazy_route]
impl LazyRoute for SignInPage {
    fn data() -> Self {
        Self { options: Remote::new(|| Box::pin(api::session::read_sign_in_options()) as Pending<SignInOptions>) }
    }

    fn view(this: Self) -> AnyView {
        page(this.options)
    }
}

fn page(options: Remote<SignInOptions>) -> AnyView {
    let query = use_query_map();
    let return_to =
        move || query.with(|query| paths::safe_return_to(&query.get("return_to").unwrap_or_default()).to_owned());
    let session = use_session();
    let navigate = use_navigate();
    watch(move |_| {
        if session.session.with(Option::is_some) {
            let wanted = return_to();
            let inside = session.why_not(Action::ReadInternalApprovals, &Subject::None).is_none();
            // Overview is the customer's; internal approvers begin at their own place.
            let to = if inside && wanted == paths::OVERVIEW { paths::INTERNAL_APPROVALS } else { wanted.as_str() };
            navigate(to, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let expired = SessionContext::was_begun() && query.with_untracked(|query| query.get("return_to").is_some());
    let body = crate::state::show(
        options,
        "The ways to sign in could not be read",
        || view! { <SkeletonBlock lines=4 /> }.into_any(),
        move |options| {
            let options = options.get_untracked();
            let local = options.local_accounts.then(|| local_account(options.demo_accounts));
            view! { <div class="l-stack">{local}</div> }.into_any()
        },
    );
    view! {
        <Page title="Sign in">
            <header class="c-sign-in__head">
                {mark()} <h1 tabindex="-1">"Sign in to Lockbox"</h1>
                {expired.then(|| view! { <p class="u-soft">"After that you are back where you were. What you typed is kept."</p> })}
            </header>
            {body}
            <p class="l-public__foot">"For programs: " <a href=paths::API_REFERENCE>"API reference"</a></p>
        </Page>
    }
    .into_any()
}

fn local_account(demo_accounts: Vec<DemoAccount>) -> AnyView {
    let session = use_session();
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<String>);
    let form = Form::new(move || {
        let empty = [
            ("/email", "Fill in your e-mail address.", email.with(|email| email.trim().is_empty())),
            ("/password", "Fill in your password.", password.with(String::is_empty)),
        ];
        let fault = |(pointer, message, _): (&str, &str, bool)| FieldError {
            pointer: pointer.to_owned(),
            message: message.to_owned(),
        };
        empty.into_iter().filter(|(.., empty)| *empty).map(fault).collect()
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        refused.set(None);
        if !form.begin() {
            return;
        }
        let input = SignIn { email: email.get_untracked().trim().to_owned(), password: password.get_untracked() };
        spawn_local(async move {
            let answer = api::session::sign_in(&input).await;
            form.done();
            match answer {
                Ok(found) => session.begin(found),
                // The same words whichever part was wrong, and for accounts that do not exist.
                Err(failure) if failure.is(ProblemType::SignInFailed) => {
                    refused.set(Some("E-mail and password do not match an account here.".to_owned()));
                    password.set(String::new());
                }
                Err(failure) => refused.set(Some(failure.sentence())),
            }
        });
    };
    view! {
        <form class="l-stack" on:submit=submit novalidate=true>
            {dynamic(move || refused.get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <TextField label="E-mail" value=email kind="email" autocomplete="username" required=true autofocus=true error=form.error("/email") />
            <PasswordField label="Password" value=password autocomplete="current-password" error=form.error("/password") />
            <Button label="Sign in" kind=ButtonKind::Primary submit=true pending=form.pending class="c-button--large c-button--wide" />
        </form>
        {(!demo_accounts.is_empty()).then(|| demo(demo_accounts, email, password))}
    }
    .into_any()
}

/// Accounts of the demo: one press fills the form in.
fn demo(accounts: Vec<DemoAccount>, email: RwSignal<String>, password: RwSignal<String>) -> AnyView {
    let rows = accounts
        .into_iter()
        .map(|account| {
            let address = account.email.clone();
            let fill = move |_| {
                email.set(address.clone());
                password.set("demo".to_owned());
            };
            view! {
                <li>
                    <button type="button" class="c-sign-in__account" on:click=fill>
                        <span>{account.email}</span>
                        <span class="u-small u-soft">{account.description}</span>
                    </button>
                </li>
            }
            .into_any()
        })
        .collect_view();
    view! {
        <section class="c-card" aria-labelledby="demo-accounts">
            <div class="c-card__head">
                <h2 id="demo-accounts">"Demo accounts"</h2>
                <span class="u-small u-soft">"Password: " <code>"demo"</code></span>
            </div>
            <ul class="c-sign-in__accounts">{rows}</ul>
            <p class="c-card__foot u-small">
                <a href=paths::DEMO_MAIL>"Read the mail of the demo"</a>
            </p>
        </section>
    }
    .into_any()
}
