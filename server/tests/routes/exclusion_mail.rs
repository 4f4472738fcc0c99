//! Whom mail tells of access without a request, and when.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    Caller, TestApp,
    database::{dump, faults, open},
    operations::raise,
    world::{MERIDIAN, ask, with},
};

const RAISE: &str = "/provider/v1/access-requests";

/// Directly or after an approval inside, each administrator is told at once, by one mail each, and nobody else is; of a demand
/// that is kept from them, on its date.
#[tokio::test]
async fn administrators_alone_are_told_of_every_kind_at_once_and_of_a_hidden_demand_on_its_date() {
    let app = TestApp::new().await;
    app.write(|tx, _| {
        let mut second = tx.person(&MERIDIAN.person("admin").into())?.expect("made with the world");
        second.id = "per_meridian_second".into();
        second.email = "second@meridian.example".to_owned();
        tx.put_person(&second)?;
        Ok(())
    })
    .await;
    let administrators = ["admin@meridian.example", "second@meridian.example"];
    let disclose_at = app.now() + TimeDelta::days(30);
    let script = json!({"id": "index-health 4.2", "reviewer": "Robin Lee"});
    let kinds = [
        (json!({"kind": "emergency"}), "declared an emergency outside standard procedures"),
        (json!({"kind": "incidental_exposure"}), "was incidental to work on the platform"),
        (json!({"kind": "legal_demand"}), "An external legal demand applies"),
        (
            json!({"kind": "reviewed_maintenance_script", "script": script}),
            "A peer-reviewed maintenance script was run",
        ),
        (json!({"kind": "legal_demand", "disclose_at": disclose_at}), "An external legal demand applies"),
    ];
    // To whom of the customer, the newest first, and what it says.
    let told = async |id: &str| {
        let mails = app.read(|tx| Ok(tx.newest_mails(1_000)?)).await;
        let of = |link: &Option<String>| link.as_deref().is_some_and(|link| link.ends_with(&format!("/requests/{id}")));
        let mut told: Vec<(String, String)> = mails
            .into_iter()
            .filter(|mail| of(&mail.link))
            .map(|mail| {
                (mail.to, format!("{} {}", mail.subject, mail.text).split_whitespace().collect::<Vec<_>>().join(" "))
            })
            .collect();
        told.sort();
        told
    };
    let check = |told: &[(String, String)], id: &str, reason: &str, words: &str| {
        let to: Vec<&str> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(to, administrators, "{words}");
        for (_, text) in told {
            assert!(text.starts_with("Access without a request:"), "{text}");
            assert!(
                text.contains(reason) && text.contains(words) && text.contains(&format!("/requests/{id}")),
                "{text}"
            );
        }
    };
    let mut kept = Vec::new();
    for (number, (exclusion, words)) in kinds.into_iter().enumerate() {
        for inside in [false, true] {
            let reason = format!("Case {number} {inside} of the night.");
            let exclusion = with(exclusion.clone(), json!({"reason": reason}));
            let level = if inside { "delete" } else { "read" };
            let request = raise(&app, MERIDIAN, json!({"exclusion": exclusion, "permission_level": level})).await;
            let id = request["id"].as_str().unwrap().to_owned();
            if inside {
                assert_eq!(request["status"], "awaiting_internal_approval");
                assert_eq!(told(&id).await, [], "{reason}: nothing is open yet");
                let yes = json!({"approve": true, "approver_id": "per_provider_lead", "approver_name": "Lead",
                    "role": "support_lead", "justification": "Needed."});
                app.provider().post(&format!("{RAISE}/{id}/internal-decision"), yes).await.is(200);
            }
            let now = app.provider().get(&format!("{RAISE}/{id}")).await.is(200);
            assert_eq!(
                (&now["status"], &now["access"]["state"]),
                (&json!("not_required"), &json!("active")),
                "{reason}"
            );
            if exclusion.get("disclose_at").is_some() {
                assert_eq!(told(&id).await, [], "{reason}: not before its date");
                kept.push((id, reason, words));
            } else {
                // Nothing has run since: it was written with what it tells about.
                check(&told(&id).await, &id, &reason, words);
            }
        }
    }
    app.state.hand.set(disclose_at - TimeDelta::seconds(1));
    app.sweep().await;
    for (id, reason, _) in &kept {
        assert_eq!(told(id).await, [], "{reason}");
    }
    app.state.hand.set(disclose_at);
    app.sweep().await;
    for (id, reason, words) in &kept {
        check(&told(id).await, id, reason, words);
    }
}

/// Found: whatever became of a hidden demand, its disclosure was told as "reached this environment without asking you".
#[tokio::test]
async fn the_mail_of_a_disclosure_says_what_became_of_the_demand() {
    let disclosed = "Disclosed: a request for access to";
    for (what, changes, subject, sentence) in [
        ("opened", json!({}), "Access without a request:", "reached this environment without asking you"),
        (
            "rejected by a rule",
            json!({"engineer": {"mfa": false}}),
            disclosed,
            "itself rejected it. No access was given.",
        ),
        (
            "rejected inside",
            json!({"permission_level": "delete"}),
            disclosed,
            "itself rejected it. No access was given.",
        ),
        (
            "expired inside",
            json!({"permission_level": "delete"}),
            disclosed,
            "approved it in time. No access was given.",
        ),
        ("cancelled", json!({"permission_level": "delete"}), disclosed, "It was withdrawn. No access was given."),
        (
            "awaiting",
            json!({"permission_level": "delete"}),
            disclosed,
            "No data was reached; you are told if access opens.",
        ),
    ] {
        let app = TestApp::new().await;
        let days = if what == "expired inside" { 30 } else { 0 };
        let disclose_at = app.now() + TimeDelta::days(days) + TimeDelta::hours(1);
        let exclusion = json!({"kind": "legal_demand", "reason": "Order 19/2026.", "disclose_at": disclose_at});
        let mut body = with(ask(MERIDIAN), json!({"exclusion": exclusion}));
        match changes.get("engineer") {
            Some(engineer) => body["engineer"] = with(body["engineer"].clone(), engineer.clone()),
            None => body = with(body, changes),
        }
        let id = app.provider().post(RAISE, body).await.is(201)["id"].as_str().unwrap().to_owned();
        match what {
            "rejected inside" => {
                let no = json!({"approve": false, "approver_id": "lead-1", "approver_name": "Lead", "role": "support_lead",
                    "justification": "No."});
                app.provider().post(&format!("{RAISE}/{id}/internal-decision"), no).await.is(200);
            }
            "cancelled" => {
                let engineer = json!({"engineer_id": "eng-417"});
                app.provider().post(&format!("{RAISE}/{id}/cancel"), engineer).await.is(200);
            }
            _ => {}
        }
        app.state.hand.set(disclose_at);
        app.sweep().await;
        app.sweep().await;
        let admin = format!("admin@{}.example", MERIDIAN.short);
        let mails: Vec<String> =
            dump(&app)["outbox"].iter().filter(|mail| mail.contains(&id) && mail.contains(&admin)).cloned().collect();
        assert_eq!(mails.len(), 1, "{what}: {mails:?}");
        for part in [subject, sentence, "Order 19/2026."] {
            assert!(mails[0].contains(part), "{what}: {part}: {}", mails[0]);
        }
        assert_eq!(mails[0].contains("reached this environment"), what == "opened", "{what}");
        assert_eq!(faults(&open(app.folder.path())), Vec::<String>::new(), "{what}");
    }
}
