//! Many index files in one response.

use super::body::whole;
use crate::app::App;
use crate::error::Error;
use crate::gate::Reader;
use crate::hot::Source;
use crate::problem::{Refusal, made};
use crate::reads::unreadable;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::batch::{BatchRequest, BatchResponse, MEDIA_TYPE, REQUEST_LEN};
use vitte_package_core::registry::layout;

/// `POST /index/batch`
pub(crate) async fn respond(
    State(app): State<Arc<App>>,
    Extension(reader): Extension<Reader>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let body = whole(&app, &headers, body, REQUEST_LEN).await?;
    let request =
        BatchRequest::parse(&body).map_err(|error| Refusal::with_status(400, Error::from(error).first()))?;
    let bytes = app.blocking(move |app| {
        let mut response = BatchResponse::new(&request);
        while let Some(name) = response.needs() {
            if !reader.may_read(name) {
                response.supply(None);
                continue;
            }
            let path = layout::index(name);
            let stored = app.hot.open(&app.files, &path)?;
            response.supply(stored.map(Source::index_file).transpose()?);
        }
        Ok(response.finish())
    });
    Ok(made(200, MEDIA_TYPE, bytes.await.map_err(unreadable)?))
}
