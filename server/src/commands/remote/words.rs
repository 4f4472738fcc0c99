//! Answers in words, for a terminal.

use lockbox_api::{
    Time,
    access_requests::AccessRequestSummary,
    catalog::{Catalog, Service},
    problem::Problem,
    provider::{GrantActions, GrantCheck},
    requests::{Access, AccessState, LockboxRequest, Status},
};
use lockbox_rules::{catalog, jit, window, words};

/// Text that somebody wrote, on a terminal: nothing in it can move the cursor or change colours.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What Lockbox refused, in one line.
pub(super) fn problem(problem: &Problem) -> String {
    // The detail may name the fields itself.
    let fields = problem.errors.iter().filter(|one| !problem.detail.contains(&one.message));
    let fields: String = fields.map(|one| format!(" {}: {}", one.pointer, one.message)).collect();
    format!("lockbox: {}. {}{fields} ({}, {})", problem.title, problem.detail, problem.status, problem.instance)
}

/// Lines with a name in front of each, below each other.
fn lines(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let told = rows.iter().filter(|(_, text)| !text.is_empty());
    told.map(|(name, text)| format!("  {name:width$}  {}\n", plain(text))).collect()
}

/// Where a request stands, as the provider's people call it.
pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::CustomerNotified => "Waits for the customer",
        Status::AwaitingInternalApproval => "Waits for internal approval",
        Status::Rejected => "Rejected",
        other => other.label(),
    }
}

/// `2026-11-22 08:00:00Z`.
pub(super) fn time(at: Time) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn access(access: &Access) -> String {
    let until = |at: Option<Time>| at.map(|at| format!(" until {}", time(at))).unwrap_or_default();
    match access.state {
        AccessState::None => String::new(),
        AccessState::Active => format!("open{}", until(access.expires_at)),
        ended => {
            let at = access.ended_at.map(|at| format!(" at {}", time(at))).unwrap_or_default();
            let why = access.end_reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
            format!("{ended}{at}{why}")
        }
    }
}

/// A request in a few lines.
pub(super) fn request(request: &LockboxRequest) -> String {
    let team = request.engineer.team.as_deref().map(|team| format!(", {team}")).unwrap_or_default();
    let operations: Vec<String> =
        request.operation_words.iter().map(|one| format!("{} ({})", one.friendly_name, one.name)).collect();
    let stores: Vec<String> = request.data_store_words.iter().map(catalog::store_in_words).collect();
    let waits = matches!(request.status, Status::CustomerNotified | Status::AwaitingInternalApproval);
    let roles: Vec<String> = request.evaluation.approval_roles().into_iter().map(words::plain).collect();
    let rules: Vec<String> =
        request.evaluation.rules.iter().map(|rule| format!("{}: {}", rule.id, rule.description)).collect();
    let decision = request.decision.as_ref().map(|decision| {
        format!("{} by {} at {}: {}", decision.outcome, decision.by, time(decision.at), decision.justification)
    });
    let internal: Vec<String> = request
        .internal_decisions
        .iter()
        .map(|one| {
            let how = if one.approved { "approved" } else { "rejected" };
            format!("{how} by {} ({}) at {}: {}", one.by, one.role, time(one.at), one.justification)
        })
        .collect();
    let title = request.service_request_title.as_deref().map(|title| format!(", {title}")).unwrap_or_default();
    let rows = [
        ("Engineer", format!("{} ({}){team}", request.engineer.name, request.engineer.id)),
        ("Operations", operations.join("; ")),
        (
            "Environment",
            format!(
                "{} ({}) of {}, {}",
                request.environment_name, request.environment_id, request.organization_id, request.service_name
            ),
        ),
        ("Targets", request.targets.join(", ")),
        ("Data stores", stores.join("; ")),
        ("For", format!("support request {}{title}", request.service_request_id)),
        ("Why", request.justification.clone()),
        ("Access for", jit::period_in_words(request.access_minutes, request.asked_minutes, &request.evaluation)),
        ("Requested", time(request.requested_at)),
        ("Decide by", request.decide_by.filter(|_| waits).map(time).unwrap_or_default()),
        (
            "Approval of",
            if request.status == Status::AwaitingInternalApproval { words::list(&roles) } else { String::new() },
        ),
        ("Reason", request.status_reason.map(|reason| reason.label().to_owned()).unwrap_or_default()),
        ("JIT rules", rules.join("; ")),
        ("Internal", internal.join("; ")),
        ("Decision", decision.unwrap_or_default()),
        ("Access", access(&request.access)),
        ("Grant", request.access.grant_id.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("Page", request.url.clone()),
    ];
    format!("{}  {}\n{}", request.id, status(request.status), lines(&rows))
}

/// What happened, oldest first.
pub(super) fn timeline(request: &LockboxRequest) -> String {
    let steps = request.timeline.iter();
    let left_out = request.timeline_left_out.as_ref().map_or(String::new(), |left_out| {
        let of_them = if left_out.refused_actions > 0 {
            format!(", {} of them refused", left_out.refused_actions)
        } else {
            String::new()
        };
        format!("  {}{of_them}: only in the log\n", words::count(left_out.actions, "more action"))
    });
    steps.fold(format!("Timeline\n{left_out}"), |text, step| {
        // Most sentences name who did it.
        let who = if step.text.contains(&step.actor) { String::new() } else { format!("{}: ", step.actor) };
        format!("{text}  {}  {}\n", time(step.at), plain(&format!("{who}{}", step.text)))
    })
}

/// Columns as wide as their widest entry; the last one as it is.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A list of requests.
pub(super) fn list(items: &[AccessRequestSummary]) -> String {
    if items.is_empty() {
        return "No requests.\n".to_owned();
    }
    let mut rows = vec![
        ["Request", "Status", "Access", "Requested", "Environment", "Engineer", "For"].map(str::to_owned).to_vec(),
    ];
    for item in items {
        let access = if item.access.state == AccessState::None { "" } else { item.access.state.as_str() };
        rows.push(vec![
            item.id.to_string(),
            status(item.status).to_owned(),
            access.to_owned(),
            time(item.requested_at),
            plain(item.environment_id.as_str()),
            plain(&item.engineer_id),
            plain(item.service_request_id.as_str()),
        ]);
    }
    table(&rows)
}

/// Yes until when, or no and why.
pub(super) fn check(check: &GrantCheck) -> String {
    match (check.allowed, check.until, check.reason) {
        (true, Some(until), _) => format!("allowed until {}\n", time(until)),
        (true, None, _) => "allowed\n".to_owned(),
        (false, _, Some(reason)) => format!("not allowed, {reason}: {}\n", reason.label()),
        (false, _, None) => "not allowed\n".to_owned(),
    }
}

/// What became of a report.
pub(super) fn actions(answer: &GrantActions) -> String {
    use lockbox_api::provider::ActionResultKind::{Duplicate, Invalid, Recorded, Refused};
    let count = |kind| answer.results.iter().filter(|one| one.result == kind).count();
    let mut text = format!(
        "{} recorded, {} refused, {} duplicate, {} invalid\n",
        count(Recorded),
        count(Refused),
        count(Duplicate),
        count(Invalid)
    );
    for one in answer.results.iter().filter(|one| matches!(one.result, Refused | Invalid)) {
        let why = one.detail.as_deref().unwrap_or_default();
        text.push_str(&plain(&format!("  {} {}: {why}", one.id, one.result)));
        text.push('\n');
    }
    text
}

/// All services.
pub(super) fn catalog(catalog: &Catalog) -> String {
    let mut rows = vec![["Service", "Name", "To decide", "Access at most", "Operations"].map(str::to_owned).to_vec()];
    for service in &catalog.services {
        rows.push(vec![
            plain(&service.id),
            plain(&service.name),
            window::minutes_in_words(service.queue_hours.saturating_mul(60)),
            window::minutes_in_words(service.max_access_minutes),
            service.operations.len().to_string(),
        ]);
    }
    format!("{}Catalog {} of {}\n", table(&rows), plain(&catalog.version), plain(&catalog.provider))
}

/// One service, with what an engineer can ask for.
pub(super) fn service(service: &Service) -> String {
    let stores: Vec<String> = service
        .data_stores
        .iter()
        .map(|store| format!("{} ({}{})", store.id, store.name, if store.protectable { "" } else { ", not protected" }))
        .collect();
    let head = lines(&[
        ("To decide", window::minutes_in_words(service.queue_hours.saturating_mul(60))),
        (
            "Access",
            format!(
                "{} unless asked otherwise, at most {}",
                window::minutes_in_words(service.default_access_minutes),
                window::minutes_in_words(service.max_access_minutes)
            ),
        ),
        ("Data stores", stores.join("; ")),
    ]);
    let mut text = plain(&format!("{}  {}", service.id, service.name)) + "\n" + &head + "Operations\n";
    for operation in &service.operations {
        text.push_str(&plain(&format!("  {}  {}", operation.name, operation.friendly_name)));
        text.push_str(&format!("\n{}", lines(&[("  Reaches", operation.reaches.clone())])));
        let not = operation.does_not_reach.clone().unwrap_or_default();
        let least = operation.permission_level.map_or_else(String::new, |least| format!("{least} at least"));
        let stores = operation.data_stores.as_ref().map_or_else(String::new, |ids| ids.join(", "));
        let data = if operation.reaches_data { stores } else { "none: it reaches no customer data".to_owned() };
        text.push_str(&lines(&[("  Can't reach", not), ("  Data stores", data), ("  Takes", least)]));
    }
    text
}
