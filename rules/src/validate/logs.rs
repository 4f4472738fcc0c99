//! Saved views of the log.

use lockbox_api::{logs::LogViewInput, problem::FieldError};

use super::text;
use crate::log_filter;

/// Longest name of a view, characters.
const NAME_MAX: usize = 80;

/// A view to save.
#[must_use]
pub fn log_view(input: &LogViewInput) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut check = |pointer: &str, fault: Option<String>| {
        errors.extend(fault.map(|message| FieldError { pointer: pointer.to_owned(), message }));
    };
    check("/name", text::line(&input.name, 1, NAME_MAX));
    check("/filter", text::block(&input.filter, 0, log_filter::LINE_MAX));
    check("/filter", log_filter::parse(&input.filter).err().map(|error| error.message));
    errors
}
