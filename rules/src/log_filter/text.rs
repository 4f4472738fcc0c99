//! What a text to search for asks for, and whom a filter concerns.

use lockbox_api::{
    events::{Activity, Category},
    logs::{BEGINNINGS_MAX, LogFilter, NOT_TEXTS_MAX},
};

use super::{BEGINNING_MIN, TEXT_MAX};

/// Whether a character is part of a word; texts and searches are cut into words everywhere else.
#[must_use]
pub fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || matches!(c, '\u{300}'..='\u{36f}')
}

/// What of a piece of a search stands before its `*`, if it asks for words that begin so: `payr*`. A `*` behind anything but
/// a word is part of the text, as in `count(*)`.
#[must_use]
pub fn beginning(piece: &str) -> Option<&str> {
    piece.strip_suffix('*').filter(|before| before.ends_with(is_of_word))
}

/// How many beginnings of words a text asks for; what stands in it twice is searched for once.
fn beginnings(text: &str) -> usize {
    let mut all: Vec<&str> = text.split_whitespace().filter(|piece| beginning(piece).is_some()).collect();
    all.sort_unstable();
    all.dedup();
    all.len()
}

/// Checks that the texts of a filter ask for no more beginnings of words than one call may.
///
/// # Errors
/// A sentence for people.
pub(super) fn check_beginnings<'t>(texts: impl IntoIterator<Item = &'t str>) -> Result<(), String> {
    if texts.into_iter().map(beginnings).sum::<usize>() > BEGINNINGS_MAX {
        return Err(format!(
            "At most {BEGINNINGS_MAX} words end with a * at a time, those that are left out among them."
        ));
    }
    Ok(())
}

/// Checks a text to search for.
///
/// # Errors
/// A sentence for people: it is too long, the beginning of a word in it is too short, or it has too many of them.
pub fn check_text(text: &str) -> Result<(), String> {
    if text.chars().count() > TEXT_MAX {
        return Err(format!("The text to search for has at most {TEXT_MAX} characters."));
    }
    let letters = |before: &str| before.chars().rev().take_while(|c| is_of_word(*c)).count();
    if text.split_whitespace().filter_map(beginning).any(|before| letters(before) < BEGINNING_MIN) {
        return Err(format!("Before a * stand at least {BEGINNING_MIN} letters of a word."));
    }
    check_beginnings([text])
}

/// Adds a text whose words are not to occur together; one that is there already stays as it is.
///
/// # Errors
/// A sentence for people: the text is no text to search for, or there are too many, or too many beginnings of words in all.
pub fn leave_out(filter: &mut LogFilter, text: &str) -> Result<(), String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Err("The text to be left out is missing.".to_owned());
    }
    check_text(&text)?;
    if filter.not_q.contains(&text) {
        return Ok(());
    }
    if filter.not_q.len() >= NOT_TEXTS_MAX {
        return Err(format!("At most {NOT_TEXTS_MAX} texts can be left out at a time."));
    }
    let present = filter.q.iter().chain(&filter.not_q).map(String::as_str);
    check_beginnings(present.chain([text.as_str()]))?;
    filter.not_q.push(text);
    Ok(())
}

/// A search that was made of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What to search for
    pub search: String,
    /// Every word of the text is in it. To leave out what has only some of them would hide more than the text.
    pub whole: bool,
}

/// The search for events that have the words of a text: all of them, or the first ones of a text that is too long. `None`
/// where nothing of it can be searched for.
#[must_use]
pub fn words_of(text: &str) -> Option<Words> {
    let mut search = String::new();
    let mut whole = true;
    let mut letters = 0;
    for piece in text.split_whitespace().filter(|piece| piece.chars().any(is_of_word)) {
        letters += piece.chars().count() + usize::from(letters > 0);
        if letters > TEXT_MAX {
            whole = false;
            break;
        }
        let more = if search.is_empty() { piece.to_owned() } else { format!("{search} {piece}") };
        if check_text(&more).is_ok() {
            search = more;
        } else {
            whole = false;
        }
    }
    (!search.is_empty()).then_some(Words { search, whole })
}

/// Whether a filter lets through what others than this person did, in such a way that reading it is itself put on record:
/// any data access, and the activity of people whom it names. One's own is one's own by id: names are not unique.
#[must_use]
pub fn concerns_others(filter: &LogFilter, person: &str) -> bool {
    let others = filter.actor.iter().any(|actor| actor != person);
    let own_alone = !filter.actor.is_empty() && !others;
    // Operations of data access are the catalog's; those of activity are known.
    let activity_alone = !filter.operation.is_empty()
        && filter.operation.iter().all(|operation| Activity::ALL.iter().any(|one| one.as_str() == operation));
    let data_access = (filter.category.is_empty() || filter.category.contains(&Category::DataAccess))
        && !filter.not_category.contains(&Category::DataAccess)
        && !activity_alone;
    others || (data_access && !own_alone)
}
