//! The routes of the API with their description, from which the OpenAPI document is made.
//!
//! A route comes to be only by [`Routes::add`], which takes the operation it is: there is none without a description.
//! In a build with debug assertions a response whose status its operation does not state is a panic, so every test that
//! gets one fails. The schemas of bodies are made from the types of `vitte_package_core::api`, and a test compares.

use crate::app::App;
use crate::problem::{Refusal, made};
use axum::Router;
use axum::body::to_bytes;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};
use serde_json::{Map, Value, json};
use std::sync::{Arc, OnceLock};
use vitte_package_core::api::{JSON, problem};
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// The schemas that descriptions refer to, by name; made from the types.
const SCHEMAS: &str = include_str!("../openapi-schemas.json");
/// Bytes of a refusal that was not made here, at most.
const FOREIGN_LEN: usize = 1024;

/// What a body is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    media: &'static str,
    schema: Option<&'static str>,
}

/// JSON of the form that a schema states.
pub(crate) const fn json_of(schema: &'static str) -> Option<Content> {
    Some(Content { media: JSON, schema: Some(schema) })
}

/// Bytes of a media type.
pub(crate) const fn bytes_of(media: &'static str) -> Option<Content> {
    Some(Content { media, schema: None })
}

/// A parameter of the query.
#[derive(Clone, Debug)]
struct QueryParameter {
    name: &'static str,
    what: &'static str,
    schema: Value,
    is_required: bool,
}

/// What can be done at an address.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    method: MethodFilter,
    verb: &'static str,
    path: &'static str,
    summary: &'static str,
    needs_token: bool,
    query: Vec<QueryParameter>,
    takes: Option<Content>,
    gives: Vec<(u16, Option<Content>)>,
    refuses: Vec<u16>,
}

/// Reads something.
pub(crate) fn get(path: &'static str, summary: &'static str) -> Operation {
    Operation::new(MethodFilter::GET, "get", path, summary)
}

/// Makes something.
pub(crate) fn post(path: &'static str, summary: &'static str) -> Operation {
    Operation::new(MethodFilter::POST, "post", path, summary)
}

/// What is known of something.
pub(crate) fn head(path: &'static str, summary: &'static str) -> Operation {
    Operation::new(MethodFilter::HEAD, "head", path, summary)
}

/// Puts something in its place.
pub(crate) fn put(path: &'static str, summary: &'static str) -> Operation {
    Operation::new(MethodFilter::PUT, "put", path, summary)
}

/// Removes something.
pub(crate) fn delete(path: &'static str, summary: &'static str) -> Operation {
    Operation::new(MethodFilter::DELETE, "delete", path, summary)
}

impl Operation {
    fn new(method: MethodFilter, verb: &'static str, path: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            verb,
            path,
            summary,
            needs_token: false,
            query: Vec::new(),
            takes: None,
            gives: Vec::new(),
            refuses: Vec::new(),
        }
    }

    /// Only with a token: refuses with 401 and 403.
    pub(crate) fn with_token(mut self) -> Self {
        self.needs_token = true;
        self
    }

    /// A parameter of the query that may be missing.
    pub(crate) fn query(mut self, name: &'static str, what: &'static str, schema: Value) -> Self {
        self.query.push(QueryParameter { name, what, schema, is_required: false });
        self
    }

    /// The body of the request: refuses with 408, 413 and, where its content cannot be read, 400.
    pub(crate) fn takes(mut self, content: Option<Content>) -> Self {
        self.takes = content;
        self
    }

    /// A response that is no refusal.
    pub(crate) fn gives(mut self, status: u16, content: Option<Content>) -> Self {
        self.gives.push((status, content));
        self
    }

    /// Refusals besides those of every operation: 400, 401, 403, 404, 429, 500, 503.
    pub(crate) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refuses.extend(statuses);
        self
    }

    /// The statuses of its refusals. Any may be asked for a token (401) or a better one (403), for something that is not there (404), too
    /// often (429), or of a server that cannot (500, 503).
    fn refusals(&self) -> Vec<u16> {
        let mut statuses = vec![400, 401, 403, 404, 429, 500, 503];
        if self.takes.is_some() {
            statuses.extend([408, 413]);
        }
        statuses.extend(&self.refuses);
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }

    fn states(&self, status: u16) -> bool {
        // A method that no operation of the route has is refused for every route alike.
        status == 405
            || self.gives.iter().any(|(given, _)| *given == status)
            || self.refusals().contains(&status)
    }

    fn to_json(&self) -> Value {
        let mut responses = Map::new();
        for (status, content) in &self.gives {
            let mut response = json!({ "description": describe(*status) });
            if let Some(content) = content {
                response["content"] = json!({ content.media: { "schema": content.to_json() } });
            }
            responses.insert(status.to_string(), response);
        }
        for status in self.refusals() {
            let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
            let content = json!({ problem::MEDIA_TYPE: schema });
            let response = json!({ "description": describe(status), "content": content });
            responses.entry(status.to_string()).or_insert(response);
        }
        let mut parameters: Vec<_> = self.path_parameters().map(path_parameter).collect();
        parameters.extend(self.query.iter().map(|parameter| {
            let QueryParameter { name, what, schema, is_required } = parameter;
            json!({ "name": name, "in": "query", "description": what, "required": is_required, "schema": schema })
        }));
        let mut operation = json!({ "summary": self.summary, "responses": responses });
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if let Some(content) = &self.takes {
            let content = json!({ content.media: { "schema": content.to_json() } });
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        if self.needs_token {
            operation["security"] = json!([{ "token": [] }]);
        }
        operation
    }

    /// The names between braces in its path.
    fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

impl Content {
    fn to_json(self) -> Value {
        match self.schema {
            Some(name) => json!({ "$ref": format!("#/components/schemas/{name}") }),
            None => json!({}),
        }
    }
}

/// Routes, and what is at each.
#[derive(Debug)]
pub(crate) struct Routes {
    prefix: &'static str,
    router: Router<Arc<App>>,
    operations: Vec<Arc<Operation>>,
}

impl Routes {
    /// None yet, at addresses that begin with `prefix`.
    pub(crate) fn below(prefix: &'static str) -> Self {
        Self { prefix, router: Router::new(), operations: Vec::new() }
    }

    /// Adds what can be done at an address.
    pub(crate) fn add<H, T>(mut self, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, Arc<App>>,
        T: 'static,
    {
        let operation = Arc::new(operation);
        let mut route = on(operation.method, handler);
        if cfg!(debug_assertions) {
            let operation = Arc::clone(&operation);
            route = route.layer(map_response(move |response: Response| {
                let operation = Arc::clone(&operation);
                async move {
                    let status = response.status().as_u16();
                    let Operation { verb, path, .. } = &*operation;
                    assert!(operation.states(status), "{verb} {path} does not state the status {status}");
                    response
                }
            }));
        }
        self.router = self.router.route(operation.path, route.layer(map_response(as_problem)));
        self.operations.push(operation);
        self
    }

    /// Adds the address of the document that describes these routes and some others.
    pub(crate) fn describe(self, others: &Self) -> Self {
        let document: Arc<OnceLock<Vec<u8>>> = Arc::default();
        let shown = Arc::clone(&document);
        let operation = get("/openapi.json", "This document").gives(200, bytes_of(JSON));
        let handler = async move || made(200, JSON, shown.get().cloned().unwrap_or_default());
        let all = self.add(operation, handler);
        let _ = document.set(all.document(others).to_string().into_bytes());
        all
    }

    fn document(&self, others: &Self) -> Value {
        let mut paths = Map::new();
        for (prefix, operation) in [self, others]
            .into_iter()
            .flat_map(|routes| routes.operations.iter().map(|operation| (routes.prefix, operation)))
        {
            let path = paths.entry(format!("{prefix}{}", operation.path)).or_insert_with(|| json!({}));
            path[operation.verb] = operation.to_json();
        }
        let schemas: Value = serde_json::from_str(SCHEMAS).unwrap_or_default();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Registry of Vitte packages",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "What is read here is for display. What a client relies on, it takes from the registry's files and verifies.",
            },
            "servers": [{ "url": "/" }],
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            },
        })
    }

    /// The routes.
    pub(crate) fn router(self) -> Router<Arc<App>> {
        self.router
    }
}

/// A refusal that an extractor made is text: makes it a problem, as all others are.
async fn as_problem(response: Response) -> Response {
    let status = response.status();
    let is_problem =
        response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(problem::MEDIA_TYPE));
    if !status.is_client_error() && !status.is_server_error() || is_problem {
        return response;
    }
    let body = to_bytes(response.into_body(), FOREIGN_LEN).await.unwrap_or_default();
    let fault = Diagnostic::new(Code::Json, String::from_utf8_lossy(&body).into_owned());
    Refusal::with_status(status.as_u16(), fault).into_response()
}

/// A parameter of a path: the same name means the same everywhere.
fn path_parameter(name: &str) -> Value {
    let (what, schema) = match name {
        "namespace" => {
            ("A namespace; `_` for packages without one", json!({ "$ref": "#/components/schemas/Namespace" }))
        }
        "name" => ("The name of a package, without its namespace", json!({ "type": "string" })),
        "version" => ("A version", json!({ "$ref": "#/components/schemas/Version" })),
        "file" => ("SHA-256 of an archive, in hexadecimal", json!({ "$ref": "#/components/schemas/Digest" })),
        "id" => ("An id, as it was given", json!({ "type": "string" })),
        "user" => ("The name of a user", json!({ "type": "string" })),
        other => (other, json!({ "type": "string" })),
    };
    json!({ "name": name, "in": "path", "description": what, "required": true, "schema": schema })
}

fn describe(status: u16) -> &'static str {
    match status {
        200 => "Done",
        201 => "Created",
        202 => "Accepted, not done yet",
        204 => "Done; there is nothing to say",
        302 | 303 => "Goes on at another address",
        400 => "The request cannot be read",
        401 => "Without a valid token",
        403 => "Not allowed with this token",
        404 => "There is no such thing",
        408 => "The body did not come",
        409 => "It contradicts what is there",
        413 => "The body is too long, or something in it is beyond a limit",
        416 => "The range is outside",
        422 => "What is asked for breaks a rule",
        429 => "Too many requests: later",
        503 => "Cannot be done now: later",
        _ => "Failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::described;
    use std::path::Path;

    #[test]
    fn schemas_are_those_of_the_types() {
        let made = serde_json::to_string_pretty(&vitte_package_core::api::schemas()).unwrap() + "\n";
        if std::env::var("VITTE_CASES").is_ok_and(|value| value == "write") {
            std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi-schemas.json"), &made)
                .unwrap();
        }
        assert!(
            made == SCHEMAS || std::env::var("VITTE_CASES").is_ok(),
            "openapi-schemas.json is not what the types say; VITTE_CASES=write writes it"
        );
    }

    #[test]
    fn every_route_is_described_and_every_reference_leads_somewhere() {
        let (api, others) = described();
        let count = api.operations.len() + others.operations.len();
        let document = api.document(&others);
        let described: usize =
            document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
        assert_eq!(described, count, "two operations have one address and method");
        let text = document.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "no schema {name}");
        }
        for operation in api.operations.iter().chain(&others.operations) {
            let Operation { verb, path, summary, gives, takes, .. } = &**operation;
            assert!(!gives.is_empty(), "{verb} {path} gives nothing");
            assert!(!summary.is_empty() && !summary.ends_with('.'), "{verb} {path}: {summary}");
            assert!(!matches!(*verb, "get" | "delete") || takes.is_none(), "{verb} {path} takes a body");
            for name in operation.path_parameters() {
                assert_ne!(path_parameter(name)["description"], name, "{verb} {path}: what is `{name}`?");
            }
            for (status, _) in gives {
                assert_ne!(describe(*status), "Failed", "{verb} {path}: {status}");
            }
        }
    }
}
