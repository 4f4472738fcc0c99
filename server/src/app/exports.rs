//! Exports of the log: one event when it begins, before anything is sent, and one when it ends, with how much was sent.

use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    ids::{ExportId, OrganizationId},
    logs::{ExportState, LogExport, LogExportQuery},
};
use lockbox_rules::{
    log_filter,
    permission::{Action, Subject},
};
use serde_json::{Value, json};

use super::{
    Env, Error, Me, Origin, Result, Who,
    logs::{selection, with_ids},
    record::{Entry, log, system},
};
use crate::store::{ExportRecord, LogFilter, Order, ReadTx, WriteTx};

/// An export that has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// As it is kept.
    pub record: ExportRecord,
    /// Whose log.
    pub organization_id: OrganizationId,
    /// What is in it. Its last sequence is fixed, so that what happens meanwhile is not.
    pub filter: LogFilter,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Sent {
    /// How it ended.
    pub state: ExportState,
    /// Events handed to the connection.
    pub rows: u64,
    /// Bytes handed to the connection.
    pub bytes: u64,
    /// Their SHA-256, hexadecimal.
    pub sha256: String,
}

/// Begins an export: up to the newest event of this moment. Permissions: [`Action::ExportLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn begin(tx: &mut dyn WriteTx, env: &Env, who: &Who, query: &LogExportQuery) -> Result<Begun> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ExportLogs, &Subject::None)?;
    let now = env.now();
    let mut filter = selection(query.filter(), now)?;
    let (newest, _) = tx.newest_event(me.organization_id())?;
    let from_sequence = query.from_sequence.unwrap_or(1).max(1);
    let to_sequence = query.to_sequence.unwrap_or(newest).min(newest);
    if query.to_sequence.is_some_and(|to| to < from_sequence) {
        return Err(Error::parameter("to_sequence", "Lies before `from_sequence`."));
    }
    if i64::try_from(from_sequence).is_err() {
        return Err(Error::parameter("from_sequence", "There is no such sequence."));
    }
    // Every part of the file is of the same environments, whatever they are called when it is made.
    filter.values = with_ids(tx.reader(), &me, &filter.values)?;
    filter.from_sequence = Some(from_sequence);
    filter.to_sequence = Some(to_sequence);
    // A filter that is refused is refused now, not in the middle of the file.
    let first = LogFilter { limit: 1, ..filter.clone() };
    tx.reader().events(me.organization_id(), &first, Order::OldestFirst, &mut |_| false)?;
    // What is kept says the same at any later time.
    let mut absolute = filter.values.clone();
    let text = |time: Option<Time>| time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    (absolute.from, absolute.to) = (text(filter.from), text(filter.to));
    let record = ExportRecord {
        id: env.id(now),
        organization_id: me.organization_id().clone(),
        person_id: me.person.id.clone(),
        person: me.person.name.clone(),
        format: query.format,
        filter: log_filter::print(&absolute),
        from_sequence,
        to_sequence,
        started_at: now,
        state: ExportState::Running,
        ended_at: None,
        rows: None,
        bytes: None,
        sha256: None,
    };
    tx.put_export(&record)?;
    let entry = Entry::general(Activity::ExportStart, me.actor(), details(&record));
    log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    Ok(Begun { organization_id: me.organization_id().clone(), record, filter })
}

fn details(record: &ExportRecord) -> Value {
    json!({
        "export_id": record.id, "what": "log", "format": record.format, "filter": record.filter,
        "from_sequence": record.from_sequence, "to_sequence": record.to_sequence,
    })
}

/// Whether an export may go on: whoever lost the right to it in the meantime gets no more. Permissions:
/// [`Action::ExportLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::NotAuthenticated`].
pub fn may_go_on(tx: &dyn ReadTx, who: &Who) -> Result<()> {
    Me::load(tx, who)?.may(Action::ExportLogs, &Subject::None)
}

/// Ends an export. Permissions: whoever began it.
///
/// # Errors
/// Only when the database fails.
pub fn end(tx: &mut dyn WriteTx, env: &Env, origin: &Origin, record: &ExportRecord, sent: &Sent) -> Result<()> {
    let now = env.now();
    let person = tx.person(&record.person_id)?.ok_or(Error::NotFound)?;
    let actor = lockbox_api::events::Actor {
        id: person.id.0.clone(),
        name: person.name,
        kind: lockbox_api::events::ActorKind::Person,
    };
    tx.put_export(&ExportRecord {
        state: sent.state,
        ended_at: Some(now),
        rows: Some(sent.rows),
        bytes: Some(sent.bytes),
        sha256: Some(sent.sha256.clone()),
        ..record.clone()
    })?;
    let mut details = details(record);
    details["state"] = json!(sent.state);
    details["rows"] = json!(sent.rows);
    details["bytes"] = json!(sent.bytes);
    details["sha256"] = json!(sent.sha256);
    let outcome = if sent.state == ExportState::Complete { Outcome::Success } else { Outcome::Failure };
    let entry = Entry { outcome, ..Entry::general(Activity::Export, actor, details) };
    log(tx, env, origin, &record.organization_id, now, entry)?;
    Ok(())
}

/// Closes exports that were running when the server ended: how much of them arrived is not known. Permissions: Lockbox
/// itself, at the start.
///
/// # Errors
/// Only when the database fails.
pub fn close_interrupted(tx: &mut dyn WriteTx, env: &Env, origin: &Origin) -> Result<usize> {
    let running = tx.running_exports()?;
    let now = env.now();
    for record in &running {
        tx.put_export(&ExportRecord { state: ExportState::Failed, ended_at: Some(now), ..record.clone() })?;
        let mut details = details(record);
        details["state"] = json!(ExportState::Failed);
        details["person_id"] = json!(record.person_id);
        let entry = Entry { outcome: Outcome::Failure, ..Entry::general(Activity::Export, system(), details) };
        log(tx, env, origin, &record.organization_id, now, entry)?;
    }
    Ok(running.len())
}

/// One export: how far it has come, and how to check the file. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::NotFound`].
pub fn get(tx: &dyn ReadTx, who: &Who, id: &ExportId) -> Result<LogExport> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let record = tx.export(me.organization_id(), id)?.ok_or(Error::NotFound)?;
    Ok(LogExport {
        id: record.id,
        state: record.state,
        format: record.format,
        filter: record.filter,
        from_sequence: record.from_sequence,
        to_sequence: record.to_sequence,
        person_id: record.person_id,
        person: record.person,
        started_at: record.started_at,
        ended_at: record.ended_at,
        rows: record.rows,
        bytes: record.bytes,
        sha256: record.sha256,
    })
}
