//! Search.

use super::packages::bad_query;
use crate::app::App;
use crate::gate::Reader;
use crate::problem::{Refusal, made};
use axum::extract::{Extension, State};
use axum::http::Uri;
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::search::SearchQuery;
use vitte_package_core::diagnostic::Code;

/// `GET /search`
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    Extension(reader): Extension<Reader>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = SearchQuery::parse(uri.query().unwrap_or_default()).map_err(|error| bad_query(&error))?;
    let found = match reader.patterns() {
        None => app.packages.find(&query).await,
        Some(patterns) => app.packages.find_for(&query, patterns).await,
    };
    let found = found.map_err(|error| match error.first() {
        // A cursor that is not of this query.
        fault if fault.code == Code::Json => Refusal::with_status(400, fault),
        _ => Refusal::from(error),
    });
    Ok(made(200, JSON, found?.to_bytes()))
}
