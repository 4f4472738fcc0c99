//! The Lockbox setting: read, preview, change, look back.

use lockbox_api::{
    events::Activity,
    lockbox::{EnvironmentRef, Lockbox, LockboxPreview, LockboxUpdate, LockboxVersion, PendingEffect, Scope},
    requests::RequestView,
};
use lockbox_rules::{
    permission::{Action, Subject},
    policy::{self, Setting},
    validate,
};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who,
    record::{Entry, log},
    requests::sort_time,
};
use crate::store::{ReadTx, RequestFilter, RequestKey, WriteTx};

/// Pending requests that a preview names. It counts all of them.
const PREVIEW_PENDING_MAX: usize = 200;
/// Pending requests that are read at once.
const PREVIEW_PART: u32 = 500;

/// The setting in force. Permissions: [`Action::ReadLockbox`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn get(tx: &dyn ReadTx, who: &Who) -> Result<Lockbox> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLockbox, &Subject::None)?;
    tx.lockbox(me.organization_id())?.ok_or(Error::NotFound)
}

/// Every version, newest first. Permissions: [`Action::ReadLockbox`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn versions(tx: &dyn ReadTx, who: &Who) -> Result<Vec<LockboxVersion>> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLockbox, &Subject::None)?;
    Ok(tx.lockbox_versions(me.organization_id())?)
}

/// What a proposed setting would change; changes nothing. Permissions: [`Action::ReadLockbox`], so that a proposal can
/// be looked at before somebody who may save it is asked.
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`].
pub fn preview(tx: &dyn ReadTx, env: &Env, who: &Who, input: &LockboxUpdate) -> Result<LockboxPreview> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLockbox, &Subject::None)?;
    let present = tx.lockbox(me.organization_id())?.ok_or(Error::NotFound)?;
    let environments = environments(tx, &me)?;
    check(tx, &me, input)?;
    let (old, new) = (Setting::from(&present), Setting::from(input));
    let (pending, pending_total) = pending_effects(tx, env, &me, &old, &new)?;
    Ok(LockboxPreview {
        gaining: policy::gaining(&old, &new, &environments),
        losing: policy::losing(&old, &new, &environments),
        pending,
        pending_total,
        changes: policy::changes(&old, &new, &environments),
        version: present.version,
    })
}

/// The pending requests that would have been treated differently: the first of them, and how many there are.
fn pending_effects(
    tx: &dyn ReadTx,
    env: &Env,
    me: &Me,
    old: &Setting,
    new: &Setting,
) -> Result<(Vec<PendingEffect>, u64)> {
    let (catalog, now) = (env.book.catalog(), env.now());
    let (mut named, mut total) = (Vec::new(), 0);
    let mut filter =
        RequestFilter { view: Some(RequestView::Pending), limit: PREVIEW_PART, ..RequestFilter::default() };
    loop {
        let part = tx.requests(me.organization_id(), &filter, now)?;
        filter.after =
            part.last().map(|last| RequestKey { at: sort_time(last, RequestView::Pending), id: last.id.clone() });
        let is_last = part.len() < PREVIEW_PART as usize;
        for request in part {
            let environment = EnvironmentRef { id: request.environment_id, name: request.environment_name };
            // What the request carries is already shortened by the setting under which it was raised.
            let hours = lockbox_rules::catalog::service(&catalog, &request.service)
                .map_or(request.queue_hours, |service| service.queue_hours);
            let effect =
                policy::pending_effect(old, new, &environment).or_else(|| policy::queue_effect(old, new, hours));
            if let Some(effect) = effect {
                total += 1;
                if named.len() < PREVIEW_PENDING_MAX {
                    named.push(PendingEffect { request_id: request.id, environment, effect });
                }
            }
        }
        if is_last {
            return Ok((named, total));
        }
    }
}

/// Saves a setting as the next version. Permissions: [`Action::ChangeLockbox`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`], [`Error::VersionConflict`] when somebody saved since it was read.
pub fn put(tx: &mut dyn WriteTx, env: &Env, who: &Who, version: u64, input: &LockboxUpdate) -> Result<Lockbox> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ChangeLockbox, &Subject::None)?;
    let now = env.now();
    let present = tx.lockbox(me.organization_id())?.ok_or(Error::NotFound)?;
    let environments = environments(tx.reader(), &me)?;
    check(tx.reader(), &me, input)?;
    if present.version != version {
        return Err(Error::VersionConflict { current: present.version });
    }
    let (old, new) = (Setting::from(&present), Setting::from(input));
    let changes = policy::changes(&old, &new, &environments);
    if changes.is_empty() {
        // Saving what is already in force is no event.
        return Ok(present);
    }
    let mut policy = input.policy.clone();
    if policy.scope != Scope::Some {
        policy.environment_ids.clear();
    }
    policy.environment_ids.sort();
    let reason = input.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    let next = LockboxVersion {
        lockbox: Lockbox {
            enabled: input.enabled,
            policy,
            queue_hours: input.queue_hours,
            version: present.version + 1,
            updated_by: Some(me.person.name.clone()),
            updated_at: now,
        },
        reason: reason.clone(),
        changes: changes.clone(),
    };
    tx.add_lockbox_version(me.organization_id(), &next)?;
    let mut activities = Vec::new();
    if present.enabled != input.enabled {
        activities.push(if input.enabled { Activity::Enable } else { Activity::Disable });
    }
    if present.policy != next.lockbox.policy || present.queue_hours != input.queue_hours {
        activities.push(Activity::PolicyUpdate);
    }
    for activity in activities {
        let details = json!({"version": next.lockbox.version, "changes": changes, "reason": reason});
        log(tx, env, &who.origin, me.organization_id(), now, Entry::general(activity, me.actor(), details))?;
    }
    Ok(next.lockbox)
}

fn environments(tx: &dyn ReadTx, me: &Me) -> Result<Vec<EnvironmentRef>> {
    let all = tx.environments(me.organization_id())?.into_iter();
    Ok(all
        .filter(|found| found.deleted_at.is_none())
        .map(|found| EnvironmentRef { id: found.id, name: found.name })
        .collect())
}

/// Removed environments stay known: a setting that lists one can be saved again.
fn check(tx: &dyn ReadTx, me: &Me, input: &LockboxUpdate) -> Result<()> {
    let known: Vec<_> = tx.environments(me.organization_id())?.into_iter().map(|found| found.id).collect();
    Error::unless_valid(validate::lockbox_update(input, &known))
}
