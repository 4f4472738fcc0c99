//! When an action is said to have happened: in any order, and how far from now and from the access.

use chrono::TimeDelta;
use lockbox_api::Time;
use serde_json::{Value, json};

use crate::support::{Caller, TestApp, operations::approved, world::MERIDIAN};

fn path(request: &Value) -> String {
    format!("/provider/v1/grants/{}/actions", request["access"]["grant_id"].as_str().unwrap())
}

fn action(id: &str, time: Time) -> Value {
    json!({"id": id, "time": time, "engineer_id": "eng-417", "operation": "ExecuteSqlViaLockbox",
        "target": "payroll.dbo.Pay", "rows": 1, "outcome": "success"})
}

/// What became of actions at these times, in their order.
async fn report(app: &TestApp, request: &Value, batch: &str, times: &[Time]) -> Vec<String> {
    let actions: Vec<_> = times.iter().enumerate().map(|(at, time)| action(&format!("{batch}-{at}"), *time)).collect();
    let answer = app.provider().post(&path(request), json!({"actions": actions})).await.is(200);
    let results = answer["results"].as_array().unwrap().iter();
    results.map(|one| one["result"].as_str().unwrap().to_owned()).collect()
}

fn time(value: &Value) -> Time {
    value.as_str().unwrap().parse().unwrap()
}

const US: TimeDelta = TimeDelta::microseconds(1);

#[tokio::test]
async fn actions_come_in_any_order_and_the_window_has_sharp_edges() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let (begins, ends) = (time(&request["access"]["starts_at"]), time(&request["access"]["expires_at"]));
    app.state.hand.set(ends - TimeDelta::minutes(1));
    let minutes = |number| begins + TimeDelta::minutes(number);
    // Later before earlier, within a batch and over batches.
    assert_eq!(report(&app, &request, "a", &[minutes(90), minutes(30), minutes(60)]).await, ["recorded"; 3]);
    assert_eq!(report(&app, &request, "b", &[minutes(10), minutes(120)]).await, ["recorded"; 2]);
    let [first, last] = app
        .read({
            let grant = request["access"]["grant_id"].as_str().unwrap().into();
            move |tx| {
                let grant = tx.grant(&grant)?.unwrap();
                Ok([grant.first_action_at, grant.last_action_at])
            }
        })
        .await;
    assert_eq!((first, last), (Some(minutes(10)), Some(minutes(120))), "in whatever order they came");
    let seen = app.provider().get(&format!("/provider/v1/access-requests/{}", request["id"].as_str().unwrap())).await;
    let seen = seen.is(200);
    let told = seen["timeline"].as_array().unwrap().iter().filter(|step| step["kind"] == "action");
    let told: Vec<Time> = told.map(|step| time(&step["at"])).collect();
    assert_eq!(told, [10, 30, 60, 90, 120].map(minutes), "the timeline has them in theirs");

    let edges = [begins - US, begins, ends - US, ends, ends + TimeDelta::minutes(2)];
    let expected = ["refused", "recorded", "recorded", "refused", "refused"];
    assert_eq!(report(&app, &request, "c", &edges).await, expected);
    assert_eq!(report(&app, &request, "d", &[Time::UNIX_EPOCH]).await, ["refused"], "however long before");
    let log = app.person(&MERIDIAN.person("reader")).await;
    let log = log.get("/api/v1/logs?outcome=refused").await.is(200);
    let reasons = log["items"].as_array().unwrap().iter().map(|event| &event["details"]["refused_reason"]);
    assert_eq!(reasons.collect::<Vec<_>>(), ["not_started", "lapsed", "lapsed", "not_started"], "newest first");
}

#[tokio::test]
async fn a_time_that_lies_ahead_is_a_fault_beyond_five_minutes() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    // The clock goes on until the server looks: to be sure, the edge is left and right of a minute.
    let (near, far) = (app.now() + TimeDelta::minutes(5), app.now() + TimeDelta::minutes(6));
    assert_eq!(report(&app, &request, "a", &[near, far]).await, ["recorded", "invalid"]);
    app.advance(TimeDelta::minutes(1));
    assert_eq!(
        report(&app, &request, "a", &[near, far]).await,
        ["duplicate", "recorded"],
        "sent again when it is time"
    );
}

#[tokio::test]
async fn after_the_end_the_time_before_may_be_reported_for_a_day_and_is_marked() {
    let app = TestApp::new().await;
    let request = approved(&app, MERIDIAN).await;
    let id = request["id"].as_str().unwrap();
    let before = app.now();
    assert_eq!(report(&app, &request, "in-time", &[before]).await, ["recorded"]);
    app.advance(TimeDelta::minutes(10));
    let approver = app.person(&MERIDIAN.person("approver")).await;
    let ended =
        approver.post(&format!("/api/v1/lockbox-requests/{id}/revoke"), json!({"justification": "Enough."})).await;
    let end = time(&ended.is(200)["access"]["ended_at"]);
    assert_eq!(report(&app, &request, "at-once", &[end - US, end]).await, ["recorded", "refused"]);
    app.state.hand.set(end + TimeDelta::hours(23) + TimeDelta::minutes(59));
    assert_eq!(report(&app, &request, "late", &[before]).await, ["recorded"]);
    app.state.hand.set(end + TimeDelta::hours(24) + TimeDelta::seconds(1));
    let too_late = [before, end - US, end + US];
    assert_eq!(report(&app, &request, "too-late", &too_late).await, ["invalid", "invalid", "refused"]);
    assert_eq!(report(&app, &request, "late", &[before]).await, ["duplicate"], "what came in time stays what it is");

    let reader = app.person(&MERIDIAN.person("reader")).await;
    let log = reader.get(&format!("/api/v1/logs?request_id={id}&category=data_access")).await.is(200);
    let of = |name: &str| {
        let found = log["items"].as_array().unwrap().iter().find(|event| event["details"]["action_id"] == name);
        found.unwrap_or_else(|| panic!("{name} is in the log")).clone()
    };
    assert_eq!(of("in-time-0")["details"]["reported_after_end"], Value::Null);
    assert_eq!(of("at-once-0")["details"]["reported_after_end"], true);
    assert_eq!(of("late-0")["details"]["reported_after_end"], true);
    let fault = of("too-late-0");
    assert_eq!((&fault["outcome"], &fault["details"]["refused_reason"]), (&json!("refused"), &json!("faulty_report")));
    assert_eq!(fault["details"]["reported_outcome"], "success", "what was said is kept");
    let reader = reader.get(&format!("/api/v1/lockbox-requests/{id}")).await.is(200);
    let marked = reader["timeline"].to_string().matches("It was reported after the access had ended.").count();
    assert_eq!(marked, 2, "{reader}");
}
