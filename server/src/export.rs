//! Events as files: one encoder per format. An encoder is given rows one at a time and puts bytes out as it likes, so
//! that a file of any length needs little memory.

pub mod csv;
mod ndjson;
mod parquet;

pub(crate) use ndjson::event as json_event;

use lockbox_api::{Time, logs::ExportFormat};

use crate::store::LogRow;

/// Why a file can't go on.
#[derive(Debug, thiserror::Error)]
#[error("encoding: {0}")]
pub struct EncodeError(pub(crate) String);

/// Turns events into the bytes of a file.
pub trait Encoder: Send {
    /// One more event; whatever is ready is put behind `out`.
    ///
    /// # Errors
    /// When the format can't hold it.
    fn row(&mut self, row: &LogRow<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// The end of the file.
    ///
    /// # Errors
    /// When the format can't be ended.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError>;
}

/// The encoder of a format.
///
/// # Errors
/// When it can't begin.
pub fn encoder(format: ExportFormat) -> Result<Box<dyn Encoder>, EncodeError> {
    Ok(match format {
        ExportFormat::Csv => Box::new(csv::Csv::default()),
        ExportFormat::Ndjson => Box::new(ndjson::Ndjson::default()),
        ExportFormat::Parquet => Box::new(parquet::Parquet::new()?),
    })
}

/// The media type of a format.
#[must_use]
pub const fn media_type(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        ExportFormat::Ndjson => "application/x-ndjson",
        ExportFormat::Parquet => "application/vnd.apache.parquet",
    }
}

/// Writes times as the API does (RFC 3339, UTC, as many digits as needed). The day is kept: most rows share it.
#[derive(Default)]
pub(crate) struct Stamp {
    day: Option<i64>,
    text: String,
}

impl Stamp {
    pub(crate) fn write(&mut self, time: Time, out: &mut Vec<u8>) {
        let us = time.timestamp_micros();
        let (day, rest) = (us.div_euclid(86_400_000_000), us.rem_euclid(86_400_000_000));
        if self.day != Some(day) {
            self.day = Some(day);
            self.text = time.date_naive().to_string();
        }
        out.extend_from_slice(self.text.as_bytes());
        let digits = |out: &mut Vec<u8>, number: i64, count: u32| {
            for at in (0..count).rev() {
                out.push(b'0' + u8::try_from(number / 10_i64.pow(at) % 10).unwrap_or(0));
            }
        };
        let (seconds, micros) = (rest / 1_000_000, rest % 1_000_000);
        for (before, number) in [(b'T', seconds / 3_600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
            out.push(before);
            digits(out, number, 2);
        }
        if micros % 1_000 != 0 {
            out.push(b'.');
            digits(out, micros, 6);
        } else if micros != 0 {
            out.push(b'.');
            digits(out, micros / 1_000, 3);
        }
        out.push(b'Z');
    }
}

/// A whole number in digits.
pub(crate) fn number(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let (mut at, mut rest) = (digits.len(), number);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_numbers_read_as_those_of_the_api() {
        let mut stamp = Stamp::default();
        for us in [0, 1, 999_999, 1_000, 120_000, 86_399_999_999, 86_400_000_000, 1_790_000_000_123_456, -1] {
            let time = Time::from_timestamp_micros(us).unwrap();
            let mut out = vec![b'"'];
            stamp.write(time, &mut out);
            out.push(b'"');
            assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(&time).unwrap());
        }
        for value in [0, 7, 10, 99, 1_234_567, u64::MAX] {
            let mut out = Vec::new();
            number(value, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }
}
