//! Taking what the filter lets through away as a file, with its progress and its digest.

use super::Logs;
use crate::{
    api::{self, Failure},
    components::permission::why_not,
    state::use_toasts,
    ui::{Banner, BannerKind, Button, ButtonKind, Dialog, Icon, RadioGroup, RadioOption, download, dynamic},
};
use js_sys::{Array, Uint8Array};
use leptos::{prelude::*, task::spawn_local};
use lockbox_api::logs::{ExportFormat, LogExport};
use lockbox_rules::{permission::Action, words};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, ReadableStreamDefaultReader};

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
    /// Bytes that have come
    Running(f64),
    Done(Box<LogExport>),
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
    // The dialog is closed: what was under way ends, here and on the server.
    let abort = move || {
        if let Some(controller) = stop.try_update_value(Option::take).flatten() {
            controller.abort();
        }
    };
    on_cleanup(abort);
    let running = Signal::derive(move || progress.with(|progress| matches!(progress, Progress::Running(_))));
    let toasts = use_toasts();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if running.get_untracked() {
            return;
        }
        let Ok(controller) = AbortController::new() else { return };
        let signal = controller.signal();
        stop.set_value(Some(controller));
        let wanted = ExportFormat::parse(&format.get_untracked()).unwrap_or_default();
        let path = api::logs::export_path(&logs.filter.with_untracked(|filter| filter.query.clone()), wanted);
        progress.set(Progress::Running(0.0));
        spawn_local(async move {
            let told = move |bytes| {
                progress.try_set(Progress::Running(bytes));
            };
            let ended = match take_away(&path, &signal, told).await {
                Ok(export) => Progress::Done(Box::new(export)),
                Err(_) if signal.aborted() => Progress::Failed("You stopped it. The log says so, too.".to_owned()),
                Err(failure) => Progress::Failed(failure.sentence()),
            };
            // The person may have gone elsewhere meanwhile.
            if let Some(Progress::Failed(why)) = progress.try_set(ended) {
                toasts.fail(format!("The export did not end. {why}"));
            }
        });
    };
    view! {
        <form on:submit=submit novalidate=true>
            <div class="c-dialog__body">
                <p>{dynamic(move || what(logs))}</p>
                <RadioGroup label="Format" value=format options=FORMATS.to_vec() />
                <p class="u-small u-soft">"The export is written to the log: who, which events, how many, and a digest of the file."</p>
                <div role="status">{dynamic(move || shown(progress.get()))}</div>
            </div>
            <div class="c-dialog__foot">
                <Button label=Signal::derive(move || if running.get() { "Stop" } else { "Close" }.to_owned()) on_press=Callback::new(move |()| {
                    if running.get_untracked() {
                        abort();
                    } else {
                        open.set(false);
                    }
                }) />
                <Button kind=ButtonKind::Primary label="Download" submit=true pending=running />
            </div>
        </form>
    }
    .into_any()
}

/// What would leave, in words.
fn what(logs: Logs) -> String {
    let filtered = logs.filter.with(|filter| !filter.parts().is_empty());
    let which = if filtered { "Exactly the events that the filter lets through" } else { "The whole log" };
    let total = logs.summary.value.with(|summary| summary.as_ref().map(|summary| (summary.total, summary.exact)));
    match total {
        Some((total, true)) => format!("{which}: {}, oldest first.", words::count(total, "event")),
        Some((total, false)) => format!("{which}: at least {}, oldest first.", words::count(total, "event")),
        None => format!("{which}, oldest first."),
    }
}

fn shown(progress: Progress) -> AnyView {
    match progress {
        Progress::Waiting => ().into_any(),
        Progress::Running(bytes) => view! {
            <p>{size(bytes)} " received"</p>
            <progress class="c-progress" aria-label="The export is under way"></progress>
        }
        .into_any(),
        Progress::Done(export) => {
            let rows = words::count(export.rows.unwrap_or(0), "event");
            view! {
                <Banner kind=BannerKind::Good title=format!("Saved: {rows}")>
                    <p>"SHA-256 of the file, as the log has it:"</p>
                    <p class="u-mono u-small">{export.sha256.clone().unwrap_or_default()}</p>
                </Banner>
            }
            .into_any()
        }
        Progress::Failed(why) => {
            view! { <Banner kind=BannerKind::Bad title="Nothing was saved"><p>{why}</p></Banner> }.into_any()
        }
    }
}

/// `1.4 MB`.
fn size(bytes: f64) -> String {
    if bytes < 1_000_000.0 { format!("{:.0} KB", bytes / 1_000.0) } else { format!("{:.1} MB", bytes / 1_000_000.0) }
}

/// Fetches the file in parts, tells how many bytes have come, saves it, and reads what the log says of it. Each part becomes a blob
/// of its own, which the browser may keep on disk: the file never stands in memory whole.
async fn take_away(path: &str, signal: &web_sys::AbortSignal, told: impl Fn(f64)) -> Result<LogExport, Failure> {
    let answer = api::logs::begin_export(path, signal).await?;
    let reader: ReadableStreamDefaultReader = answer.stream.get_reader().dyn_into().map_err(|_| Failure::network())?;
    let parts = Array::new();
    let mut bytes = 0.0;
    loop {
        let read = JsFuture::from(reader.read()).await.map_err(|_| Failure::network())?;
        let field = |name: &str| js_sys::Reflect::get(&read, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
        if field("done").is_truthy() {
            break;
        }
        let part: Uint8Array = field("value").dyn_into().map_err(|_| Failure::network())?;
        bytes += f64::from(part.length());
        told(bytes);
        parts.push(&Blob::new_with_u8_array_sequence(&Array::of1(&part)).map_err(|_| Failure::network())?.into());
    }
    let export = api::logs::read_export(&answer.id).await?;
    if download::save_parts(&answer.file_name, &answer.media_type, &parts) {
        Ok(export)
    } else {
        Err(Failure::network())
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0.0), "0 KB");
        assert_eq!(size(4_200.0), "4 KB");
        assert_eq!(size(12_345_678.0), "12.3 MB");
    }
}
