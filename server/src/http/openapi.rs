//! The API description, made from the handlers themselves.

use lockbox_api::{
    internal::InternalView,
    problem::{PROBLEM_JSON, Problem},
    requests::RequestView,
    service_requests::ServiceRequestState,
};
use utoipa::{
    OpenApi,
    openapi::{
        Components, ContentBuilder, Ref, RefOr, ResponseBuilder, Schema,
        path::{Operation, ParameterIn},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{examples, router, scopes};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lockbox",
        description = "Customers decide, request by request, whether the provider's engineers may touch their data. \
            `/api/v1` is for the customer's people (session cookie, or a personal access token); `/provider/v1` is for \
            the provider's just-in-time access service (bearer key). Every call to `/api/v1` that changes something carries \
            `Content-Type: application/json` and `X-Lockbox-Request: 1`. Every error is an RFC 9457 problem."
    ),
    // Those of query parameters have to be named here; those of bodies are found.
    components(schemas(Problem, InternalView, RequestView, ServiceRequestState)),
    tags(
        (name = "Session", description = "Who is signed in."),
        (name = "Lockbox", description = "The setting: enabled or not, and what it protects."),
        (name = "Environments", description = "Where the data lives."),
        (name = "Lockbox requests", description = "What engineers ask, and the customer's decision."),
        (name = "Internal approvals", description = "What the provider's own people approve before the customer is asked, or before access opens without asking."),
        (name = "Support requests", description = "The tickets that access is asked for."),
        (name = "Log", description = "Append-only events."),
        (name = "History", description = "Figures over a period."),
        (name = "Administration", description = "Members, notifications, tokens."),
        (name = "Access requests", description = "The provider asks."),
        (name = "Grants", description = "The provider checks and reports."),
        (name = "Provider", description = "The provider keeps its side in step."),
        (name = "Operations", description = "Alive, ready, figures."),
        (name = "Demo", description = "Only where the server plays the demo."),
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
        let methods =
            [("GET", &mut item.get), ("PUT", &mut item.put), ("POST", &mut item.post), ("DELETE", &mut item.delete)];
        let operations = methods.into_iter().filter_map(|(method, one)| Some((method, one.as_mut()?)));
        for (method, operation) in operations {
            complete(method, path, operation);
        }
    }
    document
}

/// Calls that need nobody to be signed in.
const OPEN: [&str; 8] = [
    "read_lease_keys",
    "sign_in",
    "sign_out",
    "read_sign_in_options",
    "list_demo_mail",
    "healthz",
    "readyz",
    "metrics",
];

/// What holds for every operation: who may call, and how it fails.
fn complete(method: &str, path: &str, operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    operation.security = Some(if OPEN.contains(&id) {
        Vec::new()
    } else if path.starts_with("/provider/") {
        // What the key's client must be allowed to do.
        let scope = scopes::required(method, path).map(|scope| scope.as_str().to_owned());
        vec![SecurityRequirement::new("key", Vec::from_iter(scope))]
    } else {
        ["session", "token"].map(|name| SecurityRequirement::new(name, Vec::<String>::new())).into()
    });
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(RefOr::T(content)) = body.content.get_mut(JSON)
    {
        content.example = examples::body_of(id);
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if let (ParameterIn::Path, None) = (&parameter.parameter_in, &parameter.description) {
            parameter.description = examples::of_path(path, &parameter.name).map(str::to_owned);
        }
        if let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema {
            schema.examples.extend(examples::header(&parameter.name));
        }
    }
    // The standard wants words for every answer; where the code has none, the status says what there is to say.
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            status.parse().ok().and_then(in_words).unwrap_or("Done").clone_into(&mut response.description);
        }
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new().description("What went wrong").content(PROBLEM_JSON, content).build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(problem));
}

const JSON: &str = "application/json";

fn in_words(status: u16) -> Option<&'static str> {
    match status {
        200 => Some("Done; the answer's body"),
        201 => Some("Made; what it is now"),
        204 => Some("Done; no body"),
        _ => None,
    }
}

/// Whose calls to describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The customer's people: `/api/v1`.
    Customer,
    /// The provider's just-in-time access service: `/provider/v1`.
    Provider,
}

/// The description of one side's calls, with the schemas that these use.
#[must_use]
pub fn document_of(side: Side) -> utoipa::openapi::OpenApi {
    // The keys that leases are signed with are read by the provider's data planes.
    let (prefixes, title, description) = match side {
        Side::Customer => (&["/api/"][..], "Lockbox: the customer's API", CUSTOMER),
        Side::Provider => (&["/provider/", "/.well-known/"][..], "Lockbox: the provider's API", PROVIDER),
    };
    let mut document = document();
    title.clone_into(&mut document.info.title);
    document.info.description = Some(description.to_owned());
    document.paths.paths.retain(|path, _| prefixes.iter().any(|prefix| path.starts_with(prefix)));
    let used = written(&document.paths);
    if let Some(tags) = &mut document.tags {
        tags.retain(|tag| used.contains(&written(&tag.name)));
    }
    if let Some(components) = &mut document.components {
        components.security_schemes.retain(|name, _| used.contains(&format!("{{{}:[", written(name))));
        let mut kept = used;
        let mut left = std::mem::take(&mut components.schemas);
        // What a schema that is kept refers to is kept as well.
        loop {
            let (more, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut left)
                .into_iter()
                .partition(|(name, _)| kept.contains(&written(&format!("#/components/schemas/{name}"))));
            if more.is_empty() {
                break;
            }
            left = rest.into_iter().collect();
            more.iter().for_each(|(_, schema)| kept.push_str(&written(schema)));
            components.schemas.extend(more);
        }
    }
    document
}

const CUSTOMER: &str = "For the customer's people: session cookie, or a personal access token. Every call that changes something carries \
    `Content-Type: application/json` and `X-Lockbox-Request: 1`. Every error is an RFC 9457 problem.";
const PROVIDER: &str = "For the provider's just-in-time access service: raise requests, wait for the answer, check grants, report \
    actions. Every call carries the key of an API client (`Authorization: Bearer lbk_…`). Every error is an RFC 9457 problem.";

fn written(part: &impl serde::Serialize) -> String {
    serde_json::to_string(part).unwrap_or_default()
}

/// The description as JSON text, laid out for reading and for comparing.
///
/// # Errors
/// Never in practice: the description is made of strings and lists.
pub fn text() -> serde_json::Result<String> {
    laid_out(&document())
}

/// The same for one side.
///
/// # Errors
/// Never in practice.
pub fn text_of(side: Side) -> serde_json::Result<String> {
    laid_out(&document_of(side))
}

fn laid_out(document: &utoipa::openapi::OpenApi) -> serde_json::Result<String> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}
