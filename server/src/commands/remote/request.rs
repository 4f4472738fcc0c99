//! `lockbox request`.

use lockbox_api::{
    access_requests::{AccessRequestPage, AccessRequestQuery},
    ids::RequestId,
    page::LIMIT_MAX,
    provider::{EndInput, InternalDecisionInput},
    requests::LockboxRequest,
};

use super::{Done, Outcome, connect, done, failed, raise::raise, wait::wait, words};
use crate::config::{End, Remote, RequestCommand};

/// Runs the command.
///
/// # Errors
/// [`super::Failed`], as one line.
pub async fn request(command: &RequestCommand) -> Outcome {
    match command {
        RequestCommand::Raise(what) => raise(what).await,
        RequestCommand::Show { id, remote } => {
            let request = connect(remote)?.request(&id.as_str().into()).await.map_err(failed(remote))?;
            Ok(done(remote, 0, &request, || words::request(&request) + &words::timeline(&request)))
        }
        RequestCommand::Wait { id, timeout, quiet, remote } => {
            wait(&connect(remote)?, &id.as_str().into(), *timeout, *quiet, remote).await
        }
        RequestCommand::Cancel(end) => {
            let (id, input) = ending(end);
            Ok(shown(&end.remote, &connect(&end.remote)?.cancel(&id, &input).await.map_err(failed(&end.remote))?))
        }
        RequestCommand::Complete(end) => {
            let (id, input) = ending(end);
            Ok(shown(&end.remote, &connect(&end.remote)?.complete(&id, &input).await.map_err(failed(&end.remote))?))
        }
        RequestCommand::Decide { id, approve, reject: _, approver, name, role, team, justification, remote } => {
            let input = InternalDecisionInput {
                approve: *approve,
                approver_id: approver.clone(),
                approver_name: name.clone(),
                role: role.clone(),
                team: team.clone(),
                justification: justification.clone(),
            };
            let decided = connect(remote)?.decide_internally(&id.as_str().into(), &input).await;
            Ok(shown(remote, &decided.map_err(failed(remote))?))
        }
        RequestCommand::List {
            organization,
            environment,
            service_request,
            engineer,
            status,
            access_state,
            limit,
            remote,
        } => {
            let query = AccessRequestQuery {
                organization_id: organization.as_deref().map(Into::into),
                environment_id: environment.as_deref().map(Into::into),
                service_request_id: service_request.as_deref().map(Into::into),
                engineer_id: engineer.clone(),
                status: *status,
                access_state: *access_state,
                limit: None,
                cursor: None,
            };
            list(query, *limit, remote).await
        }
    }
}

fn ending(end: &End) -> (RequestId, EndInput) {
    let input = EndInput { engineer_id: end.engineer.clone(), note: end.note.clone() };
    (end.id.as_str().into(), input)
}

fn shown(remote: &Remote, request: &LockboxRequest) -> Done {
    done(remote, 0, request, || words::request(request))
}

/// As many rows as were asked for, over as many pages as it takes.
async fn list(mut query: AccessRequestQuery, limit: u32, remote: &Remote) -> Outcome {
    let client = connect(remote)?;
    let mut all = AccessRequestPage { items: Vec::new(), next_cursor: None, total: None };
    let wanted = if limit == 0 { usize::MAX } else { limit as usize };
    loop {
        let left = u32::try_from(wanted - all.items.len()).unwrap_or(LIMIT_MAX);
        query.limit = Some(left.min(LIMIT_MAX));
        let page = client.requests(&query).await.map_err(failed(remote))?;
        all.items.extend(page.items);
        all.next_cursor.clone_from(&page.next_cursor);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() || all.items.len() >= wanted {
            break;
        }
    }
    Ok(done(remote, 0, &all, || {
        let more =
            if all.next_cursor.is_some() { "There are more: give a larger --limit, or 0 for all.\n" } else { "" };
        words::list(&all.items) + more
    }))
}
