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
    pub(super) paragraphs: Vec<String>,
}

impl Fact {
    pub(super) fn new(label: &'static str, text: impl Into<String>) -> Self {
        Self { label, paragraphs: vec![text.into()] }
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
    let mut fact = Fact::new("Who", who.join(", "));
    let location = engineer.location.as_ref();
    let office = location.and_then(|location| location.office_country.as_deref()).map(plain::line);
    let present = location.and_then(|location| location.physical_country.as_deref()).map(plain::line);
    match (office, present) {
        (Some(office), Some(present)) => fact.paragraphs.push(format!("Office in {office}, works from {present}")),
        (Some(office), None) => fact.paragraphs.push(format!("Office in {office}")),
        (None, Some(present)) => fact.paragraphs.push(format!("Works from {present}")),
        (None, None) => {}
    }
    fact
}

/// What the engineer can do, in the catalog's words.
pub(super) fn operations(request: &LockboxRequest) -> Fact {
    let words = request.operation_words.iter().map(|words| {
        let mut text = format!("{}. {}", plain::line(&words.friendly_name), plain::line(&words.reaches));
        if let Some(not) = &words.does_not_reach {
            text = format!("{text} Does not reach: {}", plain::line(not));
        }
        text
    });
    Fact { label: "What", paragraphs: words.collect() }
}

/// The environment, and what in it.
pub(super) fn environment(request: &LockboxRequest) -> Fact {
    let mut fact = Fact::new(
        "Where",
        format!(
            "{} ({}), {}",
            plain::line(&request.environment_name),
            plain::line(request.environment_id.as_str()),
            plain::line(&request.service_name)
        ),
    );
    fact.paragraphs.push(if request.targets.is_empty() {
        "Anything in this environment".to_owned()
    } else {
        let targets: Vec<String> = request.targets.iter().map(|target| plain::line(target)).collect();
        format!("Only {}", targets.join(", "))
    });
    fact
}

/// Why, as a kind and in the engineer's words.
pub(super) fn reason(request: &LockboxRequest) -> Fact {
    Fact {
        label: "Why",
        paragraphs: vec![plain::lines(&request.justification), request.reason_code.label().to_owned()],
    }
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
pub(super) fn until(time: Time, now: Time) -> String {
    let distance = window::duration_in_words(time - now);
    format!("{}: {distance} from {}, when this mail was written", plain::moment(time), plain::moment(now))
}
