//! `/internal-approvals/:id`: one request, as far as it concerns the provider. Read from top to bottom it answers "may the
//! customer be asked for this?", or, where an exclusion is claimed, "may access open without asking them?".

use super::{decide, roles, state_badge};
use crate::{
    api::{self, Pending},
    components::{CountdownTo, Page, When, permission::gate, words},
    pages::requests::{case, decide::trouble},
    paths,
    state::{Remote, show, use_live},
    ui::{Card, Copyable, Fact, Facts, Icon, PageHeader, SkeletonBlock, dynamic, memo, time},
};
use leptos::prelude::*;
use lockbox_api::{
    ids::{OrganizationId, RequestId},
    internal::{InternalApproval, InternalState},
    requests::{Access, AccessState, Exclusion, LockboxRequest, Status},
};
use lockbox_rules::{lockbox_check::exclusion_reason, permission::Action, words::plain};

/// The page of one request.
pub fn page(id: RequestId) -> AnyView {
    let title = format!("Request {id}");
    let above = || view! { <a href=paths::INTERNAL_APPROVALS>"Internal approvals"</a> }.into_any();
    let copied = id.0.clone();
    let beside = move || view! { <Copyable value=copied.clone() what="request id" button_only=true /> }.into_any();
    view! {
        <Page title=title.clone()>
            <PageHeader title=title above=above beside=beside />
            {gate(Action::ReadInternalApprovals, move || body(id.clone()))}
        </Page>
    }
    .into_any()
}

fn body(id: RequestId) -> AnyView {
    // What changed is not told to people of the provider, only that something did.
    let changed = use_live().revision(|_| true);
    let remote = Remote::new(move || {
        changed.track();
        Box::pin(api::internal::read_internal_approval(id.clone())) as Pending<InternalApproval>
    });
    show(
        remote,
        "The request could not be read",
        || view! { <SkeletonBlock lines=4 with_box=true /> }.into_any(),
        move |found| whole(found, remote),
    )
}

fn whole(found: Signal<InternalApproval>, remote: Remote<InternalApproval>) -> AnyView {
    let request = Signal::derive(move || found.with(as_request));
    let waits = memo(move || found.with(|found| found.state == InternalState::Waiting));
    let failure = RwSignal::new(None);
    view! {
        <div class="l-split">
            <div class="l-stack c-case">{lead(found, request)} {case::reach(request)} {case::judgement(request)}</div>
            <div class="l-split__aside l-stack">
                {trouble(failure)}
                {dynamic(move || {
                    waits.get().then(|| view! { {clock(found)} {decide::decision(found, remote, failure)} }.into_any())
                })}
                {outcome(found)}
            </div>
        </div>
    }
    .into_any()
}

/// The sentence, the engineer's reason, whose data and which ticket.
fn lead(found: Signal<InternalApproval>, request: Signal<LockboxRequest>) -> AnyView {
    let (now, asked) = (found.get_untracked(), request.get_untracked());
    let number = now.service_request_id.0;
    view! {
        <section class="c-lead" aria-label="What is asked">
            <p class="c-lead__wish">{words::wish(&asked)}</p>
            <figure class="c-lead__why">
                <figcaption class="u-small u-soft">{plain(now.reason_code.as_str())} ", in the engineer’s words"</figcaption>
                <blockquote class="u-words">{now.justification}</blockquote>
            </figure>
            <div class="c-lead__ticket">
                {Icon::Support.view()}
                <div class="l-grow">
                    <p class="u-small u-soft">"Customer"</p>
                    <p class="u-strong">{now.organization_name}</p>
                </div>
                <div class="l-grow">
                    <p class="u-small u-soft">"Service request ID"</p>
                    <p><Copyable value=number what="service request id" /></p>
                </div>
            </div>
            {now.exclusion.map(without_asking)}
        </section>
    }
    .into_any()
}

/// What is claimed instead of asking the customer. Nobody but these approvers is asked then: they read all of it.
fn without_asking(exclusion: Exclusion) -> AnyView {
    let kind = exclusion.kind;
    let script = exclusion.script.map(|script| {
        view! {
            <Fact name="Script"><code>{script.id}</code></Fact>
            <Fact name="Reviewed by">{script.reviewer}</Fact>
        }
    });
    let told = match exclusion.disclose_at {
        Some(at) => {
            view! { <When at=at /> ". Until then nothing of it is visible to them; at that moment all of it is." }
                .into_any()
        }
        None => "As soon as access opens, by e-mail to the administrators".into_any(),
    };
    view! {
        <Facts>
            <Fact name="The customer is not asked"><span class="u-strong">"Access opens at the last approval that is missing."</span></Fact>
            <Fact name="Exclusion">{plain(kind.as_str())} <span class="u-soft">" " {exclusion_reason(kind).label()}</span></Fact>
            <Fact name="Reason for it"><span class="u-words">{exclusion.reason}</span></Fact>
            {script}
            <Fact name="The customer is told">{told}</Fact>
        </Facts>
    }
    .into_any()
}

fn clock(found: Signal<InternalApproval>) -> AnyView {
    let until = memo(move || found.with(|found| found.decide_by));
    let without_a_decision = if found.with_untracked(|found| found.exclusion.is_some()) {
        ". Without a decision it expires, and no access is given."
    } else {
        ". Without a decision it expires, and the customer is not asked."
    };
    dynamic(move || {
        until.get().map(|until| {
            view! {
                <Card title="Time left to decide">
                    <div>
                        <CountdownTo until=until over="Expired" figure=true announce=true />
                        <p class="u-small u-soft">"Until " {time::absolute(until, false)} {without_a_decision}</p>
                    </div>
                </Card>
            }
            .into_any()
        })
    })
}

/// How far it is, and whose approval is missing.
fn outcome(found: Signal<InternalApproval>) -> AnyView {
    dynamic(move || {
        let found = found.get();
        let asked_next = found.exclusion.is_none();
        let words = match found.state {
            InternalState::Waiting => format!("The approval of {} is missing.", roles(&found.waits_for)),
            InternalState::Approved if asked_next => "Everybody who had to has approved, and the request went on. What the customer decides is theirs.".to_owned(),
            InternalState::Approved => "Everybody who had to has approved. The customer was not asked: access opened at the last approval.".to_owned(),
            InternalState::Rejected if asked_next => "It was rejected. The customer was not asked.".to_owned(),
            InternalState::Rejected => "It was rejected. No access was given.".to_owned(),
            InternalState::Expired if !asked_next => "Nobody decided in time. No access was given; if it is still needed, the engineer has to ask again.".to_owned(),
            InternalState::Expired => "Nobody decided in time. The customer was not asked; if access is still needed, the engineer has to ask again.".to_owned(),
            InternalState::Cancelled => "It was withdrawn before everybody had decided.".to_owned(),
        };
        view! { <Card title="Inside the provider"><p>{state_badge(found.state)}</p><p>{words}</p></Card> }.into_any()
    })
}

/// The request as the decision page's parts know it; what belongs to the customer is not there.
fn as_request(found: &InternalApproval) -> LockboxRequest {
    let found = found.clone();
    LockboxRequest {
        id: found.id,
        organization_id: OrganizationId(String::new()),
        environment_id: String::new().into(),
        environment_name: found.environment_name,
        service_name: found.service_name,
        service_request_id: found.service_request_id,
        service_request_title: None,
        engineer: found.engineer,
        operations: Vec::new(),
        operation_words: found.operation_words,
        data_stores: found.data_stores,
        data_store_words: found.data_store_words,
        targets: found.targets,
        permission_level: found.permission_level,
        direct_data_access: found.direct_data_access,
        reason_code: found.reason_code,
        justification: found.justification,
        access_minutes: found.access_minutes,
        asked_minutes: found.asked_minutes,
        exclusion: found.exclusion,
        status: match found.state {
            InternalState::Waiting => Status::AwaitingInternalApproval,
            InternalState::Approved => Status::CustomerNotified,
            InternalState::Rejected => Status::Rejected,
            InternalState::Expired => Status::Expired,
            InternalState::Cancelled => Status::Cancelled,
        },
        status_reason: None,
        requested_at: found.requested_at,
        decide_by: found.decide_by,
        url: String::new(),
        evaluation: found.evaluation,
        internal_decision: None,
        internal_decisions: found.decisions,
        access: Access {
            state: AccessState::None,
            grant_id: None,
            starts_at: None,
            expires_at: None,
            ended_at: None,
            end_reason: None,
            ended_by: None,
        },
        decision: None,
        needs_acknowledgement: false,
        acknowledgement: None,
        timeline: Vec::new(),
        timeline_left_out: None,
        version: found.version,
    }
}
