//! The API description as the tests walk through it.

use serde_json::Value;

/// One operation of the API.
#[derive(Clone, Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    /// Schema of the body, where it takes one.
    pub body: Option<Value>,
    /// Names of query parameters.
    pub query: Vec<String>,
}

impl Operation {
    pub fn reads(&self) -> bool {
        self.method == "GET"
    }

    pub fn is_customer(&self) -> bool {
        self.path.starts_with("/api/")
    }

    /// At the place of the provider's internal approvers.
    pub fn is_internal(&self) -> bool {
        self.path.starts_with("/api/v1/internal-approvals")
    }

    pub fn is_provider(&self) -> bool {
        self.path.starts_with("/provider/")
    }
}

/// The document.
pub fn document() -> Value {
    serde_json::from_str(&lockbox_server::http::openapi::text().unwrap()).unwrap()
}

/// Every operation.
pub fn operations() -> Vec<Operation> {
    let document = document();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let query = parameters.iter().filter(|one| one["in"] == "query");
            all.push(Operation {
                id: operation["operationId"].as_str().unwrap().to_owned(),
                method: method.to_uppercase(),
                path: path.clone(),
                body: operation.pointer("/requestBody/content/application~1json/schema").cloned(),
                query: query.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
            });
        }
    }
    assert!(all.len() >= 40, "the description was read");
    all
}

/// A schema with its reference followed; whether null is allowed.
pub fn resolve(document: &Value, schema: &Value) -> (Value, bool) {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#')).expect("a schema that exists");
        return resolve(document, found);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let nullable = choices.iter().any(|choice| choice["type"] == "null");
        let other = choices.iter().find(|choice| choice["type"] != "null").expect("a schema besides null");
        return (resolve(document, other).0, nullable);
    }
    if let Some(types) = schema["type"].as_array() {
        let mut single = schema.clone();
        single["type"] = types.iter().find(|kind| **kind != "null").expect("a type besides null").clone();
        return (single, types.iter().any(|kind| kind == "null"));
    }
    (schema.clone(), false)
}
