//! Field checks, shared by the portal's forms and the server's handlers: what a form marks is what the server refuses.
//!
//! Every check returns all that is wrong, each at its JSON pointer into the body (`/engineer/id`), with a sentence that
//! says what is allowed. Lengths are in characters (Unicode scalar values), after trimming. What was written is never
//! repeated in a sentence. Whether an id exists is asked where the ids are known; a check that takes them says so.

mod access_requests;
mod administration;
mod logs;
mod provider;
mod service_requests;
pub(crate) mod text;

pub use access_requests::{
    DATA_STORES_MAX, DISCLOSURE_MAX, OPERATIONS_MAX, TARGET_MAX, TARGETS_MAX, access_request, acknowledge, decision,
    disclosure, justification, justification_input,
};
pub use administration::{
    ADDRESS_MAX, ADDRESSES_MAX, PASSWORD_MAX, REASON_MAX, TOKEN_DAYS_MAX, lockbox_update, member_update,
    notifications_update, sign_in, token_create,
};
pub use logs::log_view;
pub use provider::{
    ACTIONS_MAX, MESSAGES_MAX, action, actions, end_input, environment_put, grant_check, internal_decision,
    organization_put, path_id, service_request_put,
};
pub use service_requests::{message, service_request_create};
pub use text::kept;

use std::{collections::HashSet, hash::Hash};

use lockbox_api::problem::FieldError;

/// Characters of a name or title at most.
pub const NAME_MAX: usize = 200;
/// Characters of an id at most.
pub const ID_MAX: usize = 200;
/// Characters of a description or message at most.
pub const TEXT_MAX: usize = 20_000;

/// Collects what is wrong.
#[derive(Default)]
struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    fn error(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.errors.push(FieldError { pointer: pointer.into(), message: message.into() });
    }

    fn add(&mut self, pointer: impl Into<String>, fault: Option<String>) {
        if let Some(message) = fault {
            self.error(pointer, message);
        }
    }

    /// An id: printable, without spaces around it.
    fn id(&mut self, pointer: impl Into<String>, id: &str) {
        self.add(pointer, text::id(id, ID_MAX));
    }

    /// One line that must be there.
    fn line(&mut self, pointer: impl Into<String>, line: &str, max: usize) {
        self.add(pointer, text::line(line, 1, max));
    }

    /// Free text, of at least `min` characters.
    fn block(&mut self, pointer: impl Into<String>, block: &str, min: usize, max: usize) {
        self.add(pointer, text::block(block, min, max));
    }

    fn range(&mut self, pointer: impl Into<String>, value: u32, min: u32, max: u32) {
        if !(min..=max).contains(&value) {
            self.error(pointer, format!("Enter a whole number from {min} to {max}."));
        }
    }

    /// How many: the pointer is that of the list.
    fn count(&mut self, pointer: &str, number: usize, min: usize, max: usize) {
        if number < min {
            self.error(pointer, format!("Give at least {min}."));
        } else if number > max {
            self.error(pointer, format!("Give at most {max}."));
        }
    }

    /// Marks every value that stood in the list before.
    fn distinct<T: Eq + Hash>(&mut self, pointer: &str, values: impl IntoIterator<Item = T>) {
        let mut seen = HashSet::new();
        for (at, value) in values.into_iter().enumerate() {
            if !seen.insert(value) {
                self.error(format!("{pointer}/{at}"), "It is in the list already.");
            }
        }
    }
}

#[cfg(test)]
mod tests;
