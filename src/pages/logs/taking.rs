//! An export on its way into a file. When its connection breaks, what has come stays, and another connection fetches the rest by
//! its range of sequence. Each part becomes a blob of its own, which the browser may keep on disk: the file never stands in
//! memory whole.

use super::received::{Check, Received};
use crate::{
    api::{self, Failure},
    ui::download,
};
use chrono::SecondsFormat::AutoSi;
use js_sys::{Array, Uint8Array};
use lockbox_api::{
    Time,
    ids::ExportId,
    logs::{ExportFormat, LogFilter},
};
use lockbox_rules::window::parse_moment;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Blob, ReadableStreamDefaultReader};

/// An export that has not ended.
pub struct Taking {
    filter: LogFilter,
    received: Received,
    parts: Array,
    /// Name and kind of the file, and the last sequence that it may hold: as the first connection began
    file: Option<(String, String, u64)>,
    connections: u32,
    total: Option<u64>,
    /// All of it has come; what the log says of the last connection has not
    came: Option<ExportId>,
}

/// How far one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Far {
    /// Whole events that have come, where that can be told from the file
    pub rows: Option<u64>,
    /// Bytes of them
    pub bytes: u64,
    /// Hundredths of all events, where their number is known; never all before the end
    pub share: Option<u64>,
}

/// A file that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Events in it
    pub rows: u64,
    /// Its digest, hexadecimal
    pub sha256: String,
    /// So many connections brought it
    pub connections: u32,
    /// The last of them brought what the log says was sent over it
    pub checked: bool,
}

/// How it ended.
pub enum Ended {
    /// The file is saved
    Saved(Saved),
    /// The connection broke, and why; what has come is kept
    Broke(Box<Taking>, String),
    /// Nothing was saved, and why
    Failed(String),
}

impl Taking {
    /// Not begun. `total`: how many events the filter lets through, where that is known. Relative times are resolved now, so that
    /// the rest is of the same range when it is fetched later.
    pub fn new(filter: LogFilter, format: ExportFormat, total: Option<u64>, now: Time) -> Self {
        let filter = absolute(filter, now);
        Self {
            filter,
            received: Received::new(format),
            parts: Array::new(),
            file: None,
            connections: 0,
            total,
            came: None,
        }
    }

    /// How far it is.
    pub fn far(&self) -> Far {
        let rows = self.received.can_go_on().then_some(self.received.rows);
        Far { rows, bytes: self.received.bytes, share: share(rows, self.total) }
    }

    /// Whether what is missing can be fetched by itself.
    pub fn can_go_on(&self) -> bool {
        self.received.can_go_on() || self.came.is_some()
    }

    /// Fetches all of it, or what is missing, tells how far it is, and saves it in the end. `signal` stops it.
    pub async fn run(mut self, signal: &AbortSignal, told: impl Fn(Far)) -> Ended {
        if let (Some((.., to)), Some(last), None) = (&self.file, self.received.last, &self.came)
            && last >= *to
        {
            // Only the end was lost.
            return self.save(false);
        }
        match self.connect(signal, told).await {
            _ if signal.aborted() => Ended::Failed(STOPPED.to_owned()),
            Ok(Check::Same) => self.save(true),
            Ok(Check::Short) => Ended::Broke(Box::new(self), "Not everything that was sent has come.".to_owned()),
            Ok(Check::Other) => {
                Ended::Failed("What came is not what the log says was sent. Try again from the beginning.".to_owned())
            }
            Err(failure) if self.file.is_none() || refused(&failure) => Ended::Failed(failure.sentence()),
            Err(failure) => Ended::Broke(Box::new(self), failure.sentence()),
        }
    }

    async fn connect(&mut self, signal: &AbortSignal, told: impl Fn(Far)) -> Result<Check, Failure> {
        if self.came.is_none() {
            self.came = self.fetch(signal, told).await?;
        }
        let Some(id) = &self.came else { return Ok(Check::Other) };
        let export = api::logs::read_export(id).await?;
        // What a Parquet file holds, only the server can tell.
        if let (false, Some(rows)) = (self.received.can_go_on(), export.rows) {
            self.received.rows = rows;
        }
        let check = self.received.check(&export);
        if check != Check::Same {
            self.came = None;
        }
        Ok(check)
    }

    /// Fetches what is missing, and returns under which id the log knows that it was sent; none if what came is no continuation
    /// of what is there.
    async fn fetch(&mut self, signal: &AbortSignal, told: impl Fn(Far)) -> Result<Option<ExportId>, Failure> {
        let after = self.received.last.unwrap_or(0);
        let rest = self.file.as_ref().map(|(.., to)| (after + 1, *to));
        let path = api::logs::export_path(&self.filter, self.received.format(), rest);
        let answer = api::logs::begin_export(&path, signal).await?;
        self.connections += 1;
        self.received.go_on();
        self.file.get_or_insert((answer.file_name, answer.media_type, answer.to_sequence));
        told(self.far());
        let lost = |_| Failure::network();
        let reader: ReadableStreamDefaultReader = answer.stream.get_reader().dyn_into().map_err(lost)?;
        loop {
            let read = JsFuture::from(reader.read()).await.map_err(|_| Failure::network())?;
            let field =
                |name: &str| js_sys::Reflect::get(&read, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
            if field("done").is_truthy() {
                break;
            }
            let part: Uint8Array = field("value").dyn_into().map_err(|_| Failure::network())?;
            let Some(whole) = self.received.take(&part.to_vec()) else { return Ok(None) };
            told(self.far());
            if !whole.is_empty() {
                let bytes = Array::of1(&Uint8Array::from(whole.as_slice()));
                let blob = Blob::new_with_u8_array_sequence(&bytes).map_err(|_| Failure::network())?;
                self.parts.push(&blob.into());
            }
        }
        Ok(Some(answer.id))
    }

    fn save(self, checked: bool) -> Ended {
        let saved = self.file.as_ref().is_some_and(|(name, kind, _)| download::save_parts(name, kind, &self.parts));
        if !saved {
            return Ended::Failed("The browser did not take the file.".to_owned());
        }
        let Self { received, connections, .. } = self;
        Ended::Saved(Saved { rows: received.rows, sha256: received.sha256(), connections, checked })
    }
}

/// What the dialog says when somebody stopped it.
pub const STOPPED: &str = "You stopped it. The log says so, too.";
/// And when somebody stopped it after its connection had broken.
pub const STOPPED_AFTER: &str = "You stopped it. The log says what was sent until the connection broke.";

/// The server answered, and said no: to ask for the rest again would bring the same.
fn refused(failure: &Failure) -> bool {
    (400..500).contains(&failure.status) && !matches!(failure.status, 401 | 408 | 429)
}

/// The filter with its times as moments.
fn absolute(mut filter: LogFilter, now: Time) -> LogFilter {
    for bound in [&mut filter.from, &mut filter.to] {
        // What is no time is left for the server to refuse.
        let moment = bound.as_deref().and_then(|text| parse_moment(text, now).ok());
        *bound = moment.map(|moment| moment.to_rfc3339_opts(AutoSi, true)).or(bound.take());
    }
    filter
}

fn share(rows: Option<u64>, total: Option<u64>) -> Option<u64> {
    let total = total.filter(|total| *total > 0)?;
    rows.map(|rows| (rows.saturating_mul(100) / total).min(99))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_whole_only_at_the_end() {
        assert_eq!(share(Some(0), Some(3)), Some(0));
        assert_eq!(share(Some(2), Some(3)), Some(66));
        assert_eq!(share(Some(3), Some(3)), Some(99));
        assert_eq!(share(Some(9), Some(3)), Some(99), "more came in meanwhile");
        assert_eq!((share(Some(3), None), share(None, Some(3)), share(Some(0), Some(0))), (None, None, None));
    }

    #[test]
    fn times_stay_what_they_were_when_it_began() {
        let now: Time = "2026-11-22T12:00:00.25Z".parse().unwrap();
        let filter = LogFilter { from: Some("now-1h".to_owned()), ..LogFilter::default() };
        let fixed = absolute(filter, now);
        assert_eq!((fixed.from.as_deref(), &fixed.to), (Some("2026-11-22T11:00:00.250Z"), &None));
        assert_eq!(absolute(fixed.clone(), now + chrono::TimeDelta::hours(5)), fixed);
    }
}
