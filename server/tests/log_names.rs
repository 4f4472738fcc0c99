//! The log's filters by name: actors, operations and environments, by how a word of their name begins.

use chrono::TimeDelta;
use lockbox_api::events::{Actor, ActorKind};
use serde_json::json;

use crate::support::{
    Caller, TestApp,
    events::{Dice, made_up},
    world::{MERIDIAN, NORTHSTAR},
};

#[tokio::test]
async fn a_name_is_found_by_how_a_word_of_it_begins_unless_one_is_called_exactly_so() {
    let app = TestApp::new().await;
    let begin = app.now();
    let end = app
        .write(move |tx, _| {
            let mut dice = Dice(3);
            let mut last = begin;
            let named = ["Ana Ruiz", "Bo", "Hanna", "Mary-Ana Ó Briain", "ana", "Ärna"].map(str::to_owned);
            let many = (0..51).map(|number| format!("Zed {number}"));
            for (id, name) in named.into_iter().chain(many).enumerate() {
                let mut event = made_up(&mut dice, id, last);
                event.operation = if id % 2 == 0 { "Approve Lockbox Request" } else { "ApproveAll" }.to_owned();
                event.actor = Actor { id: format!("per_{id}"), name, kind: ActorKind::Person };
                last = tx.append_event(&MERIDIAN.id.into(), event)?.time;
            }
            Ok(last)
        })
        .await;
    app.advance(end - begin + TimeDelta::minutes(1));
    let reader = app.person(&MERIDIAN.person("reader")).await;
    for (query, expected) in [
        ("actor=ana", vec!["ana"]),
        ("actor=AN", vec!["Ana Ruiz", "Mary-Ana Ó Briain", "ana"]),
        ("actor=ana%20ru", vec!["Ana Ruiz"]),
        ("actor=%C3%B3%20b", vec!["Mary-Ana Ó Briain"]),
        ("actor=%C3%84RN", vec!["Ärna"]),
        ("actor=nna", vec![]),
        ("actor=_", vec![]),
        ("actor=%25", vec![]),
        ("actor=AN&not_actor=Ana%20R&operation=approve%20l", vec!["ana"]),
        ("actor=bo&actor=hann&operation=approve", vec!["Bo", "Hanna"]),
    ] {
        let page = reader.get(&format!("/api/v1/logs?{query}")).await.is(200);
        let mut found: Vec<&str> =
            page["items"].as_array().unwrap().iter().map(|event| event["actor"]["name"].as_str().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
        let summary = reader.get(&format!("/api/v1/logs/summary?{query}")).await.is(200);
        assert_eq!(summary["total"], expected.len(), "{query}");
    }
    // More than a filter may hold: refused by name, not cut.
    let admin = app.person(&MERIDIAN.person("admin")).await;
    for (query, name) in [("actor=ze", "actor"), ("not_actor=Z", "not_actor")] {
        for call in ["logs?", "logs/summary?", "logs/export?format=csv&"] {
            let answer = admin.get(&format!("/api/v1/{call}{query}")).await;
            answer.problem(422, "invalid_parameter");
            assert_eq!(answer.pointers(), [name], "{call}{query}");
        }
    }
    reader.get("/api/v1/logs?actor=zed%205").await.is(200);
    let stranger = app.person(&NORTHSTAR.person("reader")).await;
    assert_eq!(stranger.get("/api/v1/logs?actor=ze").await.is(200)["items"], json!([]));
}

#[tokio::test]
async fn an_environment_is_found_by_how_a_word_of_its_name_begins_and_by_its_new_name_once_it_has_one() {
    let app = TestApp::new().await;
    let begin = app.now();
    let provider = app.provider();
    let put = async |id: &str, name: &str| {
        let path = format!("/provider/v1/organizations/{}/environments/{id}", MERIDIAN.id);
        let answer = provider.put(&path, "", json!({"name": name, "service": "azure-sql-database"})).await;
        assert!(answer.status == 201 || answer.status == 200, "{}", answer.text);
    };
    let named = ["Payroll", "Payroll copy", "Old payrolls, Graz", "pay", "Ärzte", "env_none"];
    for (number, name) in named.iter().enumerate() {
        put(&format!("e{number}"), name).await;
    }
    let end = app
        .write(move |tx, _| {
            let mut dice = Dice(3);
            let mut last = begin;
            for id in 0..named.len() * 3 {
                let mut event = made_up(&mut dice, id, last);
                event.environment_id = Some(format!("e{}", id % named.len()).into());
                last = tx.append_event(&MERIDIAN.id.into(), event)?.time;
            }
            Ok(last)
        })
        .await;
    app.advance(end - begin + TimeDelta::minutes(1));
    let reader = app.person(&MERIDIAN.person("reader")).await;
    let admin = app.person(&MERIDIAN.person("admin")).await;
    let found = async |query: &str| {
        let page = reader.get(&format!("/api/v1/logs?limit=200&{query}")).await.is(200);
        let ids =
            page["items"].as_array().unwrap().iter().map(|event| event["environment_id"].as_str().unwrap_or("none"));
        let mut ids: Vec<String> = ids.filter(|id| id.len() == 2).map(str::to_owned).collect();
        ids.sort_unstable();
        ids.dedup();
        let summary = reader.get(&format!("/api/v1/logs/summary?{query}")).await.is(200);
        let wanted = page["items"].as_array().unwrap().len();
        assert_eq!((&summary["total"], &summary["exact"]), (&json!(wanted), &json!(true)), "{query}");
        ids.join(" ")
    };
    for (query, expected) in [
        ("environment_id=e1", "e1"),
        // One is called exactly so.
        ("environment_id=Payroll", "e0"),
        ("environment_id=payroll", "e0 e1 e2"),
        ("environment_id=PAYROLL%20c", "e1"),
        ("environment_id=graz&environment_id=%C3%A4r", "e2 e4"),
        ("environment_id=yroll", ""),
        ("environment_id=_", ""),
        ("environment_id=payroll&not_environment_id=copy", "e0 e2"),
        ("not_environment_id=payro", "e3 e4 e5"),
    ] {
        assert_eq!(found(query).await, expected, "{query}");
    }
    put("e0", "Wages").await;
    assert_eq!(found("environment_id=payroll").await, "e1 e2");
    assert_eq!(found("environment_id=wag").await, "e0");
    // What is put on record says their ids: a name may be given away.
    let newest = async |operation: &str| {
        let page = admin.get(&format!("/api/v1/logs?limit=1&operation={operation}")).await.is(200);
        page["items"][0]["details"]["filter"].as_str().unwrap_or_default().to_owned()
    };
    admin.get("/api/v1/logs?category=data_access&environment_id=wag").await.is(200);
    assert_eq!(newest("Read+Audit+Log").await, "category:data_access environment:e0");
    put("e0", "Purse").await;
    put("e3", "Wages").await;
    admin.get("/api/v1/logs?category=data_access&environment_id=wag").await.is(200);
    assert_eq!(newest("Read+Audit+Log").await, "category:data_access environment:e3", "another part of the log");
    let file = admin.get("/api/v1/logs/export?format=csv&environment_id=payroll&not_environment_id=copy").await;
    assert_eq!(file.status, 200, "{}", file.text);
    assert_eq!(newest("Export+Start").await, "environment:e1 environment:e2 environment:env_payroll -environment:e1");
    // More than a filter may hold: refused by name, not cut.
    for number in 0..51 {
        put(&format!("many{number}"), &format!("Zed {number}")).await;
    }
    for (query, name) in [("environment_id=ze", "environment_id"), ("not_environment_id=Z", "not_environment_id")] {
        for call in ["logs?", "logs/summary?", "logs/export?format=csv&"] {
            let answer = admin.get(&format!("/api/v1/{call}{query}")).await;
            answer.problem(422, "invalid_parameter");
            assert_eq!(answer.pointers(), [name], "{call}{query}");
        }
    }
    reader.get("/api/v1/logs?environment_id=zed%205").await.is(200);
    // Together they may stand for as many and no more: their ids are put on record.
    let few: String = (1..10).map(|number| format!("&environment_id=zed%20{number}")).collect();
    reader.get(&format!("/api/v1/logs?{few}")).await.is(200);
    for (query, name) in [
        (format!("{few}&environment_id=zed%200"), "environment_id"),
        (format!("{few}&environment_id=e1").replace("environment_id", "not_environment_id"), "not_environment_id"),
    ] {
        for call in ["logs?", "logs/summary?", "logs?category=data_access", "logs/export?format=csv"] {
            let answer = admin.get(&format!("/api/v1/{call}{query}")).await;
            answer.problem(422, "invalid_parameter");
            assert_eq!(answer.pointers(), [name], "{call}{query}");
            assert!(answer.text.contains("Stands for more than 50 environments. Write more of it."), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn names_of_environments_are_those_of_the_own_organisation() {
    let app = TestApp::new().await;
    let path = format!("/provider/v1/organizations/{}/environments/env_zebra", MERIDIAN.id);
    app.provider().put(&path, "", json!({"name": "Zebra", "service": "azure-sql-database"})).await.is(201);
    let now = app.now();
    // The same id stands in both logs, and only Meridian has an environment that is called so.
    app.write(move |tx, _| {
        for (id, customer) in [MERIDIAN, NORTHSTAR].into_iter().enumerate() {
            let mut event = made_up(&mut Dice(3), id, now);
            event.environment_id = Some("env_zebra".into());
            tx.append_event(&customer.id.into(), event)?;
        }
        Ok(())
    })
    .await;
    for (customer, by_name) in [(MERIDIAN, 1), (NORTHSTAR, 0)] {
        let reader = app.person(&customer.person("reader")).await;
        for (query, expected) in [("zeb", by_name), ("Zebra", by_name), ("env_zebra", 1)] {
            let found = reader.get(&format!("/api/v1/logs?environment_id={query}")).await.is(200);
            let found = found["items"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|event| event["id"].as_str().unwrap().starts_with("evt_test"));
            assert_eq!(found.count(), expected, "{query} in the log of {}", customer.id);
        }
    }
}
