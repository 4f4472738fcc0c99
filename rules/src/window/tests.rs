use proptest::prelude::*;

use super::*;

fn time(text: &str) -> Time {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

#[test]
fn the_shorter_queue_time_holds() {
    let at = time("2026-11-22T10:00:00Z");
    assert_eq!(decide_by(at, 96, None), time("2026-11-26T10:00:00Z"));
    assert_eq!(decide_by(at, 96, Some(12)), time("2026-11-22T22:00:00Z"));
    assert_eq!(decide_by(at, 12, Some(96)), time("2026-11-22T22:00:00Z"), "an organisation can't lengthen it");
}

#[test]
fn hours_are_hours_over_a_change_of_daylight_time() {
    // Central European time falls back on 2026-10-25: 96 hours are 96 hours all the same.
    assert_eq!(decide_by(time("2026-10-23T12:00:00+02:00"), 96, None), time("2026-10-27T11:00:00+01:00"));
}

#[test]
fn the_end_of_time_does_not_overflow() {
    assert_eq!(expires_at(Time::MAX_UTC, u32::MAX), Time::MAX_UTC);
    assert_eq!(decide_by(Time::MAX_UTC, u32::MAX, None), Time::MAX_UTC);
}

#[test]
fn an_approver_can_grant_less_and_never_more() {
    assert_eq!(granted_minutes(240, None), Ok(240));
    assert_eq!(granted_minutes(240, Some(1)), Ok(1));
    assert_eq!(granted_minutes(240, Some(240)), Ok(240));
    assert!(granted_minutes(240, Some(0)).unwrap_err().contains("at least 1 minute"));
    assert!(granted_minutes(240, Some(241)).unwrap_err().contains("4 hours"));
}

#[test]
fn choices_end_with_what_was_asked_for() {
    assert_eq!(access_choices(240), [15, 30, 60, 120, 240]);
    assert_eq!(access_choices(250), [15, 30, 60, 120, 240, 250]);
    assert_eq!(access_choices(10), [10]);
    assert_eq!(access_choices(15), [15]);
    assert_eq!(access_choices(1_440), [15, 30, 60, 120, 240, 480, 720, 1_440]);
}

#[test]
fn moments_in_every_form() {
    let now = time("2026-11-22T10:00:00.123456Z");
    let rows = [
        ("now", "2026-11-22T10:00:00.123456Z"),
        (" now ", "2026-11-22T10:00:00.123456Z"),
        ("now-90m", "2026-11-22T08:30:00.123456Z"),
        ("now-24h", "2026-11-21T10:00:00.123456Z"),
        ("now-7d", "2026-11-15T10:00:00.123456Z"),
        ("now-0d", "2026-11-22T10:00:00.123456Z"),
        ("now+1h", "2026-11-22T11:00:00.123456Z"),
        ("2026-11-22T03:00:00Z", "2026-11-22T03:00:00Z"),
        ("2026-11-22T03:00:00+02:00", "2026-11-22T01:00:00Z"),
        ("2026-11-22T03:00:00.1234567Z", "2026-11-22T03:00:00.123456Z"),
    ];
    for (text, expected) in rows {
        assert_eq!(parse_moment(text, now), Ok(time(expected)), "{text}");
    }
    let wrong = [
        "",
        "yesterday",
        "now-",
        "now-7",
        "now-d",
        "now-7w",
        "now-7D",
        "now--7d",
        "now 7d",
        "now-+7d",
        "now-1.5h",
        "now-٣d",
        "nowd",
        "now-99999999999999999999d",
        "now-9999999999d",
        "now+4200000000m",
        "now-2030y",
        "9999-12-31T23:00:00-05:00",
        "2026-11-22",
        "2026-13-01T00:00:00Z",
        "2026-11-22T03:00:00",
        "1700000000",
    ];
    for text in wrong {
        assert!(parse_moment(text, now).unwrap_err().contains("now-7d"), "{text}");
    }
}

#[test]
fn words_for_lengths() {
    let rows = [
        (0, "0 minutes"),
        (1, "1 minute"),
        (60, "1 hour"),
        (61, "1 hour 1 minute"),
        (150, "2 hours 30 minutes"),
        (480, "8 hours"),
        (1_440, "1 day"),
        (1_445, "1 day 5 minutes"),
        (4_560, "3 days 4 hours"),
        (1_441 + 60, "1 day 1 hour 1 minute"),
    ];
    for (minutes, expected) in rows {
        assert_eq!(minutes_in_words(minutes), expected);
    }
    let rows = [
        (-5, "0 seconds"),
        (0, "0 seconds"),
        (1, "1 second"),
        (59, "59 seconds"),
        (90, "1 minute 30 seconds"),
        (3_599, "59 minutes 59 seconds"),
        (3_661, "1 hour 1 minute"),
        (3_605, "1 hour"),
        (86_399 + 86_400, "1 day 23 hours"),
        (273_600, "3 days 4 hours"),
    ];
    for (seconds, expected) in rows {
        assert_eq!(duration_in_words(TimeDelta::seconds(seconds)), expected);
    }
}

proptest! {
    #[test]
    fn windows_lie_after_their_start(start in 0_i64..4_000_000_000, catalog in 1_u32..1_000, own in proptest::option::of(1_u32..1_000)) {
        let start = Time::from_timestamp(start, 0).unwrap();
        let end = decide_by(start, catalog, own);
        prop_assert!(end > start);
        prop_assert!(end <= decide_by(start, catalog, None));
        prop_assert_eq!(expires_at(start, catalog) - start, TimeDelta::minutes(i64::from(catalog)));
    }

    #[test]
    fn every_choice_can_be_granted(asked in 1_u32..100_000) {
        let choices = access_choices(asked);
        prop_assert!(choices.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(choices.last(), Some(&asked));
        for choice in choices {
            prop_assert_eq!(granted_minutes(asked, Some(choice)), Ok(choice));
        }
    }

    #[test]
    fn a_grant_is_never_longer_than_asked(asked in 0_u32.., wished in proptest::option::of(0_u32..)) {
        if let Ok(granted) = granted_minutes(asked, wished) {
            prop_assert!(granted <= asked);
        }
    }

    #[test]
    fn no_text_breaks_the_parser(text in "(now)?[-+]?[0-9]{0,25}[mhdTZ:.\\-]{0,4}.{0,5}") {
        let now = time("2026-11-22T10:00:00Z");
        if let Ok(moment) = parse_moment(&text, now) {
            prop_assert_eq!(parse_moment(&moment.to_rfc3339(), now), Ok(moment));
        }
    }

    #[test]
    fn minutes_in_words_lose_nothing(minutes in 1_u32..200_000) {
        let text = minutes_in_words(minutes);
        let mut total = 0;
        let parts: Vec<&str> = text.split(' ').collect();
        for pair in parts.chunks(2) {
            let number: u32 = pair[0].parse().unwrap();
            prop_assert_eq!(number == 1, !pair[1].ends_with('s'), "{}", text);
            total += number * match pair[1].trim_end_matches('s') { "day" => 1_440, "hour" => 60, _ => 1 };
        }
        prop_assert_eq!(total, minutes);
    }
}
