//! The operations of an API description, and how one is called. Pure: knows nothing of the browser.

use super::schema;
use crate::api::description::{Side, Value};
use lockbox_rules::letters;

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Its name for programs, unique in a description
    pub id: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path, with `{names}` of what has to be put in
    pub path: String,
    /// The group that it belongs to
    pub tag: String,
    /// What it does, in a sentence or a few
    pub summary: String,
    /// Who may
    pub permissions: String,
    /// All that is said of it
    pub whole: Value,
}

/// The methods, in the order in which one reads them.
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// The operations of one side, in groups: each with its name and what it is about.
pub fn groups(document: &Value, side: Side) -> Vec<(String, String, Vec<Operation>)> {
    let tags = document.get("tags").map(Value::items).unwrap_or_default();
    let about = |tag: &Value| (text(tag, "name"), text(tag, "description"));
    let mut groups: Vec<_> = tags.iter().map(about).map(|(name, words)| (name, words, Vec::new())).collect();
    for operation in operations(document, side) {
        let at = groups.iter().position(|(name, ..)| *name == operation.tag).unwrap_or_else(|| {
            groups.push((operation.tag.clone(), String::new(), Vec::new()));
            groups.len() - 1
        });
        groups[at].2.push(operation);
    }
    groups.retain(|(.., operations)| !operations.is_empty());
    groups
}

fn operations(document: &Value, side: Side) -> impl Iterator<Item = Operation> {
    let paths = document.get("paths").map(Value::members).unwrap_or_default();
    // The description of everything holds the provider's calls, too; they have one of their own.
    let paths = paths.iter().filter(move |(path, _)| {
        side == Side::Provider || !path.starts_with("/provider/") && !path.starts_with("/.well-known/")
    });
    paths.flat_map(|(path, item)| {
        METHODS.iter().filter_map(move |method| Some(operation(path, method, item.get(method)?)))
    })
}

fn operation(path: &str, method: &str, whole: &Value) -> Operation {
    let summary = text(whole, "summary").replace('\n', " ");
    let (summary, permissions) = summary.split_once("Permissions: ").unwrap_or((&summary, ""));
    Operation {
        id: text(whole, "operationId"),
        method: letters::capital(method),
        path: path.to_owned(),
        tag: whole.get("tags").and_then(|tags| tags.items().first()?.text()).unwrap_or("Other").to_owned(),
        summary: summary.trim().to_owned(),
        permissions: permissions.trim().to_owned(),
        whole: whole.clone(),
    }
}

/// A member that is text; empty if there is none.
pub fn text(value: &Value, name: &str) -> String {
    value.text_of(name).unwrap_or_default().to_owned()
}

impl Operation {
    /// Whether everything that somebody looks for stands in it.
    pub fn has(&self, words: &str) -> bool {
        let all = format!("{} {} {} {} {}", self.method, self.path, self.id, self.tag, self.summary);
        let all = letters::small(&all);
        letters::small(words).split_whitespace().all(|word| all.contains(word))
    }

    /// Its parameters.
    pub fn parameters(&self) -> &[Value] {
        self.whole.get("parameters").map(Value::items).unwrap_or_default()
    }

    /// The body that it takes, as JSON: schema and example.
    pub fn body(&self) -> Option<&Value> {
        self.whole.get("requestBody")?.get("content")?.get("application/json")
    }

    /// Its answers: status and what it holds. What every call can fail with is left out.
    pub fn answers(&self) -> impl Iterator<Item = &(String, Value)> {
        let answers = self.whole.get("responses").map(Value::members).unwrap_or_default();
        answers.iter().filter(|(status, _)| status != "default")
    }

    /// How the call is let in: session or token, key with the scope `requests`, nothing for everybody.
    pub fn let_in(&self) -> String {
        let ways = self.whole.get("security").map(Value::items).unwrap_or_default();
        let way = |way: &Value| {
            way.members()
                .iter()
                .map(|(name, scopes)| match scopes.items() {
                    [] => name.clone(),
                    [scope, ..] => format!("{name} with the scope `{}`", scope.text().unwrap_or_default()),
                })
                .collect::<Vec<_>>()
        };
        ways.iter().flat_map(way).collect::<Vec<_>>().join(" or ")
    }

    /// A call of it for a shell, against the server at `origin`.
    pub fn call(&self, document: &Value, origin: &str) -> String {
        let mut parts = vec!["curl".to_owned()];
        if self
            .answers()
            .any(|(_, answer)| answer.get("content").is_some_and(|kinds| kinds.get("text/event-stream").is_some()))
        {
            parts[0].push_str(" --no-buffer");
        }
        if self.method != "GET" {
            parts[0].push_str(&format!(" -X {}", self.method));
        }
        parts[0].push_str(&format!(" {}", quoted(&format!("{origin}{}", self.filled_in(document)))));
        let way = self.let_in();
        if way.starts_with("key") {
            parts.push("-H \"Authorization: Bearer $LOCKBOX_KEY\"".to_owned());
        } else if way.contains("token") {
            parts.push("-H \"Authorization: Bearer $LOCKBOX_TOKEN\"".to_owned());
        }
        let changes = self.method != "GET" && self.path.starts_with("/api/");
        if changes || self.body().is_some() {
            parts.push("-H 'Content-Type: application/json'".to_owned());
        }
        if changes {
            parts.push("-H 'X-Lockbox-Request: 1'".to_owned());
        }
        for parameter in self.parameters().iter().filter(|one| one.text_of("in") == Some("header")) {
            if let Some(value) = schema::parameter(document, parameter).example {
                parts.push(format!("-H {}", quoted(&format!("{}: {value}", text(parameter, "name")))));
            }
        }
        if let Some(example) = self.body().and_then(|body| body.get("example")) {
            parts.push(format!("-d {}", quoted(&example.laid_out())));
        }
        parts.join(" \\\n  ")
    }

    /// The path with a word in capitals for whatever has to be put in, and the query that must be there.
    fn filled_in(&self, document: &Value) -> String {
        let mut before = "";
        let steps = self.path.split('/').map(|step| {
            let name = step.strip_prefix('{').and_then(|step| step.strip_suffix('}'));
            let filled = match name {
                Some("id") => {
                    letters::capital(&format!("{}_id", before.strip_suffix('s').unwrap_or(before).replace('-', "_")))
                }
                Some(name) => letters::capital(name),
                None => step.to_owned(),
            };
            before = step;
            filled
        });
        let path = steps.collect::<Vec<_>>().join("/");
        // What has an example is needed by most who make the call.
        let shown = |one: &&Value| one.get("required") == Some(&Value::Truth(true)) || one.get("example").is_some();
        let must = self.parameters().iter().filter(|one| one.text_of("in") == Some("query")).filter(shown);
        let query: Vec<_> = must
            .map(|one| {
                let name = text(one, "name");
                let given = one.text_of("example").map(str::to_owned);
                let first =
                    || one.get("schema").and_then(|schema| schema::choices(document, schema).into_iter().next());
                let value = given.or_else(first).unwrap_or_else(|| letters::capital(&name));
                format!("{name}={value}")
            })
            .collect();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }
}

/// In quotes that keep a shell from reading anything into it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::api::json;
    use std::collections::BTreeSet;

    /// The descriptions as they are checked in.
    pub(in super::super) fn description(side: Side) -> Value {
        json::read(match side {
            Side::Customer => include_str!("../../../openapi/lockbox-v1.json"),
            Side::Provider => include_str!("../../../openapi/lockbox-provider-v1.json"),
        })
        .unwrap()
    }

    pub(in super::super) fn all(side: Side) -> Vec<Operation> {
        groups(&description(side), side).into_iter().flat_map(|(.., operations)| operations).collect()
    }

    #[test]
    fn every_operation_of_a_side_is_there_once() {
        let whole = description(Side::Customer);
        let count = |paths: &Value| paths.members().iter().map(|(_, item)| item.members().len()).sum::<usize>();
        let (customer, provider) = (all(Side::Customer), all(Side::Provider));
        assert_eq!(customer.len() + provider.len(), count(whole.get("paths").unwrap()));
        assert_eq!(provider.len(), count(description(Side::Provider).get("paths").unwrap()));
        for operations in [&customer, &provider] {
            let ids: BTreeSet<_> = operations.iter().map(|one| &one.id).collect();
            assert_eq!(ids.len(), operations.len());
            for one in operations {
                assert!(
                    !one.summary.is_empty() && !one.summary.contains("Permissions") && !one.permissions.is_empty(),
                    "{one:?}"
                );
                assert!(one.answers().count() > 0, "{}", one.id);
            }
        }
    }

    #[test]
    fn a_call_carries_what_the_server_asks_for() {
        let document = description(Side::Customer);
        let calls = |side, id: &str| {
            all(side).into_iter().find(|one| one.id == id).unwrap().call(&document, "https://lockbox.example")
        };
        assert_eq!(
            calls(Side::Customer, "revoke_lockbox_access"),
            "curl -X POST 'https://lockbox.example/api/v1/lockbox-requests/LOCKBOX_REQUEST_ID/revoke' \\\n  \
             -H \"Authorization: Bearer $LOCKBOX_TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  \
             -H 'X-Lockbox-Request: 1' \\\n  -d '{\n  \"justification\": \"The work is done.\"\n}'"
        );
        assert!(calls(Side::Customer, "approve_lockbox_request").contains("-H 'If-Match: \"7\"'"));
        assert!(calls(Side::Customer, "export_events").contains("/logs/export?format=csv'"));
        assert!(calls(Side::Customer, "follow_changes").starts_with("curl --no-buffer 'https"));
        assert!(!calls(Side::Customer, "healthz").contains("-H"));
        let raise = calls(Side::Provider, "raise_access_request");
        assert!(raise.contains("Bearer $LOCKBOX_KEY") && raise.contains("-H 'Idempotency-Key: "), "{raise}");
        assert!(!raise.contains("X-Lockbox-Request"));
        assert!(calls(Side::Provider, "check_grant").contains("/grants/GRANT_ID/check'"));
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }

    #[test]
    fn every_word_that_is_looked_for_must_be_there() {
        let raise = all(Side::Provider).into_iter().find(|one| one.id == "raise_access_request").unwrap();
        assert!(raise.has("") && raise.has("post RAISE") && raise.has("/provider/v1/access"));
        assert!(!raise.has("raise delete"));
    }
}
