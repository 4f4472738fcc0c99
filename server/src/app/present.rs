//! Records as answers: what a request is at this instant.

use lockbox_api::{
    Time,
    access_requests::AccessRequestSummary,
    requests::{
        Access, AccessState, LockboxRequest, LockboxRequestSummary, Status, StatusReason, TimelineAction,
        TimelineEntry, TimelineLeftOut,
    },
};
use lockbox_rules::{lifecycle::State, lockbox_check, timeline};

use super::{
    Env, Result,
    state::{self, LAPSED},
};
use crate::store::{ReadTx, RequestRecord, Story, StoryLimit};

fn access(request: &RequestRecord, state: State) -> Access {
    let Some(grant) = &request.grant else {
        return Access {
            state: AccessState::None,
            grant_id: None,
            starts_at: None,
            expires_at: None,
            ended_at: None,
            end_reason: None,
            ended_by: None,
        };
    };
    // A lapse that the sweep has not written yet is a lapse all the same.
    let lapsed = state.access == AccessState::Lapsed && grant.ended_at.is_none();
    Access {
        state: state.access,
        grant_id: Some(grant.id.clone()),
        starts_at: Some(grant.starts_at),
        expires_at: Some(grant.expires_at),
        ended_at: if lapsed { Some(grant.expires_at) } else { grant.ended_at },
        end_reason: if lapsed { Some(LAPSED.to_owned()) } else { grant.end_reason.clone() },
        ended_by: grant.ended_by.clone(),
    }
}

/// Minutes granted where something was granted, else minutes asked for.
fn minutes(request: &RequestRecord) -> u32 {
    request.decision.as_ref().and_then(|decision| decision.access_minutes).unwrap_or(request.access_minutes)
}

/// Until when it can be decided; meaningless once nobody is asked.
fn decide_by(request: &RequestRecord) -> Option<Time> {
    request.decide_by.filter(|_| !matches!(request.status, Status::Rejected | Status::NotRequired))
}

/// What led to the status that it has now: an expiry inside that the sweep has not written yet is one all the same.
pub(super) fn status_reason(request: &RequestRecord, state: State) -> Option<StatusReason> {
    let inside = state.status == Status::Expired && request.status == Status::AwaitingInternalApproval;
    if inside { Some(StatusReason::InternalApprovalExpired) } else { request.status_reason }
}

/// Whether it is an access on the ground of an exclusion that nobody of the customer has acknowledged.
pub(super) fn needs_acknowledgement(request: &RequestRecord) -> bool {
    let excluded = request.exclusion.as_ref().map(|exclusion| lockbox_check::exclusion_reason(exclusion.kind));
    request.status == Status::NotRequired
        && excluded.is_some()
        && request.status_reason == excluded
        && request.acknowledgement.is_none()
}

/// As lists show it.
pub(super) fn summary(request: &RequestRecord, now: Time) -> LockboxRequestSummary {
    let state = state::at(request, now);
    LockboxRequestSummary {
        id: request.id.clone(),
        service_request_id: request.service_request_id.clone(),
        environment_id: request.environment_id.clone(),
        environment_name: request.environment_name.clone(),
        engineer_name: request.engineer.name.clone(),
        operations: request.operation_words.iter().map(|words| words.friendly_name.clone()).collect(),
        justification: request.justification.clone(),
        status: state.status,
        status_reason: status_reason(request, state),
        requested_at: request.requested_at,
        decide_by: decide_by(request),
        access_minutes: minutes(request),
        access: access(request, state),
        decision: request.decision.clone(),
        exclusion_reason: request.exclusion.as_ref().map(|exclusion| exclusion.reason.clone()),
        needs_acknowledgement: needs_acknowledgement(request),
        acknowledgement: request.acknowledgement.clone(),
        version: request.version,
    }
}

/// As the provider's list shows it.
pub(super) fn for_provider(request: &RequestRecord, now: Time) -> AccessRequestSummary {
    let state = state::at(request, now);
    AccessRequestSummary {
        id: request.id.clone(),
        organization_id: request.organization_id.clone(),
        environment_id: request.environment_id.clone(),
        service_request_id: request.service_request_id.clone(),
        engineer_id: request.engineer.id.clone(),
        engineer_name: request.engineer.name.clone(),
        operations: request.operations.clone(),
        status: state.status,
        status_reason: status_reason(request, state),
        requested_at: request.requested_at,
        decide_by: decide_by(request),
        access_minutes: minutes(request),
        access: access(request, state),
        version: request.version,
    }
}

/// Every step: people look once, and what else happens to a request happens a few times.
const STEPS: StoryLimit = StoryLimit { events: u32::MAX, bytes: usize::MAX };
/// Of the actions, of which there may be any number: the newest.
const ACTIONS: StoryLimit = StoryLimit { events: 100, bytes: 128 * 1024 };
/// Of the refused ones: so many at least, however many others came after them.
const REFUSED_ACTIONS: StoryLimit = StoryLimit { events: 50, bytes: 128 * 1024 };

/// The request whole, with its timeline from the log, bounded: this is read by every page that shows it, at every change,
/// and within the transaction that ends an access.
pub(super) fn whole(tx: &dyn ReadTx, env: &Env, request: &RequestRecord, now: Time) -> Result<LockboxRequest> {
    let part = |part, limit| tx.request_story(&request.organization_id, &request.id, part, limit);
    let mut events = part(Story::Actions, ACTIONS)?;
    let oldest = events.last().map_or(u64::MAX, |event| event.sequence);
    events.extend(part(Story::RefusedActions, REFUSED_ACTIONS)?.into_iter().filter(|one| one.sequence < oldest));
    events.extend(part(Story::Steps, STEPS)?);
    let mut timeline = timeline::timeline(&events);
    let left_out = request.grant.as_ref().map(|grant| {
        let shown = |counted: fn(&TimelineAction) -> bool| {
            timeline.iter().filter_map(|entry| entry.action.as_ref()).filter(|action| counted(action)).count() as u64
        };
        TimelineLeftOut {
            actions: grant.actions.saturating_sub(shown(|_| true)),
            refused_actions: grant.refused_actions.saturating_sub(shown(|action| action.refused)),
            done_outside: grant.done_outside.saturating_sub(shown(|action| action.done_outside)),
            faulty_reports: grant.faulty_reports.saturating_sub(shown(|action| action.faulty)),
        }
    });
    if let Some(at) = request.grant.as_ref().and_then(|grant| grant.first_action_at) {
        timeline::note_first_use(&mut timeline, &request.engineer.name, at);
    }
    Ok(with_timeline(env, request, now, timeline, left_out.filter(|left_out| left_out.actions > 0)))
}

/// The request whole, for a mail: what matters there is the request, not its steps.
pub(super) fn without_timeline(env: &Env, request: &RequestRecord, now: Time) -> LockboxRequest {
    with_timeline(env, request, now, Vec::new(), None)
}

fn with_timeline(
    env: &Env,
    request: &RequestRecord,
    now: Time,
    timeline: Vec<TimelineEntry>,
    timeline_left_out: Option<TimelineLeftOut>,
) -> LockboxRequest {
    let state = state::at(request, now);
    LockboxRequest {
        id: request.id.clone(),
        organization_id: request.organization_id.clone(),
        environment_id: request.environment_id.clone(),
        environment_name: request.environment_name.clone(),
        service_name: request.service_name.clone(),
        service_request_id: request.service_request_id.clone(),
        service_request_title: request.service_request_title.clone(),
        engineer: request.engineer.clone(),
        operations: request.operations.clone(),
        operation_words: request.operation_words.clone(),
        data_stores: request.data_stores.clone(),
        data_store_words: request.data_store_words.clone(),
        targets: request.targets.clone(),
        permission_level: request.permission_level,
        direct_data_access: request.direct_data_access,
        reason_code: request.reason_code,
        justification: request.justification.clone(),
        access_minutes: request.access_minutes,
        asked_minutes: request.asked_minutes,
        exclusion: request.exclusion.clone(),
        status: state.status,
        status_reason: status_reason(request, state),
        requested_at: request.requested_at,
        decide_by: decide_by(request),
        url: url(env, request),
        evaluation: request.evaluation.clone().outside(),
        internal_decision: request.internal_decisions.last().map(|one| one.decision.clone()),
        internal_decisions: request.internal_decisions.iter().map(|one| one.decision.clone()).collect(),
        access: access(request, state),
        decision: request.decision.clone(),
        needs_acknowledgement: needs_acknowledgement(request),
        acknowledgement: request.acknowledgement.clone(),
        timeline,
        timeline_left_out,
        version: request.version,
    }
}

/// The request's page in the portal. The link grants nothing by itself.
pub(super) fn url(env: &Env, request: &RequestRecord) -> String {
    format!("{}/requests/{}", env.public_url, request.id)
}

/// Its page for internal approvers of the provider. The link grants nothing by itself.
pub(super) fn internal_url(env: &Env, request: &RequestRecord) -> String {
    format!("{}/internal-approvals/{}", env.public_url, request.id)
}
