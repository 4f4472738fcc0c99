//! Reading the log.

use lockbox_api::{events::LogQuery, page::EventPage};
use lockbox_rules::{
    permission::{Action, Subject},
    window,
};

use super::{
    Env, Error, Me, Result, Who,
    requests::{more, ordered, page_limit, search},
};
use crate::store::{LogFilter, ReadTx};

/// A page of events, newest first. Permissions: [`Action::ReadLogs`].
///
/// # Errors
/// [`Error::NotAllowed`], [`Error::Parameters`].
pub fn list(tx: &dyn ReadTx, env: &Env, who: &Who, query: &LogQuery) -> Result<EventPage> {
    let me = Me::load(tx, who)?;
    me.may(Action::ReadLogs, &Subject::None)?;
    let limit = page_limit(query.limit)?;
    let mut filter = filter(env, query)?;
    filter.limit = limit + 1;
    let mut items = tx.events(me.organization_id(), &filter)?;
    let next_cursor = more(&mut items, limit).map(|last| last.sequence.to_string());
    Ok(EventPage { items, next_cursor })
}

/// The query as the store understands it; relative times are resolved by Lockbox's clock.
fn filter(env: &Env, query: &LogQuery) -> Result<LogFilter> {
    let now = env.now();
    let moment = |name: &str, text: &Option<String>| {
        let parsed = text.as_deref().map(|text| window::parse_moment(text, now)).transpose();
        parsed.map_err(|message| Error::parameter(name, message))
    };
    let (from, to) = (moment("from", &query.from)?, moment("to", &query.to)?);
    ordered(from, to)?;
    if query.operation.len() > 50 {
        return Err(Error::parameter("operation", "At most 50 operations at a time."));
    }
    let before = query
        .cursor
        .as_deref()
        .map(|cursor| cursor.parse::<u64>().ok().filter(|sequence| i64::try_from(*sequence).is_ok()))
        .map(|parsed| {
            parsed.ok_or_else(|| {
                Error::parameter("cursor", "This is not a cursor of this list. Leave it out to begin at the start.")
            })
        })
        .transpose()?;
    Ok(LogFilter {
        category: query.category,
        operations: query.operation.clone(),
        actor: query.actor.clone(),
        environment_id: query.environment_id.clone(),
        request_id: query.request_id.clone(),
        service_request_id: query.service_request_id.clone(),
        outcome: query.outcome,
        from,
        to,
        q: search(query.q.as_deref())?,
        before,
        limit: 0,
    })
}
