//! Members and their roles, and who is told about requests.

use lockbox_api::{
    administration::{Member, MemberUpdate, Members, Notifications, NotificationsUpdate},
    events::Activity,
    ids::PersonId,
    session::Role,
};
use lockbox_rules::{
    permission::{Action, Subject},
    validate,
};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who,
    record::{Entry, log},
};
use crate::store::{PersonRecord, ReadTx, WriteTx};

/// Everybody of the organisation. Permissions: [`Action::ReadMembers`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn list(tx: &dyn ReadTx, who: &Who) -> Result<Members> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadMembers, &Subject::None)?;
    Ok(Members { items: tx.people(me.organization_id())?.into_iter().map(member).collect() })
}

/// Changes a member's roles; holds from their next call on. Permissions: [`Action::ChangeMembers`].
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Fields`], [`Error::VersionConflict`],
/// [`Error::WrongState`] when nobody would be left to administer the organisation.
pub fn put(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &PersonId,
    version: u64,
    input: &MemberUpdate,
) -> Result<Member> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ChangeMembers, &Subject::None)?;
    let now = env.now();
    let people = tx.people(me.organization_id())?;
    let mut person = people.iter().find(|person| &person.id == id).cloned().ok_or(Error::NotFound)?;
    let known: Vec<_> = tx.environments(me.organization_id())?.into_iter().map(|found| found.id).collect();
    Error::unless_valid(validate::member_update(input, &known))?;
    if person.version != version {
        return Err(Error::VersionConflict { current: person.version });
    }
    let administers = |person: &PersonRecord| person.roles.contains(&Role::GlobalAdministrator);
    let stays = input.roles.contains(&Role::GlobalAdministrator);
    if administers(&person) && !stays && people.iter().filter(|other| administers(other)).count() == 1 {
        return Err(Error::WrongState(
            "This is the last global administrator. Give the role to somebody else first.".to_owned(),
        ));
    }
    let before = person.roles.clone();
    person.roles.clone_from(&input.roles);
    person.roles.sort();
    person.approver_environment_ids.clone_from(&input.approver_environment_ids);
    person.version += 1;
    tx.put_person(&person)?;
    let details = json!({
        "person": person.id, "name": person.name, "before": before, "after": person.roles,
        "approver_environment_ids": person.approver_environment_ids,
    });
    log(tx, env, &who.origin, me.organization_id(), now, Entry::general(Activity::RoleChange, me.actor(), details))?;
    Ok(member(person))
}

/// Who is told about requests. Permissions: [`Action::ReadNotifications`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn notifications(tx: &dyn ReadTx, who: &Who) -> Result<Notifications> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadNotifications, &Subject::None)?;
    told(tx, &me)
}

/// Replaces the notification addresses. Permissions: [`Action::ChangeNotifications`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`], [`Error::VersionConflict`].
pub fn put_notifications(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    version: u64,
    input: &NotificationsUpdate,
) -> Result<Notifications> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ChangeNotifications, &Subject::None)?;
    let now = env.now();
    Error::unless_valid(validate::notifications_update(input))?;
    let (before, current) = tx.notifications(me.organization_id())?;
    if current != version {
        return Err(Error::VersionConflict { current });
    }
    let addresses: Vec<String> = input.addresses.iter().map(|address| address.trim().to_owned()).collect();
    if before != addresses {
        tx.set_notifications(me.organization_id(), &addresses)?;
        let details = json!({"before": before, "after": addresses});
        let entry = Entry::general(Activity::NotificationUpdate, me.actor(), details);
        log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    }
    told(tx.reader(), &me)
}

fn told(tx: &dyn ReadTx, me: &Me) -> Result<Notifications> {
    let (addresses, version) = tx.notifications(me.organization_id())?;
    let approvers = tx
        .people(me.organization_id())?
        .into_iter()
        .filter(|person| {
            person.roles.contains(&Role::GlobalAdministrator) || person.roles.contains(&Role::LockboxApprover)
        })
        .map(member)
        .collect();
    Ok(Notifications { addresses, approvers, version })
}

fn member(person: PersonRecord) -> Member {
    Member {
        id: person.id,
        name: person.name,
        email: person.email,
        roles: person.roles,
        approver_environment_ids: person.approver_environment_ids,
        last_sign_in_at: person.last_sign_in_at,
        version: person.version,
    }
}
