//! The parts that every mail is made of, before it becomes text and HTML.

use lockbox_api::{Time, requests::LockboxRequest};
use lockbox_rules::window;

use super::{Content, layout, plain};

/// Longest subject, characters.
const SUBJECT_MAX: usize = 200;
/// Longest text of others within a subject, characters: the beginning says what it is about.
const NAME_MAX: usize = 60;

/// How loud the letter is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Somebody has to decide.
    Ask,
    /// For information.
    Tell,
    /// Something that should not have been.
    Warn,
}

/// A letter: said the same in both parts of the mail.
pub(super) struct Letter {
    pub(super) tone: Tone,
    pub(super) subject: String,
    pub(super) heading: String,
    pub(super) opening: String,
    pub(super) facts: Vec<Fact>,
    /// Words of the one link.
    pub(super) action: &'static str,
    pub(super) link: String,
    pub(super) closing: String,
}

/// A label and what there is to say, a paragraph each.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) paragraphs: Vec<Paragraph>,
}

/// Some text of a fact.
pub(super) struct Paragraph {
    /// True for what answers the label, false for what explains the answer.
    pub(super) answers: bool,
    pub(super) text: String,
}

impl Fact {
    /// A label with its answer.
    pub(super) fn new(label: &'static str, answer: impl Into<String>) -> Self {
        Self { label, paragraphs: Vec::new() }.and(answer)
    }

    /// One more answer.
    pub(super) fn and(mut self, answer: impl Into<String>) -> Self {
        self.paragraphs.push(Paragraph { answers: true, text: answer.into() });
        self
    }

    /// With an explanation, if there is one.
    pub(super) fn with(mut self, explanation: impl Into<Option<String>>) -> Self {
        self.paragraphs.extend(explanation.into().map(|text| Paragraph { answers: false, text }));
        self
    }
}

impl Letter {
    pub(super) fn content(&self) -> Content {
        Content {
            subject: plain::cut(&plain::line(&self.subject), SUBJECT_MAX),
            text: layout::text(self),
            html: layout::html(self),
        }
    }
}

/// Text of others within a subject or heading.
pub(super) fn name(text: &str) -> String {
    plain::cut(&plain::line(text), NAME_MAX)
}

/// Who asks, with what the customer may know: name, team, provider, countries.
pub(super) fn engineer(request: &LockboxRequest, provider: &str) -> Fact {
    let engineer = &request.engineer;
    let team = engineer.team.as_deref().map(plain::line).filter(|team| !team.is_empty());
    let mut who: Vec<String> = vec![plain::line(&engineer.name)];
    who.extend(team);
    who.push(plain::line(provider));
    let location = engineer.location.as_ref();
    let office = location.and_then(|location| location.office_country.as_deref()).map(country);
    let present = location.and_then(|location| location.physical_country.as_deref()).map(country);
    Fact::new("Who", who.join(", ")).with(match (office, present) {
        (Some(office), Some(present)) => Some(format!("Office in {office}, works from {present}")),
        (Some(office), None) => Some(format!("Office in {office}")),
        (None, Some(present)) => Some(format!("Works from {present}")),
        (None, None) => None,
    })
}

/// The name of a country as it stands within a sentence; the code where ISO 3166 has none for it.
fn country(code: &str) -> String {
    let Ok(known) = celes::Country::from_alpha2(code) else { return plain::line(code) };
    match known.long_name.strip_prefix("The ") {
        Some(rest) => format!("the {rest}"),
        None => known.long_name.to_owned(),
    }
}

/// What the engineer can do, in the catalog's words.
pub(super) fn operations(request: &LockboxRequest) -> Fact {
    request.operation_words.iter().fold(Fact { label: "What", paragraphs: Vec::new() }, |fact, words| {
        fact.and(plain::line(&words.friendly_name))
            .with(format!("Reaches: {}", plain::line(&words.reaches)))
            .with(words.does_not_reach.as_deref().map(|text| format!("Does not reach: {}", plain::line(text))))
    })
}

/// The environment, and what in it.
pub(super) fn environment(request: &LockboxRequest) -> Fact {
    let place = format!(
        "{} ({}), {}",
        plain::line(&request.environment_name),
        plain::line(request.environment_id.as_str()),
        plain::line(&request.service_name)
    );
    Fact::new("Where", place).with(if request.targets.is_empty() {
        "Anything in this environment".to_owned()
    } else {
        let targets: Vec<String> = request.targets.iter().map(|target| plain::line(target)).collect();
        format!("Only {}", targets.join(", "))
    })
}

/// Why, as a kind and in the engineer's words.
pub(super) fn reason(request: &LockboxRequest) -> Fact {
    Fact::new("Why", plain::lines(&request.justification)).with(request.reason_code.label().to_owned())
}

/// The support request.
pub(super) fn service_request(request: &LockboxRequest) -> Fact {
    let id = plain::line(request.service_request_id.as_str());
    Fact::new(
        "Service request",
        match request.service_request_title.as_deref().map(plain::line).filter(|title| !title.is_empty()) {
            Some(title) => format!("{id}: {title}"),
            None => id,
        },
    )
}

/// A time with its zone, and how far it is from `now`. The distance says from when it counts, because nobody knows
/// when a mail is read.
pub(super) fn until(label: &'static str, time: Time, now: Time) -> Fact {
    let distance = window::duration_in_words(time - now);
    Fact::new(label, plain::moment(time)).with(format!("{distance} from {}, when this was written", plain::moment(now)))
}
