use proptest::prelude::*;

use lockbox_api::history::{HistoryCount, HistoryDay};

use super::*;

fn time(hours: i64) -> Time {
    Time::from_timestamp(1_790_000_000 / 86_400 * 86_400 + hours * 3_600, 0).unwrap()
}

fn figures(requests: &[RequestFacts], now: Time) -> HistoryFigures {
    let mut figures = Figures::default();
    requests.iter().for_each(|request| figures.add(request, now));
    figures.done()
}

fn totals(requests: &[RequestFacts], from: Time, to: Time) -> Totals {
    let mut report = Report::new(from, to, to);
    requests.iter().for_each(|request| report.add(request));
    report.done()
}

/// Of the requests of a wide period.
fn all_of(requests: &[RequestFacts]) -> Totals {
    totals(requests, time(-100), time(500))
}

fn by_day(requests: &[RequestFacts], from: Time, to: Time) -> Vec<HistoryDay> {
    totals(requests, from, to).by_day
}

/// A request raised at hour 0, in the given status, without access; the customer was asked, where there was something to ask.
fn facts(status: Status) -> RequestFacts {
    RequestFacts {
        status,
        status_reason: None,
        requested_at: time(0),
        notified_at: match status {
            Status::Rejected | Status::NotRequired | Status::AwaitingInternalApproval => None,
            _ => Some(time(0)),
        },
        decided_at: None,
        granted_minutes: None,
        access_starts_at: None,
        access_ended_at: None,
        first_action_at: None,
        last_action_at: None,
        actions: 0,
        refused_actions: 0,
        rows_touched: 0,
        environment: ("env_a".into(), "Payroll".to_owned()),
        service: ("sql".to_owned(), "SQL".to_owned()),
        reason_code: ReasonCode::ProductionAlert,
        team: None,
        decider: None,
    }
}

/// Approved after so many hours, for four hours.
fn approved(after: i64) -> RequestFacts {
    RequestFacts {
        decided_at: Some(time(after)),
        granted_minutes: Some(240),
        access_starts_at: Some(time(after)),
        ..facts(Status::Approved)
    }
}

#[test]
fn figures_of_nothing() {
    let none = figures(&[], time(0));
    assert_eq!((none.requests, none.approved, none.without_request), (0, 0, 0));
    assert_eq!((none.approval_rate, none.median_seconds_to_decide, none.p95_seconds_to_decide), (None, None, None));
    assert_eq!((none.hours_granted, none.hours_open, none.hours_used), (0.0, 0.0, 0.0));
    assert!(none.hours_granted.is_sign_positive());
}

#[test]
fn every_status_counts_in_its_place() {
    let all: Vec<RequestFacts> = Status::ALL.iter().map(|status| facts(*status)).collect();
    let told = figures(&all, time(0));
    assert_eq!(told.requests, 5);
    assert_eq!((told.without_request, told.inside), (1, 2));
    assert_eq!((told.approved, told.denied, told.expired, told.cancelled, told.pending), (1, 1, 1, 1, 1));
    assert_eq!(told.approval_rate, Some(0.5));
}

#[test]
fn what_ended_inside_the_provider_is_not_held_against_the_customer() {
    let inside = |status| RequestFacts { notified_at: None, ..facts(status) };
    let all = [approved(1), inside(Status::Expired), inside(Status::Cancelled), facts(Status::Expired)];
    let told = all_of(&all);
    assert_eq!((told.figures.requests, told.figures.expired, told.figures.cancelled), (2, 1, 0));
    assert_eq!((told.figures.inside, told.figures.expired_share), (2, Some(0.5)));
    assert_eq!(told.by_environment[0].count, 2);
    assert_eq!(told.by_day.iter().map(|day| day.expired + day.cancelled).sum::<u64>(), 1);
}

#[test]
fn percentiles_are_by_nearest_rank() {
    let times = |hours: &[i64]| {
        let requests: Vec<RequestFacts> = hours.iter().map(|hours| approved(*hours)).collect();
        let told = figures(&requests, time(1_000));
        let in_hours = |seconds: Option<f64>| seconds.map(|seconds| seconds / 3_600.0);
        (in_hours(told.median_seconds_to_decide), in_hours(told.p95_seconds_to_decide))
    };
    assert_eq!(times(&[7]), (Some(7.0), Some(7.0)));
    assert_eq!(times(&[4, 1]), (Some(1.0), Some(4.0)), "of two the lower one");
    assert_eq!(times(&[9, 1, 5]), (Some(5.0), Some(9.0)));
    let twenty: Vec<i64> = (1..=20).collect();
    assert_eq!(times(&twenty), (Some(10.0), Some(19.0)));
    let hundred: Vec<i64> = (1..=100).rev().collect();
    assert_eq!(times(&hundred), (Some(50.0), Some(95.0)));
}

#[test]
fn the_time_to_decide_runs_from_asking_the_customer() {
    let late = RequestFacts { notified_at: Some(time(2)), ..approved(5) };
    assert_eq!(figures(&[late], time(9)).median_seconds_to_decide, Some(3.0 * 3_600.0));
    let odd = RequestFacts { notified_at: Some(time(6)), ..approved(5) };
    assert_eq!(figures(&[odd], time(9)).median_seconds_to_decide, Some(0.0));
    let expired = RequestFacts { decided_at: Some(time(5)), ..facts(Status::Expired) };
    assert_eq!(figures(&[expired], time(9)).median_seconds_to_decide, None);
}

#[test]
fn hours_granted_open_and_used() {
    let at = |now: i64, change: &dyn Fn(&mut RequestFacts)| {
        let mut request = approved(1);
        change(&mut request);
        let told = figures(&[request], time(now));
        (told.hours_granted, told.hours_open, told.hours_used)
    };
    assert_eq!(at(3, &|_| ()), (4.0, 2.0, 0.0), "open for two hours so far");
    assert_eq!(at(100, &|_| ()), (4.0, 4.0, 0.0), "over by itself, also when nobody wrote it");
    assert_eq!(at(100, &|r| r.access_ended_at = Some(time(2))), (4.0, 1.0, 0.0));
    assert_eq!(at(100, &|r| r.access_ended_at = Some(time(20))), (4.0, 4.0, 0.0), "a late sweep adds no hours");
    assert_eq!(at(0, &|_| ()), (4.0, 0.0, 0.0), "a clock that steps back takes none away");
    let used = |r: &mut RequestFacts| (r.first_action_at, r.last_action_at) = (Some(time(2)), Some(time(4)));
    assert_eq!(at(100, &used), (4.0, 4.0, 2.0));
    assert_eq!(at(100, &|r| r.first_action_at = Some(time(2))), (4.0, 4.0, 0.0));
}

#[test]
fn actions_add_up() {
    let acted = |actions, refused_actions| RequestFacts { actions, refused_actions, ..approved(1) };
    let told = figures(&[acted(3, 1), acted(4, 0)], time(9));
    assert_eq!((told.actions, told.refused_actions), (7, 1));
}

#[test]
fn every_day_of_the_period_is_there() {
    let on = |status, hours| RequestFacts { requested_at: time(hours), ..facts(status) };
    let requests = [
        on(Status::Approved, -1),
        on(Status::Approved, 0),
        on(Status::Denied, 23),
        on(Status::Expired, 24),
        on(Status::Cancelled, 48),
        on(Status::AwaitingInternalApproval, 49),
        on(Status::CustomerNotified, 49),
        on(Status::Rejected, 49),
        on(Status::NotRequired, 49),
        RequestFacts { notified_at: None, ..on(Status::Expired, 49) },
        on(Status::Approved, 72),
    ];
    let days = by_day(&requests, time(0), time(72));
    let rows: Vec<_> =
        days.iter().map(|day| (day.approved, day.denied, day.expired, day.cancelled, day.pending)).collect();
    assert_eq!(rows, [(1, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 1)]);
    let first = days[0].day.clone();
    assert_eq!(first, time(0).date_naive().to_string());
    assert_eq!(first.len(), 10);
    assert_eq!(by_day(&requests, time(12), time(13)).len(), 1);
    assert_eq!(by_day(&requests, time(12), time(36)).len(), 2, "both days that the period touches");
    assert_eq!(by_day(&requests, time(12), time(36))[0].denied, 1);
    assert!(by_day(&requests, time(1), time(1)).is_empty());
    assert!(by_day(&requests, time(2), time(1)).is_empty());
}

#[test]
fn slices_come_most_first() {
    let mut other = approved(1);
    other.environment = ("env_b".into(), "Billing".to_owned());
    other.service = ("fabric".to_owned(), "Fabric".to_owned());
    other.reason_code = ReasonCode::ThirdPartyDataRequest;
    let unasked =
        |reason| RequestFacts { status_reason: Some(reason), granted_minutes: Some(60), ..facts(Status::NotRequired) };
    let requests = [
        other,
        approved(1),
        facts(Status::Denied),
        facts(Status::Rejected),
        unasked(StatusReason::Emergency),
        unasked(StatusReason::LockboxDisabled),
        unasked(StatusReason::Emergency),
    ];
    let rows = |slices: Vec<HistoryCount>| -> Vec<(String, String, u64, u64, f64)> {
        slices.into_iter().map(|s| (s.key, s.label, s.count, s.approved, s.hours_granted)).collect()
    };
    let row =
        |key: &str, label: &str, count, approved, hours| (key.to_owned(), label.to_owned(), count, approved, hours);
    assert_eq!(
        rows(all_of(&requests).by_environment),
        [row("env_a", "Payroll", 2, 1, 4.0), row("env_b", "Billing", 1, 1, 4.0)]
    );
    assert_eq!(rows(all_of(&requests).by_service), [row("sql", "SQL", 2, 1, 4.0), row("fabric", "Fabric", 1, 1, 4.0)]);
    assert_eq!(
        rows(all_of(&requests).by_reason),
        [
            row("production_alert", "Alert in production", 2, 1, 4.0),
            row("third_party_data_request", "Demand by a third party", 1, 1, 4.0)
        ]
    );
    assert_eq!(
        rows(all_of(&requests).without_request),
        [
            row("emergency", StatusReason::Emergency.label(), 2, 0, 2.0),
            row("lockbox_disabled", StatusReason::LockboxDisabled.label(), 1, 0, 1.0)
        ]
    );
    assert_eq!(all_of(&[facts(Status::NotRequired)]).without_request[0].key, "unknown");
}

#[test]
fn decision_times_are_told_by_day_or_by_week() {
    let on = |day: i64, after: i64| RequestFacts {
        requested_at: time(day * 24),
        notified_at: Some(time(day * 24)),
        decided_at: Some(time(day * 24 + after)),
        ..facts(Status::Denied)
    };
    let undecided = RequestFacts { requested_at: time(24), notified_at: Some(time(24)), ..facts(Status::Expired) };
    let requests = [on(0, 4), on(0, 2), on(0, 30), undecided, on(2, 1), on(-1, 9)];
    let parts = |from: i64, to: i64| totals(&requests, time(from * 24), time(to * 24)).decision_times;
    let days: Vec<_> = parts(0, 3).iter().map(|day| (day.decided, day.median_seconds, day.p95_seconds)).collect();
    assert_eq!(days, [(3, Some(14_400.0), Some(108_000.0)), (0, None, None), (1, Some(3_600.0), Some(3_600.0))]);
    assert_eq!(parts(0, 45).len(), 45);
    // time(0) is a Monday's midnight: the week of day -1 is another one.
    assert_eq!(monday(time(0).date_naive()), time(0).date_naive());
    let weeks = parts(-3, 43);
    assert_eq!(weeks.len(), 8);
    assert!(weeks.iter().all(|week| week.day.parse().is_ok_and(|day| monday(day) == day)), "{weeks:?}");
    assert_eq!((weeks[0].decided, weeks[1].decided, weeks[1].median_seconds), (1, 4, Some(7_200.0)));
    assert!(parts(1, 1).is_empty());
}

fn any_facts() -> impl Strategy<Value = RequestFacts> {
    use proptest::{option, sample};
    (
        sample::select(Status::ALL),
        -50_i64..200,
        option::of(0_i64..100),
        option::of(1_u32..5_000),
        option::of(0_i64..100),
        option::of(0_i64..100),
        0_u64..9,
        proptest::bool::ANY,
    )
        .prop_map(|(status, raised, decided, granted_minutes, starts, ended, actions, asked)| RequestFacts {
            requested_at: time(raised),
            notified_at: asked.then_some(time(raised)),
            decided_at: decided.map(time),
            granted_minutes,
            access_starts_at: starts.map(time),
            access_ended_at: ended.map(time),
            actions,
            ..facts(status)
        })
}

proptest! {
    #[test]
    fn the_figures_agree_with_each_other(requests in proptest::collection::vec(any_facts(), 0..30), now in 0_i64..300) {
        let told = totals(&requests, time(-100), time(now));
        let all = &told.figures;
        prop_assert_eq!(all.requests, all.approved + all.denied + all.expired + all.cancelled + all.pending);
        prop_assert_eq!(requests.len() as u64, all.requests + all.without_request + all.inside);
        prop_assert!(all.approval_rate.is_none_or(|rate| (0.0..=1.0).contains(&rate)));
        prop_assert!(all.median_seconds_to_decide <= all.p95_seconds_to_decide);
        prop_assert!(all.hours_open >= 0.0 && all.hours_used >= 0.0);
        let counted = |slices: &[HistoryCount]| slices.iter().map(|slice| slice.count).sum::<u64>();
        for slices in [&told.by_environment, &told.by_service, &told.by_reason, &told.by_team] {
            prop_assert_eq!(counted(slices), all.requests);
        }
        prop_assert_eq!(counted(&told.by_decider), all.approved + all.denied);
        prop_assert_eq!(counted(&told.without_request), all.without_request);
    }

    #[test]
    fn the_days_hold_every_request_of_the_period_once(requests in proptest::collection::vec(any_facts(), 0..30), from in -60_i64..200, hours in 1_i64..200) {
        let (from, to) = (time(from), time(from + hours));
        let inside: Vec<RequestFacts> = requests.iter().filter(|r| (from..to).contains(&r.requested_at)).cloned().collect();
        let days = by_day(&requests, from, to);
        let total: u64 = days.iter().map(|day| day.approved + day.denied + day.expired + day.cancelled + day.pending).sum();
        prop_assert_eq!(total, figures(&inside, to).requests);
        prop_assert!(days.is_sorted_by(|a, b| a.day < b.day));
    }
}
