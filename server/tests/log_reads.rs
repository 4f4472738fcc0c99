//! Who reads the log is in the log.

use lockbox_api::events::Category;

use crate::{
    log_export::newest,
    log_filters::filled,
    support::{Caller, TestApp, world::MERIDIAN},
};

#[tokio::test]
async fn who_reads_what_others_did_is_on_record_once_an_hour() {
    let app = TestApp::new().await;
    filled(&app, 300).await;
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let reads = |app: TestApp| async move {
        let found = newest(&app, 200).await;
        found.into_iter().filter(|event| event.operation == "Read Audit Log").collect::<Vec<_>>()
    };
    let own = MERIDIAN.person("reader");
    for quiet in [
        "?category=activity",
        "?not_category=data_access",
        "?category=activity&q=payroll",
        "?operation=Sign-in&operation=Export",
        &format!("?actor={own}"),
    ] {
        reader.get(&format!("/api/v1/logs{quiet}")).await.is(200);
        reader.get(&format!("/api/v1/logs/summary{quiet}")).await.is(200);
    }
    reader.get("/api/v1/logs?outcome=maybe").await.is(422);
    assert_eq!(reads(app.clone()).await.len(), 0);
    let events = newest(&app, 300).await;
    let of = |category| events.iter().find(|event| event.category == category).unwrap();
    reader.get(&format!("/api/v1/logs/{}", of(Category::Activity).id)).await.is(200);
    assert_eq!(reads(app.clone()).await.len(), 0);
    // Every way to others' data access, in an hour of its own, so that nothing is on record already.
    let loud = [
        "",
        "?q=payroll",
        "?from=now-900d",
        "?not_category=activity",
        "?operation=ExecuteSqlViaLockbox",
        "?operation=Sign-in&operation=ExecuteSqlViaLockbox",
        "?outcome=refused",
        "?request_id=lbx_1",
        "?service_request_id=17",
        "?grant_id=grt_2",
        "?correlation_id=req_1",
        "?environment_id=env_payroll",
        "?category=activity&actor=eng-417",
        "?category=activity&actor=Somebody",
        &format!("?not_actor={own}"),
        &format!("?actor={own}&actor=eng-417"),
        &format!("/{}", of(Category::DataAccess).sequence),
        // Counts tell who did how much of what.
        "/summary",
        "/summary?actor=eng-417&category=activity",
        "/summary?q=payroll&from=now-1d",
    ];
    for (count, path) in loud.into_iter().enumerate() {
        app.advance(chrono::TimeDelta::minutes(61));
        let reader = app.person(&own).await;
        for again in ["", ", again"] {
            reader.get(&format!("/api/v1/logs{path}")).await.is(200);
            assert_eq!(reads(app.clone()).await.len(), count + 1, "{path}{again}");
        }
    }
    app.advance(chrono::TimeDelta::minutes(61));
    let reader = app.person(&own).await;
    let shown = reader.get("/api/v1/logs").await.is(200);
    assert_eq!(shown["items"][0]["operation"], "Read Audit Log", "it is on record before the page is made");
    app.advance(chrono::TimeDelta::minutes(61));
    let reader = app.person(&own).await;
    let before = reads(app.clone()).await.len();
    let reads = |app: TestApp| async move {
        let mut found = reads(app).await;
        found.truncate(found.len() - before);
        found
    };
    for path in ["?category=data_access", "?category=data_access&q=pay", "?category=data_access&from=now-1d&cursor=40"]
    {
        reader.get(&format!("/api/v1/logs{path}")).await.is(200);
    }
    let found = reads(app.clone()).await;
    assert_eq!(found.len(), 1, "words, times and pages make it no other");
    assert_eq!(found[0].actor.id, MERIDIAN.person("reader"));
    assert_eq!(found[0].details["filter"], "category:data_access");
    reader.get("/api/v1/logs/summary?category=data_access").await.is(200);
    assert_eq!(reads(app.clone()).await.len(), 1, "the same part, counted");
    reader.get("/api/v1/logs?actor=eng-417").await.is(200);
    app.person(&MERIDIAN.person("admin")).await.get("/api/v1/logs?actor=eng-417").await.is(200);
    assert_eq!(reads(app.clone()).await.len(), 3, "another part, and another person");
    app.advance(chrono::TimeDelta::minutes(61));
    let reader = app.person(&MERIDIAN.person("reader")).await;
    reader.get("/api/v1/logs?actor=eng-417").await.is(200);
    assert_eq!(reads(app.clone()).await.len(), 4, "another hour");
}
