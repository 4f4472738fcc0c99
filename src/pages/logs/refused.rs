//! What the server does not take of a filter, such as the beginning of a name that stands for too many: it is told at its chip.

use super::filter::{Field, Filter, Part};
use crate::api::Failure;

/// A piece of the filter that the server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The piece
    pub part: Part,
    /// What is wrong with it
    pub message: String,
}

/// The pieces of the filter that a failure is about; none where it is about something else.
pub fn pieces(failure: &Failure, filter: &Filter) -> Vec<Refused> {
    if failure.status != 422 {
        return Vec::new();
    }
    let mut all = Vec::new();
    for field in &failure.fields {
        let mut parts = filter.parts();
        parts.retain(|part| is_called(part, &field.pointer));
        // A field may have several values; the message quotes the one that it is about.
        let quoted = |part: &Part| field.message.contains(&format!("“{}”", part.value));
        if parts.iter().any(quoted) {
            parts.retain(quoted);
        }
        all.extend(parts.into_iter().map(|part| Refused { part, message: field.message.clone() }));
    }
    all
}

/// Whether a query has this name for the piece.
fn is_called(part: &Part, parameter: &str) -> bool {
    let own = parameter.strip_prefix("not_");
    let names: &[&str] = match part.field {
        Field::Value(field) => &[field.parameter()],
        Field::Time => &["from", "to"],
        Field::Text => &["q"],
    };
    own.is_some() == part.not && names.contains(&own.unwrap_or(parameter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::FailureKind;
    use lockbox_api::problem::{FieldError, ProblemType};

    fn failure(status: u16, pointer: &str, message: &str) -> Failure {
        Failure {
            kind: FailureKind::Problem(ProblemType::InvalidField),
            status,
            title: String::new(),
            detail: String::new(),
            fields: vec![FieldError { pointer: pointer.to_owned(), message: message.to_owned() }],
            request_id: String::new(),
            decision: None,
        }
    }

    fn found(status: u16, pointer: &str, message: &str) -> Vec<String> {
        let search = "actor=engineer&actor=eng-4&not_actor=eng&from=now-7d&q=pay&not_q=night";
        let filter = Filter::parse(search, "2026-11-22T03:00:00Z".parse().unwrap());
        let shown = |one: Refused| format!("{} {}", one.part.not, one.part.value);
        pieces(&failure(status, pointer, message), &filter).into_iter().map(shown).collect()
    }

    #[test]
    fn a_refusal_lands_at_the_piece_that_it_quotes_or_at_all_of_its_field() {
        assert_eq!(found(422, "actor", "Too many begin with “engineer”."), ["false engineer"]);
        assert_eq!(found(422, "actor", "No."), ["false engineer", "false eng-4"]);
        assert_eq!(found(422, "not_actor", "Too many begin with “eng”."), ["true eng"]);
        assert_eq!(found(422, "from", "No."), ["false now-7d"]);
        assert_eq!(found(422, "q", "No."), ["false pay"]);
        assert_eq!(found(422, "not_q", "No."), ["true night"]);
    }

    #[test]
    fn what_is_about_something_else_lands_nowhere() {
        assert!(found(422, "limit", "No.").is_empty());
        assert!(found(503, "actor", "No.").is_empty());
    }
}
