//! What serde says about wrong input, in plain words.

/// Turns serde's sentence into one for people. The values that were sent are not repeated.
pub(super) fn plain(sentence: &str) -> String {
    if sentence.starts_with("missing field") {
        return "This is required.".to_owned();
    }
    if sentence.starts_with("unknown field") {
        let known = names(expectation(sentence).unwrap_or_default());
        return match known.is_empty() {
            true => "This is not known here; nothing is expected.".to_owned(),
            false => format!("This is not known here. Known: {}.", known.join(", ")),
        };
    }
    if sentence.starts_with("unknown variant") {
        return format!("Must be one of: {}.", names(expectation(sentence).unwrap_or_default()).join(", "));
    }
    if sentence.starts_with("duplicate field") {
        return "This is given more than once.".to_owned();
    }
    if is_about_time(sentence) {
        return "Must be a time such as 2026-11-22T09:30:00Z (RFC 3339).".to_owned();
    }
    match expectation(sentence) {
        Some(expected) => format!("Must be {}.", kind(expected)),
        None => "Is not valid.".to_owned(),
    }
}

/// The name in "unknown field `name`" and its like.
pub(super) fn subject<'a>(sentence: &'a str, start: &str) -> Option<&'a str> {
    sentence.strip_prefix(start)?.strip_prefix(" `")?.split('`').next()
}

/// What follows "expected": after the value that was sent, which may itself contain the word.
fn expectation(sentence: &str) -> Option<&str> {
    sentence.rsplit_once(", expected ").map(|(_, expected)| expected)
}

/// The names between backticks.
fn names(list: &str) -> Vec<&str> {
    list.split('`').skip(1).step_by(2).collect()
}

/// What chrono says of text that is no time.
fn is_about_time(sentence: &str) -> bool {
    const SENTENCES: [&str; 7] = [
        "input is out of range",
        "no possible date and time matching input",
        "input is not enough for unique date and time",
        "input contains invalid characters",
        "premature end of input",
        "trailing input",
        "bad or unsupported format string",
    ];
    SENTENCES.contains(&sentence) || sentence.contains("RFC 3339")
}

fn kind(expected: &str) -> String {
    let number = |low: &str, high: u64| format!("a whole number from {low} to {high}");
    match expected {
        "a string" | "a borrowed string" => "text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "u8" => number("0", u8::MAX.into()),
        "u16" => number("0", u16::MAX.into()),
        "u32" => number("0", u32::MAX.into()),
        "u64" | "usize" => number("0", u64::MAX),
        "i64" | "i32" => "a whole number".to_owned(),
        "f64" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        _ => "of another type".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn sentences() {
        for (serde, people) in [
            ("missing field `a`", "This is required."),
            ("unknown field `c`, expected `a` or `b`", "This is not known here. Known: a, b."),
            ("unknown field `c`, expected one of `a`, `b`, `d`", "This is not known here. Known: a, b, d."),
            ("unknown field `c`, there are no fields", "This is not known here; nothing is expected."),
            ("unknown variant `x, expected y`, expected `all` or `none`", "Must be one of: all, none."),
            ("duplicate field `a`", "This is given more than once."),
            ("invalid type: integer `5`, expected a string", "Must be text."),
            ("invalid value: integer `-1`, expected u32", "Must be a whole number from 0 to 4294967295."),
            ("invalid type: string \"hunter2\", expected struct Policy", "Must be an object."),
            ("premature end of input", "Must be a time such as 2026-11-22T09:30:00Z (RFC 3339)."),
            ("something new about hunter2", "Is not valid."),
        ] {
            assert_eq!(plain(serde), people, "{serde}");
        }
    }
}
