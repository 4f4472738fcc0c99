//! Text of others inside a mail: nothing hidden, nothing that breaks out of its place.

use lockbox_api::Time;

/// One line: line breaks and tabs become spaces, other invisible characters are shown by their number.
pub(super) fn line(text: &str) -> String {
    let shown: String = lines(text).chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
    shown.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// One line for a header. Mail programs decode `=?…?=` there, and would show what nobody has looked at; so it is
/// taken apart.
pub(super) fn subject(text: &str) -> String {
    line(text).replace("=?", "= ?")
}

/// Lines: line breaks stay, characters that hide or reorder text are shown by their number.
pub(super) fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n").replace('\t', " ");
    let mut shown = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if c != '\n' && (c.is_control() || hides(c)) {
            shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that change the order of others, or can't be seen.
fn hides(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// At most `most` characters; what is cut off is shown to be.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Text inside HTML, in elements and in attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `Thursday 26 November 2026, 09:00 UTC`.
pub(super) fn moment(time: Time) -> String {
    time.format("%A %-d %B %Y, %H:%M UTC").to_string()
}

/// Breaks lines at spaces so that they have at most `width` characters where that is possible.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut wrapped = Vec::new();
    for line in text.split('\n') {
        let mut current = String::new();
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > width {
                wrapped.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        wrapped.push(current);
    }
    wrapped
}
