//! A second opinion on the figures of a period, from the events of the log and from what was asked for; it shares no line with
//! the code that counts.

use std::collections::BTreeMap;

use chrono::{Datelike, TimeDelta};
use lockbox_api::{Time, events::Event};
use serde_json::{Value, json};

use super::weeks::Asked;

/// One request, as its events tell it.
struct Case<'a> {
    asked: &'a Asked,
    raised: Time,
    notified: Option<(Time, Time)>,
    without: Option<&'a Event>,
    decision: Option<&'a Event>,
    cancelled: bool,
    expired: bool,
    ended: Option<Time>,
    actions: Vec<&'a Event>,
}

/// Requests and approved ones among them, and hours granted, by key.
pub type Slice = BTreeMap<String, (u64, u64, f64)>;

/// Everything that the answer holds of a period.
#[derive(Debug, Default)]
pub struct Opinion {
    pub figures: BTreeMap<&'static str, Option<f64>>,
    pub slices: BTreeMap<&'static str, Slice>,
    /// By day: approved, denied, expired, cancelled, pending.
    pub days: BTreeMap<String, [u64; 5]>,
    /// By day or week: seconds to decide.
    pub times: BTreeMap<String, Vec<f64>>,
    /// How many requests each view of the list shows.
    pub views: BTreeMap<&'static str, u64>,
}

fn time(value: &Value) -> Option<Time> {
    value.as_str().and_then(|text| text.parse().ok())
}

impl Case<'_> {
    fn status(&self, now: Time) -> &'static str {
        match (self.decision.map(|event| event.operation.as_str()), self.notified) {
            (Some("Approve Lockbox Request"), _) => "approved",
            (Some(_), _) => "denied",
            _ if self.cancelled => "cancelled",
            (None, Some((_, until))) if self.expired || until <= now => "expired",
            _ => "pending",
        }
    }

    /// When access opened, and for how many minutes.
    fn access(&self) -> Option<(Time, f64)> {
        let opened = self.decision.filter(|event| event.operation.starts_with("Approve")).or(self.without)?;
        Some((opened.time, opened.details["access_minutes"].as_f64()?))
    }

    fn hours_open(&self, now: Time) -> f64 {
        let Some((start, minutes)) = self.access() else { return 0.0 };
        let longest = minutes / 60.0;
        let hours = (self.ended.unwrap_or(now) - start).as_seconds_f64() / 3_600.0;
        hours.min(longest)
    }

    fn done(&self) -> impl Iterator<Item = &Event> {
        self.actions.iter().filter(|event| event.outcome.as_str() != "refused").copied()
    }

    /// What was done outside the grant has touched its rows all the same.
    fn touched(&self) -> impl Iterator<Item = &Event> {
        let done =
            |event: &Event| event.outcome.as_str() != "refused" || event.details["reported_outcome"] == "success";
        self.actions.iter().copied().filter(move |event| done(event))
    }

    fn hours_used(&self) -> f64 {
        let times: Vec<Time> = self.done().filter_map(|event| time(&event.details["happened_at"])).collect();
        let span = times.iter().max().zip(times.iter().min());
        span.map_or(0.0, |(last, first)| (*last - *first).as_seconds_f64() / 3_600.0)
    }
}

fn cases<'a>(events: &'a [Event], asked: &'a BTreeMap<String, Asked>) -> Vec<Case<'a>> {
    let mut by_request: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events {
        by_request.entry(event.request_id.as_ref().map_or("", |id| id.as_str())).or_default().push(event);
    }
    let mut cases = Vec::new();
    for (id, asked) in asked {
        // What the customer must not know of yet has no event.
        let Some(own) = by_request.get(id.as_str()) else { continue };
        let named =
            |operation: &str| own.iter().copied().find(|e| e.operation == operation && e.outcome.as_str() == "success");
        let Some(raised) = named("Create Lockbox Request") else { continue };
        let ended = ["Revoke Lockbox Access", "Lockbox Access Completion"].into_iter().find_map(named);
        cases.push(Case {
            asked,
            raised: raised.time,
            notified: named("Notify Lockbox Request")
                .map(|event| (event.time, time(&event.details["decide_by"]).expect("asked with a limit"))),
            without: named("Access Without Request"),
            decision: ["Approve Lockbox Request", "Deny Lockbox Request"].into_iter().find_map(named),
            cancelled: named("Cancel Lockbox Request").is_some(),
            expired: named("Lockbox Request Expiry").is_some(),
            ended: ended.map(|event| event.time),
            actions: own.iter().copied().filter(|event| event.category.as_str() == "data_access").collect(),
        });
    }
    cases
}

fn rank(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    (values.len() * percent).div_ceil(100).checked_sub(1).map(|at| sorted[at])
}

/// The figures of the requests raised in a period, at `now`.
pub fn of(events: &[Event], asked: &BTreeMap<String, Asked>, from: Time, to: Time, now: Time) -> Opinion {
    let all = cases(events, asked);
    let all: Vec<&Case<'_>> = all.iter().filter(|case| (from..to).contains(&case.raised)).collect();
    let mut told = Opinion::default();
    let by_week = ((to - TimeDelta::microseconds(1)).date_naive() - from.date_naive()).num_days() >= 45;
    let mut day = from.date_naive();
    let week = |day: chrono::NaiveDate| if by_week { day.week(chrono::Weekday::Mon).first_day() } else { day };
    while day <= (to - TimeDelta::microseconds(1)).date_naive() {
        told.days.insert(day.to_string(), [0; 5]);
        told.times.insert(week(day).to_string(), Vec::new());
        assert!(!by_week || week(day).weekday() == chrono::Weekday::Mon);
        day = day.succ_opt().unwrap();
    }
    let mut times = Vec::new();
    let mut add = |slice: &'static str, key: &str, case: &Case<'_>| {
        let one = told.slices.entry(slice).or_default().entry(key.to_owned()).or_default();
        one.0 += 1;
        one.1 += u64::from(case.status(now) == "approved");
        one.2 += case.access().map_or(0.0, |(_, minutes)| minutes / 60.0);
    };
    for case in all.iter().filter(|case| case.notified.is_some()) {
        add("by_environment", &case.asked.environment, case);
        add("by_service", &case.asked.service, case);
        add("by_reason", &case.asked.reason, case);
        add("by_team", &case.asked.team, case);
        let part = ["approved", "denied", "expired", "cancelled", "pending"];
        let part = part.iter().position(|one| *one == case.status(now)).unwrap();
        told.days.get_mut(&case.raised.date_naive().to_string()).unwrap()[part] += 1;
        if let (Some(event), Some((notified, _))) = (case.decision, case.notified) {
            add("by_decider", &event.actor.id, case);
            let seconds = (event.time - notified).as_seconds_f64();
            times.push(seconds);
            told.times.get_mut(&week(case.raised.date_naive()).to_string()).unwrap().push(seconds);
        }
    }
    for case in &all {
        if let Some(event) = case.without {
            add("without_request", event.details["reason"].as_str().unwrap(), case);
        }
    }
    let count = |which: &dyn Fn(&Case<'_>) -> bool| all.iter().filter(|case| which(case)).count() as u64;
    let standing = |status: &'static str| count(&|case| case.notified.is_some() && case.status(now) == status);
    let (approved, denied, expired) = (standing("approved"), standing("denied"), standing("expired"));
    let actions = || all.iter().flat_map(|case| &case.actions);
    let (asked, without) = (count(&|case| case.notified.is_some()), count(&|case| case.without.is_some()));
    let sum = |of: &dyn Fn(&Case<'_>) -> f64| Some(all.iter().map(|case| of(case)).sum::<f64>());
    let number = |value: u64| Some(value as f64);
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let refused = |case: &Case<'_>| case.actions.iter().any(|event| event.outcome.as_str() == "refused");
    told.figures = BTreeMap::from([
        ("requests", number(asked)),
        ("approved", number(approved)),
        ("denied", number(denied)),
        ("expired", number(expired)),
        ("cancelled", number(standing("cancelled"))),
        ("pending", number(standing("pending"))),
        ("approval_rate", share(approved, approved + denied)),
        ("expired_share", share(expired, approved + denied + expired)),
        ("median_seconds_to_decide", rank(&times, 50)),
        ("p95_seconds_to_decide", rank(&times, 95)),
        ("hours_granted", sum(&|case| case.access().map_or(0.0, |(_, minutes)| minutes / 60.0))),
        ("hours_open", sum(&|case| case.hours_open(now))),
        ("hours_used", sum(&|case| case.hours_used())),
        ("actions", number(actions().count() as u64)),
        ("refused_actions", number(actions().filter(|event| event.outcome.as_str() == "refused").count() as u64)),
        ("rows_touched", sum(&|case| case.touched().map(|e| e.details["rows"].as_f64().unwrap()).sum())),
        ("without_request", number(without)),
        ("inside", number(all.len() as u64 - asked - without)),
    ]);
    told.views = BTreeMap::from([
        ("all", all.len() as u64),
        ("asked", asked),
        ("decided", approved + denied),
        ("opened", count(&|case| case.access().is_some())),
        ("used", count(&|case| !case.actions.is_empty())),
        ("refused", count(&refused)),
        ("inside", all.len() as u64 - asked - without),
        ("without_request", without),
    ]);
    told
}

/// What an answer says otherwise, if anything. Numbers may differ by what adding in another order does to them.
pub fn difference(told: &Value, before: &Value, expected: (&Opinion, &Opinion)) -> Vec<String> {
    let same = |told: &Value, expected: Option<f64>| match (told.as_f64(), expected) {
        (Some(told), Some(expected)) => (told - expected).abs() < 0.001,
        (told, expected) => told.is_none() && expected.is_none(),
    };
    let mut faults = Vec::new();
    for (figures, opinion, what) in [(&told["current"], expected.0, "current"), (before, expected.1, "previous")] {
        for (name, value) in figures.as_object().unwrap() {
            let expected = opinion.figures.get(name.as_str()).unwrap_or_else(|| panic!("no opinion on {name}"));
            if !same(value, *expected) {
                faults.push(format!("{what}.{name}: {value}, expected {expected:?}"));
            }
        }
    }
    for slice in ["by_environment", "by_service", "by_reason", "by_team", "by_decider", "without_request"] {
        let parts = told[slice].as_array().unwrap().iter().map(|one| {
            let hours = (one["hours_granted"].as_f64().unwrap() * 60.0).round();
            (one["key"].as_str().unwrap().to_owned(), json!([one["count"], one["approved"], hours]))
        });
        let parts: BTreeMap<_, _> = parts.collect();
        let wanted = expected.0.slices.get(slice).into_iter().flatten();
        let wanted: BTreeMap<_, _> =
            wanted.map(|(key, one)| (key.clone(), json!([one.0, one.1, (one.2 * 60.0).round()]))).collect();
        if parts != wanted {
            faults.push(format!("{slice}: {parts:?}, expected {wanted:?}"));
        }
    }
    let days = told["by_day"].as_array().unwrap().iter().map(|day| {
        let parts = ["approved", "denied", "expired", "cancelled", "pending"].map(|name| day[name].as_u64().unwrap());
        (day["day"].as_str().unwrap().to_owned(), parts)
    });
    let days: BTreeMap<_, _> = days.collect();
    if days != expected.0.days {
        faults.push(format!("by_day: {days:?}, expected {:?}", expected.0.days));
    }
    let parts = told["decision_times"].as_array().unwrap();
    if parts.len() != expected.0.times.len() {
        faults.push(format!("decision_times: {} parts, expected {}", parts.len(), expected.0.times.len()));
    }
    for part in parts {
        let times = expected.0.times.get(part["day"].as_str().unwrap()).map(Vec::as_slice).unwrap_or_default();
        let right = part["decided"] == times.len()
            && same(&part["median_seconds"], rank(times, 50))
            && same(&part["p95_seconds"], rank(times, 95));
        if !right {
            faults.push(format!("decision_times: {part}, expected {times:?}"));
        }
    }
    faults
}
