//! An export on its way into a file. When its connection breaks or falls silent, what has come stays, and another connection
//! fetches the rest of that same export. Each part becomes a blob of its own, which the browser may keep on disk: the file never
//! stands in memory whole.

use super::received::{Check, Received};
use crate::{
    api::{self, Failure, FailureKind},
    ui::download,
};
use chrono::SecondsFormat::AutoSi;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};
use lockbox_api::{
    Time,
    ids::ExportId,
    logs::{ExportFormat, LogFilter},
};
use lockbox_rules::window::parse_moment;
use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, Blob, ReadableStreamDefaultReader};

/// A connection over which nothing comes for so long, milliseconds, is taken for broken.
const SILENCE_MS: u32 = 30_000;

/// An export that has not ended.
pub struct Taking {
    filter: LogFilter,
    received: Received,
    parts: Array,
    /// As the first connection began
    file: Option<File>,
    connections: u32,
    total: Option<u64>,
    /// All of it has come; what the log says of the last connection has not
    came: Option<ExportId>,
}

/// What is fixed once an export has begun.
struct File {
    /// Under which id the log knows it
    id: ExportId,
    name: String,
    media_type: String,
    /// The last sequence that it may hold
    to_sequence: u64,
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
    /// It has not come to its end, and why; what has come is kept
    Broke(Box<Taking>, Why),
    /// Nothing was saved, and why
    Failed(String),
}

/// Why an export has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody stopped it
    Stopped,
    /// No answer came
    Unreachable,
    /// The connection broke in the middle
    Cut,
    /// Nothing came for too long
    Silent,
    /// It ended as if all had come, and the log says otherwise
    Short,
    /// The browser keeps no more
    NoRoom,
    /// Nobody is signed in any more
    SignedOut,
    /// The server said no, or can't just now: its words
    Answered(String),
    /// What came can't be right: to go on would be no use
    Wrong(&'static str),
}

impl Why {
    fn of(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::Network => Self::Unreachable,
            _ if failure.is_signed_out() => Self::SignedOut,
            _ => Self::Answered(failure.sentence()),
        }
    }

    /// In words.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Stopped => "You stopped it.",
            Self::Unreachable => "The server could not be reached. Check the connection.",
            Self::Cut => "The connection broke in the middle of the file.",
            Self::Silent => "Nothing came for 30 seconds.",
            Self::Short => "The connection ended before everything that was sent had come.",
            Self::NoRoom => "The browser could not keep more of the file. Close what else needs room.",
            Self::SignedOut => "Your session has ended.",
            Self::Answered(words) => words,
            Self::Wrong(words) => words,
        }
    }
}

/// What came over another connection begins elsewhere.
const NO_REST: &str = "What came does not go on where the file ended. Try again from the beginning.";
/// All came, and not what was sent.
const OTHER: &str = "What came is not what the log says was sent. Try again from the beginning.";
/// An answer that no version of this server gives.
const UNREADABLE: &str = "What came can’t be read as a file. Reload the page.";

impl Taking {
    /// Not begun. `total`: how many events the filter lets through, where that is known. Relative times are resolved now, so that
    /// what is said of the filter later is what was taken.
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

    /// What it lets through.
    pub fn filter(&self) -> &LogFilter {
        &self.filter
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

    /// Fetches all of it, or what is missing, tells how far it is, and saves it in the end. `stop` stops it.
    pub async fn run(mut self, stop: &AbortController, told: impl Fn(Far)) -> Ended {
        if let (Some(file), Some(last), None) = (&self.file, self.received.last, &self.came)
            && last >= file.to_sequence
        {
            // Only the end was lost.
            return self.save(false);
        }
        let signal = stop.signal();
        let outcome = self.connect(&signal, told).await;
        let stopped = signal.aborted();
        // Whatever is still on its way over this connection comes for nothing: the server is to know.
        stop.abort();
        // What is worth something is thrown away by the person, and not here.
        let usable = self.came.is_some() || (self.can_go_on() && self.received.rows > 0);
        match outcome {
            _ if stopped && usable => Ended::Broke(Box::new(self), Why::Stopped),
            _ if stopped => Ended::Failed(STOPPED.to_owned()),
            Ok(Check::Same) => self.save(true),
            Ok(Check::Short) => Ended::Broke(Box::new(self), Why::Short),
            Ok(Check::Other) => Ended::Failed(OTHER.to_owned()),
            Err(Why::Wrong(words)) => Ended::Failed(words.to_owned()),
            Err(why @ Why::Answered(_)) if !usable => Ended::Failed(why.sentence().to_owned()),
            Err(why) if self.file.is_none() => Ended::Failed(why.sentence().to_owned()),
            Err(why) => Ended::Broke(Box::new(self), why),
        }
    }

    async fn connect(&mut self, signal: &AbortSignal, told: impl Fn(Far)) -> Result<Check, Why> {
        let id = match self.came.take() {
            Some(id) => id,
            None => self.fetch(signal, told).await?,
        };
        // Kept for as long as the log has not said anything of it.
        self.came = Some(id.clone());
        let export = within(api::logs::read_export(&id)).await?.map_err(Why::of)?;
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

    /// Fetches what is missing, and returns under which id the log knows that it was sent.
    async fn fetch(&mut self, signal: &AbortSignal, told: impl Fn(Far)) -> Result<ExportId, Why> {
        let path = match &self.file {
            Some(file) => api::logs::rest_path(&file.id, self.received.last.unwrap_or(0) + 1),
            None => api::logs::export_path(&self.filter, self.received.format()),
        };
        let answer = within(api::logs::begin_export(&path, signal)).await?.map_err(Why::of)?;
        self.connections += 1;
        self.received.go_on();
        let (id, to_sequence) = (answer.id.clone(), answer.to_sequence);
        let file = self.file.get_or_insert(File {
            id: answer.id,
            name: answer.file_name,
            media_type: answer.media_type,
            to_sequence,
        });
        if file.to_sequence != to_sequence {
            return Err(Why::Wrong(NO_REST));
        }
        told(self.far());
        let unreadable = Why::Wrong(UNREADABLE);
        let reader =
            answer.stream.get_reader().dyn_into::<ReadableStreamDefaultReader>().map_err(|_| unreadable.clone())?;
        loop {
            let read = within(JsFuture::from(reader.read())).await?.map_err(|_| Why::Cut)?;
            let field =
                |name: &str| js_sys::Reflect::get(&read, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
            if field("done").is_truthy() {
                return Ok(id);
            }
            let part = field("value").dyn_into::<Uint8Array>().map_err(|_| unreadable.clone())?;
            // Rows count as received when they are kept: otherwise the next connection begins after rows that nobody has.
            let mut received = self.received.clone();
            let whole =
                received.take(&part.to_vec()).ok_or(Why::Wrong(if self.connections > 1 { NO_REST } else { OTHER }))?;
            if !whole.is_empty() {
                let bytes = Array::of1(&Uint8Array::from(whole.as_slice()));
                let blob = Blob::new_with_u8_array_sequence(&bytes).map_err(|_| Why::NoRoom)?;
                self.parts.push(&blob.into());
            }
            self.received = received;
            told(self.far());
        }
    }

    fn save(self, checked: bool) -> Ended {
        let file = self.file.as_ref();
        let saved = file.is_some_and(|file| download::save_parts(&file.name, &file.media_type, &self.parts));
        if !saved {
            return Ended::Failed("The browser did not take the file.".to_owned());
        }
        let Self { received, connections, .. } = self;
        Ended::Saved(Saved { rows: received.rows, sha256: received.sha256(), connections, checked })
    }
}

/// What the dialog says when somebody stopped it before anything of use had come.
pub const STOPPED: &str = "You stopped it. The log says so, too.";
/// And when somebody threw away what had come.
pub const DISCARDED: &str = "What had come is discarded. The log says what was sent.";

/// What comes before the silence is too long.
async fn within<T>(work: impl Future<Output = T>) -> Result<T, Why> {
    let (mut work, mut silence) = (pin!(work), pin!(TimeoutFuture::new(SILENCE_MS)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(came) => Poll::Ready(Ok(came)),
        Poll::Pending => silence.as_mut().poll(context).map(|()| Err(Why::Silent)),
    })
    .await
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
