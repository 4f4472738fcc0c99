//! What may stand in an id, in a line and in a longer text. Each check returns a sentence when something is wrong.

/// An id: 1 to `max` visible characters, no space at either end.
pub(crate) fn id(text: &str, max: usize) -> Option<String> {
    if text.trim() != text {
        return Some("It must not begin or end with a space.".to_owned());
    }
    line(text, 1, max)
}

/// One line: no control characters at all, none that make text look different from what it is.
pub(crate) fn line(text: &str, min: usize, max: usize) -> Option<String> {
    if text.chars().any(|c| c.is_control() || breaks_lines(c)) {
        return Some("It must be one line without control characters.".to_owned());
    }
    if text.chars().any(|c| reorders(c) || invisible(c)) {
        return Some("It must not contain invisible characters or ones that change the reading direction.".to_owned());
    }
    length(text, min, max)
}

/// A longer text: line breaks and tabs are welcome, other control characters and overrides of the reading direction are not.
pub(crate) fn block(text: &str, min: usize, max: usize) -> Option<String> {
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Some("It must not contain control characters other than line breaks and tabs.".to_owned());
    }
    if text.chars().any(reorders) {
        return Some("It must not contain characters that override the reading direction.".to_owned());
    }
    length(text, min, max)
}

/// A recorded statement: also with carriage returns, as databases' tools write them, empty or full of strange letters.
/// It is refused as seldom as possible, because of an action whose statement is refused the log has a faulty report only.
pub(super) fn statement(text: &str, max: usize) -> Option<String> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Some("It must not contain control characters other than line breaks and tabs.".to_owned());
    }
    let count = text.chars().count();
    (count > max).then(|| format!("It is {count} characters long; at most {max} are possible."))
}

/// As much of a text as can be kept and shown: at most `max` characters, with `\u{…}` in place of each that is a control
/// character or makes text look different from what it is.
#[must_use]
pub fn kept(text: &str, max: usize) -> String {
    let mut kept = String::new();
    let mut left = max;
    for c in text.chars() {
        let strange =
            c.is_control() && !matches!(c, '\n' | '\r' | '\t') || breaks_lines(c) || reorders(c) || invisible(c);
        let shown = if strange { c.escape_unicode().to_string() } else { c.to_string() };
        let length = shown.chars().count();
        if length > left {
            break;
        }
        left -= length;
        kept.push_str(&shown);
    }
    kept
}

fn length(text: &str, min: usize, max: usize) -> Option<String> {
    let count = text.trim().chars().count();
    if count == 0 && min > 0 {
        Some("It must not be empty.".to_owned())
    } else if count < min {
        Some(format!("It is {count} characters long; at least {min} are needed."))
    } else if count > max {
        Some(format!("It is {count} characters long; at most {max} are possible."))
    } else {
        None
    }
}

/// Line and paragraph separators, which are no control characters in Unicode's own classes.
const fn breaks_lines(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates: with them a name reads differently from what it is.
const fn reorders(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Characters without width that no word needs (joiners, which some scripts need, are not among them), and tags.
const fn invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}
