//! The story of an engineer: ask, get an answer, ask before acting, report, give back.

use serde_json::json;

use crate::support::{Demo, text};

#[test]
fn an_engineer_asks_acts_within_the_grant_reports_and_gives_it_back() {
    let demo = Demo::start();
    let id = demo.raise(&["--justification", "Need the blocked statements.", "--minutes", "60"]);
    let shown = demo.run(&["request", "show", &id]).is(0).out;
    for words in
        ["Waits for the customer", "Need the blocked statements.", "1 hour", "ExecuteSqlViaLockbox", "Timeline"]
    {
        assert!(shown.contains(words), "{words} is missing in\n{shown}");
    }
    demo.decide(&id, "approve");
    let waited = demo.run(&["request", "wait", &id, "--json"]).is(0).json();
    assert_eq!(waited["decision"]["outcome"], "approved");
    let grant = waited["access"]["grant_id"].as_str().unwrap();
    let check = |operation: &str, more: &[&str]| {
        let args = ["grant", "check", grant, "--engineer", "eng-417", "--environment", "env_payroll"];
        demo.run(&[&args[..], &["--operation", operation, "--target", "payroll.dbo.Pay"], more].concat())
    };
    assert!(check("ExecuteSqlViaLockbox", &[]).is(0).out.starts_with("allowed until 20"));
    assert_eq!(check("ExecuteSqlViaLockbox", &["--json"]).is(0).json()["allowed"], true);
    let no = check("RestoreDatabaseCopyViaLockbox", &[]).is(1).out;
    assert_eq!(no, "not allowed, operation_not_granted: The operation was not part of the request.\n");

    let report = |more: &[&str]| {
        let args = ["grant", "actions", grant, "--engineer", "eng-417", "--operation", "ExecuteSqlViaLockbox"];
        demo.run(&[&args[..], more].concat())
    };
    let statement = ["--target", "payroll.dbo.Pay", "--statement", "SELECT 1", "--rows", "1", "--action", "a-1"];
    assert_eq!(report(&statement).is(0).out, "1 recorded, 0 refused, 0 duplicate, 0 invalid\n");
    assert_eq!(report(&statement).is(0).out, "0 recorded, 0 refused, 1 duplicate, 0 invalid\n");
    let outside = report(&["--target", "hr.dbo.People"]).is(1).out;
    assert!(outside.starts_with("0 recorded, 1 refused") && outside.contains("refused: "), "{outside}");

    let done = demo.run(&["request", "complete", &id, "--engineer", "eng-417", "--note", "Index added."]).is(0);
    assert!(done.out.contains("completed at"), "{}", done.out);
    assert!(check("ExecuteSqlViaLockbox", &[]).is(1).out.starts_with("not allowed, completed"));
    let timeline = demo.run(&["request", "show", &id]).is(0).out;
    assert!(timeline.contains("Checked with the owner.") && timeline.matches("Engineer 417").count() > 3, "{timeline}");
}

#[test]
fn a_long_report_goes_in_several_calls_and_says_what_became_of_each() {
    let demo = Demo::start();
    let id = demo.raise(&[]);
    demo.decide(&id, "approve");
    let request = demo.run(&["request", "show", &id, "--json"]).is(0).json();
    let grant = request["access"]["grant_id"].as_str().unwrap();
    let actions: Vec<_> = (0..1_203)
        .map(|number| {
            json!({"id": format!("a-{number}"), "time": request["access"]["starts_at"], "engineer_id": "eng-417",
                "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "outcome": "success"})
        })
        .collect();
    let file = demo.file("actions.json", &json!({"actions": actions}).to_string());
    let answer = demo.run(&["grant", "actions", grant, text(&file), "--json"]).is(0).json();
    assert_eq!((&answer["accepted"], answer["results"].as_array().unwrap().len()), (&json!(1_203), 1_203));
    let file = demo.file("list.json", &json!(actions).to_string());
    let again = demo.run(&["grant", "actions", grant, text(&file)]).is(0).out;
    assert_eq!(again, "0 recorded, 0 refused, 1203 duplicate, 0 invalid\n");
    let file = demo.file("wrong.json", r#"{"actions": [{"id": "a-1"}]}"#);
    demo.run(&["grant", "actions", grant, text(&file)]).says(2, &["wrong.json: /actions/0/time"]);
}

/// Found: a batch held a thousand actions by number and fifty by the length of their statements, and was refused whole.
#[test]
fn long_statements_go_in_as_many_calls_as_they_need() {
    let demo = Demo::start();
    let id = demo.raise(&[]);
    demo.decide(&id, "approve");
    let request = demo.run(&["request", "show", &id, "--json"]).is(0).json();
    let grant = request["access"]["grant_id"].as_str().unwrap();
    let statement = "SELECT 'long words' ".repeat(1_000);
    let actions: Vec<_> = (0..450)
        .map(|number| {
            json!({"id": format!("a-{number}"), "time": request["access"]["starts_at"], "engineer_id": "eng-417",
                "operation": "ExecuteSqlViaLockbox", "target": "payroll.dbo.Pay", "statement": statement,
                "outcome": "success"})
        })
        .collect();
    let file = demo.file("long.json", &json!(actions).to_string());
    let told = demo.run(&["grant", "actions", grant, text(&file)]).is(0).out;
    assert_eq!(told, "450 recorded, 0 refused, 0 duplicate, 0 invalid\n");
}
