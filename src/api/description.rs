//! The descriptions of the API itself, and a value of JSON of which nobody knows the type beforehand.

use super::{Failure, client};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Whose calls are described.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The customer's people
    Customer,
    /// The provider's just-in-time access service
    Provider,
}

impl Side {
    /// Where its description is. The customer's is the one of everything.
    pub fn path(self) -> &'static str {
        match self {
            Self::Customer => "/api/openapi.json",
            Self::Provider => "/provider/openapi.json",
        }
    }
}

/// Reads a description.
pub async fn read_description(side: Side) -> Result<Value, Failure> {
    client::get(side.path().to_owned()).await
}

/// Any JSON. Objects keep the order of their members.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Truth(bool),
    /// A number
    Number(f64),
    /// A string
    Text(String),
    /// An array
    List(Vec<Value>),
    /// An object
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The member of an object with this name.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[(String, Self)] {
        if let Self::Object(members) = self { members } else { &[] }
    }

    /// The items of an array; none of anything else.
    pub fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// The words of a string.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The string that is the member with this name.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// As JSON, laid out over several lines.
    pub fn laid_out(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Truth(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&number_in_words(*number)),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                let short = items.iter().all(|item| !matches!(item, Self::List(_) | Self::Object(_)));
                enclose(out, "[]", depth, short, items, |item, out, depth| item.write(out, depth));
            }
            Self::Object(members) => {
                enclose(out, "{}", depth, members.is_empty(), members, |(name, value), out, depth| {
                    quote(name, out);
                    out.push_str(": ");
                    value.write(out, depth);
                })
            }
        }
    }
}

/// What stands between brackets: on one line if `short`, else a line each.
fn enclose<T>(
    out: &mut String,
    marks: &str,
    depth: usize,
    short: bool,
    parts: &[T],
    write: impl Fn(&T, &mut String, usize),
) {
    let (open, close) = marks.split_at(1);
    let line = |out: &mut String, depth: usize| {
        if !short {
            out.push('\n');
            (0..depth).for_each(|_| out.push_str("  "));
        }
    };
    out.push_str(open);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push_str(if short { ", " } else { "," });
        }
        line(out, depth + 1);
        write(part, out, depth + 1);
    }
    line(out, depth);
    out.push_str(close);
}

fn quote(text: &str, out: &mut String) {
    // A string can't fail to be written.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// Whole numbers by way of integers, others by way of the browser: what prints a fraction weighs 3.5 KB.
fn number_in_words(number: f64) -> String {
    #[cfg(target_arch = "wasm32")]
    if number.fract() != 0.0 {
        return js_sys::Number::from(number).to_string_with_radix(10).map(String::from).unwrap_or_default();
    }
    #[cfg(not(target_arch = "wasm32"))]
    if number.fract() != 0.0 {
        return number.to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number of a description fits 64 bits")]
    let whole = number as i64;
    whole.to_string()
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Truth(truth))
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers are exact up to 2^53, as in any browser")]
    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers are exact up to 2^53, as in any browser")]
    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = parts.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = parts.next_entry()? {
            members.push(member);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::json;

    #[test]
    fn what_is_read_is_laid_out_as_it_was() {
        let text = "{\n  \"list\": [1, -2, 0.5],\n  \"none\": null,\n  \"of\": [\n    {\n      \"a\": \"\\\"é\\n\"\n    }\n  ],\n  \"on\": true\n}";
        let value = json::read::<Value>(text).unwrap();
        assert_eq!(value.laid_out(), text);
        assert_eq!(value.get("of").unwrap().items()[0].text_of("a"), Some("\"é\n"));
        assert_eq!(Value::Object(Vec::new()).laid_out(), "{}");
    }
}
