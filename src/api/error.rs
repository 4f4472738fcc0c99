//! Whatever can go wrong with a call, as one type that views know how to show.

use super::json;
use lockbox_api::{
    problem::{FieldError, Problem, ProblemType},
    requests::Decision,
};
use lockbox_rules::words;

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer: the connection, not the server.
    Network,
    /// The server said no, for this reason.
    Problem(ProblemType),
    /// An answer that this portal can't read (another version, a proxy in between).
    Unreadable,
}

/// A call that did not work.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What kind.
    pub kind: FailureKind,
    /// The HTTP status; 0 without an answer.
    pub status: u16,
    /// Short words.
    pub title: String,
    /// What happened this time.
    pub detail: String,
    /// Field errors, each with the JSON pointer of its field.
    pub fields: Vec<FieldError>,
    /// The id under which the server's log knows the call; empty without an answer.
    pub request_id: String,
    /// With "already decided": the decision that was first.
    pub decision: Option<Decision>,
}

impl Failure {
    /// No answer came.
    pub fn network() -> Self {
        Self {
            kind: FailureKind::Network,
            status: 0,
            title: "The server could not be reached".to_owned(),
            detail: "Check the connection, then try again. Nothing was changed as far as this page knows.".to_owned(),
            fields: Vec::new(),
            request_id: String::new(),
            decision: None,
        }
    }

    /// An answer came that can't be read.
    pub fn unreadable(status: u16, request_id: String) -> Self {
        Self {
            kind: FailureKind::Unreadable,
            status,
            title: "The answer could not be read".to_owned(),
            detail: format!(
                "The server answered with status {status} in a form that this page does not know. Reload the page."
            ),
            fields: Vec::new(),
            request_id,
            decision: None,
        }
    }

    /// From the body of an answer that is not a success.
    pub fn from_answer(status: u16, body: &str, request_id: String) -> Self {
        let Some(problem) = json::read::<Problem>(body) else {
            return Self::unreadable(status, request_id);
        };
        let name = problem.kind.rsplit('/').next().unwrap_or_default();
        Self {
            kind: ProblemType::parse(name).map_or(FailureKind::Unreadable, FailureKind::Problem),
            status,
            title: problem.title,
            detail: problem.detail,
            fields: problem.errors,
            request_id: if request_id.is_empty() { problem.instance } else { request_id },
            decision: problem.decision,
        }
    }

    /// Whether the server gave this reason.
    pub fn is(&self, kind: ProblemType) -> bool {
        self.kind == FailureKind::Problem(kind)
    }

    /// Nobody is signed in (any more).
    pub fn is_signed_out(&self) -> bool {
        self.is(ProblemType::NotAuthenticated)
    }

    /// What is wrong with the field at this JSON pointer.
    pub fn field(&self, pointer: &str) -> Option<String> {
        self.fields.iter().find(|field| field.pointer == pointer).map(|field| field.message.clone())
    }

    /// The failure in one line, for a banner in a form; fields by the words of their names.
    pub fn sentence(&self) -> String {
        let named = |pointer: &str| {
            let name = pointer.rsplit('/').find(|part| part.parse::<usize>().is_err());
            name.map(words::plain).filter(|name| !name.is_empty())
        };
        let fields = self.fields.iter().map(|field| match named(&field.pointer) {
            Some(name) => format!(" {name}: {}", field.message),
            None => format!(" {}", field.message),
        });
        format!("{}. {}{}", self.title.trim_end_matches('.'), self.detail, fields.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_read_whole() {
        let body = r#"{"type":"/problems/invalid_field","title":"Some fields need attention","status":422,"detail":"One field.",
            "instance":"req_1","errors":[{"pointer":"/justification","message":"Say why."}]}"#;
        let failure = Failure::from_answer(422, body, String::new());
        assert!(failure.is(ProblemType::InvalidField));
        assert_eq!(failure.field("/justification").as_deref(), Some("Say why."));
        assert_eq!(failure.field("/other"), None);
        assert_eq!(failure.request_id, "req_1");
    }

    #[test]
    fn people_read_names_and_no_pointers() {
        let fields =
            [("/policy/queue_hours", "Too many."), ("/addresses/3", "No address."), ("", "Too long."), ("q", "Empty.")];
        let fields =
            fields.map(|(pointer, message)| FieldError { pointer: pointer.to_owned(), message: message.to_owned() });
        let failure =
            Failure { title: "No.".to_owned(), detail: "So.".to_owned(), fields: fields.into(), ..Failure::network() };
        assert_eq!(failure.sentence(), "No. So. Queue hours: Too many. Addresses: No address. Too long. Q: Empty.");
    }

    #[test]
    fn anything_else_is_unreadable() {
        let failure = Failure::from_answer(502, "<html>bad gateway</html>", "r".to_owned());
        assert_eq!(failure.kind, FailureKind::Unreadable);
        assert_eq!(failure.status, 502);
        assert!(!failure.is_signed_out());
    }
}
