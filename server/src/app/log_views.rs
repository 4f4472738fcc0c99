//! Saved views of the log: a name for a typed filter line, one's own or shared, and which of them the log opens with.

use lockbox_api::{
    Time,
    events::Activity,
    ids::LogViewId,
    logs::{LogStartInput, LogView, LogViewInput, LogViews},
};
use lockbox_rules::{
    log_filter,
    permission::{Action, Subject},
    validate,
};
use serde_json::json;

use super::{
    Env, Error, Me, Result, Who,
    record::{Entry, log},
};
use crate::store::{LogViewRecord, ReadTx, WriteTx};

/// Views that one person can have.
const VIEWS_MAX: usize = 100;

/// The views that the person sees. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn list(tx: &dyn ReadTx, who: &Who) -> Result<LogViews> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let start = tx.log_start(&me.person.id)?;
    let views = tx.log_views(me.organization_id(), &me.person.id)?;
    let mut items = Vec::with_capacity(views.len());
    for view in views {
        items.push(present(tx, &me, view, start.as_ref())?);
    }
    items.sort_by(|a, b| b.mine.cmp(&a.mine).then_with(|| a.name.to_lowercase().cmp(&b.name.to_lowercase())));
    Ok(LogViews { items })
}

/// Saves a view. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`].
pub fn create(tx: &mut dyn WriteTx, env: &Env, who: &Who, input: &LogViewInput) -> Result<LogView> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let now = env.now();
    let filter = checked(tx.reader(), &me, input, None)?;
    let own = tx.log_views(me.organization_id(), &me.person.id)?;
    if own.iter().filter(|view| view.owner_id == me.person.id).count() >= VIEWS_MAX {
        return Err(Error::WrongState(format!(
            "You have {VIEWS_MAX} saved views. Delete one before you save another."
        )));
    }
    let record = LogViewRecord {
        id: env.id(now),
        organization_id: me.organization_id().clone(),
        owner_id: me.person.id.clone(),
        name: input.name.trim().to_owned(),
        filter,
        shared: input.shared,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    tx.put_log_view(&record)?;
    if record.shared {
        tell(tx, env, who, &me, &record, "shared", now)?;
    }
    present(tx.reader(), &me, record, None)
}

/// Changes one's own view. Permissions: [`Action::ReadLogs`], and who made it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`], [`Error::Fields`], [`Error::VersionConflict`].
pub fn update(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    id: &LogViewId,
    version: u64,
    input: &LogViewInput,
) -> Result<LogView> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let now = env.now();
    let before = seen(tx.reader(), &me, id)?;
    if before.owner_id != me.person.id {
        return Err(Error::NotAllowed("Only the person who saved a view can change it.".to_owned()));
    }
    let filter = checked(tx.reader(), &me, input, Some(id))?;
    if before.version != version {
        return Err(Error::VersionConflict { current: before.version });
    }
    let record = LogViewRecord {
        name: input.name.trim().to_owned(),
        filter,
        shared: input.shared,
        updated_at: now,
        version: version + 1,
        ..before.clone()
    };
    tx.put_log_view(&record)?;
    let change = match (before.shared, record.shared) {
        (false, false) => None,
        (false, true) => Some("shared"),
        (true, true) => Some("changed"),
        (true, false) => Some("no longer shared"),
    };
    if let Some(change) = change {
        tell(tx, env, who, &me, &record, change, now)?;
    }
    let start = tx.log_start(&me.person.id)?;
    present(tx.reader(), &me, record, start.as_ref())
}

/// Deletes a view: one's own, or as a global administrator one that is shared. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotFound`], [`Error::NotAllowed`].
pub fn delete(tx: &mut dyn WriteTx, env: &Env, who: &Who, id: &LogViewId) -> Result<()> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let record = seen(tx.reader(), &me, id)?;
    if record.owner_id != me.person.id && !me.principal.has(lockbox_api::session::Role::GlobalAdministrator) {
        let message = "Only the person who saved a view, or a global administrator, can delete it.";
        return Err(Error::NotAllowed(message.to_owned()));
    }
    tx.delete_log_view(me.organization_id(), id)?;
    if record.shared {
        tell(tx, env, who, &me, &record, "deleted", env.now())?;
    }
    Ok(())
}

/// Says with which view the log opens for the person. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Fields`] for a view that the person does not see.
pub fn set_start(tx: &mut dyn WriteTx, who: &Who, input: &LogStartInput) -> Result<()> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    if let Some(id) = &input.view_id
        && seen(tx.reader(), &me, id).is_err()
    {
        return Err(Error::field("/view_id", "There is no such view."));
    }
    Ok(tx.set_log_start(&me.person.id, input.view_id.as_ref())?)
}

/// A view that the person sees: their own or one that is shared.
fn seen(tx: &dyn ReadTx, me: &Me, id: &LogViewId) -> Result<LogViewRecord> {
    let views = tx.log_views(me.organization_id(), &me.person.id)?;
    views.into_iter().find(|view| view.id == *id).ok_or(Error::NotFound)
}

/// The filter in its plain form, where everything about the input is right.
fn checked(tx: &dyn ReadTx, me: &Me, input: &LogViewInput, id: Option<&LogViewId>) -> Result<String> {
    let mut errors = validate::log_view(input);
    let name = input.name.trim().to_lowercase();
    let views = tx.log_views(me.organization_id(), &me.person.id)?;
    let mut own = views.iter().filter(|view| view.owner_id == me.person.id && Some(&view.id) != id);
    if errors.is_empty() && own.any(|view| view.name.to_lowercase() == name) {
        errors.push(lockbox_api::problem::FieldError {
            pointer: "/name".to_owned(),
            message: "You have a view of this name already.".to_owned(),
        });
    }
    Error::unless_valid(errors)?;
    log_filter::parse(&input.filter)
        .map(|filter| log_filter::print(&filter))
        .map_err(|error| Error::field("/filter", error.message))
}

fn present(tx: &dyn ReadTx, me: &Me, view: LogViewRecord, start: Option<&LogViewId>) -> Result<LogView> {
    let mine = view.owner_id == me.person.id;
    let owner = if mine { Some(me.person.name.clone()) } else { tx.person(&view.owner_id)?.map(|person| person.name) };
    Ok(LogView {
        start: start == Some(&view.id),
        mine,
        owner: owner.unwrap_or_default(),
        id: view.id,
        name: view.name,
        filter: view.filter,
        shared: view.shared,
        created_at: view.created_at,
        updated_at: view.updated_at,
        version: view.version,
    })
}

fn tell(
    tx: &mut dyn WriteTx,
    env: &Env,
    who: &Who,
    me: &Me,
    view: &LogViewRecord,
    change: &str,
    now: Time,
) -> Result<()> {
    let details = json!({"view": view.id, "name": view.name, "filter": view.filter, "change": change});
    let entry = Entry::general(Activity::LogViewUpdate, me.actor(), details);
    log(tx, env, &who.origin, me.organization_id(), now, entry).map(drop)
}
