//! The filter of the log: read from the address, written to it, taken apart into chips. Pure, so that every way there and back is
//! tested. Which fields and values there are, the rules say (`log_filter`), for the address as for the typed line.

use crate::{api::logs::parameters, paths};
use lockbox_api::{Time, logs::LogFilter};
use lockbox_rules::{
    log_filter::{self, Field as ValueField},
    window::parse_moment,
};

/// What can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// By the value of a field
    Value(ValueField),
    /// When; as a value `from..to`, either of which may be missing
    Time,
    /// Words that occur in it
    Text,
}

impl Field {
    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Value(field) => match field {
                ValueField::Category => "Category",
                ValueField::Operation => "Event",
                ValueField::Actor => "Actor",
                ValueField::Environment => "Environment",
                ValueField::Request => "Lockbox request",
                ValueField::ServiceRequest => "Support request ID",
                ValueField::Grant => "Grant",
                ValueField::Correlation => "Correlation id",
                ValueField::Outcome => "Outcome",
            },
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
    /// Leaves out what has the value
    pub not: bool,
}

impl Part {
    /// What has this value.
    pub fn of(field: Field, value: impl Into<String>) -> Self {
        Self { field, value: value.into(), not: false }
    }

    /// What has this value of a field.
    pub fn value(field: ValueField, value: impl Into<String>) -> Self {
        Self::of(Field::Value(field), value)
    }

    /// What does not have it.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { not: true, ..self }
    }
}

/// A filter of the address that nobody can read: it stays, so that the person sees what is wrong with the link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The parameter
    pub name: String,
    /// Its value
    pub value: String,
    /// What is wrong with it
    pub message: String,
}

/// Everything that the address says about which events show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// The filter
    pub query: LogFilter,
    /// What can't be read of it
    pub faults: Vec<Fault>,
    /// New events are followed
    pub live: bool,
}

/// Parameters of the page's address that are no filter.
const NO_FILTERS: [&str; 2] = ["event", "view"];

impl Filter {
    /// Of a query alone.
    pub fn of(query: LogFilter) -> Self {
        Self { query, ..Self::default() }
    }

    /// From a query string, with or without its question mark. `now`: what relative times count from.
    pub fn parse(search: &str, now: Time) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(search).filter(|(_, value)| !value.is_empty()) {
            let query = &mut filter.query;
            let read = match name.as_str() {
                "from" => bound(&mut query.from, &value, now),
                "to" => bound(&mut query.to, &value, now),
                "q" => log_filter::check_text(&value).map(|()| query.q = Some(value.clone())),
                "not_q" => log_filter::leave_out(query, &value),
                "live" => {
                    filter.live = value == "1";
                    Ok(())
                }
                name if NO_FILTERS.contains(&name) => Ok(()),
                name => {
                    let (own, not) = name.strip_prefix("not_").map_or((name, false), |own| (own, true));
                    match ValueField::ALL.iter().find(|field| field.parameter() == own) {
                        Some(field) => log_filter::add(query, *field, not, &value),
                        None => Err("There is no such filter.".to_owned()),
                    }
                }
            };
            if let Err(message) = read {
                filter.faults.push(Fault { name, value, message });
            }
        }
        let wrong = filter.wrong_way_round(now);
        filter.faults.extend(wrong);
        filter
    }

    /// Takes an end out that lies before the beginning: it stands beside the filter as what is wrong with it.
    fn wrong_way_round(&mut self, now: Time) -> Option<Fault> {
        let moment = |text: &Option<String>| parse_moment(text.as_deref()?, now).ok();
        let (from, to) = (moment(&self.query.from)?, moment(&self.query.to)?);
        let value = self.query.to.take_if(|_| to < from)?;
        let begin = self.query.from.as_deref().unwrap_or_default();
        Some(Fault { name: "to".to_owned(), value, message: format!("Lies before the beginning, {begin}.") })
    }

    /// The address that shows this selection, with one event open.
    pub fn address(&self, open: Option<&str>) -> String {
        let mut query = parameters(&self.query);
        for fault in &self.faults {
            query = query.add(&paths::encode(&fault.name), &fault.value);
        }
        query.add("live", if self.live { "1" } else { "" }).add("event", open.unwrap_or_default()).onto(paths::LOGS)
    }

    /// Its pieces, in the order in which chips show them.
    pub fn parts(&self) -> Vec<Part> {
        let query = &self.query;
        let mut parts = Vec::new();
        let time = range(query.from.as_deref(), query.to.as_deref());
        parts.extend(time.map(|value| Part::of(Field::Time, value)));
        parts.extend(value_parts(query));
        parts.extend(query.q.clone().map(|value| Part::of(Field::Text, value)));
        parts.extend(query.not_q.iter().map(|value| Part::of(Field::Text, value.clone()).negated()));
        parts
    }

    /// With one more piece. Values of a field stand beside each other; the same value can't be wanted and left out.
    ///
    /// # Errors
    /// A sentence for people: there are too many, or there is no such value.
    pub fn try_with(&self, part: &Part) -> Result<Self, String> {
        let mut filter = self.without(&Part { not: !part.not, ..part.clone() });
        let value = part.value.clone();
        match part.field {
            Field::Value(field) => log_filter::add(&mut filter.query, field, part.not, &value)?,
            Field::Time => {
                let (from, to) = value.split_once("..").unwrap_or((&value, ""));
                filter.query.from = Some(from.to_owned()).filter(|from| !from.is_empty());
                filter.query.to = Some(to.to_owned()).filter(|to| !to.is_empty());
            }
            Field::Text if part.not => log_filter::leave_out(&mut filter.query, &value)?,
            Field::Text => filter.query.q = Some(value).filter(|text| !text.is_empty()),
        }
        Ok(filter)
    }

    /// The same; where it can't be added, the filter stays as it was, but for the opposite of the piece.
    #[must_use]
    pub fn with(&self, part: &Part) -> Self {
        let without = || self.without(&Part { not: !part.not, ..part.clone() });
        self.try_with(part).unwrap_or_else(|_| without())
    }

    /// With only this value of the piece's field.
    #[must_use]
    pub fn only(&self, part: &Part) -> Self {
        let others = self.parts().into_iter().filter(|own| own.field == part.field);
        others.fold(self.clone(), |filter, own| filter.without(&own)).with(part)
    }

    /// Without one piece.
    #[must_use]
    pub fn without(&self, part: &Part) -> Self {
        let mut filter = self.clone();
        match part.field {
            Field::Value(_) => {
                let LogFilter { from, to, q, not_q, .. } = filter.query;
                filter.query = LogFilter { from, to, q, not_q, ..LogFilter::default() };
                for own in value_parts(&self.query).iter().filter(|own| *own != part) {
                    if let Field::Value(field) = own.field {
                        // It was read before, so it can be read again.
                        drop(log_filter::add(&mut filter.query, field, own.not, &own.value));
                    }
                }
            }
            Field::Time if !part.not => (filter.query.from, filter.query.to) = (None, None),
            Field::Text if part.not => filter.query.not_q.retain(|text| *text != part.value),
            Field::Text => drop(filter.query.q.take_if(|text| *text == part.value)),
            Field::Time => {}
        }
        filter
    }

    /// Without what can't be read.
    #[must_use]
    pub fn without_fault(&self, fault: &Fault) -> Self {
        let mut filter = self.clone();
        filter.faults.retain(|own| own != fault);
        filter
    }
}

fn value_parts(query: &LogFilter) -> Vec<Part> {
    let mut parts = Vec::new();
    for field in ValueField::ALL {
        for not in [false, true] {
            for value in log_filter::values(query, *field, not) {
                parts.push(Part { field: Field::Value(*field), value: value.to_owned(), not });
            }
        }
    }
    parts
}

fn bound(slot: &mut Option<String>, value: &str, now: Time) -> Result<(), String> {
    parse_moment(value, now)?;
    *slot = Some(value.to_owned());
    Ok(())
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
mod tests;
