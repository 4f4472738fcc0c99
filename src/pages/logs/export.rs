//! Taking what the filter lets through away as a file: how far it is, its digest, and going on when the connection breaks.

use super::{
    Logs,
    taking::{Ended, Far, STOPPED_AFTER, Saved, Taking},
};
use crate::{
    components::permission::why_not,
    state::{clock, use_toasts},
    ui::{
        Banner, BannerKind, Button, ButtonKind, Dialog, Icon, RadioGroup, RadioOption, dynamic, memo, time::number,
        told,
    },
};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::logs::ExportFormat;
use lockbox_rules::{permission::Action, words};
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
    /// The connection broke, and what was said of it; what has come is kept
    Broken(Far, String),
    /// The connection broke, and this kind of file can't be put together from parts
    Lost(Far, String),
    Done(Box<Saved>),
    Failed(String),
}

/// The button and its dialog.
pub fn view(logs: Logs) -> AnyView {
    let open = RwSignal::new(false);
    let reason = why_not(Action::ExportLogs);
    view! {
        <Button label="Export" icon=Icon::Download disabled_reason=reason on_press=Callback::new(move |()| open.set(true)) />
        <Dialog title="Export events" open=open>
            <Export logs=logs open=open />
        </Dialog>
    }
    .into_any()
}

#[component]
fn Export(logs: Logs, open: RwSignal<bool>) -> impl IntoView {
    let format = RwSignal::new("csv".to_owned());
    let progress = RwSignal::new(Progress::Waiting);
    let stop = StoredValue::new_local(None::<AbortController>);
    // What came before the connection broke.
    let kept = StoredValue::new_local(None::<Box<Taking>>);
    // The dialog is closed: what was under way ends, here and on the server.
    let abort = move || {
        if let Some(controller) = stop.try_update_value(Option::take).flatten() {
            controller.abort();
        }
    };
    on_cleanup(abort);
    let running = Signal::derive(move || progress.with(|progress| matches!(progress, Progress::Running(_))));
    let still =
        memo(move || progress.with(|progress| (!matches!(progress, Progress::Running(_))).then(|| progress.clone())));
    let broken = memo(move || progress.with(|progress| matches!(progress, Progress::Broken(..))));
    let toasts = use_toasts();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if running.get_untracked() {
            return;
        }
        let Ok(controller) = AbortController::new() else { return };
        let signal = controller.signal();
        stop.set_value(Some(controller));
        let begun = kept.try_update_value(Option::take).flatten().map(|kept| *kept);
        let taking = begun.unwrap_or_else(|| {
            let wanted = ExportFormat::parse(&format.get_untracked()).unwrap_or_default();
            let filter = logs.filter.with_untracked(|filter| filter.query.clone());
            let total = untrack(|| counted(logs)).filter(|(_, exact)| *exact).map(|(total, _)| total);
            Taking::new(filter, wanted, total, clock::server_now())
        });
        progress.set(Progress::Running(taking.far()));
        spawn_local(async move {
            let told = move |far| {
                progress.try_set(Progress::Running(far));
            };
            let ended = match taking.run(&signal, told).await {
                Ended::Saved(saved) => Progress::Done(Box::new(saved)),
                Ended::Failed(why) => Progress::Failed(why),
                Ended::Broke(taking, why) if taking.can_go_on() => {
                    let far = taking.far();
                    kept.try_set_value(Some(taking));
                    Progress::Broken(far, why)
                }
                Ended::Broke(taking, why) => Progress::Lost(taking.far(), why),
            };
            // The person may have gone elsewhere meanwhile.
            if let Some(Progress::Failed(why) | Progress::Broken(_, why) | Progress::Lost(_, why)) =
                progress.try_set(ended)
            {
                toasts.fail(format!("The export did not end. {why}"));
            }
        });
    };
    let other = Signal::derive(move || if running.get() || broken.get() { "Stop" } else { "Close" }.to_owned());
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
                <p>{dynamic(move || what(logs))}</p>
                // The rest of a file is of the kind that it began as.
                <div hidden=told(move || broken.get())>
                    <RadioGroup label="Format" value=format options=FORMATS.to_vec() />
                </div>
                <p class="u-small u-soft">"The export is written to the log: who, which events, how many, and a digest of the file."</p>
                {dynamic(move || running.get().then(|| on_the_way(progress)))}
                // Said aloud: that it has begun, broke and ended, and not every part that comes.
                <div role="status">{dynamic(move || still.get().map(shown))}</div>
            </div>
            <div class="c-dialog__foot">
                <Button label=other on_press=Callback::new(move |()| {
                    if running.get_untracked() {
                        abort();
                    } else if broken.get_untracked() {
                        kept.set_value(None);
                        progress.set(Progress::Failed(STOPPED_AFTER.to_owned()));
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
        Progress::Broken(far, why) => view! {
            <Banner kind=BannerKind::Warn title="The connection broke">
                <p>{format!("{} received, and kept as long as this stays open. Go on fetches the rest. {why}", way(far))}</p>
            </Banner>
        }
        .into_any(),
        Progress::Lost(far, why) => view! {
            <Banner kind=BannerKind::Warn title="The connection broke">
                <p>{format!("{} received. A Parquet file can’t be put together from parts: it has to begin anew. {why}", way(far))}</p>
            </Banner>
        }
        .into_any(),
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

/// What the digest says. Of a part whose connection broke, the log has only the digest of what was sent, which is more than came.
fn checked(saved: &Saved) -> String {
    if saved.connections == 1 && saved.checked {
        return "SHA-256 of the file, as the log has it:".to_owned();
    }
    let last = if saved.checked { "The last of them is what the log says was sent; of" } else { "Of" };
    let before = if saved.checked { "what came before" } else { "what came" };
    format!(
        "It came over {}. {last} {before}, only whole events were kept, but the log has no digest to compare it with. \
         SHA-256 of the file:",
        words::count(saved.connections.into(), "connection")
    )
}

/// `62 %, 1,204 events, 1.4 MB`.
fn way(far: Far) -> String {
    let share = far.share.map(|share| format!("{share} %, ")).unwrap_or_default();
    let rows = far.rows.map(|rows| match rows {
        1 => "1 event, ".to_owned(),
        rows => format!("{} events, ", number(usize::try_from(rows).unwrap_or(usize::MAX))),
    });
    format!("{share}{}{}", rows.unwrap_or_default(), size(far.bytes))
}

/// `1.4 MB`.
fn size(bytes: u64) -> String {
    // Exact up to far more than any disk holds.
    #[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let bytes = bytes as f64;
    if bytes < 1_000_000.0 { format!("{:.0} KB", bytes / 1_000.0) } else { format!("{:.1} MB", bytes / 1_000_000.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 KB");
        assert_eq!(size(4_200), "4 KB");
        assert_eq!(size(12_345_678), "12.3 MB");
    }

    #[test]
    fn the_way_says_what_is_known() {
        let far = Far { rows: Some(1_204), bytes: 1_400_000, share: Some(62) };
        assert_eq!(way(far), "62 %, 1,204 events, 1.4 MB");
        assert_eq!(way(Far { share: None, ..far }), "1,204 events, 1.4 MB");
        assert_eq!(way(Far { rows: None, bytes: 9_000, share: None }), "9 KB");
    }

    #[test]
    fn what_was_checked_is_said() {
        let saved = Saved { rows: 3, sha256: String::new(), connections: 1, checked: true };
        assert_eq!(checked(&saved), "SHA-256 of the file, as the log has it:");
        let joined = checked(&Saved { connections: 2, ..saved.clone() });
        assert!(joined.starts_with("It came over 2 connections. The last of them is what the log says was sent;"));
        assert!(checked(&Saved { checked: false, ..saved }).starts_with("It came over 1 connection. Of what came, "));
    }
}
