//! The API description, made from the handlers themselves.

use lockbox_api::problem::{PROBLEM_JSON, Problem};
use utoipa::{
    OpenApi,
    openapi::{
        Components, ContentBuilder, Ref, RefOr, ResponseBuilder,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::router;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lockbox",
        description = "Customers decide, request by request, whether the provider's engineers may touch their data. \
            `/api/v1` is for the customer's people (session cookie, or a personal access token); `/provider/v1` is for \
            the provider's just-in-time access service (bearer key). Every error is an RFC 9457 problem."
    ),
    components(schemas(Problem)),
    tags(
        (name = "Session", description = "Who is signed in."),
        (name = "Lockbox", description = "The setting: enabled or not, and what it protects."),
        (name = "Environments", description = "Where the data lives."),
        (name = "Lockbox requests", description = "What engineers ask, and the customer's decision."),
        (name = "Internal approvals", description = "What the provider's own people approve before the customer is asked."),
        (name = "Support requests", description = "The tickets that access is asked for."),
        (name = "Log", description = "Append-only events."),
        (name = "History", description = "Figures over a period."),
        (name = "Administration", description = "Members, notifications, tokens."),
        (name = "Access requests", description = "The provider asks."),
        (name = "Grants", description = "The provider checks and reports."),
        (name = "Provider", description = "The provider keeps its side in step."),
        (name = "operations", description = "Alive, ready, figures."),
    )
)]
struct Document;

/// The frame of the description, without operations.
#[must_use]
pub fn empty() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// The description of everything that the server answers.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = router::described(Document::openapi());
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(
        "session",
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::auth::cookie_name(true)))),
    );
    let bearer = || SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    components.add_security_scheme("token", bearer());
    components.add_security_scheme("key", bearer());
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            complete(path, operation);
        }
    }
    document
}

/// Calls that need nobody to be signed in.
const OPEN: [&str; 7] =
    ["sign_in", "sign_out", "read_sign_in_options", "list_demo_mail", "healthz", "readyz", "metrics"];

/// What holds for every operation: who may call, and how it fails.
fn complete(path: &str, operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    operation.security = Some(if OPEN.contains(&id) {
        Vec::new()
    } else if path.starts_with("/provider/") {
        vec![SecurityRequirement::new("key", Vec::<String>::new())]
    } else {
        ["session", "token"].map(|name| SecurityRequirement::new(name, Vec::<String>::new())).into()
    });
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new().description("What went wrong").content(PROBLEM_JSON, content).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(problem));
}

/// The description as JSON text, laid out for reading and for comparing.
///
/// # Errors
/// Never in practice: the description is made of strings and lists.
pub fn text() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}
