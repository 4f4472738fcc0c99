//! What the typed filter line offers while one writes: the piece at its end, and what that can become. Pure.

use super::filter::{Field, Part};
use crate::{api::logs::values_of, ui::time};
use lockbox_api::{
    events::{Activity, Category, Outcome},
    logs::{LogFilter, LogSummary},
};
use lockbox_rules::{
    letters,
    log_filter::{self, Field as ValueField},
};

/// Suggestions at a time.
const MOST: usize = 10;

/// The moments that `after:` and `before:` offer.
const MOMENTS: [(&str, &str); 5] = [
    ("now-1h", "an hour ago"),
    ("now-24h", "24 hours ago"),
    ("now-7d", "7 days ago"),
    ("now-28d", "28 days ago"),
    ("now-90d", "90 days ago"),
];

/// How many events have a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// So many, or at least so many
    pub number: u64,
    /// Every event was counted
    pub exact: bool,
}

impl Count {
    /// `1,204`, or `1,204+` where there may be more.
    pub fn in_words(self) -> String {
        let number = time::number(usize::try_from(self.number).unwrap_or(usize::MAX));
        format!("{number}{}", if self.exact { "" } else { "+" })
    }
}

/// A value that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The piece it is
    pub part: Part,
    /// As people read it
    pub words: String,
    /// How many events have it, where that was counted
    pub count: Option<Count>,
}

/// What the last piece can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What stands in its place then
    pub text: String,
    /// As people read it
    pub words: String,
    /// How many events have it, where that was counted
    pub count: Option<Count>,
}

/// Every value that can be filtered by: what the summary counted first, then what there is besides.
pub fn known(summary: Option<&LogSummary>, environments: &[(String, String)]) -> Vec<Known> {
    let mut all: Vec<Known> = Vec::new();
    let mut add = |field, value: &str, words: &str, count| {
        let part = Part::value(field, value);
        if !all.iter().any(|one| one.part == part) {
            all.push(Known { part, words: words.to_owned(), count });
        }
    };
    if let Some(summary) = summary {
        let counted = [
            (ValueField::Outcome, &summary.outcomes),
            (ValueField::Category, &summary.categories),
            (ValueField::Environment, &summary.environments),
            (ValueField::Actor, &summary.actors),
            (ValueField::Operation, &summary.operations),
        ];
        for (field, counts) in counted {
            for one in &counts.items {
                add(field, &one.value, &one.label, Some(Count { number: one.count, exact: counts.exact }));
            }
        }
    }
    // Nothing is counted of what the filter leaves out: no count then, rather than a wrong nought.
    for outcome in Outcome::ALL {
        add(ValueField::Outcome, outcome.as_str(), super::bar::outcome_words(*outcome), None);
    }
    for category in Category::ALL {
        add(ValueField::Category, category.as_str(), super::bar::category_words(*category), None);
    }
    for (id, name) in environments {
        add(ValueField::Environment, id, name, None);
    }
    for activity in Activity::ALL {
        add(ValueField::Operation, activity.as_str(), activity.as_str(), None);
    }
    all
}

/// Where the last piece of a line begins: after the last space that does not stand in quotation marks.
pub fn last_piece(line: &str) -> usize {
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, letter) in line.char_indices() {
        match letter {
            '\\' if quoted && !escaped => {
                escaped = true;
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ if letter.is_whitespace() && !quoted => start = at + letter.len_utf8(),
            _ => {}
        }
        escaped = false;
    }
    start
}

/// What the last piece of `line` can become, best first.
pub fn offers(line: &str, known: &[Known]) -> Vec<Offer> {
    let Some(piece) = line.get(last_piece(line)..).filter(|piece| !piece.is_empty()) else { return Vec::new() };
    let (not, piece) = piece.strip_prefix('-').map_or((false, piece), |rest| (true, rest));
    let (name, typed) = piece.split_once(':').map_or((None, piece), |(name, typed)| (Some(name), typed));
    let wanted = letters::small(typed.trim_matches('"'));
    let minus = if not { "-" } else { "" };
    let mut found = Vec::new();
    match name {
        Some("after" | "before" | "from" | "to") if !not => {
            let moments = MOMENTS.iter().filter(|(value, words)| value.contains(&wanted) || words.contains(&wanted));
            let name = name.unwrap_or_default();
            found.extend(moments.map(|(value, words)| Offer {
                text: format!("{name}:{value}"),
                words: (*words).to_owned(),
                count: None,
            }));
        }
        None => {
            let names = ValueField::ALL.iter().map(|field| (field.name(), Field::Value(*field).label()));
            let bounds = [("after", "Time"), ("before", "Time")].into_iter().filter(|_| !not);
            for (name, label) in names.chain(bounds).filter(|(name, _)| name.starts_with(&wanted)) {
                found.push(Offer { text: format!("{minus}{name}:"), words: label.to_owned(), count: None });
            }
            if wanted.chars().count() >= 2 {
                found.extend(values(known, not, |_| true, &wanted));
            }
        }
        Some(name) => {
            let field = ValueField::ALL.iter().find(|field| field.name() == name || field.parameter() == name);
            if let Some(field) = field {
                found.extend(values(known, not, |own| own == *field, &wanted));
            }
        }
    }
    found.retain(|offer| offer.text != format!("{minus}{piece}"));
    found.truncate(MOST);
    found
}

fn values<'a>(
    known: &'a [Known],
    not: bool,
    of: impl Fn(ValueField) -> bool + 'a,
    wanted: &'a str,
) -> impl Iterator<Item = Offer> + 'a {
    let fits = move |one: &&Known| {
        let Field::Value(field) = one.part.field else { return false };
        of(field) && (letters::small(&one.words).contains(wanted) || letters::small(&one.part.value).contains(wanted))
    };
    known.iter().filter(fits).map(move |one| Offer {
        text: printed(&Part { not, ..one.part.clone() }),
        words: format!("{}: {}", one.part.field.label(), one.words),
        count: one.count,
    })
}

/// A piece as the line has it, in quotation marks where it needs them.
fn printed(part: &Part) -> String {
    let mut filter = LogFilter::default();
    if let Field::Value(field) = part.field {
        // A value that exists can be asked for.
        drop(log_filter::add(&mut filter, field, part.not, &part.value));
    }
    log_filter::print(&filter)
}

/// Whether two filters ask for the same but for the text.
pub fn same_but_text(one: &LogFilter, other: &LogFilter) -> bool {
    one.from == other.from && one.to == other.to && values_of(one) == values_of(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWELVE: Count = Count { number: 12, exact: true };

    fn list() -> Vec<Known> {
        let mut known = known(None, &[("env_payroll".to_owned(), "Payroll".to_owned())]);
        let part = Part::value(ValueField::Actor, "per_1");
        known.insert(0, Known { part, words: "Ana \"A\" Ruiz".to_owned(), count: Some(TWELVE) });
        known
    }

    fn texts(line: &str) -> Vec<String> {
        offers(line, &list()).into_iter().map(|offer| offer.text).collect()
    }

    #[test]
    fn the_last_piece_minds_quotation_marks() {
        assert_eq!(last_piece("actor:ana pay"), 10);
        assert_eq!(last_piece("operation:\"Approve Lock"), 0);
        assert_eq!(last_piece("operation:\"a\\\" b\" x"), 18);
        assert_eq!(last_piece("a "), 2);
        assert_eq!(last_piece("ä ü"), 3);
    }

    #[test]
    fn a_name_becomes_a_field_and_a_value_becomes_whole() {
        assert_eq!(texts("act")[0], "actor:");
        assert!(texts("act").contains(&"category:activity".to_owned()));
        assert_eq!(texts("-out")[0], "-outcome:");
        assert_eq!(texts("x -outcome:ref"), ["-outcome:refused"]);
        assert_eq!(texts("environment:pay"), ["environment:env_payroll"]);
        assert_eq!(texts("payr"), ["environment:env_payroll"]);
        assert_eq!(texts("operation:\"Approve Lo"), ["operation:\"Approve Lockbox Request\""]);
        assert_eq!(texts("actor:ana"), ["actor:per_1"]);
        assert_eq!(texts("after:7 ".trim_end()), ["after:now-7d"]);
        assert_eq!(texts(""), Vec::<String>::new());
        assert_eq!(texts("outcome:refused"), Vec::<String>::new());
    }

    #[test]
    fn counts_come_along_where_there_are_some() {
        let offers = offers("actor:", &list());
        assert_eq!((offers[0].count, offers.len()), (Some(TWELVE), 1));
        assert_eq!(Count { number: 1_204, exact: true }.in_words(), "1,204");
        assert_eq!(Count { number: 1_204, exact: false }.in_words(), "1,204+");
    }
}
