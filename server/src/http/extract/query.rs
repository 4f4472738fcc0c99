//! Query parameters: unknown and doubled ones are refused; a parameter whose field is a list may be repeated.

use std::fmt;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error as _, IntoDeserializer, Unexpected, Visitor,
        value::{Error, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_path_to_error::Segment;

use super::words;
use crate::error::ApiError;

/// Query parameters.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

/// For calls that take no parameters: `Query<NoParameters>` refuses any.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Reads a query string.
///
/// # Errors
/// [`ApiError::Parameters`], naming the parameter.
pub fn parse_query<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let mut given: Vec<(String, Given)> = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name).ok_or_else(|| ApiError::parameter("?", "A parameter's name is not UTF-8 text."))?;
        let value = decode(value).ok_or_else(|| ApiError::parameter(&*name, "Is not UTF-8 text."))?;
        if value.contains('\0') {
            return Err(ApiError::parameter(&*name, "Holds a zero character, which nothing here does."));
        }
        match given.iter_mut().find(|(other, _)| *other == name) {
            Some((_, values)) => values.0.push(value),
            None => given.push((name, Given(vec![value]))),
        }
    }
    serde_path_to_error::deserialize(MapDeserializer::new(given.into_iter())).map_err(|error| {
        let name = error.path().iter().find_map(|segment| match segment {
            Segment::Map { key } => Some(key.clone()),
            _ => None,
        });
        let sentence = error.inner().to_string();
        let missing = words::subject(&sentence, "missing field").map(str::to_owned);
        ApiError::parameter(missing.or(name).unwrap_or_default(), words::plain(&sentence))
    })
}

/// Undoes `+` and `%41`. `None` if the result is not UTF-8, or a `%` stands for nothing.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok().filter(|it| it.chars().all(|c| c.is_ascii_hexdigit()))?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The values of one parameter.
struct Given(Vec<String>);

impl Given {
    fn single(mut self) -> Result<String, Error> {
        match (self.0.pop(), self.0.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(Error::custom("duplicate field")),
        }
    }

    fn parsed<T: std::str::FromStr>(self, expected: &'static str) -> Result<T, Error> {
        let text = self.single()?;
        text.parse().map_err(|_| Error::invalid_value(Unexpected::Str(&text), &Expected(expected)))
    }
}

struct Expected(&'static str);

impl serde::de::Expected for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> IntoDeserializer<'de, Error> for Given {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident => $visit:ident, $type:ty, $expected:literal;)+) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parsed::<$type>($expected)?)
        })+
    };
}

impl<'de> Deserializer<'de> for Given {
    type Error = Error;

    parsed! {
        deserialize_bool => visit_bool, bool, "a boolean";
        deserialize_u16 => visit_u16, u16, "u16";
        deserialize_u32 => visit_u32, u32, "u32";
        deserialize_u64 => visit_u64, u64, "u64";
        deserialize_i64 => visit_i64, i64, "i64";
        deserialize_f64 => visit_f64, f64, "f64";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.single()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter().map(|value| Self(vec![value]))))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.single()?.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u128 f32 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct
        identifier ignored_any
    }
}
