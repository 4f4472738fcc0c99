//! Comma-separated values (RFC 4180) that no spreadsheet takes for formulas: engineers and customers write some of these
//! texts, and somebody opens the file in a spreadsheet.

use super::{EncodeError, Encoder, Stamp, number};
use crate::store::LogRow;

/// The head line of an export of the log.
const HEAD: &str = "sequence,id,time,category,operation,friendly_name,actor_id,actor_name,actor_kind,environment_id,\
    request_id,service_request_id,grant_id,outcome,client_ip,correlation_id,details\r\n";

/// The log as CSV. Details are the JSON that the API shows.
#[derive(Default)]
pub(super) struct Csv {
    begun: bool,
    stamp: Stamp,
}

impl Encoder for Csv {
    fn row(&mut self, row: &LogRow<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.end(out)?;
        number(row.sequence, out);
        out.push(b',');
        cell(row.id, out);
        out.push(b',');
        self.stamp.write(row.time, out);
        for text in row.texts() {
            out.push(b',');
            cell(text.unwrap_or_default(), out);
        }
        out.extend_from_slice(b"\r\n");
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        if !self.begun {
            self.begun = true;
            out.extend_from_slice(HEAD.as_bytes());
        }
        Ok(())
    }
}

/// One line of cells.
pub(crate) fn line<'t>(cells: impl IntoIterator<Item = &'t str>, out: &mut Vec<u8>) {
    for (at, text) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        cell(text, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// One cell: harmless, and in quotes where it holds something that would end it.
fn cell(text: &str, out: &mut Vec<u8>) {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let quoted = text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if quoted {
        out.push(b'"');
    }
    if formula {
        out.push(b'\'');
    }
    if quoted {
        for part in text.split_inclusive('"') {
            out.extend_from_slice(part.as_bytes());
            if part.ends_with('"') {
                out.push(b'"');
            }
        }
        out.push(b'"');
    } else {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_harmless() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "'=1+1"),
            ("-1,\"x", "\"'-1,\"\"x\""),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\r\nx", "\"'\r\nx\""),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
        ] {
            let mut out = Vec::new();
            cell(text, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text:?}");
        }
    }
}
