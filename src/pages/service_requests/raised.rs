//! Every Lockbox request that was raised for a support request.

use crate::{
    components::{CountdownTo, When, request_badge},
    paths,
    ui::{Card, dynamic, each, time},
};
use leptos::prelude::*;
use lockbox_api::{requests::LockboxRequestSummary, service_requests::ServiceRequest};
use lockbox_rules::lifecycle::State;

/// The list.
#[component]
pub fn Raised(
    /// The support request
    found: Signal<ServiceRequest>,
) -> impl IntoView {
    let requests = move || found.with(|found| found.requests.clone());
    let none = move || found.with(|found| found.requests.is_empty());
    view! {
        <Card title="Lockbox requests" flush=true>
            {dynamic(move || {
                none()
                    .then(|| {
                        view! { <p class="u-soft c-card__body">"No engineer has asked for access for this support request."</p> }
                    })
            })}
            <ul class="c-raised" aria-label="Lockbox requests raised for it">
                {each(requests, |request| format!("{} {} {}", request.id, request.version, request.access.state), request)}
            </ul>
            {dynamic(move || found.with(rest))}
        </Card>
    }
    .into_any()
}

/// How many are not shown here, and where all of them are.
fn rest(found: &ServiceRequest) -> Option<AnyView> {
    let (shown, total) = (found.requests.len(), usize::try_from(found.summary.lockbox_requests).ok()?);
    let all = paths::requests_of_ticket(&found.summary.id);
    (shown < total).then(|| {
        view! {
            <p class="c-card__foot">{time::number(shown)} " of " {time::number(total)} " shown. " <a href=all>"Show all"</a></p>
        }
        .into_any()
    })
}

fn request(request: LockboxRequestSummary) -> AnyView {
    let name = format!("{} in {}", request.operations.join(", "), request.environment_name);
    let left = request.decide_by.filter(|_| State::new(request.status, request.access.state).can_be_decided());
    view! {
        <li class="c-raised__row">
            <p class="l-row l-row--spread">
                {request_badge(request.status, &request.access)}
                {match left {
                    Some(until) => view! { <span class="u-small"><CountdownTo until=until over="Expired" />" left"</span> }.into_any(),
                    None => view! { <span class="u-small u-soft"><When at=request.requested_at end=true /></span> }.into_any(),
                }}
            </p>
            <a class="c-table__link u-strong" href=paths::request(&request.id)>{name}</a>
            <p class="u-small u-soft">{request.engineer_name}", "<span class="u-mono">{request.id.0}</span></p>
        </li>
    }
    .into_any()
}
