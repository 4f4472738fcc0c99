//! Small helpers that put numbers and lists into words, the same everywhere.

/// `"A"`, `"A and B"`, `"A, B and C"`; empty for an empty list.
#[must_use]
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `"1 hour"`, `"2 hours"`: the noun with an `s` unless there is exactly one.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A machine word as people read it: `support_lead` becomes `Support lead`.
#[must_use]
pub fn plain(word: &str) -> String {
    let spaced = word.replace(['_', '-'], " ");
    let mut characters = spaced.chars();
    match characters.next() {
        Some(first) => crate::letters::capital(first.encode_utf8(&mut [0; 4])) + characters.as_str(),
        None => spaced,
    }
}

/// A role of the rules as people call it: `devops_manager` becomes `DevOps manager`.
#[must_use]
pub fn approval_role(role: &str) -> String {
    if role == "devops_manager" { "DevOps manager".to_owned() } else { plain(role) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["A"]), "A");
        assert_eq!(list(&["A", "B"]), "A and B");
        assert_eq!(list(&["A", "B", "C"]), "A, B and C");
    }

    #[test]
    fn one_is_singular_and_everything_else_is_not() {
        assert_eq!(count(0, "hour"), "0 hours");
        assert_eq!(count(1, "hour"), "1 hour");
        assert_eq!(count(2, "hour"), "2 hours");
    }

    #[test]
    fn machine_words_become_plain_words() {
        assert_eq!(plain("support_lead"), "Support lead");
        assert_eq!(plain("devops-manager"), "Devops manager");
        assert_eq!(approval_role("devops_manager"), "DevOps manager");
        assert_eq!(approval_role("support_lead"), "Support lead");
        assert_eq!(plain(""), "");
        assert_eq!(plain("ärztin"), "Ärztin");
    }
}
