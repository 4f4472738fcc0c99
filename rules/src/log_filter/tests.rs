use lockbox_api::logs::NOT_TEXTS_MAX;
use proptest::prelude::*;

use super::*;

#[test]
fn the_line_of_the_contract_is_read_and_written_back() {
    let line = "actor:ana operation:\"Approve Lockbox Request\" -outcome:success after:now-7d payroll";
    let filter = parse(line).unwrap();
    assert_eq!(filter.actor, ["ana"]);
    assert_eq!(filter.operation, ["Approve Lockbox Request"]);
    assert_eq!(filter.not_outcome, [Outcome::Success]);
    assert_eq!((filter.from.as_deref(), filter.q.as_deref()), (Some("now-7d"), Some("payroll")));
    assert_eq!(print(&filter), "operation:\"Approve Lockbox Request\" actor:ana -outcome:success after:now-7d payroll");
    assert_eq!(parse(&print(&filter)), Ok(filter));
}

#[test]
fn nothing_is_no_filter() {
    for line in ["", "   ", "\t\n"] {
        assert_eq!(parse(line), Ok(LogFilter::default()));
    }
    assert_eq!(print(&LogFilter::default()), "");
}

#[test]
fn names_of_parameters_are_understood_as_well() {
    let filter = parse("environment_id:env_a service_request_id:2611 from:now-1h to:now \"a:b\" \"-c\"").unwrap();
    assert_eq!((filter.environment_id, filter.service_request_id), (vec!["env_a".into()], vec!["2611".into()]));
    assert_eq!((filter.from.as_deref(), filter.to.as_deref()), (Some("now-1h"), Some("now")));
    assert_eq!(filter.q.as_deref(), Some("a:b -c"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let wrong = |line: &str| parse(line).map(|filter| panic!("{filter:?}")).unwrap_err();
    for (line, start, end, part) in [
        ("actor:ana colour:blue", 10, 21, "no filter called colour"),
        ("ä outcome:maybe", 2, 15, "success, failure and refused"),
        ("category:x", 0, 10, "activity and data_access"),
        ("actor:", 0, 6, "missing"),
        ("x actor:\"\"", 2, 10, "missing"),
        ("actor:\"Ana", 6, 10, "closing quotation mark"),
        ("\"a\"b", 3, 4, "comes a space"),
        ("after:yesterday", 0, 15, "now-7d"),
        ("after:now-7d after:now-1d", 13, 25, "there already"),
        ("-after:now-7d", 0, 13, "can't be left out"),
        ("payroll -da*", 8, 12, "at least 3 letters"),
        ("payr* ab*", 6, 9, "at least 3 letters"),
        ("dbo.pa*", 0, 7, "at least 3 letters"),
        ("-", 0, 1, "left out is missing"),
        ("x -\" \"", 2, 6, "left out is missing"),
        ("-\"a", 1, 3, "closing quotation mark"),
    ] {
        let error = wrong(line);
        assert_eq!((error.start, error.end), (start, end), "{line}: {error}");
        assert!(error.message.contains(part), "{line}: {error}");
    }
    assert_eq!(wrong(&"x".repeat(LINE_MAX + 1)).start, LINE_MAX);
    assert!(wrong(&"x".repeat(TEXT_MAX + 1)).message.contains("text"));
    assert!(wrong(&format!("actor:{}", "x".repeat(VALUE_MAX + 1))).message.contains("value"));
    assert!(wrong(&format!("-{}", "x".repeat(TEXT_MAX + 1))).message.contains("text"));
    let many: String = (0..=NOT_TEXTS_MAX).map(|n| format!("-a{n} ")).collect();
    assert!(wrong(&many).message.contains("At most 10 texts"));
    let many: String = (0..=FILTER_VALUES_MAX).map(|n| format!("actor:a{n} ")).collect();
    assert!(wrong(&many).message.contains("At most 50"));
}

#[test]
fn a_star_behind_a_word_asks_for_what_begins_so() {
    for (piece, before) in [
        ("payr*", Some("payr")),
        ("dbo.pay*", Some("dbo.pay")),
        ("café*", Some("café")),
        ("payroll", None),
        ("count(*)", None),
        ("*", None),
        (".*", None),
        ("a*b", None),
    ] {
        assert_eq!(beginning(piece), before, "{piece}");
        assert_eq!(check_text(piece), Ok(()), "{piece}");
    }
}

#[test]
fn beginnings_of_words_are_few_over_all_texts_of_a_filter() {
    for (line, start, end) in [
        ("aaa* bbb* ccc* ddd*", 0, 0),
        // Twice in one text is once.
        ("aaa* bbb* ccc* ddd* aaa* \"bbb* aaa*\"", 0, 0),
        ("aaa* -bbb* -\"ccc* ddd* ccc*\" count(*)", 0, 0),
        ("aaa* bbb* ccc* ddd* eee*", 20, 24),
        ("aaa* -bbb* -\"ccc* ddd* eee*\"", 11, 28),
        ("-\"ccc* ddd* eee*\" -bbb* actor:ana x aaa*", 36, 40),
        // In another text it is searched for once more.
        ("aaa* -\"aaa* b\" -\"aaa* c\" -\"aaa* d\" -\"aaa* e\"", 35, 44),
    ] {
        match parse(line) {
            Ok(filter) => {
                assert_eq!(end, 0, "{line}");
                assert_eq!(parse(&print(&filter)), Ok(filter), "{line}");
            }
            Err(error) => {
                assert_eq!((error.start, error.end), (start, end), "{line}: {error}");
                assert!(error.message.contains("At most 4 words end with a *"), "{line}: {error}");
            }
        }
    }
    assert!(check_text("aaa* bbb* ccc* ddd* eee*").is_err_and(|message| message.contains("At most 4")));
    assert_eq!(check_text("aaa* bbb* ccc* ddd* aaa*"), Ok(()));
    // What is searched for out of a text is a search.
    let words = words_of("aaa* bbb* ccc* ddd* eee* f aaa*").unwrap();
    assert_eq!((words.search.as_str(), words.whole), ("aaa* bbb* ccc* ddd* f aaa*", false));
}

#[test]
fn a_minus_before_a_text_leaves_it_out() {
    let filter = parse("payroll -nightly -\"two   words\" -payr* -nightly -\"a:b\" -\"-c\" \"-d\"").unwrap();
    assert_eq!(filter.q.as_deref(), Some("payroll -d"));
    assert_eq!(filter.not_q, ["nightly", "two words", "payr*", "a:b", "-c"]);
    assert_eq!(print(&filter), "payroll \"-d\" -nightly -\"two words\" -payr* -\"a:b\" -\"-c\"");
    assert_eq!(parse(&print(&filter)), Ok(filter));
}

#[test]
fn a_value_counts_once() {
    let filter = parse("actor:ana actor:ana -actor:ana").unwrap();
    assert_eq!((filter.actor.len(), filter.not_actor.len()), (1, 1));
}

/// Text of any kind, hostile kinds among them, without space at its ends.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_:0-9]{1,12}",
        "[ \"\\\\:a-]{1,8}",
        any::<String>().prop_map(|text| text.chars().take(20).collect()),
        Just("=cmd|' /C calc'!A0".to_owned()),
        Just("\u{202e}gnp\u{200b}😀\r\n\t\u{7}".to_owned()),
    ]
    .prop_filter("a value is not empty", |text| !text.is_empty())
    .prop_filter("a text that can be searched for", |text| check_text(text).is_ok())
}

fn filters() -> impl Strategy<Value = LogFilter> {
    let value = (0..Field::ALL.len(), any::<bool>(), text(), 0..3_usize);
    let words = prop::collection::vec((text(), any::<bool>()), 0..4);
    let bounds =
        (prop::option::of(Just("now-7d".to_owned())), prop::option::of(Just("2026-11-22T03:00:00Z".to_owned())));
    (prop::collection::vec(value, 0..8), words, bounds).prop_map(|(values, words, (from, to))| {
        let mut filter = LogFilter { from, to, ..LogFilter::default() };
        for (field, excluded, text, pick) in values {
            let field = Field::ALL[field];
            let value = match field {
                Field::Category => Category::ALL[pick % 2].as_str().to_owned(),
                Field::Outcome => Outcome::ALL[pick].as_str().to_owned(),
                _ => text,
            };
            add(&mut filter, field, excluded, &value).unwrap();
        }
        let (not, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|(_, not)| *not);
        for (text, _) in not.iter().filter(|(text, _)| !text.trim().is_empty()) {
            leave_out(&mut filter, text).unwrap();
        }
        let q = words.iter().flat_map(|(text, _)| text.split_whitespace()).collect::<Vec<_>>().join(" ");
        filter.q = (!q.is_empty()).then_some(q);
        filter
    })
}

proptest! {
    #[test]
    fn every_filter_survives_its_line(filter in filters()) {
        let line = print(&filter);
        prop_assert_eq!(parse(&line), Ok(filter), "{}", line);
    }

    #[test]
    fn every_line_is_read_with_one_plain_form_or_refused_at_a_place(
        line in prop_oneof!["[-a-z_:\" \\\\0-9]{0,60}", any::<String>()]
    ) {
        properties::line(&line);
    }
}

#[test]
fn of_the_seeds_of_the_fuzzer_some_are_read_and_some_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/seeds/log_filter");
    let seeds = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let (read, refused): (Vec<String>, Vec<String>) = seeds.partition(|seed| properties::line(seed));
    assert!(read.len() >= 3 && refused.len() >= 2, "{read:?} {refused:?}");
}

#[test]
fn the_words_of_a_text_are_whole_unless_one_of_them_is_missing() {
    let words = |text: &str| words_of(text).map(|words| (words.search, words.whole));
    assert_eq!(words("SELECT 1 -- now"), Some(("SELECT 1 now".to_owned(), true)));
    assert_eq!(words("count a* FROM pay"), Some(("count FROM pay".to_owned(), false)));
    let (search, whole) = words(&"nightly ".repeat(40)).unwrap();
    assert!(search.chars().count() <= TEXT_MAX && !whole);
    assert_eq!(words("-- ;"), None);
}
