//! What of an event is taken elsewhere by the clipboard, besides its values: a link, the call that reads it, and a summary for a
//! ticket or a report.

use crate::{
    paths::{self, Query, encode},
    ui::time,
};
use lockbox_api::events::Event;
use lockbox_rules::{letters, words};
use serde_json::Value;

/// The page that shows the event, whatever else one filters by. `origin`: where the portal is.
pub fn link(origin: &str, event: &Event) -> String {
    format!("{origin}{}", Query::new().add("event", event.id.as_str()).onto(paths::LOGS))
}

/// The call that reads the event. Whoever runs it puts a token of their own in the place of the variable.
pub fn curl(origin: &str, event: &Event) -> String {
    let id = encode(event.id.as_str());
    format!("curl -H \"Authorization: Bearer $LOCKBOX_TOKEN\" \\\n  \"{origin}/api/v1/logs/{id}\"")
}

/// The event as Markdown. `place`: the name of its environment. What others wrote stands in code, so that nothing of it is taken
/// for markup, and hidden letters are seen: it is for the eye.
pub fn markdown(origin: &str, event: &Event, place: Option<&str>) -> String {
    let mut out = format!("### {}\n\n", code(event.friendly_name.as_deref().unwrap_or(&event.operation)));
    let mut line = |name: &str, value: String| out.push_str(&format!("- {name}: {value}\n"));
    let named = |name: &str, id: &str| if name == id { code(id) } else { format!("{} ({})", code(name), code(id)) };
    line("Time", code(&time::iso(event.time)));
    line("Event", code(&event.operation));
    line("Outcome", event.outcome.as_str().to_owned());
    line("Actor", named(&event.actor.name, &event.actor.id));
    if let Some(id) = &event.environment_id {
        line("Environment", named(place.unwrap_or(id.as_str()), id.as_str()));
    }
    let ids = [
        ("Lockbox request", event.request_id.as_ref().map(|id| id.as_str())),
        ("Support request ID", event.service_request_id.as_ref().map(|id| id.as_str())),
        ("Grant", event.grant_id.as_ref().map(|id| id.as_str())),
        ("Address", event.client_ip.as_deref()),
        ("Correlation id", Some(&event.correlation_id)),
        ("Event id", Some(event.id.as_str())),
    ];
    for (name, id) in ids.into_iter().filter_map(|(name, id)| Some((name, id?))) {
        line(name, code(id));
    }
    for (name, value) in event.details.iter().filter(|(name, _)| *name != "statement") {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line(&words::plain(name), code(&text));
    }
    if let Some(statement) = event.details.get("statement").and_then(Value::as_str) {
        let statement = letters::visible(statement);
        let fence = "`".repeat(longest_run(&statement).max(2) + 1);
        out.push_str(&format!("\n{fence}\n{statement}\n{fence}\n"));
    }
    out.push_str(&format!("\n<{}>\n", link(origin, event)));
    out
}

/// A text as code on one line, in more back quotes than it has in a row itself.
fn code(text: &str) -> String {
    let text = letters::visible(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let marks = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{marks}{space}{text}{space}{marks}")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lockbox_api::events::{Actor, ActorKind, Category, Outcome};
    use serde_json::json;

    fn event(name: &str, statement: &str) -> Event {
        let details = json!({ "statement": statement, "rows": 3, "target": "payroll.dbo.Pay" });
        Event {
            id: "evt_1".into(),
            sequence: 7,
            time: "2026-11-22T03:00:00Z".parse().unwrap(),
            category: Category::DataAccess,
            operation: "ExecuteSqlViaLockbox".into(),
            friendly_name: Some("Run SQL".into()),
            actor: Actor { id: "eng-417".into(), name: name.into(), kind: ActorKind::Engineer },
            environment_id: Some("env_payroll".into()),
            request_id: Some("lbx_1".into()),
            service_request_id: None,
            grant_id: None,
            outcome: Outcome::Success,
            client_ip: None,
            correlation_id: "req_1".into(),
            details: details.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn a_call_names_the_event_and_no_secret() {
        let event = event("Ana", "SELECT 1");
        assert_eq!(link("https://l.example", &event), "https://l.example/logs?event=evt_1");
        let expected = "curl -H \"Authorization: Bearer $LOCKBOX_TOKEN\" \\\n  \"https://l.example/api/v1/logs/evt_1\"";
        assert_eq!(curl("https://l.example", &event), expected);
    }

    #[test]
    fn a_summary_has_what_was_recorded() {
        let text = markdown("https://l.example", &event("Engineer 417", "SELECT 1"), Some("Payroll"));
        for line in [
            "### `Run SQL`\n",
            "- Time: `2026-11-22T03:00:00Z`\n",
            "- Actor: `Engineer 417` (`eng-417`)\n",
            "- Environment: `Payroll` (`env_payroll`)\n",
            "- Lockbox request: `lbx_1`\n",
            "- Rows: `3`\n",
            "\n```\nSELECT 1\n```\n",
            "\n<https://l.example/logs?event=evt_1>\n",
        ] {
            assert!(text.contains(line), "{line:?} in {text}");
        }
        assert!(!text.contains("Grant"));
    }

    #[test]
    fn nothing_that_others_wrote_is_taken_for_markup() {
        let text = markdown("", &event("a`` [x](y)\n# b", "```\n<b>\u{202e}"), None);
        assert!(text.contains("- Actor: ```a`` [x](y) # b``` (`eng-417`)\n"), "{text}");
        assert!(text.contains("\n````\n```\n<b>⟨U+202E⟩\n````\n"), "{text}");
        assert_eq!(code("`"), "`` ` ``");
    }
}
