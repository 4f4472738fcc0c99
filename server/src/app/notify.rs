//! Who is told what. Mails are queued in the transaction of what they tell about; a worker sends them.

use std::collections::BTreeSet;

use lockbox_api::{Time, ids::OrganizationId, requests::LockboxRequest, session::Role};

use super::{Env, Error, Result, actor::is_named, present};
use crate::{
    notify::{self, Outcome},
    store::{MailRecord, PersonRecord, ReadTx, RequestRecord, WriteTx},
};

/// Everybody who is told about a request: the approvers of its environment, the administrators, the notification addresses.
pub(super) fn recipients(tx: &dyn ReadTx, request: &RequestRecord) -> Result<Vec<String>> {
    let approvers = tx.people(&request.organization_id)?.into_iter().filter(|person| decides_for(person, request));
    let (addresses, _) = tx.notifications(&request.organization_id)?;
    Ok(distinct(approvers.map(|person| person.email).chain(addresses)))
}

/// The administrators, for what they are told afterwards.
fn administrators(tx: &dyn ReadTx, request: &RequestRecord) -> Result<Vec<String>> {
    let people = tx.people(&request.organization_id)?.into_iter();
    Ok(distinct(people.filter(|person| person.roles.contains(&Role::GlobalAdministrator)).map(|person| person.email)))
}

fn decides_for(person: &PersonRecord, request: &RequestRecord) -> bool {
    person.roles.contains(&Role::GlobalAdministrator)
        || person.roles.contains(&Role::LockboxApprover)
            && person.approver_environment_ids.as_ref().is_none_or(|ids| ids.contains(&request.environment_id))
}

/// One mail per mailbox, whatever its spelling.
fn distinct(addresses: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    addresses.filter(|address| seen.insert(address.to_lowercase())).collect()
}

/// Asks everybody who may decide. Returns how many were asked.
pub(super) fn asked(tx: &mut dyn WriteTx, env: &Env, request: &RequestRecord, now: Time) -> Result<usize> {
    let recipients = recipients(tx.reader(), request)?;
    queue(tx, env, request, &recipients, None, now)?;
    Ok(recipients.len())
}

/// Tells everybody who was asked what came of it.
pub(super) fn outcome(tx: &mut dyn WriteTx, env: &Env, request: &RequestRecord, now: Time) -> Result<()> {
    let recipients = recipients(tx.reader(), request)?;
    queue(tx, env, request, &recipients, Some(Outcome::Changed), now)
}

/// Tells the administrators that access was opened without asking, where that was by an exclusion or by their own policy.
pub(super) fn not_asked(tx: &mut dyn WriteTx, env: &Env, request: &RequestRecord, now: Time) -> Result<()> {
    let recipients = administrators(tx.reader(), request)?;
    queue(tx, env, request, &recipients, Some(Outcome::AccessWithoutRequest), now)
}

/// Tells everybody who may decide that something outside the grant was tried or done.
pub(super) fn refused_actions(
    tx: &mut dyn WriteTx,
    env: &Env,
    request: &RequestRecord,
    news: Outcome,
    now: Time,
) -> Result<()> {
    let recipients = recipients(tx.reader(), request)?;
    queue(tx, env, request, &recipients, Some(news), now)
}

/// Tells the administrators of a demand that was kept from them: of the access, where it came to one.
pub(super) fn disclosed(tx: &mut dyn WriteTx, env: &Env, request: &RequestRecord, now: Time) -> Result<()> {
    let recipients = administrators(tx.reader(), request)?;
    let news = if request.grant.is_some() { Outcome::AccessWithoutRequest } else { Outcome::DisclosedWithoutAccess };
    queue(tx, env, request, &recipients, Some(news), now)
}

/// Asks the internal approvers of these roles, except the engineer. Returns how many were asked. Also of a request that the
/// customer must not be told of yet: these are mails of the provider's own.
pub(super) fn inside(
    tx: &mut dyn WriteTx,
    env: &Env,
    request: &RequestRecord,
    roles: &[&str],
    now: Time,
) -> Result<usize> {
    let Some(provider) = tx.provider()? else { return Ok(0) };
    let mut told = Vec::new();
    for person in tx.people(&provider.id)? {
        let profile = tx.internal_approver(&person.id)?.filter(|_| person.roles.contains(&Role::InternalApprover));
        let asked = profile.is_some_and(|profile| profile.roles.iter().any(|role| roles.contains(&role.as_str())));
        if asked && !is_named(&person, &request.engineer.id) {
            told.push(person.email);
        }
    }
    if env.mail {
        let customer = tx.organization(&request.organization_id)?.ok_or(Error::NotFound)?;
        let wire = LockboxRequest {
            evaluation: request.evaluation.clone().inside(),
            ..present::without_timeline(env, request, now)
        };
        let link = present::internal_url(env, request);
        let name = &env.book.catalog().provider;
        let content = notify::render_internal_mail(&wire, &customer.name, name, &link, now);
        for recipient in &told {
            add(tx, env, &provider.id, request, recipient, &content, &link, now)?;
        }
    }
    Ok(told.len())
}

#[expect(clippy::too_many_arguments, reason = "the parts of one mail, from two places")]
fn add(
    tx: &mut dyn WriteTx,
    env: &Env,
    organization: &OrganizationId,
    request: &RequestRecord,
    recipient: &str,
    content: &notify::Content,
    link: &str,
    now: Time,
) -> Result<()> {
    tx.add_mail(&MailRecord {
        id: env.id(now),
        organization_id: organization.clone(),
        request_id: Some(request.id.clone()),
        recipient: recipient.to_owned(),
        subject: content.subject.clone(),
        text: content.text.clone(),
        html: content.html.clone(),
        link: Some(link.to_owned()),
        created_at: now,
        attempts: 0,
        decide_by: None,
    })?;
    Ok(())
}

fn queue(
    tx: &mut dyn WriteTx,
    env: &Env,
    request: &RequestRecord,
    recipients: &[String],
    outcome: Option<Outcome>,
    now: Time,
) -> Result<()> {
    if !env.mail || request.hidden {
        return Ok(());
    }
    let organization = tx.organization(&request.organization_id)?.ok_or(Error::NotFound)?;
    let wire = present::without_timeline(env, request, now);
    let provider = &env.book.catalog().provider;
    let content = match outcome {
        None => notify::render_request_mail(&wire, &organization.name, provider, now),
        Some(outcome) => notify::render_outcome_mail(&wire, &organization.name, provider, outcome, now),
    };
    for recipient in recipients {
        add(tx, env, &request.organization_id, request, recipient, &content, &wire.url, now)?;
    }
    Ok(())
}
