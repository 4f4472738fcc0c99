use super::read;
use lockbox_api::{
    problem::Problem,
    requests::{LockboxRequest, LockboxRequestSummary},
    service_requests::ServiceRequest,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, fmt::Debug};

/// What serde_json makes of the text, this makes of it too.
fn as_serde_json<T: DeserializeOwned + PartialEq + Debug>(text: &str) {
    assert_eq!(read::<T>(text), serde_json::from_str(text).ok(), "{text}");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    #[serde(rename = "dot")]
    Dot,
    Line(u8),
    Box {
        wide: u8,
        high: u8,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
struct Everything {
    #[serde(rename = "type")]
    kind: Shape,
    text: String,
    #[serde(default)]
    list: Vec<i64>,
    #[serde(default)]
    on: bool,
    ratio: f64,
    maybe: Option<Box<Everything>>,
    map: BTreeMap<String, u32>,
}

#[test]
fn every_form_is_read() {
    for text in [
        r#"{"type":"dot","text":"a","ratio":0.5,"map":{}}"#,
        r#"{"type":{"Line":3},"text":"é","ratio":2,"map":{"b":1,"a":2},"list":[1,-2],"on":true,"unknown":[{}]}"#,
        r#"{"type":{"Box":{"wide":1,"high":2}},"text":"","ratio":-2,"map":{},"maybe":{"type":"dot","text":"in","ratio":1,"map":{}}}"#,
        r#"{"map":{},"maybe":null,"ratio":1,"text":"other order","type":"dot"}"#,
    ] {
        assert!(read::<Everything>(text).is_some(), "{text}");
        as_serde_json::<Everything>(text);
    }
    as_serde_json::<serde_json::Value>(r#"{"a":[1,-2,null,true,"t",{"b":0.5}]}"#);
}

#[test]
fn what_does_not_fit_is_refused() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"type":"dash","text":"a","ratio":0.5,"map":{}}"#,
        r#"{"type":{"Line":300},"text":"a","ratio":0.5,"map":{}}"#,
        r#"{"type":"dot","text":1,"ratio":0.5,"map":{}}"#,
        r#"{"type":"dot","ratio":0.5,"map":{}}"#,
        r#"{"type":"dot","text":"a","ratio":0.5,"map":{"a":-1}}"#,
        r#"{"type":"dot","text":"a","ratio":0.5,"map":{"a":0.5}}"#,
        r#"{"type":"dot","text":"a","ratio":0.5,"map":{},"list":null}"#,
    ] {
        assert!(read::<Everything>(text).is_none(), "{text}");
        as_serde_json::<Everything>(text);
    }
}

#[test]
fn a_second_name_is_never_misread() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Named {
        #[serde(alias = "old")]
        new: u8,
        other: u8,
    }
    assert_eq!(read::<Named>(r#"{"new":1,"other":2}"#), None);
}

#[test]
fn wire_types_are_read() {
    let summary = r#"{"id":"lr_1","environment_id":"env_1"}"#;
    as_serde_json::<LockboxRequestSummary>(summary);
    as_serde_json::<LockboxRequest>(summary);
    as_serde_json::<ServiceRequest>(summary);
    as_serde_json::<Problem>(r#"{"type":"/problems/x","title":"t","status":404,"detail":"d","instance":"i"}"#);
}
