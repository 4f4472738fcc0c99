//! What the log showed when one left it, for the way back: the browser's history knows the address, not the rows that had been
//! loaded nor how far one had scrolled. Each step of the history that shows the log carries a number of its own in its state;
//! a link to the same address is another step, and begins at the newest event.

use crate::{state::SessionContext, ui::watch};
use leptos::{prelude::*, wasm_bindgen::JsValue};
use lockbox_api::events::Event;
use std::{
    cell::{OnceCell, RefCell},
    collections::VecDeque,
    sync::Arc,
};

/// So many steps are kept, with so many rows in all: they take memory. What was left last is kept whatever its length, as its
/// rows were in memory anyway.
const STEPS: usize = 4;
const ROWS: usize = 20_000;
/// The name of the number in the state of a step.
const NAME: &str = "lockboxLog";

/// What was shown.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Whose log: another person may have signed in since
    pub person: String,
    /// The filter, as the address had it
    pub search: String,
    /// The rows, newest first
    pub rows: Vec<Arc<Event>>,
    /// Where the next part begins
    pub cursor: Option<String>,
    /// How much of the rows had left the screen at the top, pixels
    pub above: f64,
}

thread_local! {
    static KEPT: RefCell<VecDeque<(f64, Kept)>> = const { RefCell::new(VecDeque::new()) };
}

/// The number of the step that one stands on, if it has shown the log before.
pub fn step() -> Option<f64> {
    let state = window().history().ok()?.state().ok()?;
    js_sys::Reflect::get(&state, &NAME.into()).ok()?.as_f64()
}

/// Gives the step that one stands on a number, if it has none.
pub fn number_step() -> Option<f64> {
    step().or_else(|| {
        let number = js_sys::Date::now() + js_sys::Math::random();
        // Where the browser refuses, the way back begins at the newest event.
        window().history().ok()?.replace_state(&state_of(number), "").ok().map(|()| number)
    })
}

/// The state that keeps a step's number when its address is replaced.
pub fn state_of(step: f64) -> JsValue {
    let state = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&state, &NAME.into(), &step.into());
    state.into()
}

/// Keeps what a step shows.
pub fn keep(step: f64, kept: Kept) {
    KEPT.with_borrow_mut(|all| {
        all.retain(|(own, _)| *own != step);
        all.push_back((step, kept));
        let rows = |all: &VecDeque<(f64, Kept)>| all.iter().map(|(_, kept)| kept.rows.len()).sum::<usize>();
        while all.len() > 1 && (all.len() > STEPS || rows(all) > ROWS) {
            all.pop_front();
        }
    });
}

/// Forgets what is not this person's; everything, where nobody is there any more. For whoever signs in next.
fn forget_others(person: Option<&str>) {
    KEPT.with_borrow_mut(|all| all.retain(|(_, kept)| Some(kept.person.as_str()) == person));
}

/// From now on, forgets what people leave behind who sign out, or in whose place others sign in. The page that kept it is gone by
/// then: this stays as long as the app.
pub fn forget_with(session: SessionContext) {
    thread_local! {
        static WATCHING: OnceCell<Owner> = const { OnceCell::new() };
    }
    WATCHING.with(|watching| {
        watching.get_or_init(|| {
            // Of no page, and not a new root: that would take the place of the page's.
            let owner = Owner::default();
            owner.with(|| {
                watch(move |_| {
                    let person = session.session.with(|session| Some(session.as_ref()?.person.id.0.clone()));
                    // A session that only ran out is gone on with by the same person.
                    if person.is_some() || session.left.get() {
                        forget_others(person.as_deref());
                    }
                });
            });
            owner
        });
    });
}

/// What a step showed to this person with this filter.
pub fn of(step: f64, person: &str, search: &str) -> Option<Kept> {
    KEPT.with_borrow(|all| {
        let (_, kept) = all.iter().find(|(own, _)| *own == step)?;
        (kept.person == person && kept.search == search).then(|| kept.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockbox_api::events::{Actor, ActorKind, Category, Outcome};

    fn kept(rows: usize) -> Kept {
        let event = Arc::new(Event {
            id: "evt_1".into(),
            sequence: 1,
            time: "2026-11-22T03:00:00Z".parse().unwrap(),
            category: Category::Activity,
            operation: "Sign-in".into(),
            friendly_name: None,
            actor: Actor { id: "per_1".into(), name: "Ana Ruiz".into(), kind: ActorKind::Person },
            environment_id: None,
            request_id: None,
            service_request_id: None,
            grant_id: None,
            outcome: Outcome::Success,
            client_ip: None,
            correlation_id: "req_1".into(),
            details: serde_json::Map::new(),
        });
        Kept { person: "per_1".into(), search: "/logs".into(), rows: vec![event; rows], cursor: None, above: 9.0 }
    }

    fn steps() -> Vec<f64> {
        let known = |step: &f64| of(*step, "per_1", "/logs").is_some();
        (0_u8..10).map(f64::from).filter(known).collect()
    }

    #[test]
    fn the_way_back_leads_to_any_number_of_rows_and_older_steps_make_room() {
        keep(1.0, kept(9_000));
        keep(2.0, kept(9_000));
        assert_eq!(steps(), [1.0, 2.0]);
        keep(3.0, kept(9_000));
        assert_eq!(steps(), [2.0, 3.0]);
        keep(4.0, kept(100_000));
        assert_eq!(steps(), [4.0]);
        assert_eq!(of(4.0, "per_1", "/logs").map(|kept| kept.rows.len()), Some(100_000));
        // Somebody else, or another filter, finds nothing.
        assert!(of(4.0, "per_2", "/logs").is_none() && of(4.0, "per_1", "/logs?q=payroll").is_none());
        for step in [5.0, 6.0, 7.0, 8.0, 9.0] {
            keep(step, kept(10));
        }
        assert_eq!(steps(), [6.0, 7.0, 8.0, 9.0]);
    }

    #[test]
    fn nothing_stays_for_another_person() {
        keep(1.0, kept(1));
        keep(2.0, Kept { person: "per_2".into(), ..kept(1) });
        forget_others(Some("per_1"));
        assert!(of(1.0, "per_1", "/logs").is_some() && of(2.0, "per_2", "/logs").is_none());
        forget_others(None);
        assert!(of(1.0, "per_1", "/logs").is_none());
    }
}
