//! The tab API access: one's own tokens, and how to use one.

use crate::{
    api::{self, Pending},
    components::When,
    paths,
    state::{Form, Remote, draft::use_draft, show, use_clock, use_toasts},
    ui::{
        Badge, Banner, BannerKind, Button, ButtonKind, Card, Column, ConfirmDialog, Copyable, Empty, Icon, Select,
        SelectOption, SkeletonRows, Table, TextField, Tone, dynamic, each, memo, watch,
    },
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::administration::{Token, TokenCreate, TokenCreated, Tokens};
use lockbox_rules::{
    validate::{self, NAME_MAX},
    window::is_over,
};

const COLUMNS: [&str; 5] = ["Name", "Made", "Ends", "Last used", "Revoke"];

/// The tab.
pub fn tab() -> AnyView {
    let tokens = Remote::new(|| Box::pin(api::administration::list_tokens()) as Pending<Tokens>);
    let made = RwSignal::new(None::<TokenCreated>);
    let revoking = RwSignal::new(None::<Token>);
    let list = show(
        tokens,
        "Your tokens could not be read",
        || view! { <SkeletonRows rows=3 columns=5 /> }.into_any(),
        move |found| table(found, revoking),
    );
    view! {
        <div class="l-stack">
            <Card title="Your tokens" flush=true>
                {list}
            </Card>
            {dynamic(move || made.get().map(secret))}
            <div class="l-grid">
                {make(tokens, made)}
                {how_to()}
            </div>
            {revoke(tokens, revoking, made)}
        </div>
    }
    .into_any()
}

fn table(found: Signal<Tokens>, revoking: RwSignal<Option<Token>>) -> AnyView {
    let none = memo(move || found.with(|found| found.items.is_empty()));
    let row = move |token: Token| row(token, revoking);
    dynamic(move || {
        if none.get() {
            view! { <Empty icon=Icon::Key title="No token" note="Make one to call the API from a script. It may do what you may do, until it ends or you revoke it." /> }
                .into_any()
        } else {
            view! {
                <Table caption="Your tokens" columns=COLUMNS.map(Column::words).to_vec() cards=true>
                    {each(move || found.with(|found| found.items.clone()), |token| format!("{} {:?}", token.id, token.last_used_at), row)}
                </Table>
            }
            .into_any()
        }
    })
}

fn row(token: Token, revoking: RwSignal<Option<Token>>) -> AnyView {
    let [name, made, ends, used, revoke] = COLUMNS;
    let now = use_clock().coarse;
    let pressed = token.clone();
    let spoken = format!("Revoke {}", token.name);
    view! {
        <tr>
            <th scope="row" data-label=name>{token.name}</th>
            <td data-label=made><When at=token.created_at /></td>
            <td data-label=ends>
                <span>
                    <When at=token.expires_at />
                    {dynamic(move || is_over(token.expires_at, now.get()).then(|| view! { " " <Badge tone=Tone::Muted icon=Icon::Clock text="Ended" /> }))}
                </span>
            </td>
            <td data-label=used>{match token.last_used_at {
                Some(at) => view! { <When at=at /> }.into_any(),
                None => "Never".into_any(),
            }}</td>
            <td data-label=revoke>
                <Button kind=ButtonKind::Danger label="Revoke" name=spoken on_press=Callback::new(move |()| revoking.set(Some(pressed.clone()))) />
            </td>
        </tr>
    }
    .into_any()
}

/// The new secret: shown until one leaves the page.
fn secret(made: TokenCreated) -> AnyView {
    view! {
        <Banner kind=BannerKind::Good title=format!("Token “{}” is made", made.token.name) alert=true>
            <p>"This is its secret. Copy it now: it is shown this once and kept nowhere in readable form."</p>
            <p><Copyable value=made.secret what="the token’s secret" /></p>
        </Banner>
    }
    .into_any()
}

fn make(tokens: Remote<Tokens>, made: RwSignal<Option<TokenCreated>>) -> AnyView {
    let (name, days) = (use_draft("token:name".to_owned()), use_draft("token:days".to_owned()));
    if days.with_untracked(String::is_empty) {
        days.set("90".to_owned());
    }
    let input = move || TokenCreate { name: name.get(), expires_in_days: days.get().parse().unwrap_or(0) };
    let form = Form::new(move || validate::token_create(&input()));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let input = untrack(input);
        spawn_local(async move {
            match api::administration::make_token(&input).await {
                Ok(answer) => {
                    form.done();
                    name.try_set(String::new());
                    made.try_set(Some(answer));
                    tokens.reload();
                }
                Err(failure) => form.fail(failure),
            }
        });
    };
    let options: Vec<_> = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "365 days")]
        .map(|(days, words): (u32, _)| SelectOption::new(days.to_string(), words))
        .to_vec();
    view! {
        <Card title="Make a token">
            <form class="l-stack" on:submit=submit novalidate=true>
                <TextField label="Name" value=name hint="What it is for." error=form.error("/name") required=true limit=NAME_MAX />
                <Select label="Ends after" value=days options=options error=form.error("/expires_in_days") />
                {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
                <div>
                    <Button kind=ButtonKind::Primary label="Make token" icon=Icon::Key submit=true pending=form.pending />
                </div>
            </form>
        </Card>
    }
    .into_any()
}

/// How a token is used, with this server's own address.
fn how_to() -> AnyView {
    let origin = window().location().origin().unwrap_or_default();
    let read = format!(
        "curl -H \"Authorization: Bearer $LOCKBOX_TOKEN\" \\\n  \"{origin}/api/v1/lockbox-requests?view=pending\""
    );
    let change = format!(
        "curl -X POST -H \"Authorization: Bearer $LOCKBOX_TOKEN\" \\\n  -H \"Content-Type: application/json\" \\\n  -H \"X-Lockbox-Request: 1\" \\\n  -d '{{\"justification\":\"The work is done.\"}}' \\\n  \"{origin}/api/v1/lockbox-requests/lbx_…/revoke\""
    );
    let block = |title: &'static str, what: &'static str, text: String| {
        view! {
            <div class="l-stack l-stack--tight">
                <p class="l-row l-row--spread"><span class="u-strong">{title}</span> <Copyable value=text.clone() what=what button_only=true /></p>
                <pre class="c-code" tabindex="0">{text}</pre>
            </div>
        }
    };
    view! {
        <Card title="How to use it">
            <p class="u-soft">"Put the secret into an environment variable and send it with every call. Every call is described in the " <a href=paths::API_REFERENCE>"API reference"</a>"."</p>
            {block("Read what waits for a decision", "the command that reads", read)}
            {block("End an access", "the command that ends an access", change)}
        </Card>
    }
    .into_any()
}

fn revoke(tokens: Remote<Tokens>, revoking: RwSignal<Option<Token>>, made: RwSignal<Option<TokenCreated>>) -> AnyView {
    let open = RwSignal::new(false);
    watch(move |_| open.set(revoking.with(Option::is_some)));
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            revoking.set(None);
        }
        now
    });
    let form = Form::new(Vec::new);
    let toasts = use_toasts();
    let confirm = Callback::new(move |()| {
        let Some(token) = revoking.get_untracked() else { return };
        if !form.begin() {
            return;
        }
        spawn_local(async move {
            match api::administration::revoke_token(&token.id).await {
                Ok(()) => {
                    form.done();
                    open.try_set(false);
                    if made.with_untracked(|made| made.as_ref().is_some_and(|made| made.token.id == token.id)) {
                        made.set(None);
                    }
                    toasts.say(format!("Token “{}” is revoked", token.name));
                    tokens.reload();
                }
                Err(failure) => form.fail(failure),
            }
        });
    });
    let title = Signal::derive(move || {
        revoking
            .with(|token| format!("Revoke “{}”?", token.as_ref().map(|token| token.name.clone()).unwrap_or_default()))
    });
    view! {
        <ConfirmDialog
            title=title
            open=open
            confirm="Revoke token"
            kind=ButtonKind::DangerSolid
            pending=form.pending
            failed=form.sentence()
            on_confirm=confirm
        >
            <p>"Whatever uses it is refused from its next call on. This can't be undone."</p>
        </ConfirmDialog>
    }
    .into_any()
}
