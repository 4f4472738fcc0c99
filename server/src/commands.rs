//! What the operator does at the machine, besides running the server.

mod client;
mod jit;
mod keys;
mod provision;
mod remote;
mod webhook;

use std::io::BufRead;

use lockbox_api::ids::OrganizationId;

use crate::{
    app::{
        Env, Error, Origin,
        setup::{self, Inside, NewAccount},
    },
    config::{AccountCommand, Config, Settings},
    password::Passwords,
    secret::Secret,
    start::{self, StartError},
    store::Store,
};

pub use client::client;
pub use jit::jit;
pub use keys::keys;
pub use provision::provision;
pub use remote::{Done, Failed, catalog, environment, grant, organization, request, service_request};
pub use webhook::webhook;

/// Shortest password of a real account, characters.
const PASSWORD_MIN: usize = 12;

/// Does something to an account; returns what to print.
///
/// # Errors
/// [`StartError`] as one line.
pub async fn account(command: &AccountCommand) -> Result<String, StartError> {
    match command {
        AccountCommand::Add { organization, email, name, role, settings } => {
            let (store, env, origin) = open(settings).await?;
            let password_hash = new_password().await?;
            let account = NewAccount {
                organization_id: OrganizationId::from(organization.as_str()),
                email: email.clone(),
                name: name.clone(),
                roles: role.clone(),
                approver_environment_ids: None,
                password_hash: Some(password_hash),
            };
            let added = store.write(move |tx| setup::add_account(tx, &env, &origin, account)).await;
            added.map_err(|error| explain(error, "--organization: there is no such organisation"))?;
            Ok(format!("The account {email} can sign in.\n"))
        }
        AccountCommand::InternalApprover { email, approves_as, team, engineer_id, no_engineer_id, settings } => {
            let (store, env, origin) = open(settings).await?;
            let address = email.clone();
            let inside = Inside {
                roles: approves_as.clone(),
                team: team.as_deref().and_then(setup::team),
                engineer_ids: (*no_engineer_id || !engineer_id.is_empty()).then(|| engineer_id.clone()),
            };
            let set = move |tx: &mut dyn crate::store::WriteTx| {
                setup::set_internal_approver(tx, &env, &origin, &address, inside)
            };
            let set = store.write(set).await;
            set.map_err(|error| explain(error, "--email: there is no such account of the provider"))?;
            let roles = if approves_as.is_empty() { "no role".to_owned() } else { approves_as.join(", ") };
            Ok(format!("{email} approves inside for: {roles}.\n"))
        }
        AccountCommand::Password { email, settings } => {
            let (store, env, origin) = open(settings).await?;
            let password_hash = new_password().await?;
            let address = email.clone();
            let set = store.write(move |tx| setup::set_password(tx, &env, &origin, &address, password_hash)).await;
            set.map_err(|error| explain(error, "--email: there is no such account"))?;
            Ok(format!("The password of {email} is changed, and their sessions are ended.\n"))
        }
    }
}

async fn open(settings: &Settings) -> Result<(Store, Env, Origin), StartError> {
    let config = Config::of_process(settings)?;
    let (store, env) = start::data(&config).await?;
    let origin = Origin { correlation_id: env.random.prefixed("cli_", env.now()), client_ip: None };
    Ok((store, env, origin))
}

async fn new_password() -> Result<String, StartError> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| StartError::Folder(format!("standard input: the password can't be read: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < PASSWORD_MIN {
        let message = format!("standard input: the password must have at least {PASSWORD_MIN} characters");
        return Err(StartError::Folder(message));
    }
    Passwords::default()
        .hash(Secret::new(password))
        .await
        .map_err(|error| StartError::Folder(format!("standard input: {error}")))
}

/// One line for the person at the machine.
fn explain(error: Error, not_found: &str) -> StartError {
    match error {
        Error::NotFound => StartError::Folder(not_found.to_owned()),
        Error::Fields(errors) => {
            let all: Vec<_> = errors.into_iter().map(|error| format!("{}: {}", error.pointer, error.message)).collect();
            StartError::Folder(all.join("; "))
        }
        Error::WrongState(message) => StartError::Folder(message),
        other => StartError::Folder(other.to_string()),
    }
}
