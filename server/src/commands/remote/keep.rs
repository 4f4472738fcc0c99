//! `lockbox organization|environment|service-request put` and `lockbox catalog`.

use lockbox_api::provider::{EnvironmentPut, OrganizationPut, ServiceRequestMessagePut, ServiceRequestPut, Stored};

use super::{Done, Failed, Outcome, connect, done, failed, from_file, words};
use crate::config::{EnvironmentCommand, OrganizationCommand, Remote, ServiceRequestCommand};

fn stored(remote: &Remote, what: &str, id: &str, stored: &Stored) -> Done {
    let how = if stored.created { "added" } else { "up to date" };
    done(remote, 0, stored, || words::plain(&format!("{what} {id}: {how}")) + "\n")
}

/// Runs `lockbox organization`.
///
/// # Errors
/// [`Failed`], as one line.
pub async fn organization(command: &OrganizationCommand) -> Outcome {
    let OrganizationCommand::Put { id, name, remote } = command;
    let input = OrganizationPut { name: name.clone() };
    let answer = connect(remote)?.put_organization(&id.as_str().into(), &input).await.map_err(failed(remote))?;
    Ok(stored(remote, "organisation", id, &answer))
}

/// Runs `lockbox environment`.
///
/// # Errors
/// [`Failed`], as one line.
pub async fn environment(command: &EnvironmentCommand) -> Outcome {
    let EnvironmentCommand::Put {
        id,
        organization,
        name,
        service,
        region,
        database,
        copied_from,
        restored_from,
        deleted,
        remote,
    } = command
    else {
        return delete_environment(command).await;
    };
    let input = EnvironmentPut {
        name: name.clone(),
        service: service.clone(),
        region: region.clone(),
        has_database: *database,
        copied_from: copied_from.as_deref().map(Into::into),
        restored_from: restored_from.as_deref().map(Into::into),
        deleted: *deleted,
    };
    let client = connect(remote)?;
    let answer = client.put_environment(&organization.as_str().into(), &id.as_str().into(), &input).await;
    Ok(stored(remote, "environment", id, &answer.map_err(failed(remote))?))
}

async fn delete_environment(command: &EnvironmentCommand) -> Outcome {
    let (EnvironmentCommand::Put { id, organization, remote, .. }
    | EnvironmentCommand::Delete { id, organization, remote }) = command;
    let client = connect(remote)?;
    let answer = client.delete_environment(&organization.as_str().into(), &id.as_str().into()).await;
    let answer = answer.map_err(failed(remote))?;
    Ok(done(remote, 0, &answer, || words::plain(&format!("environment {id}: deleted")) + "\n"))
}

/// Runs `lockbox service-request`.
///
/// # Errors
/// [`Failed`], as one line.
pub async fn service_request(command: &ServiceRequestCommand) -> Outcome {
    let ServiceRequestCommand::Put {
        id,
        organization,
        title,
        description,
        severity,
        environment,
        closed,
        messages,
        remote,
    } = command;
    let messages: Vec<ServiceRequestMessagePut> = messages.as_deref().map(from_file).transpose()?.unwrap_or_default();
    let input = ServiceRequestPut {
        title: title.clone(),
        description: description.clone(),
        severity: *severity,
        environment_id: environment.as_deref().map(Into::into),
        closed: *closed,
        messages,
    };
    let client = connect(remote)?;
    let answer = client.put_service_request(&organization.as_str().into(), &id.as_str().into(), &input).await;
    Ok(stored(remote, "support request", id, &answer.map_err(failed(remote))?))
}

/// Runs `lockbox catalog`.
///
/// # Errors
/// [`Failed`], as one line; also for a service that the catalog does not have.
pub async fn catalog(service: Option<&str>, remote: &Remote) -> Outcome {
    let catalog = connect(remote)?.catalog().await.map_err(failed(remote))?;
    let Some(id) = service else { return Ok(done(remote, 0, &catalog, || words::catalog(&catalog))) };
    let Some(found) = catalog.services.iter().find(|one| one.id == id) else {
        let ids: Vec<&str> = catalog.services.iter().map(|one| one.id.as_str()).collect();
        return Err(Failed::wrong(id, format_args!("the catalog has no such service. It has {}", ids.join(", "))));
    };
    Ok(done(remote, 0, found, || words::service(found)))
}
