//! The filter of the log: read from the address, written to it, taken apart into chips. Pure, so that every way there and back is tested.

use crate::{api::logs::parameters, paths};
use lockbox_api::{
    events::{Category, Outcome},
    ids::{EnvironmentId, RequestId, ServiceRequestId},
    logs::LogQuery,
};

/// What can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Activity or data access
    Category,
    /// What was done
    Operation,
    /// Who did it
    Actor,
    /// Where
    Environment,
    /// For which Lockbox request
    Request,
    /// For which support request
    ServiceRequest,
    /// How it ended
    Outcome,
    /// When; as a value `from..to`, either of which may be missing
    Time,
    /// Words that occur in it
    Text,
}

impl Field {
    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Category => "Category",
            Self::Operation => "Event",
            Self::Actor => "Actor",
            Self::Environment => "Environment",
            Self::Request => "Lockbox request",
            Self::ServiceRequest => "Support request ID",
            Self::Outcome => "Outcome",
            Self::Time => "Time",
            Self::Text => "Search",
        }
    }
}

/// One piece of a filter, that can be taken away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which field
    pub field: Field,
    /// Its value on the wire
    pub value: String,
}

/// Everything that the address says about which events show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// The query; `limit` and `cursor` stay empty
    pub query: LogQuery,
    /// New events are followed
    pub live: bool,
}

impl Filter {
    /// From a query string, with or without its question mark. What can't be read is left out.
    pub fn parse(search: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(search).filter(|(_, value)| !value.is_empty()) {
            let query = &mut filter.query;
            match name.as_str() {
                "category" => query.category = Category::parse(&value).into_iter().collect(),
                "operation" if !query.operation.contains(&value) => query.operation.push(value),
                "actor" => query.actor = vec![value],
                "environment_id" => query.environment_id = vec![EnvironmentId(value)],
                "request_id" => query.request_id = vec![RequestId(value)],
                "service_request_id" => query.service_request_id = vec![ServiceRequestId(value)],
                "outcome" => query.outcome = Outcome::parse(&value).into_iter().collect(),
                "from" => query.from = Some(value),
                "to" => query.to = Some(value),
                "q" => query.q = Some(value),
                "live" => filter.live = value == "1",
                _ => {}
            }
        }
        filter
    }

    /// The address that shows this selection, with one event open.
    pub fn address(&self, open: Option<&str>) -> String {
        let query = parameters(&self.query).add("live", if self.live { "1" } else { "" });
        query.add("event", open.unwrap_or_default()).onto(paths::LOGS)
    }

    /// Its pieces, in the order in which chips show them.
    pub fn parts(&self) -> Vec<Part> {
        let query = &self.query;
        let mut parts = Vec::new();
        let mut add = |field, value: Option<String>| parts.extend(value.map(|value| Part { field, value }));
        add(Field::Time, range(query.from.as_deref(), query.to.as_deref()));
        add(Field::Category, query.category.first().map(ToString::to_string));
        for operation in &query.operation {
            add(Field::Operation, Some(operation.clone()));
        }
        add(Field::Actor, query.actor.first().cloned());
        add(Field::Environment, query.environment_id.first().map(|id| id.0.clone()));
        add(Field::Request, query.request_id.first().map(|id| id.0.clone()));
        add(Field::ServiceRequest, query.service_request_id.first().map(|id| id.0.clone()));
        add(Field::Outcome, query.outcome.first().map(ToString::to_string));
        add(Field::Text, query.q.clone());
        parts
    }

    /// With one more piece. Several events can stand beside each other; of every other field there is one value.
    #[must_use]
    pub fn with(&self, part: &Part) -> Self {
        let mut filter = self.clone();
        let query = &mut filter.query;
        let value = part.value.clone();
        match part.field {
            Field::Category => query.category = Category::parse(&value).into_iter().collect(),
            Field::Operation if query.operation.contains(&value) => {}
            Field::Operation => query.operation.push(value),
            Field::Actor => query.actor = vec![value],
            Field::Environment => query.environment_id = vec![EnvironmentId(value)],
            Field::Request => query.request_id = vec![RequestId(value)],
            Field::ServiceRequest => query.service_request_id = vec![ServiceRequestId(value)],
            Field::Outcome => query.outcome = Outcome::parse(&value).into_iter().collect(),
            Field::Time => {
                let (from, to) = value.split_once("..").unwrap_or((&value, ""));
                query.from = Some(from.to_owned()).filter(|from| !from.is_empty());
                query.to = Some(to.to_owned()).filter(|to| !to.is_empty());
            }
            Field::Text => query.q = Some(value).filter(|text| !text.is_empty()),
        }
        filter
    }

    /// With only this value of the piece's field: other events beside it go.
    #[must_use]
    pub fn only(&self, part: &Part) -> Self {
        let mut filter = self.clone();
        if part.field == Field::Operation {
            filter.query.operation.clear();
        }
        filter.with(part)
    }

    /// Without one piece.
    #[must_use]
    pub fn without(&self, part: &Part) -> Self {
        let mut filter = self.clone();
        let query = &mut filter.query;
        match part.field {
            Field::Category => query.category.clear(),
            Field::Operation => query.operation.retain(|own| *own != part.value),
            Field::Actor => query.actor.clear(),
            Field::Environment => query.environment_id.clear(),
            Field::Request => query.request_id.clear(),
            Field::ServiceRequest => query.service_request_id.clear(),
            Field::Outcome => query.outcome.clear(),
            Field::Time => (query.from, query.to) = (None, None),
            Field::Text => query.q = None,
        }
        filter
    }
}

fn range(from: Option<&str>, to: Option<&str>) -> Option<String> {
    match (from, to) {
        (None, None) => None,
        (from, None) => from.map(str::to_owned),
        (from, Some(to)) => Some(format!("{}..{to}", from.unwrap_or_default())),
    }
}

/// The event that the address has open.
pub fn open_event(search: &str) -> Option<String> {
    pairs(search).find(|(name, value)| name == "event" && !value.is_empty()).map(|(_, value)| value)
}

fn pairs(search: &str) -> impl Iterator<Item = (String, String)> {
    search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

/// Undoes percent-encoding. Not the router's own map: that one decodes twice, and a search for `%41` is not one for `A`.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| byte == b'%').and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, hex) {
            (_, Some(decoded)) => {
                out.push(decoded);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (other, None) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Filter {
        let mut filter = Filter { live: true, ..Filter::default() };
        for (field, value) in [
            (Field::Category, "data_access"),
            (Field::Operation, "Approve Lockbox Request"),
            (Field::Operation, "ExecuteSqlViaLockbox"),
            (Field::Actor, "Ana & Söhne"),
            (Field::Environment, "env_payroll"),
            (Field::Request, "lbx_1"),
            (Field::ServiceRequest, "2611/5"),
            (Field::Outcome, "refused"),
            (Field::Time, "2026-11-22T03:00:00Z..2026-11-22T04:00:00Z"),
            (Field::Text, "like '%41+%' = ?"),
        ] {
            filter = filter.with(&Part { field, value: value.to_owned() });
        }
        filter
    }

    #[test]
    fn the_address_and_the_filter_say_the_same() {
        let filter = full();
        let address = filter.address(Some("evt_1"));
        let search = address.strip_prefix("/logs").unwrap();
        assert_eq!(Filter::parse(search), filter);
        assert_eq!(open_event(search).as_deref(), Some("evt_1"));
        assert_eq!(Filter::default().address(None), "/logs");
        assert_eq!(Filter::parse(""), Filter::default());
        assert_eq!(Filter::parse("?outcome=maybe&x=1&q="), Filter::default());
    }

    #[test]
    fn every_part_goes_and_comes_back_alone() {
        let filter = full();
        assert_eq!(filter.parts().len(), 10);
        for part in filter.parts() {
            let without = filter.without(&part);
            assert!(!without.parts().contains(&part), "{part:?}");
            assert_eq!(without.parts().len(), 9);
            let mut back = without.with(&part);
            back.query.operation.sort();
            assert_eq!(back, filter);
        }
        assert_eq!(filter.parts().iter().fold(filter.clone(), |rest, part| rest.without(part)).parts(), []);
    }

    #[test]
    fn a_time_is_a_beginning_an_end_or_both() {
        let time = |value: &str| {
            let filter = Filter::default().with(&Part { field: Field::Time, value: value.to_owned() });
            (filter.query.from.clone(), filter.query.to.clone(), filter.parts())
        };
        assert_eq!(time("now-24h").0.as_deref(), Some("now-24h"));
        assert_eq!(time("..2026-11-22T04:00:00Z").1.as_deref(), Some("2026-11-22T04:00:00Z"));
        assert_eq!(time("..2026-11-22T04:00:00Z").2[0].value, "..2026-11-22T04:00:00Z");
        assert_eq!(time("").2, []);
    }

    #[test]
    fn only_this_event_drops_the_others() {
        let only = full().only(&Part { field: Field::Operation, value: "Sign-in".to_owned() });
        assert_eq!(only.query.operation, ["Sign-in"]);
    }

    #[test]
    fn decoding_is_done_once_and_never_fails() {
        assert_eq!(decode("a%2Fb+c%C3%BC"), "a/b cü");
        assert_eq!(decode("%2541"), "%41");
        assert_eq!(decode("50%"), "50%");
        assert_eq!(decode("%ü%zz"), "%ü%zz");
        assert_eq!(decode("%FF"), "\u{fffd}");
    }
}
