//! What the operator does at the machine: accounts. There is no way to these over the network.

use lockbox_api::{
    events::{Activity, Actor, ActorKind},
    ids::{EnvironmentId, OrganizationId},
    problem::FieldError,
    provider::OrganizationPut,
    session::Role,
};
use lockbox_rules::validate;
use serde_json::json;

use super::{
    Env, Error, Origin, Result, clients,
    record::{Entry, log},
};
use crate::store::{InternalApproverRecord, PersonRecord, TokenRecord, WriteTx};

/// The provider's own organisation, which the first account of the provider's staff brings into being.
pub const PROVIDER_ORGANIZATION: &str = "org_provider";

/// An account to add.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The organisation; the provider sends it first, or it is [`PROVIDER_ORGANIZATION`].
    pub organization_id: OrganizationId,
    /// To sign in with.
    pub email: String,
    /// Display name.
    pub name: String,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// Limits an approver; absent: all environments.
    pub approver_environment_ids: Option<Vec<EnvironmentId>>,
    /// argon2id; absent: no sign-in before a password is set.
    pub password_hash: Option<String>,
}

/// Whoever may run the binary on the data folder, as events name them.
pub(super) fn operator() -> Actor {
    Actor { id: "operator".to_owned(), name: "Operator at the machine".to_owned(), kind: ActorKind::System }
}

/// Adds an account. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`] for an unknown organisation, [`Error::Fields`] for an address that is taken or roles that don't
/// belong to the organisation's side.
pub fn add_account(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, account: NewAccount) -> Result<()> {
    let now = env.now();
    if account.organization_id.as_str() == PROVIDER_ORGANIZATION {
        clients::provider(tx, env, now)?;
    }
    let organization = tx.organization(&account.organization_id)?.ok_or(Error::NotFound)?;
    let of_provider = |role: &Role| matches!(role, Role::SupportEngineer | Role::InternalApprover);
    if let Some(role) = account.roles.iter().find(|role| of_provider(role) != organization.is_provider) {
        return Err(Error::field("/roles", format!("The role {role} does not belong to this organisation's side.")));
    }
    let email = account.email.trim().to_lowercase();
    let addresses = lockbox_api::administration::NotificationsUpdate { addresses: vec![email.clone()] };
    if !validate::notifications_update(&addresses).is_empty() {
        return Err(Error::field("/email", "This is not an e-mail address."));
    }
    if tx.person_by_email(&email)?.is_some() {
        return Err(Error::field("/email", "There is an account with this address already."));
    }
    let person = PersonRecord {
        id: env.id(now),
        organization_id: account.organization_id.clone(),
        email,
        name: account.name.trim().to_owned(),
        password_hash: account.password_hash,
        roles: account.roles,
        approver_environment_ids: account.approver_environment_ids,
        engineer_ids: Vec::new(),
        last_sign_in_at: None,
        version: 1,
    };
    tx.put_person(&person)?;
    let details = json!({"person": person.id, "name": person.name, "before": [], "after": person.roles});
    log(tx, env, origin, &account.organization_id, now, Entry::general(Activity::RoleChange, operator(), details))?;
    Ok(())
}

/// What somebody approves inside the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// For which roles of the rules.
    pub roles: Vec<String>,
    /// Their team, as customers see it.
    pub team: Option<String>,
    /// The ids under which the provider's service knows them as an engineer; absent: those that were said before.
    pub engineer_ids: Option<Vec<String>>,
}

/// The team that a text names; none where it is empty.
#[must_use]
pub fn team(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|team| !team.is_empty())
}

/// Says for which roles of the rules a person of the provider approves inside. Permissions: whoever may run the binary on
/// the data folder.
///
/// # Errors
/// [`Error::NotFound`] when the provider has no such account, [`Error::Fields`] when it is none of an internal approver,
/// when no rule asks for a role, or when an engineer's id names another account.
pub fn set_internal_approver(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    email: &str,
    inside: Inside,
) -> Result<()> {
    let Inside { roles, team, engineer_ids } = inside;
    let provider = tx.provider()?.ok_or(Error::NotFound)?;
    let person = tx.person_by_email(email.trim())?.filter(|person| person.organization_id == provider.id);
    let mut person = person.ok_or(Error::NotFound)?;
    if !person.roles.contains(&Role::InternalApprover) {
        return Err(Error::field("/email", "This account does not have the role internal_approver."));
    }
    let rules = env.book.rules();
    let known = super::internal::demanded_roles(&rules);
    if let Some(role) = roles.iter().find(|role| !known.contains(role)) {
        return Err(Error::field("/approves_as", format!("No rule asks for the approval of {role:?}.")));
    }
    if let Some(name) = &team {
        // A name is a name, whoever has it.
        let faults = validate::organization_put(&OrganizationPut { name: name.clone() });
        Error::unless_valid(
            faults.into_iter().map(|fault| FieldError { pointer: "/team".to_owned(), ..fault }).collect(),
        )?;
    }
    if let Some(ids) = engineer_ids {
        for id in &ids {
            Error::unless_valid(validate::path_id("/engineer_ids", id))?;
            // One id names one person, or nobody knows whose request it is.
            if let Some(other) = super::internal::account_of(tx.reader(), id)?.filter(|other| other.id != person.id) {
                return Err(Error::field(
                    "/engineer_ids",
                    format!("{id:?} names the account {} already.", other.email),
                ));
            }
        }
        if person.engineer_ids != ids {
            person.engineer_ids = ids;
            person.version += 1;
            tx.put_person(&person)?;
        }
    }
    let before = tx.internal_approver(&person.id)?.map(|record| record.roles);
    let details = json!({
        "person": person.id, "name": person.name, "before": before, "after": roles, "approves_inside": true, "team": team,
        "engineer_ids": person.engineer_ids,
    });
    tx.put_internal_approver(&InternalApproverRecord { person_id: person.id, roles, team })?;
    let entry = Entry::general(Activity::RoleChange, operator(), details);
    log(tx, env, origin, &provider.id, env.now(), entry)?;
    Ok(())
}

/// Sets a new password, ends the person's sessions and revokes their tokens: whoever changes a password because somebody
/// else knew it means all that was made with it. Permissions: whoever may run the binary on the data folder.
///
/// # Errors
/// [`Error::NotFound`] when there is no such account.
pub fn set_password(
    tx: &mut dyn WriteTx,
    env: &Env,
    origin: &Origin,
    email: &str,
    password_hash: String,
) -> Result<()> {
    let mut person = tx.person_by_email(&email.trim().to_lowercase())?.ok_or(Error::NotFound)?;
    person.password_hash = Some(password_hash);
    person.version += 1;
    tx.put_person(&person)?;
    tx.delete_sessions_of(&person.id)?;
    let now = env.now();
    let live = tx.tokens(&person.id)?.into_iter().filter(|token| token.revoked_at.is_none() && token.expires_at > now);
    let tokens: Vec<TokenRecord> = live.map(|token| TokenRecord { revoked_at: Some(now), ..token }).collect();
    for token in &tokens {
        tx.put_token(token)?;
    }
    let details = json!({
        "person": person.id, "name": person.name, "password": "changed", "tokens_revoked": tokens.len(),
    });
    let entry = Entry::general(Activity::RoleChange, operator(), details);
    log(tx, env, origin, &person.organization_id, env.now(), entry)?;
    Ok(())
}
