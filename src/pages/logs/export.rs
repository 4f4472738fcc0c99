//! Taking what the filter lets through away as a file: how far it is, its digest, and going on when the connection breaks
//! or somebody stopped it. What came is not thrown away without a question while one stays on the page; who leaves it, or whose
//! session ends, is told.

mod said;

use super::{
    Logs,
    taking::{DISCARDED, Ended, Far, Saved, Taking, Why},
};
use crate::{
    components::permission::why_not,
    state::{clock, use_live, use_toasts},
    ui::{Banner, BannerKind, Button, ButtonKind, Dialog, Icon, RadioGroup, RadioOption, dynamic, memo, told, watch},
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::logs::ExportFormat;
use lockbox_rules::{log_filter, permission::Action, words};
use said::{checked, next, title, way};
use web_sys::AbortController;

/// The formats, with what they are good for.
const FORMATS: [RadioOption; 3] = [
    RadioOption { value: "csv", label: "CSV", hint: "For spreadsheets. No cell is taken for a formula." },
    RadioOption { value: "ndjson", label: "NDJSON", hint: "For programs: one JSON object a line, with every detail." },
    RadioOption { value: "parquet", label: "Parquet", hint: "For analysis: typed columns, compressed." },
];

/// How far it is.
#[derive(Clone, PartialEq)]
enum Progress {
    Waiting,
    Running(Far),
    /// It has not come to its end, and why; what has come is kept
    Broken(Far, Why),
    /// The same, and this kind of file can't be put together from parts
    Lost(Far, Why),
    Done(Box<Saved>),
    Failed(String),
}

impl Progress {
    fn is_running(&self) -> bool {
        matches!(self, Self::Running(_))
    }

    fn is_broken(&self) -> bool {
        matches!(self, Self::Broken(..))
    }
}

/// What the button, the dialog and the question share. It stands in the page and not in the dialog, whose content goes when that
/// is closed.
#[derive(Clone, Copy)]
struct Export {
    logs: Logs,
    open: RwSignal<bool>,
    /// Whether to keep what came is being asked
    asking: RwSignal<bool>,
    /// It was asked since the connection broke
    asked: StoredValue<bool>,
    format: RwSignal<String>,
    progress: RwSignal<Progress>,
    /// What is being taken or kept: which events, and the line of their filter
    subject: RwSignal<(String, String)>,
    stop: StoredValue<Option<AbortController>, LocalStorage>,
    /// What came before the connection broke
    kept: StoredValue<Option<Box<Taking>>, LocalStorage>,
}

/// The button and its dialogs.
pub fn view(logs: Logs) -> AnyView {
    let export = Export {
        logs,
        open: RwSignal::new(false),
        asking: RwSignal::new(false),
        asked: StoredValue::new(false),
        format: RwSignal::new(String::new()),
        progress: RwSignal::new(Progress::Waiting),
        subject: RwSignal::new(Default::default()),
        stop: StoredValue::new_local(None),
        kept: StoredValue::new_local(None),
    };
    watch(move |first| {
        if !export.open.get() && !first {
            export.closed();
        }
    });
    let toasts = use_toasts();
    on_cleanup(move || {
        export.abort();
        if export.progress.with_untracked(Progress::is_broken) {
            toasts.fail("What came of the export is gone: it was kept as long as you stayed in Logs.".to_owned());
        }
    });
    let (not_allowed, connection) = (why_not(Action::ExportLogs), use_live().why_not());
    let reason = Signal::derive(move || {
        // What is kept can be gone on with, and thrown away, whatever the filter has become.
        if export.progress.with(Progress::is_broken) {
            return None;
        }
        // A file of a filter that is not the one in the address would be mistaken for that.
        let unsound = (!logs.is_sound()).then(|| "Part of the filter can’t be read. Take that away first.".to_owned());
        not_allowed.get().or(unsound).or_else(|| connection.get())
    });
    view! {
        <Button label="Export" icon=Icon::Download disabled_reason=reason on_press=Callback::new(move |()| export.opened()) />
        <Dialog title="Export events" open=export.open>
            {form(export)}
        </Dialog>
        <Dialog title="Keep what has come?" open=export.asking>
            {question(export)}
        </Dialog>
    }
    .into_any()
}

impl Export {
    /// Begins afresh, unless something is kept, or the one that was stopped has not quite ended.
    fn opened(self) {
        if self.progress.with_untracked(|progress| !progress.is_running() && !progress.is_broken()) {
            self.format.set("csv".to_owned());
            self.progress.set(Progress::Waiting);
        }
        self.open.set(true);
    }

    /// What is under way ends, here and on the server; what came of it is not thrown away without a question.
    fn closed(self) {
        self.abort();
        self.ask();
    }

    /// Asks what is to become of what came, once, when the dialog is closed.
    fn ask(self) {
        let closed = !self.open.try_get_untracked().unwrap_or(true);
        if closed && !self.asked.get_value() && self.progress.with_untracked(Progress::is_broken) {
            self.asked.set_value(true);
            self.asking.set(true);
        }
    }

    fn abort(self) {
        if let Some(controller) = self.stop.try_update_value(Option::take).flatten() {
            controller.abort();
        }
    }

    fn discard(self) {
        self.kept.set_value(None);
        self.progress.set(Progress::Failed(DISCARDED.to_owned()));
    }

    /// Begins, or goes on with what is kept.
    fn start(self) {
        let Ok(controller) = AbortController::new() else { return };
        self.stop.set_value(Some(controller.clone()));
        let begun = self.kept.try_update_value(Option::take).flatten().map(|kept| *kept);
        let taking = begun.unwrap_or_else(|| self.begin());
        self.asked.set_value(false);
        self.progress.set(Progress::Running(taking.far()));
        let (progress, toasts) = (self.progress, use_toasts());
        spawn_local(async move {
            let told = move |far| {
                progress.try_set(Progress::Running(far));
            };
            let (ended, lost) = match taking.run(&controller, told).await {
                Ended::Saved(saved) => (Progress::Done(Box::new(saved)), None),
                Ended::Failed(why) => (Progress::Failed(why.clone()), Some(why)),
                Ended::Broke(taking, why) => {
                    let (far, words) = (taking.far(), Some(why.sentence().to_owned()));
                    if taking.can_go_on() {
                        self.kept.try_set_value(Some(taking));
                        (Progress::Broken(far, why), words)
                    } else {
                        (Progress::Lost(far, why), words)
                    }
                }
            };
            // The person may have gone elsewhere meanwhile.
            match (progress.try_set(ended), lost) {
                (None, _) => self.ask(),
                (Some(_), Some(why)) => toasts.fail(format!("The export did not end. {why}")),
                (Some(_), None) => {}
            }
        });
    }

    fn begin(self) -> Taking {
        let wanted = ExportFormat::parse(&self.format.get_untracked()).unwrap_or_default();
        let filter = self.logs.filter.with_untracked(|filter| filter.query.clone());
        let total = untrack(|| counted(self.logs)).filter(|(_, exact)| *exact).map(|(total, _)| total);
        let taking = Taking::new(filter, wanted, total, clock::server_now());
        self.subject.set((untrack(|| what(self.logs)), log_filter::print(taking.filter())));
        taking
    }
}

/// The content of the dialog.
fn form(export: Export) -> AnyView {
    let Export { logs, open, progress, .. } = export;
    let running = memo(move || progress.with(Progress::is_running));
    let still = memo(move || progress.with(|progress| (!progress.is_running()).then(|| progress.clone())));
    let broken = memo(move || progress.with(Progress::is_broken));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !running.get_untracked() {
            export.start();
        }
    };
    let other = Signal::derive(move || {
        let words = if running.get() { "Stop" } else { "Close" };
        if broken.get() { "Discard" } else { words }.to_owned()
    });
    let main = Signal::derive(move || {
        progress
            .with(|progress| match progress {
                Progress::Broken(..) => "Go on",
                Progress::Lost(..) => "Begin anew",
                _ => "Download",
            })
            .to_owned()
    });
    view! {
        <form on:submit=submit novalidate=true>
            <div class="c-dialog__body">
                {dynamic(move || {
                    // The address may have become another meanwhile: what is under way is what it began as.
                    if running.get() || broken.get() {
                        subject(export)
                    } else {
                        view! { <p>{dynamic(move || what(logs))}</p> }.into_any()
                    }
                })}
                // The rest of a file is of the kind that it began as.
                <div hidden=told(move || broken.get())>
                    <RadioGroup label="Format" value=export.format options=FORMATS.to_vec() />
                </div>
                <p class="u-small u-soft">"The export is written to the log: who, which events, how many, and a digest of the file."</p>
                {dynamic(move || running.get().then(|| on_the_way(progress)))}
                // Said aloud: that it has begun, broke and ended, and not every part that comes.
                <div role="status">{dynamic(move || still.get().map(shown))}</div>
            </div>
            <div class="c-dialog__foot">
                <Button label=other on_press=Callback::new(move |()| {
                    if running.get_untracked() {
                        export.abort();
                    } else if broken.get_untracked() {
                        export.discard();
                    } else {
                        open.set(false);
                    }
                }) />
                <Button kind=ButtonKind::Primary label=main submit=true pending=running />
            </div>
        </form>
    }
    .into_any()
}

/// What is under way or kept, in words.
fn subject(export: Export) -> AnyView {
    let (words, line) = export.subject.get();
    let filter = (!line.is_empty()).then(|| view! { <p class="u-soft">"The filter: " <code>{line}</code></p> });
    view! { <p>{words}</p> {filter} }.into_any()
}

/// Whether to keep what came, asked when the dialog was closed. To answer nothing is to keep it.
fn question(export: Export) -> AnyView {
    let came = export.progress.with_untracked(|progress| match progress {
        Progress::Broken(far, _) => way(*far),
        _ => String::new(),
    });
    view! {
        <div class="c-dialog__body">
            {subject(export)}
            <p>{came} " received. As long as you stay in Logs it can be kept, and Export goes on with it."</p>
        </div>
        <div class="c-dialog__foot">
            <Button label="Discard" on_press=Callback::new(move |()| {
                export.asking.set(false);
                export.discard();
            }) />
            <Button kind=ButtonKind::Primary label="Keep" on_press=Callback::new(move |()| export.asking.set(false)) />
        </div>
    }
    .into_any()
}

/// How many events the filter lets through, and whether exactly so; nothing while that is counted for this filter.
fn counted(logs: Logs) -> Option<(u64, bool)> {
    if logs.summary.loading.get() || logs.summary.failure.with(Option::is_some) {
        return None;
    }
    logs.summary.value.with(|summary| summary.as_ref().map(|summary| (summary.total, summary.exact)))
}

/// What would leave, in words.
fn what(logs: Logs) -> String {
    let filtered = logs.filter.with(|filter| !filter.parts().is_empty());
    let which = if filtered { "Exactly the events that the filter lets through" } else { "The whole log" };
    match counted(logs) {
        Some((total, true)) => format!("{which}: {}, oldest first.", words::count(total, "event")),
        Some((total, false)) => format!("{which}: at least {}, oldest first.", words::count(total, "event")),
        None => format!("{which}, oldest first."),
    }
}

/// How far it is, in the same elements all the way: a bar that is made anew begins to move anew.
fn on_the_way(progress: RwSignal<Progress>) -> AnyView {
    let far = memo(move || match progress.get() {
        Progress::Running(far) => Some(far),
        _ => None,
    });
    view! {
        <p>{dynamic(move || far.get().map(way))} " received"</p>
        // Without a value, the bar says that nobody knows how much there is.
        <progress class="c-progress" aria-label="The export is under way" max="100" value=told(move || far.get().and_then(|far| far.share).map(|share| share.to_string()))></progress>
    }
    .into_any()
}

fn shown(progress: Progress) -> AnyView {
    match progress {
        Progress::Waiting | Progress::Running(_) => ().into_any(),
        Progress::Broken(far, why) => {
            let words = format!("{} received, and kept as long as you stay in Logs.", way(far));
            view! { <Banner kind=BannerKind::Warn title=title(&why)><p>{format!("{words} {} {}", why.sentence(), next(&why))}</p></Banner> }
                .into_any()
        }
        Progress::Lost(far, why) => {
            let anew = "A Parquet file can’t be put together from parts: it has to begin anew.";
            let words = format!("{} received. {} {anew}", way(far), why.sentence());
            view! { <Banner kind=BannerKind::Warn title=title(&why)><p>{words}</p></Banner> }.into_any()
        }
        Progress::Done(saved) => {
            let rows = words::count(saved.rows, "event");
            view! {
                <Banner kind=BannerKind::Good title=format!("Saved: {rows}")>
                    <p>{checked(&saved)}</p>
                    <p class="u-mono u-small">{saved.sha256.clone()}</p>
                </Banner>
            }
            .into_any()
        }
        Progress::Failed(why) => {
            view! { <Banner kind=BannerKind::Bad title="Nothing was saved"><p>{why}</p></Banner> }.into_any()
        }
    }
}
