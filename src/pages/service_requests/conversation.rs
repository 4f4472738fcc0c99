//! What was said, oldest first, and the field that adds to it.

use super::detail::why_not_here;
use crate::{
    api,
    components::When,
    state::{
        Form, Remote,
        draft::{drop_draft, use_draft},
        use_toasts,
    },
    ui::{Badge, Banner, BannerKind, Button, Card, TextArea, Tone, dynamic, each, memo},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::service_requests::{Author, Message, MessageCreate, ServiceRequest};
use lockbox_rules::{
    permission::Action,
    validate::{self, TEXT_MAX},
};

/// The conversation.
#[component]
pub fn Conversation(
    /// Takes the answer after a message was added
    remote: Remote<ServiceRequest>,
    /// What is shown
    found: Signal<ServiceRequest>,
) -> impl IntoView {
    let messages = move || found.with(|found| found.messages.clone());
    let none = move || found.with(|found| found.messages.is_empty());
    let closed = memo(move || found.with(|found| found.summary.closed_at.is_some()));
    let reason = why_not_here(Action::WriteServiceRequest, Signal::derive(move || Some(found.get())));
    view! {
        <Card title="Conversation">
            {dynamic(move || none().then(|| view! { <p class="u-soft">"Nobody has written yet."</p> }))}
            <ol class="c-talk" aria-label="What was said">
                {each(messages, |message| message.id.0.clone(), message)}
            </ol>
            {dynamic(move || {
                if closed.get() {
                    view! { <p class="u-soft">"This support request is closed. For anything more, open a new one."</p> }.into_any()
                } else if let Some(reason) = reason.get() {
                    view! { <p class="u-soft">{reason}</p> }.into_any()
                } else {
                    add(remote, found.with_untracked(|found| found.summary.id.clone()))
                }
            })}
        </Card>
    }
    .into_any()
}

fn message(message: Message) -> AnyView {
    let (tone, side) = match message.author {
        Author::Customer => (Tone::Muted, "Your organisation"),
        Author::Provider => (Tone::Open, "Provider"),
    };
    view! {
        <li class="c-talk__message">
            <p class="c-talk__who">
                <span class="u-strong">{message.author_name}</span>
                <Badge tone=tone text=side />
                <span class="u-small u-soft"><When at=message.at /></span>
            </p>
            <p class="u-words c-prose">{message.text}</p>
        </li>
    }
    .into_any()
}

fn add(remote: Remote<ServiceRequest>, id: lockbox_api::ids::ServiceRequestId) -> AnyView {
    let draft = format!("message:{id}");
    let text = use_draft(draft.clone());
    let form = Form::new(move || validate::message(&MessageCreate { text: text.get() }));
    let toasts = use_toasts();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !form.begin() {
            return;
        }
        let (id, draft) = (id.clone(), draft.clone());
        spawn_local(async move {
            match api::service_requests::add_message(&id, &MessageCreate { text: text.get_untracked() }).await {
                Ok(found) => {
                    form.done();
                    text.try_set(String::new());
                    drop_draft(&draft);
                    remote.put(found);
                    toasts.say("Message added");
                }
                Err(failure) => form.fail(failure),
            }
        });
    };
    view! {
        <form class="l-stack l-stack--tight" on:submit=submit novalidate=true>
            <TextArea label="Message" value=text error=form.error("/text") required=true limit=TEXT_MAX />
            {dynamic(move || form.sentence().get().map(|why| view! { <Banner kind=BannerKind::Bad title=why alert=true /> }))}
            <div>
                <Button label="Add message" submit=true pending=form.pending />
            </div>
        </form>
    }
    .into_any()
}
