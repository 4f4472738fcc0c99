//! What the decision was, and the access that came of it.

use super::acknowledge::on_an_exclusion;
use crate::{
    components::{CountdownTo, EndAccess, When},
    state::Remote,
    ui::{Badge, Card, Fact, Facts, Icon, Tone, dynamic, memo, time},
};
use leptos::prelude::*;
use lockbox_api::requests::{AccessState, DecisionOutcome, LockboxRequest, Status};
use lockbox_rules::{
    lifecycle::{Refusal, State},
    window::minutes_in_words,
};

/// Access is open: until when, and the way to end it.
pub fn open(request: Signal<LockboxRequest>, remote: Remote<LockboxRequest>) -> AnyView {
    let now = request.get_untracked();
    let ends = memo(move || request.with(|request| request.access.expires_at));
    let clock =
        move || ends.get().map(|until| view! { <CountdownTo until=until over="Lapsed" figure=true announce=true /> });
    view! {
        <Card title="Access is open" class="c-card--danger" tools=|| Icon::LockOpen.view()>
            <div>
                {clock}
                <p class="u-small u-soft">
                    "Until " {dynamic(move || ends.get().map(|until| time::absolute(until, false)))} ", if nobody ends it before."
                </p>
            </div>
            <div class="c-decision__bar">
                <EndAccess
                    id=now.id
                    engineer=now.engineer.name
                    environment=now.environment_name
                    environment_id=now.environment_id
                    engineer_id=now.engineer.id
                    wide=true
                    on_ended=Callback::new(move |()| remote.reload())
                />
            </div>
        </Card>
    }
    .into_any()
}

/// How it came out: the decision with its justification, why nobody was asked, how the access ended.
pub fn outcome(request: Signal<LockboxRequest>) -> AnyView {
    dynamic(move || {
        let request = request.get();
        let refusal = State::new(request.status, request.access.state).why_no_decision()?;
        let facts = match refusal {
            // Not yet at the customer: the reason is all there is.
            Refusal::NotPossible { .. } => view! { <Fact name="Decision">{refusal.message()}</Fact> }.into_any(),
            _ => view! { {decided(&request)} {reason(&request)} {ended(&request)} }.into_any(),
        };
        Some(view! { <Card title="Outcome"><Facts stacked=true>{facts}</Facts></Card> }.into_any())
    })
}

fn decided(request: &LockboxRequest) -> Option<AnyView> {
    let decision = request.decision.clone()?;
    let (tone, icon, word) = match decision.outcome {
        DecisionOutcome::Approved => (Tone::Good, Icon::CheckCircle, "Approved"),
        DecisionOutcome::Denied => (Tone::Bad, Icon::CrossCircle, "Denied"),
    };
    let granted = decision.access_minutes.map(|minutes| {
        let asked = request.asked_minutes.unwrap_or(request.access_minutes);
        let note = if minutes < asked { format!(", of {} asked for", minutes_in_words(asked)) } else { String::new() };
        view! { <Fact name="Access period granted">{minutes_in_words(minutes)} {note}</Fact> }
    });
    Some(
        view! {
            <Fact name="Decision"><Badge tone=tone icon=icon text=word /> " by " {decision.by} ", " <When at=decision.at /></Fact>
            <Fact name="Justification of the decision"><span class="u-words">{decision.justification}</span></Fact>
            {granted}
        }
        .into_any(),
    )
}

fn reason(request: &LockboxRequest) -> Option<AnyView> {
    if request.status == Status::Expired && request.status_reason.is_none() {
        let at = request.decide_by?;
        return Some(
            view! { <Fact name="Expired">"Nobody decided in time, " <When at=at /> ". Nothing was granted."</Fact> }
                .into_any(),
        );
    }
    // An exclusion has a card of its own, with what belongs to it.
    let reason = request.status_reason.filter(|_| !on_an_exclusion(request))?;
    let written =
        request.exclusion.clone().map(|exclusion| view! { <p class="u-words u-soft">"“" {exclusion.reason} "”"</p> });
    let name = if request.status == Status::NotRequired { "Why nobody was asked" } else { "Why" };
    Some(view! { <Fact name=name>{reason.label()} {written}</Fact> }.into_any())
}

fn ended(request: &LockboxRequest) -> Option<AnyView> {
    let access = request.access.clone();
    if matches!(access.state, AccessState::None | AccessState::Active) {
        let starts = access.starts_at?;
        return Some(view! { <Fact name="Access opened"><When at=starts /></Fact> }.into_any());
    }
    let at = access.ended_at.or(access.expires_at)?;
    let by = access.ended_by.map(|by| format!(" by {by}"));
    let why = access.end_reason.map(|why| view! { <p class="u-words u-soft">{why}</p> });
    Some(
        view! {
            <Fact name="Access ended"><Badge icon=Icon::LockClosed text=access.state.label() /> {by} ", " <When at=at /> {why}</Fact>
        }
        .into_any(),
    )
}
