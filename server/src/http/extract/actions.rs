//! A batch of actions: what is wrong with one of them is that one's fault, not the batch's.

use axum::extract::{FromRequest, Request};
use lockbox_api::provider::ActionInput;
use lockbox_rules::validate::{self, ID_MAX};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::body::{json_body, parse_json};
use crate::{
    app::reported::{FaultyReport, Readable, Reported},
    error::ApiError,
};

/// The actions of a `GrantActionsInput`, each read by itself. The body is walked through twice, once to find where each
/// action begins and once to read it: finding lists that were sent for objects costs the other bodies more.
#[derive(Debug, Clone)]
pub struct ReportedActions(pub Vec<Reported>);

impl<S: Send + Sync> FromRequest<S> for ReportedActions {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        batch(&json_body(request, state).await?).map(Self)
    }
}

/// The body of which only the frame is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame<'a> {
    #[serde(borrow)]
    actions: Vec<&'a RawValue>,
}

/// The same, for what is to be said of a frame that does not fit.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    actions: Vec<Value>,
}

fn batch(body: &[u8]) -> Result<Vec<Reported>, ApiError> {
    // A list can't stand for the frame, although serde would take it.
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    match serde_json::from_slice::<Frame<'_>>(body) {
        Ok(frame) if is_object => Ok(frame.actions.into_iter().map(RawValue::get).map(one).collect()),
        _ => match parse_json::<Whole>(body) {
            Err(error) => Err(error),
            // What fits the narrower type fits the wider one.
            Ok(_) => Err(ApiError::MalformedBody("The body is no batch of actions.".to_owned())),
        },
    }
}

fn one(sent: &str) -> Reported {
    // No field of an action is an object: only the action itself could be a list that serde takes for one.
    if sent.starts_with('{')
        && let Ok(action) = serde_json::from_str(sent)
    {
        return Reported::Action(action);
    }
    match parse_json::<ActionInput>(sent.as_bytes()) {
        Ok(action) => Reported::Action(action),
        Err(error) => Reported::Faulty(Box::new(FaultyReport {
            readable: serde_json::from_str(sent).map(|map| Readable::of(&map)).unwrap_or_default(),
            fault: told(error),
            sent: sent.to_owned(),
        })),
    }
}

/// The field in front, as `rules` words the faults that it finds.
fn told(error: ApiError) -> String {
    match error {
        ApiError::Fields(errors) => errors.into_iter().next().map_or_else(String::new, |error| {
            let field = validate::kept(error.pointer.trim_start_matches('/'), ID_MAX).replace(['\n', '\r', '\t'], " ");
            let field = if field.is_empty() { "action".to_owned() } else { field };
            format!("{field}: {}", error.message)
        }),
        _ => "action: It can't be read as JSON.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"id":"a","time":"2026-11-22T09:30:00Z","engineer_id":"e","operation":"o","outcome":"success"}"#;

    fn faults(actions: &[String]) -> Vec<String> {
        let body = format!("{{\"actions\":[{}]}}", actions.join(","));
        let read = batch(body.as_bytes()).unwrap();
        assert_eq!(read.len(), actions.len());
        let fault = |one: Reported| match one {
            Reported::Action(_) => String::new(),
            Reported::Faulty(report) => report.fault,
        };
        read.into_iter().map(fault).collect()
    }

    #[test]
    fn one_action_that_does_not_fit_stops_no_other() {
        let bent = |from: &str, to: &str| GOOD.replace(from, to);
        let told = faults(&[
            GOOD.to_owned(),
            bent(r#""operation":"o""#, r#""operation":"o","rows":-1"#),
            bent(r#""time":"2026-11-22T09:30:00Z","#, ""),
            bent("success", "done"),
            bent(r#""id":"a""#, r#""id":"a","colour":"blue""#),
            bent(r#""id":"a""#, r#""id":"a","id":"b""#),
            bent(r#""o""#, "17"),
            bent(r#""o""#, "\"\\ud800\""),
            bent(r#""id""#, "\"a\u{202e}b\\n\":1,\"id\""),
            r#"["a","2026-11-22T09:30:00Z","e","o",null,null,null,"success"]"#.to_owned(),
            "null".to_owned(),
            "17".to_owned(),
            GOOD.to_owned(),
        ]);
        assert_eq!(
            told.iter().map(String::as_str).collect::<Vec<_>>(),
            [
                "",
                "rows: Must be a whole number from 0 to 18446744073709551615.",
                "time: This is required.",
                "outcome: Must be one of: success, failure, refused.",
                "colour: This is not known here. Known: id, time, engineer_id, operation, target, statement, rows, outcome.",
                "id: This is given more than once.",
                "operation: Must be text.",
                "action: It can't be read as JSON.",
                "a\\u{202e}b : This is not known here. Known: id, time, engineer_id, operation, target, statement, rows, outcome.",
                "action: Must be an object.",
                "action: Must be an object.",
                "action: Must be an object.",
                "",
            ]
        );
    }

    #[test]
    fn what_can_be_read_of_a_faulty_report_is() {
        let sent = GOOD.replace(r#""o""#, r#"{"drop":1},"statement":"DROP","rows":-1"#);
        let Reported::Faulty(report) = one(&sent) else { panic!("{sent}") };
        let Readable { id, time, operation, statement, rows, outcome, .. } = report.readable;
        assert_eq!((id.as_deref(), operation.as_deref()), (Some("a"), Some(r#"{"drop":1}"#)));
        assert!(statement.as_deref() == Some("DROP") && time.is_some() && outcome.is_some() && rows.is_none());
    }

    #[test]
    fn a_frame_that_does_not_fit_is_refused_whole() {
        let pointer = |body: &str| match batch(body.as_bytes()) {
            Err(ApiError::Fields(errors)) => errors[0].pointer.clone(),
            Err(ApiError::MalformedBody(_)) => "malformed".to_owned(),
            other => panic!("{body}: {other:?}"),
        };
        assert_eq!(pointer("{}"), "/actions");
        assert_eq!(pointer(r#"{"actions":{}}"#), "/actions");
        assert_eq!(pointer(r#"{"actions":[],"colour":1}"#), "/colour");
        assert_eq!(pointer(r#"{"actions":[],"actions":[]}"#), "/actions");
        assert_eq!(pointer("[[]]"), "");
        assert_eq!(pointer("17"), "");
        for text in ["", "{", r#"{"actions":[{]}"#, r#"{"actions":[]} {}"#, "\u{feff}{}"] {
            assert_eq!(pointer(text), "malformed", "{text:?}");
        }
    }
}
