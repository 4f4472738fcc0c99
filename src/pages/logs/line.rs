//! The typed filter line. It says the same as the chips, and either follows the other. Completion by the pattern of a text box
//! with a list: the focus stays in the box, the arrow keys move the choice.

use super::{
    Logs,
    complete::{self, Count, Offer},
    filter::Filter,
};
use crate::ui::{Icon, dynamic, memo, told, unique_id, watch};
use gloo_timers::callback::Timeout;
use leptos::{ev, html, prelude::*};
use lockbox_api::logs::LogFilter;
use lockbox_rules::log_filter::{self, LineError};

/// How long typing rests before the text that is searched for takes effect, milliseconds.
const REST_MS: u32 = 250;

/// The box and its list.
#[derive(Clone, Copy)]
struct Line {
    logs: Logs,
    text: RwSignal<String>,
    fault: RwSignal<Option<LineError>>,
    offers: Memo<Vec<Offer>>,
    /// The list is wanted
    open: RwSignal<bool>,
    /// The offer that Enter takes
    chosen: RwSignal<Option<usize>>,
    resting: StoredValue<Option<Timeout>, LocalStorage>,
}

/// The line.
pub fn view(logs: Logs) -> AnyView {
    let text = RwSignal::new(logs.filter.with_untracked(|filter| log_filter::print(&filter.query)));
    let known = memo(move || {
        let environments: Vec<_> = logs.environments().into_iter().map(|one| (one.id.0, one.name)).collect();
        logs.summary.value.with(|summary| complete::known(summary.as_ref(), &environments))
    });
    let open = RwSignal::new(false);
    let offers =
        memo(
            move || {
                if open.get() {
                    known.with(|known| text.with(|text| complete::offers(text, known)))
                } else {
                    Vec::new()
                }
            },
        );
    let line = Line {
        logs,
        text,
        fault: RwSignal::new(None),
        offers,
        open,
        chosen: RwSignal::new(None),
        resting: StoredValue::new_local(None),
    };
    // The address leads, unless the line says the same in other words.
    watch(move |_| {
        let wanted = logs.filter.with(|filter| filter.query.clone());
        if line.text.with_untracked(|text| !says(text, &wanted)) {
            line.fault.set(None);
            line.text.set(log_filter::print(&wanted));
        }
    });
    let input = NodeRef::<html::Input>::new();
    let (list_id, fault_id) = (unique_id("offers"), unique_id("fault"));
    let (controls, active, options, described) = (list_id.clone(), list_id.clone(), list_id.clone(), fault_id.clone());
    view! {
        <div class="c-search c-line-box" role="search">
            {Icon::Search.view()}
            <input
                class="c-input"
                type="search"
                aria-label="Search events"
                placeholder="Search, or filter: outcome:refused"
                aria-keyshortcuts="/"
                aria-autocomplete="list"
                aria-controls=controls
                aria-activedescendant=told(move || line.chosen.get().map(|index| format!("{active}-{index}")))
                aria-invalid=told(move || line.fault.with(Option::is_some).then_some("true"))
                aria-describedby=told(move || line.fault.with(Option::is_some).then(|| described.clone()))
                autocomplete="off"
                spellcheck="false"
                node_ref=input
                prop:value=move || text.get()
                on:input=move |event| line.typed(event_target_value(&event))
                on:keydown=move |event| line.key(&event)
                on:blur=move |_| {
                    line.open.set(false);
                    line.apply(false);
                }
            />
            <div class="c-line-box__offers" role="listbox" id=list_id aria-label="What the line can become" hidden=told(move || offers.with(Vec::is_empty))>
                {dynamic(move || line.rows(offers.get(), &options))}
            </div>
            {dynamic(move || {
                line.fault
                    .get()
                    .map(|fault| {
                        let part: String = text.with(|text| text.chars().skip(fault.start).take(fault.end - fault.start).collect());
                        view! {
                            <p class="c-field__error" id=fault_id.clone() role="alert">
                                {Icon::Warning.view()} <span><code>{part}</code> ": " {fault.message}</span>
                            </p>
                        }
                    })
            })}
        </div>
    }
    .into_any()
}

/// Whether the line asks for exactly this, whole or without the piece at its end that is still being written.
fn says(line: &str, wanted: &LogFilter) -> bool {
    let finished = line.get(..complete::last_piece(line)).unwrap_or_default();
    let reads = |text: &str| log_filter::parse(text).is_ok_and(|query| query == *wanted);
    reads(line) || (log_filter::parse(line).is_err() && reads(finished))
}

impl Line {
    fn typed(self, text: String) {
        let ended = text.ends_with(char::is_whitespace);
        self.text.set(text);
        self.fault.set(None);
        self.chosen.set(None);
        self.open.set(true);
        self.resting.set_value(Some(Timeout::new(REST_MS, move || {
            let parsed = self.text.try_with_untracked(|text| log_filter::parse(text));
            let Some(Ok(wanted)) = parsed else { return };
            // A value that is still being written would find nothing: those take effect at the next space, or with Enter.
            let text_alone = self.logs.filter.with_untracked(|filter| complete::same_but_text(&filter.query, &wanted));
            if ended || text_alone {
                self.apply(true);
            }
        })));
    }

    /// Puts what the line says into the address; what can't be read is told and stays.
    fn apply(self, quietly: bool) {
        self.resting.set_value(None);
        match self.text.with_untracked(|text| log_filter::parse(text)) {
            Err(fault) => self.fault.set(Some(fault)),
            Ok(query) => {
                self.fault.set(None);
                let now = self.logs.filter.get_untracked();
                if now.query != query {
                    self.logs.go.run((Filter { query, ..now }, quietly));
                }
            }
        }
    }

    fn take(self, offer: &Offer) {
        let line = self.text.get_untracked();
        let kept = line.get(..complete::last_piece(&line)).unwrap_or_default();
        let ended = !offer.text.ends_with(':');
        self.chosen.set(None);
        self.text.set(format!("{kept}{}{}", offer.text, if ended { " " } else { "" }));
        if ended {
            self.open.set(false);
            return self.apply(false);
        }
        // The letters that became the name of a field are not searched for any more: its values are those without them.
        if let Ok(query) = log_filter::parse(kept) {
            let now = self.logs.filter.get_untracked();
            if now.query != query {
                self.logs.go.run((Filter { query, ..now }, true));
            }
        }
    }

    fn key(self, event: &ev::KeyboardEvent) {
        let count = self.offers.with_untracked(Vec::len);
        let now = self.chosen.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => self.chosen.set(Some(now.map_or(0, |now| (now + 1) % count))),
            "ArrowUp" if count > 0 => self.chosen.set(Some(now.map_or(count - 1, |now| (now + count - 1) % count))),
            "ArrowDown" => self.open.set(true),
            "Escape" if count > 0 => self.open.set(false),
            "Enter" => {
                let offer = now.and_then(|now| self.offers.with_untracked(|offers| offers.get(now).cloned()));
                match offer {
                    Some(offer) => self.take(&offer),
                    None => {
                        self.open.set(false);
                        self.apply(false);
                    }
                }
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn rows(self, offers: Vec<Offer>, list_id: &str) -> AnyView {
        offers
            .into_iter()
            .enumerate()
            .map(|(index, offer)| {
                let (text, words) = (offer.text.clone(), offer.words.clone());
                let count = offer.count.map(Count::in_words);
                view! {
                    <div
                        class="c-palette__item"
                        role="option"
                        id=format!("{list_id}-{index}")
                        aria-selected=told(move || if self.chosen.get() == Some(index) { "true" } else { "false" })
                        // Not a click: the box would lose the focus before.
                        on:mousedown=move |event| {
                            event.prevent_default();
                            self.take(&offer);
                        }
                    >
                        <span class="c-palette__words"><code>{text}</code> " " <span class="u-soft">{words}</span></span>
                        {count.map(|count| view! { <span class="c-palette__note">{count}</span> })}
                    </div>
                }
                .into_any()
            })
            .collect_view()
            .into_any()
    }
}
