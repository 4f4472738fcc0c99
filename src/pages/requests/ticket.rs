//! The support request in a side panel: its context without leaving the decision.

use crate::{
    api::{self, Pending},
    components::When,
    paths,
    state::{Remote, show},
    ui::{Badge, Copyable, Fact, Facts, Icon, Panel, SkeletonBlock, Tone, dynamic, memo},
};
use leptos::prelude::*;
use lockbox_api::{
    ids::ServiceRequestId,
    requests::LockboxRequest,
    service_requests::{Author, Message, ServiceRequest},
};

/// The panel; the support request is read when it opens.
pub fn panel(request: Signal<LockboxRequest>, open: RwSignal<bool>) -> AnyView {
    let id = memo(move || request.with(|request| request.service_request_id.clone()));
    view! { <Panel title="Support request" open=open>{dynamic(move || content(id.get()))}</Panel> }.into_any()
}

fn content(id: ServiceRequestId) -> AnyView {
    let link = paths::service_request(&id);
    let remote = Remote::new(move || {
        Box::pin(api::service_requests::read_service_request(id.clone())) as Pending<ServiceRequest>
    });
    let body = show(
        remote,
        "The support request could not be read",
        || view! { <SkeletonBlock lines=5 with_box=true /> }.into_any(),
        |ticket| ready(ticket.get_untracked()),
    );
    view! {
        {body}
        <p><a href=link>"Open the support request"</a></p>
    }
    .into_any()
}

fn ready(ticket: ServiceRequest) -> AnyView {
    let summary = ticket.summary;
    let messages = ticket.messages.into_iter().map(message).collect_view();
    let closed = summary.closed_at.map(|at| view! { <Fact name="Closed"><When at=at /></Fact> });
    view! {
        <div class="l-stack l-stack--tight">
            <h3 class="c-ticket__title">{summary.title}</h3>
            <Copyable value=summary.id.0 what="service request id" />
        </div>
        <Facts>
            <Fact name="Severity">{summary.severity.label()}</Fact>
            <Fact name="Opened by">{summary.opened_by} ", " <When at=summary.opened_at /></Fact>
            <Fact name="Environment">{summary.environment_name.unwrap_or_else(|| "Not named".to_owned())}</Fact>
            {closed}
        </Facts>
        <section class="l-stack l-stack--tight">
            <h3>"Description"</h3>
            <p class="u-words">{ticket.description}</p>
        </section>
        <section class="l-stack l-stack--tight">
            <h3>"Conversation"</h3>
            <ol class="c-messages">{messages}</ol>
        </section>
    }
    .into_any()
}

/// One message of a conversation.
pub fn message(message: Message) -> AnyView {
    let (side, tone) = match message.author {
        Author::Customer => ("Your organisation", Tone::Muted),
        Author::Provider => ("Provider", Tone::Open),
    };
    view! {
        <li class="c-messages__item">
            <p class="l-row">
                {Icon::Person.view()} <span class="u-strong">{message.author_name}</span> <Badge tone=tone text=side />
                <span class="u-small u-soft"><When at=message.at /></span>
            </p>
            <p class="u-words">{message.text}</p>
        </li>
    }
    .into_any()
}
