//! Exports of the log: one event when it begins, before anything is sent, and one when it ends, with how much was sent.

use lockbox_api::{
    Time,
    events::{Activity, Outcome},
    ids::{ExportId, OrganizationId},
    logs::{self, ExportFormat, ExportState, LogExport, LogExportQuery},
};
use lockbox_rules::{
    log_filter::{self, Field},
    permission::{Action, Subject},
};
use serde_json::{Value, json};

use super::{
    Env, Error, Me, Origin, Result, Who,
    logs::selection,
    record::{Entry, log, system},
    requests::plausible_ids,
};
use crate::store::{ExportMeaning, ExportRecord, LogFilter, Order, ReadTx, WriteTx};

/// An export that has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// As it is kept.
    pub record: ExportRecord,
    /// Whose log.
    pub organization_id: OrganizationId,
    /// What is in it. Its last sequence and what names stand for are fixed, so that what happens meanwhile changes nothing.
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

/// An export that may begin.
#[derive(Clone, Debug)]
pub struct Prepared {
    format: ExportFormat,
    continues: Option<ExportId>,
    /// As in [`Begun`].
    filter: LogFilter,
}

/// Looks at what is asked for, before anything is written: up to the newest event of this moment, and by what names stand for
/// now. All that may take long is done here, while others write. Permissions: [`Action::ExportLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`], [`Error::NotFound`].
pub fn prepare(tx: &dyn ReadTx, env: &Env, who: &Who, query: &LogExportQuery) -> Result<Prepared> {
    let me = Me::load(tx, who)?;
    me.may(Action::ExportLogs, &Subject::None)?;
    let prepared = match &query.continues {
        Some(id) => rest(tx, &me, id, query)?,
        None => new(tx, env, &me, query)?,
    };
    // A filter that is refused is refused now, not in the middle of the file.
    let first = LogFilter { limit: 1, ..prepared.filter.clone() };
    tx.events(me.organization_id(), &first, Order::OldestFirst, &mut |_| false)?;
    Ok(prepared)
}

fn new(tx: &dyn ReadTx, env: &Env, me: &Me, query: &LogExportQuery) -> Result<Prepared> {
    let mut filter = selection(tx, me, query.filter(), env.now())?;
    let (newest, _) = tx.newest_event(me.organization_id())?;
    let from_sequence = first_sequence(query, 1)?;
    if query.to_sequence.is_some_and(|to| to < from_sequence) {
        return Err(Error::parameter("to_sequence", "Lies before `from_sequence`."));
    }
    let format = query.format.ok_or_else(|| Error::parameter("format", "This is required."))?;
    filter.from_sequence = Some(from_sequence);
    filter.to_sequence = Some(query.to_sequence.unwrap_or(newest).min(newest));
    // What is kept says the same at any later time.
    let text = |time: Option<Time>| time.map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    (filter.values.from, filter.values.to) = (text(filter.from), text(filter.to));
    Ok(Prepared { format, continues: None, filter })
}

/// The rest of an export, by what its filter meant when it began.
fn rest(tx: &dyn ReadTx, me: &Me, id: &ExportId, query: &LogExportQuery) -> Result<Prepared> {
    plausible_ids(&[("continues", Some(id.as_str()))])?;
    let cut =
        tx.export(me.organization_id(), id)?.filter(|cut| cut.person_id == me.person.id).ok_or(Error::NotFound)?;
    if let Some(name) = first_parameter(&query.filter()) {
        return Err(Error::parameter(&name, "The export that goes on has its filter already. Leave this out."));
    }
    if query.format.is_some_and(|format| format != cut.format) {
        return Err(Error::parameter("format", format!("The export that goes on is of the format {}.", cut.format)));
    }
    if query.to_sequence.is_some_and(|to| to != cut.to_sequence) {
        return Err(Error::parameter("to_sequence", format!("The export that goes on ends at {}.", cut.to_sequence)));
    }
    let from_sequence = first_sequence(query, cut.from_sequence)?;
    if from_sequence < cut.from_sequence {
        let message = format!("The export that goes on begins at {}.", cut.from_sequence);
        return Err(Error::parameter("from_sequence", message));
    }
    let ExportMeaning { values, terms, from, to } = tx.export_meaning(id)?.ok_or_else(|| {
        Error::parameter("continues", "It began before Lockbox kept what it takes to go on. Begin anew.")
    })?;
    let (from_sequence, to_sequence) = (Some(from_sequence), Some(cut.to_sequence));
    let filter = LogFilter { values, terms, from, to, from_sequence, to_sequence, ..LogFilter::default() };
    Ok(Prepared { format: cut.format, continues: Some(cut.id), filter })
}

fn first_sequence(query: &LogExportQuery, or: u64) -> Result<u64> {
    let first = query.from_sequence.unwrap_or(or).max(1);
    if i64::try_from(first).is_err() {
        return Err(Error::parameter("from_sequence", "There is no such sequence."));
    }
    Ok(first)
}

/// The first parameter that a filter was made of.
fn first_parameter(filter: &logs::LogFilter) -> Option<String> {
    for field in Field::ALL {
        for (excluded, before) in [(false, ""), (true, "not_")] {
            if !log_filter::values(filter, *field, excluded).is_empty() {
                return Some(format!("{before}{}", field.parameter()));
            }
        }
    }
    let others = [
        ("from", filter.from.is_some()),
        ("to", filter.to.is_some()),
        ("q", filter.q.is_some()),
        ("not_q", !filter.not_q.is_empty()),
    ];
    others.into_iter().find(|(_, given)| *given).map(|(name, _)| name.to_owned())
}

/// Begins an export that may begin: puts it on record. Permissions: [`Action::ExportLogs`].
///
/// # Errors
/// [`Error::NotAllowed`].
pub fn begin(tx: &mut dyn WriteTx, env: &Env, who: &Who, prepared: Prepared) -> Result<Begun> {
    let me = Me::load(tx.reader(), who)?;
    me.may(Action::ExportLogs, &Subject::None)?;
    let now = env.now();
    let Prepared { format, continues, filter } = prepared;
    let record = ExportRecord {
        id: env.id(now),
        organization_id: me.organization_id().clone(),
        person_id: me.person.id.clone(),
        person: me.person.name.clone(),
        continues,
        format,
        filter: log_filter::print(&filter.values),
        from_sequence: filter.from_sequence.unwrap_or(1),
        to_sequence: filter.to_sequence.unwrap_or(0),
        started_at: now,
        state: ExportState::Running,
        ended_at: None,
        rows: None,
        bytes: None,
        sha256: None,
    };
    tx.put_export(&record)?;
    let LogFilter { values, terms, from, to, .. } = filter.clone();
    tx.put_export_meaning(&record.id, &ExportMeaning { values, terms, from, to })?;
    let entry = Entry::general(Activity::ExportStart, me.actor(), details(&record));
    log(tx, env, &who.origin, me.organization_id(), now, entry)?;
    Ok(Begun { organization_id: me.organization_id().clone(), record, filter })
}

fn details(record: &ExportRecord) -> Value {
    let mut details = json!({
        "export_id": record.id, "what": "log", "format": record.format, "filter": record.filter,
        "from_sequence": record.from_sequence, "to_sequence": record.to_sequence,
    });
    if let Some(id) = &record.continues {
        details["continues"] = json!(id);
    }
    details
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
        continues: record.continues,
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
