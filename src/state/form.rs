//! What a form knows about its latest try. Faults show only once somebody has tried to send it; the rules are those of the server.

use crate::api::Failure;
use leptos::prelude::*;
use lockbox_api::problem::FieldError;
use wasm_bindgen::JsCast;

/// The state of one form.
#[derive(Clone, Copy)]
pub struct Form {
    /// Somebody has tried to send it
    pub tried: RwSignal<bool>,
    /// The server has been asked
    pub pending: RwSignal<bool>,
    /// Why the latest try failed
    pub failure: RwSignal<Option<Failure>>,
    faults: StoredValue<Box<dyn Fn() -> Vec<FieldError> + Send + Sync>>,
    /// The pointers whose faults a field shows.
    shown: StoredValue<Vec<&'static str>>,
}

impl Form {
    /// A form that nobody has sent yet; `faults` finds what is wrong with what stands in it now.
    pub fn new(faults: impl Fn() -> Vec<FieldError> + Send + Sync + 'static) -> Self {
        Self {
            tried: RwSignal::new(false),
            pending: RwSignal::new(false),
            failure: RwSignal::new(None),
            faults: StoredValue::new(Box::new(faults)),
            shown: StoredValue::new(Vec::new()),
        }
    }

    /// What is wrong with the field at this JSON pointer, or with a part of it.
    pub fn error(self, pointer: &'static str) -> Signal<Option<String>> {
        self.shown.update_value(|shown| shown.push(pointer));
        let at = move |fields: &[FieldError]| {
            fields.iter().find(|field| is_at(field, pointer)).map(|field| field.message.clone())
        };
        Signal::derive(move || {
            let said = self.failure.with(|failure| failure.as_ref().and_then(|failure| at(&failure.fields)));
            said.or_else(|| self.tried.get().then(|| at(&self.faults.with_value(|faults| faults()))).flatten())
        })
    }

    /// Why the latest try failed, where no field of the form says it.
    pub fn sentence(self) -> Signal<Option<String>> {
        let is_shown =
            move |field: &FieldError| self.shown.with_value(|shown| shown.iter().any(|pointer| is_at(field, pointer)));
        let general = move |failure: &&Failure| !failure.fields.iter().any(is_shown);
        Signal::derive(move || self.failure.with(|failure| failure.as_ref().filter(general).map(Failure::sentence)))
    }

    /// Begins a try. False when one is under way or when something is wrong: then the first wrong field takes the focus.
    pub fn begin(self) -> bool {
        if self.pending.get_untracked() {
            return false;
        }
        self.tried.set(true);
        self.failure.set(None);
        if !untrack(|| self.faults.with_value(|faults| faults())).is_empty() {
            focus_first_fault();
            return false;
        }
        self.pending.set(true);
        true
    }

    /// Ends a try that failed. What was typed stays.
    pub fn fail(self, failure: Failure) {
        self.pending.try_set(false);
        if !failure.fields.is_empty() {
            focus_first_fault();
        }
        self.failure.try_set(Some(failure));
    }

    /// Ends a try that worked: the form is as nobody had sent it.
    pub fn done(self) {
        self.pending.try_set(false);
        self.tried.try_set(false);
        self.failure.try_set(None);
    }
}

/// Whether a fault is one of the value at a JSON pointer, or of a part of it.
fn is_at(field: &FieldError, pointer: &str) -> bool {
    field.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Takes the focus to the first field that is marked wrong, once the marks are drawn.
fn focus_first_fault() {
    request_animation_frame(|| {
        let find = |selector: &str| document().query_selector(selector).ok().flatten();
        let field = find("dialog[open] [aria-invalid='true']").or_else(|| find("main [aria-invalid='true']"));
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = field.focus();
        }
    });
}
