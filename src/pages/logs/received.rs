//! What has come of an export, over one connection or several: whole rows, how many, up to which sequence, and the digests by
//! which the file is checked. When a connection breaks, the row that it broke in is thrown away, and the next one goes on after
//! the last whole row. Pure, so that every place to break at is tested.

use lockbox_api::logs::{ExportFormat, ExportState, LogExport};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What has come of an export.
#[derive(Clone, Debug)]
pub struct Received {
    format: ExportFormat,
    /// Whole rows
    pub rows: u64,
    /// Bytes that are kept
    pub bytes: u64,
    /// The sequence of the last whole row
    pub last: Option<u64>,
    /// The head line of a CSV, once it is there
    head: Option<Vec<u8>>,
    file: Sha256,
    now: Connection,
}

/// What has come over the connection that is open now.
#[derive(Clone, Debug, Default)]
struct Connection {
    /// The beginning of a row whose end has not come
    begun: Vec<u8>,
    /// Within quotation marks, in which a line break ends no row
    quoted: bool,
    /// Rows that have come over it
    rows: u64,
    /// Bytes that have come over it, kept or not
    bytes: u64,
    /// Its first line has come
    line: bool,
    digest: Sha256,
}

/// What the log says of what the last connection brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Everything was sent, and it is what came
    Same,
    /// Not everything has come
    Short,
    /// Something else came than was sent
    Other,
}

impl Received {
    /// Nothing yet.
    pub fn new(format: ExportFormat) -> Self {
        let now = Connection::default();
        Self { format, rows: 0, bytes: 0, last: None, head: None, file: Sha256::new(), now }
    }

    /// In what it is written.
    pub fn format(&self) -> ExportFormat {
        self.format
    }

    /// Whether a file of this kind can be put together from what several connections brought. The index of a Parquet file
    /// stands at its end and counts from its beginning.
    pub fn can_go_on(&self) -> bool {
        self.format != ExportFormat::Parquet
    }

    /// Another connection goes on where the one before broke: in which row it did is forgotten.
    pub fn go_on(&mut self) {
        self.now = Connection::default();
    }

    /// Takes what has come, and hands out what of it belongs into the file: whole rows. `None`: what came is no continuation
    /// of what is there. It counts as there at once: whoever may fail to keep what is handed out lets a copy take it.
    pub fn take(&mut self, part: &[u8]) -> Option<Vec<u8>> {
        self.now.digest.update(part);
        self.now.bytes += part.len() as u64;
        let whole = if self.can_go_on() { self.whole_rows(part)? } else { part.to_vec() };
        self.file.update(&whole);
        self.bytes += whole.len() as u64;
        Some(whole)
    }

    fn whole_rows(&mut self, part: &[u8]) -> Option<Vec<u8>> {
        let csv = self.format == ExportFormat::Csv;
        let held = self.now.begun.len();
        let mut all = std::mem::take(&mut self.now.begun);
        all.extend_from_slice(part);
        // Where what is handed out begins and ends, and where its first and its last row are.
        let (mut begin, mut end, mut first, mut last) = (0, 0, None, None);
        for (at, byte) in all.iter().enumerate().skip(held) {
            if csv && *byte == b'"' {
                self.now.quoted = !self.now.quoted;
            } else if *byte == b'\n' && !self.now.quoted {
                if csv && !std::mem::replace(&mut self.now.line, true) {
                    // Every connection brings the head line; the file has it once. Another one means other columns.
                    let head = all.get(..=at)?;
                    match &self.head {
                        Some(before) if before != head => return None,
                        Some(_) => begin = at + 1,
                        None => self.head = Some(head.to_vec()),
                    }
                } else {
                    (self.rows, self.now.rows) = (self.rows + 1, self.now.rows + 1);
                    last = Some(end..at + 1);
                    first = first.or_else(|| last.clone());
                }
                end = at + 1;
            }
        }
        // To read every row would take long; its ends tell of rows that are there already, and of rows in another order.
        if let (Some(first), Some(last)) = (first, last) {
            let sequence = |row| sequence_of(self.format, all.get(row)?);
            let only = first == last;
            let (first, last) = (sequence(first)?, sequence(last)?);
            if self.last.is_some_and(|before| before >= first) || (first >= last && !only) {
                return None;
            }
            self.last = Some(last);
        }
        self.now.begun = all.split_off(end);
        all.drain(..begin);
        Some(all)
    }

    /// Compares what the last connection brought with what the log says was sent over it.
    pub fn check(&self, told: &LogExport) -> Check {
        // A proxy may end an answer as if it were whole. What is missing then comes after all that is there; where nothing can
        // come after that, it is missing in between.
        let more = told.bytes.is_some_and(|sent| sent > self.now.bytes) && self.last < Some(told.to_sequence);
        if told.state != ExportState::Complete || !self.now.begun.is_empty() || more {
            return Check::Short;
        }
        let rows = !self.can_go_on() || told.rows == Some(self.now.rows);
        let same = rows && told.sha256.as_deref() == Some(hex(&self.now.digest).as_str());
        if same { Check::Same } else { Check::Other }
    }

    /// The digest of the file, hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&self.file)
    }
}

fn hex(digest: &Sha256) -> String {
    digest.clone().finalize().iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

/// The sequence of the event that a row stands for.
fn sequence_of(format: ExportFormat, row: &[u8]) -> Option<u64> {
    match format {
        ExportFormat::Csv => std::str::from_utf8(row.split(|byte| *byte == b',').next()?).ok()?.parse().ok(),
        ExportFormat::Ndjson => serde_json::from_slice::<Value>(row).ok()?.get("sequence")?.as_u64(),
        ExportFormat::Parquet => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "sequence,details\r\n3,plain\r\n7,\"two\r\nlines, \"\"quoted\"\"\"\r\n12,é\r\n";
    const NDJSON: &str =
        "{\"sequence\":3,\"x\":\"\\\"\\n\"}\n{\"id\":\"e\",\"sequence\":7}\n{\"sequence\":12,\"x\":\"é\"}\n";

    fn digest(text: &str) -> String {
        hex(&Sha256::new_with_prefix(text))
    }

    fn told(format: ExportFormat, sent: &str, rows: u64) -> LogExport {
        serde_json::from_value(serde_json::json!({
            "id": "exp_1", "state": "complete", "format": format, "filter": "", "from_sequence": 1, "to_sequence": 20,
            "person_id": "per_1", "person": "Ana", "started_at": "2026-11-22T12:00:00Z",
            "ended_at": "2026-11-22T12:00:01Z", "rows": rows, "bytes": sent.len(), "sha256": digest(sent),
        }))
        .unwrap()
    }

    /// What the server sends of the rows after a sequence.
    fn rest(format: ExportFormat, after: Option<u64>) -> (String, u64) {
        let rows: Vec<(u64, &str)> = match format {
            ExportFormat::Csv => {
                vec![(3, "3,plain\r\n"), (7, "7,\"two\r\nlines, \"\"quoted\"\"\"\r\n"), (12, "12,é\r\n")]
            }
            _ => NDJSON.split_inclusive('\n').zip([3, 7, 12]).map(|(row, sequence)| (sequence, row)).collect(),
        };
        let head = if format == ExportFormat::Csv { "sequence,details\r\n" } else { "" };
        let left: Vec<&str> =
            rows.iter().filter(|(own, _)| after.is_none_or(|after| *own > after)).map(|(_, row)| *row).collect();
        (format!("{head}{}", left.concat()), left.len() as u64)
    }

    #[test]
    fn wherever_it_breaks_the_file_is_whole_in_the_end() {
        for (format, whole) in [(ExportFormat::Csv, CSV), (ExportFormat::Ndjson, NDJSON)] {
            for cut in 0..=whole.len() {
                for step in [1, 7, 1_000] {
                    let mut received = Received::new(format);
                    let mut file = Vec::new();
                    let mut feed = |received: &mut Received, bytes: &[u8]| {
                        for part in bytes.chunks(step) {
                            file.extend(received.take(part).unwrap());
                        }
                    };
                    feed(&mut received, &whole.as_bytes()[..cut]);
                    let kept = received.rows;
                    received.go_on();
                    let (sent, rows) = rest(format, received.last);
                    assert_eq!(kept + rows, 3, "{format:?} cut at {cut}: what is kept and what is asked for is all");
                    feed(&mut received, sent.as_bytes());
                    assert_eq!(String::from_utf8(file).unwrap(), whole, "{format:?} cut at {cut}");
                    assert_eq!((received.rows, received.last, received.bytes), (3, Some(12), whole.len() as u64));
                    assert_eq!(received.sha256(), digest(whole));
                    assert_eq!(received.check(&told(format, &sent, rows)), Check::Same, "{format:?} cut at {cut}");
                }
            }
        }
    }

    #[test]
    fn what_did_not_come_or_came_otherwise_is_noticed() {
        let mut received = Received::new(ExportFormat::Ndjson);
        received.take(NDJSON.as_bytes()).unwrap();
        let sent = told(ExportFormat::Ndjson, NDJSON, 3);
        assert_eq!(received.check(&sent), Check::Same);
        assert_eq!(received.check(&LogExport { rows: Some(4), ..sent.clone() }), Check::Other);
        assert_eq!(received.check(&LogExport { sha256: Some("0".repeat(64)), ..sent.clone() }), Check::Other);
        assert_eq!(received.check(&LogExport { state: ExportState::Cancelled, ..sent.clone() }), Check::Short);
        received.take(b"{\"sequence\":13").unwrap();
        assert_eq!(received.check(&sent), Check::Short, "a row that does not end");
        let mut again = Received::new(ExportFormat::Ndjson);
        again.take(NDJSON.as_bytes()).unwrap();
        again.go_on();
        assert_eq!(again.take(NDJSON.as_bytes()), None, "rows that are there already");
    }

    #[test]
    fn a_connection_goes_on_with_its_first_row_and_not_only_with_its_last() {
        for (format, begun, rest) in [
            (ExportFormat::Csv, "sequence,details\r\n3,a\r\n7,b\r\n", "sequence,details\r\n7,b\r\n12,c\r\n"),
            (ExportFormat::Ndjson, "{\"sequence\":3}\n{\"sequence\":7}\n", "{\"sequence\":7}\n{\"sequence\":12}\n"),
        ] {
            let mut received = Received::new(format);
            received.take(begun.as_bytes()).unwrap();
            received.go_on();
            assert_eq!(received.take(rest.as_bytes()), None, "{format:?}: a row twice");
            let mut received = Received::new(format);
            assert_eq!(received.take(rest.replace("12", "5").as_bytes()), None, "{format:?}: rows in another order");
        }
    }

    #[test]
    fn an_answer_that_ends_early_without_an_error_is_short() {
        for (format, whole) in [(ExportFormat::Csv, CSV), (ExportFormat::Ndjson, NDJSON)] {
            let sent = told(format, whole, 3);
            // At the end of a row, and before anything has come.
            for cut in [0, whole.rfind('\n').map(|end| whole[..end].rfind('\n').unwrap() + 1).unwrap()] {
                let mut received = Received::new(format);
                received.take(&whole.as_bytes()[..cut]).unwrap();
                assert_eq!(received.check(&sent), Check::Short, "{format:?} cut at {cut}");
            }
            let mut received = Received::new(format);
            received.take(whole.as_bytes()).unwrap();
            let more = LogExport { rows: Some(4), bytes: Some(999), ..sent };
            assert_eq!(received.check(&more), Check::Short);
            let all = LogExport { to_sequence: 12, ..more };
            assert_eq!(received.check(&all), Check::Other, "{format:?}: what is missing is not at the end");
        }
        let mut received = Received::new(ExportFormat::Parquet);
        received.take(b"PAR1").unwrap();
        assert_eq!(received.check(&told(ExportFormat::Parquet, "PAR1 and more", 9)), Check::Short);
    }

    #[test]
    fn parquet_goes_through_as_it_is_and_cannot_go_on() {
        let mut received = Received::new(ExportFormat::Parquet);
        assert_eq!(received.take(b"PAR1\n\"").unwrap(), b"PAR1\n\"");
        assert!(!received.can_go_on());
        assert_eq!((received.rows, received.bytes), (0, 6));
        assert_eq!(received.check(&told(ExportFormat::Parquet, "PAR1\n\"", 9)), Check::Same);
    }
}
