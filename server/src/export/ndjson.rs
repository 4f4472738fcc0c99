//! One JSON object a line, the same as an item of the list of events.

use lockbox_api::events;

use super::{EncodeError, Encoder, Stamp, number};
use crate::store::LogRow;

/// The log as lines of JSON.
#[derive(Default)]
pub(super) struct Ndjson {
    stamp: Stamp,
}

impl Encoder for Ndjson {
    fn row(&mut self, row: &LogRow<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        event(row, &mut self.stamp, out)?;
        out.push(b'\n');
        Ok(())
    }

    fn end(&mut self, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Ok(())
    }
}

/// An event as the API shows it. Details are kept as JSON text and go out as they are.
pub(crate) fn event(row: &LogRow<'_>, stamp: &mut Stamp, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(b"{\"id\":");
    text(row.id, out)?;
    out.extend_from_slice(b",\"sequence\":");
    number(row.sequence, out);
    out.extend_from_slice(b",\"time\":\"");
    stamp.write(row.time, out);
    out.push(b'"');
    named("category", Some(row.category), out)?;
    named("operation", Some(row.operation), out)?;
    named("friendly_name", row.friendly_name, out)?;
    out.extend_from_slice(b",\"actor\":{\"id\":");
    text(row.actor_id, out)?;
    named("name", Some(row.actor_name), out)?;
    named("kind", Some(row.actor_kind), out)?;
    out.push(b'}');
    for (name, value) in [
        ("environment_id", row.environment_id),
        ("request_id", row.request_id),
        ("service_request_id", row.service_request_id),
        ("grant_id", row.grant_id),
        ("outcome", Some(row.outcome)),
        ("client_ip", row.client_ip),
        ("correlation_id", Some(row.correlation_id)),
    ] {
        named(name, value, out)?;
    }
    out.extend_from_slice(b",\"details\":");
    out.extend_from_slice(row.details.as_bytes());
    out.push(b'}');
    Ok(())
}

fn named(name: &str, value: Option<&str>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
    match value {
        Some(value) => text(value, out),
        None => {
            out.extend_from_slice(b"null");
            Ok(())
        }
    }
}

fn text(text: &str, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    events::put_text(text, out).map_err(|error| EncodeError(error.to_string()))
}
