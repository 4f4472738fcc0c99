use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn time(seconds: i64) -> Time {
    Time::from_timestamp(seconds, 0).unwrap()
}

struct Grant {
    environment: EnvironmentId,
    operations: Vec<String>,
    targets: Vec<String>,
    state: AccessState,
    ended_at: Option<Time>,
}

impl Grant {
    /// Open from 100 to 200 for `eng-417` in `env_payroll`.
    fn open() -> Self {
        Self {
            environment: "env_payroll".into(),
            operations: vec!["ExecuteSqlViaLockbox".to_owned()],
            targets: vec!["payroll.dbo.*".to_owned()],
            state: AccessState::Active,
            ended_at: None,
        }
    }

    fn ended(state: AccessState, at: i64) -> Self {
        Self { state, ended_at: Some(time(at)), ..Self::open() }
    }

    fn facts(&self) -> GrantFacts<'_> {
        GrantFacts {
            engineer_id: "eng-417",
            environment_id: &self.environment,
            operations: &self.operations,
            targets: &self.targets,
            starts_at: time(100),
            expires_at: time(200),
            state: self.state,
            ended_at: self.ended_at,
        }
    }
}

const ASK: Ask<'static> = Ask {
    engineer_id: "eng-417",
    environment_id: None,
    operation: "ExecuteSqlViaLockbox",
    target: Some("payroll.dbo.Pay"),
};

#[test]
fn yes_until_the_end_and_not_at_it() {
    let grant = Grant::open();
    assert_eq!(check(&grant.facts(), &ASK, time(99)), Err(RefusalReason::NotStarted));
    assert_eq!(check(&grant.facts(), &ASK, time(100)), Ok(time(200)));
    assert_eq!(check(&grant.facts(), &ASK, time(199)), Ok(time(200)));
    assert_eq!(check(&grant.facts(), &ASK, time(200)), Err(RefusalReason::Lapsed), "although nothing was written");
}

#[test]
fn every_other_question_is_refused_with_its_reason() {
    let grant = Grant::open();
    let other: EnvironmentId = "env_other".into();
    let rows = [
        (Ask { engineer_id: "eng-9", ..ASK }, RefusalReason::WrongEngineer),
        (Ask { engineer_id: "ENG-417", ..ASK }, RefusalReason::WrongEngineer),
        (Ask { environment_id: Some(&other), ..ASK }, RefusalReason::WrongEnvironment),
        (Ask { operation: "Other", ..ASK }, RefusalReason::OperationNotGranted),
        (Ask { operation: "executesqlvialockbox", ..ASK }, RefusalReason::OperationNotGranted),
        (Ask { target: Some("other.dbo.Pay"), ..ASK }, RefusalReason::TargetNotGranted),
        (Ask { target: None, ..ASK }, RefusalReason::TargetNotGranted),
        // The order: engineer before environment before operation before target.
        (
            Ask { engineer_id: "x", environment_id: Some(&other), operation: "x", target: None },
            RefusalReason::WrongEngineer,
        ),
        (Ask { environment_id: Some(&other), operation: "x", target: None, ..ASK }, RefusalReason::WrongEnvironment),
        (Ask { operation: "x", target: None, ..ASK }, RefusalReason::OperationNotGranted),
    ];
    for (ask, reason) in rows {
        assert_eq!(check(&grant.facts(), &ask, time(150)), Err(reason), "{ask:?}");
        assert_eq!(check_action(&grant.facts(), &ask, time(150)), Err(reason), "{ask:?}");
        assert_eq!(check(&grant.facts(), &ask, time(99)), Err(RefusalReason::NotStarted), "the window comes first");
    }
    assert!(check(&grant.facts(), &Ask { environment_id: Some(&grant.environment), ..ASK }, time(150)).is_ok());
}

#[test]
fn without_targets_anything_in_the_environment_may_be_touched() {
    let grant = Grant { targets: vec![], ..Grant::open() };
    assert!(check(&grant.facts(), &ASK, time(150)).is_ok());
    assert!(check(&grant.facts(), &Ask { target: None, ..ASK }, time(150)).is_ok());
}

#[test]
fn without_operations_nothing_may_be_done() {
    let grant = Grant { operations: vec![], ..Grant::open() };
    assert_eq!(check(&grant.facts(), &ASK, time(150)), Err(RefusalReason::OperationNotGranted));
}

#[test]
fn what_has_ended_says_so_first_at_any_time() {
    let rows = [
        (AccessState::Revoked, RefusalReason::Revoked),
        (AccessState::Completed, RefusalReason::Completed),
        (AccessState::Lapsed, RefusalReason::Lapsed),
        (AccessState::None, RefusalReason::NotStarted),
    ];
    for (state, reason) in rows {
        let grant = Grant::ended(state, 150);
        for at in [0, 100, 149, 150, 300] {
            assert_eq!(check(&grant.facts(), &ASK, time(at)), Err(reason));
            assert_eq!(check(&grant.facts(), &Ask { engineer_id: "x", ..ASK }, time(at)), Err(reason));
        }
    }
}

#[test]
fn an_action_is_judged_by_the_time_at_which_it_happened() {
    let revoked = Grant::ended(AccessState::Revoked, 150);
    assert_eq!(check_action(&revoked.facts(), &ASK, time(99)), Err(RefusalReason::NotStarted));
    assert_eq!(check_action(&revoked.facts(), &ASK, time(100)), Ok(()));
    assert_eq!(check_action(&revoked.facts(), &ASK, time(149)), Ok(()));
    assert_eq!(check_action(&revoked.facts(), &ASK, time(150)), Err(RefusalReason::Revoked));
    assert_eq!(check_action(&revoked.facts(), &ASK, time(250)), Err(RefusalReason::Revoked));

    // The sweep wrote the lapse late: the window still ends when it ended.
    let late = Grant::ended(AccessState::Lapsed, 230);
    assert_eq!(check_action(&late.facts(), &ASK, time(199)), Ok(()));
    assert_eq!(check_action(&late.facts(), &ASK, time(210)), Err(RefusalReason::Lapsed));

    // States that can't come to be are refused, not guessed.
    let endless = Grant { state: AccessState::Revoked, ..Grant::open() };
    assert_eq!(check_action(&endless.facts(), &ASK, time(150)), Err(RefusalReason::Revoked));
    let half = Grant { state: AccessState::Active, ..Grant::ended(AccessState::Revoked, 150) };
    assert_eq!(check_action(&half.facts(), &ASK, time(149)), Ok(()));
    assert_eq!(check_action(&half.facts(), &ASK, time(150)), Err(RefusalReason::Lapsed));
    assert_eq!(check(&half.facts(), &ASK, time(150)), Err(RefusalReason::Lapsed));
}

#[test]
fn wildcards() {
    let rows = [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("*", "anything at all", true),
        ("a", "a", true),
        ("a", "ab", false),
        ("a", "ba", false),
        ("payroll.dbo.*", "payroll.dbo.Pay", true),
        ("payroll.dbo.*", "PAYROLL.DBO.", true),
        ("payroll.dbo.*", "payroll.dbo", false),
        ("payroll.dbo.*", "xpayroll.dbo.Pay", false),
        ("*.Pay", "payroll.dbo.pay", true),
        ("*.Pay", "payroll.dbo.pays", false),
        ("p*y", "py", true),
        ("p*y", "p", false),
        ("aa*aa", "aaa", false),
        ("aa*aa", "aaaa", true),
        ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXcYb", false),
        ("a**b", "ab", true),
        ("**", "", true),
        ("*ab*ba*", "aba", false),
        ("*ab*ba*", "abba", true),
        ("LÖHNE*", "löhne_2026", true),
        ("ΟΔΟΣ*", "οδοσ1", true),
        ("a?c", "abc", false),
        ("a.c", "abc", false),
        ("a[b]c", "abc", false),
        ("%", "abc", false),
    ];
    for (pattern, target, expected) in rows {
        assert_eq!(matches(pattern, target), expected, "{pattern} against {target}");
    }
}

#[test]
fn hostile_patterns_take_linear_time() {
    let long = "a".repeat(400_000);
    let piece = format!("*{}b*", "a".repeat(30_000));
    let many = format!("{}b", "a*".repeat(100_000));
    let all_stars = "*".repeat(200_000);
    let started = Instant::now();
    assert!(!matches(&piece, &long));
    assert!(!matches(&many, &long));
    assert!(!matches(&format!("*{}", "a*".repeat(400_001)), &long));
    assert!(matches(&all_stars, &long));
    // A backtracking matcher needs 10^9 steps and more for each of these.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// The textbook matcher, quadratic and plainly right, on ASCII.
fn reference(pattern: &[u8], target: &[u8]) -> bool {
    let mut row = vec![false; target.len() + 1];
    row[0] = true;
    for symbol in pattern {
        let mut next = vec![false; target.len() + 1];
        for at in 0..=target.len() {
            next[at] = match symbol {
                b'*' => row[at] || (at > 0 && next[at - 1]),
                _ => at > 0 && row[at - 1] && symbol.eq_ignore_ascii_case(&target[at - 1]),
            };
        }
        row = next;
    }
    row[target.len()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_matcher_agrees_with_the_textbook(pattern in "[abAB*]{0,10}", target in "[abAB]{0,14}") {
        prop_assert_eq!(matches(&pattern, &target), reference(pattern.as_bytes(), target.as_bytes()));
    }

    #[test]
    fn a_target_that_fills_the_stars_matches(pieces in proptest::collection::vec("\\PC{0,6}", 1..6), fill in "\\PC{0,6}") {
        let pieces: Vec<String> = pieces.iter().map(|piece| piece.replace('*', "")).collect();
        prop_assert!(matches(&pieces.join("*"), &pieces.join(&fill)));
    }

    #[test]
    fn no_text_breaks_the_matcher(pattern in "\\PC{0,30}", target in "\\PC{0,30}") {
        let _ = matches(&pattern, &target);
        prop_assert!(matches(&target.replace('*', ""), &target.replace('*', "")));
    }
}

proptest! {
    #[test]
    fn whatever_is_written_a_check_says_yes_only_inside_the_window(
        at in 0_i64..300,
        state in proptest::sample::select(AccessState::ALL),
        ended in proptest::option::of(0_i64..300),
        again in 0_i64..300,
    ) {
        let grant = Grant { state, ended_at: ended.map(time), ..Grant::open() };
        if check(&grant.facts(), &ASK, time(at)).is_ok() {
            prop_assert!((100..200).contains(&at) && state == AccessState::Active && ended.is_none_or(|ended| at < ended));
        }
        if check_action(&grant.facts(), &ASK, time(again)).is_ok() {
            prop_assert!((100..200).contains(&again) && ended.is_none_or(|ended| again < ended));
        }
    }
}
