//! Between Rust values and columns.

use lockbox_api::Time;
use rusqlite::{
    Row, ToSql,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::store::{StoreError, StoreResult};

/// A driver error, for the operator. It names the fault and never holds values.
#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn database(error: rusqlite::Error) -> StoreError {
    StoreError::Database(error.to_string())
}

/// A time as INTEGER microseconds.
pub(super) struct Us(pub(super) Time);

impl FromSql for Us {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let us = i64::column_result(value)?;
        Time::from_timestamp_micros(us).map(Self).ok_or(FromSqlError::OutOfRange(us))
    }
}

impl ToSql for Us {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.timestamp_micros().into())
    }
}

/// A time that may be absent.
pub(super) fn us(time: Option<Time>) -> Option<i64> {
    time.map(|time| time.timestamp_micros())
}

/// A nested value as JSON text.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        serde_json::to_string(&self.0)
            .map(ToSqlOutput::from)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    }
}

/// A word of a closed set, as its wire text.
pub(super) struct Word<T>(pub(super) T);

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        T::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(text))
            .map(Self)
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

/// A 32-byte hash.
pub(super) fn hash(row: &Row<'_>, column: &str) -> rusqlite::Result<[u8; 32]> {
    row.get::<_, [u8; 32]>(column)
}

/// First row or none.
pub(super) trait Optional<T> {
    /// Turns "no rows" into `None`, other faults into [`StoreError`].
    fn optional(self) -> StoreResult<Option<T>>;
}

impl<T> Optional<T> for rusqlite::Result<T> {
    fn optional(self) -> StoreResult<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
            Err(error) => Err(database(error)),
        }
    }
}

/// A statement put together from conditions that are all to hold. Values are always bound, never written into the text.
#[derive(Default)]
pub(super) struct Conditions {
    text: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    /// Adds a condition; each `?` in it is bound to one of the values, in order.
    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Box<dyn ToSql>>) {
        self.text.push_str(if self.text.is_empty() { " WHERE " } else { " AND " });
        self.text.push_str(condition);
        self.values.extend(values);
    }

    /// ` WHERE …`, or nothing.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Binds one more value after the conditions.
    pub(super) fn push(&mut self, value: impl ToSql + 'static) {
        self.values.push(Box::new(value));
    }

    /// The values in order.
    pub(super) fn values(&self) -> impl Iterator<Item = &dyn ToSql> {
        self.values.iter().map(AsRef::as_ref)
    }
}

/// Boxes values for [`Conditions::and`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$(Box::new($value) as Box<dyn rusqlite::ToSql>),*] };
}
pub(super) use values;

/// A `LIKE` pattern that finds `text` anywhere, its own wildcards taken literally (`ESCAPE '\'`).
pub(super) fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
