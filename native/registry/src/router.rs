//! The routes: the registry's files, and the API.

use crate::api;
use crate::app::App;
use crate::problem::{Refusal, made};
use crate::reads;
use axum::Router;
use axum::extract::State;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

/// The routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let api = Router::new()
        .route("/index/batch", post(api::batch::respond))
        .route("/uploads", post(api::uploads::open))
        .route("/uploads/{id}", get(api::uploads::show))
        .route("/uploads/{id}/blobs/{file}", put(api::uploads::receive))
        .route("/uploads/{id}/commit", post(api::uploads::commit))
        .route("/packages/{namespace}/{name}/{version}/status", get(api::status::records))
        .method_not_allowed_fallback(refuse_method)
        .fallback(refuse_path);
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .fallback(reads::file)
        .with_state(app)
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.ledger.ready().await {
        Ok(()) => made(200, "text/plain; charset=utf-8", b"ready\n".to_vec()),
        Err(error) => Refusal::with_status(
            503,
            Diagnostic::new(error.first().code, error.first().code.title().to_owned()),
        )
        .into_response(),
    }
}

async fn refuse_method(method: Method, uri: Uri) -> Refusal {
    let message = text::api_method(method.as_str(), uri.path());
    Refusal::with_status(405, Diagnostic::new(Code::NotSupported, message))
}

async fn refuse_path(uri: Uri) -> Refusal {
    Refusal::with_status(404, Diagnostic::new(Code::NotFound, text::api_missing(uri.path())))
}
