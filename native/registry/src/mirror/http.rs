//! What clients are answered: the same as by the registry itself.

use super::fetch::ensure;
use super::{Mirror, ask};
use crate::error::{Error, Result};
use crate::hot::Source;
use crate::problem::{Refusal, made};
use crate::reads::{self, find};
use crate::tasks::waiting;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use vitte_package_core::api::batch::{BatchRequest, BatchResponse, MEDIA_TYPE, REQUEST_LEN};
use vitte_package_core::api::files::RequestHead;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::layout;

/// The routes.
pub(super) fn router(mirror: Arc<Mirror>) -> Router {
    let api = ask::routes(Router::new())
        .route("/index/batch", post(batch))
        .method_not_allowed_fallback(refused)
        .fallback(refused);
    Router::new()
        .nest("/api/v1", api)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(async || "ready\n"))
        .fallback(file)
        .with_state(mirror)
        .layer(map_response(restricted))
}

/// What the registry says to browsers of everything: none of it is a page.
async fn restricted(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(nothing);
    response
}

async fn refused(State(mirror): State<Arc<Mirror>>) -> Refusal {
    ask::read_only(&mirror)
}

async fn file(State(mirror): State<Arc<Mirror>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let headers =
        headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let request = RequestHead::new(method.as_str(), uri.path(), headers.collect());
    if matches!(method, Method::GET | Method::HEAD)
        && let Some(path) = request.path()
        && let Err(error) = ensure(&mirror, &path).await
    {
        let mut response = refusal(&error).into_response();
        if mirror.upstream.is_offline() {
            // Nothing will have changed by then.
            response.headers_mut().remove(header::RETRY_AFTER);
        }
        return response;
    }
    let found = waiting(move || {
        let _still = mirror.copy.still();
        find(&mirror.copy.objects, &mirror.hot, &request)
    });
    reads::deliver(found.await)
}

/// The registry has the file, or may have it: never "absent", which a client would believe.
fn refusal(error: &Error) -> Refusal {
    Refusal::with_status(503, error.first())
}

/// `POST /index/batch`
async fn batch(State(mirror): State<Arc<Mirror>>, body: Body) -> Result<Response, Refusal> {
    let too_large =
        |_| Refusal::with_status(413, Diagnostic::new(Code::Limit, text::upload_too_large(REQUEST_LEN)));
    let body = to_bytes(body, REQUEST_LEN as usize).await.map_err(too_large)?;
    let request =
        BatchRequest::parse(&body).map_err(|error| Refusal::with_status(400, Error::from(error).first()))?;
    let brought = request.packages().iter().map(|query| {
        let (mirror, path) = (Arc::clone(&mirror), layout::index(&query.name));
        tokio::spawn(async move { ensure(&mirror, &path).await })
    });
    for brought in brought.collect::<Vec<_>>() {
        // What could not be brought is left out, and asked for by itself.
        let _ = brought.await;
    }
    let answered = waiting(move || {
        let _still = mirror.copy.still();
        let mut response = BatchResponse::new(&request);
        while let Some(name) = response.needs() {
            let path = layout::index(name);
            let stored = mirror.hot.open(&mirror.copy.objects, &path)?;
            response.supply(stored.map(Source::index_file).transpose()?);
        }
        Ok::<_, Error>(response.finish())
    });
    let bytes = answered.await.map_err(|error| refusal(&error))?;
    Ok(made(200, MEDIA_TYPE, bytes))
}
