//! Short messages.

use crate::ui::Toast;
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use std::cell::Cell;

/// How long a message stays, milliseconds.
const STAYS_MS: u32 = 8_000;

/// The messages of this moment.
#[derive(Clone, Copy)]
pub struct ToastContext {
    /// Oldest first
    pub items: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl ToastContext {
    /// Says that something worked.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), false);
    }

    /// Says that something did not work.
    pub fn fail(self, text: impl Into<String>) {
        self.push(text.into(), true);
    }

    /// Takes one away.
    pub fn close(self, id: u32) {
        self.items.try_update(|items| items.retain(|toast| toast.id != id));
    }

    fn push(self, text: String, failed: bool) {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.items.update(|items| items.push(Toast { id, text, failed }));
        if !failed {
            spawn_local(async move {
                TimeoutFuture::new(STAYS_MS).await;
                self.close(id);
            });
        }
    }
}

thread_local! {
    /// The app's messages: also said from event handlers, which know no context.
    static CURRENT: Cell<Option<ToastContext>> = const { Cell::new(None) };
}

/// Makes room for messages.
pub fn provide_toasts() -> ToastContext {
    let context = ToastContext { items: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
    CURRENT.set(Some(context));
    context
}

/// Where to say something.
pub fn use_toasts() -> ToastContext {
    CURRENT.get().unwrap_or_else(provide_toasts)
}
